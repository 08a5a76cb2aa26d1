import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { FleetError } from '../fleet/errors.ts'
import { connect, outputOf } from './connection.ts'
import { ago, printRows } from './output.ts'

interface SecretRow {
  readonly name: string
  readonly project: string | null
  readonly keys: readonly string[]
  readonly updatedAt: string
}

/** `roadstead secret`: what generators name in `tokenRef`. */
export function secretCommand(): Command {
  const secret = new Command('secret').description('Secrets that generators name, such as tokens of SCM hosts')

  secret
    .command('set <name>')
    .description('Store a secret, in place of what was there')
    .requiredOption('--from-file <key=file...>', 'a key and the file that holds its value; key=- reads standard input')
    .option('--project <project>', 'only sets of that project may use it')
    .action(async (name: string, options: { fromFile: string[]; project?: string }, command: Command) => {
      const input = { name, data: options.fromFile.map(entryOf), ...(options.project === undefined ? {} : { project: options.project }) }
      await connect(command).request(
        'mutation($input: SetSecretInput!) { setSecret(input: $input) { userErrors { code message field } } }',
        {
          input,
        },
      )
      process.stdout.write(`secret ${name} stored\n`)
    })

  secret
    .command('list')
    .description('Secrets, without what they hold')
    .action(async (_options: object, command: Command) => {
      const { secrets } = await connect(command).request<{ secrets: SecretRow[] }>('query { secrets { name project keys updatedAt } }')
      const columns = [
        { title: 'NAME', value: (row: SecretRow) => row.name },
        { title: 'PROJECT', value: (row: SecretRow) => row.project ?? '*' },
        { title: 'KEYS', value: (row: SecretRow) => row.keys.join(',') },
        { title: 'SET', value: (row: SecretRow) => ago(row.updatedAt) },
      ]
      printRows(secrets, columns, outputOf(command))
    })

  secret
    .command('remove <name>')
    .description('Forget a secret')
    .action(async (name: string, _options: object, command: Command) => {
      await connect(command).request(
        'mutation($input: RemoveSecretInput!) { removeSecret(input: $input) { userErrors { code message } } }',
        {
          input: { name },
        },
      )
      process.stdout.write(`secret ${name} forgotten\n`)
    })
  return secret
}

function entryOf(text: string): { key: string; value: string } {
  const at = text.indexOf('=')
  if (at < 1) throw new FleetError('INVALID_INPUT', `--from-file ${text}: give key=file`)
  const path = text.slice(at + 1)
  try {
    return { key: text.slice(0, at), value: readFileSync(path === '-' ? 0 : path, 'utf8').trim() }
  } catch (error) {
    throw new FleetError('INVALID_INPUT', `${path} can't be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
