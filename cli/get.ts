import { Command } from 'commander'
import { allRows, connect, idOf, outputOf } from './connection.ts'
import { labelsOf } from './labels.ts'
import { ago, type Column, printRows } from './output.ts'

const pageInfo = 'pageInfo { hasNextPage endCursor }'

interface Label {
  readonly key: string
  readonly value: string
}

interface ClusterRow {
  readonly name: string
  readonly server: string
  readonly labels: readonly Label[]
  readonly version: string | null
  readonly connection: { readonly status: string; readonly message: string; readonly seenAt: string | null }
}

const clusterColumns: readonly Column<ClusterRow>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'CONNECTION', value: (row) => row.connection.status },
  { title: 'SEEN', value: (row) => ago(row.connection.seenAt) },
  { title: 'VERSION', value: (row) => row.version ?? '-' },
  { title: 'LABELS', value: (row) => row.labels.map(({ key, value }) => `${key}=${value}`).join(',') },
  { title: 'SERVER', value: (row) => row.server },
]

interface SetRow {
  readonly name: string
  readonly strategyType: string
  readonly applications: { readonly totalCount: number }
  readonly health: { readonly status: string }
  readonly heldDeletion: { readonly count: number } | null
  readonly latestRollout: { readonly number: number; readonly phase: string } | null
  readonly condition: { readonly status: string; readonly message: string } | null
}

const setColumns: readonly Column<SetRow>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'STRATEGY', value: (row) => row.strategyType },
  { title: 'APPLICATIONS', value: (row) => String(row.applications.totalCount) },
  { title: 'HEALTH', value: (row) => row.health.status },
  { title: 'ROLLOUT', value: (row) => (row.latestRollout === null ? '-' : `${row.latestRollout.number} ${row.latestRollout.phase}`) },
  { title: 'HELD', value: (row) => (row.heldDeletion === null ? '' : `${row.heldDeletion.count} deletions`) },
  { title: 'ERROR', value: (row) => (row.condition?.status === 'True' ? row.condition.message : '') },
]

interface ApplicationRow {
  readonly name: string
  readonly sync: string
  readonly health: string
  readonly revision: string | null
  readonly message: string
  readonly cluster: { readonly name: string } | null
  readonly conditions: readonly { readonly message: string }[]
}

const applicationColumns: readonly Column<ApplicationRow>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'CLUSTER', value: (row) => row.cluster?.name ?? '-' },
  { title: 'SYNC', value: (row) => row.sync },
  { title: 'HEALTH', value: (row) => row.health },
  { title: 'REVISION', value: (row) => row.revision?.slice(0, 7) ?? '-' },
  { title: 'MESSAGE', value: (row) => row.conditions[0]?.message ?? row.message },
]

interface RolloutRow {
  readonly name: string
  readonly applicationSetName: string
  readonly number: number
  readonly phase: string
  readonly reason: string
  readonly revisions: readonly string[]
  readonly createdAt: string
}

const rolloutColumns: readonly Column<RolloutRow>[] = [
  { title: 'SET', value: (row) => row.applicationSetName },
  { title: 'NUMBER', value: (row) => String(row.number) },
  { title: 'PHASE', value: (row) => row.phase },
  { title: 'REVISIONS', value: (row) => row.revisions.map((revision) => revision.slice(0, 7)).join(',') },
  { title: 'AGE', value: (row) => ago(row.createdAt) },
  { title: 'REASON', value: (row) => row.reason },
]

/** `roadstead get`: lists, with filters where GraphQL has them. */
export function getCommand(): Command {
  const get = new Command('get').description('List clusters, application sets, applications or rollouts')

  get
    .command('clusters')
    .aliases(['cluster'])
    .description('Registered clusters')
    .option('-l, --label <key=value...>', 'only clusters with these labels')
    .action(async (options: { label?: string[] }, command: Command) => {
      const query = `query($after: String, $labels: [LabelInput!]) { clusters(first: 100, after: $after, labels: $labels) {
        edges { node { name server labels { key value } version connection { status message seenAt } } } ${pageInfo} } }`
      printRows(await allRows<ClusterRow>(connect(command), query, { labels: labelsOf(options.label) }), clusterColumns, outputOf(command))
    })

  get
    .command('applicationsets')
    .aliases(['applicationset', 'appsets', 'appset'])
    .description('ApplicationSets')
    .action(async (_options: object, command: Command) => {
      const query = `query($after: String) { applicationSets(first: 50, after: $after) { edges { node {
        name strategyType applications(first: 1) { totalCount } health { status } heldDeletion { count } latestRollout { number phase } condition(type: "ErrorOccurred") { status message }
      } } ${pageInfo} } }`
      printRows(await allRows<SetRow>(connect(command), query), setColumns, outputOf(command))
    })

  get
    .command('applications')
    .aliases(['application', 'apps', 'app'])
    .description('Applications')
    .option('--set <name>', 'only those of this ApplicationSet')
    .option('--cluster <name>', 'only those on this cluster')
    .option('--region <region>', 'only those on clusters with the label region=<region>')
    .option('-l, --label <key=value...>', 'only those on clusters with these labels')
    .option('--sync <status>', 'Synced, OutOfSync or Unknown')
    .option('--health <status>', 'Healthy, Progressing, Degraded, Suspended, Missing or Unknown')
    .action(async (options: ApplicationOptions, command: Command) => {
      const api = connect(command)
      const query = `query($after: String, $filter: ApplicationFilter) { applications(first: 100, after: $after, filter: $filter) { edges { node {
        name sync health revision message cluster { name } conditions { message }
      } } ${pageInfo} } }`
      const labels = [...(options.label ?? []), ...(options.region === undefined ? [] : [`region=${options.region}`])]
      const filter = {
        ...(options.set === undefined ? {} : { applicationSet: await idOf(api, 'applicationSet', options.set) }),
        ...(options.cluster === undefined ? {} : { cluster: await idOf(api, 'cluster', options.cluster) }),
        ...(labels.length === 0 ? {} : { clusterLabels: labelsOf(labels) }),
        ...(options.sync === undefined ? {} : { sync: options.sync }),
        ...(options.health === undefined ? {} : { health: options.health }),
      }
      printRows(await allRows<ApplicationRow>(api, query, { filter }), applicationColumns, outputOf(command))
    })

  get
    .command('rollouts')
    .aliases(['rollout'])
    .description('Rollouts, newest first')
    .option('--set <name>', 'only those of this ApplicationSet')
    .option('--active', 'only those that go on')
    .action(async (options: { set?: string; active?: boolean }, command: Command) => {
      const api = connect(command)
      const query = `query($after: String, $set: ID, $active: Boolean) { rollouts(first: 50, after: $after, applicationSet: $set, active: $active) { edges { node {
        applicationSetName number phase reason revisions createdAt } } ${pageInfo} } }`
      const set = options.set === undefined ? null : await idOf(api, 'applicationSet', options.set)
      const rows = await allRows<Omit<RolloutRow, 'name'>>(api, query, { set, active: options.active === true ? true : null })
      printRows(
        rows.map((row) => ({ ...row, name: `${row.applicationSetName}/${row.number}` })),
        rolloutColumns,
        outputOf(command),
      )
    })
  return get
}

interface ApplicationOptions {
  readonly set?: string
  readonly cluster?: string
  readonly region?: string
  readonly label?: string[]
  readonly sync?: string
  readonly health?: string
}
