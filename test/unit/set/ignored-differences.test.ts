import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApplicationManifest } from '../../../fleet/application.ts'
import type { IgnoredDifference } from '../../../fleet/application-set.ts'
import { jqPaths } from '../../../fleet/ignored/jq-paths.ts'
import { parseJq } from '../../../fleet/ignored/jq-syntax.ts'
import type { Path } from '../../../fleet/ignored/path.ts'
import { isJsonObject, type Json } from '../../../fleet/json.ts'
import { planChanges } from '../../../fleet/set/changes.ts'
import { ignoredDifferenceProblems, keepIgnored, withoutIgnored } from '../../../fleet/set/ignored-differences.ts'
import { current, manifest, valid } from './examples.ts'

const git = 'https://git.example'

function kept(rules: readonly IgnoredDifference[], now: object, wanted: object): Json {
  const [there, generated] = [now, wanted].map((spec) => ({ manifest: { metadata: { name: 'a' }, spec } as ApplicationManifest }))
  if (there === undefined || generated === undefined) return null
  return (keepIgnored(rules, [there], [generated])[0]?.manifest.spec ?? null) as unknown as Json
}

const pointer = (...jsonPointers: readonly string[]) => [{ jsonPointers }]
const jq = (...jqPathExpressions: readonly string[]) => [{ jqPathExpressions }]

describe('an application without what is ignored', () => {
  it('has no part left that says nothing', () => {
    const source = { repoURL: git, path: 'web' }
    const there = { metadata: { name: 'a' }, spec: { source: { ...source, kustomize: { images: ['web:2'] } } } }
    const bare = { metadata: { name: 'a' }, spec: { source } }
    expect(withoutIgnored(pointer('/spec/source/kustomize/images'), there, 'a')).toEqual(bare)
    expect(withoutIgnored(jq('.spec.source.kustomize.images[]'), there, 'a')).toEqual(bare)
  })
})

describe('an ignored field', () => {
  it('keeps its current value, and everything else follows the template', () => {
    const now = { project: 'p', source: { repoURL: git, targetRevision: 'fix', path: 'old' } }
    const wanted = { project: 'p', source: { repoURL: git, targetRevision: 'main', path: 'new' } }
    const expected = { project: 'p', source: { repoURL: git, targetRevision: 'fix', path: 'new' } }
    expect(kept(pointer('/spec/source/targetRevision'), now, wanted)).toEqual(expected)
    expect(kept(jq('.spec.source.targetRevision'), now, wanted)).toEqual(expected)
  })

  it('stays away when it was taken away, and stays when only it is there', () => {
    const automated = { automated: { prune: true } }
    expect(kept(pointer('/spec/syncPolicy'), {}, { syncPolicy: automated })).toEqual({})
    expect(kept(jq('.spec.syncPolicy.automated'), {}, { syncPolicy: automated })).toEqual({})
    expect(kept(jq('.spec.syncPolicy.automated'), { syncPolicy: automated }, {})).toEqual({ syncPolicy: automated })
    expect(kept(jq('.spec.syncPolicy.automated'), { syncPolicy: automated }, { syncPolicy: { retry: {} } })).toEqual({
      syncPolicy: { retry: {}, ...automated },
    })
  })

  it('of one application is one of that application alone', () => {
    const rule = { jsonPointers: ['/spec/x'] }
    expect(kept([{ ...rule, name: 'other' }], { x: 1 }, { x: 2 })).toEqual({ x: 2 })
    expect(kept([{ ...rule, name: 'a' }], { x: 1 }, { x: 2 })).toEqual({ x: 1 })
    expect(kept([{ ...rule, name: '' }], { x: 1 }, { x: 2 })).toEqual({ x: 1 })
  })

  it('is what was generated in an application that is new', () => {
    const generated = [valid(manifest('new'))]
    expect(keepIgnored(pointer('/spec/destination'), [current(manifest('other'))], generated)).toEqual(generated)
  })

  it('in a list stays when other things in the list change, which Argo CD loses', () => {
    const rules = jq(`.spec.sources[] | select(.repoURL == "${git}/1").targetRevision`)
    const source = (repository: string, targetRevision: string) => ({ repoURL: `${git}/${repository}`, targetRevision })
    expect(
      kept(
        rules,
        { sources: [source('1', 'fix'), source('2', 'main')] },
        { sources: [source('0', 'main'), source('2', 'next'), source('1', 'main')] },
      ),
    ).toEqual({ sources: [source('0', 'main'), source('2', 'next'), source('1', 'fix')] })
    expect(kept(rules, { sources: [source('1', 'fix')] }, { sources: [source('3', 'main')] })).toEqual({ sources: [source('3', 'main')] })
  })

  it('in a list that is found by its place belongs to that place', () => {
    const rules = pointer('/spec/sources/0/targetRevision')
    const [one, two] = [{ repoURL: `${git}/1` }, { repoURL: `${git}/2` }]
    expect(
      kept(rules, { sources: [{ ...one, targetRevision: 'fix' }] }, { sources: [{ ...two, targetRevision: 'main' }, { ...one }] }),
    ).toEqual({ sources: [{ ...two, targetRevision: 'fix' }, one] })
    expect(kept(rules, {}, { sources: [{ ...one, targetRevision: 'main' }] })).toEqual({ sources: [{ ...one, targetRevision: 'main' }] })
  })

  it('that is an element stays as a whole, whatever the template says of it', () => {
    const rules = jq('.spec.source.helm.parameters[] | select(.name == "image.tag")')
    const helm = (...parameters: readonly string[]) => ({
      source: { helm: { parameters: parameters.map((one) => ({ name: one.split('=')[0], value: one.split('=')[1] })) } },
    })
    expect(kept(rules, helm('image.tag=v2', 'a=1'), helm('a=2', 'b=1', 'image.tag=v1'))).toEqual(helm('image.tag=v2', 'a=2', 'b=1'))
    expect(kept(rules, helm('a=1', 'image.tag=v2'), helm('image.tag=v1', 'a=1'))).toEqual(helm('a=1', 'image.tag=v2'))
    expect(kept(rules, helm('a=1'), helm('image.tag=v1', 'a=2'))).toEqual(helm('a=2'))
    expect(kept(rules, helm('image.tag=v2'), { source: {} })).toEqual(helm('image.tag=v2'))
  })

  it('of a name that JavaScript knows is a name like any other', () => {
    const now = JSON.parse('{"__proto__": {"x": 1}}') as object
    expect(JSON.stringify(kept(pointer('/spec/__proto__'), now, {}))).toBe('{"__proto__":{"x":1}}')
    expect(kept(pointer('/spec/constructor'), {}, {})).toEqual({})
  })
})

describe('rules that cannot be followed', () => {
  it('are named with their path', () => {
    const rules = [{}, { jsonPointers: ['/spec', 'spec'], jqPathExpressions: ['.a', '.spec | test("x")'] }]
    expect(ignoredDifferenceProblems(rules, 'r').map(({ path }) => path)).toEqual(['r[1].jsonPointers[1]', 'r[1].jqPathExpressions[1]'])
  })
})

const expressions = [
  '.metadata.labels',
  '.spec.source.targetRevision',
  '.spec.syncPolicy.automated',
  '.spec.sources[0].targetRevision',
  '.spec.sources[].targetRevision',
  '.spec.source.helm.parameters[] | select(.name == "a")',
  '.spec.source.helm.parameters[] | select(.name | contains("a")).value',
]

describe('whatever there is and is generated', () => {
  const word = fc.constantFrom('a', 'b', 'ab')
  const optional = <T extends object>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { requiredKeys: [] })
  const source = optional({ repoURL: word, targetRevision: word, path: word })
  const parameter = fc.record({ name: word, value: word })
  const helm = optional({ parameters: fc.uniqueArray(parameter, { selector: ({ name }) => name, maxLength: 3 }), values: word })
  const spec = optional({
    source: optional({ targetRevision: word, path: word, helm }),
    sources: fc.array(source, { maxLength: 3 }),
    syncPolicy: optional({ automated: fc.constantFrom({}, { prune: true }), syncOptions: fc.array(word, { maxLength: 2 }) }),
  })
  const example = fc.record({ spec, labels: fc.option(fc.dictionary(word, word), { nil: undefined }) })
  const make = ({ spec: own, labels }: { readonly spec: object; readonly labels?: Record<string, string> | undefined }) => {
    const { metadata } = manifest('a')
    return { metadata: labels === undefined ? metadata : { ...metadata, labels }, spec: own } as unknown as ApplicationManifest
  }
  const ignored = fc.uniqueArray(fc.constantFrom(...expressions), { minLength: 1, maxLength: 3 })

  it('an update never changes an ignored field, and what is not ignored is as generated', () => {
    fc.assert(
      fc.property(example, example, ignored, (now, next, chosen) => {
        const [there, wanted] = [make(now), make(next)]
        const rules = jq(...chosen)
        const generated = keepIgnored(rules, [{ manifest: there }], [valid(wanted)])
        const [update] = planChanges({
          current: [current(there)],
          generated,
          wantedNames: [],
          incomplete: false,
          policy: 'sync',
        }).update
        const after = (update?.manifest ?? there) as unknown as Json
        for (const expression of chosen) {
          // A source or parameter that is new has nothing to keep, and one that is gone can't.
          if (expression.includes('[')) continue
          expect(valuesOf(expression, after)).toEqual(valuesOf(expression, there as unknown as Json))
        }
        if (chosen.includes('.spec.source.helm.parameters[] | select(.name == "a")'))
          expect(valuesOf('.spec.source.helm.parameters[] | select(.name == "a")', after)).toEqual(
            valuesOf('.spec.source.helm.parameters[] | select(.name == "a")', there as unknown as Json),
          )
        const [again] = keepIgnored(rules, [{ manifest: after as unknown as ApplicationManifest }], [valid(wanted)])
        expect(
          planChanges({
            current: [current(after as unknown as ApplicationManifest)],
            generated: again === undefined ? [] : [again],
            wantedNames: [],
            incomplete: false,
            policy: 'sync',
          }).update,
        ).toEqual([])
        expect(bare(withoutIgnored(rules, after as { readonly [key: string]: Json }, 'a'))).toEqual(
          bare(withoutIgnored(rules, wanted as unknown as { readonly [key: string]: Json }, 'a')),
        )
      }),
      { numRuns: 2_000 },
    )
  })
})

function valuesOf(expression: string, value: Json): readonly Json[] {
  const parsed = parseJq(expression)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return jqPaths(parsed.jq, value).map((path) => valueAt(path, value))
}

function valueAt(path: Path, value: Json): Json {
  let here: Json = value
  for (const step of path) {
    if ('key' in step) here = isJsonObject(here) ? (here[step.key] ?? null) : null
    else here = Array.isArray(here) ? ((here as readonly Json[])[step.index] ?? null) : null
  }
  return here
}

/** Without what is empty: the parent of an ignored field may be there for it alone. */
function bare(value: Json | undefined): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(bare)
  if (!isJsonObject(value)) return value ?? null
  const members = Object.entries(value).map(([key, member]) => [key, bare(member)] as const)
  return Object.fromEntries(
    members.filter(([, member]) => !(isJsonObject(member) && Object.keys(member).length === 0) && !isEmptyList(member)),
  )
}

function isEmptyList(value: Json): boolean {
  return Array.isArray(value) && value.length === 0
}
