import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../../clusters/connection.ts'
import { createClusterGateway } from '../../../clusters/create-gateway.ts'
import type { ClusterAccess, ClusterGateway } from '../../../clusters/gateway.ts'
import { defaultLimits } from '../../../clusters/limits.ts'
import { freePort } from '../../../toolchain/process.ts'
import { accessOf, configMap, type GatewayFixture, inputOf, startGatewayFixture } from './gateway-fixture.ts'

let fixture: GatewayFixture
let gateway: ClusterGateway
const canary = 'canary-6f2d71'
beforeAll(async () => {
  fixture = await startGatewayFixture({ controllers: false })
  gateway = fixture.gateway
})
afterAll(() => fixture.stop())

/** What a failed call says in every way that ends in a log. */
async function failureOf(call: Promise<unknown>): Promise<{ readonly code: unknown; readonly message: string; readonly all: string }> {
  const error: unknown = await call.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof Error)) throw new Error('no error')
  const { cause, stack } = error
  const all = [String(error), stack, JSON.stringify(error, Object.getOwnPropertyNames(error)), String(cause)].join('\n')
  return { code: 'code' in error ? error.code : undefined, message: error.message, all }
}

describe('probe', () => {
  it('reads version and uid', async () => {
    expect(await gateway.probe(fixture.access, {})).toEqual({
      version: expect.stringMatching(/^v1\.\d+/),
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it('takes a new token with a new generation, and keeps to the old one without', async () => {
    const wrong = accessOf(fixture.cluster, { clusterId: 'rotated', credentials: { kind: 'bearerToken', token: canary } })
    await expect(gateway.probe(wrong, {})).rejects.toMatchObject({ code: 'CLUSTER_DENIED' })
    await expect(gateway.probe({ ...wrong, credentials: fixture.access.credentials }, {})).rejects.toMatchObject({ code: 'CLUSTER_DENIED' })
    expect((await gateway.probe({ ...wrong, credentials: fixture.access.credentials, generation: 2 }, {})).uid).not.toBe('')
  })

  it('verifies the name that it is told to when the address is another', async () => {
    const elsewhere = fixture.cluster.server.replace('127.0.0.1', '127.0.3.7')
    const listening = await new Promise<Server>((resolve) => {
      const server = serverWith((_, response) => json(response, 200, { gitVersion: 'v9', metadata: { uid: 'u' } }))
      server.listen(0, '127.0.3.7', () => resolve(server))
    })
    const { port } = listening.address() as AddressInfo
    const access = accessOf(fixture.cluster, { clusterId: 'named', server: elsewhere.replace(/\d+$/, String(port)) })
    expect((await failureOf(gateway.probe(access, {}))).message).toContain('set tlsServerName')
    for (const tlsServerName of ['127.0.0.1', 'kubernetes.default.svc']) {
      expect(await gateway.probe({ ...access, clusterId: tlsServerName, tlsServerName }, {})).toEqual({ version: 'v9', uid: 'u' })
    }
    listening.closeAllConnections()
    listening.close()
  })
})

describe('a cluster that is not what it should be', () => {
  const withToken = (change: Parameters<typeof accessOf>[1]) =>
    accessOf(fixture.cluster, { credentials: { kind: 'bearerToken', token: canary }, ...change })

  it('with a wrong token is denied', async () => {
    const { code, message, all } = await failureOf(gateway.probe(withToken({ clusterId: 'token' }), {}))
    expect(code).toBe('CLUSTER_DENIED')
    expect(message).toContain("doesn't accept the credentials (401")
    expect(all).not.toContain(canary)
  })

  it('with a certificate of another CA is unreachable, and the message says TLS', async () => {
    const { code, message, all } = await failureOf(gateway.probe(withToken({ clusterId: 'ca', caData: null }), {}))
    expect(code).toBe('CLUSTER_UNREACHABLE')
    expect(message).toMatch(/TLS: its certificate/)
    expect(all).not.toContain(canary)
  })

  it('with nothing at its address is unreachable, and the message says so', async () => {
    const { code, message } = await failureOf(
      gateway.probe(withToken({ clusterId: 'dead', server: `https://127.0.0.1:${await freePort()}` }), {}),
    )
    expect(code).toBe('CLUSTER_UNREACHABLE')
    expect(message).toContain('nothing listens there')
  })

  it('on loopback is refused where that is not allowed, by address and by name', async () => {
    const strict = createClusterGateway()
    for (const server of [
      fixture.cluster.server,
      fixture.cluster.server.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
      fixture.cluster.server.replace('127.0.0.1', 'localhost'),
    ])
      expect((await failureOf(strict.probe(withToken({ clusterId: server, server }), {}))).message).toContain('loopback')
    await strict.close()
  })
})

let hostile: Server | null = null
afterEach(() => {
  hostile?.closeAllConnections()
  hostile?.close()
  hostile = null
})

function serverWith(answer: (request: IncomingMessage, response: ServerResponse) => void): Server {
  const [cert, key] = ['apiserver.crt', 'apiserver.key'].map((name) => readFileSync(join(fixture.certs, name)))
  return createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, answer)
}

/** A server with the certificate of the real one and answers of the test's own. */
async function hostileAccess(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = serverWith(answer)
  hostile = server
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return accessOf(fixture.cluster, {
    clusterId: `hostile-${port}`,
    server: `https://127.0.0.1:${port}`,
    credentials: { kind: 'bearerToken', token: canary },
  })
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

describe('answers of a hostile or broken server', () => {
  const small = () =>
    createClusterGateway({
      allowLoopback: true,
      limits: { requestTimeoutMs: 300, probeTimeoutMs: 300, responseBytesMax: 10_000, retriesMax: 2, retryAfterMaxMs: 20 },
    })

  it('times out on one that never answers, and stops at once when told to', async () => {
    const access = await hostileAccess(() => undefined)
    const { code, message } = await failureOf(small().probe(access, {}))
    expect(code).toBe('CLUSTER_UNREACHABLE')
    expect(message).toContain('within 300 ms (timeout)')
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 30)
    await expect(small().probe(access, { signal: stop.signal, timeoutMs: 60_000 })).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('does so as well while it connects, on one that says nothing in the TLS handshake', async () => {
    const mute = createTcpServer(() => undefined)
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const { port } = mute.address() as AddressInfo
    const access = accessOf(fixture.cluster, { clusterId: 'mute', server: `https://127.0.0.1:${port}` })
    const patient = createClusterGateway({ allowLoopback: true, limits: { probeTimeoutMs: 30_000 } })
    const startedMs = performance.now()
    expect((await failureOf(patient.probe(access, { timeoutMs: 100 }))).message).toContain('within 100 ms (timeout)')
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 30)
    await expect(patient.probe(access, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' })
    expect(performance.now() - startedMs).toBeLessThan(5_000)
    expect((await failureOf(small().probe(access, { timeoutMs: 30_000 }))).message).toContain('did not answer in time')
    await patient.close()
    mute.close()
  })

  it('times out on one that sends its body for ever', async () => {
    const access = await hostileAccess((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    })
    expect((await failureOf(small().probe(access, {}))).message).toContain('(timeout)')
  })

  it('follows no redirect and sends the token nowhere else', async () => {
    const seen: (string | undefined)[] = []
    const access = await hostileAccess((request, response) => {
      seen.push(request.url)
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect((await failureOf(small().probe(access, {}))).message).toContain("redirect (302), which isn't followed")
    expect(seen).not.toContain('/elsewhere')
  })

  it('gives up on a body that is too large', async () => {
    const access = await hostileAccess((_, response) => json(response, 200, { gitVersion: 'v'.repeat(20_000) }))
    expect(await failureOf(small().probe(access, {}))).toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })

  it('takes no HTML for an answer', async () => {
    const access = await hostileAccess((_, response) => response.end('<html>login</html>'))
    expect((await failureOf(small().probe(access, {}))).message).toContain("something that isn't JSON")
  })

  it('does not repeat a token that the server sends back', async () => {
    const access = await hostileAccess((request, response) => json(response, 403, { message: `not with ${request.headers.authorization}` }))
    const { code, all } = await failureOf(small().probe(access, {}))
    expect(code).toBe('CLUSTER_DENIED')
    expect(all).toContain('not with Bearer ***')
    expect(all).not.toContain(canary)
  })

  it('does not repeat it either when it is spelled in another way', async () => {
    const escaped = [...canary].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
    const access = await hostileAccess((_, response) => response.writeHead(422).end(`{"message":"not with ${escaped}"}`))
    const { all } = await failureOf(small().probe(access, {}))
    expect(all).toContain('not with ***')
    expect(all).not.toContain(canary)
  })

  it('waits and tries again when the server is overloaded, but not for ever', async () => {
    let refusals = 2
    const access = await hostileAccess((_, response) => {
      if (refusals-- > 0) json(response, 429, { message: 'slow down' }, { 'retry-after': '0' })
      else json(response, 200, { gitVersion: 'v1', metadata: { uid: 'u' } })
    })
    expect(await small().probe(access, {})).toEqual({ version: 'v1', uid: 'u' })
    refusals = 1_000
    expect(await failureOf(small().probe(access, {}))).toMatchObject({ code: 'CLUSTER_UNREACHABLE' })
    expect(refusals).toBeGreaterThan(990)
  })

  it('tries again after a 503 only when the server says when', async () => {
    for (const [headers, tries] of [[{ 'retry-after': '0' }, 3] as const, [{}, 1] as const]) {
      let seen = 0
      const access = await hostileAccess((request, response) => {
        if (request.url === '/version') seen++
        json(response, request.url === '/version' ? 503 : 200, {}, headers)
      })
      expect(await failureOf(small().probe(access, {}))).toMatchObject({ code: 'CLUSTER_UNREACHABLE' })
      expect(seen).toBe(tries)
    }
  })

  it('tries once more, on a new socket, when a kept one is closed just as it is used again', async () => {
    const used = new Set<Socket>()
    let closed = 0
    const access = await hostileAccess((request, response) => {
      if (used.has(request.socket)) {
        closed++
        request.socket.destroy()
        return
      }
      used.add(request.socket)
      json(response, 200, { gitVersion: 'v1', metadata: { uid: 'u' } })
    })
    const gateway = small()
    for (let round = 0; round < 3; round++) expect(await gateway.probe(access, {})).toEqual({ version: 'v1', uid: 'u' })
    expect(closed).toBeGreaterThanOrEqual(2)
  })

  it('tries no more than twice on one that closes every socket', async () => {
    let seen = 0
    const access = await hostileAccess((request) => {
      if (request.url === '/version') seen++
      request.socket.destroy()
    })
    const connection = connect(access, { limits: defaultLimits, policy: { allowLoopback: true } })
    expect((await failureOf(connection.send({ method: 'GET', path: '/version', what: 'get the version' }))).message).toMatch(
      /was (closed|reset)/,
    )
    expect(seen).toBe(2)
  })

  it('opens no more sockets than it may, however much is asked', async () => {
    const sockets = new Set<Socket>()
    const access = await hostileAccess((request, response) => {
      sockets.add(request.socket)
      setTimeout(() => json(response, 200, { gitVersion: 'v1', metadata: { uid: 'u' } }), 5)
    })
    const gateway = createClusterGateway({ allowLoopback: true, limits: { socketsMax: 3 } })
    await Promise.all(Array.from({ length: 20 }, () => gateway.probe(access, {})))
    expect(sockets.size).toBe(3)
  })
})

describe('what is sent', () => {
  /** Answers everything and keeps what it was asked. */
  async function listener() {
    const seen: IncomingMessage[] = []
    const access = await hostileAccess((request, response) => {
      seen.push(request)
      json(response, 200, {})
    })
    return { seen, access }
  }
  const get = (access: ClusterAccess, path: string) =>
    connect(access, { limits: defaultLimits, policy: { allowLoopback: true } }).send({ method: 'GET', path, what: 'get' })

  it('carries the token, our name, and no wish for compression, which would get round the bound of the body', async () => {
    const { seen, access } = await listener()
    await get(access, '/version')
    expect(seen[0]?.headers).toMatchObject({ authorization: `Bearer ${canary}`, 'user-agent': 'roadstead', accept: 'application/json' })
    expect(seen[0]?.headers).not.toHaveProperty('accept-encoding')
  })

  it('goes below the path of the server, as behind Rancher', async () => {
    const { seen, access } = await listener()
    for (const root of ['/k8s/clusters/c-1', '/k8s/clusters/c-1/']) await get({ ...access, server: access.server + root }, '/version')
    expect(seen.map(({ url }) => url)).toEqual(['/k8s/clusters/c-1/version', '/k8s/clusters/c-1/version'])
  })

  it('leads nowhere else by dots, blanks or question marks in a name', async () => {
    const { seen, access } = await listener()
    const names = ['..', '.', '../../../namespaces/default', '%2e%2e', 'a/..', '?watch=true', '#', 'a b', '']
    for (const name of names)
      await expect(get(access, `/api/v1/namespaces/default/configmaps/${name}`)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(seen).toEqual([])
  })

  it('shows the client certificate, and no token', async () => {
    const peers: (string | undefined)[] = []
    const access = await hostileAccess((request, response) => {
      if (request.socket instanceof TLSSocket) peers.push(request.socket.getPeerX509Certificate()?.fingerprint256)
      json(response, 200, { authorization: request.headers.authorization ?? 'none' })
    })
    const [certificate, key] = ['apiserver.crt', 'apiserver.key'].map((name) => readFileSync(join(fixture.certs, name), 'utf8')) as [
      string,
      string,
    ]
    const answer = await get({ ...access, credentials: { kind: 'clientCertificate', certificate, key } }, '/version')
    expect(answer).toEqual({ authorization: 'none' })
    expect(peers).toEqual([new X509Certificate(certificate).fingerprint256])
  })
})

describe('a connection that is given up', () => {
  async function slow() {
    const asked = Promise.withResolvers<void>()
    const access = await hostileAccess((_, response) => {
      asked.resolve()
      setTimeout(() => json(response, 200, { gitVersion: 'v1', metadata: { uid: 'u' } }), 50)
    })
    const gateway = createClusterGateway({ allowLoopback: true })
    return { access, gateway, asked: asked.promise }
  }

  it('because the access has changed lets what runs come to its end', async () => {
    const { access, gateway, asked } = await slow()
    const running = gateway.probe(access, {})
    await asked
    const newer = gateway.probe({ ...access, generation: 2 }, {})
    gateway.forget(access.clusterId)
    expect(await Promise.all([running, newer])).toEqual([
      { version: 'v1', uid: 'u' },
      { version: 'v1', uid: 'u' },
    ])
    await gateway.close()
  })

  it('because the gateway is closed ends what runs', async () => {
    const { access, gateway, asked } = await slow()
    const running = failureOf(gateway.probe(access, {}))
    await asked
    await gateway.close()
    expect(await running).toMatchObject({ code: 'CLUSTER_UNREACHABLE', message: expect.stringContaining('was closed here') })
  })
})

describe('an outage', () => {
  it('is unreachable while it lasts and over when it is over', async () => {
    const input = inputOf('outage', 'default', [configMap('c')])
    expect(await gateway.apply(fixture.access, input, {})).toMatchObject({ changed: 1 })
    await fixture.cluster.kill()
    const calls = [
      () => gateway.probe(fixture.access, {}),
      () => gateway.apply(fixture.access, input, {}),
      () => gateway.observe(fixture.access, input, {}),
      () => gateway.remove(fixture.access, 'outage', {}),
    ]
    for (const call of calls) expect(await failureOf(call())).toMatchObject({ code: 'CLUSTER_UNREACHABLE' })
    await fixture.cluster.restart()
    expect(await gateway.apply(fixture.access, input, {})).toMatchObject({ changed: 0, complete: true })
  })
})
