import { describe, expect, it } from 'vitest'
import { SingleFlight, Slots } from '../../../repos/single-flight.ts'

describe('SingleFlight', () => {
  it('runs once for all who ask meanwhile, and again afterwards', async () => {
    const flights = new SingleFlight<number>()
    let runs = 0
    const work = async () => ++runs
    expect(await Promise.all([flights.run('a', undefined, work), flights.run('a', undefined, work)])).toEqual([1, 1])
    expect(await flights.run('a', undefined, work)).toBe(2)
  })

  it('gives a failure to all, and forgets it', async () => {
    const flights = new SingleFlight<number>()
    const failing = () => Promise.reject(new Error('no'))
    const both = await Promise.allSettled([flights.run('a', undefined, failing), flights.run('a', undefined, failing)])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await flights.run('a', undefined, async () => 1)).toBe(1)
  })

  it('goes on while somebody waits, and is aborted when the last has left', async () => {
    const flights = new SingleFlight<string>()
    const [first, second] = [new AbortController(), new AbortController()]
    let aborted = false
    const work = (signal: AbortSignal) =>
      new Promise<string>((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason)
        })
      })
    const one = flights.run('a', first.signal, work).catch((error: unknown) => error)
    const two = flights.run('a', second.signal, work).catch((error: unknown) => error)
    first.abort('first left')
    expect(await one).toBe('first left')
    expect(aborted).toBe(false)
    second.abort('second left')
    expect(await two).toBe('second left')
    expect(aborted).toBe(true)
  })

  it('does not join work that has been given up', async () => {
    const flights = new SingleFlight<string>()
    const leaving = new AbortController()
    const never = flights.run('a', leaving.signal, () => new Promise<string>(() => undefined)).catch(() => 'left')
    leaving.abort()
    await never
    expect(await flights.run('a', undefined, async () => 'new')).toBe('new')
  })
})

describe('Slots', () => {
  it('runs no more at once than it has, and frees a slot after a failure', async () => {
    const slots = new Slots(2)
    let [running, most] = [0, 0]
    const work = async (fails: boolean) => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 1))
      running -= 1
      if (fails) throw new Error('no')
    }
    await Promise.allSettled(Array.from({ length: 9 }, (_, index) => slots.run(() => work(index % 2 === 0))))
    expect(most).toBe(2)
    expect(running).toBe(0)
  })
})
