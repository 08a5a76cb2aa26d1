import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Etcd, type SandboxCluster, startEtcd, startMany } from '../../../sandbox/kube.ts'
import { kubeClient } from '../../../sandbox/kube-client.ts'
import { waitUntilReady } from '../../../toolchain/process.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'
import { tool } from '../../support/tools.ts'

let etcd: Etcd
let full: SandboxCluster
let storeOnly: SandboxCluster

beforeAll(async () => {
  const [dir, binaries] = await Promise.all([sandboxDirectory(), tool('kube')])
  etcd = await startEtcd({ dir: join(dir, 'etcd'), binaries })
  const [a, b] = await startMany([
    { name: 'full', dir: join(dir, 'full'), etcd, binaries },
    { name: 'store-only', dir: join(dir, 'store-only'), etcd, binaries, controllers: false },
  ])
  if (a === undefined || b === undefined) throw new Error('startMany gave fewer clusters than asked for')
  full = a
  storeOnly = b
})
afterAll(async () => {
  await Promise.all([full?.stop(), storeOnly?.stop()])
  await etcd?.stop()
})

const deployment = (name: string, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 2,
    progressDeadlineSeconds: 1,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } },
  },
})

interface WithConditions {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[] }
}

const deployments = '/apis/apps/v1/namespaces/default/deployments'

async function condition(name: string, type: string): Promise<string> {
  const { body } = await full.request<WithConditions>('GET', `${deployments}/${name}`)
  const found = body.status?.conditions?.find((entry) => entry.type === type)
  return found === undefined ? '' : `${found.status} ${found.reason}`
}

const eventually = (what: string, probe: () => Promise<boolean>) => waitUntilReady({ what, deadlineMs: 30_000, probe })

describe('a sandbox cluster', () => {
  it('makes a Deployment available', async () => {
    expect((await full.request('POST', deployments, deployment('good', 'good:1'))).status).toBe(201)
    await eventually('good', async () => (await condition('good', 'Available')) === 'True MinimumReplicasAvailable')
  })

  it('lets a Deployment with a broken image pass its progress deadline', async () => {
    expect((await full.request('POST', deployments, deployment('bad', 'registry/broken:1'))).status).toBe(201)
    await eventually('bad', async () => (await condition('bad', 'Progressing')) === 'False ProgressDeadlineExceeded')
    expect(await condition('bad', 'Available')).toBe('False MinimumReplicasUnavailable')
  })

  it('completes a Job', async () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'job:1' }] } }
    const jobs = '/apis/batch/v1/namespaces/default/jobs'
    await full.request('POST', jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec: { template } })
    await eventually('the job', async () => (await full.request('GET', `${jobs}/once`)).body.status?.['succeeded'] === 1)
  })

  it('deletes a namespace with what is in it', async () => {
    await full.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gone' } })
    await full.request('POST', '/apis/apps/v1/namespaces/gone/deployments', deployment('inside', 'good:1'))
    await full.request('DELETE', '/api/v1/namespaces/gone')
    await eventually('the namespace', async () => (await full.request('GET', '/api/v1/namespaces/gone')).status === 404)
  })

  it('keeps its data, address and token over an outage, and its controllers go on', async () => {
    await full.kill()
    await expect(full.request('GET', '/readyz')).rejects.toThrow('ECONNREFUSED')
    await full.restart()
    expect((await full.request('GET', `${deployments}/good`)).status).toBe(200)
    await full.request('POST', deployments, deployment('after', 'good:1'))
    await eventually('after', async () => (await condition('after', 'Available')) === 'True MinimumReplicasAvailable')
  })

  it('refuses a caller without its token', async () => {
    const stranger = kubeClient({ server: full.server, ca: full.caData, token: storeOnly.token })
    expect((await stranger('GET', '/api/v1/namespaces')).status).toBe(401)
  })

  it('has a certificate that no other cluster vouches for', async () => {
    const { port, hostname } = new URL(full.server)
    const attempt = new Promise((resolve, reject) => {
      connect({ host: hostname, port: Number(port), ca: storeOnly.caData }, () => resolve('connected')).on('error', reject)
    })
    await expect(attempt).rejects.toThrow(/certificate/)
  })

  it('shares an etcd with others without seeing what they hold', async () => {
    expect((await storeOnly.request('POST', deployments, deployment('elsewhere', 'good:1'))).status).toBe(201)
    expect((await full.request('GET', `${deployments}/elsewhere`)).status).toBe(404)
  })
})
