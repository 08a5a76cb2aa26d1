import { describe, expect, it } from 'vitest'
import { parseClusterSecret } from '../../../clusters/cluster-secret.ts'
import type { JsonObject } from '../../../fleet/json.ts'

const canary = 'canary-91bc'
const pem = '-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n'
const keyPem = '-----BEGIN PRIVATE KEY-----\nTUlJQg==\n-----END PRIVATE KEY-----\n'
const base64 = (text: string) => Buffer.from(text).toString('base64')

function secret(config: object, change: { stringData?: object; data?: object; metadata?: object } = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'cluster-eu',
      labels: { 'argocd.argoproj.io/secret-type': 'cluster', region: 'eu-west' },
      annotations: { note: 'ours', 'kubectl.kubernetes.io/last-applied-configuration': canary },
      ...change.metadata,
    },
    type: 'Opaque',
    stringData: { name: 'eu-1', server: 'https://kube.example.com', config: JSON.stringify(config), ...change.stringData },
    ...(change.data === undefined ? {} : { data: change.data }),
  } as JsonObject
}

describe('Argo CD cluster Secret', () => {
  it('gives name, server, labels, project and a token', () => {
    const parsed = parseClusterSecret(
      secret(
        { bearerToken: canary, tlsClientConfig: { insecure: false, caData: base64(pem), serverName: 'kube' } },
        { stringData: { project: 'shop', shard: '1' } },
      ),
    )
    expect(parsed).toEqual({
      value: {
        name: 'eu-1',
        server: 'https://kube.example.com',
        labels: { region: 'eu-west' },
        annotations: { note: 'ours' },
        project: 'shop',
        caData: pem,
        tlsServerName: 'kube',
        credentials: { kind: 'bearerToken', token: canary },
      },
      problems: [],
    })
  })

  it('reads data, a client certificate, and the server as the name where there is none', () => {
    const config = JSON.stringify({ tlsClientConfig: { certData: base64(pem), keyData: base64(keyPem) } })
    const parsed = parseClusterSecret({
      ...secret({}),
      stringData: undefined,
      data: { server: base64('https://kube.example.com'), config: base64(config) },
    })
    expect(parsed.value).toMatchObject({
      name: 'https://kube.example.com',
      project: null,
      caData: null,
      credentials: { kind: 'clientCertificate', certificate: pem, key: keyPem },
    })
  })

  it.each([
    ['execProviderConfig', { execProviderConfig: { command: canary } }, 'config.execProviderConfig'],
    ['awsAuthConfig', { awsAuthConfig: { clusterName: canary } }, 'config.awsAuthConfig'],
    ['username', { username: canary, bearerToken: canary }, 'config.username'],
    ['password', { password: canary, bearerToken: canary }, 'config.password'],
    ['proxyUrl', { proxyUrl: canary, bearerToken: canary }, 'config.proxyUrl'],
    ['insecure', { bearerToken: canary, tlsClientConfig: { insecure: true } }, 'config.tlsClientConfig.insecure'],
    ['unheardOf', { bearerToken: canary, unheardOf: 1 }, 'config.unheardOf'],
    ['caData', { bearerToken: canary, tlsClientConfig: { caData: pem } }, 'config.tlsClientConfig.caData'],
  ])('refuses %s by name', (_, config, path) => {
    const parsed = parseClusterSecret(secret(config))
    expect(parsed.value).toBeNull()
    expect(parsed.problems.map((problem) => problem.path)).toContain(path)
    expect(JSON.stringify(parsed)).not.toContain(canary)
  })

  it('refuses what is no cluster, has no server, no config, or is bound to namespaces', () => {
    expect(parseClusterSecret(secret({ bearerToken: 'x' }, { metadata: { labels: {} } })).problems[0]?.path).toBe('metadata.labels')
    expect(parseClusterSecret(secret({ bearerToken: 'x' }, { stringData: { server: '' } })).problems[0]?.path).toBe('data.server')
    expect(parseClusterSecret(secret({}, { stringData: { config: '{' } })).problems[0]?.message).toBe('is not a JSON object')
    expect(parseClusterSecret(secret({ bearerToken: 'x' }, { stringData: { namespaces: 'a,b' } })).problems[0]?.path).toBe(
      'data.namespaces',
    )
    expect(parseClusterSecret(secret({ bearerToken: 'x' }, { data: { extra: 'b' } })).problems[0]?.message).toBe('is not base64')
  })
})
