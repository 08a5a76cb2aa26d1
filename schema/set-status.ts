import type { Application } from '../fleet/application.ts'
import type { ApplicationSet } from '../fleet/application-set.ts'
import type { Json, JsonObject } from '../fleet/json.ts'
import { setHealth } from '../fleet/set/conditions.ts'
import { setResources } from '../fleet/set/resources.ts'
import type { Store } from '../store/store.ts'
import { builder } from './builder.ts'
import { pageSizeMax } from './limits.ts'
import { statusesOf } from './rolling-sync-status.ts'

/** Argo CD's own default of `--max-resources-status-count`. */
export const statusResourcesMax = 5_000

export const SetHealthRef = builder.objectRef<ReturnType<typeof setHealth>>('ApplicationSetHealth').implement({
  description: 'Health of a set as Argo CD derives it from the conditions: an error, then a rollout that goes on, then all up to date.',
  fields: (t) => ({
    status: t.field({
      type: builder.enumType('ApplicationSetHealthStatus', {
        description: 'Whether the set itself works; its applications have a health of their own.',
        values: {
          Degraded: { description: 'Generators, templates or applications have an error.' },
          Progressing: { description: 'A rollout goes on.' },
          Healthy: { description: 'Everything was generated and is up to date.' },
          Unknown: { description: 'It was not looked at yet.' },
        } as const,
      }),
      description: 'In one word.',
      resolve: (health) => health.status,
    }),
    message: t.exposeString('message', { description: 'Of the condition that says so.' }),
  }),
})

/** `status` of a set as Argo CD writes it, for what reads Argo CD's; times in RFC 3339. At most `max` entries a list, `resourcesCount` of all. */
export async function argoStatus(store: Pick<Store, 'applications' | 'rollouts'>, set: ApplicationSet, max: number): Promise<JsonObject> {
  const { applications, totalCount } = await firstApplications(store, set.id, max)
  const statuses = await statusesOf(store, set, applications)
  const typed = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' }
  const { resources } = setResources(
    applications.map(({ name, status: { sync, health } }) => ({ ...typed, name, sync, health })),
    max,
  )
  const status = {
    conditions: set.conditions.map(({ lastTransitionAtMs, ...one }) => ({ ...one, lastTransitionTime: rfc3339(lastTransitionAtMs) })),
    health: setHealth(set.conditions),
    ...(resources === undefined ? {} : { resources }),
    resourcesCount: totalCount,
    ...(statuses === null || statuses.length === 0
      ? {}
      : {
          applicationStatus: statuses.map(({ lastTransitionAtMs, ...one }) => ({
            ...one,
            ...(lastTransitionAtMs === null ? {} : { lastTransitionTime: rfc3339(lastTransitionAtMs) }),
          })),
        }),
  }
  return status as unknown as Record<string, Json>
}

async function firstApplications(store: Pick<Store, 'applications'>, applicationSetId: string, max: number) {
  const applications: Application[] = []
  let after: string | undefined
  for (;;) {
    const page = await store.applications.page({ applicationSetId }, { first: Math.min(pageSizeMax, max - applications.length), after })
    applications.push(...page.items.map(({ node }) => node))
    after = page.items.at(-1)?.cursor
    if (!page.hasNextPage || applications.length >= max || after === undefined) return { applications, totalCount: page.totalCount }
  }
}

/** Whole seconds, as Kubernetes writes them. */
function rfc3339(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
