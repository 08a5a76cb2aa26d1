import type { Condition } from '../application.ts'
import type { HeldDeletion, SetStrategy } from '../application-set.ts'
import type { Problem } from '../errors.ts'
import { type Finding, mergeConditions, withDerived } from './merge-conditions.ts'

/** What one pass over a set found out. */
export interface SetObservation {
  readonly before: readonly Condition[]
  readonly nowMs: number
  /** Whether the generators saw everything; problems: why not, or which elements were left out. */
  readonly expansion: {
    readonly complete: boolean
    readonly problems: readonly Problem[]
  }
  /** When the last complete expansion was made; null: never. */
  readonly expandedAtMs?: number | null
  /** Without stages or steps nothing is said of rollouts that are over, as in Argo CD. */
  readonly strategy?: NonNullable<SetStrategy['type']>
  /** Applications that didn't pass validation. */
  readonly invalid: readonly Problem[]
  readonly held: HeldDeletion | null
  readonly rollout: RolloutObservation
  /** What is doubtful about the steps of a set with RollingSync, empty for nothing. Absent or null: it has no steps. */
  readonly stepsIssue?: string | null
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

/** Ours: applications are those of an earlier expansion, because generators don't see everything now. */
export const expansionStale = 'ExpansionStale'
/** Types that speak of rollouts. */
export const rolloutTypes: readonly string[] = ['RolloutProgressing', 'InvalidRolloutConfig']

/**
 * The conditions of a set, with Argo CD's types, reasons and rules: an error means not up to date; up to date means no error;
 * ParametersGenerated is always there; sorted by type; one that says the same keeps its time. `DeletionHeld` and `ExpansionStale` are ours.
 * While generators fail nothing else was looked at, so what is known of a rollout and of held deletions stays.
 */
export function setConditions(observation: SetObservation): readonly Condition[] {
  const { before, nowMs, expansion, held } = observation
  const found = [parametersGenerated(expansion), ...withDerived(outcomeOf(observation))]
  const lookedAt = ['ErrorOccurred', 'ResourcesUpToDate', expansionStale]
  if (!expansion.complete) return mergeConditions({ before, nowMs, lookedAt, found: [...found, stale(observation)] })
  const heldFinding: readonly Finding[] =
    held === null ? [] : [{ type: 'DeletionHeld', status: 'True', reason: 'DeletionBreaker', message: held.reason, sinceMs: held.heldAtMs }]
  return mergeConditions({
    before,
    nowMs,
    lookedAt: [...lookedAt, ...rolloutTypes, 'DeletionHeld'],
    found: [...found, ...rolloutFindings(observation), ...stepsFindings(observation), ...heldFinding],
  })
}

function outcomeOf(observation: SetObservation): readonly Finding[] {
  const error = errorOf(observation)
  const { held } = observation
  const reason = 'ApplicationSetUpToDate'
  if (error !== null) return [{ type: 'ErrorOccurred', status: 'True', ...error }]
  if (held === null) return [{ type: 'ResourcesUpToDate', status: 'True', reason, message: upToDate }]
  return [
    { type: 'ErrorOccurred', status: 'False', reason, message: upToDate },
    { type: 'ResourcesUpToDate', status: 'False', reason: 'DeletionHeld', message: held.reason },
  ]
}

function stale({ before, nowMs, expandedAtMs = null }: SetObservation): Finding {
  const message =
    expandedAtMs === null
      ? 'generators do not see everything, and never did: there is nothing to go on with'
      : `generators do not see everything: applications stay as they were ${roughAge(nowMs - expandedAtMs)} ago`
  const since = before.find(({ type }) => type === expansionStale)?.lastTransitionAtMs ?? nowMs
  return { type: expansionStale, status: 'True', reason: 'GeneratorsIncomplete', message, sinceMs: since }
}

/** In steps, so that the condition doesn't change with every pass. */
function roughAge(ageMs: number): string {
  const minutes = Math.floor(ageMs / 60_000)
  if (minutes < 10) return 'less than 10 minutes'
  if (minutes < 60) return `more than ${Math.floor(minutes / 10) * 10} minutes`
  if (minutes < 48 * 60) return `more than ${Math.floor(minutes / 60)} h`
  return `more than ${Math.floor(minutes / (24 * 60))} days`
}

/** Whether generators saw everything, and otherwise what not. */
export function parametersGenerated({ complete, problems }: SetObservation['expansion']): Finding {
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

function rolloutFindings({ rollout, before, strategy }: SetObservation): readonly Finding[] {
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
      // Argo CD says completed before there was anything to roll out, and nothing of sets without steps.
      if (strategy === 'AllAtOnce' || !before.some((condition) => condition.type === type)) return []
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

/** A rollout that couldn't be planned has said what is wrong. */
function stepsFindings({ rollout, stepsIssue }: SetObservation): readonly Finding[] {
  if (stepsIssue === undefined || stepsIssue === null || rollout.outcome === 'invalid') return []
  const type = 'InvalidRolloutConfig'
  return stepsIssue === ''
    ? [{ type, status: 'False', reason: 'ApplicationSetValidRolloutConfig', message: 'Rolling Sync Configured correctly' }]
    : [{ type, status: 'True', reason: 'ApplicationSetInvalidRolloutConfig', message: stepsIssue }]
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
