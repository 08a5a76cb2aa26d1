import { afterEach, describe, expect, it } from 'vitest'
import { streamsPerTokenMax } from '../../../server/graphql.ts'
import { registered, unique } from '../store/store-fixture.ts'
import { useApi } from './api-fixture.ts'

const api = useApi()
const opened: AbortController[] = []

afterEach(() => {
  for (const controller of opened.splice(0)) controller.abort()
})

interface Message {
  readonly data?: {
    readonly changes: {
      readonly cursor: string
      readonly name: string
      readonly kind: string
      readonly action: string
      readonly nodeId: string
    }
  }
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
}

/** An open stream: its messages one by one, null at its end. */
async function open(
  options: {
    readonly after?: string
    readonly kinds?: readonly string[]
    readonly lastEventId?: string
    readonly token?: string
    readonly get?: boolean
  } = {},
) {
  const controller = new AbortController()
  opened.push(controller)
  const query =
    'subscription($after: String, $kinds: [ChangeKind!]) { changes(after: $after, kinds: $kinds) { cursor kind name action nodeId at } }'
  const variables = { after: options.after ?? null, kinds: options.kinds ?? null }
  const headers = {
    authorization: `Bearer ${options.token ?? api.tokens.admin}`,
    accept: 'text/event-stream',
    ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
  }
  const response =
    options.get === true
      ? await fetch(`${api.url}?${new URLSearchParams({ query, variables: JSON.stringify(variables) })}`, {
          headers,
          signal: controller.signal,
        })
      : await fetch(api.url, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables }),
          signal: controller.signal,
        })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<Message | null> => {
    for (;;) {
      const match = /event: (next|complete)\ndata:(.*)\n\n/.exec(text)
      if (match !== null) {
        text = text.slice(match.index + match[0].length)
        return match[1] === 'complete' ? null : JSON.parse(match[2] ?? '')
      }
      const chunk = await reader?.read()
      if (chunk === undefined || chunk.done) return null
      text += chunk.value
    }
  }
  return { next, close: () => controller.abort() }
}

async function latestCursor(): Promise<string> {
  return (await api.ask('{ latestCursor }')).data.latestCursor
}

describe('the stream of changes', () => {
  it.each([false, true])('tells of what happens while it is open (by GET: %s)', async (get) => {
    const stream = await open({ after: await latestCursor(), get })
    const { name, id } = await registered(api.db.store)
    const message = await stream.next()
    expect(message?.data?.changes).toMatchObject({ kind: 'Cluster', name, action: 'CREATED' })
    const { data } = await api.ask('query($id: ID!) { node(id: $id) { ... on Cluster { name } } }', { id: message?.data?.changes.nodeId })
    expect(data.node).toEqual({ name })
    expect(id).toBeTruthy()
  })

  it('goes on where another broke off: nothing twice, nothing lost', async () => {
    let cursor = await latestCursor()
    const names: string[] = []
    const seen: string[] = []
    for (let round = 0; round < 5; round += 1) {
      for (let i = 0; i < 3; i += 1) names.push((await registered(api.db.store)).name)
      // Breaks off after two of them.
      const stream = round % 2 === 0 ? await open({ after: cursor }) : await open({ lastEventId: cursor })
      for (let i = 0; i < 2; i += 1) {
        const message = await stream.next()
        seen.push(message?.data?.changes.name ?? '')
        cursor = message?.data?.changes.cursor ?? ''
      }
      stream.close()
    }
    const rest = await open({ after: cursor })
    while (seen.length < names.length) seen.push((await rest.next())?.data?.changes.name ?? '')
    expect(seen).toEqual(names)
  })

  it('gives only the kinds that are asked for', async () => {
    const stream = await open({ after: await latestCursor(), kinds: ['Project'] })
    await registered(api.db.store)
    const name = unique('team')
    await api.db.store.projects.apply(name, {})
    expect((await stream.next())?.data?.changes).toMatchObject({ kind: 'Project', name })
  })

  it('says when its cursor is too old, and ends', async () => {
    const cursor = await latestCursor()
    await registered(api.db.store)
    api.db.nowMs += 10_000
    await api.db.query('update change_horizon set trimmed_through = (select max(sequence) from changes)')
    const stream = await open({ after: cursor })
    expect((await stream.next())?.errors).toMatchObject([{ extensions: { code: 'CURSOR_EXPIRED' } }])
    expect(await stream.next()).toBeNull()
    expect(api.logged).toEqual([])
  })

  it('refuses a cursor that is none', async () => {
    const stream = await open({ after: 'x' })
    expect((await stream.next())?.errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT' } }])
  })

  it('ends when its token is revoked', async () => {
    const { token, clear } = await api.db.store.tokens.create({ name: unique('tok'), role: 'readonly', expiresAtMs: null })
    const stream = await open({ after: await latestCursor(), token: clear })
    await registered(api.db.store)
    expect(await stream.next()).toMatchObject({ data: {} })
    await api.db.store.tokens.revoke(token.id)
    api.db.nowMs += 60_000
    await registered(api.db.store)
    // One that was read before the clock moved may still come.
    let last = await stream.next()
    if (last?.data) last = await stream.next()
    expect(last?.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    expect(await stream.next()).toBeNull()
  })

  it('is open a bounded number of times for one token, and no longer than its client listens', async () => {
    const { clear: token } = await api.db.store.tokens.create({ name: unique('tok'), role: 'readonly', expiresAtMs: null })
    const after = await latestCursor()
    const streams = []
    for (let i = 0; i < streamsPerTokenMax; i += 1) streams.push(await open({ after, token }))
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
    const one = () =>
      fetch(`${api.url}?${new URLSearchParams({ query: 'subscription { changes { cursor } }' })}`, {
        headers,
        signal: AbortSignal.timeout(10_000),
      })
    expect((await one()).status).toBe(429)
    streams[0]?.close()
    await expect
      .poll(async () => {
        const response = await one()
        await response.body?.cancel()
        return response.status
      })
      .toBe(200)
  })
})
