import { describe, expect, it } from 'vitest'
import { createAnswerer } from '../../../activities/answers.ts'
import type { ClusterAccess, ClusterGateway, CustomResource, CustomResourceQuery } from '../../../clusters/gateway.ts'
import { FleetError } from '../../../fleet/errors.ts'
import type { SourceRequest } from '../../../generators/generator.ts'
import type { ResourcesRequest } from '../../../generators/requests.ts'
import type { Store } from '../../../store/store.ts'

const canary = 'canary-51ab'
const request: ResourcesRequest = {
  kind: 'resources',
  apiVersion: 'example.io/v1',
  resource: 'decisions',
  name: 'one',
  labelSelector: null,
}
const one: CustomResource = { name: 'one', status: { clusters: [{ clusterName: 'eu-1' }] } }

interface World {
  readonly registered?: Readonly<Record<string, { readonly removing: boolean }>>
  readonly list?: (query: CustomResourceQuery) => Promise<readonly CustomResource[]>
  readonly signal?: AbortSignal
}

/** A hub `argo`, as ROADSTEAD_HUB_CLUSTER says it. */
function world({ registered = { argo: { removing: false } }, list = async () => [one], signal = new AbortController().signal }: World) {
  const asked: { readonly access: ClusterAccess; readonly query: CustomResourceQuery }[] = []
  const clusters: Partial<Store['clusters']> = {
    getByName: async (name) => {
      const found = registered[name]
      return found === undefined ? null : ({ id: `id of ${name}`, name, ...found } as never)
    },
    access: async (id) => ({
      generation: 7,
      server: `https://${id}`,
      caData: null,
      tlsServerName: null,
      credentials: JSON.stringify({ kind: 'bearerToken', token: canary }),
    }),
  }
  const gateway: Partial<ClusterGateway> = {
    listCustomResources: async (access, query) => {
      asked.push({ access, query })
      return list(query)
    },
  }
  const deps = {
    store: { clusters } as Store,
    gateway: gateway as ClusterGateway,
    repositories: {} as never,
    sources: { hub: { cluster: 'argo', namespace: 'placements' } } as never,
  }
  const answerer = createAnswerer(deps, { commits: async () => Promise.reject(new Error('not asked')), signal })
  return { asked, answer: (given: Partial<ResourcesRequest> = {}) => answerer({ ...request, ...given } as unknown as SourceRequest) }
}

describe('questions about custom resources', () => {
  it('are put to the cluster and the namespace that are configured, with its credentials, and answered with a proof', async () => {
    const { asked, answer } = world({})
    const found = await answer()
    expect(found).toEqual({
      complete: true,
      value: { resources: [{ metadata: { name: 'one' }, status: { clusters: [{ clusterName: 'eu-1' }] } }] },
      proof: '1 decisions of the hub argo in placements, to the last page',
    })
    expect(asked).toEqual([
      {
        access: {
          clusterId: 'id of argo',
          generation: 7,
          server: 'https://id of argo',
          caData: null,
          tlsServerName: null,
          credentials: { kind: 'bearerToken', token: canary },
        },
        query: { apiVersion: 'example.io/v1', resource: 'decisions', namespace: 'placements', select: { name: 'one' } },
      },
    ])
    expect(JSON.stringify(found)).not.toContain(canary)
    const labelSelector = { matchLabels: { tier: 'gold' } }
    await answer({ name: null, labelSelector })
    expect(asked[1]?.query.select).toEqual({ labelSelector: { matchLabels: { tier: 'gold' }, matchExpressions: [] } })
  })

  it('are incomplete without a registered hub, and say what to register or set', async () => {
    for (const registered of [{}, { argo: { removing: true } }]) {
      const { asked, answer } = world({ registered })
      const error = expect.stringMatching(/no cluster "argo" is registered.*Register .* ROADSTEAD_HUB_CLUSTER/)
      expect(await answer()).toEqual({ complete: false, error })
      expect(asked).toEqual([])
    }
  })

  it('are incomplete, with the reason, when the hub does not answer or refuses', async () => {
    for (const code of ['CLUSTER_UNREACHABLE', 'CLUSTER_DENIED', 'NOT_FOUND', 'LIMIT_EXCEEDED', 'INVALID_INPUT'] as const) {
      const { answer } = world({ list: async () => Promise.reject(new FleetError(code, 'for a reason')) })
      expect(await answer()).toEqual({ complete: false, error: 'hub argo: for a reason' })
    }
  })

  it.each([null, {}, { matchLabels: {} }, { matchExpressions: [] }])(
    'are refused when they select everything: %j',
    async (labelSelector) => {
      const { asked, answer } = world({})
      expect(await answer({ name: null, labelSelector })).toMatchObject({ complete: false, error: expect.stringContaining('matchLabels') })
      expect(asked).toEqual([])
    },
  )

  it('let bugs through, and stop with whoever asked', async () => {
    await expect(world({ list: async () => Promise.reject(new Error('bug')) }).answer()).rejects.toThrow('bug')
    const signal = AbortSignal.abort(new Error('left'))
    const list = async () => Promise.reject(new FleetError('CLUSTER_UNREACHABLE', 'x'))
    await expect(world({ signal, list }).answer()).rejects.toThrow('left')
  })

  it('hold only so much in one pass, as a matrix may ask for many', async () => {
    const large = { name: 'one', status: { text: 'x'.repeat(15 * 1024 * 1024) } }
    const { answer } = world({ list: async () => [large] })
    const outcomes: boolean[] = []
    for (let n = 0; n < 5; n++) outcomes.push((await answer({ name: `name-${n}` })).complete)
    expect(outcomes).toEqual([true, true, true, true, false])
  })
})
