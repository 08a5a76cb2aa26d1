import { describe, expect, it } from 'vitest'
import { changesAfter, reverifyAfterMs } from '../../../schema/change-stream.ts'
import type { GraphQLContext } from '../../../schema/context.ts'
import type { Change, ChangeFeed } from '../../../store/store.ts'

function change(sequence: number, kind: Change['kind'] = 'Cluster'): Change {
  return { sequence, kind, id: 'id', name: `n${sequence}`, action: 'updated', atMs: sequence }
}

function fixture(options: { readonly horizon?: number } = {}) {
  const entries: Change[] = []
  const listeners = new Set<() => void>()
  const gone = new AbortController()
  const state = { nowMs: 0, allowed: true, reads: 0 }
  const feed: ChangeFeed = {
    after: async (sequence, limit) => {
      state.reads += 1
      const expired = sequence < (options.horizon ?? 0)
      return { expired, changes: expired ? [] : entries.filter((entry) => entry.sequence > sequence).slice(0, limit) }
    },
    latestSequence: async () => entries.at(-1)?.sequence ?? 0,
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    trim: async () => undefined,
  }
  const context = {
    commands: { store: { changes: feed }, nowMs: () => state.nowMs },
    signal: gone.signal,
    stillAllowed: async () => state.allowed,
  } as unknown as GraphQLContext
  const add = (...added: Change[]) => {
    entries.push(...added)
    for (const listener of listeners) listener()
  }
  return { context, add, gone, state, listeners }
}

async function take(stream: AsyncGenerator<Change>, count: number): Promise<number[]> {
  const taken: number[] = []
  while (taken.length < count) {
    const next = await stream.next()
    if (next.done === true) break
    taken.push(next.value.sequence)
  }
  return taken
}

describe('the stream of changes', () => {
  it('begins after the cursor and goes on with what comes', async () => {
    const { context, add } = fixture()
    add(change(1), change(2), change(3))
    const stream = changesAfter('1', null, context)
    expect(await take(stream, 2)).toEqual([2, 3])
    const next = take(stream, 1)
    add(change(4))
    expect(await next).toEqual([4])
    await stream.return()
  })

  it('begins now without a cursor', async () => {
    const { context, add } = fixture()
    add(change(1))
    const stream = changesAfter(null, null, context)
    const next = take(stream, 1)
    await new Promise((resolve) => setImmediate(resolve))
    add(change(2))
    expect(await next).toEqual([2])
    await stream.return()
  })

  it('resumed after every single event gives every event once', async () => {
    const { context, add } = fixture()
    add(...Array.from({ length: 20 }, (_, i) => change(i + 1)))
    const seen: number[] = []
    let cursor = '0'
    while (seen.length < 20) {
      const stream = changesAfter(cursor, null, context)
      const [sequence = 0] = await take(stream, 1)
      seen.push(sequence)
      cursor = String(sequence)
      await stream.return()
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  })

  it('gives only the kinds that are asked for', async () => {
    const { context, add } = fixture()
    add(change(1), change(2, 'Rollout'), change(3))
    const stream = changesAfter('0', ['Rollout'], context)
    expect(await take(stream, 1)).toEqual([2])
    await stream.return()
  })

  it('reads on without waiting while there is more than one batch', async () => {
    const { context, add } = fixture()
    add(...Array.from({ length: 450 }, (_, i) => change(i + 1)))
    const stream = changesAfter('0', null, context)
    expect(await take(stream, 450)).toHaveLength(450)
    await stream.return()
  })

  it('says when its cursor is too old', async () => {
    const { context, add } = fixture({ horizon: 10 })
    add(change(11))
    await expect(take(changesAfter('9', null, context), 1)).rejects.toMatchObject({ extensions: { code: 'CURSOR_EXPIRED' } })
  })

  it('refuses a cursor that is none', async () => {
    const { context } = fixture()
    await expect(take(changesAfter("1'; drop table", null, context), 1)).rejects.toThrow(/not a cursor/)
  })

  it('ends, and stops listening, when its client goes while it waits', async () => {
    const { context, gone, listeners } = fixture()
    const stream = changesAfter(null, null, context)
    const waiting = take(stream, 1)
    await new Promise((resolve) => setImmediate(resolve))
    expect(listeners.size).toBe(1)
    gone.abort()
    expect(await waiting).toEqual([])
    expect(listeners.size).toBe(0)
  })

  it('ends when its token no longer stands', async () => {
    const { context, add, state, listeners } = fixture()
    const stream = changesAfter(null, null, context)
    const first = take(stream, 1)
    await new Promise((resolve) => setImmediate(resolve))
    add(change(1))
    expect(await first).toEqual([1])
    state.allowed = false
    state.nowMs += reverifyAfterMs
    const next = take(stream, 1)
    add(change(2))
    await expect(next).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(listeners.size).toBe(0)
  })
})
