import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { FleetError } from '../fleet/errors.ts'
import type { JsonObject } from '../fleet/json.ts'
import { connect, idOf } from './connection.ts'
import { labelsOf } from './labels.ts'

interface CredentialOptions {
  readonly server?: string
  readonly caFile?: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly tokenFile?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly allowUnreachable?: boolean
}

/** `roadstead cluster`: register, label, rotate, remove. Secrets come from files, never from arguments, which other users can see. */
export function clusterCommand(): Command {
  const cluster = new Command('cluster').description('Register clusters, change and remove them')

  withCredentials(cluster.command('register <name>').description('Register a cluster; it is connected to at once'))
    .option('-l, --label <key=value...>', 'labels, such as region=eu-west')
    .option('--project <name>', 'AppProject that it belongs to')
    .action(async (name: string, options: CredentialOptions & { label?: string[]; project?: string }, command: Command) => {
      const input = {
        name,
        ...accessOf(options),
        labels: labelsOf(options.label),
        ...(options.project === undefined ? {} : { project: options.project }),
        allowUnreachable: options.allowUnreachable === true,
      }
      const query = `mutation($input: RegisterClusterInput!) { registerCluster(input: $input) { cluster { name version connection { status message } } userErrors { code message } } }`
      const { registerCluster } = await connect(command).request<{
        registerCluster: { cluster: { version: string | null; connection: { status: string } } }
      }>(query, { input })
      process.stdout.write(
        `cluster ${name} registered: ${registerCluster.cluster.connection.status}, Kubernetes ${registerCluster.cluster.version ?? 'unknown'}\n`,
      )
    })

  withCredentials(
    cluster.command('rotate <name>').description('Replace the credentials of a cluster; they are tried before they are stored'),
  ).action(async (name: string, options: CredentialOptions, command: Command) => {
    const api = connect(command)
    const input = { id: await idOf(api, 'cluster', name), ...accessOf(options), allowUnreachable: options.allowUnreachable === true }
    await api.request(
      'mutation($input: RotateClusterCredentialsInput!) { rotateClusterCredentials(input: $input) { userErrors { code message } } }',
      { input },
    )
    process.stdout.write(`cluster ${name}: credentials replaced\n`)
  })

  cluster
    .command('label <name> <changes...>')
    .description('Change labels: key=value sets one, key- removes one')
    .action(async (name: string, changes: string[], _options: object, command: Command) => {
      const api = connect(command)
      const found = await api.request<{ cluster: { id: string; generation: number; labels: { key: string; value: string }[] } | null }>(
        'query($name: String!) { cluster(name: $name) { id generation labels { key value } } }',
        { name },
      )
      if (found.cluster === null) throw new FleetError('NOT_FOUND', `there is no cluster ${name}`)
      const labels = new Map(found.cluster.labels.map(({ key, value }) => [key, value]))
      for (const change of changes) {
        if (change.endsWith('-') && !change.includes('=')) labels.delete(change.slice(0, -1))
        else for (const { key, value } of labelsOf([change])) labels.set(key, value)
      }
      await api.request('mutation($input: UpdateClusterInput!) { updateCluster(input: $input) { userErrors { code message } } }', {
        input: {
          id: found.cluster.id,
          expectedGeneration: found.cluster.generation,
          labels: [...labels].map(([key, value]) => ({ key, value })),
        },
      })
      process.stdout.write(`cluster ${name} labelled\n`)
    })

  cluster
    .command('remove <name>')
    .description('Remove a cluster; refused while applications target it, unless told what becomes of them')
    .option('--delete-applications', 'delete them, with what they made')
    .option('--orphan-applications', 'forget them; what they made stays')
    .action(async (name: string, options: { deleteApplications?: boolean; orphanApplications?: boolean }, command: Command) => {
      const api = connect(command)
      const applications = options.deleteApplications === true ? 'DELETE' : options.orphanApplications === true ? 'ORPHAN' : 'REFUSE'
      const query = 'mutation($input: RemoveClusterInput!) { removeCluster(input: $input) { removedId userErrors { code message } } }'
      const { removeCluster } = await api.request<{ removeCluster: { removedId: string | null } }>(query, {
        input: { id: await idOf(api, 'cluster', name), applications },
      })
      process.stdout.write(
        removeCluster.removedId === null ? `cluster ${name} goes when its applications are gone\n` : `cluster ${name} removed\n`,
      )
    })
  return cluster
}

function withCredentials(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'take address, CA and credentials from this file')
    .option('--context <name>', 'which context of it; the current one by default')
    .option('--server <url>', 'https URL of the API server')
    .option('--ca-file <file>', "PEM of the CA that signed the server's certificate")
    .option('--token-file <file>', 'bearer token; - reads standard input')
    .option('--client-certificate <file>', 'PEM')
    .option('--client-key <file>', 'PEM')
    .option('--allow-unreachable', 'store it though it cannot be reached now')
}

function accessOf(options: CredentialOptions): JsonObject {
  if (options.kubeconfig !== undefined) {
    const context = options.context === undefined ? {} : { context: options.context }
    return { credentials: { kubeconfig: { yaml: read(options.kubeconfig), ...context } } }
  }
  const address = {
    ...(options.server === undefined ? {} : { server: options.server }),
    ...(options.caFile === undefined ? {} : { caData: read(options.caFile) }),
  }
  if (options.tokenFile !== undefined) return { ...address, credentials: { bearerToken: { token: read(options.tokenFile).trim() } } }
  if (options.clientCertificate !== undefined && options.clientKey !== undefined) {
    return {
      ...address,
      credentials: { clientCertificate: { certificate: read(options.clientCertificate), key: read(options.clientKey) } },
    }
  }
  throw new FleetError('INVALID_INPUT', 'give credentials: --kubeconfig, or --token-file, or --client-certificate with --client-key')
}

function read(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    throw new FleetError('INVALID_INPUT', `${path} can't be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
