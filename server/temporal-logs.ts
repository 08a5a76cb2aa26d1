import { DefaultLogger, Runtime } from '@temporalio/worker'
import type { Logger } from 'pino'

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const
/** What the SDK warns of and is meant so: the queue of the watches has no workflows. */
const expected = ['No workflows registered']

/** Sends what the Temporal SDK says to our log, one level quieter than it says it. Once a process, before anything of the SDK is used. */
export function routeTemporalLogs(log: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const quieter = expected.some((text) => message.startsWith(text)) ? 'debug' : levels[level]
      log[quieter]({ ...meta }, message)
    }),
    telemetryOptions: { logging: { forward: {}, filter: 'WARN' } },
  })
}
