import { targetOf } from './draft.ts'
import type { RolloutPlan } from './plan.ts'
import type { RolloutCommand, RolloutPhase, RolloutState, RolloutVerb } from './state.ts'
import { isRetryable } from './target-phase.ts'

type Check = (plan: RolloutPlan, state: RolloutState, command: RolloutCommand) => string | null

/** Null: legal. A text: why it is refused. A function: it depends. */
type Rule = null | string | Check

const over = {
  Succeeded: 'the rollout has succeeded; there is nothing to act on',
  RolledBack: 'the rollout was rolled back; start a new one',
  Aborted: 'the rollout was aborted; start a new one',
  Failed: 'the rollout has failed; start a new one',
} as const satisfies Partial<Record<RolloutPhase, string>>

const goingBack = 'the rollout is rolling back, and a rollback is never held back; abort stops it where it is'

/** Which verb is legal in which phase. The one place that says so: for GraphQL, which refuses, and for `record`, which ignores. */
export const verbTable: Readonly<Record<RolloutVerb, Readonly<Record<RolloutPhase, Rule>>>> = {
  pause: { Progressing: null, Paused: 'the rollout is paused already', RollingBack: goingBack, ...over },
  resume: { Progressing: "the rollout isn't paused", Paused: resumeProblem, RollingBack: goingBack, ...over },
  abort: { Progressing: null, Paused: null, RollingBack: null, ...over },
  rollBack: { Progressing: null, Paused: null, RollingBack: rollBackProblem, ...over },
  approve: {
    Progressing: approveProblem,
    Paused: approveProblem,
    RollingBack: 'the rollout is rolling back; there is nothing to approve',
    ...over,
  },
  retry: { Progressing: retryProblem, Paused: retryPausedProblem, RollingBack: 'the rollout is rolling back; wait until it has', ...over },
}

/** Null if the command is legal now, else why it isn't, for people. */
export function verbProblem(plan: RolloutPlan, state: RolloutState, command: RolloutCommand): string | null {
  const rule = verbTable[command.verb][state.phase]
  return typeof rule === 'function' ? rule(plan, state, command) : rule
}

function resumeProblem(plan: RolloutPlan, state: RolloutState): string | null {
  const stopped = plan.stages.find((_, index) => state.stages[index]?.phase === 'Stopped')
  return stopped === undefined ? null : `stage ${stopped.name} was rolled back; retry it, roll back the rest or abort`
}

function rollBackProblem(_plan: RolloutPlan, state: RolloutState): string | null {
  return state.rollback?.scope === 'rollout' ? 'the rollout is rolling back already' : null
}

/** Approvals are taken while the stage asks for them, and only for the plan that the approver saw. */
function approveProblem(plan: RolloutPlan, state: RolloutState, command: RolloutCommand): string | null {
  if (command.stage === undefined) return 'say which stage to approve'
  if (command.planDigest === undefined) return 'say which plan to approve, by its digest'
  if (command.planDigest !== plan.digest) return "that is the digest of another plan; look at this rollout's plan, and approve its digest"
  const index = plan.stages.findIndex((stage) => stage.name === command.stage)
  const stage = state.stages[index]
  if (stage === undefined)
    return `the plan has no stage ${command.stage}; its stages are ${plan.stages.map((planned) => planned.name).join(', ')}`
  if (stage.phase === 'Waiting') return `stage ${command.stage} doesn't ask for approval yet: the stages before it have to be done first`
  if (stage.phase !== 'AwaitingApproval') return `stage ${command.stage} doesn't wait for approval: it is ${stage.phase}`
  if (stage.approvals.some((approval) => approval.by === command.actor))
    return `${command.actor} has approved stage ${command.stage} already`
  return null
}

function retryProblem(plan: RolloutPlan, state: RolloutState): string | null {
  if (state.stages.some((stage) => stage.phase === 'Stopped')) return null
  const some = plan.stages.some((stage) => stage.targets.some((target) => isRetryable(targetOf(state, target.applicationId))))
  return some ? null : 'nothing has failed that could be retried'
}

function retryPausedProblem(plan: RolloutPlan, state: RolloutState): string | null {
  switch (state.pause?.cause) {
    case 'FailureBudget':
      return retryProblem(plan, state)
    case 'Unreachable':
      return null
    default:
      return 'the rollout is paused; resume it first'
  }
}
