import { Branches, Groups, MergeRequests, Repositories } from '@gitbeaker/core'
import { formatQuery, type RequesterType } from '@gitbeaker/requester-utils'
import { FleetError } from '../../fleet/errors.ts'
import type { HostClient } from './host-client.ts'

export const gitlabApiPath = '/api/v4'

/**
 * GitLab's client, the parts of it that we ask; what it asks goes through ours, and it only reads. It doesn't see links to further pages: it would
 * follow them by itself, without a bound, even from what is no list.
 */
export function gitbeakerOf(client: HostClient) {
  const api = client.base.href.replace(/\/+$/, '')
  const refuse = (): never => {
    throw new FleetError('INTERNAL', 'nothing is written to a GitLab')
  }
  const requester: RequesterType = {
    get: async <T>(endpoint: string, { searchParams }: { readonly searchParams?: Record<string, unknown> } = {}) => {
      const query = formatQuery(searchParams)
      const response = await client.fetch(`${api}/${endpoint}${query === '' ? '' : `?${query}`}`)
      // What isn't JSON is noticed by whoever looks at its shape.
      const body = (await response.json().catch(() => undefined)) as T
      const { link: _, ...headers } = Object.fromEntries(response.headers)
      return { body, headers, status: response.status }
    },
    post: refuse,
    put: refuse,
    patch: refuse,
    delete: refuse,
  }
  const options = { host: api.slice(0, -gitlabApiPath.length), requesterFn: () => requester, queryTimeout: null }
  return {
    branches: new Branches(options),
    groups: new Groups(options),
    mergeRequests: new MergeRequests(options),
    repositories: new Repositories(options),
  }
}
