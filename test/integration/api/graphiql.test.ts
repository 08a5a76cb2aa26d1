import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { CommandContext } from '../../../commands/context.ts'
import { buildSchema } from '../../../schema/schema.ts'
import { createGraphQLHandler } from '../../../server/graphql.ts'

async function get(development: boolean, path: string, headers: Record<string, string>): Promise<Response> {
  const ignore = () => undefined
  const handler = createGraphQLHandler({
    schema: buildSchema(),
    commandContext: {} as CommandContext,
    authenticate: async () => null,
    log: { info: ignore, warn: ignore, error: ignore },
    development,
  })
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql${path}`, { headers })
  } finally {
    server.close()
  }
}

describe('GraphiQL', () => {
  it('is a page that needs no token, in development', async () => {
    const response = await get(true, '', { accept: 'text/html' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('text/html')
    const page = await response.text()
    expect(page).toContain('YogaGraphiQL')
    // Nothing of it comes from elsewhere: it works without a network, and nobody else's server sees the token.
    expect(page.match(/<(script|link)[^>]*(src|href)="?https?:/g)).toBeNull()
  })

  it('is all that needs none', async () => {
    expect((await get(true, '?query=%7Bviewer%7Bname%7D%7D', { accept: 'text/html' })).status).toBe(401)
    expect((await get(true, '', { accept: 'application/json' })).status).toBe(401)
    expect((await get(true, '', { accept: 'text/event-stream' })).status).toBe(401)
  })

  it('is not there otherwise', async () => {
    expect((await get(false, '', { accept: 'text/html' })).status).toBe(401)
  })
})
