import { describe, expect, it } from 'vitest'
import type { Json } from '../../../fleet/json.ts'
import { answering, cluster, expandOne, fast, go } from './environment.ts'

const data = { apiVersion: 'mallard.io/v1', kind: 'ducks', statusListKey: 'decisions', matchKey: 'clusterName' }
const spec = { configMapRef: 'ducks', name: 'quak' }
const clusters = [cluster('eu-1')]

function expand(given: Json, decisions: Json, config: Json = data, mode = fast) {
  const { asked, inputs } = answering({ configMap: { data: config }, resources: { resources: [{ status: { decisions } }] } }, { clusters })
  return { asked, result: expandOne('clusterDecisionResource', given, mode, inputs) }
}

describe('clusterDecisionResource', () => {
  it('gives the clusters that are decided for, with all of the decision as text', () => {
    const { asked, result } = expand(
      { ...spec, values: { a: '{{.name}}' } },
      [{ clusterName: 'eu-1', score: 12, ok: true }, { clusterName: 'gone' }],
      data,
      go,
    )
    expect(result).toMatchObject({
      parameters: [{ name: 'eu-1', server: 'https://eu-1.example', clusterName: 'eu-1', score: '12', ok: 'true', values: { a: 'eu-1' } }],
    })
    expect(asked[1]).toEqual({ kind: 'resources', apiVersion: 'mallard.io/v1', resource: 'ducks', name: 'quak', labelSelector: null })
  })

  it('knows the hub, unless it is no destination', () => {
    const { inputs } = answering(
      { configMap: { data }, resources: { resources: [{ status: { decisions: [{ clusterName: 'in-cluster' }] } }] } },
      { clusters, excludeHub: true },
    )
    expect(expandOne('clusterDecisionResource', spec, fast, inputs)).toMatchObject({ outcome: 'complete', parameters: [] })
    expect(expand(spec, [{ clusterName: 'in-cluster' }]).result).toMatchObject({
      parameters: [{ server: 'https://kubernetes.default.svc' }],
    })
  })

  it.each<[Json, Json, string]>([
    [{ configMapRef: 'ducks' }, data, 'g'],
    [{ configMapRef: 'ducks', labelSelector: {} }, data, 'g'],
    [{ configMapRef: 'ducks', labelSelector: { matchLabels: {} } }, data, 'g'],
    [{ ...spec, labelSelector: { matchLabels: {} } }, data, 'g'],
    [{ configMapRef: 'ducks', labelSelector: { matchLabels: { a: 'not a value!' } } }, data, 'g.labelSelector.matchLabels["a"]'],
    [spec, { ...data, apiVersion: 'v1' }, 'g.configMapRef'],
    [spec, { ...data, kind: '' }, 'g.configMapRef'],
  ])('names what is wrong: %j %j', (given, config, path) => {
    expect(expand(given, [], config).result).toMatchObject({ outcome: 'incomplete', problems: [{ path }] })
  })

  it('a label selector that says nothing is none', () => {
    expect(expand({ ...spec, labelSelector: {} }, [{ clusterName: 'eu-1' }]).result).toMatchObject({ parameters: [{ name: 'eu-1' }] })
  })

  it('no resource is an error, no decision is none', () => {
    const { inputs } = answering({ configMap: { data }, resources: { resources: [] } })
    expect(expandOne('clusterDecisionResource', spec, go, inputs)).toMatchObject({ outcome: 'incomplete' })
    expect(expand(spec, []).result).toMatchObject({ outcome: 'complete', parameters: [] })
  })

  it('a status that speaks of other things is an error, an empty one has no decisions', () => {
    const of = (status: Json) => {
      const resource = { metadata: { name: 'quak' }, status }
      const { inputs } = answering({ configMap: { data }, resources: { resources: [resource] } })
      return expandOne('clusterDecisionResource', spec, go, inputs)
    }
    expect(of(null)).toMatchObject({ outcome: 'complete', parameters: [] })
    expect(of({})).toMatchObject({ outcome: 'complete', parameters: [] })
    const message = 'the status of ducks quak has no list decisions: correct statusListKey in the ConfigMap ducks'
    expect(of({ clusters: [{ clusterName: 'eu-1' }] })).toMatchObject({ outcome: 'incomplete', problems: [{ path: 'g', message }] })
  })
})
