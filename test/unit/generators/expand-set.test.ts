import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApplicationSetSpec } from '../../../fleet/application-set.ts'
import type { JsonObject } from '../../../fleet/json.ts'
import { expandSet } from '../../../generators/expand-set.ts'
import type { ClusterFact } from '../../../generators/generator.ts'
import { problemsMax } from '../../../generators/limits.ts'
import { cluster, environment, inputs } from './environment.ts'

const template: JsonObject = {
  metadata: { name: 'shop-{{name}}', labels: { env: '{{metadata.labels.env}}', '{{name}}': 'key' } },
  spec: {
    source: { repoURL: 'https://git.example/shop', path: 'overlays/{{metadata.labels.env}}' },
    destination: { server: '{{server}}', namespace: 'shop' },
    syncPolicy: { automated: {}, retry: { limit: 3 } },
  },
}
const clusters = [cluster('eu-1', { env: 'prod' }), cluster('us-1', { env: 'prod' })]

function expand(spec: Partial<ApplicationSetSpec>, given: readonly ClusterFact[] | null = clusters, namespace?: string) {
  const metadata = namespace === undefined ? { name: 'shop' } : { name: 'shop', namespace }
  return expandSet(
    { metadata, spec: { generators: [{ clusters: {} }], template, ...spec } },
    inputs(given, { excludeHub: true }),
    environment,
  )
}

function manifests(spec: Partial<ApplicationSetSpec>) {
  const expansion = expand(spec)
  return expansion.outcome === 'complete' ? expansion.applications.map((application) => application.manifest) : []
}

describe('a set', () => {
  it('gives an application for each set of parameters, with where it came from', () => {
    const expansion = expand({})
    expect(expansion).toMatchObject({
      outcome: 'complete',
      problems: [],
      proofs: ['spec.generators[0].clusters: 2 of 2 registered clusters'],
    })
    expect(expansion.outcome === 'complete' && expansion.applications[1]).toEqual({
      origin: 'generators[0].clusters element 1',
      parameters: expect.objectContaining({ name: 'us-1' }),
      manifest: {
        metadata: {
          name: 'shop-us-1',
          namespace: 'argocd',
          labels: { env: 'prod', 'us-1': 'key' },
          finalizers: ['resources-finalizer.argocd.argoproj.io'],
        },
        spec: {
          project: 'default',
          source: { repoURL: 'https://git.example/shop', path: 'overlays/prod' },
          destination: { server: 'https://us-1.example', namespace: 'shop' },
          syncPolicy: { automated: {}, retry: { limit: 3 } },
        },
      },
    })
  })

  it('puts applications into its own namespace, whatever the template says', () => {
    const elsewhere = { ...template, metadata: { name: 'a-{{name}}', namespace: 'kube-system' } }
    const expansion = expand({ template: elsewhere }, clusters, 'team')
    expect(expansion.outcome === 'complete' && expansion.applications.map((a) => a.manifest.metadata.namespace)).toEqual(['team', 'team'])
  })

  it('adds the finalizer unless the template has one or resources are to stay', () => {
    const own = { ...template, metadata: { name: '{{name}}', finalizers: ['resources-finalizer.argocd.argoproj.io/background'] } }
    expect(manifests({ template: own })[0]?.metadata.finalizers).toEqual(['resources-finalizer.argocd.argoproj.io/background'])
    expect(manifests({ syncPolicy: { preserveResourcesOnDeletion: true } })[0]?.metadata).not.toHaveProperty('finalizers')
    expect(manifests({ syncPolicy: {} })[0]?.metadata.finalizers).toEqual(['resources-finalizer.argocd.argoproj.io'])
  })

  it('runs all generators, also several in one entry', () => {
    const names = manifests({
      generators: [{ clusters: {}, list: { elements: [{ name: 'a' }] } }, { list: { elements: [{ name: 'b' }] } }],
    })
    expect(names.map((manifest) => manifest.metadata.name)).toEqual(['shop-a', 'shop-eu-1', 'shop-us-1', 'shop-b'])
  })

  it('filters parameters by the selector beside a generator', () => {
    const generators = [{ clusters: {}, selector: { matchLabels: { server: 'https://us-1.example' } } }]
    expect(manifests({ generators }).map((manifest) => manifest.metadata.name)).toEqual(['shop-us-1'])
  })

  it('for that selector a list that Go keeps as it is is one value, other lists have an entry for each item', () => {
    const selected = (key: string, operator: string) => {
      const answer = () => ({ complete: true as const, value: { directories: ['apps/web'] }, proof: '' })
      const git = { repoURL: 'https://git.example/r', revision: 'main', directories: [{ path: 'apps/*' }] }
      const generators = [{ git, selector: { matchExpressions: [{ key, operator }] } }]
      const spec = { goTemplate: true, generators, template: { metadata: { name: 'x' } } } as unknown as ApplicationSetSpec
      const expansion = expandSet({ metadata: { name: 'set' }, spec }, inputs([], { answer }), environment)
      return expansion.outcome === 'complete' ? expansion.applications.length : expansion
    }
    expect(selected('path.segments', 'Exists')).toBe(1)
    expect(selected('path.segments.0', 'Exists')).toBe(0)
    const elements = [{ name: 'a', zones: ['x'] }, { name: 'b' }]
    const selector = { matchExpressions: [{ key: 'zones.0', operator: 'In', values: ['x'] }] }
    expect(
      manifests({ goTemplate: true, generators: [{ list: { elements }, selector }], template: { metadata: { name: '{{.name}}' } } }),
    ).toHaveLength(1)
  })

  it('has no field that comes out empty, but for those that must be there and the texts of maps', () => {
    const elements = [{ name: 'a', none: '' }]
    const spec = {
      project: 'team',
      source: {
        repoURL: '{{none}}',
        targetRevision: '{{none}}',
        helm: { parameters: [{ name: 'p', value: '{{none}}' }], valuesObject: { v: '{{none}}', gone: null } },
      },
      destination: { name: 'c', namespace: '' },
      info: [{ name: 'i', value: '{{none}}' }],
    }
    const own = { metadata: { name: '{{name}}', labels: { l: '{{none}}' }, finalizers: [] }, spec }
    expect(manifests({ generators: [{ list: { elements } }], template: own, syncPolicy: { preserveResourcesOnDeletion: true } })).toEqual([
      {
        metadata: { name: 'a', namespace: 'argocd', labels: { l: '' } },
        spec: {
          project: 'team',
          source: { repoURL: '', helm: { parameters: [{ name: 'p' }], valuesObject: { v: '' } } },
          destination: { name: 'c' },
          info: [{ name: 'i', value: '' }],
        },
      },
    ])
  })

  it('renders an element without parameters as it is', () => {
    const plain = { metadata: { name: 'fixed' }, spec: { project: 'team' } }
    expect(manifests({ generators: [{ list: { elements: [{}] } }], template: plain })).toEqual([
      {
        metadata: { name: 'fixed', namespace: 'argocd', finalizers: ['resources-finalizer.argocd.argoproj.io'] },
        spec: { project: 'team', destination: {} },
      },
    ])
  })

  it("lets a generator's template override, and fills the rest from the base", () => {
    const over = { metadata: { labels: { tier: 'gold' } }, spec: { source: { path: 'gold' }, syncPolicy: { automated: { prune: true } } } }
    expect(manifests({ generators: [{ clusters: { selector: { matchLabels: { env: 'prod' } }, template: over } }] })[0]).toMatchObject({
      metadata: { name: 'shop-eu-1', labels: { env: 'prod', tier: 'gold' } },
      spec: {
        source: { repoURL: 'https://git.example/shop', path: 'gold' },
        syncPolicy: { automated: { prune: true }, retry: { limit: 3 } },
      },
    })
  })
})

describe('templates', () => {
  const one = (label: string, spec: Partial<ApplicationSetSpec> = {}) =>
    expand(
      {
        goTemplate: true,
        template: { metadata: { name: '{{.name}}', labels: { it: label } }, spec: {} },
        generators: [{ clusters: { selector: { matchLabels: { env: 'prod' } } } }],
        ...spec,
      },
      [cluster('eu-1', { env: 'prod' })],
    )

  it.each([
    ['{{ .name | upper }}', 'EU-1'],
    ['{{ index .metadata.labels "env" }}', 'prod'],
    // Go: a map of strings gives an empty string, a map of anything gives nothing.
    ['{{ index .metadata.labels "missing" }}', ''],
    ['{{ index . "missing" }}', '<no value>'],
    ['{{ .metadata.labels }}', 'map[env:prod]'],
    ['{{ normalize "A_b" }}', 'a-b'],
  ])('Go: %s gives %j', (text, result) => {
    expect(one(text)).toMatchObject({ applications: [{ manifest: { metadata: { labels: { it: result } } } }] })
  })

  it('Go: an error has its place in the template', () => {
    expect(one('{{ .name | nope }}')).toMatchObject({
      outcome: 'complete',
      applications: [],
      problems: [{ path: 'spec.template.metadata.labels.it', message: expect.stringContaining('function "nope" not defined') }],
    })
  })

  it('flat lists of clusters hold maps of strings, too', () => {
    const generators = [{ clusters: { flatList: true, selector: { matchLabels: { env: 'prod' } }, values: { v: '{{.name}}' } } }]
    const text = '{{range .clusters}}{{.name}}:{{index .metadata.labels "missing"}}:{{.values.v}}:{{index .values "missing"}};{{end}}'
    expect(one(text, { generators, template: { metadata: { name: 'all', labels: { it: text } }, spec: {} } })).toMatchObject({
      applications: [{ manifest: { metadata: { labels: { it: 'eu-1::eu-1:;' } } } }],
    })
  })
})

describe('what cannot be seen or rendered', () => {
  it('one generator that is incomplete makes the set incomplete', () => {
    expect(expand({ generators: [{ list: { elements: [{ name: 'a' }] } }, { clusters: {} }] }, null)).toMatchObject({
      outcome: 'incomplete',
      problems: [{ path: 'spec.generators[1].clusters' }],
    })
  })

  it.each(['git', 'matrix', 'merge', 'pullRequest', 'scmProvider', 'plugin', 'clusterDecisionResource'])(
    'the %s generator without its fields is incomplete, never empty',
    (field) => {
      expect(expand({ generators: [{ [field]: {} }] })).toEqual({
        outcome: 'incomplete',
        applications: [],
        problems: [expect.objectContaining({ path: expect.stringMatching(`^spec\\.generators\\[0\\]\\.${field}`) })],
      })
    },
  )

  it('a generator that nobody knows is incomplete, too', () => {
    expect(expand({ generators: [{ oracle: {} }] })).toMatchObject({
      outcome: 'incomplete',
      problems: [{ path: 'spec.generators[0].oracle' }],
    })
  })

  it('a bad element is left out and named with all that is wrong; the others stand', () => {
    const strict = {
      goTemplate: true,
      goTemplateOptions: ['missingkey=error'],
      generators: [{ list: { elements: [{ name: 'a', tier: 'gold' }, { name: 'b' }] } }],
      template: { metadata: { name: '{{.name}}', labels: { tier: '{{.tier}}' } }, spec: { source: { path: '{{.tier}}' } } },
    }
    const expansion = expand(strict)
    expect(expansion).toMatchObject({ outcome: 'complete', applications: [{ manifest: { metadata: { name: 'a' } } }] })
    expect(expansion.outcome === 'complete' && expansion.problems.map((problem) => problem.path)).toEqual([
      'spec.template.metadata.labels.tier',
      'spec.template.spec.source.path',
    ])
    expect(expansion.outcome === 'complete' && expansion.problems[0]?.message).toContain('generators[0].list element 1')
  })

  it('counts problems beyond a bound', () => {
    const elements = Array.from({ length: problemsMax + 5 }, () => ({ n: 1 }))
    const expansion = expand({ generators: [{ list: { elements } }] })
    expect(expansion.outcome === 'complete' && expansion.problems.at(-1)?.message).toBe('and 5 more problems')
    expect(expansion.outcome === 'complete' && expansion.problems).toHaveLength(problemsMax + 1)
  })

  it('two keys that become one, or __proto__, leave the element out', () => {
    const spec = (a: string, b: string) => ({
      generators: [{ list: { elements: [{ a, b }] } }],
      template: { metadata: { name: 'x', labels: { '{{a}}': '1', '{{b}}': '2' } }, spec: {} },
    })
    expect(expand(spec('same', 'same'))).toMatchObject({ applications: [], problems: [{ message: expect.stringContaining('two keys') }] })
    expect(expand(spec('__proto__', 'b'))).toMatchObject({
      applications: [],
      problems: [{ message: expect.stringContaining('__proto__') }],
    })
  })
})

describe('whatever the parameters hold', () => {
  const nasty = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '}\nspec: {project: admin}',
      '"\n- x',
      '{{server}}',
      '{{.x}}',
      '*a',
      '!!js/function',
      'a: b',
      '__proto__',
      '$',
      '$&',
      "$'",
    ),
  )

  it('the structure of an application stays that of its template', () => {
    const spec = {
      metadata: { name: '{{a}}', labels: { l: '{{b}}' } },
      spec: { project: 'team', source: { repoURL: '{{a}}{{b}}', path: 'x' }, destination: { name: '{{b}}' } },
    }
    fc.assert(
      fc.property(nasty, nasty, (a, b) => {
        const expansion = expand({ generators: [{ list: { elements: [{ a, b }] } }], template: spec })
        expect(expansion.outcome === 'complete' && expansion.applications[0]?.manifest).toEqual({
          metadata: { name: a, namespace: 'argocd', labels: { l: b }, finalizers: ['resources-finalizer.argocd.argoproj.io'] },
          spec: { project: 'team', source: { repoURL: `${a}${b}`, path: 'x' }, destination: b === '' ? {} : { name: b } },
        })
      }),
    )
  })

  it('the same inputs give the same applications, and inputs are not changed', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), nasty), { maxLength: 8 }), (elements) => {
        const before = JSON.stringify(elements)
        const spec = { generators: [{ list: { elements } }], template: { metadata: { name: '{{a}}-{{ab}}' }, spec: {} } }
        expect(expand(spec)).toEqual(expand(spec))
        expect(JSON.stringify(elements)).toBe(before)
      }),
    )
  })
})

describe('requests of a set', () => {
  const git = { repoURL: 'r', directories: [{ path: '*' }] }
  const projects = (spec: Partial<ApplicationSetSpec>) => {
    const expansion = expand(spec)
    return expansion.outcome === 'needs' ? expansion.requests.map(({ project }) => project) : expansion
  }
  const template = (project: string) => ({ metadata: { name: 'x' }, spec: { project } })

  it("are for the project that the generator's applications get, whose own template may name another one", () => {
    expect(projects({ template: template('a'), generators: [{ git }] })).toEqual(['a'])
    expect(projects({ template: template('a'), generators: [{ git: { ...git, template: { spec: { project: 'b' } } } }] })).toEqual(['b'])
    const selected = { git: { ...git, template: { spec: { project: 'b' } } }, selector: { matchLabels: { x: 'y' } } }
    expect(projects({ template: template('a'), generators: [selected] })).toEqual(['b'])
    expect(projects({ template: template('a'), generators: [{ git: { ...git, template: { spec: { project: '' } } } }] })).toEqual(['a'])
    expect(projects({ template: template('a'), generators: [{ git: { ...git, template: { spec: { project: '{{x}}' } } } }] })).toEqual([
      null,
    ])
  })

  it('are for no project when the generators of one entry name several', () => {
    const clusters = { template: { spec: { project: 'b' } } }
    expect(projects({ template: template('a'), generators: [{ clusters, git }] })).toEqual([null])
  })
})
