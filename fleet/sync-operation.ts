import type { ApplicationSpec, SyncRetry } from './application.ts'
import { parseDuration } from './duration.ts'
import type { Problem } from './errors.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** What a sync of an application does: the parts of Argo CD's `operation` that say so. */
export interface SyncOperation {
  readonly sync: {
    /** Of the one source. */
    readonly revision?: string
    /** Of several sources, in their order. */
    readonly revisions?: readonly string[]
    readonly prune?: boolean
    readonly syncOptions?: readonly string[]
  }
  readonly retry: SyncRetry
}

/** Of an application that says nothing of retries: as Argo CD has it for automated syncs and those of a rollout. */
const usualRetry: SyncRetry = { limit: 5 }

/** What a rollout, or an automated sync, does with an application: its own sync options and retries, at these revisions. Follows Argo CD 3.6. */
export function syncOperation(
  { sources, syncPolicy }: Pick<ApplicationSpec, 'sources' | 'syncPolicy'>,
  { revisions, prune }: { readonly revisions: readonly string[]; readonly prune: boolean },
): SyncOperation {
  const [revision] = revisions
  const isOfSeveral = (sources ?? []).length > 0
  return {
    sync: {
      ...(isOfSeveral && revisions.length > 0 ? { revisions } : {}),
      ...(isOfSeveral || revision === undefined ? {} : { revision }),
      ...(syncPolicy !== undefined && prune ? { prune } : {}),
      ...(syncPolicy?.syncOptions === undefined ? {} : { syncOptions: syncPolicy.syncOptions }),
    },
    retry: syncPolicy?.retry ?? usualRetry,
  }
}

/** Waits before a failed sync is tried again: the first one, times `factor` after each failure, at most `maxMs` (0: no bound). */
interface Pace {
  readonly firstMs: number
  readonly factor: number
  readonly maxMs: number
}

/** Argo CD's, where `retry` says how often, but not when. */
const argoPace: Pace = { firstMs: 5_000, factor: 2, maxMs: 3 * 60_000 }
/** Where it says nothing at all. Argo CD would wait for two and a half minutes in all, in which nobody learns that a rollout has failed. */
const quickPace: Pace = { firstMs: 1_000, factor: 2, maxMs: 10_000 }

/** Whatever `retry` says, a wait is neither: a cluster isn't to be asked without a pause, and Temporal takes no number without an end. */
const waitMinMs = 1_000
const waitMaxMs = 24 * 60 * 60_000

/**
 * How many milliseconds to wait before a sync that has failed `failures` times is tried again; null: it isn't. `retry` is `syncPolicy.retry`,
 * which counts as in Argo CD 3.6; but every wait is from 1 s to a day.
 */
export function retryDelayMs(retry: SyncRetry | undefined, failures: number): number | null {
  const { limit = 0, backoff = {} } = retry ?? usualRetry
  if (limit >= 0 && failures > limit) return null
  const usual = retry === undefined ? quickPace : argoPace
  const firstMs = retryDurationMs(backoff.duration) ?? usual.firstMs
  const maxMs = retryDurationMs(backoff.maxDuration) ?? usual.maxMs
  const times = Math.min(Math.max(0, (backoff.factor ?? usual.factor) ** (failures - 1)), waitMaxMs)
  const waitMs = Math.min(firstMs, waitMaxMs) * times
  return Math.max(waitMinMs, Math.min(waitMs, maxMs > 0 ? maxMs : waitMaxMs, waitMaxMs))
}

/** What is wrong with a `retry`; texts with templates in them count as right. */
export function retryProblems(retry: Json | undefined, path: string): readonly Problem[] {
  const backoff = isJsonObject(retry) ? retry['backoff'] : undefined
  if (!isJsonObject(backoff)) return []
  return (['duration', 'maxDuration'] as const).flatMap((field) => durationProblems(backoff, field, `${path}.backoff`))
}

function durationProblems(backoff: JsonObject, field: string, path: string): readonly Problem[] {
  const text = backoff[field]
  if (typeof text !== 'string' || text.includes('{{') || retryDurationMs(text) !== null || text === '') return []
  return [{ path: `${path}.${field}`, message: `${JSON.stringify(text)} is no duration: write seconds, or such as 90s, 10m or 1h30m` }]
}

/** Whole seconds, or a Go duration; null for what isn't given or is neither. */
function retryDurationMs(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  return /^[+-]?\d+$/.test(text) ? Number(text) * 1_000 : parseDuration(text, '').value
}
