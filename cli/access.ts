import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { FleetError } from '../fleet/errors.ts'
import { connect } from './connection.ts'

/** `roadstead repository`: credentials, and looking now instead of at the next poll. */
export function repositoryCommand(): Command {
  const repository = new Command('repository').alias('repo').description('Git repositories: credentials, and looking at once')

  repository
    .command('login <url>')
    .description('Store credentials, for all applications that use the repository')
    .requiredOption('--username <name>', 'many hosts take any text when the password is a token')
    .requiredOption('--password-file <file>', 'password or token; - reads standard input')
    .action(async (url: string, options: { username: string; passwordFile: string }, command: Command) => {
      const password = readFileSync(options.passwordFile === '-' ? 0 : options.passwordFile, 'utf8').trim()
      await setCredentials(command, url, { username: options.username, password })
      process.stdout.write(`credentials of ${url} stored\n`)
    })

  repository
    .command('logout <url>')
    .description('Forget credentials')
    .action(async (url: string, _options: object, command: Command) => {
      await setCredentials(command, url, null)
      process.stdout.write(`credentials of ${url} forgotten\n`)
    })

  repository
    .command('refresh [url]')
    .description('Look at a repository now; without a URL at all of them')
    .action(async (url: string | undefined, _options: object, command: Command) => {
      const api = connect(command)
      const query = 'query { repositories(first: 200) { edges { node { id url } } } }'
      const { repositories } = await api.request<{ repositories: { edges: { node: { id: string; url: string } }[] } }>(query)
      const wanted = repositories.edges.map(({ node }) => node).filter((node) => url === undefined || node.url === url)
      if (url !== undefined && wanted.length === 0) throw new FleetError('NOT_FOUND', `no application uses ${url}`)
      for (const { id, url: refreshed } of wanted) {
        await api.request(
          'mutation($input: RefreshRepositoryInput!) { refreshRepository(input: $input) { userErrors { code message } } }',
          { input: { id } },
        )
        process.stdout.write(`${refreshed} is being looked at\n`)
      }
    })
  return repository
}

async function setCredentials(command: Command, url: string, credentials: { username: string; password: string } | null): Promise<void> {
  const query =
    'mutation($input: SetRepositoryCredentialsInput!) { setRepositoryCredentials(input: $input) { userErrors { code message } } }'
  await connect(command).request(query, { input: { url, credentials } })
}

/** `roadstead token`: who may use the API. */
export function tokenCommand(): Command {
  const token = new Command('token').description('API tokens')

  token
    .command('create <name>')
    .description('Make a token; it is printed once')
    .option('--readonly', 'may read everything and change nothing')
    .option('--expires <time>', 'RFC 3339, such as 2027-01-01T00:00:00Z; never by default')
    .action(async (name: string, options: { readonly?: boolean; expires?: string }, command: Command) => {
      const input = {
        name,
        role: options.readonly === true ? 'READONLY' : 'ADMIN',
        ...(options.expires === undefined ? {} : { expiresAt: options.expires }),
      }
      const query = 'mutation($input: CreateTokenInput!) { createToken(input: $input) { clear userErrors { code message } } }'
      const { createToken } = await connect(command).request<{ createToken: { clear: string } }>(query, { input })
      process.stdout.write(`${createToken.clear}\n`)
    })

  token
    .command('list')
    .description('Tokens, without their text')
    .action(async (_options: object, command: Command) => {
      const { tokens } = await connect(command).request<{ tokens: { name: string; role: string; expiresAt: string | null }[] }>(
        'query { tokens { name role expiresAt } }',
      )
      for (const { name, role, expiresAt } of tokens) process.stdout.write(`${name}  ${role}  ${expiresAt ?? 'never expires'}\n`)
    })

  token
    .command('revoke <name>')
    .description('End a token at once')
    .action(async (name: string, _options: object, command: Command) => {
      const api = connect(command)
      const { tokens } = await api.request<{ tokens: { id: string; name: string }[] }>('query { tokens { id name } }')
      const id = tokens.find((found) => found.name === name)?.id
      if (id === undefined) throw new FleetError('NOT_FOUND', `there is no token ${name}`)
      await api.request('mutation($input: RevokeTokenInput!) { revokeToken(input: $input) { userErrors { code message } } }', {
        input: { id },
      })
      process.stdout.write(`token ${name} revoked\n`)
    })
  return token
}
