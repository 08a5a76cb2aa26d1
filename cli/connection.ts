import type { Command } from 'commander'
import { FleetError } from '../fleet/errors.ts'
import type { JsonObject } from '../fleet/json.ts'
import { type ApiClient, createApiClient } from './client.ts'
import { type Output, outputs } from './output.ts'

/** The client that the environment or the global options describe. */
export function connect(command: Command): ApiClient {
  const options = command.optsWithGlobals<{ url?: string }>()
  const url = options.url ?? process.env['ROADSTEAD_URL'] ?? 'http://127.0.0.1:7420'
  const token = process.env['ROADSTEAD_TOKEN']
  if (token === undefined || token === '')
    throw new FleetError('UNAUTHENTICATED', 'set ROADSTEAD_TOKEN; `roadstead serve` prints one at its first start')
  return createApiClient(url.replace(/\/(graphql)?$/, ''), token)
}

export function outputOf(command: Command): Output {
  const { output } = command.optsWithGlobals<{ output?: string }>()
  const known = outputs.find((name) => name === (output ?? 'table'))
  if (known === undefined) throw new FleetError('INVALID_INPUT', `-o ${output}: give one of ${outputs.join(', ')}`)
  return known
}

interface Edges<T> {
  readonly edges: readonly { readonly node: T }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

/** Rows of a connection that one command prints at the most. */
const rowsMax = 10_000

/** Walks a connection to its end. The document takes `$after` and has one field, a connection with pageInfo. */
export async function allRows<T>(api: ApiClient, document: string, variables: JsonObject = {}): Promise<T[]> {
  const rows: T[] = []
  let after: string | null = null
  do {
    const data: Readonly<Record<string, Edges<T>>> = await api.request(document, { ...variables, after })
    const [connection] = Object.values(data)
    if (connection === undefined) break
    rows.push(...connection.edges.map((edge) => edge.node))
    after = connection.pageInfo.hasNextPage ? connection.pageInfo.endCursor : null
  } while (after !== null && rows.length < rowsMax)
  return rows
}

/** The global id of a thing by its name; NOT_FOUND names what was looked for. */
export async function idOf(api: ApiClient, kind: 'cluster' | 'applicationSet' | 'application', name: string): Promise<string> {
  const data = await api.request<Readonly<Record<string, { id: string } | null>>>(`query($name: String!) { ${kind}(name: $name) { id } }`, {
    name,
  })
  const id = data[kind]?.id
  if (id === undefined) throw new FleetError('NOT_FOUND', `there is no ${kind} ${name}`)
  return id
}
