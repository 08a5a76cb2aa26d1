import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../toolchain/process.ts'
import { certificate, key } from '../unit/commands/certificate.ts'
import { type Fleet, startFleet, until } from './fleet.ts'
import { databasePassword, databasePlaces, filePlaces, formsOf, inDatabase, type Place, placesWith, temporalPlaces } from './leak-search.ts'

/** Common name of the client certificate, and so the user that it signs in as. */
const certificateUser = 'example.invalid'
/** With characters that JSON, URLs and base64 write in another way. */
const canary = (name: string) => `canary-${name}/+=&?"\\${randomBytes(12).toString('hex')}`
const tokenCanary = (name: string) => `canary-${name}.${randomBytes(12).toString('hex')}`

const secrets = {
  'password of the repository': canary('git'),
  'secret that generators name': canary('named'),
  'wrong password of a repository': canary('git-wrong'),
  'password in a repository URL': tokenCanary('git-url'),
  'token for a host that is not there': tokenCanary('unreachable'),
  'token for a server that repeats it': tokenCanary('echo'),
  'token that a cluster refuses': tokenCanary('denied'),
  'token of a kubeconfig with exec': tokenCanary('kubeconfig'),
  'argument of exec in a kubeconfig': tokenCanary('exec'),
  'token of a kubeconfig that is no YAML': tokenCanary('broken-kubeconfig'),
  'token of a cluster Secret that is no JSON': tokenCanary('broken-secret'),
  'token of the wrong type': tokenCanary('type'),
  'token written into a document': tokenCanary('document'),
  'key of a certificate that is none': tokenCanary('key'),
  'secret of the webhooks': canary('webhook'),
}
const ofFleet = () => ({
  ...secrets,
  'token of eu-1': fleet.clusters[0]?.token ?? '',
  'key of the client certificate': key.split('\n')[1] ?? '',
  'administrator token': fleet.hub().token,
  'password of PostgreSQL': databasePassword(fleet.stateDir),
  'key-encryption key': readFileSync(join(fleet.stateDir, 'keys.txt'), 'utf8').trim().replace(/^.*?:/, ''),
})

let fleet: Fleet
/** Every answer that the API gave, to whatever was asked. */
const answers: Buffer[] = []
const helpers: Server[] = []

beforeAll(async () => {
  const { fetch } = globalThis
  globalThis.fetch = async (...request) => {
    const response = await fetch(...request)
    const headers = JSON.stringify([...response.headers])
    answers.push(Buffer.from(headers), Buffer.from(await response.clone().arrayBuffer()))
    return response
  }
  const git = { username: 'roadstead', password: secrets['password of the repository'] }
  fleet = await startFleet(
    [
      { name: 'eu-1', region: 'eu', controllers: false },
      { name: 'us-1', region: 'us', controllers: false, clientCa: certificate, registered: false },
    ],
    // Nobody looks at a repository by himself within this test.
    { ROADSTEAD_LOG_LEVEL: 'trace', ROADSTEAD_WEBHOOK_SECRET: secrets['secret of the webhooks'], ROADSTEAD_REPOSITORY_POLL: '1h' },
    git,
  )
  await fleet.git.createRepository('web', { 'web/config.yaml': configMap })
}, 300_000)
afterAll(async () => {
  for (const server of helpers) server.close()
  await fleet?.stop()
}, 60_000)

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: canary }\n'

/** A server that answers everything with the credentials that it was sent. */
async function repeating(create: (answer: (request: IncomingMessage, response: ServerResponse) => void) => Server): Promise<number> {
  const server = create((request, response) => {
    const { authorization = '' } = request.headers
    const clear = Buffer.from(authorization.replace(/^\w+ /, ''), 'base64').toString()
    if (authorization === '') return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    response.writeHead(403, { 'content-type': 'application/json', 'x-you-sent': encodeURIComponent(authorization) })
    response.end(
      JSON.stringify({ kind: 'Status', status: 'Failure', code: 403, message: `no: ${authorization} ${clear}`, reason: authorization }),
    )
  })
  helpers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Sends one operation and gives the text of the answer, whatever it says. */
async function ask(query: string, variables: object = {}): Promise<string> {
  const { url, token } = fleet.hub()
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  })
  return response.text()
}

const register = (input: object) =>
  ask('mutation($input: RegisterClusterInput!) { registerCluster(input: $input) { cluster { name } userErrors { code message field } } }', {
    input: { labels: [{ key: 'environment', value: 'test' }], ...input },
  })
const rotate = (input: object) =>
  ask(
    'mutation($input: RotateClusterCredentialsInput!) { rotateClusterCredentials(input: $input) { userErrors { code message field } } }',
    { input },
  )
const manifest = (text: string) =>
  ask('mutation($input: ApplyManifestInput!) { applyManifest(input: $input) { userErrors { code message field } } }', {
    input: { manifest: text },
  })
const repository = (url: string, username: string, password: string) =>
  ask('mutation($input: SetRepositoryCredentialsInput!) { setRepositoryCredentials(input: $input) { userErrors { code message } } }', {
    input: { url, credentials: { username, password } },
  })

const setOf = (name: string, repoUrl: string) => `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: ${name} }
spec:
  generators:
    - clusters: { selector: { matchLabels: { environment: test } } }
  template:
    metadata: { name: '${name}-{{name}}' }
    spec:
      project: default
      source: { repoURL: '${repoUrl}', targetRevision: main, path: web }
      destination: { server: '{{server}}', namespace: web }
      syncPolicy: { automated: {}, syncOptions: [CreateNamespace=true] }
`

/** All that the API shows of what was done, a few at a time: one operation would cost more than it may. */
async function everything(): Promise<string> {
  const questions = [
    'clusters(first: 20) { edges { node { id name server labels { key value } connection { status message } } } }',
    'repositories(first: 20) { edges { node { url hasCredentials error refs { name } } } }',
    'applicationSets(first: 20) { edges { node { name conditions { type message } } } }',
    'applications(first: 20) { edges { node { name sync health message conditions { type message } source { repoURL } } } }',
    'applications(first: 20) { edges { node { resources(first: 10) { edges { node { name message } } } } } }',
    'rollouts(first: 5) { edges { node { phase reason stages { name targets(first: 5) { edges { node { clusterName phase reason } } } } } } }',
    'tokens { name role }',
  ]
  const texts = await Promise.all(questions.map((question) => ask(`query { ${question} }`)))
  for (const text of texts) if (text.includes('"errors":')) throw new Error(text)
  return texts.join('\n')
}

const signature = (body: string, secret: string) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
/** A push event as GitHub sends it, about the private repository. */
function push(secret: string): Promise<Response> {
  const body = JSON.stringify({ ref: 'refs/heads/main', after: 'a'.repeat(40), repository: { clone_url: fleet.git.repositoryUrl('web') } })
  const headers = { 'content-type': 'application/json', 'x-github-event': 'push', 'x-hub-signature-256': signature(body, secret) }
  return fetch(`${fleet.hub().url}/webhooks/git`, { method: 'POST', headers, body })
}

describe('secrets that were handed in', () => {
  it('are used: a cluster by token, one by client certificate, a repository by password', async () => {
    const us = fleet.clusters[1]
    if (us === undefined) throw new Error('no us-1')
    await us.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'certificate' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: certificateUser }],
    })
    const { server, caData } = us
    expect(await register({ name: 'us-1', server, caData, credentials: { clientCertificate: { certificate, key } } })).toContain(
      '"name":"us-1"',
    )
    await repository(fleet.git.repositoryUrl('web'), 'roadstead', secrets['password of the repository'])
    await ask('mutation($input: SetSecretInput!) { setSecret(input: $input) { secret { name keys } userErrors { code message } } }', {
      input: { name: 'github', data: [{ key: 'token', value: secrets['secret that generators name'] }] },
    })
    await manifest(setOf('web', fleet.git.repositoryUrl('web')))
    await until('both clusters run what the private repository holds', async () => {
      const found = await Promise.all(fleet.clusters.map((c) => c.request('GET', '/api/v1/namespaces/web/configmaps/canary')))
      return found.every(({ status }) => status === 200)
    })
  })

  it('are used: a webhook signed with its secret brings a commit at once, long before the next poll; another does nothing', async () => {
    await fleet.git.commit('web', 'main', { message: 'more', files: { 'web/more.yaml': configMap.replace('canary', 'more') } })
    fleet.git.forgetRequests()
    const refused = await push('not the secret of the webhooks')
    expect(refused.status).toBe(401)
    // What a hint starts, starts within milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(fleet.git.polls('web')).toBe(0)

    const taken = await push(secrets['secret of the webhooks'])
    expect([taken.status, await taken.json()]).toEqual([200, { repositories: 1, sets: 0 }])
    await until('both clusters run the commit', async () => {
      const found = await Promise.all(fleet.clusters.map((c) => c.request('GET', '/api/v1/namespaces/web/configmaps/more')))
      return found.every(({ status }) => status === 200)
    })
  })

  it('are refused where they are wrong, in every way that repeats what it was given', async () => {
    const closed = await freePort()
    const echo = await repeating((answer) => createHttpsServer({ cert: certificate, key }, answer))
    const eu = fleet.clusters[0]
    if (eu === undefined) throw new Error('no eu-1')

    const bearer = (token: string) => ({ bearerToken: { token } })
    const unreachable = { server: `https://127.0.0.1:${closed}`, credentials: bearer(secrets['token for a host that is not there']) }
    const repeated = {
      server: `https://127.0.0.1:${echo}`,
      caData: certificate,
      tlsServerName: certificateUser,
      credentials: bearer(secrets['token for a server that repeats it']),
    }
    expect(await register({ name: 'nowhere', ...unreachable })).toContain('CLUSTER_UNREACHABLE')
    expect(await register({ name: 'nowhere', ...unreachable, allowUnreachable: true })).toContain('"name":"nowhere"')
    expect(await register({ name: 'echo', ...repeated })).toContain('CLUSTER_DENIED')
    const rotated = { id: (await idsOf('eu-1')).global, credentials: bearer(secrets['token that a cluster refuses']) }
    expect(await rotate(rotated)).toContain('CLUSTER_DENIED')
    const kubeconfig = (user: string) => ({ kubeconfig: { yaml: kubeconfigWith(eu.server, user) } })
    const execUser = `{ token: ${secrets['token of a kubeconfig with exec']}, exec: { apiVersion: v1, command: cat, args: [${secrets['argument of exec in a kubeconfig']}] } }`
    expect(await register({ name: 'exec', credentials: kubeconfig(execUser) })).toContain('CREDENTIAL_REFUSED')
    const broken = `{ token: "${secrets['token of a kubeconfig that is no YAML']}: [`
    expect(await register({ name: 'broken', credentials: kubeconfig(broken) })).toContain('userErrors":[{')
    const clientCertificate = { certificate, key: `-----BEGIN PRIVATE KEY-----\n${secrets['key of a certificate that is none']}\n` }
    expect(await register({ name: 'key', server: eu.server, credentials: { clientCertificate } })).toContain('INVALID_INPUT')
    expect(await register({ name: 'type', server: eu.server, credentials: { bearerToken: secrets['token of the wrong type'] } })).toContain(
      'errors',
    )
    const written = secrets['token written into a document'].replaceAll(/[^a-z0-9]/g, '_')
    expect(await ask(`mutation { registerCluster(input: { name: "x", credentials: ${written} }) { cluster { name } } }`)).toContain(
      'errors',
    )

    const secretConfig = `{"bearerToken":"${secrets['token of a cluster Secret that is no JSON']}",`
    const clusterSecret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', labels: { 'argocd.argoproj.io/secret-type': 'cluster' } },
    }
    expect(
      await manifest(JSON.stringify({ ...clusterSecret, stringData: { name: 's', server: eu.server, config: secretConfig } })),
    ).toContain('userErrors":[{')
    expect(await manifest(`${JSON.stringify(clusterSecret)}\n  config: ${secretConfig}`)).toContain('userErrors":[{')
  })

  it('and of repositories too', async () => {
    const port = await repeating(createHttpHelper)
    const echoing = `http://127.0.0.1:${port}/team/apps.git`
    await repository(echoing, 'roadstead', secrets['wrong password of a repository'])
    await manifest(setOf('refused', echoing))
    const withPassword = `http://roadstead:${secrets['password in a repository URL']}@127.0.0.1:${port}/team/apps.git`
    expect(await manifest(setOf('with-password', withPassword))).toContain('holds a user name or password')
    expect(await repository(withPassword, 'roadstead', secrets['wrong password of a repository'])).toContain('INVALID_INPUT')
    await until('the failures are shown', async () => {
      const text = await everything()
      return (
        text.includes('refused-eu-1') && text.includes('"status":"Failed"') && text.includes('ComparisonError') && text.includes(echoing)
      )
    })
  })

  it('the search finds what it looks for, in every kind of place and in every form', async () => {
    const marker = canary('marker')
    const embedded = (form: string) => Buffer.from(`before ${form} after`)
    for (const form of formsOf(marker)) expect(placesWith(marker, [{ name: 'place', bytes: embedded(form) }])).toEqual(['place'])
    for (const user of ['a', 'ab', 'abc']) {
      const basic = Buffer.from(`${user}:${marker}:x`).toString('base64')
      expect(placesWith(marker, [{ name: 'place', bytes: embedded(basic) }])).toEqual(['place'])
    }
    await inDatabase(fleet.stateDir, 'CREATE TABLE planted (a text, b bytea, c jsonb, d text[])')
    await inDatabase(fleet.stateDir, 'INSERT INTO planted VALUES ($1, $2, $3, $4)', [
      marker,
      Buffer.from(marker),
      JSON.stringify({ marker }),
      [marker],
    ])
    const found = placesWith(marker, await databasePlaces(fleet.stateDir))
    await inDatabase(fleet.stateDir, 'DROP TABLE planted')
    expect(found.toSorted()).toEqual(['a', 'b', 'c', 'd'].map((column) => `column planted.${column}`))
  })

  it('are in no log, answer, metric, history, column or file', async () => {
    const metrics = await fetch(`${fleet.hub().url}/metrics`, { headers: { authorization: `Bearer ${fleet.hub().token}` } })
    await everything()
    const clusterId = (await idsOf('nowhere')).row
    const temporal = await temporalPlaces(fleet.stateDir)
    const log = [{ name: 'log of the hub', bytes: readFileSync(fleet.hubLog) }]
    const api = [{ name: 'answers of the API', bytes: Buffer.concat(answers) }]
    const scraped = [{ name: 'metrics', bytes: Buffer.from(await metrics.text()) }]
    const columns = await databasePlaces(fleet.stateDir)
    const files = filePlaces(fleet.stateDir)

    // Each of them is what it says, and full: the name or id of a cluster is found where one belongs.
    expect(placesWith('web-eu-1', log)).toEqual(['log of the hub'])
    expect(placesWith('nowhere', api)).toEqual(['answers of the API'])
    expect(placesWith('roadstead_clusters', scraped)).toEqual(['metrics'])
    expect(placesWith('nowhere', columns)).toContain('column clusters.name')
    expect(placesWith('nowhere', files).length).toBeGreaterThan(0)
    expect(placesWith(clusterId, temporal.raw)).toContain(`Temporal's cluster cluster/${clusterId}`)
    expect(placesWith(clusterId, temporal.decoded).length).toBeGreaterThan(0)
    expect([...temporal.encodings]).toEqual(['binary/roadstead-sealed-v1'])

    const places: readonly Place[] = [...log, ...api, ...scraped, ...temporal.raw, ...temporal.decoded, ...columns, ...files]
    const leaks = Object.entries(ofFleet()).flatMap(([what, secret]) => placesWith(secret, places).map((place) => `${what} in ${place}`))
    expect(leaks).toEqual([])
  })
})

/** The id of a cluster as the API gives it, and as its row has it. */
async function idsOf(name: string): Promise<{ readonly global: string; readonly row: string }> {
  const answer = JSON.parse(await ask('query($name: String!) { cluster(name: $name) { id } }', { name }))
  const global = String(answer.data.cluster.id)
  return { global, row: Buffer.from(global, 'base64').toString().replace(/^.*:/, '') }
}

const createHttpHelper = (answer: (request: IncomingMessage, response: ServerResponse) => void) => createHttpServer(answer)

const kubeconfigWith = (server: string, user: string) => `apiVersion: v1
kind: Config
current-context: x
contexts: [{ name: x, context: { cluster: x, user: x } }]
clusters: [{ name: x, cluster: { server: '${server}' } }]
users:
  - name: x
    user: ${user}
`
