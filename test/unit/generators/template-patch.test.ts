import { describe, expect, it } from 'vitest'
import type { ApplicationSetSpec } from '../../../fleet/application-set.ts'
import { expandSet } from '../../../generators/expand-set.ts'
import { environment, inputs } from './environment.ts'

const base = { project: 'p', source: { repoURL: 'r', path: 'x' }, destination: { name: 'c' } }

function expand(templatePatch: string, elements: readonly object[], spec: object = {}) {
  // As inside a matrix from outside: a string of the manifest itself is trusted.
  const answer = { complete: true, value: { output: { parameters: elements } }, proof: 'one page' } as never
  const configMap = { complete: true, value: { data: { baseUrl: 'http://127.0.0.1', token: '$t' } }, proof: 'read' } as const
  const full = {
    goTemplate: true,
    generators: [{ plugin: { configMapRef: { name: 'm' } } }],
    template: { metadata: { name: '{{.name}}', finalizers: ['a'] }, spec: base },
    templatePatch,
    ...spec,
  } as unknown as ApplicationSetSpec
  const set = { metadata: { name: 's', namespace: 'argocd' }, spec: full }
  const expansion = expandSet(set, inputs([], { answer: ({ kind }) => (kind === 'configMap' ? configMap : answer) }), environment)
  if (expansion.outcome !== 'complete') throw new Error(JSON.stringify(expansion))
  return expansion
}

function one(templatePatch: string, element: object = {}) {
  const { applications, problems } = expand(templatePatch, [{ name: 'a', ...element }])
  return { manifest: applications[0]?.manifest, problems }
}

describe('templatePatch', () => {
  it('is rendered as one text, with conditions and numbers', () => {
    const patch =
      'spec:\n{{- if .auto }}\n  syncPolicy: {automated: {prune: {{ .prune }}}}\n  revisionHistoryLimit: {{ .keep }}\n{{- end }}\n'
    expect(one(patch, { auto: true, prune: true, keep: 3 }).manifest?.spec).toEqual({
      ...base,
      syncPolicy: { automated: { prune: true } },
      revisionHistoryLimit: 3,
    })
    expect(one(patch, { auto: false }).manifest?.spec).toEqual(base)
  })

  it('replaces lists, unites finalizers, deletes by null', () => {
    const { manifest } = one('{"metadata": {"finalizers": ["b", "a"]}, "spec": {"source": {"path": null, "directory": {"recurse": true}}}}')
    expect(manifest?.metadata).toMatchObject({ finalizers: ['b', 'a'] })
    expect(manifest?.spec.source).toEqual({ repoURL: 'r', directory: { recurse: true } })
  })

  it("puts its own finalizers before the template's, in its order", () => {
    const template = { metadata: { name: '{{.name}}', finalizers: ['x', 'y', 'z'] }, spec: base }
    const { applications } = expand('metadata: {finalizers: [new, y]}', [{ name: 'a' }], { template })
    expect(applications[0]?.manifest.metadata.finalizers).toEqual(['new', 'x', 'y', 'z'])
  })

  it('replaces, empties or keeps some fields of an object by directives', () => {
    expect(one('spec: {source: {$retainKeys: [repoURL, chart], chart: c}}').manifest?.spec.source).toEqual({ repoURL: 'r', chart: 'c' })
    expect(one('spec: {source: {$patch: replace, repoURL: other}}').manifest?.spec.source).toEqual({ repoURL: 'other' })
    expect(one('metadata: {$deleteFromPrimitiveList/finalizers: [a]}').manifest?.metadata).not.toHaveProperty('finalizers')
    expect(one('metadata: {labels: {$patch: replace, a: b}}').manifest?.metadata).not.toHaveProperty('labels')
  })

  it('never changes project or namespace, may change the name, and drops unknown fields', () => {
    const { manifest } = one('metadata: {name: other, namespace: x}\nspec: {project: y, nope: 1, destination: {server: s, name: null}}')
    expect(manifest).toEqual({
      metadata: { name: 'other', namespace: 'argocd', finalizers: ['a'] },
      spec: { ...base, destination: { server: 's' } },
    })
  })

  it('works without goTemplate, too', () => {
    const elements = [{ name: 'a', prune: 'true' }]
    const { applications } = expand('spec: {syncPolicy: {automated: {prune: {{prune}}}}}', elements, {
      goTemplate: false,
      template: { metadata: { name: '{{name}}' }, spec: base },
    })
    expect(applications[0]?.manifest.spec).toMatchObject({ syncPolicy: { automated: { prune: true } } })
  })

  it.each([
    ['spec: [unclosed', 'line 1'],
    ['just text', 'must give an object'],
    ['spec: {revisionHistoryLimit: many}', 'spec.revisionHistoryLimit'],
    ['metadata: {labels: {a: 1}}', 'metadata.labels.a'],
    ['spec: 1', 'spec must be an object'],
    ['spec: {source: {$patch: merge}}', '$patch takes'],
    ['spec: {source: {$retainKeys: [path], chart: c}}', '$retainKeys'],
    ['spec: {{ .nope.nope.nope }', 'unexpected'],
  ])('a patch that fails leaves out that element and says why: %s', (patch, message) => {
    const { manifest, problems } = one(patch)
    expect(manifest).toBeUndefined()
    expect(problems).toEqual([{ path: 'spec.templatePatch', message: expect.stringContaining(message) }])
  })

  it('leaves out only the element that fails', () => {
    const { applications, problems } = expand('spec: {revisionHistoryLimit: {{ .keep }}}', [
      { name: 'a', keep: 1 },
      { name: 'b', keep: 'x' },
    ])
    expect(applications.map(({ manifest }) => manifest.metadata.name)).toEqual(['a'])
    expect(problems).toHaveLength(1)
  })

  it.each([
    ['metadata:\n  labels:\n    title: {{ .title }}\n', 'x\nspec:\n  destination:\n    name: other'],
    ['metadata: {labels: {title: {{ .title }}}}', 'x}, annotations: {w: 1'],
    ['{"metadata": {"labels": {"title": "{{ .title }}"}}}', 'x"}}, "spec": {"destination": {"name": "other"}}, "z": {"y": {"w": "1'],
    ["metadata: {labels: {title: '{{ .title }}'}}", "x', other: 'y"],
  ])('a text from outside cannot add fields: %s', (patch, title) => {
    const { manifest, problems } = one(patch, { title })
    expect(manifest).toBeUndefined()
    expect(problems[0]?.message).toMatch(/parameter title would change|line/)
  })

  it.each(['null', 'Null', 'NULL', '~'])('a text from outside cannot delete a field: %s', (title) => {
    const patch = 'spec: {source: {path: {{ .title }}}}'
    const { manifest, problems } = one(patch, { title })
    expect(manifest).toBeUndefined()
    expect(problems[0]?.message).toContain('parameter title would change')
    expect(one('spec: {source: {path: {{ .title | quote }}}}', { title }).manifest?.spec.source).toMatchObject({ path: title })
  })

  it.each(['{{ index (splitList "/" .title) 1 }}', '{{ (split "/" .title)._1 }}', '{{ trimPrefix "feature/" .title | upper | lower }}'])(
    'nor can a part of one add any: %s',
    (part) => {
      const { manifest, problems } = one(`metadata: {labels: {title: ${part}}}`, { title: 'feature/x}, annotations: {w: 1' })
      expect(manifest).toBeUndefined()
      expect(problems[0]?.message).toContain('parameter title would change')
      const label = one(`metadata: {labels: {title: ${part}}}`, { title: 'feature/x' }).manifest?.metadata.labels
      expect(label).toEqual({ title: 'x' })
      expect(one(`metadata: {labels: {title: ${part}}}`, { title: 'feature/x y' }).manifest?.metadata.labels).toEqual({ title: 'x y' })
    },
  )

  it('a text from outside may be written with quote, parsed on purpose, or be a key', () => {
    const title = 'a: "b"\nc: d'
    expect(one('metadata: {labels: {title: {{ .title | quote }}}}', { title }).manifest?.metadata.labels).toEqual({ title })
    const json = '{"k": "v: w", "l": "m"}'
    expect(one('metadata: {labels: {{ .json | fromJson | toJson }}}', { json }).manifest?.metadata.labels).toEqual({ k: 'v: w', l: 'm' })
    expect(one('metadata: {labels: {"{{ .key }}": x}}', { key: 'a b' }).manifest?.metadata.labels).toEqual({ 'a b': 'x' })
  })

  it('texts from outside of which nothing is written are harmless, however many there are', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`text${n}`, `a: ${n}`]))
    expect(one('spec: {revisionHistoryLimit: 3}', many)).toMatchObject({ manifest: { spec: { revisionHistoryLimit: 3 } }, problems: [] })
  })

  it('a text of the set itself may hold fields', () => {
    const generators = [{ list: { elements: [{ name: 'a', more: 'labels: {x: "y: z"}' }] } }]
    const { applications } = expand('metadata: { {{ .more }} }', [], { generators })
    expect(applications[0]?.manifest.metadata.labels).toEqual({ x: 'y: z' })
  })
})
