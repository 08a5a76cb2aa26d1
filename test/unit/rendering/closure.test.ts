import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kustomizeClosure } from '../../../rendering/closure.ts'
import { defaultRenderLimits } from '../../../rendering/limits.ts'
import { isWithin, resolvePath } from '../../../rendering/source-tree.ts'
import { failure, type MemoryFiles, memoryTree } from './memory-repositories.ts'

const closureOf = async (files: MemoryFiles, path: string, components: readonly string[] = []) =>
  (await kustomizeClosure(memoryTree(files), path, components, defaultRenderLimits)).map((directory) => directory.path)
const kustomization = (...resources: readonly string[]) => JSON.stringify({ resources })

const apps: MemoryFiles = {
  'app/base/kustomization.yaml': kustomization('deployment.yaml'),
  'app/base/deployment.yaml': '',
  'app/overlays/dev/kustomization.yaml': kustomization('../../base'),
  'app/overlays/prod/kustomization.yml': JSON.stringify({ resources: ['../../base', 'extra'], components: ['../../../components/tls'] }),
  'app/overlays/prod/extra/Kustomization': '',
  'components/tls/kustomization.yaml': 'kind: Component\n',
  'other/kustomization.yaml': '',
}

describe('kustomizeClosure', () => {
  it('is the directory and all that it refers to', async () => {
    expect(await closureOf(apps, 'app/overlays/dev')).toEqual(['app/base', 'app/overlays/dev'])
    expect(await closureOf(apps, 'app/overlays/prod')).toEqual(['app/base', 'app/overlays/prod', 'components/tls'])
    expect(await closureOf(apps, 'app/overlays/dev', ['components/tls'])).toEqual(['app/base', 'app/overlays/dev', 'components/tls'])
  })

  it('is the root when that is the path', async () => {
    expect(await closureOf({ 'kustomization.yaml': kustomization('a'), 'a/kustomization.yaml': '' }, '')).toEqual([''])
  })

  it('ends where directories refer to each other', async () => {
    expect(await closureOf({ 'a/kustomization.yaml': kustomization('../b'), 'b/kustomization.yaml': kustomization('../a') }, 'a')).toEqual([
      'a',
      'b',
    ])
  })

  it('follows the directories of generators and transformers, whose resources are configurations too', async () => {
    const files: MemoryFiles = {
      'a/kustomization.yaml': JSON.stringify({ transformers: ['../t'] }),
      't/kustomization.yaml': kustomization('t.yaml'),
      't/t.yaml': 'apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: a}\n',
    }
    expect(await closureOf(files, 'a')).toEqual(['a', 't'])
    const error = await failure(closureOf({ ...files, 't/t.yaml': 'apiVersion: mine/v1\nkind: Program\n' }, 'a'))
    expect([error.code, error.message]).toEqual(['UNSUPPORTED', expect.stringContaining('t/t.yaml:1: Program')])
  })

  it.each<[string, MemoryFiles, string, RegExp]>([
    [
      'a way out of the repository',
      { 'a/kustomization.yaml': kustomization('../../etc') },
      'RENDER_FAILED',
      /^a\/kustomization\.yaml:1: .*leads out of the repository/,
    ],
    ['an absolute path', { 'a/kustomization.yaml': kustomization('/etc/passwd') }, 'RENDER_FAILED', /leads out of the repository/],
    ['something that is not there', { 'a/kustomization.yaml': kustomization('../b') }, 'RENDER_FAILED', /there is no b in the repository/],
    [
      'a directory without a kustomization',
      { 'a/kustomization.yaml': kustomization('../b'), 'b/x.yaml': '' },
      'RENDER_FAILED',
      /no kustomization\.yaml in b/,
    ],
    [
      'a file elsewhere',
      { 'a/kustomization.yaml': kustomization('../b/x.yaml'), 'b/x.yaml': '' },
      'RENDER_FAILED',
      /outside of the kustomization's directory/,
    ],
    ['a submodule', { 'a/kustomization.yaml': kustomization('../b'), b: { submodule: true } }, 'UNSUPPORTED', /submodule/],
    ['something remote', { 'a/kustomization.yaml': kustomization('https://example.com/x') }, 'RENDER_FAILED', /remote/],
    ['two kustomizations in one directory', { 'a/kustomization.yaml': '', 'a/Kustomization': '' }, 'RENDER_FAILED', /more than one/],
    [
      'a directory behind a symlink',
      { 'a/kustomization.yaml': kustomization('link/b'), 'a/link': { link: '..' }, 'b/kustomization.yaml': '' },
      'RENDER_FAILED',
      /there is no a\/link\/b/,
    ],
    ['no kustomization at all', { 'a/x.yaml': '' }, 'RENDER_FAILED', /no kustomization\.yaml in a/],
  ])('refuses %s', async (_, files, code, message) => {
    const error = await failure(closureOf(files, 'a'))
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)])
  })

  it('is bounded', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`d${index}/kustomization.yaml`, kustomization(`../d${index + 1}`)]),
    )
    expect((await failure(closureOf(chain, 'd0'))).code).toBe('LIMIT_EXCEEDED')
  })

  it('changes exactly when something within it changes', async () => {
    const directories = ['a', 'b', 'c', 'd'] as const
    const graph = fc.record(
      Object.fromEntries(directories.map((name) => [name, fc.subarray(directories.filter((other) => other !== name))])),
    )
    await fc.assert(
      fc.asyncProperty(graph, fc.constantFrom(...directories), async (edges, touched) => {
        const files: Record<string, string> = {}
        for (const name of directories)
          files[`${name}/kustomization.yaml`] = kustomization(...(edges[name] ?? []).map((other) => `../${other}`))
        const before = await kustomizeClosure(memoryTree(files), 'a', [], defaultRenderLimits)
        const after = await kustomizeClosure(memoryTree({ ...files, [`${touched}/notes.txt`]: 'new' }), 'a', [], defaultRenderLimits)
        const reached = before.some(({ path }) => path === touched)
        expect(JSON.stringify(before) !== JSON.stringify(after)).toBe(reached)
      }),
    )
  })
})

describe('resolvePath', () => {
  const segments = fc.array(fc.constantFrom('..', '.', 'a', 'b', ''), { maxLength: 8 })

  it('never leaves the repository', () => {
    fc.assert(
      fc.property(segments, fc.constantFrom('', 'x', 'x/y'), (parts, from) => {
        const path = resolvePath(from, parts.join('/'))
        if (path === null) return
        expect(path.split('/').some((segment) => segment === '..' || segment === '.')).toBe(false)
        expect(path.startsWith('/')).toBe(false)
        expect(isWithin(path, '')).toBe(true)
      }),
    )
  })

  it.each(['/etc', '..', 'a/../../b', 'a\\b', 'a\0'])('refuses %j from the root', (path) => {
    expect(resolvePath('', path)).toBeNull()
  })
})
