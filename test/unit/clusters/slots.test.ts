import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSlots } from '../../../clusters/slots.ts'

const never = new AbortController().signal

/** A piece of work that ends when it is told to. */
function held(): { readonly work: () => Promise<void>; readonly end: () => void; readonly started: () => boolean } {
  const { promise, resolve } = Promise.withResolvers<void>()
  let started = false
  return {
    work: () => {
      started = true
      return promise
    },
    end: resolve,
    started: () => started,
  }
}

/** Lets everything run that can. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('slots', () => {
  it('run as much at a time as there are, the rest first come first served', async () => {
    const slots = createSlots(2)
    const [a, b, c, d] = [held(), held(), held(), held()] as const
    const all = [a, b, c, d].map(({ work }) => slots.run(never, work))
    await settled()
    expect([a, b, c, d].map(({ started }) => started())).toEqual([true, true, false, false])
    b.end()
    await settled()
    expect([c.started(), d.started()]).toEqual([true, false])
    for (const { end } of [a, c, d]) end()
    await Promise.all(all)
    expect(d.started()).toBe(true)
  })

  it('give the result, and are free again after an error', async () => {
    const slots = createSlots(1)
    await expect(slots.run(never, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await slots.run(never, () => Promise.resolve(7))).toBe(7)
  })

  it('pass over who has stopped waiting', async () => {
    const slots = createSlots(1)
    const [first, given, last] = [held(), held(), held()] as const
    const stop = new AbortController()
    const running = slots.run(never, first.work)
    const waiting = slots.run(stop.signal, given.work)
    const behind = slots.run(never, last.work)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    first.end()
    await running
    await settled()
    expect([given.started(), last.started()]).toEqual([false, true])
    last.end()
    await behind
    // the slot of who gave up wasn't lost, and there is still only one
    const [again, next] = [held(), held()] as const
    void slots.run(never, again.work)
    void slots.run(never, next.work)
    await settled()
    expect([again.started(), next.started()]).toEqual([true, false])
  })

  it('begin nothing for a signal that is aborted already', async () => {
    const work = held()
    await expect(createSlots(1).run(AbortSignal.abort(new Error('too late')), work.work)).rejects.toThrow('too late')
    expect(work.started()).toBe(false)
  })

  it('are never more in use than there are and never lost, whoever gives up when', async () => {
    const jobs = fc.array(fc.record({ turns: fc.nat(3), abortAt: fc.option(fc.nat(6)), fails: fc.boolean() }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), jobs, async (max, given) => {
        const slots = createSlots(max)
        let [now, most] = [0, 0]
        const work = async ({ turns, fails }: { readonly turns: number; readonly fails: boolean }) => {
          now++
          most = Math.max(most, now)
          for (let turn = 0; turn < turns; turn++) await Promise.resolve()
          now--
          if (fails) throw new Error('fails')
        }
        const runs = given.map(async (job) => {
          const stop = new AbortController()
          const run = slots.run(stop.signal, () => work(job)).catch(() => undefined)
          if (job.abortAt !== null) {
            for (let turn = 0; turn < job.abortAt; turn++) await Promise.resolve()
            stop.abort()
          }
          await run
        })
        await Promise.all(runs)
        expect(most).toBeLessThanOrEqual(max)
        const full = Array.from({ length: max + 1 }, held)
        for (const one of full) void slots.run(never, one.work)
        await settled()
        expect(full.filter(({ started }) => started())).toHaveLength(max)
      }),
      { numRuns: 200 },
    )
  })
})
