import { Command } from 'commander'
import { errorKinds, FleetError } from '../fleet/errors.ts'
import { repositoryCommand, tokenCommand } from './access.ts'
import { applicationSetCommand } from './application-set.ts'
import { applyCommand } from './apply.ts'
import { clusterCommand } from './cluster.ts'
import { getCommand } from './get.ts'
import { confirmDeletionCommand, deleteCommand, syncCommand } from './remove.ts'
import { rolloutCommand } from './rollout.ts'
import { secretCommand } from './secret.ts'

/** The `roadstead` command: a client of the GraphQL API, nothing else. `serve` is decided before, in bin/. */
export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('roadstead')
    .description('A fleet manager for Kubernetes: clusters through GraphQL, applications from ApplicationSets, staged rollouts')
    .option('--url <url>', 'address of the hub (default: ROADSTEAD_URL, or http://127.0.0.1:7420)')
    .option('-o, --output <format>', 'table, json or name', 'table')
    .addHelpText(
      'after',
      '\nThe hub itself:  roadstead serve --help\nROADSTEAD_TOKEN holds the token; `roadstead serve` prints one at its first start.',
    )
  for (const command of [
    getCommand(),
    applyCommand(),
    applicationSetCommand(),
    clusterCommand(),
    rolloutCommand(),
    syncCommand(),
    deleteCommand(),
    confirmDeletionCommand(),
    repositoryCommand(),
    secretCommand(),
    tokenCommand(),
  ]) {
    program.addCommand(command)
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof FleetError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = errorKinds[error.code].exitCode
  }
}
