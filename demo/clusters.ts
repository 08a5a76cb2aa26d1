import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { startEtcd, startMany } from '../sandbox/kube.ts'
import { findTool } from '../toolchain/find-tool.ts'

export interface DemoCluster {
  readonly name: string
  readonly region: string
  readonly canary: boolean
  readonly server: string
  readonly caData: string
  readonly credentials:
    | { readonly bearerToken: { readonly token: string } }
    | { readonly clientCertificate: { readonly certificate: string; readonly key: string } }
}

export interface DemoFleet {
  readonly clusters: readonly DemoCluster[]
  readonly stop: () => Promise<void>
}

const layout = [
  { name: 'eu-west-1', region: 'eu-west', canary: true },
  { name: 'eu-west-2', region: 'eu-west', canary: false },
  { name: 'us-east-1', region: 'us-east', canary: false },
  { name: 'ap-south-1', region: 'ap-south', canary: false },
] as const

/** Four real API servers on this machine, with controllers and a simulated node each. */
export async function localFleet(dir: string, log: (line: string) => void): Promise<DemoFleet> {
  const binaries = await findTool('kube', { log })
  const etcd = await startEtcd({ dir: join(dir, 'etcd'), binaries })
  try {
    const clusters = await startMany(layout.map(({ name }) => ({ name, dir: join(dir, name), etcd, binaries })))
    return {
      clusters: clusters.map(({ name, server, caData, token }, i) => ({
        ...(layout[i] ?? { name, region: name, canary: false }),
        server,
        caData,
        credentials: { bearerToken: { token } },
      })),
      stop: async () => {
        await Promise.all(clusters.map((cluster) => cluster.stop()))
        await etcd.stop()
      },
    }
  } catch (error) {
    await etcd.stop()
    throw error
  }
}

/**
 * Clusters of the user's own kubeconfig, read here, on their machine, field by field: what is registered is an address, a CA and a
 * token or a client certificate. Contexts that run a program to get a token can't be registered.
 */
export function contextsFleet(names: readonly string[]): DemoFleet {
  const file = process.env['KUBECONFIG'] ?? join(homedir(), '.kube/config')
  if (!existsSync(file)) throw new Error(`there is no kubeconfig at ${file}: set KUBECONFIG`)
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig
  const clusters = names.map((name, index): DemoCluster => {
    const context = config.contexts?.find((c) => c.name === name)?.context
    const cluster = config.clusters?.find((c) => c.name === context?.cluster)?.cluster
    const user = config.users?.find((u) => u.name === context?.user)?.user
    if (cluster?.server === undefined || user === undefined) {
      throw new Error(`${file} has no complete context ${name}; it has ${config.contexts?.map((c) => c.name).join(', ') ?? 'none'}`)
    }
    const caData = pem(cluster['certificate-authority-data'], cluster['certificate-authority'], file)
    if (caData === null) throw new Error(`context ${name}: its cluster names no certificate authority`)
    return { name, region: name, canary: index === 0, server: cluster.server, caData, credentials: credentialsOf(user, name, file) }
  })
  return { clusters, stop: async () => undefined }
}

interface Kubeconfig {
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string; readonly user: string } }[]
  readonly clusters?: readonly { readonly name: string; readonly cluster: Readonly<Record<string, string | undefined>> }[]
  readonly users?: readonly { readonly name: string; readonly user: Readonly<Record<string, string | undefined>> }[]
}

function credentialsOf(user: Readonly<Record<string, string | undefined>>, name: string, file: string): DemoCluster['credentials'] {
  if (user['token'] !== undefined) return { bearerToken: { token: user['token'] } }
  const certificate = pem(user['client-certificate-data'], user['client-certificate'], file)
  const key = pem(user['client-key-data'], user['client-key'], file)
  if (certificate !== null && key !== null) return { clientCertificate: { certificate, key } }
  throw new Error(
    `context ${name} has neither a token nor a client certificate. Make a service account for Roadstead there and use its token: kubectl create token`,
  )
}

function pem(data: string | undefined, path: string | undefined, file: string): string | null {
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
  return path === undefined ? null : readFileSync(resolve(dirname(file), path), 'utf8')
}
