import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, freePort, freePorts, waitUntilReady } from '../toolchain/process.ts'
import { type KubeRequest, kubeClient } from './kube-client.ts'
import { type Supervisor, supervise } from './processes.ts'
import { createSimulatedNode, podsArePinned } from './simulated-node.ts'

const READY_DEADLINE_MS = 90_000
/** An API server waits for open watches when it is asked to stop. Its data is in etcd, so we don't. */
const STOP_GRACE_MS = 1_500
const STAGES_FILE = fileURLToPath(new URL('kwok-stages.yaml', import.meta.url))
const CONTROLLERS = [
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'daemonset-controller',
  'job-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'garbage-collector-controller',
]
/** Collect garbage early: a dozen clusters have to fit on one small machine. */
const SMALL_HEAP = { GOGC: '50' }

export interface Etcd {
  readonly url: string
  stop(): Promise<void>
}

export interface ClusterSpec {
  /** Also the key prefix on the shared etcd. */
  readonly name: string
  readonly dir: string
  readonly etcd: Etcd
  /** The directory that holds kube-apiserver, kube-controller-manager and kwok. */
  readonly binaries: string
  /** Deployments become available, namespaces go away. False for a cluster that only stores what is applied: a third cheaper. */
  readonly controllers?: boolean
  /** PEM of a CA whose client certificates sign in, the common name as the user; none otherwise. */
  readonly clientCa?: string
  readonly port?: number
}

export interface SandboxCluster {
  readonly name: string
  /** `https://127.0.0.1:PORT`; stays over `kill` and `restart`. */
  readonly server: string
  /** The CA of the server's certificate, PEM. */
  readonly caData: string
  /** A token of a member of system:masters. */
  readonly token: string
  readonly kubeconfig: string
  /** A bare client, independent of the code under test. */
  readonly request: KubeRequest
  /** SIGKILL to the API server alone: an outage. Its controllers keep trying. */
  kill(): Promise<void>
  /** The API server again, on the same port with the same data, and its controllers afresh; returns when it is ready. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** One etcd for many clusters. It never syncs to disk: what it holds is made to be thrown away. */
export async function startEtcd(options: { readonly dir: string; readonly binaries: string }): Promise<Etcd> {
  const supervisor = await supervise(options.dir)
  const [client, peer] = await freePorts(2)
  const url = `http://127.0.0.1:${client}`
  const peerUrl = `http://127.0.0.1:${peer}`
  const child = await supervisor.start({
    name: 'etcd',
    command: join(options.binaries, 'etcd'),
    args: [
      '--name=sandbox',
      `--data-dir=${join(options.dir, 'data')}`,
      '--unsafe-no-fsync',
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=sandbox=${peerUrl}`,
      '--log-level=warn',
    ],
    env: SMALL_HEAP,
    logFile: join(options.dir, 'etcd.log'),
  })
  const probe = async () => (await fetch(`${url}/health`)).ok
  try {
    await waitUntilReady({ what: 'etcd', deadlineMs: READY_DEADLINE_MS, child, probe })
  } catch (error) {
    await supervisor.stopAll()
    throw error
  }
  return { url, stop: () => supervisor.stopAll() }
}

/**
 * A real API server with its own data, certificate and token; with controllers and one simulated node unless told otherwise.
 * Returns when it is ready for pods. Throws, with everything stopped again, when it isn't within the deadline.
 */
export async function startCluster(spec: ClusterSpec): Promise<SandboxCluster> {
  mkdirSync(spec.dir, { recursive: true })
  const supervisor = await supervise(spec.dir)
  try {
    return await bringUp(spec, supervisor)
  } catch (error) {
    await supervisor.stopAll()
    throw error
  }
}

/** Starts clusters a few at a time: on two cores more at once only makes each slower. All are stopped again when one fails. */
export async function startMany(specs: readonly ClusterSpec[], concurrency = 2): Promise<SandboxCluster[]> {
  const started = new Map<ClusterSpec, SandboxCluster>()
  const queue = [...specs]
  const worker = async () => {
    for (let spec = queue.shift(); spec !== undefined; spec = queue.shift()) started.set(spec, await startCluster(spec))
  }
  const outcomes = await Promise.allSettled(Array.from({ length: concurrency }, worker))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed !== undefined) {
    await Promise.all([...started.values()].map((cluster) => cluster.stop()))
    throw failed.reason
  }
  return specs.flatMap((spec) => started.get(spec) ?? [])
}

async function bringUp(spec: ClusterSpec, supervisor: Supervisor): Promise<SandboxCluster> {
  const { name, dir } = spec
  const port = spec.port ?? (await freePort())
  const server = `https://127.0.0.1:${port}`
  const token = randomBytes(24).toString('base64url')
  writeFileSync(join(dir, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 })
  if (spec.clientCa !== undefined) writeFileSync(join(dir, 'client-ca.crt'), spec.clientCa)
  writeServiceAccountKeys(dir)

  let apiServer = await startApiServer(spec, supervisor, port)
  const caData = await readCa(dir, apiServer)
  const kubeconfig = kubeconfigOf({ name, server, caData, token })
  writeFileSync(join(dir, 'kubeconfig'), kubeconfig, { mode: 0o600 })
  const request = kubeClient({ server, ca: caData, token })
  const apiReady = (child: Child) =>
    waitUntilReady({
      what: `the API server of ${name}`,
      deadlineMs: READY_DEADLINE_MS,
      child,
      probe: async () => (await request('GET', '/readyz')).status === 200,
    })
  await apiReady(apiServer)

  let controllers: readonly Child[] = []
  if (spec.controllers !== false) {
    await createSimulatedNode(request)
    controllers = await startControllers(spec, supervisor)
    await waitUntilReady({ what: `${name} for pods`, deadlineMs: READY_DEADLINE_MS, probe: () => podsArePinned(request) })
  }
  return {
    name,
    server,
    caData,
    token,
    kubeconfig,
    request,
    kill: () => apiServer.kill(),
    restart: async () => {
      await apiServer.kill()
      apiServer = await startApiServer(spec, supervisor, port)
      await apiReady(apiServer)
      // They back off for up to half a minute from a server that was away, which is no part of what is tested here.
      await Promise.all(controllers.map((child) => child.kill()))
      if (spec.controllers !== false) controllers = await startControllers(spec, supervisor)
    },
    stop: () => supervisor.stopAll(),
  }
}

function startApiServer(spec: ClusterSpec, supervisor: Supervisor, port: number): Promise<Child> {
  const { name, dir } = spec
  return supervisor.start({
    name: `kube-apiserver of ${name}`,
    command: join(spec.binaries, 'kube-apiserver'),
    args: [
      `--etcd-servers=${spec.etcd.url}`,
      `--etcd-prefix=/${name}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${join(dir, 'certs')}`,
      `--token-auth-file=${join(dir, 'tokens.csv')}`,
      ...(spec.clientCa === undefined ? [] : [`--client-ca-file=${join(dir, 'client-ca.crt')}`]),
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(dir, 'service-account.pub')}`,
      `--service-account-signing-key-file=${join(dir, 'service-account.key')}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--allow-privileged=true',
      '--enable-priority-and-fairness=false',
      '--profiling=false',
    ],
    env: SMALL_HEAP,
    logFile: join(dir, 'kube-apiserver.log'),
    stopGraceMs: STOP_GRACE_MS,
  })
}

function startControllers(spec: ClusterSpec, supervisor: Supervisor): Promise<readonly Child[]> {
  return Promise.all([startControllerManager(spec, supervisor), startNodeSimulator(spec, supervisor)])
}

async function startControllerManager(spec: ClusterSpec, supervisor: Supervisor): Promise<Child> {
  const { name, dir } = spec
  const kubeconfig = join(dir, 'kubeconfig')
  return supervisor.start({
    name: `kube-controller-manager of ${name}`,
    command: join(spec.binaries, 'kube-controller-manager'),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--authentication-kubeconfig=${kubeconfig}`,
      `--authorization-kubeconfig=${kubeconfig}`,
      `--controllers=${CONTROLLERS.join(',')}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${await freePort()}`,
      `--cert-dir=${join(dir, 'controller-manager-certs')}`,
      '--leader-elect=false',
      '--use-service-account-credentials=false',
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
    ],
    env: SMALL_HEAP,
    logFile: join(dir, 'kube-controller-manager.log'),
    stopGraceMs: STOP_GRACE_MS,
  })
}

function startNodeSimulator(spec: ClusterSpec, supervisor: Supervisor): Promise<Child> {
  return supervisor.start({
    name: `kwok of ${spec.name}`,
    command: join(spec.binaries, 'kwok'),
    args: [
      `--kubeconfig=${join(spec.dir, 'kubeconfig')}`,
      `--config=${STAGES_FILE}`,
      '--manage-all-nodes=true',
      '--node-lease-duration-seconds=0',
      '--node-ip=127.0.0.1',
      '--cidr=10.1.0.0/16',
    ],
    env: SMALL_HEAP,
    logFile: join(spec.dir, 'kwok.log'),
    stopGraceMs: STOP_GRACE_MS,
  })
}

function writeServiceAccountKeys(dir: string): void {
  const file = join(dir, 'service-account')
  if (existsSync(`${file}.key`)) return
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  writeFileSync(`${file}.pub`, publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(`${file}.key`, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 })
}

/** The API server makes itself a certificate and the CA that signed it; both are in one file, the CA last. */
async function readCa(dir: string, child: Child): Promise<string> {
  const file = join(dir, 'certs', 'apiserver.crt')
  let ca = ''
  const probe = async () => {
    ca = readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g)?.[1] ?? ''
    return ca !== ''
  }
  await waitUntilReady({ what: `the certificate ${file}`, deadlineMs: READY_DEADLINE_MS, child, probe })
  return ca
}

function kubeconfigOf(cluster: {
  readonly name: string
  readonly server: string
  readonly caData: string
  readonly token: string
}): string {
  return `apiVersion: v1
kind: Config
current-context: ${cluster.name}
clusters:
  - name: ${cluster.name}
    cluster:
      server: ${cluster.server}
      certificate-authority-data: ${Buffer.from(cluster.caData).toString('base64')}
users:
  - name: ${cluster.name}-admin
    user:
      token: ${cluster.token}
contexts:
  - name: ${cluster.name}
    context:
      cluster: ${cluster.name}
      user: ${cluster.name}-admin
`
}
