import type { Condition } from '../application.ts'
import type { HeldDeletion } from '../application-set.ts'
import type { Problem } from '../errors.ts'

/** What one pass over a set found out. */
export interface SetObservation {
  readonly before: readonly Condition[]
  readonly nowMs: number
  /** Whether the generators saw everything; problems: why not, or which elements were left out. */
  readonly expansion: {
    readonly complete: boolean
    readonly problems: readonly Problem[]
  }
  /** Applications that didn't pass validation. */
  readonly invalid: readonly Problem[]
  readonly held: HeldDeletion | null
  readonly rollout: RolloutObservation
  /** Applications whose revision couldn't be resolved. */
  readonly unresolved: readonly {
    readonly applicationName: string
    readonly message: string
  }[]
}

export interface RolloutObservation {
  readonly outcome: 'none' | 'active' | 'created' | 'blocked' | 'invalid'
  readonly rollout?: {
    readonly number: number
    readonly state: { readonly phase: string }
  }
  readonly applicationNames?: readonly string[]
  readonly problems?: readonly Problem[]
}

/** Names and problems that one message lists. */
const listedMax = 3
const upToDate = 'All applications have been generated successfully'

type Finding = Omit<Condition, 'lastTransitionAtMs'>

/**
 * The conditions of a set, with Argo CD's types, reasons and rules: an error means not up to date; up to date means no error;
 * ParametersGenerated is always there; sorted by type; one that says the same keeps its time. `DeletionHeld` is ours. While generators fail
 * nothing else was looked at, so what is known of a rollout and of held deletions stays.
 */
export function setConditions(observation: SetObservation): readonly Condition[] {
  const { before, nowMs, expansion, held } = observation
  const error = errorOf(observation)
  const findings: Finding[] = [parametersGenerated(expansion)]
  if (error === null) {
    findings.push({
      type: 'ErrorOccurred',
      status: 'False',
      reason: 'ApplicationSetUpToDate',
      message: upToDate,
    })
    findings.push(
      held === null
        ? {
            type: 'ResourcesUpToDate',
            status: 'True',
            reason: 'ApplicationSetUpToDate',
            message: upToDate,
          }
        : {
            type: 'ResourcesUpToDate',
            status: 'False',
            reason: 'DeletionHeld',
            message: held.reason,
          },
    )
  } else {
    findings.push({ type: 'ErrorOccurred', status: 'True', ...error })
    findings.push({
      type: 'ResourcesUpToDate',
      status: 'False',
      reason: 'ErrorOccurred',
      message: error.message,
    })
  }
  if (expansion.complete) {
    findings.push(...rolloutFindings(observation))
    if (held !== null)
      findings.push({
        type: 'DeletionHeld',
        status: 'True',
        reason: 'DeletionBreaker',
        message: held.reason,
      })
  } else findings.push(...before.filter(({ type }) => ['RolloutProgressing', 'InvalidRolloutConfig', 'DeletionHeld'].includes(type)))
  return findings.toSorted((a, b) => (a.type < b.type ? -1 : 1)).map((finding) => timed(finding, before, nowMs))
}

function timed({ type, status, reason, message }: Finding, before: readonly Condition[], nowMs: number): Condition {
  const same = before.find((one) => one.type === type && one.status === status && one.reason === reason && one.message === message)
  return same ?? { type, status, reason, message, lastTransitionAtMs: nowMs }
}

function parametersGenerated({ complete, problems }: SetObservation['expansion']): Finding {
  if (complete && problems.length === 0) {
    return {
      type: 'ParametersGenerated',
      status: 'True',
      reason: 'ParametersGenerated',
      message: 'Successfully generated parameters for all Applications',
    }
  }
  return {
    type: 'ParametersGenerated',
    status: 'False',
    reason: 'ErrorOccurred',
    message: listProblems(problems),
  }
}

/** The worst that happened: what keeps the most from being done comes first. */
function errorOf({ expansion, invalid, unresolved, rollout }: SetObservation): {
  readonly reason: string
  readonly message: string
} | null {
  if (!expansion.complete)
    return {
      reason: 'ApplicationGenerationFromParamsError',
      message: listProblems(expansion.problems),
    }
  if (expansion.problems.length > 0)
    return {
      reason: 'RenderTemplateParamsError',
      message: listProblems(expansion.problems),
    }
  if (invalid.length > 0)
    return {
      reason: 'ApplicationValidationError',
      message: listProblems(invalid),
    }
  if (unresolved.length > 0) {
    return {
      reason: 'UpdateApplicationError',
      message: list(unresolved.map(({ applicationName, message }) => `application ${applicationName}: ${message}`)),
    }
  }
  return rollout.outcome === 'invalid'
    ? {
        reason: 'ApplicationSetRolloutError',
        message: listProblems(rollout.problems ?? []),
      }
    : null
}

function rolloutFindings({ rollout, before }: SetObservation): readonly Finding[] {
  const type = 'RolloutProgressing'
  switch (rollout.outcome) {
    case 'active':
    case 'created': {
      const { number, state } = rollout.rollout ?? {
        number: 0,
        state: { phase: 'Progressing' },
      }
      return [
        {
          type,
          status: 'True',
          reason: 'ApplicationSetModified',
          message: `performing rollout ${number}: ${state.phase}`,
        },
      ]
    }
    case 'blocked': {
      const { number, state } = rollout.rollout ?? {
        number: 0,
        state: { phase: 'Failed' },
      }
      const message = `rollout ${number} ended ${state.phase}; what it was to bring is not started again by itself: ${list(rollout.applicationNames ?? [])}`
      return [
        {
          type,
          status: 'False',
          reason: 'ApplicationSetRolloutError',
          message,
        },
      ]
    }
    case 'invalid':
      return [
        {
          type: 'InvalidRolloutConfig',
          status: 'True',
          reason: 'ApplicationSetInvalidRolloutConfig',
          message: listProblems(rollout.problems ?? []),
        },
        ...before.filter((condition) => condition.type === type && condition.status === 'False'),
      ]
    case 'none':
      // Argo CD says completed before there was anything to roll out.
      if (!before.some((condition) => condition.type === type)) return []
      return [
        {
          type,
          status: 'False',
          reason: 'ApplicationSetRolloutComplete',
          message: 'ApplicationSet Rollout has completed',
        },
      ]
  }
}

function listProblems(problems: readonly Problem[]): string {
  return list(problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)))
}

function list(texts: readonly string[]): string {
  const shown = texts.slice(0, listedMax).join('; ')
  return texts.length > listedMax ? `${shown} (and ${texts.length - listedMax} more)` : shown
}

/** A set's health from its conditions, as Argo CD derives it: error, then rollout, then up to date. */
export function setHealth(conditions: readonly Condition[]): {
  readonly status: 'Degraded' | 'Progressing' | 'Healthy' | 'Unknown'
  readonly message: string
} {
  if (conditions.length === 0)
    return {
      status: 'Unknown',
      message: 'No status conditions found for ApplicationSet',
    }
  const rules = [
    ['ErrorOccurred', 'Degraded'],
    ['RolloutProgressing', 'Progressing'],
    ['ResourcesUpToDate', 'Healthy'],
  ] as const
  for (const [type, status] of rules) {
    const found = conditions.find((condition) => condition.type === type && condition.status === 'True')
    if (found !== undefined) return { status, message: found.message }
  }
  return {
    status: 'Unknown',
    message: 'Waiting for health status to be determined',
  }
}
