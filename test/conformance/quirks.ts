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
]

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
