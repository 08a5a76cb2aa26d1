import type { Adapter, Outcome } from './adapter.ts'
import type { Case } from './cases.ts'

type Judge = (one: Case, outcome: Outcome, adapter: Adapter) => boolean

/** What else than the reference's result is right, by what the quirk says of the reference. One rule a fault, none for a single case. */
const betters: readonly { readonly says: RegExp; readonly isBetter: Judge }[] = []

/** Whether an outcome other than `expect` is the better one that a quirk speaks of. */
export function isBetter(quirk: string, one: Case, outcome: Outcome, adapter: Adapter): boolean {
  return betters.some(({ says, isBetter: judge }) => says.test(quirk) && judge(one, outcome, adapter))
}
