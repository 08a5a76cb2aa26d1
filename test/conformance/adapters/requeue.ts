import { requeueAfterMs } from '../../../activities/answers-requeue.ts'
import { defaultActivitySettings } from '../../../activities/dependencies.ts'
import type { ApplicationManifest } from '../../../fleet/application.ts'
import type { ApplicationSet } from '../../../fleet/application-set.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../fleet/json.ts'
import { concernsItsSet, concernsWhatItMakes, readsClusterLabels } from '../../../fleet/set/requeue.ts'
import { parseManifests } from '../../../manifests/parse.ts'
import { readConfig } from '../../../server/config.ts'
import { type Adapters, list } from '../adapter.ts'

export const requeueAdapters: Adapters = {
  cluster_secret_event: {
    unordered: ['requeued'],
    run: ({ applicationSets, secret }) => {
      const { value } = parseManifests(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', ...(isJsonObject(secret) ? secret : {}) }))
      const isCluster = value?.[0]?.kind === 'ClusterSecret'
      const sets = list(applicationSets).filter(isJsonObject) as unknown as readonly Pick<ApplicationSet, 'metadata' | 'spec'>[]
      const reading = isCluster ? sets.filter(({ spec }) => readsClusterLabels(spec)) : []
      return { value: { requeued: reading.map(({ metadata: { name, namespace = '' } }) => ({ namespace, name })) } }
    },
  },
  requeue_on_change: {
    run: ({ object, old, new: now }) => {
      if (object === 'ApplicationSet') return { value: { requeue: concernsWhatItMakes(asSet(old), asSet(now)) } }
      return { value: { requeue: concernsItsSet(asManifest(old), asManifest(now)) } }
    },
  },
  requeue_after: {
    run: ({ generator, generators, stubbedRequeueAfterSeconds, requeueAfterDefaultOverride }) => {
      // Of the environment: ROADSTEAD_REQUEUE_AFTER.
      const { ROADSTEAD_REQUEUE_AFTER: usualMs } = readConfig({ ROADSTEAD_REQUEUE_AFTER: String(requeueAfterDefaultOverride ?? '') })
      const stubs = isJsonObject(stubbedRequeueAfterSeconds) ? stubbedRequeueAfterSeconds : {}
      const entries = isJsonObject(generator) ? [generator] : list(generators)
      const afterMs = requeueAfterMs(
        entries.map((entry) => withStubs(entry, stubs)),
        usualMs ?? defaultActivitySettings.requeueAfterMs,
      )
      return { value: { requeueAfterSeconds: (afterMs ?? 0) / 1000 } }
    },
  },
}

/** As far as a case has it. */
function asManifest(value: Json | undefined): ApplicationManifest {
  return (isJsonObject(value) ? value : {}) as unknown as ApplicationManifest
}

function asSet(value: Json | undefined): Pick<ApplicationSet, 'metadata' | 'spec'> {
  const { metadata = {}, spec = {} } = isJsonObject(value) ? value : {}
  return { metadata, spec } as unknown as Pick<ApplicationSet, 'metadata' | 'spec'>
}

/** A stubbed generator's interval, written where a manifest has it. */
function withStubs(entry: Json, stubs: JsonObject): Json {
  if (!isJsonObject(entry)) return entry
  const fields = Object.entries(entry).map(([field, spec]): [string, Json] => {
    if (!isJsonObject(spec)) return [field, spec ?? null]
    const stub = stubs[field]
    const children = Array.isArray(spec.generators) ? { generators: list(spec.generators).map((child) => withStubs(child, stubs)) } : {}
    return [field, { ...spec, ...children, ...(stub === undefined ? {} : { requeueAfterSeconds: stub }) }]
  })
  return Object.fromEntries(fields)
}
