import { requeueAfterMs } from '../../../activities/answers-requeue.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../fleet/json.ts'
import { type Adapters, list } from '../adapter.ts'

export const requeueAdapters: Adapters = {
  requeue_after: {
    run: ({ generator, generators, stubbedRequeueAfterSeconds }) => {
      const stubs = isJsonObject(stubbedRequeueAfterSeconds) ? stubbedRequeueAfterSeconds : {}
      const entries = isJsonObject(generator) ? [generator] : list(generators)
      return { value: { requeueAfterSeconds: (requeueAfterMs(entries.map((entry) => withStubs(entry, stubs))) ?? 0) / 1000 } }
    },
  },
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
