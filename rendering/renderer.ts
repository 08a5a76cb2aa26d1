import type { ApplicationSource, KubeObject } from '../fleet/application.ts'
import type { RepositoryAccess } from '../repos/repository.ts'

export interface RenderInput {
  readonly access: RepositoryAccess
  /** Resolved commit, already fetched. */
  readonly commit: string
  readonly source: ApplicationSource
  readonly applicationName: string
  readonly namespace: string
}

export interface Rendered {
  /** Digest of everything that the rendering reads (tool and its version, tree ids, parameters). Equal keys: rendered once. */
  readonly contentKey: string
  /** SHA-256 of the canonical manifests. */
  readonly manifestsDigest: string
  readonly objects: readonly KubeObject[]
  readonly tool: 'Directory' | 'Kustomize'
}

/** Errors: FleetError RENDER_FAILED (bad input, with file and line), UNSUPPORTED (Helm, plugins: not yet), LIMIT_EXCEEDED, and those of Repositories. */
export interface Renderer {
  /** Cheap: reads trees and kustomization files only. A commit that changes nothing that is read gives the same key. */
  readonly contentKey: (input: RenderInput, options: { readonly signal?: AbortSignal }) => Promise<string>
  readonly render: (input: RenderInput, options: { readonly signal?: AbortSignal }) => Promise<Rendered>
}
