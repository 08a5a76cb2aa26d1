import type { ApplicationSet } from '../application-set.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { JsonObject } from '../json.ts'
import { hasGenerator } from './requeue.ts'

/** More than this part of a set's applications is held. */
export const setShareMax = 0.1
/** More than this part of the fleet's applications is held. */
export const fleetShareMax = 0.02

/** Between two complete observations that agree. */
export const secondLookAfterMs = 10_000

/** Who ends a hold. SeenTwice: also a second complete observation of the same, after secondLookAfterMs. */
export type DeletionPolicy = 'Confirm' | 'SeenTwice'

/** Ours, on a set: `Confirm` or `SeenTwice`. */
export const deletionPolicyAnnotation = 'roadstead.dev/deletion-policy'

/**
 * What a set says itself. Otherwise SeenTwice where pull requests make all applications, which are meant to go with them, and Confirm everywhere
 * else; that too where it says something else.
 */
export function deletionPolicy(set: Pick<ApplicationSet, 'metadata' | 'spec'>): DeletionPolicy {
  const said = set.metadata.annotations?.[deletionPolicyAnnotation]
  if (said !== undefined) return said === 'SeenTwice' ? 'SeenTwice' : 'Confirm'
  return onlyPullRequests(set.spec.generators) ? 'SeenTwice' : 'Confirm'
}

/** Each entry has one, alone or within a matrix or merge: what another entry gives is not meant to go with a pull request. */
function onlyPullRequests(generators: readonly JsonObject[]): boolean {
  return generators.length > 0 && generators.every((entry) => hasGenerator([entry], ['pullRequest']))
}

export type DeletionJudgement =
  | { readonly outcome: 'allowed' }
  /** `secondLookInMs`: when a second observation may end it; null: only somebody's confirmation does. */
  | { readonly outcome: 'held'; readonly reason: string; readonly secondLookInMs: number | null }

export interface DeletionInput {
  readonly removeCount: number
  /** Applications of the set before the removal. */
  readonly setCount: number
  /** Applications of all sets and standalone ones, before the removal. */
  readonly fleetCount: number
  /** Of this plan: see deletionDigest. */
  readonly digest: string
  /** The one that somebody has confirmed, or null. */
  readonly confirmedDigest: string | null
  readonly policy: DeletionPolicy
  /** Since when exactly this plan has been held; null: it is seen for the first time. */
  readonly heldSinceMs: number | null
  readonly nowMs: number
}

/**
 * Whether a set may remove applications, or has to wait until somebody confirms (DESIGN, deletion breaker): held when it is all of them,
 * more than 10 % of the set's, or more than 2 % of the fleet's; and until a second complete observation, where the set's policy allows that. There is no lower bound: in a set of three, one is 33 % and waits. A small
 * set loses as much to a wrong label as a big one, and one confirmation is cheap beside one wrong deletion.
 */
export function judgeDeletion(input: DeletionInput): DeletionJudgement {
  const { removeCount, setCount, fleetCount, digest, confirmedDigest, policy, heldSinceMs, nowMs } = input
  if (removeCount === 0 || confirmedDigest === digest) return { outcome: 'allowed' }
  const secondLookInMs = policy === 'Confirm' ? null : secondLookAfterMs - (heldSinceMs === null ? 0 : nowMs - heldSinceMs)
  if (secondLookInMs !== null && secondLookInMs <= 0) return { outcome: 'allowed' }
  const reasons: string[] = []
  if (removeCount >= setCount) reasons.push('that is all of the set')
  else if (removeCount > setCount * setShareMax)
    reasons.push(`that is ${percent(removeCount, setCount)} of the set, more than ${setShareMax * 100} %`)
  if (removeCount > fleetCount * fleetShareMax)
    reasons.push(`that is ${percent(removeCount, fleetCount)} of the fleet, more than ${fleetShareMax * 100} %`)
  if (reasons.length === 0) return { outcome: 'allowed' }
  return {
    outcome: 'held',
    reason: `${removeCount} of ${setCount} applications would be deleted: ${reasons.join('; ')}`,
    secondLookInMs,
  }
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '100 %' : `${Math.floor((part / whole) * 1000) / 10} %`
}

/** What a confirmation is bound to: exactly these applications, of that set, at that generation. `digest` is a SHA-256 in hex or the like. */
export function deletionDigest(
  plan: {
    readonly applicationSetId: string
    readonly generation: number
    readonly names: readonly string[]
  },
  digest: (text: string) => string,
): string {
  return digest(
    canonicalJson({
      applicationSetId: plan.applicationSetId,
      generation: plan.generation,
      names: plan.names.toSorted(),
    }),
  )
}
