import { describe, expect, it } from 'vitest'
import { batched } from '../../../schema/batch.ts'

describe('batched reads', () => {
  function recorder() {
    const calls: (readonly string[])[] = []
    const read = batched<string, string>(async (keys) => {
      calls.push(keys)
      return new Map(keys.filter((key) => key !== 'none').map((key) => [key, key.toUpperCase()]))
    })
    return { calls, read }
  }

  it('load what is asked for together in one go, each key once', async () => {
    const { calls, read } = recorder()
    expect(await Promise.all([read('a'), read('b'), read('a'), Promise.resolve().then(() => read('c'))])).toEqual(['A', 'B', 'A', 'C'])
    expect(calls).toEqual([['a', 'b', 'c']])
  })

  it('keep what they loaded', async () => {
    const { calls, read } = recorder()
    await read('a')
    await read('a')
    await read('b')
    expect(calls).toEqual([['a'], ['b']])
  })

  it('give null for what there is none of', async () => {
    expect(await recorder().read('none')).toBeNull()
  })

  it('fail all that asked when loading fails, and nobody else', async () => {
    let failing = true
    const read = batched<string, string>(async (keys) => {
      if (failing) throw new Error('down')
      return new Map(keys.map((key) => [key, key]))
    })
    await expect(Promise.all([read('a'), read('b')])).rejects.toThrow('down')
    failing = false
    expect(await read('c')).toBe('c')
  })
})
