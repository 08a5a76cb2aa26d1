import { recordCommand } from './commands.ts'
import { type Draft, draftOf, finished, placeOf, setStage, setTarget, stageOf, targetOf } from './draft.ts'
import type { RolloutPlan } from './plan.ts'
import { finalPhases, type RolloutEvent, type RolloutState, type TargetState } from './state.ts'
import { isReturning, isUnderWay, untouched } from './target-phase.ts'

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
  if (event.type === 'command') return recordCommand(draft, event.command)
  if (finalPhases.includes(draft.now.phase)) return
  const place = placeOf(draft.plan, event.applicationId)
  if (place === null) return
  const target = targetOf(draft.now, event.applicationId)
  const set = (change: TargetState) => setTarget(draft, event.applicationId, change)
  if (event.type === 'gone') return recordGone(draft, event)
  if (event.type === 'observed') return recordObserved(draft, event)
  if (event.attempt !== target.attempt) return
  const goingBack = isReturning(target.phase)
  if (!goingBack && !isUnderWay(target.phase)) return

  switch (event.type) {
    case 'applied':
      if (target.phase === 'Syncing') set({ ...target, phase: 'Verifying', appliedAtMs: event.atMs, reason: '' })
      if (target.phase === 'RollbackSyncing') set({ ...target, phase: 'RollbackVerifying', appliedAtMs: event.atMs })
      return
    case 'healthy':
      // A health from before the version was applied is that of another version.
      if (target.appliedAtMs === null || event.atMs < target.appliedAtMs) return
      return set({
        ...target,
        phase: goingBack ? 'RolledBack' : 'Succeeded',
        healthyAtMs: event.atMs,
        reason: goingBack ? target.reason : '',
      })
    case 'failed':
      return set({ ...target, phase: goingBack ? 'RollbackFailed' : 'Failed', reason: event.reason })
    case 'unreachable':
      return set(unreachable(draft, target, event.reason))
  }
}

function unreachable(draft: Draft, target: TargetState, reason: string): TargetState {
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

function recordGone(draft: Draft, event: Extract<RolloutEvent, { readonly type: 'gone' }>): void {
  const target = targetOf(draft.now, event.applicationId)
  if (target.phase === 'RolledBack' || (target.phase === 'Skipped' && target.note === 'gone')) return
  setTarget(draft, event.applicationId, { ...untouched, phase: 'Skipped', attempt: target.attempt, note: 'gone', reason: event.reason })
}

/** What a cluster's watch saw. Matters for who isn't at work: those report by themselves, and are fenced by attempt. */
function recordObserved(draft: Draft, event: Extract<RolloutEvent, { readonly type: 'observed' }>): void {
  const { applicationId, versionId, healthy, atMs } = event
  const place = placeOf(draft.plan, applicationId)
  if (place === null) return
  const target = targetOf(draft.now, applicationId)
  if (target.healthyAtMs !== null && atMs < target.healthyAtMs) return
  const { badSinceMs, accepted: _, ...rest } = target
  const good = healthy && versionId === place.target.toVersionId
  const succeed = () =>
    setTarget(draft, applicationId, { ...rest, phase: 'Succeeded', appliedAtMs: target.appliedAtMs ?? atMs, healthyAtMs: atMs, reason: '' })

  switch (target.phase) {
    case 'Deferred':
      if (target.note !== 'back') return good ? succeed() : undefined
      if (healthy && versionId === place.target.fromVersionId) {
        const { note: _back, ...returned } = rest
        setTarget(draft, applicationId, { ...returned, phase: 'RolledBack', healthyAtMs: atMs })
      }
      return
    case 'Pending':
      // Argo CD, too, counts what somebody synced by hand, whichever step is at it.
      return good && place.stage.manual && draft.now.phase !== 'RollingBack' ? succeed() : undefined
    case 'Failed':
      return good && place.stage.maxFailures === null && draft.now.phase !== 'RollingBack' ? succeed() : undefined
    case 'Succeeded': {
      const stage = stageOf(draft.now, place.stageIndex)
      if (place.stage.bakeMs === 0 || (stage.phase !== 'Running' && stage.phase !== 'Baking')) return
      if (good) return badSinceMs === undefined ? undefined : setTarget(draft, applicationId, { ...rest, healthyAtMs: atMs, reason: '' })
      const reason = healthy ? `runs another version: ${event.reason}` : `not healthy: ${event.reason}`
      if (badSinceMs === undefined || target.reason !== reason)
        setTarget(draft, applicationId, { ...rest, badSinceMs: badSinceMs ?? atMs, reason })
      if (stage.bakedMs !== 0 || stage.bakingSinceMs !== null) setStage(draft, place.stageIndex, { bakedMs: 0, bakingSinceMs: null })
      return
    }
    default:
      return
  }
}
