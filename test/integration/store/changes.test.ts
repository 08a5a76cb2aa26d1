import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import type { Change } from '../../../store/store.ts'
import { newSet, registered, unique, useStore } from './store-fixture.ts'

const fixture = useStore()
const pendingMs = 400

/** Holds the commit of every transaction that changes the project `name`, after it has taken its sequence, until `go`. */
async function heldCommit(name: string): Promise<{ readonly go: () => Promise<void> }> {
  const client = new Client({ connectionString: fixture.databaseUrl })
  await client.connect()
  await client.query('select pg_advisory_lock(77)')
  await fixture.query(`
    create function hold_commit() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(77); return null; end $$;
    create constraint trigger hold_commit after insert on changes deferrable initially deferred
      for each row when (new.name = '${name}') execute function hold_commit();
  `)
  return {
    go: async () => {
      await client.end()
      await fixture.query('drop function hold_commit cascade')
    },
  }
}

async function untilCommitting(): Promise<void> {
  for (;;) {
    const waiting = await fixture.query(
      `select from pg_stat_activity where datname = current_database() and wait_event = 'advisory' and query = 'commit'`,
    )
    if (waiting.length > 0) return
    await sleep(10)
  }
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([promise, sleep(pendingMs, 'pending')])) === 'pending'
}

describe('the change feed', () => {
  it('tells what happened, in order, after a cursor', async () => {
    const start = await fixture.store.changes.latestSequence()
    const cluster = await registered(fixture.store)
    await fixture.store.clusters.update(cluster.id, { labels: { a: '1' } })
    await fixture.store.clusters.remove(cluster.id)
    const { changes, expired } = await fixture.store.changes.after(start, 10)
    expect(expired).toBe(false)
    expect(changes.map(({ kind, id, name, action, atMs }) => ({ kind, id, name, action, atMs }))).toEqual(
      ['created', 'updated', 'deleted'].map((action) => ({
        kind: 'Cluster',
        id: cluster.id,
        name: cluster.name,
        action,
        atMs: fixture.nowMs,
      })),
    )
    const [first, second] = changes
    expect((await fixture.store.changes.after(first?.sequence ?? 0, 1)).changes).toEqual([second])
    expect(await fixture.store.changes.latestSequence()).toBe(changes.at(-1)?.sequence)
  })

  it('never passes a change that commits later than one with a higher sequence', async () => {
    const { changes, projects } = fixture.store
    const start = await changes.latestSequence()
    const slow = unique('slow')
    const quick = unique('quick')
    const held = await heldCommit(slow)
    const slowly = projects.apply(slow, {})
    const reads = untilCommitting()
      .then(() => projects.apply(quick, {}))
      .then(() => Promise.all([changes.after(start, 10), changes.latestSequence()]))
    try {
      expect(await isPending(reads)).toBe(true)
    } finally {
      await held.go()
    }
    await slowly
    const [read, latest] = await reads
    expect(read.changes.map((change) => change.name)).toEqual([slow, quick])
    expect(latest).toBe(read.changes.at(-1)?.sequence)
  })

  it('goes on past a sequence that was given up', async () => {
    const start = await fixture.store.changes.latestSequence()
    await fixture.query(`select nextval(pg_get_serial_sequence('changes', 'sequence'))`)
    const set = await newSet(fixture.store)
    expect((await fixture.store.changes.after(start, 10)).changes.map((change) => change.name)).toEqual([set.name])
  })

  it('gives a reader everything once while many write', async () => {
    const other = await fixture.another()
    const start = await fixture.store.changes.latestSequence()
    let writing = true
    const seen: Change[] = []
    const read = async () => {
      let cursor = start
      for (let last = false; !last; ) {
        last = !writing
        const { changes } = await other.changes.after(cursor, 7)
        seen.push(...changes)
        cursor = changes.at(-1)?.sequence ?? cursor
        if (changes.length > 0) last = false
      }
    }
    const reader = read()
    const writers = Array.from({ length: 8 }, async (_, index) => {
      const store = index % 2 === 0 ? fixture.store : other
      for (let n = 0; n < 25; n += 1) await store.projects.apply(`stress-${index}`, { description: `${n}` })
    })
    await Promise.all(writers)
    writing = false
    await reader
    const rows = await fixture.query<{ sequence: string }>('select sequence from changes where sequence > $1 order by sequence', [start])
    expect(rows).toHaveLength(200)
    expect(seen.map((change) => change.sequence)).toEqual(rows.map((row) => Number(row.sequence)))
  })

  it('writes nothing when the change itself is undone', async () => {
    const start = await fixture.store.changes.latestSequence()
    const cluster = await registered(fixture.store)
    await expect(registered(fixture.store, { name: cluster.name })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await fixture.store.changes.after(start, 10)).changes).toHaveLength(1)
  })

  it('expires readers that are behind what was trimmed, and no others', async () => {
    const retentionMs = 60_000
    fixture.nowMs += retentionMs * 10
    const old = await fixture.store.changes.latestSequence()
    await newSet(fixture.store)
    const kept = await fixture.store.changes.latestSequence()
    fixture.nowMs += retentionMs + 1
    const set = await newSet(fixture.store)
    await fixture.store.changes.trim(retentionMs)
    expect(await fixture.store.changes.after(old, 10)).toEqual({ changes: [], expired: true })
    const { changes, expired } = await fixture.store.changes.after(kept, 10)
    expect({ names: changes.map((change) => change.name), expired }).toEqual({ names: [set.name], expired: false })

    fixture.nowMs += retentionMs + 1
    const latest = await fixture.store.changes.latestSequence()
    await fixture.store.changes.trim(retentionMs)
    expect(await fixture.store.changes.latestSequence()).toBe(latest)
    expect(await fixture.store.changes.after(latest, 10)).toEqual({ changes: [], expired: false })
  })
})

describe('listening for changes', () => {
  const soonMs = 3_000

  it('calls back in every process, until it is stopped', async () => {
    const other = await fixture.another()
    let here = 0
    let there = 0
    const stop = fixture.store.changes.listen(() => (here += 1))
    const stopThere = other.changes.listen(() => (there += 1))
    // Each calls back once when it is connected.
    await expect.poll(() => Math.min(here, there), { timeout: soonMs }).toBe(1)
    await newSet(fixture.store)
    await expect.poll(() => Math.min(here, there), { timeout: soonMs }).toBe(2)
    stop()
    await newSet(fixture.store)
    await expect.poll(() => there, { timeout: soonMs }).toBe(3)
    expect(here).toBe(2)
    stopThere()
  })

  it('connects again when the connection breaks, and calls back for what it missed', async () => {
    let calls = 0
    const stop = fixture.store.changes.listen(() => (calls += 1))
    await expect.poll(() => calls, { timeout: soonMs }).toBe(1)
    await fixture.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'roadstead-listen'`,
    )
    await expect.poll(() => calls, { timeout: soonMs }).toBe(2)
    await newSet(fixture.store)
    await expect.poll(() => calls, { timeout: soonMs }).toBe(3)
    stop()
  })
})
