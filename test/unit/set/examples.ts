import type { ApplicationManifest, ObjectMeta } from '../../../fleet/application.ts'
import type { CurrentApplication } from '../../../fleet/set/changes.ts'
import type { ValidApplication } from '../../../fleet/set/validate.ts'

export const nowMs = 1_000_000

export const clusters = [
  { id: 'c-eu', name: 'eu-1', server: 'https://eu-1.example', project: null },
  { id: 'c-us', name: 'us-1', server: 'https://us-1.example:6443', project: null },
]

export function manifest(
  name: string,
  spec: Partial<ApplicationManifest['spec']> = {},
  metadata: Partial<ObjectMeta> = {},
): ApplicationManifest {
  return {
    metadata: { name, namespace: 'argocd', ...metadata },
    spec: {
      project: 'default',
      source: { repoURL: 'https://git.example/shop', path: 'deploy' },
      destination: { name: 'eu-1', namespace: 'shop' },
      ...spec,
    },
  }
}

export function valid(made: ApplicationManifest, clusterId: string | null = 'c-eu'): ValidApplication {
  return { manifest: made, clusterId, conditions: [] }
}

export function current(made: ApplicationManifest, more: Partial<CurrentApplication> = {}): CurrentApplication {
  const { name } = made.metadata
  return { id: `id-${name}`, name, clusterId: 'c-eu', manifest: made, deletion: null, status: { conditions: [] }, ...more }
}
