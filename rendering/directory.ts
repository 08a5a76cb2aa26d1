import { createHash } from 'node:crypto'
import type { ApplicationSource, KubeObject } from '../fleet/application.ts'
import { canonicalJson } from '../fleet/canonical-json.ts'
import { FleetError } from '../fleet/errors.ts'
import { compileGlob } from './glob.ts'
import type { RenderLimits } from './limits.ts'
import { readManifests } from './manifests.ts'
import { followLink, joinPath, readText, type SourceTree } from './source-tree.ts'

export interface Build {
  /** Everything that the result depends on. */
  readonly contentKey: string
  readonly tool: 'Directory' | 'Kustomize'
  readonly objects: (signal: AbortSignal) => Promise<readonly KubeObject[]>
}

interface ManifestFile {
  /** Relative to the source's path. */
  readonly path: string
  readonly objectId: string
  /** In the repository; another place than `path` says when that is a symlink. */
  readonly at: string
}

/** Argo CD: a file that holds this is not rendered. */
const skipMarker = '+argocd:skip-file-rendering'

/** A directory of plain manifests, read as Argo CD does. Only files that are read are in its content key. */
export async function directoryBuild(
  tree: SourceTree,
  path: string,
  options: ApplicationSource['directory'],
  limits: RenderLimits,
): Promise<Build> {
  if (Object.keys(options?.jsonnet ?? {}).length > 0)
    throw new FleetError('UNSUPPORTED', 'source.directory.jsonnet is not supported; render the manifests to YAML first')
  const files = await manifestFiles(tree, path, options, limits)
  const read = files.map((file) => [file.path, file.objectId])
  return {
    contentKey: createHash('sha256')
      .update(canonicalJson({ format: 1, tool: 'directory', files: read }))
      .digest('hex'),
    tool: 'Directory',
    async objects(signal) {
      const objects: KubeObject[] = []
      let bytes = 0
      for (const file of files) {
        signal.throwIfAborted()
        const text = await readText(tree, file.at)
        bytes += text.length
        if (bytes > limits.sourceBytesMax)
          throw new FleetError('LIMIT_EXCEEDED', `the manifests below ${path} are longer than ${limits.sourceBytesMax} bytes`)
        objects.push(...objectsOfFile(text, joinPath(path, file.path)))
      }
      return objects
    },
  }
}

/** As Argo CD: a YAML file that doesn't look like a manifest at all is somebody else's and left out. */
export function objectsOfFile(text: string, file: string): readonly KubeObject[] {
  if (text.includes(skipMarker)) return []
  try {
    return readManifests(text, file)
  } catch (error) {
    const looksLikeManifest = ['apiVersion:', 'kind:', 'metadata:'].every((word) => text.includes(word))
    if (error instanceof FleetError && !looksLikeManifest && !file.endsWith('.json')) return []
    throw error
  }
}

async function manifestFiles(
  tree: SourceTree,
  path: string,
  options: ApplicationSource['directory'],
  limits: RenderLimits,
): Promise<readonly ManifestFile[]> {
  const included = options?.include === undefined || options.include === '' ? () => true : compileGlob(options.include)
  const excluded = options?.exclude === undefined || options.exclude === '' ? () => false : compileGlob(options.exclude)
  const files: ManifestFile[] = []
  for (const entry of await tree.repositories.listTree(tree.access, tree.commit, path, { recursive: options?.recurse === true })) {
    if (!/\.(yaml|yml|json|jsonnet)$/.test(entry.path) || excluded(entry.path) || !included(entry.path)) continue
    if (entry.kind !== 'file' && entry.kind !== 'symlink') continue
    const at = joinPath(path, entry.path)
    const target = entry.kind === 'file' ? { path: at, objectId: entry.objectId } : await followLink(tree, at)
    if (target === null) continue
    if (entry.path.endsWith('.jsonnet')) {
      throw new FleetError(
        'UNSUPPORTED',
        `${at}: Jsonnet is not supported; render it to YAML first, or leave it out with source.directory.exclude`,
      )
    }
    files.push({ path: entry.path, objectId: target.objectId, at: target.path })
    if (files.length > limits.filesMax) throw new FleetError('LIMIT_EXCEEDED', `more than ${limits.filesMax} manifests below ${path}`)
  }
  return files
}
