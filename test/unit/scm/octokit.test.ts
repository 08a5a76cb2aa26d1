import { describe, expect, it } from 'vitest'
import { octokitOf } from '../../../repos/scm/octokit.ts'

describe('Octokit over our client', () => {
  it.each([new Error('left'), new DOMException('too late', 'TimeoutError'), 'left'])(
    'ends with the reason of whoever left: %s',
    async (reason) => {
      const fetch = () => Promise.reject(reason)
      const base = new URL('https://api.github.com')
      const octokit = octokitOf({ base, fetch, get: fetch, exists: fetch, post: fetch })
      await expect(octokit.request('GET /meta')).rejects.toBe(reason)
    },
  )
})
