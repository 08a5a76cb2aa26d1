import { type Draft, setRollout, setStage, setTarget, stageOf, targetOf } from './draft.ts'
import { names } from './names.ts'
import type { PlannedTarget } from './plan.ts'
import { engineActor, type RolloutRollback, type TargetState } from './state.ts'
import { hasMoved, isReturning, untouched } from './target-phase.ts'

interface RollbackStart {
  readonly scope: RolloutRollback['scope']
  /** For scope stage: this stage and all after it, of which normally nothing has moved. */
  readonly fromStage: number
  readonly by: string
  readonly reason: string
  readonly nowMs: number
}

/** Failed targets, not accepted, of the stages at work: those that go back under RollBackCluster. */
export function failedAtWork(draft: Draft): readonly PlannedTarget[] {
  return draft.plan.stages.flatMap((stage, index) => {
    const { phase } = stageOf(draft.now, index)
    if (phase !== 'Running' && phase !== 'Baking') return []
    return stage.targets.filter((target) => {
      const state = targetOf(draft.now, target.applicationId)
      return state.phase === 'Failed' && state.accepted !== true
    })
  })
}

/** Turns what has moved towards the version that it ran before. Work that is under way towards the new version is dropped at once. */
export function beginRollback(draft: Draft, start: RollbackStart): void {
  const { scope, by, reason, nowMs } = start
  const sinceMs = draft.now.rollback?.scope === scope ? draft.now.rollback.sinceMs : nowMs
  setRollout(draft, { phase: 'RollingBack', reason, pause: null, rollback: { scope, by, reason, sinceMs } })
  if (scope === 'cluster') {
    for (const target of failedAtWork(draft)) sendBack(draft, target)
    return
  }
  draft.plan.stages.forEach((stage, index) => {
    if (scope === 'stage' && index < start.fromStage) return
    const { phase } = stageOf(draft.now, index)
    const started = phase !== 'Waiting' && phase !== 'AwaitingApproval'
    if (scope === 'rollout' || started) setStage(draft, index, { phase: 'Stopped', bakingSinceMs: null, bakedMs: 0 })
    for (const target of stage.targets) {
      if (hasMoved(targetOf(draft.now, target.applicationId))) sendBack(draft, target)
    }
  })
}

function sendBack(draft: Draft, target: PlannedTarget): void {
  const { attempt, reason } = targetOf(draft.now, target.applicationId)
  const base: TargetState = { ...untouched, attempt }
  if (target.fromVersionId === null) {
    const before = reason === '' ? '' : `; before: ${reason}`
    setTarget(draft, target.applicationId, {
      ...base,
      phase: 'Skipped',
      note: 'noWayBack',
      reason: `new in this rollout: nothing to go back to${before}`,
    })
  } else {
    setTarget(draft, target.applicationId, { ...base, phase: 'RollbackPending', reason })
  }
}

/** Starts targets on their way back, last ones first, and ends the rollback when none is left. */
export function stepRollback(draft: Draft, nowMs: number): void {
  const { plan } = draft
  const waiting: string[] = []
  let returning = 0
  for (const stage of plan.stages.toReversed()) {
    for (const { applicationId } of stage.targets.toReversed()) {
      const { phase } = targetOf(draft.now, applicationId)
      if (isReturning(phase)) returning += 1
      else if (phase === 'RollbackPending') waiting.push(applicationId)
    }
  }
  for (const applicationId of waiting.slice(0, Math.max(0, plan.rollbackMaxConcurrent - returning))) {
    const target = targetOf(draft.now, applicationId)
    setTarget(draft, applicationId, { ...target, phase: 'RollbackSyncing', attempt: target.attempt + 1, startedAtMs: nowMs })
  }
  if (waiting.length === 0 && returning === 0) endRollback(draft, nowMs)
}

function endRollback(draft: Draft, nowMs: number): void {
  const { rollback } = draft.now
  if (rollback === null) return
  const reason = `${rollback.reason}; ${outcome(draft)}`
  if (rollback.scope === 'rollout') {
    const failed = clustersIn(draft, (target) => target.phase === 'RollbackFailed').length > 0
    setRollout(draft, { phase: failed ? 'Failed' : 'RolledBack', reason, finishedAtMs: nowMs })
  } else {
    setRollout(draft, {
      phase: 'Paused',
      reason,
      rollback: null,
      pause: { by: engineActor, reason, sinceMs: nowMs, cause: 'FailureBudget' },
    })
  }
}

function outcome(draft: Draft): string {
  const parts = [
    ['went back', clustersIn(draft, (target) => target.phase === 'RolledBack')],
    ['could not go back', clustersIn(draft, (target) => target.phase === 'RollbackFailed')],
    ['go back when they can be reached', clustersIn(draft, (target) => target.phase === 'Deferred' && target.note === 'back')],
    ['had nothing to go back to', clustersIn(draft, (target) => target.phase === 'Skipped' && target.note === 'noWayBack')],
  ] as const
  const said = parts.filter(([, clusters]) => clusters.length > 0).map(([what, clusters]) => `${what}: ${names(clusters)}`)
  return said.length === 0 ? 'nothing had moved' : said.join('; ')
}

function clustersIn(draft: Draft, wanted: (target: TargetState) => boolean): readonly string[] {
  return draft.plan.stages.flatMap((stage) =>
    stage.targets.filter((target) => wanted(targetOf(draft.now, target.applicationId))).map((target) => target.clusterName),
  )
}
