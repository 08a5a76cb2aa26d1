import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApplicationSource } from '../../../fleet/application.ts'
import { FleetError } from '../../../fleet/errors.ts'
import { createRenderer, type RendererOptions } from '../../../rendering/create-renderer.ts'
import { createRepositories } from '../../../repos/create-repositories.ts'
import type { Repositories } from '../../../repos/repository.ts'
import { type GitServer, startGitServer } from '../../../sandbox/git-server.ts'
import { findTool } from '../../../toolchain/find-tool.ts'
import { exampleFiles } from './example-files.ts'

const dir = mkdtempSync(join(tmpdir(), 'roadstead-rendering-'))
let server: GitServer
let repositories: Repositories
let kustomizeBinary: string
let commit = ''
let counter = 0

beforeAll(async () => {
  kustomizeBinary = await findTool('kustomize', { log: () => undefined })
  server = await startGitServer({ dir })
  repositories = createRepositories({ cacheDir: join(dir, 'repositories') })
  commit = await server.createRepository('apps', exampleFiles)
})
afterAll(async () => {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})

const fresh = (name: string) => join(dir, `${name}-${counter++}`)
const rendererWith = (more: Partial<RendererOptions> = {}) =>
  createRenderer({ repositories, kustomizeBinary, cacheDir: fresh('renderings'), scratchDir: fresh('scratch'), ...more })
const access = () => ({ url: server.repositoryUrl('apps'), credentials: null })
const inputOf = (path: string, more: Partial<ApplicationSource> = {}, at = commit) => ({
  access: access(),
  commit: at,
  source: { repoURL: access().url, path, ...more },
  applicationName: 'shop',
  namespace: 'default',
})

async function failure(work: Promise<unknown>): Promise<FleetError> {
  try {
    await work
  } catch (error) {
    if (error instanceof FleetError) return error
    throw error
  }
  return expect.fail('it should have failed')
}

/** A commit on a branch of its own with these changes, so that tests don't meet. */
const changed = (files: Record<string, string>) => server.commit('apps', `change-${counter++}`, { message: 'change', files })

describe('kustomize', () => {
  it('renders an overlay with deprecated fields', async () => {
    const { objects, tool } = await rendererWith().render(inputOf('apps/shop/overlays/dev'), {})
    const deployment = objects.find(({ kind }) => kind === 'Deployment')
    expect([tool, objects.length]).toEqual(['Kustomize', 2])
    expect(deployment).toMatchObject({
      metadata: { name: 'shop', namespace: 'dev', labels: { stage: 'dev' } },
      spec: {
        replicas: 2,
        template: { spec: { containers: [{ image: 'images.example.com/shop:1.1.0', env: [{ name: 'ENABLED', value: 'yes' }] }] } },
      },
    })
  })

  it('renders an overlay with a component, patches and a generator', async () => {
    const { objects } = await rendererWith().render(inputOf('apps/shop/overlays/prod'), {})
    expect(objects.find(({ kind }) => kind === 'Deployment')).toMatchObject({
      metadata: { name: 'live-shop', namespace: 'prod', annotations: { owner: 'team' } },
      spec: { replicas: 6, template: { spec: { priorityClassName: 'high' } } },
    })
    expect(objects.find(({ kind }) => kind === 'ConfigMap')).toMatchObject({ data: { 'settings.txt': 'on: yes\n' } })
  })

  it("puts the Application's own parameters in place of those in the file, as Argo CD does", async () => {
    const kustomize = {
      namePrefix: 'mine-',
      nameSuffix: '-x',
      namespace: 'elsewhere',
      images: ['images.example.com/shop=mirror.example.com/shop:2.0.0'],
      replicas: [{ name: 'shop', count: 9 }],
      commonLabels: { app: 'shop', of: '$ARGOCD_APP_NAME' },
      forceCommonLabels: true,
      labelWithoutSelector: true,
      commonAnnotations: { link: 'https://example.com/a,b' },
      patches: [{ target: { kind: 'Service' }, patch: '- op: add\n  path: /spec/type\n  value: LoadBalancer\n' }],
    }
    const { objects } = await rendererWith().render(inputOf('apps/shop/overlays/prod', { kustomize }), {})
    const deployment = objects.find(({ kind }) => kind === 'Deployment')
    expect(deployment).toMatchObject({
      metadata: { name: 'mine-shop-x', namespace: 'elsewhere', labels: { of: 'shop' }, annotations: { link: 'https://example.com/a,b' } },
      spec: {
        replicas: 9,
        selector: { matchLabels: { app: 'shop' } },
        template: { spec: { containers: [{ image: 'mirror.example.com/shop:2.0.0' }] } },
      },
    })
    expect(objects.find(({ kind }) => kind === 'Service')).toMatchObject({ spec: { type: 'LoadBalancer' } })
  })

  it('takes components of the Application in, and leaves out missing ones only when told so', async () => {
    const renderer = rendererWith()
    const components = ['../../../../components/limits', '../../../../components/none']
    const { objects } = await renderer.render(
      inputOf('apps/shop/overlays/dev', { kustomize: { components, ignoreMissingComponents: true } }),
      {},
    )
    expect(objects.find(({ kind }) => kind === 'Deployment')).toMatchObject({ spec: { template: { spec: { priorityClassName: 'high' } } } })
    const error = await failure(renderer.render(inputOf('apps/shop/overlays/dev', { kustomize: { components } }), {}))
    expect([error.code, error.message]).toEqual(['RENDER_FAILED', expect.stringContaining('components/none')])
  })

  it('never takes a parameter for an option', async () => {
    const { objects } = await rendererWith().render(inputOf('apps/shop/base', { kustomize: { namePrefix: '--help-' } }), {})
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(['--help-shop', '--help-shop'])
  })

  it("gives kustomize's own words without our paths", async () => {
    const scratchDir = fresh('scratch')
    const broken = await changed({ 'apps/shop/overlays/dev/kustomization.yaml': 'resources: [../../base]\npatches: [{path: none.yaml}]\n' })
    const error = await failure(rendererWith({ scratchDir }).render(inputOf('apps/shop/overlays/dev', {}, broken), {}))
    expect([error.code, error.message]).toEqual(['RENDER_FAILED', expect.stringContaining('none.yaml')])
    expect(error.message).not.toContain(dir)
    expect(readdirSync(scratchDir)).toEqual([])
  })

  it.each<[string, string, string]>([
    ['a remote base', 'resources: [github.com/team/apps//base?ref=main]', 'RENDER_FAILED'],
    ['a remote file', 'resources: [https://127.0.0.1/x.yaml]', 'RENDER_FAILED'],
    ['Helm charts', 'helmCharts: [{name: a, repo: https://example.com}]', 'UNSUPPORTED'],
    ['a way out of the repository', 'resources: [../../../../../../etc]', 'RENDER_FAILED'],
    ['a plugin that is a program', 'generators: [plugin.yaml]', 'UNSUPPORTED'],
    ['a file elsewhere in the repository', 'configMapGenerator: [{name: a, files: [../../../../other/notes.txt]}]', 'RENDER_FAILED'],
    ['a file of the machine', 'configMapGenerator: [{name: a, files: [/etc/hostname]}]', 'RENDER_FAILED'],
  ])('refuses %s', async (_, kustomization, code) => {
    const plugin =
      'apiVersion: mine/v1\nkind: Program\nmetadata:\n  name: a\n  annotations:\n    config.kubernetes.io/function: "exec: {path: ./run.sh}"\n'
    const bad = await changed({
      'apps/shop/overlays/dev/kustomization.yaml': `${kustomization}\n`,
      'apps/shop/overlays/dev/plugin.yaml': plugin,
    })
    expect((await failure(rendererWith().render(inputOf('apps/shop/overlays/dev', {}, bad), {}))).code).toBe(code)
  })

  it('asks no server, whichever field names one', async () => {
    const asked: string[] = []
    const site = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: remote}\n')
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    const { port } = site.address() as AddressInfo
    const configs = [
      'resources: [URL]',
      'patches: [{path: URL}]',
      'transformers: [{apiVersion: builtin, kind: PatchTransformer, metadata: {name: a}, path: URL}]',
      'openapi: {path: URL}',
      'crds: [URL]',
      'replacements: [{path: URL}]',
    ]
    for (const config of configs) {
      const bad = await changed({ 'apps/shop/base/kustomization.yaml': `${config.replace('URL', `http://127.0.0.1:${port}/x.yaml`)}\n` })
      expect((await failure(rendererWith().render(inputOf('apps/shop/base', {}, bad), {}))).code).toBe('RENDER_FAILED')
    }
    site.closeAllConnections()
    await new Promise((resolve) => site.close(resolve))
    expect(asked).toEqual([])
  })

  it('is bounded in time, output and files', async () => {
    const slow = join(dir, 'slow.sh')
    writeFileSync(slow, '#!/bin/sh\n[ "$1" = version ] && echo v0 && exit\nexec /bin/sleep 30\n')
    chmodSync(slow, 0o755)
    const late = await failure(
      rendererWith({ kustomizeBinary: slow, limits: { kustomizeTimeoutMs: 200 } }).render(inputOf('apps/shop/base'), {}),
    )
    expect([late.code, late.message]).toEqual(['LIMIT_EXCEEDED', expect.stringContaining('0.2 s')])
    for (const limits of [{ outputBytesMax: 50 }, { filesMax: 1 }, { sourceBytesMax: 50 }, { objectsMax: 1 }]) {
      expect((await failure(rendererWith({ limits }).render(inputOf('apps/shop/overlays/dev'), {}))).code).toBe('LIMIT_EXCEEDED')
    }
  })

  it('stops when the caller leaves', async () => {
    const slow = join(dir, 'slow2.sh')
    writeFileSync(slow, '#!/bin/sh\n[ "$1" = version ] && echo v0 && exit\nexec /bin/sleep 30\n')
    chmodSync(slow, 0o755)
    const leaving = new AbortController()
    const scratchDir = fresh('scratch')
    const work = rendererWith({ kustomizeBinary: slow, scratchDir }).render(inputOf('apps/shop/base'), { signal: leaving.signal })
    setTimeout(() => leaving.abort(new Error('leaving')), 200)
    await expect(work).rejects.toThrow('leaving')
    await expect.poll(() => readdirSync(scratchDir)).toEqual([])
  })

  it('says that there is no kustomize', async () => {
    expect((await failure(rendererWith({ kustomizeBinary: join(dir, 'none') }).render(inputOf('apps/shop/base'), {}))).code).toBe(
      'INTERNAL',
    )
  })
})

describe('plain directories', () => {
  const names = async (more: Partial<ApplicationSource> = {}, path = 'plain') =>
    (await rendererWith().render(inputOf(path, more), {})).objects.map(({ metadata }) => metadata.name)

  it('are read file by file, document by document, lists flattened, strangers left out', async () => {
    expect(await names()).toEqual(['a', 'b', 'c'])
  })

  it('are read with their subdirectories when told so, and filtered', async () => {
    expect(await names({ directory: { recurse: true } })).toEqual(['a', 'b', 'd', 'c'])
    expect(await names({ directory: { recurse: true, include: '*.yml' } })).toEqual(['d'])
    expect(await names({ directory: { recurse: true, exclude: '{deep/*,*.json}' } })).toEqual(['a', 'b'])
  })

  it('are charts when they hold one, which is not supported yet', async () => {
    expect(await failure(rendererWith().render(inputOf('chart'), {}))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('Helm charts come with a later release'),
    })
  })

  it('say which file, line and document is wrong', async () => {
    const bad = await changed({ 'plain/z.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: z}\n---\n- 1\n' })
    expect(await failure(rendererWith().render(inputOf('plain', {}, bad), {}))).toMatchObject({
      code: 'RENDER_FAILED',
      message: expect.stringContaining('plain/z.yaml:5 (document 2)'),
    })
  })

  it('with Jsonnet say so', async () => {
    const jsonnet = await changed({ 'plain/x.jsonnet': '{}' })
    expect((await failure(rendererWith().render(inputOf('plain', {}, jsonnet), {}))).code).toBe('UNSUPPORTED')
  })
})

describe('the content key', () => {
  const keys = async (at: string) => {
    const renderer = rendererWith()
    const paths = ['apps/shop/base', 'apps/shop/overlays/dev', 'apps/shop/overlays/prod', 'plain']
    return Promise.all(paths.map((path) => renderer.contentKey(inputOf(path, {}, at), {})))
  }
  const changes = async (files: Record<string, string>) => {
    const [before, after] = await Promise.all([keys(commit), changed(files).then(keys)])
    return before.map((key, index) => key !== after[index])
  }

  it('stays when a commit touches nothing that is read', async () => {
    expect(await changes({ 'other/notes.txt': 'new', 'README.md': 'new', 'plain/README.md': 'new', 'plain/deep/d.yml': 'new' })).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  it('changes for all overlays of a base that is touched', async () => {
    expect(await changes({ 'apps/shop/base/service.yaml': 'new' })).toEqual([true, true, true, false])
  })

  it('changes for the overlay that is touched, or whose component is', async () => {
    expect(await changes({ 'apps/shop/overlays/dev/replicas.yaml': 'new' })).toEqual([false, true, false, false])
    expect(await changes({ 'components/limits/limits.yaml': 'new' })).toEqual([false, false, true, false])
  })

  it('changes with the parameters, and with the application only where that is used', async () => {
    const renderer = rendererWith()
    const key = (more: Partial<ApplicationSource>, applicationName = 'shop') =>
      renderer.contentKey({ ...inputOf('apps/shop/base', more), applicationName }, {})
    expect(await key({})).toBe(await key({}, 'other'))
    expect(await key({})).toBe(await key({ kustomize: {} }))
    expect(await key({ kustomize: { namePrefix: 'a-' } })).not.toBe(await key({}))
    const named = { kustomize: { commonLabels: { of: '$ARGOCD_APP_NAME' } } }
    expect(await key(named)).not.toBe(await key(named, 'other'))
  })

  it('is the same for repositories that hold the same, and asks no kustomize to build', async () => {
    const same = await server.createRepository('copy', exampleFiles)
    const copy = { ...inputOf('apps/shop/overlays/prod', {}, same), access: { url: server.repositoryUrl('copy'), credentials: null } }
    const renderer = rendererWith()
    expect(await renderer.contentKey(copy, {})).toBe(await renderer.contentKey(inputOf('apps/shop/overlays/prod'), {}))
  })
})

describe('renderings', () => {
  /** kustomize, and a line in a file for each build. */
  const counted = () => {
    const [log, script] = [fresh('builds'), fresh('counted.sh')]
    writeFileSync(log, '')
    writeFileSync(script, `#!/bin/sh\n[ "$1" = build ] && echo build >> ${log}\nexec ${kustomizeBinary} "$@"\n`)
    chmodSync(script, 0o755)
    return { kustomizeBinary: script, builds: () => readFileSync(log, 'utf8').split('\n').length - 1 }
  }

  it('are built once for equal content: at the same time, again, and after a restart', async () => {
    const { kustomizeBinary: binary, builds } = counted()
    const options = { kustomizeBinary: binary, cacheDir: fresh('renderings') }
    const renderer = rendererWith(options)
    const all = await Promise.all([1, 2, 3].map(() => renderer.render(inputOf('apps/shop/overlays/dev'), {})))
    const later = await rendererWith(options).render(inputOf('apps/shop/overlays/dev'), {})
    expect(new Set([...all, later].map(({ manifestsDigest }) => manifestsDigest)).size).toBe(1)
    expect(builds()).toBe(1)
  })

  it('that were damaged on disk are built again', async () => {
    const { kustomizeBinary: binary, builds } = counted()
    const options = { kustomizeBinary: binary, cacheDir: fresh('renderings') }
    const good = await rendererWith(options).render(inputOf('apps/shop/overlays/dev'), {})
    const file = join(options.cacheDir, readdirSync(options.cacheDir)[0] ?? '')
    for (const damage of [(text: string) => text.slice(0, -10), (text: string) => text.replace('"dev"', '"prod"'), () => '']) {
      writeFileSync(file, damage(readFileSync(file, 'utf8')))
      expect(await rendererWith(options).render(inputOf('apps/shop/overlays/dev'), {})).toEqual(good)
    }
    expect(builds()).toBe(4)
  })

  it('can not be changed by who got one', async () => {
    const renderer = rendererWith()
    const first = await renderer.render(inputOf('plain'), {})
    Object.assign(first.objects[0]?.metadata ?? {}, { name: 'changed' })
    expect((await renderer.render(inputOf('plain'), {})).objects[0]?.metadata.name).toBe('a')
  })

  it('are bounded on disk', async () => {
    const cacheDir = fresh('renderings')
    for (const namePrefix of ['a-', 'b-', 'c-'])
      await rendererWith({ cacheDir, limits: { cacheBytesMax: 1500 } }).render(inputOf('apps/shop/base', { kustomize: { namePrefix } }), {})
    expect(readdirSync(cacheDir).length).toBeLessThan(3)
  })
})

describe('symlinks', () => {
  /** The git server writes plain files only: links are made by git itself. */
  async function withLinks(links: Readonly<Record<string, string>>, files: Record<string, string> = {}): Promise<string> {
    const clone = fresh('clone')
    const git = (...args: string[]) =>
      execFileSync('git', args, {
        cwd: clone,
        env: { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
        stdio: 'pipe',
      })
        .toString()
        .trim()
    const base = await changed({ ...files, 'links.txt': `${counter}` })
    execFileSync('git', ['clone', '--quiet', '--no-checkout', join(dir, 'bare', 'apps.git'), clone], { stdio: 'pipe' })
    git('checkout', '--quiet', base)
    for (const [path, target] of Object.entries(links)) symlinkSync(target, join(clone, path))
    git('add', '--all')
    git('-c', 'user.name=t', '-c', 'user.email=t@example.test', 'commit', '--quiet', '--message', 'links')
    git('push', '--quiet', 'origin', `HEAD:refs/heads/links-${counter++}`)
    return git('rev-parse', 'HEAD')
  }

  it('out of the repository are refused', async () => {
    for (const target of ['/etc/passwd', '../../../../../../../../../etc/passwd']) {
      const bad = await withLinks({ 'apps/shop/base/link.yaml': target, 'plain/link.yaml': target })
      for (const path of ['apps/shop/base', 'plain']) {
        expect(await failure(rendererWith().render(inputOf(path, {}, bad), {}))).toMatchObject({
          code: 'RENDER_FAILED',
          message: expect.stringContaining('leads out of the repository'),
        })
      }
    }
  })

  it('to files that the build may read are read, and no others', async () => {
    const linked = await withLinks(
      { 'apps/shop/base/link.yaml': 'service.yaml' },
      { 'apps/shop/base/kustomization.yaml': 'resources: [deployment.yaml, link.yaml]\n' },
    )
    expect((await rendererWith().render(inputOf('apps/shop/base', {}, linked), {})).objects.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'Service',
    ])
    const outside = await withLinks(
      { 'apps/shop/base/link.txt': '../../../other/notes.txt' },
      { 'apps/shop/base/kustomization.yaml': 'configMapGenerator: [{name: a, files: [link.txt]}]\n' },
    )
    expect((await failure(rendererWith().render(inputOf('apps/shop/base', {}, outside), {}))).code).toBe('RENDER_FAILED')
  })

  it('in plain directories are followed within the repository, and count for the content key', async () => {
    const linked = await withLinks(
      { 'plain/link.yaml': '../outside/e.yaml' },
      { 'outside/e.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e}\n' },
    )
    const renderer = rendererWith()
    const { objects, contentKey } = await renderer.render(inputOf('plain', {}, linked), {})
    expect(objects.map(({ metadata }) => metadata.name)).toContain('e')
    const other = await withLinks(
      { 'plain/link.yaml': '../outside/e.yaml' },
      { 'outside/e.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: f}\n' },
    )
    expect(await renderer.contentKey(inputOf('plain', {}, other), {})).not.toBe(contentKey)
  })

  it('to symlinks or directories are not followed', async () => {
    const chain = await withLinks({ 'plain/link.yaml': 'second.yaml', 'plain/second.yaml': 'a.yaml', 'plain/dir.yaml': 'deep' })
    expect((await rendererWith().render(inputOf('plain', {}, chain), {})).objects.map(({ metadata }) => metadata.name)).toEqual([
      'a',
      'b',
      'c',
      'a',
      'b',
    ])
  })
})
