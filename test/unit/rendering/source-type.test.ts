import { describe, expect, it } from 'vitest'
import type { ApplicationSource } from '../../../fleet/application.ts'
import { pathOf, sourceTypeOf, withOverrides } from '../../../rendering/source-type.ts'
import { failure, type MemoryFiles, memoryTree } from './memory-repositories.ts'

const source = (more: Partial<ApplicationSource> = {}): ApplicationSource => ({ repoURL: 'https://git.example.com/a', path: 'a', ...more })

describe('pathOf', () => {
  it.each([
    ['a', 'a'],
    ['./a/', 'a'],
    ['a/../b', 'b'],
    ['.', ''],
  ])('%s is %j', (path, expected) => {
    expect(pathOf(source({ path }))).toBe(expected)
  })

  it.each(['/a', '..', 'a/../..'])('refuses %s', async (path) => {
    expect((await failure(() => pathOf(source({ path })))).code).toBe('INVALID_INPUT')
  })

  it('refuses a source without a path and a chart', async () => {
    expect((await failure(() => pathOf({ repoURL: 'https://git.example.com/a' }))).code).toBe('INVALID_INPUT')
    expect(await failure(() => pathOf(source({ chart: 'x' })))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('Helm charts come with a later release'),
    })
  })
})

describe('sourceTypeOf', () => {
  const typeOf = (files: MemoryFiles, more: Partial<ApplicationSource> = {}) => sourceTypeOf(memoryTree(files), 'a', source(more))

  it('is what lies at the path', async () => {
    expect(await typeOf({ 'a/x.yaml': '' })).toBe('Directory')
    for (const name of ['kustomization.yaml', 'kustomization.yml', 'Kustomization'])
      expect(await typeOf({ [`a/${name}`]: '', 'a/Chart.yaml': '' })).toBe('Kustomize')
    expect(await typeOf({ 'a/deep/kustomization.yaml': '' })).toBe('Directory')
  })

  it('is what the source names, whatever lies at the path', async () => {
    expect(await typeOf({ 'a/kustomization.yaml': '' }, { directory: {} })).toBe('Directory')
    expect(await typeOf({ 'a/x.yaml': '' }, { kustomize: {} })).toBe('Kustomize')
  })

  it.each<[MemoryFiles, Partial<ApplicationSource>, string]>([
    [{ 'a/Chart.yaml': '' }, {}, 'UNSUPPORTED'],
    [{ 'a/x.yaml': '' }, { helm: {} }, 'UNSUPPORTED'],
    [{ 'a/x.yaml': '' }, { plugin: {} }, 'UNSUPPORTED'],
    [{ 'a/x.yaml': '' }, { kustomize: {}, directory: {} }, 'INVALID_INPUT'],
    [{ 'b/x.yaml': '' }, {}, 'GIT_NOT_FOUND'],
    [{ a: 'a file' }, {}, 'GIT_NOT_FOUND'],
  ])('refuses %j with %j', async (files, more, code) => {
    expect((await failure(typeOf(files, more))).code).toBe(code)
  })
})

describe('withOverrides', () => {
  it('merges the files that Argo CD merges, for the tools only', async () => {
    const tree = memoryTree({
      'a/.argocd-source.yaml': 'kustomize: {images: ["app:1"], namePrefix: x-}\nrepoURL: https://elsewhere.example.com\npath: ../etc\n',
      'a/.argocd-source-shop.yaml': 'kustomize: {images: ["app:2"], namePrefix: null}\n',
    })
    expect(await withOverrides(tree, 'a', source(), 'shop')).toEqual(source({ kustomize: { images: ['app:2'] } }))
    expect(await withOverrides(tree, 'a', source({ kustomize: { nameSuffix: '-y' } }), 'other')).toEqual(
      source({ kustomize: { nameSuffix: '-y', images: ['app:1'], namePrefix: 'x-' } }),
    )
  })

  it('leaves the source alone without them', async () => {
    const plain = source({ directory: { recurse: true } })
    expect(await withOverrides(memoryTree({ 'a/x.yaml': '' }), 'a', plain, 'shop')).toEqual(plain)
  })

  it('says where they are broken', async () => {
    expect(await failure(withOverrides(memoryTree({ 'a/.argocd-source.yaml': 'a: [' }), 'a', source(), 'shop'))).toMatchObject({
      code: 'RENDER_FAILED',
      message: expect.stringContaining('a/.argocd-source.yaml:1'),
    })
  })
})
