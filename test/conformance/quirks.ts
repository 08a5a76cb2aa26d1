import { canonicalJson } from '../../fleet/canonical-json.ts'
import { isJsonObject, type Json, type JsonObject } from '../../fleet/json.ts'
import { type Adapter, list, type Outcome } from './adapter.ts'
import type { Case } from './cases.ts'
import { compare } from './compare.ts'

type Judge = (one: Case, outcome: Outcome, adapter: Adapter) => boolean

/** What else than the reference's result is right, by what the quirk says of the reference. One rule a fault, none for a single case. */
const betters: readonly { readonly says: RegExp; readonly isBetter: Judge }[] = [
  // Rendered as every other generator renders them; all else is the same.
  { says: /values of clusterDecisionResource are not interpolated/, isBetter: sameButForValues },
  {
    says: /^upstream BUG: input parameters are raw JSON bytes/,
    isBetter: (one, outcome, adapter) => sameButForValues(one, outcome, adapter) && !said(outcome).includes('{['),
  },
  {
    says: /^upstream BUG: the manual's own example fails/,
    isBetter: (_one, outcome) => 'value' in outcome && said(outcome).includes('"value1"'),
  },
  // The quirk names the maps that it should have come to.
  {
    says: /^upstream BUG: mergo panics merging/,
    isBetter: (one, outcome) => 'value' in outcome && namedMaps(one.quirk).every((map) => said(outcome).includes(map)),
  },
  // The same applications may start; what is to come is not called completed.
  {
    says: /^upstream: the rollout condition says completed while nothing exists yet/,
    isBetter: (one, outcome, adapter) =>
      compare({ appsToSync: one.expect.appsToSync ?? null }, outcome, adapter) === null &&
      statusOf(outcome, 'RolloutProgressing') === 'True',
  },
  // What changed isn't done, and nothing of a later step starts.
  { says: /a stale Synced\/Healthy status is taken as completion/, isBetter: waitsForChanges },
  // Refused, and so said; nothing starts.
  {
    says: /^upstream: an invalid string falls back to 1/,
    isBetter: (_one, outcome) => statusOf(outcome, 'InvalidRolloutConfig') === 'True' && membersOf(outcome, 'syncTriggered').length === 0,
  },
  // A percentage of fewer: some, and none that the reference wouldn't start.
  {
    says: /^upstream BUG: an application in no step is counted in step 1's total/,
    isBetter: (one, outcome, adapter) => {
      const started = membersOf(outcome, 'syncTriggered')
      const allowed = list(one.expect.syncTriggered)
      const { appsToSync = null, conditions = null } = one.expect
      return (
        started.length > 0 &&
        started.every((name) => allowed.includes(name)) &&
        compare({ appsToSync, conditions }, outcome, adapter) === null
      )
    },
  },
]

function membersOf(outcome: Outcome, name: string): readonly Json[] {
  return 'value' in outcome ? list(outcome.value[name]) : []
}

function statusOf(outcome: Outcome, type: string): Json {
  return (
    membersOf(outcome, 'conditions')
      .filter(isJsonObject)
      .find((condition) => condition.type === type)?.status ?? null
  )
}

/** No application whose spec changed is Healthy, and all that starts is of the first step that has one that isn't. */
function waitsForChanges({ given }: Case, outcome: Outcome): boolean {
  const named = (value: Json | undefined) =>
    new Map(
      list(value)
        .filter(isJsonObject)
        .map((one) => [isJsonObject(one.metadata) ? String(one.metadata.name) : '', canonicalJson(one.spec ?? null)]),
    )
  const live = named(given.currentApplications)
  const changed = [...named(given.desiredApplications)].filter(([name, spec]) => live.get(name) !== spec).map(([name]) => name)
  const open = membersOf(outcome, 'applicationStatus')
    .filter(isJsonObject)
    .filter(({ status }) => status !== 'Healthy')
  const first = Math.min(...open.map(({ step }) => Number(step)).filter((step) => step > 0))
  const ofFirst = open.filter(({ step }) => Number(step) === first).map(({ application }) => application ?? null)
  return (
    changed.length > 0 &&
    changed.every((name) => open.some(({ application }) => application === name)) &&
    membersOf(outcome, 'syncTriggered').every((name) => ofFirst.includes(name))
  )
}

function said(outcome: Outcome): string {
  return canonicalJson('value' in outcome ? outcome.value : outcome.error)
}

/** `{kafka:'true'}` of a text as JSON. */
function namedMaps(text: string | null): readonly string[] {
  const maps = [...(text ?? '').matchAll(/\{(\w+:'[^']*'(?:,\w+:'[^']*')*)\}/g)].map(([, members]) => members ?? '')
  return maps.map((members) => canonicalJson(Object.fromEntries(members.split(',').map((member) => member.replaceAll("'", '').split(':')))))
}

function sameButForValues(one: Case, outcome: Outcome, adapter: Adapter): boolean {
  if ('error' in outcome) return false
  const without = (member: JsonObject): JsonObject => ({ ...member, params: list(member.params).map(withoutValues) })
  return compare(without(one.expect), { value: without(outcome.value) }, adapter) === null
}

function withoutValues(parameters: Json): Json {
  if (!isJsonObject(parameters)) return parameters
  return Object.fromEntries(Object.entries(parameters).filter(([key]) => key !== 'values' && !key.startsWith('values.')))
}

/** Whether an outcome other than `expect` is the better one that a quirk speaks of. */
export function isBetter(quirk: string, one: Case, outcome: Outcome, adapter: Adapter): boolean {
  return betters.some(({ says, isBetter: judge }) => says.test(quirk) && judge(one, outcome, adapter))
}
