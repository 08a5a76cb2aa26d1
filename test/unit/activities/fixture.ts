import type { ActivityDependencies } from '../../../activities/dependencies.ts'
import { defaultActivitySettings } from '../../../activities/dependencies.ts'
import type { ApplyInput, ApplyResult, ClusterGateway, Observation } from '../../../clusters/gateway.ts'
import type { Application, ApplicationVersion, KubeObject, SyncPolicy } from '../../../fleet/application.ts'
import { FleetError } from '../../../fleet/errors.ts'
import type { Store } from '../../../store/store.ts'

export const nowMs = 1_000_000
const repoURL = 'https://git.example/team/shop'

export function version(id: string, applicationId: string, syncPolicy?: SyncPolicy): ApplicationVersion {
  const destination = { name: 'eu-1', namespace: 'shop' }
  const spec = { project: 'default', source: { repoURL, path: 'deploy' }, destination, ...(syncPolicy === undefined ? {} : { syncPolicy }) }
  return { id, applicationId, spec, revision: `commit-${id}`, contentKey: `key-${id}` }
}

export function application(name: string, change: Partial<Application> = {}): Application {
  const { spec } = version('v1', name)
  return {
    id: name,
    name,
    applicationSetId: 'set-1',
    clusterId: 'c-1',
    manifest: { metadata: { name, namespace: 'argocd' }, spec },
    generation: 1,
    observedGeneration: 1,
    wantedVersionId: 'v1',
    pinnedVersionId: 'v1',
    syncedVersionId: 'v1',
    pinGeneration: 1,
    status: {
      sync: 'Synced',
      health: 'Healthy',
      message: '',
      revision: 'commit-v1',
      resources: [],
      conditions: [],
      observedAtMs: null,
      syncedAtMs: null,
    },
    syncRequest: null,
    deletion: null,
    createdAtMs: 0,
    ...change,
  }
}

export const configMap = (name: string, annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, annotations },
})

export interface Fixture {
  readonly deps: ActivityDependencies & { readonly random: () => number }
  readonly rows: Map<string, Application>
  /** What was done to the cluster: `apply shop commit-v1`. */
  readonly log: string[]
  change(id: string, change: Partial<Application>): void
}

export interface World {
  readonly applications: readonly Application[]
  /** Runs within a render, or an apply, of that commit. */
  readonly onRender?: (revision: string) => void
  readonly onApply?: (input: ApplyInput, revision: string) => void
  readonly objects?: readonly KubeObject[]
  readonly observation?: Partial<Observation>
  readonly store?: object
  /** `syncPolicy` of every version. */
  readonly syncPolicy?: SyncPolicy
}

/** A store, a renderer and a cluster in memory, as far as activities look at them. */
export function createFixture(world: World): Fixture {
  const rows = new Map(world.applications.map((row) => [row.id, row]))
  const log: string[] = []
  const versions = ['v1', 'v2', 'v3']
  const change = (id: string, changed: Partial<Application>) => {
    const row = rows.get(id)
    if (row !== undefined) rows.set(id, { ...row, ...changed })
  }
  const applications = {
    get: async (id: string) => rows.get(id) ?? null,
    ofCluster: async () => [...rows.values()],
    versions: async (ids: readonly string[]) => ids.filter((id) => versions.includes(id)).map((id) => version(id, 'any', world.syncPolicy)),
    pin: async (id: string, versionId: string) => {
      const { pinGeneration = 0, pinnedVersionId } = rows.get(id) ?? {}
      if (pinnedVersionId === versionId) return pinGeneration
      change(id, { pinnedVersionId: versionId, pinGeneration: pinGeneration + 1 })
      return pinGeneration + 1
    },
    recordSynced: async (id: string, pinGeneration: number, { versionId }: { readonly versionId: string }) => {
      if (rows.get(id)?.pinGeneration !== pinGeneration) throw new FleetError('FENCED', 'the pin has moved on')
      change(id, { syncedVersionId: versionId })
      log.push(`synced ${id} ${versionId}`)
    },
    recordStatus: async () => undefined,
    setConditions: async (id: string, conditions: Application['status']['conditions'], observedGeneration: number) => {
      const row = rows.get(id)
      if (row !== undefined)
        change(id, { observedGeneration: Math.max(row.observedGeneration, observedGeneration), status: { ...row.status, conditions } })
    },
  }
  const repository = { id: 'r-1', normalizedUrl: repoURL, url: repoURL }
  const store = {
    applications,
    clusters: {
      access: async () => ({
        generation: 1,
        server: 'https://eu-1.example',
        caData: null,
        tlsServerName: null,
        credentials: '{"kind":"bearerToken","token":"t"}',
      }),
    },
    repositories: { getByUrl: async () => repository, access: async () => ({ url: repoURL, credentials: null }) },
    ...world.store,
  } as unknown as Store
  const gateway: Partial<ClusterGateway> = {
    apply: async (_access, input) => {
      const revision = revisionOf(input)
      log.push(`apply ${input.applicationName} ${revision}`)
      world.onApply?.(input, revision)
      return { resources: [], changed: 1, complete: true } satisfies ApplyResult
    },
    observe: async () => ({ sync: 'Synced', health: 'Healthy', message: '', resources: [], ...world.observation }),
    probe: async () => ({ version: 'v1.36.0', uid: 'uid-1' }),
    forget: () => undefined,
  }
  const renderer = {
    render: async ({ commit }: { readonly commit: string }) => {
      world.onRender?.(commit)
      return { objects: [configMap(commit), ...(world.objects ?? [])] }
    },
  }
  const deps = {
    store,
    gateway,
    renderer,
    repositories: { fetchCommit: async () => undefined },
    hints: {
      applicationSetsChanged: () => undefined,
      applicationChanged: () => undefined,
      clusterChanged: () => undefined,
      repositoryChanged: () => undefined,
      rolloutCommanded: () => undefined,
    },
    log: { info: () => undefined, warn: () => undefined },
    nowMs: () => nowMs,
    random: () => 0,
    digest: (text: string) => text,
    generatorEnvironment: {},
    settings: { ...defaultActivitySettings, probeEveryMs: 1, healthPollMs: 1 },
  } as unknown as Fixture['deps']
  return { deps, rows, log, change }
}

/** The first object of every render is named after its commit. */
function revisionOf(input: ApplyInput): string {
  return input.manifests[0]?.metadata.name ?? ''
}
