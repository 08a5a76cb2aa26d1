import { describe, expect, it } from 'vitest'
import { checkPluginConfig, isRemote, parseKustomization, referencesOf } from '../../../rendering/kustomization-file.ts'
import { failure } from './memory-repositories.ts'

const references = (text: string) => referencesOf(parseKustomization(text, 'k.yaml'), text, 'k.yaml')

describe('isRemote', () => {
  it.each([
    'https://example.com/x.yaml',
    'HTTP://example.com/x.yaml',
    'http:x',
    'github.com/team/apps',
    'github.com/team/apps//base?ref=main',
    'git@example.com:team/apps',
    'git::https://example.com/team/apps',
    'ssh://git@example.com/team/apps',
    'file:///etc',
    'gh:team/apps',
    'example.com/team/apps.git//base',
    'example.com/team/apps?ref=v1',
    'org@github.com/team/apps',
    'git@example.com/team/apps',
  ])('%s is', (reference) => {
    expect(isRemote(reference)).toBe(true)
  })

  it.each([
    '../../base',
    'deployment.yaml',
    './a',
    'a/b/c.yaml',
    'httpbin/deployment.yaml',
    'git-base',
    'file.yaml',
    'ssh',
    'base@2/x.yaml',
  ])('%s is not', (reference) => {
    expect(isRemote(reference)).toBe(false)
  })
})

describe('referencesOf', () => {
  it('gives what is taken in, also by deprecated fields', () => {
    expect(
      references('resources: [a.yaml, ../b]\nbases: [../c]\ncomponents: [../d]\ntransformers: [t.yaml]\npatchesStrategicMerge: [p.yaml]\n'),
    ).toEqual({
      resources: ['a.yaml', '../b', '../c', '../d'],
      plugins: ['t.yaml'],
    })
  })

  it('takes an empty kustomization for what it is', () => {
    expect(references('')).toEqual({ resources: [], plugins: [] })
  })

  it.each([
    'resources:\n- https://example.com/a.yaml\n',
    'bases:\n- github.com/team/apps//base?ref=v1\n',
    'components:\n- git@example.com:team/apps\n',
    'crds:\n- https://example.com/a.yaml\n',
    'patches:\n- path: https://example.com/a.yaml\n',
    'patchesStrategicMerge:\n- https://example.com/a.yaml\n',
    'patchesJson6902:\n- path: https://example.com/a.yaml\n',
    'replacements:\n- path: https://example.com/a.yaml\n',
    'openapi:\n  path: https://example.com/a.yaml\n',
    'configurations:\n- https://example.com/a.yaml\n',
    'configMapGenerator:\n- name: a\n  files: [https://example.com/a.yaml]\n',
    'configMapGenerator:\n- name: a\n  files: [key=https://example.com/a.yaml]\n',
    'secretGenerator:\n- name: a\n  envs: [HTTPS://example.com/a.env]\n',
    'configMapGenerator:\n- name: a\n  env: https://example.com/a.env\n',
    'transformers:\n- https://example.com/a.yaml\n',
    'transformers:\n- |\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: a}\n  path: https://example.com/a.yaml\n',
  ])('refuses what is remote, with its place: %j', async (text) => {
    const error = await failure(() => references(text))
    expect([error.code, error.message]).toEqual(['RENDER_FAILED', expect.stringMatching(/^k\.yaml(:\d)?: .*remote, which is refused/)])
  })

  it('does not take content for references', () => {
    const text =
      'patches:\n- patch: |-\n    - op: add\n      path: /spec/url\n      value: https://example.com\nconfigMapGenerator:\n- name: a\n  literals: [url=https://example.com]\ncommonAnnotations: {link: https://example.com}\n'
    expect(references(text)).toEqual({ resources: [], plugins: [] })
  })

  it.each(['helmCharts:\n- name: a\n', 'helmChartInflationGenerator:\n- chartName: a\n', 'helmGlobals: {chartHome: x}\n'])(
    'refuses Helm: %j',
    async (text) => {
      expect(await failure(() => references(text))).toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('k.yaml:1') })
    },
  )

  it.each(['- a\n', 'a: 1\n---\nb: 2\n', 'a: [\n'])('refuses what is no kustomization: %j', async (text) => {
    expect((await failure(() => references(text))).code).toBe('RENDER_FAILED')
  })
})

describe('checkPluginConfig', () => {
  it('lets built-in ones through', () => {
    checkPluginConfig('apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: a}\nlabels: {a: b}\n', 'p.yaml')
  })

  it.each([
    ['a program', 'apiVersion: example.com/v1\nkind: Mine\nmetadata: {name: a}\n'],
    [
      'an exec function',
      'apiVersion: builtin\nkind: X\nmetadata:\n  name: a\n  annotations:\n    config.kubernetes.io/function: "exec: {path: ./run}"\n',
    ],
    ['Helm', 'apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: a}\n'],
  ])('refuses %s', async (_, text) => {
    expect((await failure(() => checkPluginConfig(text, 'p.yaml'))).code).toBe('UNSUPPORTED')
  })
})
