import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createClusterGateway } from '../../../clusters/create-gateway.ts'
import { type SandboxCluster, startCluster, startEtcd } from '../../../sandbox/kube.ts'
import { buildSchema } from '../../../schema/schema.ts'
import { authenticate } from '../../../server/authenticate.ts'
import { createGraphQLHandler } from '../../../server/graphql.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'
import { tool } from '../../support/tools.ts'
import { unique, useStore } from '../store/store-fixture.ts'
import type { Payload } from './api-fixture.ts'

/** A real API server, the real gateway and a real store: what a user does first. */
const db = useStore()
const gateway = createClusterGateway({ allowLoopback: true })
const logged: string[] = []
let cluster: SandboxCluster
let server: Server
let token = ''
const stops: (() => unknown)[] = [() => gateway.close()]

beforeAll(async () => {
  const dir = await sandboxDirectory()
  const binaries = await tool('kube')
  const etcd = await startEtcd({ dir: join(dir, 'etcd'), binaries })
  stops.push(etcd.stop)
  cluster = await startCluster({ name: 'eu', dir: join(dir, 'eu'), etcd, binaries, controllers: false })
  stops.push(() => cluster.stop())
  token = (await db.store.tokens.create({ name: 'ann', role: 'admin', expiresAtMs: null })).clear
  const log = (facts: object, message: string) => void logged.push(`${message} ${inspect(facts, { depth: 10 })}`)
  const nothing = () => undefined
  const handler = createGraphQLHandler({
    schema: buildSchema(),
    commandContext: {
      store: db.store,
      gateway,
      hints: {
        clusterChanged: nothing,
        applicationSetsChanged: nothing,
        applicationChanged: nothing,
        repositoryChanged: nothing,
        rolloutCommanded: nothing,
      },
      nowMs: () => Date.now(),
      allowLoopbackClusters: true,
      previewSet: () => Promise.reject(new Error('nothing is previewed here')),
    },
    authenticate: authenticate(db.store, () => Date.now()),
    log: { info: log, warn: log, error: log },
    development: false,
  })
  server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
})

afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})

async function register(input: object): Promise<Payload> {
  const query = `mutation($input: RegisterClusterInput!) { registerCluster(input: $input) { cluster { id version uid connection { status } } userErrors { code message field } } }`
  return ask(query, { input: { name: unique('eu'), ...input } })
}

async function ask(query: string, variables: object): Promise<Payload> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  })
  const text = await response.text()
  for (const secret of [cluster.token, token]) expect(text).not.toContain(secret)
  const { data, errors } = JSON.parse(text)
  expect(errors, text).toBeUndefined()
  return Object.values(data)[0]
}

afterEach(async () => {
  for (const { id } of await db.store.clusters.all()) await db.store.clusters.remove(id)
})

describe('a real cluster', () => {
  it('is registered with a token, and refused a second time under another name', async () => {
    const { server: url, caData } = cluster
    const { cluster: row, userErrors } = await register({ server: url, caData, credentials: { bearerToken: { token: cluster.token } } })
    expect(userErrors).toEqual([])
    const uid = (await cluster.request('GET', '/api/v1/namespaces/kube-system')).body.metadata.uid
    expect(row).toMatchObject({ version: expect.stringMatching(/^v1\.\d+\.\d+/), uid, connection: { status: 'Successful' } })
    const again = await register({
      server: url.replace('127.0.0.1', '0x7f.1'),
      caData,
      credentials: { bearerToken: { token: cluster.token } },
    })
    expect(again.userErrors).toMatchObject([{ code: 'CONFLICT' }])
  })

  it('is registered with a kubeconfig, and one that runs commands is refused by name', async () => {
    const yaml = cluster.kubeconfig
    const { cluster: row, userErrors } = await register({ credentials: { kubeconfig: { yaml } } })
    expect(userErrors).toEqual([])
    expect(row.connection.status).toBe('Successful')
    const config = parse(yaml)
    config.users[0].user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: ['/tmp/roadstead-was-here'] } }
    const refused = await register({ credentials: { kubeconfig: { yaml: JSON.stringify(config) } } })
    expect(refused).toMatchObject({
      cluster: null,
      userErrors: expect.arrayContaining([
        { code: 'CREDENTIAL_REFUSED', field: 'credentials.kubeconfig.users[0].user.exec', message: expect.stringContaining('exec') },
      ]),
    })
  })

  it('that does not know the token is refused, whatever is allowed', async () => {
    const credentials = { bearerToken: { token: `${cluster.token}x` } }
    const refused = await register({ server: cluster.server, caData: cluster.caData, credentials, allowUnreachable: true })
    expect(refused).toMatchObject({ cluster: null, userErrors: [{ code: 'CLUSTER_DENIED' }] })
  })

  it('whose certificate another CA signed is refused as unreachable', async () => {
    const credentials = { bearerToken: { token: cluster.token } }
    const refused = await register({ server: cluster.server, credentials })
    expect(refused).toMatchObject({ cluster: null, userErrors: [{ code: 'CLUSTER_UNREACHABLE' }] })
  })

  it('leaves nothing of its credentials in the log, nor in the rows that are shown', async () => {
    await register({ server: cluster.server, caData: cluster.caData, credentials: { bearerToken: { token: cluster.token } } })
    expect(logged.join('\n')).not.toContain(cluster.token)
    const rows = await db.query(
      "select c.*, k.key_id, k.nonce, encode(k.ciphertext, 'escape') as text from clusters c join cluster_credentials k on k.cluster_id = c.id",
    )
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain(cluster.token)
  })
})
