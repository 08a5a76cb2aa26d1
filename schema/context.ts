import type { CommandContext, Viewer } from '../commands/context.ts'
import type { OperationLimits } from './limits.ts'
import type { Loaders } from './loaders.ts'

/** What every resolver gets. One a request: loaders must not outlive it. */
export interface GraphQLContext {
  readonly viewer: Viewer
  /** In the log and in masked errors, so that one finds the other. */
  readonly requestId: string
  readonly commands: CommandContext
  readonly loaders: Loaders
  readonly limits: OperationLimits
  /** Asks again whether the token still stands: long streams end when it doesn't. */
  readonly stillAllowed: () => Promise<boolean>
  /** The header of that name: where a broken stream ended. */
  readonly lastEventId: string | null
  /** Ends when the client is gone. */
  readonly signal: AbortSignal
}
