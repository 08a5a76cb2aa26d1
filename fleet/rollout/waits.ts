import { isCleared, takesPlace } from './advance.ts'
import { deadlineOf, isOpen } from './deadline.ts'
import { stageOf, targetOf } from './draft.ts'
import { names } from './names.ts'
import type { PlannedStage, PlannedTarget, RolloutPlan } from './plan.ts'
import { finalPhases, type RolloutState, type RolloutWait, type StageState, type TargetState } from './state.ts'
import { countTargets, type TargetCounts } from './summary.ts'
import { isReturning, isUnderWay } from './target-phase.ts'

/** So many targets are named one by one; the waits of their stage say how many there are. */
const targetWaitsMax = 100

/** Why each stage and target that could go on doesn't, in words for people. The rollout's own waits first, then by stage. */
export function waitsOf(plan: RolloutPlan, state: RolloutState): readonly RolloutWait[] {
  if (finalPhases.includes(state.phase)) return []
  const stages = plan.stages.flatMap((_, index) => stageWaits(plan, state, index))
  const targets = plan.stages.flatMap((stage, index) => (isOpen(stageOf(state, index)) ? targetWaits(plan, stage, state) : []))
  return [...rolloutWaits(plan, state), ...stages, ...targets.slice(0, targetWaitsMax)]
}

function rolloutWaits(plan: RolloutPlan, state: RolloutState): RolloutWait[] {
  const wait = { stage: null, applicationId: null, untilMs: null }
  if (state.phase === 'Paused')
    return [{ ...wait, reason: 'Paused', message: `the rollout is paused by ${state.pause?.by}: ${state.reason}` }]
  if (state.phase !== 'RollingBack') return []
  let back = 0
  let all = 0
  for (const stage of plan.stages) {
    for (const { applicationId } of stage.targets) {
      const { phase } = targetOf(state, applicationId)
      if (phase === 'RolledBack') back += 1
      if (phase === 'RolledBack' || phase === 'RollbackPending' || isReturning(phase)) all += 1
    }
  }
  return [{ ...wait, reason: 'Rollback', message: `rolling back, ${back} of ${all} clusters done: ${state.reason}` }]
}

function stageWaits(plan: RolloutPlan, state: RolloutState, index: number): RolloutWait[] {
  const stage = plan.stages[index]
  if (stage === undefined || state.phase === 'RollingBack') return []
  const stageState = stageOf(state, index)
  const wait = (reason: RolloutWait['reason'], message: string, untilMs: number | null = null): RolloutWait[] => [
    { stage: stage.name, applicationId: null, reason, message: `stage ${stage.name} ${message}`, untilMs },
  ]
  switch (stageState.phase) {
    case 'Waiting': {
      const before = plan.stages[index - 1]
      return before === undefined
        ? []
        : wait('PreviousStage', `waits for stage ${before.name}: ${progress(before, stageOf(state, index - 1), state)}`)
    }
    case 'AwaitingApproval':
      return wait('Approval', approvalMessage(stage, stageState))
    case 'Running':
      return runningWaits(plan, stage, state, wait)
    case 'Baking': {
      const bad = stage.targets.filter((target) => targetOf(state, target.applicationId).badSinceMs !== undefined)
      if (bad.length > 0)
        return wait('Bake', `starts its bake again once these are good: ${names(bad.map((target) => because(target, state)))}`)
      const { bakingSinceMs, bakedMs } = stageState
      const first = state.stages.findIndex((other) => other.phase !== 'Done')
      const before = first < index ? plan.stages[first] : undefined
      if (before !== undefined)
        return wait('PreviousStage', `waits for stage ${before.name}, tried again: ${progress(before, stageOf(state, first), state)}`)
      if (bakingSinceMs === null) return wait('Bake', 'is baking, with its clock stopped')
      return wait('Bake', 'is baking: it has to stay good until then', bakingSinceMs + stage.bakeMs - bakedMs)
    }
    default:
      return []
  }
}

function approvalMessage(stage: PlannedStage, { approvals }: StageState): string {
  const missing = stage.approvalsRequired - approvals.length
  const given = approvals.length === 0 ? '' : ` (${names(approvals.map((approval) => approval.by))} approved)`
  return missing > 0 ? `waits for ${missing} approval${missing === 1 ? '' : 's'}${given}` : `is approved${given}, and waits for its turn`
}

type Say = (reason: RolloutWait['reason'], message: string) => RolloutWait[]

function runningWaits(plan: RolloutPlan, stage: PlannedStage, state: RolloutState, wait: Say): RolloutWait[] {
  if (state.phase === 'Paused') return []
  let pending = 0
  let taken = 0
  const holding: PlannedTarget[] = []
  for (const target of stage.targets) {
    const targetState = targetOf(state, target.applicationId)
    if (targetState.phase === 'Pending') pending += 1
    if (takesPlace(plan, targetState)) taken += 1
    if (target.canary && !isCleared(targetState)) holding.push(target)
  }
  if (pending === 0) return []
  const clusters = `${pending} cluster${pending === 1 ? '' : 's'}`
  if (stage.manual) return wait('ManualSync', `waits for ${clusters} to be synced by hand`)
  if (holding.length > 0)
    return wait(
      'Canary',
      `holds ${clusters} back until its canaries are healthy: ${names(holding.map((target) => because(target, state)))}`,
    )
  return wait('ConcurrencyLimit', `holds ${clusters} back: ${taken} of at most ${stage.maxConcurrent} at once are under way`)
}

function targetWaits(plan: RolloutPlan, stage: PlannedStage, state: RolloutState): RolloutWait[] {
  const waits: RolloutWait[] = []
  for (const target of stage.targets) {
    if (waits.length >= targetWaitsMax) break
    const { applicationId } = target
    const targetState = targetOf(state, applicationId)
    const reason = targetWaitReason(plan, targetState)
    if (reason === null) continue
    waits.push({ stage: stage.name, applicationId, reason, message: because(target, state), untilMs: deadlineOf(stage, targetState) })
  }
  return waits
}

function targetWaitReason(plan: RolloutPlan, target: TargetState): RolloutWait['reason'] | null {
  if (isUnderWay(target.phase) || target.badSinceMs !== undefined) return 'Health'
  if (isReturning(target.phase) || target.phase === 'RollbackPending') return 'Rollback'
  if (target.phase === 'Deferred') return 'Unreachable'
  return target.phase === 'Failed' && plan.strategy === 'RollingSync' ? 'Health' : null
}

const doing: Readonly<Partial<Record<TargetState['phase'], string>>> = {
  Pending: 'not started',
  Syncing: 'being synced',
  Verifying: 'synced, not healthy yet',
  Failed: 'failed',
  Deferred: "can't be reached",
  RollbackPending: 'about to go back',
  RollbackSyncing: 'going back',
  RollbackVerifying: 'back, not healthy yet',
}

/** `eu-1 (synced, not healthy yet)`. */
function because(target: PlannedTarget, state: RolloutState): string {
  const { phase, reason } = targetOf(state, target.applicationId)
  const what = [doing[phase], reason].filter((text) => text !== undefined && text !== '').join(': ')
  return what === '' ? target.clusterName : `${target.clusterName} (${what})`
}

/** `1 of 2 clusters healthy, 1 in progress`. */
function progress(stage: PlannedStage, { phase }: StageState, state: RolloutState): string {
  if (phase === 'Waiting') return 'it has not started'
  if (phase === 'AwaitingApproval') return 'it waits for approval'
  const counts: TargetCounts = countTargets(stage, state)
  const parts = (
    [
      ['being synced', countPhase(stage, state, ['Syncing'])],
      ['verifying', countPhase(stage, state, ['Verifying'])],
      ['not started', counts.pending],
      ['failed', counts.failed],
      ["can't be reached", counts.deferred],
      ['left out', counts.skipped],
      ['went back', counts.rolledBack],
    ] as const
  ).filter(([, count]) => count > 0)
  const rest = parts.map(([what, count]) => `, ${count} ${what}`).join('')
  const baking = phase === 'Baking' ? ', baking' : ''
  return `${counts.succeeded} of ${counts.total} clusters healthy${rest}${baking}`
}

function countPhase(stage: PlannedStage, state: RolloutState, phases: readonly TargetState['phase'][]): number {
  return stage.targets.filter((target) => phases.includes(targetOf(state, target.applicationId).phase)).length
}
