import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FleetError } from '../fleet/errors.ts'
import type { ClosureDirectory } from './closure.ts'
import type { RenderLimits } from './limits.ts'
import { followLink, isWithin, joinPath, type SourceTree } from './source-tree.ts'

/**
 * Runs work in a directory that holds the files of a closure at their places in the repository, and removes it afterwards.
 * Nothing in it is a symlink: a link to a file of the closure is written as that file; a link out of the repository is refused;
 * other links and submodules are left out, so that only a build that needs them fails.
 */
export async function withScratch<T>(
  scratchDir: string,
  tree: SourceTree,
  closure: readonly ClosureDirectory[],
  limits: RenderLimits,
  signal: AbortSignal,
  work: (root: string) => Promise<T>,
): Promise<T> {
  await mkdir(scratchDir, { recursive: true, mode: 0o700 })
  const root = await realpath(await mkdtemp(join(scratchDir, 'render-')))
  try {
    await writeClosure(root, tree, closure, limits, signal)
    return await work(root)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function writeClosure(
  root: string,
  tree: SourceTree,
  closure: readonly ClosureDirectory[],
  limits: RenderLimits,
  signal: AbortSignal,
): Promise<void> {
  let [files, bytes] = [0, 0]
  for (const directory of closure) {
    await mkdir(join(root, directory.path), { recursive: true, mode: 0o700 })
    for (const entry of await tree.repositories.listTree(tree.access, tree.commit, directory.path)) {
      signal.throwIfAborted()
      const path = joinPath(directory.path, entry.path)
      if (entry.kind === 'directory') await mkdir(join(root, path), { recursive: true, mode: 0o700 })
      if (entry.kind !== 'file' && entry.kind !== 'symlink') continue
      const target = entry.kind === 'file' ? path : ((await followLink(tree, path))?.path ?? null)
      if (target === null || !closure.some((one) => isWithin(target, one.path))) continue
      const content = await tree.repositories.readFile(tree.access, tree.commit, target)
      files += 1
      bytes += content.byteLength
      if (files > limits.filesMax)
        throw new FleetError(
          'LIMIT_EXCEEDED',
          `a kustomize build may read ${limits.filesMax} files; keep bases in directories of their own`,
        )
      if (bytes > limits.sourceBytesMax)
        throw new FleetError(
          'LIMIT_EXCEEDED',
          `a kustomize build may read ${limits.sourceBytesMax} bytes; keep bases in directories of their own`,
        )
      await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o700 })
      await writeFile(join(root, path), content, { mode: 0o600, flag: 'wx' })
    }
  }
}
