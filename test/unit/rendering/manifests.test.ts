import { describe, expect, it } from 'vitest'
import { objectsOfFile } from '../../../rendering/directory.ts'
import { isHook } from '../../../rendering/hooks.ts'
import { readManifests } from '../../../rendering/manifests.ts'
import { failure } from './memory-repositories.ts'

const named = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`

describe('readManifests', () => {
  it('reads all documents in order', () => {
    expect(readManifests(`${named('a')}---\n---\n${named('b')}`, 'x.yaml').map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
  })

  it('flattens lists, also empty ones and those in lists', () => {
    const item = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
    const list = { apiVersion: 'v1', kind: 'List', items: [item('a'), { apiVersion: 'v1', kind: 'List', items: [item('b')] }] }
    expect(readManifests(JSON.stringify(list), 'x.json').map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
    expect(readManifests('apiVersion: v1\nkind: ConfigMapList\nitems: []\n', 'x')).toEqual([])
    expect(readManifests('apiVersion: v1\nkind: ConfigMapList\nitems: null\n', 'x')).toEqual([])
  })

  it.each([
    ['- 1\n', 'x.yaml:1 (document 1): a Kubernetes object is expected, not a list'],
    [`${named('a')}---\ntext\n`, 'x.yaml:5 (document 2): a Kubernetes object is expected, not the string "text"'],
    ['apiVersion: v1\nmetadata: {name: a}\n', '"kind" is missing'],
    ['kind: Pod\nmetadata: {name: a}\n', '"apiVersion" of this Pod is missing'],
    ['apiVersion: v1\nkind: Pod\n', '"metadata" of this Pod is missing'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: 12}\n', '"metadata.name" of this Pod has to be text'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {x: yes}}\n', 'the value of "x" has to be text; quote it'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: [x]}\n', '"metadata.annotations" of Pod a has to be a map'],
    ['a: 1\na: 2\n', 'x.yaml:2: the key "a" is given twice'],
  ])('says what is wrong with %j', async (text, message) => {
    const error = await failure(() => readManifests(text, 'x.yaml'))
    expect([error.code, error.message]).toEqual(['RENDER_FAILED', expect.stringContaining(message)])
  })

  it('says that generated names are not supported', async () => {
    expect((await failure(() => readManifests('apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n', 'x'))).code).toBe('UNSUPPORTED')
  })

  it('takes an empty namespace for none', () => {
    expect(readManifests('apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: ""}\n', 'x')[0]?.metadata).toEqual({ name: 'a' })
  })
})

describe('files of a plain directory, as Argo CD takes them', () => {
  it('leaves out YAML that is not a manifest, and says when a manifest is broken', async () => {
    expect(objectsOfFile('replicas: 1\n', 'values.yaml')).toEqual([])
    expect(objectsOfFile('{{ template }}', 'x.yaml')).toEqual([])
    expect((await failure(() => objectsOfFile(`${named('a')}  broken`, 'x.yaml'))).code).toBe('RENDER_FAILED')
    expect((await failure(() => objectsOfFile('{}', 'x.json'))).code).toBe('RENDER_FAILED')
  })

  it('leaves out files that are marked', () => {
    expect(objectsOfFile(`# +argocd:skip-file-rendering\n${named('a')}`, 'x.yaml')).toEqual([])
  })
})

describe('isHook', () => {
  const object = (annotations?: Record<string, string>) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'a', ...(annotations === undefined ? {} : { annotations }) },
  })

  it.each([
    [undefined, false],
    [{}, false],
    [{ 'argocd.argoproj.io/hook': 'PreSync' }, true],
    [{ 'argocd.argoproj.io/hook': '' }, false],
    [{ 'helm.sh/hook': 'pre-install' }, true],
    [{ 'helm.sh/hook': 'crd-install' }, false],
    [{ 'argocd.argoproj.io/sync-wave': '1' }, false],
  ])('%j: %s', (annotations, expected) => {
    expect(isHook(object(annotations))).toBe(expected)
  })
})
