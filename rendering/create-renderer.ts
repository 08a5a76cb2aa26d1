import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { KubeObject } from '../fleet/application.ts'
import { canonicalJson } from '../fleet/canonical-json.ts'
import { FleetError } from '../fleet/errors.ts'
import type { Repositories } from '../repos/repository.ts'
import { SingleFlight, Slots } from '../repos/single-flight.ts'
import { type Build, directoryBuild } from './directory.ts'
import { type KustomizeTool, kustomizeBuild } from './kustomize.ts'
import type { BuildVariables } from './kustomize-parameters.ts'
import { runKustomize } from './kustomize-process.ts'
import { defaultRenderLimits, type RenderLimits } from './limits.ts'
import { type CachedRendering, RenderCache } from './render-cache.ts'
import type { Rendered, Renderer, RenderInput } from './renderer.ts'
import { pathOf, sourceTypeOf, withOverrides } from './source-type.ts'

export interface RendererOptions {
  readonly repositories: Repositories
  /** Path of the kustomize binary. */
  readonly kustomizeBinary: string
  /** Renderings by content key. May be deleted at any time. */
  readonly cacheDir: string
  /** Where builds get their files, each in a directory that is gone afterwards. */
  readonly scratchDir: string
  readonly limits?: Partial<RenderLimits>
  readonly log?: { readonly warn: (facts: Readonly<Record<string, unknown>>, message: string) => void }
}

export function createRenderer(options: RendererOptions): Renderer {
  const limits = { ...defaultRenderLimits, ...options.limits }
  const cache = new RenderCache({ directory: options.cacheDir, memoryBytesMax: limits.memoryBytesMax, diskBytesMax: limits.cacheBytesMax })
  const flights = new SingleFlight<CachedRendering>()
  const slots = new Slots(limits.concurrentBuildsMax)
  const closures: KustomizeTool['closures'] = new Map()
  let version: Promise<string> | null = null

  /** Asked once; a failure isn't kept. */
  function kustomizeVersion(): Promise<string> {
    version ??= askVersion().catch((error: unknown) => {
      version = null
      throw error
    })
    return version
  }

  async function askVersion(): Promise<string> {
    await mkdir(options.scratchDir, { recursive: true, mode: 0o700 })
    const run = {
      binary: options.kustomizeBinary,
      cwd: options.scratchDir,
      scratch: options.scratchDir,
      limits,
      signal: new AbortController().signal,
    }
    return (await runKustomize({ ...run, arguments: ['version'] })).trim()
  }

  async function buildOf(input: RenderInput): Promise<Build> {
    const tree = { repositories: options.repositories, access: input.access, commit: input.commit }
    const path = pathOf(input.source)
    const source = await withOverrides(tree, path, input.source, input.applicationName)
    const type = await sourceTypeOf(tree, path, source)
    if (type === 'Directory') return directoryBuild(tree, path, source.directory, limits)
    const tool = { binary: options.kustomizeBinary, version: await kustomizeVersion(), scratchDir: options.scratchDir, limits, closures }
    return kustomizeBuild(tool, tree, path, source.kustomize ?? {}, variablesOf(input))
  }

  async function renderBuild(build: Build, signal: AbortSignal): Promise<CachedRendering> {
    const known = await cache.get(build.contentKey)
    if (known !== null) return known
    const objects = await slots.run(() => build.objects(signal))
    if (objects.length > limits.objectsMax)
      throw new FleetError('LIMIT_EXCEEDED', `the source renders to ${objects.length} objects; the limit is ${limits.objectsMax}`)
    const manifests = canonicalJson(objects)
    const rendering = { tool: build.tool, digest: createHash('sha256').update(manifests).digest('hex'), manifests }
    await cache.put(build.contentKey, rendering).catch((error: unknown) => {
      // The rendering is good all the same; only the next one will cost as much.
      options.log?.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'rendering could not be kept on disk')
    })
    return rendering
  }

  return {
    async contentKey(input, { signal }) {
      signal?.throwIfAborted()
      return (await buildOf(input)).contentKey
    },

    async render(input, { signal }): Promise<Rendered> {
      signal?.throwIfAborted()
      const build = await buildOf(input)
      const { tool, digest, manifests } = await flights.run(build.contentKey, signal, (flight) => renderBuild(build, flight))
      // Parsed for each caller, so that nobody can change what another one gets.
      const objects = JSON.parse(manifests) as readonly KubeObject[]
      return { contentKey: build.contentKey, manifestsDigest: digest, objects, tool }
    },
  }
}

/** Argo CD's build environment, as far as we know it. */
function variablesOf({ access, commit, source, applicationName, namespace }: RenderInput): BuildVariables {
  return {
    ARGOCD_APP_NAME: applicationName,
    ARGOCD_APP_NAMESPACE: namespace,
    ARGOCD_APP_REVISION: commit,
    ARGOCD_APP_REVISION_SHORT: commit.slice(0, 7),
    ARGOCD_APP_REVISION_SHORT_8: commit.slice(0, 8),
    ARGOCD_APP_SOURCE_REPO_URL: source.repoURL === '' ? access.url : source.repoURL,
    ARGOCD_APP_SOURCE_PATH: source.path ?? '',
    ARGOCD_APP_SOURCE_TARGET_REVISION: source.targetRevision ?? '',
  }
}
