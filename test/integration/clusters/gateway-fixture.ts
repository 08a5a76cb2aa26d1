import { join } from 'node:path'
import { createClusterGateway, type GatewayOptions } from '../../../clusters/create-gateway.ts'
import type { ApplyInput, ClusterAccess, ClusterGateway } from '../../../clusters/gateway.ts'
import type { KubeObject } from '../../../fleet/application.ts'
import { type SandboxCluster, startCluster, startEtcd } from '../../../sandbox/kube.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'
import { tool } from '../../support/tools.ts'

export interface GatewayFixture {
  readonly cluster: SandboxCluster
  /** Where the API server keeps its certificate and key. */
  readonly certs: string
  readonly etcdUrl: string
  readonly gateway: ClusterGateway
  readonly access: ClusterAccess
  /** Methods of the requests since the last call. */
  readonly requests: () => string[]
  readonly stop: () => Promise<void>
}

export async function startGatewayFixture(options: { readonly controllers: boolean } & GatewayOptions): Promise<GatewayFixture> {
  const dir = await sandboxDirectory()
  const binaries = await tool('kube')
  const etcd = await startEtcd({ dir: join(dir, 'etcd'), binaries })
  const cluster = await startCluster({ name: 'gateway', dir: join(dir, 'gateway'), etcd, binaries, controllers: options.controllers })
  let methods: string[] = []
  const gateway = createClusterGateway({ ...options, allowLoopback: true, onAnswer: ({ method }) => methods.push(method) })
  return {
    cluster,
    certs: join(dir, 'gateway', 'certs'),
    etcdUrl: etcd.url,
    gateway,
    access: accessOf(cluster),
    requests: () => {
      const seen = methods
      methods = []
      return seen
    },
    stop: async () => {
      await gateway.close()
      await cluster.stop()
      await etcd.stop()
    },
  }
}

export function accessOf(cluster: Pick<SandboxCluster, 'server' | 'caData' | 'token'>, change: Partial<ClusterAccess> = {}): ClusterAccess {
  return {
    clusterId: 'one',
    generation: 1,
    server: cluster.server,
    caData: cluster.caData,
    tlsServerName: null,
    credentials: { kind: 'bearerToken', token: cluster.token },
    ...change,
  }
}

export function inputOf(
  applicationName: string,
  namespace: string,
  manifests: readonly KubeObject[],
  change: Partial<ApplyInput> = {},
): ApplyInput {
  return { applicationName, namespace, manifests, syncOptions: ['CreateNamespace=true'], prune: true, allowEmpty: false, ...change }
}

export function configMap(
  name: string,
  data: Record<string, string> = { key: 'value' },
  metadata: KubeObject['metadata'] | Record<string, never> = {},
): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name }, data }
}

export function service(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: {
      selector: { app: name },
      ports: [
        { name: 'http', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    },
  }
}

export function deployment(name: string, image = 'example/web:1', replicas = 2): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      progressDeadlineSeconds: 3,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [{ name: 'web', image, ports: [{ containerPort: 80 }], resources: { requests: { cpu: '1000m', memory: '0.5Gi' } } }],
        },
      },
    },
  }
}

export function crd(plural: string, kind: string, group = 'boats.example.com'): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { masts: { type: 'integer' } } } } },
          },
        },
      ],
    },
  }
}
