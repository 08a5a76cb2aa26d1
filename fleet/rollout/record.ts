import { recordCommand } from './commands.ts'
import { type Draft, draftOf, finished, type Place, placeOf, setStage, setTarget, stageOf, targetOf } from './draft.ts'
import type { RolloutPlan } from './plan.ts'
import { finalPhases, type RolloutEvent, type RolloutState, type TargetState } from './state.ts'
import { isReturning, isUnderWay, untouched } from './target-phase.ts'

type TargetEvent = Exclude<RolloutEvent, { readonly type: 'command' }>
type GoneEvent = Extract<RolloutEvent, { readonly type: 'gone' }>
type ObservedEvent = Extract<RolloutEvent, { readonly type: 'observed' }>
type WorkEvent = Exclude<TargetEvent, GoneEvent | ObservedEvent>

/**
 * Takes one event in. What is no news changes nothing, and gives the very same object back: events of older attempts, of targets that
 * the plan doesn't have, out of order, repeated, or after the end. Nothing starts here: that is `next`, which follows.
 */
export function record(plan: RolloutPlan, state: RolloutState, event: RolloutEvent): RolloutState {
  const draft = draftOf(plan, state)
  recordInto(draft, event)
  return finished(draft)
}

export function recordInto(draft: Draft, event: RolloutEvent): void {
  if (event.type === 'command') {
    recordCommand(draft, event.command)
    return
  }
  if (finalPhases.includes(draft.now.phase)) return
  const place = placeOf(draft.plan, event.applicationId)
  if (place === null) return
  const target = targetOf(draft.now, event.applicationId)
  const after = afterEvent(draft, place, target, event)
  if (after === null) return
  setTarget(draft, event.applicationId, after)
  if (after.badSinceMs !== undefined) setStage(draft, place.stageIndex, { bakedMs: 0, bakingSinceMs: null })
}

/** What the event makes of its target; null: nothing new. */
function afterEvent(draft: Draft, place: Place, target: TargetState, event: TargetEvent): TargetState | null {
  switch (event.type) {
    case 'gone':
      return afterGone(target, event)
    case 'observed':
      return afterObserved(draft, place, target, event)
    default:
      return afterWork(draft, target, event)
  }
}

/** News of the work that is under way, fenced by its attempt. */
function afterWork(draft: Draft, target: TargetState, event: WorkEvent): TargetState | null {
  if (event.attempt !== target.attempt) return null
  const returning = isReturning(target.phase)
  if (!returning && !isUnderWay(target.phase)) return null
  switch (event.type) {
    case 'applied':
      if (target.phase === 'Syncing') return { ...target, phase: 'Verifying', appliedAtMs: event.atMs, reason: '' }
      if (target.phase === 'RollbackSyncing') return { ...target, phase: 'RollbackVerifying', appliedAtMs: event.atMs }
      return null
    case 'healthy':
      // A health from before the version was applied is that of another version.
      if (target.appliedAtMs === null || event.atMs < target.appliedAtMs) return null
      if (returning) return { ...target, phase: 'RolledBack', healthyAtMs: event.atMs }
      return { ...target, phase: 'Succeeded', healthyAtMs: event.atMs, reason: '' }
    case 'failed':
      return { ...target, phase: returning ? 'RollbackFailed' : 'Failed', reason: event.reason }
    case 'unreachable':
      return afterUnreachable(draft, target, event.reason)
  }
}

function afterUnreachable(draft: Draft, target: TargetState, reason: string): TargetState {
  const { policy, max } = draft.plan.unreachable
  if (isReturning(target.phase)) {
    // Its pin has gone back already. How many there may be is no question on the way back: it has to go on.
    return policy === 'Defer' ? { ...target, phase: 'Deferred', note: 'back', reason } : { ...target, phase: 'RollbackFailed', reason }
  }
  if (policy === 'Fail') return { ...target, phase: 'Failed', reason }
  let deferred = 0
  for (const stage of draft.plan.stages) {
    for (const { applicationId } of stage.targets) if (targetOf(draft.now, applicationId).phase === 'Deferred') deferred += 1
  }
  if (deferred < max) return { ...target, phase: 'Deferred', reason }
  return { ...target, phase: 'Failed', reason: `${reason}; not deferred, since ${deferred} of at most ${max} are already` }
}

function afterGone(target: TargetState, event: GoneEvent): TargetState | null {
  if (target.phase === 'RolledBack' || (target.phase === 'Skipped' && target.note === 'gone')) return null
  return { ...untouched, phase: 'Skipped', attempt: target.attempt, note: 'gone', reason: event.reason }
}

/** What a cluster's watch saw. Matters for what isn't at work: what is reports by itself. News from before its start or health doesn't. */
function afterObserved(draft: Draft, place: Place, target: TargetState, event: ObservedEvent): TargetState | null {
  const { versionId, healthy, atMs } = event
  if (atMs < (target.healthyAtMs ?? target.startedAtMs ?? draft.now.startedAtMs)) return null
  const good = healthy && versionId === place.target.toVersionId
  const { badSinceMs: _bad, accepted: _accepted, note, ...rest } = target
  const succeeded: TargetState = { ...rest, phase: 'Succeeded', appliedAtMs: target.appliedAtMs ?? atMs, healthyAtMs: atMs, reason: '' }
  const forward = draft.now.phase !== 'RollingBack'

  switch (target.phase) {
    case 'Deferred':
      if (note !== 'back') return good ? succeeded : null
      return healthy && versionId === place.target.fromVersionId ? { ...rest, phase: 'RolledBack', healthyAtMs: atMs } : null
    case 'Pending':
      // Argo CD, too, counts what somebody synced by hand, whichever step is at it.
      return good && forward && place.stage.manual ? succeeded : null
    case 'Failed':
      // Without a failure policy a failure is no verdict: Argo CD waits until it is healthy after all.
      return good && forward && place.stage.maxFailures === null ? succeeded : null
    case 'Succeeded':
      return isWatched(draft, place) ? afterSucceeded(target, succeeded, good, event) : null
    default:
      return null
  }
}

/** Whether a stage asks how its targets are doing after they succeeded: while it has a bake before it. */
function isWatched(draft: Draft, place: Place): boolean {
  const { phase } = stageOf(draft.now, place.stageIndex)
  return place.stage.bakeMs > 0 && (phase === 'Running' || phase === 'Baking')
}

function afterSucceeded(target: TargetState, recovered: TargetState, good: boolean, event: ObservedEvent): TargetState | null {
  if (good) return target.badSinceMs === undefined ? null : recovered
  const reason = `${event.healthy ? 'runs another version' : 'not healthy'}${event.reason === '' ? '' : `: ${event.reason}`}`
  if (target.badSinceMs !== undefined && target.reason === reason) return null
  return { ...target, badSinceMs: target.badSinceMs ?? event.atMs, reason }
}
