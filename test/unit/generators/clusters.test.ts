import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../fleet/json.ts'
import { clustersGenerator } from '../../../generators/clusters.ts'
import type { ClusterFact, GeneratorInputs, TemplateMode } from '../../../generators/generator.ts'
import { cluster, environment, fast, go, goStrict, inputs } from './environment.ts'

const eu = cluster('eu-1', { region: 'eu', env: 'prod' }, { annotations: { wave: '2' }, project: 'shop' })
const us = cluster('us-1', { region: 'us', env: 'prod' })
const lab = cluster('Lab_1/x', { env: 'lab' })

function expand(spec: Json, mode: TemplateMode, given: GeneratorInputs = inputs([eu, us, lab])) {
  return clustersGenerator(environment).expand(spec, mode, given, 'g')
}

function names(spec: Json, given?: GeneratorInputs) {
  const result = expand(spec, fast, given)
  return result.outcome === 'complete' ? result.parameters.map((one) => one.name) : result
}

describe('clusters', () => {
  it('gives flat parameters for fasttemplate', () => {
    expect(expand({ selector: { matchLabels: { region: 'eu' } } }, fast)).toMatchObject({
      parameters: [
        {
          name: 'eu-1',
          nameNormalized: 'eu-1',
          server: 'https://eu-1.example',
          project: 'shop',
          'metadata.labels.region': 'eu',
          'metadata.labels.env': 'prod',
          'metadata.annotations.wave': '2',
        },
      ],
      proof: '1 of 3 registered clusters',
    })
  })

  it('gives nested parameters for goTemplate, without empty maps', () => {
    expect(expand({ selector: { matchLabels: { region: 'us' } } }, go)).toMatchObject({
      parameters: [
        {
          name: 'us-1',
          nameNormalized: 'us-1',
          server: 'https://us-1.example',
          project: '',
          metadata: { labels: { region: 'us', env: 'prod' } },
        },
      ],
    })
  })

  it.each([
    [{ matchLabels: { env: 'prod' } }, ['eu-1', 'us-1']],
    [{ matchExpressions: [{ key: 'region', operator: 'In', values: ['us', 'ap'] }] }, ['us-1']],
    [{ matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['us'] }] }, ['eu-1', 'Lab_1/x']],
    [{ matchExpressions: [{ key: 'region', operator: 'Exists' }] }, ['eu-1', 'us-1']],
    [{ matchExpressions: [{ key: 'region', operator: 'DoesNotExist' }] }, ['Lab_1/x']],
    [{ matchLabels: { env: 'prod' }, matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['eu'] }] }, ['us-1']],
    [{ matchLabels: { 'argocd.argoproj.io/secret-type': 'cluster', env: 'lab' } }, ['Lab_1/x']],
    [{ matchLabels: { 'argocd.argoproj.io/secret-type': 'other', env: 'lab' } }, ['Lab_1/x']],
    [{ matchLabels: { env: 'none' } }, []],
  ])('selects by labels: %j', (selector, expected) => {
    expect(names({ selector })).toEqual(expected)
  })

  it('normalizes names for where only DNS names fit', () => {
    expect(expand({ selector: { matchLabels: { env: 'lab' } } }, fast)).toMatchObject({
      parameters: [{ name: 'Lab_1/x', nameNormalized: 'lab-1-x' }],
    })
  })

  it('adds the hub last, unless something is selected, it is registered, or it is excluded', () => {
    const registered = cluster('home', {}, { server: 'https://kubernetes.default.svc' })
    expect(names({})).toEqual(['eu-1', 'us-1', 'Lab_1/x', 'in-cluster'])
    expect(names({ selector: {} })).toEqual(['eu-1', 'us-1', 'Lab_1/x', 'in-cluster'])
    expect(names({ selector: { matchLabels: { env: 'prod' } } })).not.toContain('in-cluster')
    expect(names({}, inputs([eu, registered]))).toEqual(['eu-1', 'home'])
    expect(names({}, inputs([eu], { excludeHub: true }))).toEqual(['eu-1'])
  })

  it('gives one set with all of them for flatList, also when there are none', () => {
    expect(expand({ flatList: true, selector: { matchLabels: { env: 'prod' } } }, go)).toMatchObject({
      parameters: [{ clusters: [{ name: 'eu-1' }, { name: 'us-1' }] }],
    })
    expect(expand({ flatList: true, selector: { matchLabels: { env: 'none' } } }, go)).toMatchObject({ parameters: [{ clusters: [] }] })
  })

  it('renders values against each cluster, none of them against another', () => {
    const values = { a: '{{name}}', b: '{{values.a}}{{values.a}}', c: '{{missing}}', d: 'plain' }
    expect(expand({ selector: { matchLabels: { region: 'us' } }, values }, fast)).toMatchObject({
      parameters: [{ 'values.a': 'us-1', 'values.b': '{{values.a}}{{values.a}}', 'values.c': '{{missing}}', 'values.d': 'plain' }],
    })
    expect(
      expand({ selector: { matchLabels: { region: 'us' } }, values: { a: '{{.name}}-{{.metadata.labels.env}}', b: '{{.values}}' } }, go),
    ).toMatchObject({
      parameters: [{ values: { a: 'us-1-prod', b: '<no value>' } }],
    })
  })

  it('leaves out a cluster whose values cannot be rendered, and names it', () => {
    const result = expand({ selector: { matchLabels: { env: 'prod' } }, values: { wave: '{{.metadata.annotations.wave}}' } }, goStrict)
    expect(result).toMatchObject({ outcome: 'complete', parameters: [{ name: 'eu-1', values: { wave: '2' } }] })
    expect(result).toMatchObject({ leftOut: [{ path: 'g.values["wave"]', message: expect.stringContaining('cluster us-1') }] })
  })

  it('names clusters that are called the same, and uses neither', () => {
    const twin = cluster('eu-1', { region: 'ap' }, { server: 'https://twin.example' })
    const result = expand({ selector: { matchExpressions: [{ key: 'region', operator: 'Exists' }] } }, fast, inputs([eu, us, twin]))
    expect(result).toMatchObject({ outcome: 'complete', parameters: [{ name: 'us-1' }] })
    expect(result).toMatchObject({ leftOut: [{ message: expect.stringMatching(/"eu-1".*eu-1\.example and https:\/\/twin\.example/) }] })
  })

  it('is incomplete, not empty, when the clusters could not be listed', () => {
    expect(expand({}, fast, inputs(null))).toMatchObject({ outcome: 'incomplete' })
  })

  it('is incomplete with a selector that Kubernetes would refuse', () => {
    expect(expand({ selector: { matchLabels: { server: 'https://eu' } } }, fast)).toMatchObject({
      outcome: 'incomplete',
      problems: [{ path: 'g.selector.matchLabels["server"]' }],
    })
  })

  it('gives each cluster at most once, and only those that are there', () => {
    const label = fc.constantFrom('a', 'b', 'c')
    const facts: fc.Arbitrary<ClusterFact[]> = fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.dictionary(label, label)), { selector: ([name]) => name })
      .map((all) => all.map(([name, labels]) => cluster(name, labels)))
    fc.assert(
      fc.property(facts, label, fc.uniqueArray(label, { minLength: 1 }), (clusters, key, values) => {
        const selected = names({ selector: { matchExpressions: [{ key, operator: 'In', values }] } }, inputs(clusters))
        const rest = names({ selector: { matchExpressions: [{ key, operator: 'NotIn', values }] } }, inputs(clusters))
        expect([...(selected as string[]), ...(rest as string[])].toSorted()).toEqual(clusters.map((one) => one.name).toSorted())
      }),
    )
  })
})
