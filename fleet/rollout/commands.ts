import { type Draft, setRollout, setStage, setTarget, stageOf, targetOf } from './draft.ts'
import { beginRollback } from './rollback.ts'
import type { RolloutCommand, RolloutPause, TargetState } from './state.ts'
import { countsAsFailure, isRetryable, untouched } from './target-phase.ts'
import { verbProblem } from './verbs.ts'

/** Takes a command in: once, in the order of ids, and only if the table of verbs allows it in this phase. */
export function recordCommand(draft: Draft, command: RolloutCommand): void {
  if (command.id <= draft.now.lastCommandId) return
  const problem = verbProblem(draft.plan, draft.now, command)
  setRollout(draft, { lastCommandId: command.id })
  if (problem !== null) return
  const { actor, atMs } = command
  const because = command.reason === undefined || command.reason === '' ? '' : `: ${command.reason}`
  switch (command.verb) {
    case 'pause':
      setRollout(draft, {
        phase: 'Paused',
        reason: `paused by ${actor}${because}`,
        pause: { by: actor, reason: command.reason ?? '', sinceMs: atMs, cause: 'Command' },
      })
      break
    case 'resume':
      if (draft.now.pause !== null) accept(draft, draft.now.pause.cause)
      setRollout(draft, { phase: 'Progressing', reason: `resumed by ${actor}${because}`, pause: null })
      break
    case 'abort':
      stopStages(draft)
      setRollout(draft, { phase: 'Aborted', reason: `aborted by ${actor}${because}`, pause: null, finishedAtMs: atMs })
      break
    case 'rollBack':
      beginRollback(draft, { scope: 'rollout', fromStage: 0, by: actor, reason: `rolled back by ${actor}${because}`, nowMs: atMs })
      break
    case 'approve':
      approve(draft, command)
      break
    case 'retry':
      retry(draft, draft.now.pause?.cause === 'Unreachable')
      setRollout(draft, { phase: 'Progressing', reason: `retried by ${actor}${because}`, pause: null })
      break
  }
}

function stopStages(draft: Draft): void {
  draft.plan.stages.forEach((_, index) => {
    if (stageOf(draft.now, index).phase !== 'Done') setStage(draft, index, { phase: 'Stopped', bakingSinceMs: null })
  })
}

function approve(draft: Draft, command: RolloutCommand): void {
  const index = draft.plan.stages.findIndex((stage) => stage.name === command.stage)
  const { approvals } = stageOf(draft.now, index)
  setStage(draft, index, { approvals: [...approvals, { by: command.actor, atMs: command.atMs }] })
}

/** What somebody who resumes after a breach accepts: the failures so far, and the deferred where those were why it was paused. */
function accept(draft: Draft, cause: RolloutPause['cause']): void {
  if (cause === 'Command') return
  draft.plan.stages.forEach((stage) => {
    for (const { applicationId } of stage.targets) {
      const target = targetOf(draft.now, applicationId)
      const deferred = cause === 'Unreachable' && target.phase === 'Deferred'
      if (countsAsFailure(target) || deferred) setTarget(draft, applicationId, { ...target, accepted: true })
    }
  })
}

/** Makes what failed or went back Pending again, and reopens its stage: a stage before the active one then comes first again. */
function retry(draft: Draft, deferredToo: boolean): void {
  draft.plan.stages.forEach((stage, index) => {
    const state = stageOf(draft.now, index)
    let retried = false
    for (const { applicationId } of stage.targets) {
      const target = targetOf(draft.now, applicationId)
      if (!isRetryable(target) && !(deferredToo && state.phase !== 'Done' && target.phase === 'Deferred')) continue
      retried = true
      const again: TargetState = { ...untouched, attempt: target.attempt, reason: target.reason }
      setTarget(draft, applicationId, again)
    }
    if (retried || state.phase === 'Stopped') {
      setStage(draft, index, { phase: 'Running', finishedAtMs: null, bakedMs: 0, bakingSinceMs: null })
    }
  })
}
