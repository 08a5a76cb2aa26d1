import { formatDuration } from '../duration.ts'
import { type Draft, setStage, setTarget, stageOf, targetOf } from './draft.ts'
import type { PlannedStage } from './plan.ts'
import type { StageState, TargetState } from './state.ts'
import { isReturning, isUnderWay } from './target-phase.ts'

/** How long a target may take where its stage doesn't say, and to go back where its stage would wait for ever: a rollback has to end. */
export const progressDeadlineDefaultMs = 10 * 60_000

/** Whether targets of this stage can be at work. Those of the others have not started, or are all settled. */
export function isOpen(stage: StageState): boolean {
  return stage.phase === 'Running' || stage.phase === 'Baking' || stage.phase === 'Stopped'
}

/** When a target fails if nothing happens; null: never. A start counts forward and back; bad health counts while the stage has a bake. */
export function deadlineOf(stage: PlannedStage, target: TargetState): number | null {
  if (isReturning(target.phase)) return sum(target.startedAtMs, stage.progressDeadlineMs ?? progressDeadlineDefaultMs)
  if (isUnderWay(target.phase)) return sum(target.startedAtMs, stage.progressDeadlineMs)
  if (target.phase === 'Succeeded') return sum(target.badSinceMs ?? null, stage.progressDeadlineMs)
  return null
}

function sum(fromMs: number | null, durationMs: number | null): number | null {
  return fromMs === null || durationMs === null ? null : fromMs + durationMs
}

/** Fails the targets whose deadline has come. */
export function expireDeadlines(draft: Draft, nowMs: number): void {
  draft.plan.stages.forEach((stage, index) => {
    if (!isOpen(stageOf(draft.now, index))) return
    for (const { applicationId } of stage.targets) {
      const target = targetOf(draft.now, applicationId)
      const deadlineAtMs = deadlineOf(stage, target)
      if (deadlineAtMs === null || nowMs < deadlineAtMs) continue
      const { badSinceMs: _, ...rest } = target
      setTarget(draft, applicationId, {
        ...rest,
        phase: isReturning(target.phase) ? 'RollbackFailed' : 'Failed',
        reason: expiryReason(target, stage.progressDeadlineMs ?? progressDeadlineDefaultMs),
      })
      if (target.phase === 'Succeeded') setStage(draft, index, { bakedMs: 0, bakingSinceMs: null })
    }
  })
}

function expiryReason(target: TargetState, deadlineMs: number): string {
  const within = `within its progress deadline of ${formatDuration(deadlineMs)}`
  const last = target.reason === '' ? '' : `: ${target.reason}`
  switch (target.phase) {
    case 'Syncing':
      return `not applied ${within}${last}`
    case 'RollbackSyncing':
      return `the earlier version was not applied ${within}${last}`
    case 'RollbackVerifying':
      return `the earlier version was applied, but not healthy ${within}${last}`
    case 'Succeeded':
      return `did not become good again ${within} while its stage was baking${last}`
    default:
      return `applied, but not healthy ${within}${last}`
  }
}
