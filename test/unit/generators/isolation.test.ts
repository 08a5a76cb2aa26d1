import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApplicationSetSpec } from '../../../fleet/application-set.ts'
import type { Json, JsonObject } from '../../../fleet/json.ts'
import { expandSet } from '../../../generators/expand-set.ts'
import { answering, cluster, environment, inputs } from './environment.ts'

const template: JsonObject = {
  metadata: { name: '{{.name}}' },
  spec: { source: { path: '{{.tier}}' }, destination: { name: '{{.name}}' } },
}

function expand(generators: readonly JsonObject[], given = inputs([cluster('eu', { a: 'b' })]), more: Partial<ApplicationSetSpec> = {}) {
  const spec = { goTemplate: true, goTemplateOptions: ['missingkey=error'], generators, template, ...more }
  return expandSet({ metadata: { name: 's' }, spec }, given, environment)
}

function manifests(expansion: ReturnType<typeof expand>) {
  return expansion.outcome === 'needs' ? [] : expansion.applications.map(({ manifest }) => manifest)
}

const name = fc.stringMatching(/^[a-z]{1,6}$/)
const good = fc.record({ name, tier: name })
// In a matrix texts are templates; one that can't be read is refused when the set is applied.
const text = fc.string().filter((one) => !one.includes('{{'))
const broken = fc.oneof(fc.record({ name }), fc.constant<Json>('text'), fc.constant<Json>([]), fc.record({ tier: text }))

describe('isolation', () => {
  it('a broken element never changes the applications of the others, whatever generator it is in', () => {
    fc.assert(
      fc.property(fc.array(good, { maxLength: 6 }), broken, fc.nat(6), (elements, bad, at) => {
        const list = (all: readonly Json[]) => ({ list: { elements: all } })
        const shapes = [
          (all: readonly Json[]) => list(all),
          (all: readonly Json[]) => ({ matrix: { generators: [list(all), list([{ x: 'y' }])] } }),
          (all: readonly Json[]) => ({ matrix: { generators: [list([{ x: 'y' }]), list(all)] } }),
        ]
        for (const shape of shapes) {
          const before = expand([shape(elements)])
          const after = expand([shape(elements.toSpliced(at, 0, bad as never))])
          expect(manifests(after)).toEqual(manifests(before))
          expect(after.outcome === 'complete' && after.problems.length).toBeGreaterThan(0)
        }
      }),
    )
  })

  it('a broken generator never changes the applications of the others, and nothing counts as complete', () => {
    const brokenOnes: readonly JsonObject[] = [
      { git: {} },
      { oracle: {} },
      { pullRequest: { github: {}, filters: [{ branchMatch: '(' }] } },
      { merge: { generators: [] } },
      { list: { elementsYaml: '{' } },
      { clusters: { selector: { matchLabels: { a: 'not a value!' } } } },
    ]
    fc.assert(
      fc.property(fc.array(good, { maxLength: 4 }), fc.constantFrom(...brokenOnes), fc.boolean(), (elements, bad, first) => {
        const list = { list: { elements } }
        const after = expand(first ? [bad, list] : [list, bad])
        expect(after.outcome).toBe('incomplete')
        expect(manifests(after)).toEqual(manifests(expand([list])))
      }),
    )
  })
})

it('generators are asked for although another one fails, so that what they give is known', () => {
  const git = { git: { repoURL: 'r', revision: 'm', directories: [{ path: '*' }] } }
  expect(expand([{ oracle: {} }, git])).toMatchObject({ outcome: 'needs', requests: [{ kind: 'gitDirectories' }] })
})

describe('what comes from outside', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('}\nspec: {project: admin}', '{{.secret}}', '{{ "x" | fail }}', 'a: b', '"', '__proto__', '`', '{{', '}}', '*x', '$&'),
  )

  it('never changes the structure of an application, and is never rendered again', () => {
    fc.assert(
      fc.property(nasty, nasty, fc.boolean(), (title, branch, goTemplate) => {
        const text = goTemplate ? (field: string) => `{{.${field}}}` : (field: string) => `{{${field}}}`
        const fixed = {
          metadata: { name: 'x', labels: { t: text('title') } },
          spec: { project: 'team', source: { repoURL: 'r', helm: { valuesObject: { b: text('branch') } } }, destination: { name: 'c' } },
        }
        const pull = { number: 1, title, branch, targetBranch: 'main', headSHA: 'abc', author: 'a' }
        const { inputs: given } = answering({ pullRequests: { pullRequests: [pull] } })
        const matrix = {
          matrix: {
            generators: [{ pullRequest: { github: { owner: 'o', repo: 'r' } } }, { list: { elements: [{ again: text('title') }] } }],
          },
        }
        const expansion = expand([matrix], given, { goTemplate, template: fixed })
        // An empty one is told apart from a tag that nobody resolves in other tests.
        const shown = (value: string) => (value === '' && !goTemplate ? expect.any(String) : value)
        expect(manifests(expansion)).toEqual([
          {
            metadata: { name: 'x', namespace: 'argocd', labels: { t: shown(title) }, finalizers: [expect.any(String)] },
            spec: {
              project: 'team',
              source: { repoURL: 'r', helm: { valuesObject: { b: shown(branch) } } },
              destination: { name: 'c' },
            },
          },
        ])
      }),
    )
  })

  it('never adds a field through a templatePatch', () => {
    fc.assert(
      fc.property(nasty, (title) => {
        const pull = { number: 1, title, branch: 'b', targetBranch: 'main', headSHA: 'abc', author: 'a' }
        const { inputs: given } = answering({ pullRequests: { pullRequests: [pull] } })
        const patches = ['metadata: {labels: {t: {{.title}}}}', 'metadata:\n  labels:\n    t: "{{.title}}"\n']
        for (const templatePatch of patches) {
          const fixed = { metadata: { name: 'x' }, spec: { source: { repoURL: 'r' }, destination: { name: 'c' } } }
          const expansion = expand([{ pullRequest: { github: { owner: 'o', repo: 'r' } } }], given, { template: fixed, templatePatch })
          for (const { metadata, spec } of manifests(expansion)) {
            expect(Object.keys(metadata.labels ?? {}).filter((key) => key !== 't')).toEqual([])
            expect(spec).toEqual({ project: 'default', source: { repoURL: 'r' }, destination: { name: 'c' } })
          }
        }
      }),
    )
  })
})
