import { Octokit } from '@octokit/core'
import type { HostClient } from './host-client.ts'

const quiet = () => {}

/**
 * GitHub's own client, which knows the addresses; what it asks goes through ours. Its plugins for pages, retries, rate limits and apps aren't used: none
 * can prove that a list is whole or share a budget, and @octokit/auth-app hands a token that is being fetched to whoever asks for the same installation
 * at that moment, without a look at the key.
 */
export function octokitOf(client: HostClient): Octokit {
  const octokit = new Octokit({
    baseUrl: client.base.href.replace(/\/+$/, ''),
    request: { fetch: client.fetch },
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
  // Octokit wraps what its fetch throws: our errors, and the reason of a caller that leaves.
  octokit.hook.error('request', (error) => Promise.reject(error.cause ?? error))
  return octokit
}
