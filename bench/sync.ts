import { join } from 'node:path'
import { createClusterGateway } from '../clusters/create-gateway.ts'
import type { ClusterAccess, ClusterGateway } from '../clusters/gateway.ts'
import { defaultLimits } from '../clusters/limits.ts'
import { digestAnnotation } from '../clusters/wanted.ts'
import type { KubeObject } from '../fleet/application.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import { applicationLabel, keyOf, trackingAnnotation, trackingId } from '../fleet/tracking.ts'
import { type SandboxCluster, startCluster, startEtcd } from '../sandbox/kube.ts'
import { findTool } from '../toolchain/find-tool.ts'
import { type BareClient, bareClient } from './bare-client.ts'
import type { Benchmark, BenchmarkContext } from './benchmark.ts'
import { median, timedAsync } from './measure.ts'

const applicationsAtOnce = 10
/** Applications of one turn. The two take turns, so that whatever else the machine does hits both. */
const turn = 20
const perNamespace = 10

export const syncBenchmark: Benchmark = {
  name: 'sync',
  summary: 'applications of three objects applied to one API server, against a bare client doing the same server-side applies',
  run: async (context, figure) => {
    const count = context.quick ? 40 : 200
    const applications = Array.from({ length: count }, (_, i) => ({ number: i, namespace: i % Math.ceil(count / perNamespace) }))
    await withCluster(context, async (cluster) => {
      let requests = 0
      const countRequest = () => {
        requests += 1
      }
      const gateway = createClusterGateway({ allowLoopback: true, onAnswer: countRequest })
      const bare = bareClient({ ...cluster, socketsMax: defaultLimits.socketsMax })
      try {
        await createNamespaces(cluster, new Set(applications.map(({ namespace }) => namespace)))
        // Both have their connections, the gateway has read what the cluster serves and holds: once a process, not once a sync.
        await mapBounded(
          Array.from({ length: turn }, (_, i) => i),
          applicationsAtOnce,
          async (i) => {
            await applyBare(bare, `bare-warm-${i}`, 'bare-0', '1')
            await applyByGateway(gateway, accessOf(cluster), `shop-warm-${i}`, 'bench-0', '1')
          },
        )
        const passes = [
          { name: 'first apply', image: '1', outcome: 'created' },
          { name: 'nothing to do', image: '1', outcome: 'unchanged' },
          { name: 'new image', image: '2', outcome: 'one changed' },
        ] as const
        for (const pass of passes) {
          requests = 0
          const seconds = await inTurns(
            applications,
            // Names of its own: what is labelled as one of our applications, wherever it is, would be pruned.
            ({ number, namespace }) => applyBare(bare, `bare-${number}`, `bare-${namespace}`, pass.image),
            async ({ number, namespace }) => {
              const name = `shop-${number}`
              const changed = await applyByGateway(gateway, accessOf(cluster), name, `bench-${namespace}`, pass.image)
              const expected = { created: 3, unchanged: 0, 'one changed': 1 }[pass.outcome]
              if (changed !== expected) throw new Error(`${pass.name}: ${changed} objects of ${name} changed, not ${expected}`)
            },
          )
          const rate = (s: number) => (applications.length / s).toFixed(1)
          figure({
            name: `${pass.name}: time against the bare client's`,
            value: seconds.ours / seconds.bare,
            unit: 'x',
            note: `${rate(seconds.ours)} against ${rate(seconds.bare)} applications/s, median turn ${seconds.medianTurnRatio.toFixed(2)} x, ${(requests / applications.length).toFixed(2)} requests an application against 3`,
          })
        }
      } finally {
        await gateway.close()
        bare.close()
      }
    })
  },
}

async function withCluster({ dir, progress }: BenchmarkContext, work: (cluster: SandboxCluster) => Promise<void>): Promise<void> {
  const binaries = await findTool('kube', { log: progress })
  const etcd = await startEtcd({ dir: join(dir, 'etcd'), binaries })
  try {
    const cluster = await startCluster({ name: 'bench', dir: join(dir, 'bench'), etcd, binaries, controllers: false })
    try {
      await work(cluster)
    } finally {
      await cluster.stop()
    }
  } finally {
    await etcd.stop()
  }
}

/** Both do every application once, turn by turn, each beginning every other time. */
async function inTurns<T>(
  applications: readonly T[],
  bare: (application: T) => Promise<void>,
  ours: (application: T) => Promise<void>,
): Promise<{ readonly bare: number; readonly ours: number; readonly medianTurnRatio: number }> {
  const ms = { bare: 0, ours: 0 }
  const ratios: number[] = []
  for (let start = 0; start < applications.length; start += turn) {
    const some = applications.slice(start, start + turn)
    const bareTurn = async () => (await timedAsync(() => mapBounded(some, applicationsAtOnce, bare))).ms
    const ourTurn = async () => (await timedAsync(() => mapBounded(some, applicationsAtOnce, ours))).ms
    const bareFirst = (start / turn) % 2 === 0
    const first = await (bareFirst ? bareTurn() : ourTurn())
    const second = await (bareFirst ? ourTurn() : bareTurn())
    const [bareMs, ourMs] = bareFirst ? [first, second] : [second, first]
    ms.bare += bareMs
    ms.ours += ourMs
    ratios.push(ourMs / bareMs)
  }
  return { bare: ms.bare / 1000, ours: ms.ours / 1000, medianTurnRatio: median(ratios) }
}

/** The objects of one application after each other, as Argo CD's order has them, with the metadata that the gateway adds. */
async function applyBare(client: BareClient, application: string, namespace: string, image: string): Promise<void> {
  for (const { plural, object } of objectsOf(application, image)) {
    const { metadata } = object
    const tracking = trackingId({ ...keyOf(object), applicationName: application, namespace })
    const annotations = { [trackingAnnotation]: tracking, [digestAnnotation]: `digest-of-image-${image}xxxxx` }
    const labelled = { ...object, metadata: { ...metadata, namespace, labels: { [applicationLabel]: application }, annotations } }
    const group = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`
    await client.apply(`${group}/namespaces/${namespace}/${plural}/${metadata.name}`, labelled)
  }
}

/** As activities/targets.ts calls it. Gives how many objects changed. */
async function applyByGateway(
  gateway: ClusterGateway,
  access: ClusterAccess,
  application: string,
  namespace: string,
  image: string,
): Promise<number> {
  const manifests = objectsOf(application, image).map(({ object }) => object)
  const input = { applicationName: application, namespace, manifests, syncOptions: [], prune: true, allowEmpty: false }
  const { signal } = new AbortController()
  const result = await gateway.apply(access, input, { signal })
  if (!result.complete) throw new Error(`${application} was not applied: ${JSON.stringify(result.resources)}`)
  return result.changed
}

function objectsOf(name: string, image: string): readonly { readonly plural: string; readonly object: KubeObject }[] {
  const labels = { app: name }
  const container = {
    name: 'shop',
    image: `registry.example.test/shop:${image}`,
    ports: [{ containerPort: 8080 }],
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
  }
  return [
    { plural: 'configmaps', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { currency: 'EUR', locale: 'de' } } },
    {
      plural: 'services',
      object: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        // Headless: the API server has 250 addresses to give.
        spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
      },
    },
    {
      plural: 'deployments',
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name },
        spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
      },
    },
  ]
}

async function createNamespaces({ request }: SandboxCluster, numbers: ReadonlySet<number>): Promise<void> {
  for (const prefix of ['bare', 'bench']) {
    for (const number of numbers) {
      const { status } = await request('POST', '/api/v1/namespaces', { metadata: { name: `${prefix}-${number}` } })
      if (status !== 201) throw new Error(`namespace ${prefix}-${number}: ${status}`)
    }
  }
}

function accessOf({ server, caData, token }: SandboxCluster): ClusterAccess {
  return { clusterId: 'bench', generation: 1, server, caData, tlsServerName: null, credentials: { kind: 'bearerToken', token } }
}
