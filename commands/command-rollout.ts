import { FleetError } from '../fleet/errors.ts'
import type { RolloutCommand, RolloutVerb } from '../fleet/rollout/state.ts'
import { verbProblem } from '../fleet/rollout/verbs.ts'
import type { Rollout } from '../store/store.ts'
import type { CommandContext, Viewer } from './context.ts'
import { found } from './found.ts'
import { requireWriter } from './permission.ts'

const reasonCharactersMax = 1_000
const idempotencyKeyCharactersMax = 200

export interface CommandRolloutInput {
  readonly id: string
  readonly verb: RolloutVerb
  /** For approve. */
  readonly stage?: string | undefined
  /** For approve: the plan that the approver saw. */
  readonly planDigest?: string | undefined
  readonly reason?: string | undefined
  /** The same key again gives the first command back and does nothing. */
  readonly idempotencyKey?: string | undefined
}

/**
 * Tells a rollout something. It is written down, and that is its acknowledgement: it will be taken in, in order, whatever crashes.
 * ILLEGAL_STATE with the reason where the verb isn't legal in the state that the rollout is in.
 */
export async function commandRollout(
  { store, hints, nowMs }: CommandContext,
  viewer: Viewer,
  input: CommandRolloutInput,
): Promise<{ readonly rollout: Rollout; readonly command: RolloutCommand }> {
  requireWriter(viewer)
  checkLengths(input)
  const rollout = found(await store.rollouts.get(input.id), 'rollout')
  const command = {
    verb: input.verb,
    actor: viewer.name,
    ...(input.stage === undefined ? {} : { stage: input.stage }),
    ...(input.planDigest === undefined ? {} : { planDigest: input.planDigest }),
    ...(input.reason === undefined ? {} : { reason: input.reason }),
  }
  const earlier = input.idempotencyKey === undefined ? null : await store.rollouts.findCommand(rollout.id, input.idempotencyKey)
  if (earlier !== null) return { rollout, command: earlier }

  const problem = verbProblem(rollout.plan, rollout.state, { ...command, id: Number.MAX_SAFE_INTEGER, atMs: nowMs() })
  if (problem !== null) throw new FleetError('ILLEGAL_STATE', `Rollout ${rollout.number} of ${rollout.applicationSetName}: ${problem}`)
  const written = await store.rollouts.addCommand(rollout.id, command, input.idempotencyKey)
  hints.rolloutCommanded(rollout.id)
  return { rollout, command: written }
}

function checkLengths({ reason, idempotencyKey }: CommandRolloutInput): void {
  if (reason !== undefined && reason.length > reasonCharactersMax) {
    throw new FleetError('INVALID_INPUT', `reason has ${reason.length} characters, at most ${reasonCharactersMax} are kept`, {
      field: 'reason',
    })
  }
  if (idempotencyKey !== undefined && (idempotencyKey.length === 0 || idempotencyKey.length > idempotencyKeyCharactersMax)) {
    throw new FleetError('INVALID_INPUT', `idempotencyKey must have 1 to ${idempotencyKeyCharactersMax} characters, a UUID for instance`, {
      field: 'idempotencyKey',
    })
  }
}
