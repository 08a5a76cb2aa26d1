import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FleetError } from '../../../fleet/errors.ts'
import { createRepositories } from '../../../repos/create-repositories.ts'
import type { RepositoryLimits } from '../../../repos/limits.ts'
import { flushPacket, packet } from '../../../repos/pkt-line.ts'
import type { RepositoryAccess } from '../../../repos/repository.ts'
import { type GitServer, startGitServer } from '../../../sandbox/git-server.ts'

const dir = mkdtempSync(join(tmpdir(), 'roadstead-repos-'))
const credentials = { username: 'reader', password: 'hunter2' }
let server: GitServer
let access: RepositoryAccess
let [first, second] = ['', '']
let caches = 0

const freshDir = () => join(dir, `cache-${caches++}`)
const open = (cacheDir = freshDir(), limits: Partial<RepositoryLimits> = {}) => createRepositories({ cacheDir, limits })
const fetches = () => server.requests().filter(({ endpoint, status }) => endpoint === 'git-upload-pack' && status === 200).length
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')

async function failure(work: Promise<unknown>): Promise<FleetError> {
  try {
    await work
  } catch (error) {
    if (error instanceof FleetError) return error
    throw error
  }
  return expect.fail('it should have failed')
}

beforeAll(async () => {
  server = await startGitServer({ dir, credentials })
  first = await server.createRepository('apps', { 'a/x.yaml': 'one\n', 'a/deep/y.yaml': 'y\n', 'b/z.yaml': 'z\n' })
  await server.tag('apps', 'v1.0.0', first)
  second = await server.commit('apps', 'main', { message: 'second', files: { 'a/x.yaml': 'two\n' } })
  access = { url: server.repositoryUrl('apps'), credentials }
})
afterAll(async () => {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => {
  server.setOutage(false)
  server.forgetRequests()
})

describe('listRefs', () => {
  it('gives HEAD, branches and tags', async () => {
    expect(Object.fromEntries(await open().listRefs(access, {}))).toEqual({
      HEAD: second,
      'refs/heads/main': second,
      'refs/tags/v1.0.0': first,
    })
  })

  it('asks once for all who ask at the same time', async () => {
    const repositories = open()
    await Promise.all([repositories.listRefs(access, {}), repositories.listRefs(access, {})])
    expect(fetches()).toBe(1)
  })

  it('tells apart missing and wrong credentials, a missing repository and an outage', async () => {
    const repositories = open()
    expect((await failure(repositories.listRefs({ ...access, credentials: null }, {}))).code).toBe('GIT_DENIED')
    const wrong = await failure(repositories.listRefs({ ...access, credentials: { username: 'reader', password: 'not-this-one' } }, {}))
    expect(wrong.code).toBe('GIT_DENIED')
    expect(JSON.stringify([wrong.message, wrong.details, String(wrong.stack)])).not.toContain('not-this-one')
    expect((await failure(repositories.listRefs({ ...access, url: server.repositoryUrl('none') }, {}))).code).toBe('GIT_NOT_FOUND')
    server.setOutage(true)
    const outage = await failure(repositories.listRefs(access, {}))
    expect([outage.code, outage.retryable]).toEqual(['GIT_UNREACHABLE', true])
  })

  it('says that nobody listens', async () => {
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    const error = await failure(open().listRefs({ url: `http://127.0.0.1:${port}/a.git`, credentials: null }, {}))
    expect([error.code, error.message]).toEqual(['GIT_UNREACHABLE', expect.stringContaining('ECONNREFUSED')])
  })

  it('stops with the reason of the caller', async () => {
    const leaving = new AbortController()
    leaving.abort(new Error('leaving'))
    await expect(open().listRefs(access, { signal: leaving.signal })).rejects.toThrow('leaving')
  })

  it('is bounded in size', async () => {
    expect((await failure(open(undefined, { refsBytesMax: 100 }).listRefs(access, {}))).code).toBe('LIMIT_EXCEEDED')
  })
})

describe('fetchCommit', () => {
  it('makes the files of a commit readable, and no others', async () => {
    const repositories = open()
    await repositories.fetchCommit(access, second, { ref: 'refs/heads/main' })
    expect((await repositories.listTree(access, second, 'a')).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'directory deep',
      'file deep/y.yaml',
      'file x.yaml',
    ])
    expect((await repositories.listTree(access, second, '', { recursive: false })).map(({ path }) => path)).toEqual(['a', 'b'])
    expect(text(await repositories.readFile(access, second, 'a/x.yaml'))).toBe('two\n')
    expect(await repositories.objectIdAt(access, second, 'a/none')).toBeNull()
    expect((await failure(repositories.readFile(access, second, 'a'))).code).toBe('GIT_NOT_FOUND')
    expect((await failure(repositories.listTree(access, second, 'none'))).code).toBe('GIT_NOT_FOUND')
  })

  it('fetches a commit that is not the tip of anything any more', async () => {
    const repositories = open()
    const old = await server.commit('apps', 'other', { message: 'old', files: { 'a/x.yaml': 'old\n' } })
    await server.commit('apps', 'other', { message: 'new', files: { 'a/x.yaml': 'new\n' } })
    await repositories.fetchCommit(access, old, {})
    expect(text(await repositories.readFile(access, old, 'a/x.yaml'))).toBe('old\n')
    await server.deleteBranch('apps', 'other')
  })

  it('fetches what is there only once: not again, not twice at the same time, not after a restart', async () => {
    const cacheDir = freshDir()
    const repositories = open(cacheDir)
    await Promise.all([1, 2, 3].map(() => repositories.fetchCommit(access, second, {})))
    await repositories.fetchCommit(access, second, {})
    await open(cacheDir).fetchCommit({ ...access, url: access.url.replace(/\.git$/, '') }, second, {})
    expect(fetches()).toBe(1)
  })

  it('asks only for what is new on top of what is there, and trees that did not change keep their ids', async () => {
    const cacheDir = freshDir()
    const repositories = open(cacheDir)
    const noise = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`noise/${index}`, `${Math.random()}`.repeat(50)]))
    const big = await server.createRepository('big', noise)
    const next = await server.commit('big', 'main', { message: 'small', files: { 'a.yaml': 'small\n' } })
    const bigAccess = { ...access, url: server.repositoryUrl('big') }
    await repositories.fetchCommit(bigAccess, big, {})
    await repositories.fetchCommit(bigAccess, next, {})
    const packs = join(cacheDir, readdirSync(cacheDir)[0] ?? '', 'objects', 'pack')
    const sizes = readdirSync(packs)
      .filter((name) => name.endsWith('.pack'))
      .map((name) => statSync(join(packs, name)).size)
      .sort((a, b) => a - b)
    expect(sizes).toEqual([expect.any(Number), expect.any(Number)])
    expect((sizes[0] ?? 0) * 10).toBeLessThan(sizes[1] ?? 0)
    expect(await repositories.objectIdAt(bigAccess, next, 'noise')).toBe(await repositories.objectIdAt(bigAccess, big, 'noise'))
    expect(text(await repositories.readFile(bigAccess, next, 'noise/7'))).toBe(noise['noise/7'])
  })

  it('says that there is no such commit', async () => {
    expect((await failure(open().fetchCommit(access, 'f'.repeat(40), {}))).code).toBe('GIT_NOT_FOUND')
    expect((await failure(open().fetchCommit(access, 'main', {}))).code).toBe('INVALID_INPUT')
  })

  it('is bounded in the size of a pack and of a file', async () => {
    expect((await failure(open(undefined, { packBytesMax: 64 }).fetchCommit(access, second, {}))).code).toBe('LIMIT_EXCEEDED')
    expect((await failure(open(undefined, { fileBytesMax: 2 }).readFile(access, second, 'a/x.yaml'))).code).toBe('LIMIT_EXCEEDED')
    expect((await failure(open(undefined, { treeEntriesMax: 3 }).listTree(access, second, ''))).code).toBe('LIMIT_EXCEEDED')
    expect((await failure(open(undefined, { treeDepthMax: 0 }).listTree(access, second, ''))).code).toBe('LIMIT_EXCEEDED')
  })

  it('is bounded in what a pack inflates to', async () => {
    const bomb = await server.createRepository('bomb', { zeros: '0'.repeat(5_000_000) })
    const bombAccess = { ...access, url: server.repositoryUrl('bomb') }
    for (const limits of [{ objectBytesMax: 1_000_000 }, { inflatedBytesMax: 1_000_000 }]) {
      expect((await failure(open(undefined, { ...limits, packBytesMax: 100_000 }).fetchCommit(bombAccess, bomb, {}))).code).toBe(
        'LIMIT_EXCEEDED',
      )
    }
    await open(undefined, { packBytesMax: 100_000 }).fetchCommit(bombAccess, bomb, {})
    const grown = await server.commit('bomb', 'main', { message: 'a delta', files: { zeros: `${'0'.repeat(5_000_000)}1` } })
    const cacheDir = freshDir()
    await open(cacheDir).fetchCommit(bombAccess, bomb, {})
    expect((await failure(open(cacheDir, { objectBytesMax: 1_000_000 }).fetchCommit(bombAccess, grown, {}))).code).toBe('LIMIT_EXCEEDED')
    await open(cacheDir).fetchCommit(bombAccess, grown, {})
  })

  it('says that nothing can be kept', async () => {
    const cacheDir = freshDir()
    writeFileSync(cacheDir, 'a file in the way')
    expect((await failure(open(cacheDir).fetchCommit(access, second, {}))).code).toBe('INTERNAL')
  })

  it('stops with the reason of the caller, and does better the next time', async () => {
    const repositories = open()
    const leaving = new AbortController()
    const left = repositories.fetchCommit(access, second, { signal: leaving.signal })
    leaving.abort(new Error('leaving'))
    await expect(left).rejects.toThrow('leaving')
    await repositories.fetchCommit(access, second, {})
  })
})

describe('the cache', () => {
  const packsOf = (cacheDir: string) => join(cacheDir, readdirSync(cacheDir)[0] ?? '', 'objects', 'pack')
  const damages: readonly [string, (packs: string) => void][] = [
    ['a pack that was cut off', (packs) => truncateSync(join(packs, readdirSync(packs).find((name) => name.endsWith('.pack')) ?? ''), 20)],
    ['an index that was cut off', (packs) => truncateSync(join(packs, readdirSync(packs).find((name) => name.endsWith('.idx')) ?? ''), 20)],
    [
      'an index that is nonsense',
      (packs) => writeFileSync(join(packs, readdirSync(packs).find((name) => name.endsWith('.idx')) ?? ''), 'nonsense'),
    ],
    ['packs that are gone', (packs) => rmSync(packs, { recursive: true })],
  ]

  it.each(damages)('recovers from %s', async (_, damage) => {
    const cacheDir = freshDir()
    await open(cacheDir).fetchCommit(access, second, {})
    damage(packsOf(cacheDir))
    const repositories = open(cacheDir)
    expect(text(await repositories.readFile(access, second, 'a/x.yaml'))).toBe('two\n')
    server.setOutage(true)
    expect(text(await repositories.readFile(access, second, 'b/z.yaml'))).toBe('z\n')
  })

  it('goes on after being deleted under a running process', async () => {
    const cacheDir = freshDir()
    const repositories = open(cacheDir)
    await repositories.fetchCommit(access, second, {})
    await repositories.readFile(access, second, 'a/x.yaml')
    rmSync(cacheDir, { recursive: true })
    expect(text(await repositories.readFile(access, first, 'a/x.yaml'))).toBe('one\n')
    expect(text(await repositories.readFile(access, second, 'a/x.yaml'))).toBe('two\n')
  })

  it('is not troubled by what a killed fetch has left', async () => {
    const cacheDir = freshDir()
    await open(cacheDir).fetchCommit(access, first, {})
    writeFileSync(join(packsOf(cacheDir), `pack-${'a'.repeat(40)}.pack`), 'PACK half of it')
    const repositories = open(cacheDir)
    await repositories.fetchCommit(access, second, {})
    expect(text(await repositories.readFile(access, first, 'a/x.yaml'))).toBe('one\n')
  })

  it('lets the least recently used repository go when it is full', async () => {
    const cacheDir = freshDir()
    const repositories = open(cacheDir, { cachedRepositoriesMax: 2 })
    for (const name of ['one', 'two', 'three']) {
      const commit = await server.createRepository(name, { a: name })
      await repositories.fetchCommit({ ...access, url: server.repositoryUrl(name) }, commit, {})
      expect(text(await repositories.readFile({ ...access, url: server.repositoryUrl(name) }, commit, 'a'))).toBe(name)
    }
    expect(readdirSync(cacheDir)).toHaveLength(2)
  })

  it('starts anew when a repository has too many packs', async () => {
    const cacheDir = freshDir()
    const repositories = open(cacheDir, { packsMax: 1 })
    await repositories.fetchCommit(access, first, {})
    await repositories.fetchCommit(access, second, {})
    expect(readdirSync(packsOf(cacheDir))).toHaveLength(2)
    expect(text(await repositories.readFile(access, first, 'a/x.yaml'))).toBe('one\n')
  })
})

describe('other servers', () => {
  async function withServer(handler: Parameters<typeof createServer>[1], work: (url: string) => Promise<void>): Promise<void> {
    const other = createServer(handler)
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    try {
      await work(`http://127.0.0.1:${(other.address() as AddressInfo).port}`)
    } finally {
      other.closeAllConnections()
      await new Promise((resolve) => other.close(resolve))
    }
  }
  /** Passes requests on to the Git server, without the wish for protocol version 2. */
  const oldProtocol: Parameters<typeof createServer>[1] = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => void relay(request, Buffer.concat(chunks), response))
  }
  async function relay(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const { authorization, 'content-type': type } = request.headers
    const answer = await fetch(`${server.url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { ...(authorization === undefined ? {} : { authorization }), ...(type === undefined ? {} : { 'content-type': type }) },
      ...(request.method === 'POST' ? { body: Uint8Array.from(body) } : {}),
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  }

  it('are understood in the old protocol too', async () => {
    await withServer(oldProtocol, async (url) => {
      const repositories = open()
      const old = { ...access, url: `${url}/apps.git` }
      expect(Object.fromEntries(await repositories.listRefs(old, {}))).toEqual({
        HEAD: second,
        'refs/heads/main': second,
        'refs/tags/v1.0.0': first,
      })
      await repositories.fetchCommit(old, first, {})
      await repositories.fetchCommit(old, second, {})
      expect(text(await repositories.readFile(old, second, 'a/x.yaml'))).toBe('two\n')
    })
  })

  it('that give out the tips of refs only are asked for what is behind a tip', async () => {
    const behind = await server.commit('apps', 'stack', { message: 'behind', files: { 'a/x.yaml': 'behind\n' } })
    for (const message of ['1', '2', '3']) await server.commit('apps', 'stack', { message })
    const refusal = packet(`ERR upload-pack: not our ref ${behind}\n`)
    await withServer(
      (request, response) => {
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => chunks.push(chunk))
        if (request.method === 'GET') oldProtocol?.(request, response)
        else
          request.on('end', () => {
            const body = Buffer.concat(chunks)
            if (body.includes(`want ${behind}`))
              response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' }).end(refusal)
            else void relay(request, body, response)
          })
      },
      async (url) => {
        const repositories = open()
        const old = { ...access, url: `${url}/apps.git` }
        expect((await failure(repositories.fetchCommit(old, behind, {}))).code).toBe('GIT_NOT_FOUND')
        await repositories.fetchCommit(old, behind, { ref: 'refs/heads/stack' })
        expect(text(await repositories.readFile(old, behind, 'a/x.yaml'))).toBe('behind\n')
      },
    )
    await server.deleteBranch('apps', 'stack')
  })

  it('whose connection breaks in the middle never give half a list', async () => {
    await withServer(
      (request, response) => {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
        if (request.method === 'GET')
          response.end(Buffer.concat([packet('# service=git-upload-pack\n'), flushPacket, packet('version 2\n'), flushPacket]))
        else response.write(packet(`${first} refs/heads/main\n`), () => response.destroy())
      },
      async (url) => {
        expect((await failure(open().listRefs({ url: `${url}/a.git`, credentials: null }, {}))).code).toBe('GIT_UNREACHABLE')
      },
    )
    await withServer(
      (request, response) => {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
        if (request.method === 'GET')
          response.end(Buffer.concat([packet('# service=git-upload-pack\n'), flushPacket, packet('version 2\n'), flushPacket]))
        else response.end(packet(`${first} refs/heads/main\n`))
      },
      async (url) => {
        expect((await failure(open().listRefs({ url: `${url}/a.git`, credentials: null }, {}))).code).toBe('GIT_UNREACHABLE')
      },
    )
  })

  it('never get our credentials by a redirect', async () => {
    const seen: (string | undefined)[] = []
    await withServer(
      (request, response) => {
        seen.push(request.headers.authorization)
        response.writeHead(200).end()
      },
      async (elsewhere) => {
        await withServer(
          (request, response) => {
            if (request.headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
            else response.writeHead(302, { location: `${elsewhere}${request.url}` }).end()
          },
          async (url) => {
            const error = await failure(open().listRefs({ ...access, url: `${url}/apps.git` }, {}))
            expect([error.code, error.message]).toEqual(['GIT_NOT_FOUND', expect.stringContaining('refused')])
            expect(error.message).toContain(elsewhere)
          },
        )
      },
    )
    expect(seen).toEqual([])
  })

  it('may move a repository within themselves', async () => {
    await withServer(
      (request, response) => {
        if (request.url?.startsWith('/old') === true && request.method === 'GET')
          response.writeHead(301, { location: request.url.replace('/old', '') }).end()
        else if (request.url?.startsWith('/old') === true) response.writeHead(404).end()
        else oldProtocol?.(request, response)
      },
      async (url) => {
        const moved = { ...access, url: `${url}/old/apps.git` }
        const repositories = open()
        expect((await repositories.listRefs(moved, {})).get('HEAD')).toBe(second)
        await repositories.fetchCommit(moved, second, {})
        expect(text(await repositories.readFile(moved, second, 'a/x.yaml'))).toBe('two\n')
      },
    )
  })

  it.each([
    [
      'redirects without an end',
      (request: { url?: string | undefined }) => ({ status: 302, headers: { location: request.url ?? '' }, body: '' }),
      'GIT_UNREACHABLE',
    ],
    ['a web page', () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' }), 'GIT_NOT_FOUND'],
    ['an empty answer', () => ({ status: 200, headers: {}, body: '' }), 'GIT_NOT_FOUND'],
    ['an overload', () => ({ status: 429, headers: {}, body: '' }), 'GIT_UNREACHABLE'],
  ])('that answer with %s are told apart', async (_, answer, code) => {
    await withServer(
      (request, response) => {
        const { status, headers, body } = answer(request)
        response.writeHead(status, headers).end(body)
      },
      async (url) => {
        expect((await failure(open().listRefs({ url: `${url}/a.git`, credentials: null }, {}))).code).toBe(code)
        expect((await failure(open().fetchCommit({ url: `${url}/a.git`, credentials: null }, second, {}))).code).toBe(code)
      },
    )
  })

  it('that fall silent are given up', async () => {
    await withServer(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement' })
        response.write('001e# service=git-upload-pack\n')
      },
      async (url) => {
        const error = await failure(open(undefined, { stallTimeoutMs: 200 }).listRefs({ url: `${url}/a.git`, credentials: null }, {}))
        expect([error.code, error.message]).toEqual(['GIT_UNREACHABLE', expect.stringContaining('sent nothing for 200 ms')])
        const slow = await failure(open(undefined, { listTimeoutMs: 200 }).listRefs({ url: `${url}/a.git`, credentials: null }, {}))
        expect([slow.code, slow.message]).toEqual(['GIT_UNREACHABLE', expect.stringContaining('within 200 ms')])
      },
    )
  })
})
