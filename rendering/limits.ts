/** Bounds on one rendering and on what is kept of them. */
export interface RenderLimits {
  /** Files and bytes that one source may have kustomize or the directory reader read. */
  readonly filesMax: number
  readonly sourceBytesMax: number
  /** Directories with a kustomization that one build reaches. */
  readonly kustomizationsMax: number
  readonly kustomizeTimeoutMs: number
  readonly outputBytesMax: number
  readonly objectsMax: number
  /** kustomize processes at once. */
  readonly concurrentBuildsMax: number
  readonly memoryBytesMax: number
  readonly cacheBytesMax: number
}

const mib = 1024 * 1024

export const defaultRenderLimits: RenderLimits = {
  filesMax: 5000,
  sourceBytesMax: 64 * mib,
  kustomizationsMax: 200,
  kustomizeTimeoutMs: 60_000,
  outputBytesMax: 64 * mib,
  objectsMax: 10_000,
  concurrentBuildsMax: 2,
  memoryBytesMax: 64 * mib,
  cacheBytesMax: 1024 * mib,
}
