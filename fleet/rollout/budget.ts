import { type Draft, setRollout, stageOf, targetOf } from './draft.ts'
import { names } from './names.ts'
import { beginRollback, failedAtWork } from './rollback.ts'
import { engineActor, type RolloutPause } from './state.ts'
import { countsAsFailure } from './target-phase.ts'

interface Breach {
  readonly stageIndex: number
  readonly reason: string
}

/**
 * Does what the plan says where more targets failed than it tolerates. Budgets count what nobody has accepted: `resume` accepts the
 * failures so far, after which a budget starts anew.
 */
export function enforceBudgets(draft: Draft, nowMs: number): void {
  if (draft.now.phase === 'RollingBack' && draft.now.rollback?.scope !== 'cluster') return
  const breach = findBreach(draft)
  if (breach === null) return
  const { stageIndex, reason } = breach
  const start = { fromStage: stageIndex, by: engineActor, reason, nowMs }
  switch (draft.plan.onFailure) {
    case 'Pause':
      pauseByEngine(draft, 'FailureBudget', reason, nowMs)
      break
    case 'RollBackCluster':
      if (failedAtWork(draft).length > 0) beginRollback(draft, { ...start, scope: 'cluster' })
      else if (draft.now.phase === 'Progressing') pauseByEngine(draft, 'FailureBudget', reason, nowMs)
      break
    case 'RollBackStage':
      beginRollback(draft, { ...start, scope: 'stage' })
      break
    case 'RollBackRollout':
      beginRollback(draft, { ...start, scope: 'rollout' })
      break
  }
}

/** Pauses for a reason of the engine's own. An engine's pause that is in force already stays as it is, but for what it says. */
export function pauseByEngine(draft: Draft, cause: Exclude<RolloutPause['cause'], 'Command'>, reason: string, nowMs: number): void {
  const { pause } = draft.now
  if (pause !== null && pause.cause === cause && pause.reason === reason) return
  const sinceMs = pause !== null && pause.cause === cause ? pause.sinceMs : nowMs
  setRollout(draft, { phase: 'Paused', reason, pause: { by: engineActor, reason, sinceMs, cause } })
}

/** The first stage at work whose budget, or whose canary, or with which the rollout's budget is breached. */
function findBreach(draft: Draft): Breach | null {
  let atWork: number | null = null
  let failuresAtWork = 0
  for (const [stageIndex, stage] of draft.plan.stages.entries()) {
    const { phase } = stageOf(draft.now, stageIndex)
    if (phase !== 'Running' && phase !== 'Baking') continue
    atWork = stageIndex
    const failed = stage.targets.filter((target) => countsAsFailure(targetOf(draft.now, target.applicationId)))
    failuresAtWork += failed.length
    const canary = failed.find((target) => target.canary)
    if (canary !== undefined) {
      return { stageIndex, reason: `canary ${canary.clusterName} of stage ${stage.name} failed: ${reasonOf(draft, canary.applicationId)}` }
    }
    if (stage.maxFailures !== null && failed.length > stage.maxFailures) {
      return {
        stageIndex,
        reason: `stage ${stage.name} tolerates ${stage.maxFailures} failed, and has ${failed.length}: ${whatFailed(draft, failed)}`,
      }
    }
  }
  const { maxFailures } = draft.plan
  if (maxFailures === null || atWork === null || failuresAtWork === 0) return null
  const failed = draft.plan.stages.flatMap((stage) =>
    stage.targets.filter((target) => countsAsFailure(targetOf(draft.now, target.applicationId))),
  )
  if (failed.length <= maxFailures) return null
  return {
    stageIndex: atWork,
    reason: `the rollout tolerates ${maxFailures} failed, and has ${failed.length}: ${whatFailed(draft, failed)}`,
  }
}

function whatFailed(draft: Draft, failed: readonly { readonly applicationId: string; readonly clusterName: string }[]): string {
  const [only] = failed
  if (failed.length === 1 && only !== undefined) return `${only.clusterName} (${reasonOf(draft, only.applicationId)})`
  return names(failed.map((target) => target.clusterName))
}

function reasonOf(draft: Draft, applicationId: string): string {
  return targetOf(draft.now, applicationId).reason
}
