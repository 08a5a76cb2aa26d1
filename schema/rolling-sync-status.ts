import type { Application } from '../fleet/application.ts'
import type { ApplicationSet } from '../fleet/application-set.ts'
import { applicationStatuses, type RollingSyncStatus } from '../fleet/rollout/application-statuses.ts'
import { rollingSyncOf } from '../fleet/rollout/rolling-sync-steps.ts'
import type { Page, PageRequest, Store } from '../store/store.ts'
import { builder } from './builder.ts'

const RollingSyncPhaseEnum = builder.enumType('RollingSyncPhase', {
  description: "Where an application stands in a progressive sync, in Argo CD's words.",
  values: {
    Waiting: { description: 'For its turn, or for a rollout.' },
    Pending: { description: 'It is being synced.' },
    Progressing: { description: 'Synced, and not healthy yet; or its sync failed.' },
    Healthy: { description: 'Synced and healthy.' },
  } as const satisfies Record<RollingSyncStatus['status'], object>,
})

const RollingSyncStatusRef = builder.objectRef<RollingSyncStatus>('RollingSyncStatus').implement({
  description: 'An entry of `status.applicationStatus` as Argo CD has it.',
  fields: (t) => ({
    application: t.exposeString('application', { description: 'Name of the application.' }),
    step: t.exposeString('step', { description: 'From 1; -1 for an application that no step selects.' }),
    status: t.field({ type: RollingSyncPhaseEnum, description: 'Where it stands.', resolve: (entry) => entry.status }),
    message: t.exposeString('message', { description: 'Why, for people.' }),
    targetRevisions: t.stringList({ description: 'The commit that it is to run.', resolve: (entry) => [...entry.targetRevisions] }),
    lastTransitionAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it got there; null where that is not known.',
      resolve: (entry) => entry.lastTransitionAtMs,
    }),
  }),
})

export const RollingSyncStatusConnectionRef = builder.connectionObject(
  {
    type: RollingSyncStatusRef,
    name: 'RollingSyncStatusConnection',
    fields: (t) => ({ totalCount: t.exposeInt('totalCount', { description: 'Of the whole list, not of the page.' }) }),
  },
  { name: 'RollingSyncStatusEdge' },
)

/** A page of a set's applications in the terms of Argo CD's progressive syncs; null for a set without steps. */
export async function rollingSyncStatuses(
  store: Pick<Store, 'applications' | 'rollouts'>,
  set: ApplicationSet,
  request: PageRequest,
): Promise<Page<RollingSyncStatus> | null> {
  if (rollingSyncOf(set.spec.strategy) === null) return null
  const page = await store.applications.page({ applicationSetId: set.id }, request)
  const statuses = await statusesOf(
    store,
    set,
    page.items.map(({ node }) => node),
  )
  return { ...page, items: (statuses ?? []).map((node, index) => ({ node, cursor: page.items[index]?.cursor ?? '' })) }
}

/** How these applications of the set stand, in their order; null for a set without steps. */
export async function statusesOf(
  store: Pick<Store, 'applications' | 'rollouts'>,
  set: ApplicationSet,
  applications: readonly Application[],
): Promise<readonly RollingSyncStatus[] | null> {
  const rollingSync = rollingSyncOf(set.spec.strategy)
  if (rollingSync === null) return null
  const wanted = await store.applications.versions(applications.flatMap(({ wantedVersionId }) => wantedVersionId ?? []))
  const revisions = new Map(wanted.map(({ id, revision }) => [id, revision]))
  return applicationStatuses(
    rollingSync,
    applications.map(({ id, name, manifest, wantedVersionId, pinnedVersionId, status }) => ({
      applicationId: id,
      applicationName: name,
      applicationLabels: manifest.metadata.labels ?? {},
      wantedVersionId,
      pinnedVersionId,
      wantedRevision: revisions.get(wantedVersionId ?? '') ?? null,
      healthy: status.health === 'Healthy',
    })),
    await store.rollouts.latest(set.id),
  )
}
