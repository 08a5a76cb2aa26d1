import { describe, expect, it } from 'vitest'
import { readKubeconfig } from '../../../clusters/kubeconfig.ts'
import type { Json } from '../../../fleet/json.ts'
import { parseKubeconfig } from '../../../fleet/kubeconfig.ts'

const canary = 'canary-77aa'
const certificate = '-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n'
const key = `-----BEGIN EC PRIVATE KEY-----\nTUlJQg==\n-----END EC PRIVATE KEY-----\n`
const base64 = (text: string) => Buffer.from(text).toString('base64')

function config(change: { cluster?: object; user?: object; context?: object; file?: object } = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    preferences: {},
    'current-context': 'prod',
    clusters: [
      {
        name: 'prod',
        cluster: { server: 'https://kube.example.com:6443', 'certificate-authority-data': base64(certificate), ...change.cluster },
      },
      { name: 'other', cluster: { server: 'http://insecure.example.com', 'insecure-skip-tls-verify': true } },
    ],
    users: [
      { name: 'admin', user: change.user ?? { token: canary } },
      { name: 'cloud', user: { exec: { command: 'rm' } } },
    ],
    contexts: [
      { name: 'prod', context: { cluster: 'prod', user: 'admin', namespace: 'default', ...change.context } },
      { name: 'cloud', context: { cluster: 'other', user: 'cloud' } },
    ],
    ...change.file,
  } as Json
}

const paths = (parsed: { readonly problems: readonly { readonly path: string }[] }) => parsed.problems.map(({ path }) => path)

describe('kubeconfig', () => {
  it('gives server, CA and token of the current context, and looks at no other', () => {
    expect(parseKubeconfig(config())).toEqual({
      value: {
        server: 'https://kube.example.com:6443',
        caData: certificate,
        tlsServerName: null,
        credentials: { kind: 'bearerToken', token: canary },
      },
      problems: [],
    })
  })

  it('gives a client certificate and the name to verify', () => {
    const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key), token: '' }
    expect(parseKubeconfig(config({ user, cluster: { 'tls-server-name': 'kube.internal' } })).value).toMatchObject({
      tlsServerName: 'kube.internal',
      credentials: { kind: 'clientCertificate', certificate, key },
    })
  })

  it.each([
    ['exec', { exec: { command: 'rm', args: ['-rf', canary] } }],
    ['auth-provider', { 'auth-provider': { name: 'gcp', config: { 'cmd-path': canary } } }],
    ['tokenFile', { tokenFile: `/etc/${canary}` }],
    ['client-certificate', { token: canary, 'client-certificate': '/etc/passwd' }],
    ['client-key', { token: canary, 'client-key': '/etc/passwd' }],
    ['as', { token: canary, as: 'system:admin' }],
    ['as-groups', { token: canary, 'as-groups': ['system:masters'] }],
    ['as-uid', { token: canary, 'as-uid': '0' }],
    ['as-user-extra', { token: canary, 'as-user-extra': { a: ['b'] } }],
    ['username', { username: 'admin', password: canary }],
    ['password', { username: 'admin', password: canary }],
  ])('refuses %s of the user by name', (name, user) => {
    const parsed = parseKubeconfig(config({ user }))
    expect(parsed.value).toBeNull()
    const problem = parsed.problems.find(({ path }) => path === `users[0].user.${name}`)
    expect(problem?.message.startsWith(`${name} `)).toBe(true)
    expect(JSON.stringify(parsed)).not.toContain(canary)
  })

  it.each([
    ['certificate-authority', { 'certificate-authority': '/etc/passwd' }],
    ['proxy-url', { 'proxy-url': 'http://evil.example.com' }],
    ['insecure-skip-tls-verify', { 'insecure-skip-tls-verify': true }],
    ['insecure-skip-tls-verify', { 'insecure-skip-tls-verify': 'false' }],
    ['server', { server: 'http://kube.example.com' }],
    ['certificate-authority-data', { 'certificate-authority-data': base64('no certificate') }],
    ['certificate-authority-data', { 'certificate-authority-data': certificate }],
    ['unheard-of', { 'unheard-of': 1 }],
  ])('refuses %s of the cluster with its path', (name, cluster) => {
    const parsed = parseKubeconfig(config({ cluster }))
    expect(parsed.value).toBeNull()
    expect(paths(parsed)).toEqual([`clusters[0].cluster.${name}`])
  })

  it('names unknown fields of the file, of the context and of the entries', () => {
    const parsed = parseKubeconfig(config({ file: { surprise: 1 }, context: { surprise: 2 } }))
    expect(paths(parsed)).toEqual(['surprise', 'contexts[0].context.surprise'])
  })

  it('takes the context that is named, and says which there are when there is none of that name', () => {
    expect(paths(parseKubeconfig(config(), 'cloud'))).toEqual([
      'users[1].user.exec',
      'clusters[1].cluster.server',
      'clusters[1].cluster.insecure-skip-tls-verify',
      'users[1].user',
    ])
    expect(parseKubeconfig(config(), 'nowhere').problems[0]?.message).toBe('has no entry named "nowhere": there are prod, cloud')
    expect(paths(parseKubeconfig(config({ file: { 'current-context': '' } })))).toEqual(['current-context'])
    expect(paths(parseKubeconfig(config({ context: { user: 'gone' } })))).toEqual(['users'])
  })

  it('refuses two users of one name, two kinds of credentials, half a certificate, and none', () => {
    const twice = [
      { name: 'admin', user: { token: 'a' } },
      { name: 'admin', user: { token: 'b' } },
    ]
    expect(paths(parseKubeconfig(config({ file: { users: twice } })))).toEqual(['users'])
    expect(
      paths(
        parseKubeconfig(
          config({ user: { token: canary, 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } }),
        ),
      ),
    ).toEqual(['users[0].user'])
    expect(paths(parseKubeconfig(config({ user: { 'client-certificate-data': base64(certificate) } })))).toEqual([
      'users[0].user.client-key-data',
    ])
    expect(paths(parseKubeconfig(config({ user: {} })))).toEqual(['users[0].user'])
    expect(paths(parseKubeconfig(config({ user: { token: `${canary}\r\nhost: evil` } })))).toEqual(['users[0].user.token'])
  })

  it('is not confused by names of JavaScript', () => {
    const parsed = parseKubeconfig(JSON.parse('{"__proto__": {"current-context": "x"}, "kind": "Config", "constructor": 1}') as Json)
    expect(parsed.value).toBeNull()
    expect(paths(parsed)).toEqual(expect.arrayContaining(['__proto__', 'constructor', 'current-context']))
  })

  it.each([
    ['a list', []],
    ['text', 'x'],
    ['nothing', null],
  ])('is not %s', (_, value) => {
    expect(parseKubeconfig(value as Json).value).toBeNull()
  })
})

describe('text of a kubeconfig', () => {
  it('is YAML or JSON', () => {
    expect(readKubeconfig(JSON.stringify(config())).problems).toEqual([])
    const yaml = `apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "https://kube.example.com"}}]
users: [{name: u, user: {token: ${canary}}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
`
    expect(readKubeconfig(yaml).value?.credentials).toEqual({ kind: 'bearerToken', token: canary })
  })

  it('has no aliases, and says where it is wrong without quoting itself', () => {
    expect(readKubeconfig('a: &x [1]\nb: *x\n').problems[0]?.message).toContain('aliases')
    const bomb = `a: &a [x]\n${Array.from({ length: 9 }, (_, i) => `${'bcdefghij'[i]}: &${'bcdefghij'[i]} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[i]}`).join()}]`).join('\n')}`
    expect(readKubeconfig(bomb).value).toBeNull()
    const broken = readKubeconfig(`users:\n  - token: "${canary}\n`)
    expect(broken.problems[0]?.line).toBeGreaterThan(0)
    expect(JSON.stringify(broken)).not.toContain(canary)
    expect(readKubeconfig(`a: ${'x'.repeat(2_000_000)}`).problems[0]?.message).toContain('larger')
    expect(readKubeconfig('a: 1\na: 2\n').value).toBeNull()
    expect(readKubeconfig('a: 1\n---\nb: 2\n').value).toBeNull()
  })
})
