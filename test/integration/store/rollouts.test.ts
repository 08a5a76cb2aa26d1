import { describe, expect, it } from 'vitest'
import type { RolloutWait } from '../../../fleet/rollout/state.ts'
import { allPages, changesOf, emptyPlan, newRollout, newSet, rolloutState, started, useStore } from './store-fixture.ts'

const fixture = useStore()
const unknownId = '11111111-1111-4111-8111-111111111111'
const wait: RolloutWait = { stage: 'eu-west', applicationId: null, reason: 'Approval', message: 'waits for approval', untilMs: null }

describe('creating a rollout', () => {
  it('numbers them within the set', async () => {
    const { rollouts } = fixture.store
    const [set, other] = [await newSet(fixture.store), await newSet(fixture.store)]
    const first = await rollouts.create(newRollout(set.id))
    expect(first).toMatchObject({
      applicationSetId: set.id,
      applicationSetName: set.name,
      number: 1,
      plan: emptyPlan,
      state: rolloutState('Progressing'),
      waits: [],
      requestedBy: 'git',
    })
    expect(await rollouts.get(first.id)).toEqual(first)
    await rollouts.save(first.id, 1, rolloutState('Succeeded'), [])
    expect(await changesOf(fixture.store, () => rollouts.create(newRollout(set.id)))).toEqual([`Rollout ${set.name}/2 created`])
    expect((await rollouts.create(newRollout(other.id))).number).toBe(1)
    expect((await rollouts.latest(set.id))?.number).toBe(2)
    expect(await rollouts.latest(unknownId)).toBeNull()
  })

  it('is refused while another of the set goes on, and for a set that is not there', async () => {
    const set = await newSet(fixture.store)
    await started(fixture.store, set.id)
    await expect(started(fixture.store, set.id)).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('number 1') })
    await expect(started(fixture.store, unknownId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('lets one of many win who start one at the same time', async () => {
    const set = await newSet(fixture.store)
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => started(fixture.store, set.id)))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT' })
  })
})

describe('saving a step of a rollout', () => {
  it('replaces state and waits', async () => {
    const { rollouts } = fixture.store
    const set = await newSet(fixture.store)
    const rollout = await started(fixture.store, set.id)
    expect(await rollouts.sequence(rollout.id)).toBe(0)
    const save = () => rollouts.save(rollout.id, 3, rolloutState('Paused', 'by ann'), [wait])
    expect(await changesOf(fixture.store, save)).toEqual([`Rollout ${set.name}/1 updated`])
    expect(await rollouts.get(rollout.id)).toMatchObject({ state: { phase: 'Paused', reason: 'by ann' }, waits: [wait] })
    expect(await rollouts.sequence(rollout.id)).toBe(3)
  })

  it('does nothing for a stale executor, and makes no feed entry when nothing differs', async () => {
    const { rollouts } = fixture.store
    const set = await newSet(fixture.store)
    const rollout = await started(fixture.store, set.id)
    await rollouts.save(rollout.id, 3, rolloutState('Paused'), [])
    for (const sequence of [2, 3]) await rollouts.save(rollout.id, sequence, rolloutState('Failed'), [])
    expect(await rollouts.get(rollout.id)).toMatchObject({ state: { phase: 'Paused' } })
    expect(await changesOf(fixture.store, () => rollouts.save(rollout.id, 4, rolloutState('Paused'), []))).toEqual([])
    expect(await rollouts.sequence(rollout.id)).toBe(4)
    await expect(rollouts.save(unknownId, 1, rolloutState('Paused'), [])).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('frees the set in a final phase; a stale executor cannot take it back then', async () => {
    const { rollouts } = fixture.store
    const set = await newSet(fixture.store)
    const first = await started(fixture.store, set.id)
    for (const [index, phase] of (['Paused', 'RollingBack'] as const).entries()) {
      await rollouts.save(first.id, index + 1, rolloutState(phase), [])
      await expect(started(fixture.store, set.id)).rejects.toMatchObject({ code: 'CONFLICT' })
    }
    await rollouts.save(first.id, 3, rolloutState('RolledBack'), [])
    const second = await started(fixture.store, set.id)
    await expect(rollouts.save(first.id, 4, rolloutState('Progressing'), [])).rejects.toMatchObject({ code: 'FENCED' })
    const active = (await rollouts.active()).map((rollout) => rollout.id)
    expect(active).toContain(second.id)
    expect(active).not.toContain(first.id)
  })
})

describe('commands of a rollout', () => {
  it('are read in the order in which they were written down', async () => {
    const { rollouts } = fixture.store
    const [set, other] = [await newSet(fixture.store), await newSet(fixture.store)]
    const [rollout, another] = [await started(fixture.store, set.id), await started(fixture.store, other.id)]
    fixture.nowMs = 5_000
    const pause = await rollouts.addCommand(rollout.id, { verb: 'pause', actor: 'ann', reason: 'lunch' })
    const approve = await rollouts.addCommand(rollout.id, { verb: 'approve', actor: 'bob', stage: 'eu-west', planDigest: 'digest' })
    await rollouts.addCommand(another.id, { verb: 'abort', actor: 'bob' })
    expect(pause).toEqual({ id: pause.id, verb: 'pause', actor: 'ann', reason: 'lunch', atMs: 5_000 })
    expect(await rollouts.commandsAfter(rollout.id, 0)).toEqual([pause, approve])
    expect(await rollouts.commandsAfter(rollout.id, pause.id)).toEqual([approve])
  })

  it('with the same idempotency key are written down once in a rollout', async () => {
    const { rollouts } = fixture.store
    const [set, other] = [await newSet(fixture.store), await newSet(fixture.store)]
    const [rollout, another] = [await started(fixture.store, set.id), await started(fixture.store, other.id)]
    const commands = await Promise.all(
      Array.from({ length: 5 }, () => rollouts.addCommand(rollout.id, { verb: 'pause', actor: 'ann' }, 'key')),
    )
    expect(new Set(commands.map((command) => command.id)).size).toBe(1)
    expect(await rollouts.commandsAfter(rollout.id, 0)).toHaveLength(1)
    expect((await rollouts.addCommand(another.id, { verb: 'pause', actor: 'ann' }, 'key')).id).not.toBe(commands[0]?.id)
  })

  it('are never passed by a reader who follows by id while many write', async () => {
    const { rollouts } = fixture.store
    const set = await newSet(fixture.store)
    const rollout = await started(fixture.store, set.id)
    const seen: number[] = []
    let writing = true
    const reader = (async () => {
      for (let last = false; !last; ) {
        last = !writing
        for (const command of await rollouts.commandsAfter(rollout.id, seen.at(-1) ?? 0)) seen.push(command.id)
      }
    })()
    const written = await Promise.all(Array.from({ length: 60 }, () => rollouts.addCommand(rollout.id, { verb: 'resume', actor: 'ann' })))
    writing = false
    await reader
    expect(seen).toEqual(written.map((command) => command.id).toSorted((a, b) => a - b))
  })

  it('need a rollout', async () => {
    await expect(fixture.store.rollouts.addCommand(unknownId, { verb: 'pause', actor: 'ann' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('pages of rollouts', () => {
  it('have the newest first, of one set, and active or not', async () => {
    const { rollouts } = fixture.store
    const set = await newSet(fixture.store)
    for (let number = 1; number <= 5; number += 1) {
      // Two in the same millisecond: the id decides.
      fixture.nowMs += number % 2
      const rollout = await started(fixture.store, set.id)
      if (number < 5) await rollouts.save(rollout.id, 1, rolloutState('Failed'), [])
    }
    const filter = { applicationSetId: set.id }
    const nodes = await allPages(2, (request) => rollouts.page(filter, request))
    expect(nodes.map((rollout) => rollout.number).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
    expect(nodes[0]?.number).toBe(5)
    expect(nodes.map((rollout) => rollout.createdAtMs)).toEqual(nodes.map((rollout) => rollout.createdAtMs).toSorted((a, b) => b - a))
    expect((await rollouts.page({ ...filter, active: true }, { first: 9 })).items.map((item) => item.node.number)).toEqual([5])
    expect((await rollouts.page({ ...filter, active: false }, { first: 1 })).totalCount).toBe(4)
  })
})
