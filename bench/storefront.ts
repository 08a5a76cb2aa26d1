import type { ApplicationSetSpec } from '../fleet/application-set.ts'
import type { Cluster } from '../fleet/cluster.ts'
import { hubTaskQueue } from '../fleet/cluster.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import type { ClusterFact } from '../generators/generator.ts'
import type { Store } from '../store/store.ts'

const registeredAtOnce = 10

/** One Deployment, one Service, one ConfigMap in a plain directory; `version` is what a commit changes. */
export function shopFiles(version: string): Record<string, string> {
  return {
    'shop/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: { containers: [{ name: shop, image: 'registry.example.test/shop:${version}', ports: [{ containerPort: 8080 }] }] }
`,
    'shop/service.yaml': `apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { selector: { app: shop }, ports: [{ port: 80, targetPort: 8080 }] }
`,
    'shop/settings.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: shop-settings }
data: { currency: EUR }
`,
  }
}

/** One application a cluster, all of them in one stage. */
export function shopSet(repoUrl: string, maxConcurrent: number): ApplicationSetSpec {
  return {
    goTemplate: true,
    goTemplateOptions: ['missingkey=error'],
    generators: [{ clusters: { selector: { matchLabels: { environment: 'production' } } } }],
    strategy: {
      type: 'Staged',
      staged: {
        stages: [{ name: 'all', selector: { matchLabels: { environment: 'production' } }, maxConcurrent, progressDeadline: '30m' }],
      },
    },
    template: {
      metadata: { name: 'shop-{{ .name }}', labels: { region: '{{ .metadata.labels.region }}' } },
      spec: {
        project: 'default',
        source: { repoURL: repoUrl, targetRevision: 'main', path: 'shop' },
        destination: { server: '{{ .server }}', namespace: 'shop' },
        syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
      },
    },
  }
}

export async function registerClusters(store: Store, facts: readonly ClusterFact[]): Promise<Cluster[]> {
  const registered: Cluster[] = []
  await mapBounded(facts, registeredAtOnce, async ({ name, server, labels, annotations }) => {
    const atMs = Date.now()
    const cluster = await store.clusters.register(
      {
        name,
        server,
        labels,
        annotations,
        caData: null,
        tlsServerName: null,
        project: null,
        taskQueue: hubTaskQueue,
        connection: { status: 'Successful', message: '', version: 'v1.36.3', uid: `uid-of-${name}`, attemptedAtMs: atMs, seenAtMs: atMs },
      },
      JSON.stringify({ kind: 'bearerToken', token: `token-of-${name}` }),
    )
    registered.push(cluster)
  })
  return registered
}
