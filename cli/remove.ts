import { Command } from 'commander'
import { FleetError } from '../fleet/errors.ts'
import { connect, idOf } from './connection.ts'

/** `roadstead delete` and `roadstead confirm-deletion`. */
export function deleteCommand(): Command {
  const remove = new Command('delete').description('Delete an ApplicationSet or an application')
  for (const [kind, field, name] of [
    ['applicationset', 'deleteApplicationSet', 'applicationSet'],
    ['application', 'deleteApplication', 'application'],
  ] as const) {
    remove
      .command(`${kind} <name>`)
      .description(`Delete it with what it made, or --orphan to leave that`)
      .option('--orphan', 'what it made stays in the clusters')
      .action(async (given: string, options: { orphan?: boolean }, command: Command) => {
        const api = connect(command)
        const input = { id: await idOf(api, name, given), resources: options.orphan === true ? 'ORPHAN' : 'CASCADE' }
        const type = `${field[0]?.toUpperCase() ?? ''}${field.slice(1)}Input`
        await api.request(`mutation($input: ${type}!) { ${field}(input: $input) { userErrors { code message } } }`, { input })
        process.stdout.write(`${kind} ${given} is being deleted\n`)
      })
  }
  return remove
}

export function confirmDeletionCommand(): Command {
  return new Command('confirm-deletion')
    .description('Let deletions go that the breaker holds; prints them first')
    .argument('<applicationset>')
    .option('--digest <digest>', 'exactly this plan; without it they are only shown')
    .action(async (name: string, options: { digest?: string }, command: Command) => {
      const api = connect(command)
      const query =
        'query($name: String!) { applicationSet(name: $name) { id heldDeletion { digest count reason applicationNames(first: 200) } } }'
      const { applicationSet } = await api.request<{ applicationSet: HeldSet | null }>(query, { name })
      if (applicationSet === null) throw new FleetError('NOT_FOUND', `there is no ApplicationSet ${name}`)
      const held = applicationSet.heldDeletion
      if (held === null) {
        process.stdout.write(`${name} holds no deletions\n`)
      } else if (options.digest === undefined) {
        process.stdout.write(
          `${held.count} deletions are held: ${held.reason}\n${held.applicationNames.map((n) => `  ${n}\n`).join('')}To let them go: --digest ${held.digest}\n`,
        )
      } else {
        const input = { applicationSet: applicationSet.id, digest: options.digest }
        await api.request('mutation($input: ConfirmDeletionInput!) { confirmDeletion(input: $input) { userErrors { code message } } }', {
          input,
        })
        process.stdout.write(`${held.count} deletions confirmed\n`)
      }
    })
}

interface HeldSet {
  readonly id: string
  readonly heldDeletion: {
    readonly digest: string
    readonly count: number
    readonly reason: string
    readonly applicationNames: readonly string[]
  } | null
}

/** `roadstead sync`: one application, by hand. */
export function syncCommand(): Command {
  return new Command('sync')
    .description('Sync one application by hand')
    .argument('<application>')
    .action(async (name: string, _options: object, command: Command) => {
      const api = connect(command)
      const input = { id: await idOf(api, 'application', name) }
      await api.request('mutation($input: SyncApplicationInput!) { syncApplication(input: $input) { userErrors { code message } } }', {
        input,
      })
      process.stdout.write(`${name} will be synced\n`)
    })
}
