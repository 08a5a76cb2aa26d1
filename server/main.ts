import { Command } from 'commander'
import { errorKinds, FleetError } from '../fleet/errors.ts'
import { configNames, readConfig } from './config.ts'
import { serve } from './serve.ts'

/** A second Ctrl-C, or a drain that takes longer, ends the process at once: everything is durable anyway. */
const drainMsMax = 30_000

const options: readonly { readonly flags: string; readonly about: string; readonly variable: string }[] = [
  { flags: '--state-dir <dir>', about: 'all state of this hub (default ./.roadstead)', variable: 'ROADSTEAD_STATE_DIR' },
  { flags: '--host <address>', about: 'address to listen on (default 127.0.0.1)', variable: 'ROADSTEAD_HOST' },
  { flags: '--port <port>', about: 'port of the API; 0 picks a free one (default 7420)', variable: 'ROADSTEAD_PORT' },
  { flags: '--roles <roles>', about: 'api,worker: what this process does (default both)', variable: 'ROADSTEAD_ROLES' },
  { flags: '--log-level <level>', about: 'trace, debug, info, warn, error or silent (default info)', variable: 'ROADSTEAD_LOG_LEVEL' },
]

/** `roadstead serve`: runs until SIGTERM or SIGINT, then drains. Exit codes are those of fleet/errors.ts. */
export async function main(args: readonly string[]): Promise<void> {
  const command = new Command('roadstead serve')
    .description('Runs the hub: starts or adopts PostgreSQL and Temporal, migrates, serves GraphQL, runs the worker.')
    .option('--development', 'GraphiQL in the browser at /graphql')
    .addHelpText('after', `\nEverything can be set by environment variables too:\n  ${configNames.join('\n  ')}\n`)
  for (const { flags, about } of options) command.option(flags, about)
  command.parse([...args], { from: 'user' })

  const given: Record<string, string | boolean> = command.opts()
  const environment: Record<string, string | undefined> = { ...process.env }
  for (const { flags, variable } of options) {
    const value = given[attributeName(flags)]
    if (typeof value === 'string') environment[variable] = value
  }
  if (given['development'] === true) environment['ROADSTEAD_DEVELOPMENT'] = 'true'

  try {
    const hub = await serve(readConfig(environment), (line) => process.stderr.write(`${line}\n`))
    if (hub.url !== '') process.stdout.write(`Roadstead serves GraphQL at ${hub.url}/graphql\n`)
    if (hub.temporalUiUrl !== null) process.stdout.write(`Temporal's own pages are at ${hub.temporalUiUrl}\n`)
    if (hub.bootstrapToken !== null) {
      process.stdout.write(`Administrator token, shown this once: ${hub.bootstrapToken}\n`)
      process.stdout.write(`Try:  export ROADSTEAD_URL=${hub.url} ROADSTEAD_TOKEN=<the token>;  roadstead get clusters\n`)
    }
    const signalled = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
    })
    await Promise.race([signalled, hub.failed])
    process.stderr.write('draining; press Ctrl-C again to end at once\n')
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
    setTimeout(() => process.exit(1), drainMsMax).unref()
    await hub.stop()
    process.exit(0)
  } catch (error) {
    process.stderr.write(`${error instanceof FleetError ? error.message : String(error instanceof Error ? error.stack : error)}\n`)
    process.exit(error instanceof FleetError ? errorKinds[error.code].exitCode : 1)
  }
}

function attributeName(flags: string): string {
  const [long = ''] = flags.slice(2).split(' ')
  return long.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
