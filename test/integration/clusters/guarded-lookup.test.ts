import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { guardedLookup } from '../../../clusters/guarded-lookup.ts'

function resolve(hostname: string, allowLoopback: boolean): Promise<string | LookupAddress[]> {
  return new Promise((give, fail) => {
    guardedLookup({ allowLoopback })(hostname, {}, (error, address) => (error === null ? give(address) : fail(error)))
  })
}

describe('the lookup of a connection', () => {
  it('refuses a name that leads where no cluster may be, when it is resolved', async () => {
    await expect(resolve('localhost', false)).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: expect.stringContaining('loopback'),
    })
    expect(await resolve('localhost', true)).toMatch(/^(127\.0\.0\.1|::1)$/)
  })

  it('passes on that a name does not resolve', async () => {
    await expect(resolve('no-such-host.invalid', false)).rejects.toHaveProperty('code')
  })
})
