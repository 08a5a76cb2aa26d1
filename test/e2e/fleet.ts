import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ApiClient, createApiClient } from '../../cli/client.ts'
import { type DemoHub, startHub } from '../../demo/hub.ts'
import type { GitCredentials } from '../../sandbox/git-http.ts'
import { type GitServer, startGitServer } from '../../sandbox/git-server.ts'
import { type ClusterSpec, type SandboxCluster, startEtcd, startMany } from '../../sandbox/kube.ts'
import { findTool } from '../../toolchain/find-tool.ts'
import { sandboxDirectory } from '../support/sandbox-directory.ts'

const pollMs = 100

/** A whole fleet as users have it: a hub process of its own, real clusters, real Git. */
export interface Fleet {
  /** Where the hub keeps all its state. */
  readonly stateDir: string
  /** All that the hub process says but the administrator token, of every run. */
  readonly hubLog: string
  readonly clusters: readonly SandboxCluster[]
  readonly git: GitServer
  readonly hub: () => DemoHub
  readonly api: () => ApiClient
  /** SIGKILL to the hub process: no drain, no goodbye. */
  readonly killHub: () => Promise<void>
  /** The hub again, on the same state directory. */
  readonly startHub: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface FleetCluster extends Pick<ClusterSpec, 'controllers' | 'clientCa'> {
  readonly name: string
  readonly region: string
  /** False: it runs, and the test registers it. */
  readonly registered?: boolean
}

export async function startFleet(
  names: readonly FleetCluster[],
  environment: Readonly<Record<string, string>> = {},
  gitCredentials?: GitCredentials,
): Promise<Fleet> {
  const dir = await sandboxDirectory()
  const stateDir = join(dir, 'state')
  mkdirSync(stateDir)
  const log = () => undefined
  const hubEnvironment = {
    ROADSTEAD_REPOSITORY_POLL: '1s',
    ROADSTEAD_OBSERVE_INTERVAL: '500ms',
    ROADSTEAD_PROBE_INTERVAL: '1s',
    ROADSTEAD_RECHECK_INTERVAL: '2s',
    ROADSTEAD_SWEEP_INTERVAL: '2s',
    ...environment,
  }
  let token: string | null = null
  let hub: DemoHub | null = null
  const requireHub = () => {
    if (hub === null) throw new Error('the hub is not running')
    return hub
  }
  const start = async () => {
    hub = await startHub({ stateDir, token, environment: hubEnvironment, log })
    token = hub.token
  }
  const binaries = await findTool('kube', { log })
  const etcd = await startEtcd({ dir: join(dir, 'etcd'), binaries })
  const clusters = await startMany(
    names.map(({ name, controllers = true, clientCa }) => ({
      name,
      dir: join(dir, name),
      etcd,
      binaries,
      controllers,
      ...(clientCa === undefined ? {} : { clientCa }),
    })),
  )
  const git = await startGitServer({ dir: join(dir, 'git'), ...(gitCredentials === undefined ? {} : { credentials: gitCredentials }) })
  await start()
  const fleet: Fleet = {
    stateDir,
    hubLog: join(dir, 'hub.log'),
    clusters,
    git,
    hub: requireHub,
    api: () => createApiClient(requireHub().url, requireHub().token),
    killHub: async () => {
      const { pid } = requireHub()
      process.kill(pid, 'SIGKILL')
      await until('the hub process is gone', async () => !isAlive(pid))
      hub = null
    },
    startHub: start,
    stop: async () => {
      await hub?.stop()
      await git.stop()
      await Promise.all(clusters.map((cluster) => cluster.stop()))
      await etcd.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  for (const [i, { name, server, caData, token: bearer }] of clusters.entries()) {
    if (names[i]?.registered === false) continue
    await fleet
      .api()
      .request('mutation($input: RegisterClusterInput!) { registerCluster(input: $input) { userErrors { code message } } }', {
        input: {
          name,
          server,
          caData,
          credentials: { bearerToken: { token: bearer } },
          labels: [
            { key: 'region', value: names[i]?.region ?? '' },
            { key: 'environment', value: 'test' },
          ],
        },
      })
  }
  return fleet
}

export async function until(what: string, condition: () => Promise<boolean>, patienceMs = 90_000): Promise<void> {
  const endAtMs = Date.now() + patienceMs
  let last = ''
  while (Date.now() < endAtMs) {
    try {
      if (await condition()) return
      last = ''
    } catch (error) {
      last = error instanceof Error ? `: ${error.message}` : ''
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new Error(`waited ${patienceMs / 1000} s in vain until ${what}${last}`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const deploymentYaml = (image: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: ${image}
`

/** A directory with one Deployment, whose image is what a commit changes. */
export function webFiles(image: string): Record<string, string> {
  return { 'web/deployment.yaml': deploymentYaml(image), 'README.md': 'not part of any application\n' }
}

export function setManifest(options: { readonly repoUrl: string; readonly strategy: string }): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: web
spec:
  generators:
    - clusters:
        selector: { matchLabels: { environment: test } }
  strategy:
${options.strategy.replaceAll(/^/gm, '    ')}
  template:
    metadata:
      name: 'web-{{name}}'
    spec:
      project: default
      source: { repoURL: '${options.repoUrl}', targetRevision: main, path: web }
      destination: { server: '{{server}}', namespace: web }
      syncPolicy:
        automated: { prune: true, selfHeal: true }
        syncOptions: [CreateNamespace=true]
`
}

export interface RolloutSeen {
  readonly id: string
  readonly number: number
  readonly phase: string
  readonly final: boolean
  readonly reason: string
  readonly planDigest: string
  readonly stages: readonly {
    readonly name: string
    readonly phase: string
    readonly approvals: readonly { readonly by: string }[]
    readonly targets: {
      readonly edges: readonly {
        readonly node: {
          readonly clusterName: string
          readonly phase: string
          readonly reason: string
          readonly attempt: number
          readonly appliedAt: string | null
          readonly healthyAt: string | null
        }
      }[]
    }
  }[]
}

export async function latestRollout(api: ApiClient): Promise<RolloutSeen> {
  const { applicationSet } = await api.request<{ applicationSet: { latestRollout: RolloutSeen | null } }>(
    `query { applicationSet(name: "web") { latestRollout { id number phase final reason planDigest
      stages { name phase approvals { by } targets(first: 50) { edges { node { clusterName phase reason attempt appliedAt healthyAt } } } } } } }`,
  )
  if (applicationSet.latestRollout === null) throw new Error('no rollout yet')
  return applicationSet.latestRollout
}

export async function applyManifest(api: ApiClient, manifest: string): Promise<void> {
  await api.request('mutation($input: ApplyManifestInput!) { applyManifest(input: $input) { userErrors { code message } } }', {
    input: { manifest },
  })
}

/** The phase of one target. */
export function phaseOf(rollout: RolloutSeen, cluster: string): string | undefined {
  return rollout.stages.flatMap((stage) => stage.targets.edges).find(({ node }) => node.clusterName === cluster)?.node.phase
}

/** What the cluster itself says: image, and how often the Deployment's spec was changed. */
export async function liveWeb(cluster: SandboxCluster): Promise<{ readonly image: string; readonly generation: number }> {
  const { body } = await cluster.request<{
    metadata: { generation: number }
    spec: { template: { spec: { containers: { image: string }[] } } }
  }>('GET', '/apis/apps/v1/namespaces/web/deployments/web')
  return { image: body.spec.template.spec.containers[0]?.image ?? '', generation: body.metadata.generation }
}
