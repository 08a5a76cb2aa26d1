import type { ApiClient } from '../cli/client.ts'

export interface FleetView {
  readonly clusters: readonly { readonly name: string; readonly region: string; readonly canary: boolean; readonly connection: string }[]
  readonly applications: Readonly<Record<string, { readonly sync: string; readonly health: string; readonly revision: string | null }>>
  readonly rollout: RolloutView | null
}

export interface RolloutView {
  readonly number: number
  readonly phase: string
  readonly final: boolean
  readonly reason: string
  readonly revisions: readonly string[]
  readonly stages: readonly {
    readonly name: string
    readonly phase: string
    readonly reason: string | null
    readonly startedAt: string | null
    readonly finishedAt: string | null
    readonly targets: { readonly edges: readonly { readonly node: TargetView }[] }
  }[]
}

export interface TargetView {
  readonly applicationName: string
  readonly clusterName: string
  readonly phase: string
  readonly reason: string
  readonly appliedAt: string | null
  readonly healthyAt: string | null
}

const query = /* GraphQL */ `
  query Fleet($set: String!) {
    clusters(first: 50) { edges { node { name region: label(key: "region") canary: label(key: "canary") connection { status } } } }
    applicationSet(name: $set) {
      applications(first: 50) { edges { node { sync health revision cluster { name } } } }
      latestRollout {
        number phase final reason revisions
        stages {
          name phase reason startedAt finishedAt
          targets(first: 50) { edges { node { applicationName clusterName phase reason appliedAt healthyAt } } }
        }
      }
    }
  }
`

interface Edges<T> {
  readonly edges: readonly { readonly node: T }[]
}

interface Answer {
  readonly clusters: Edges<{ name: string; region: string | null; canary: string | null; connection: { status: string } }>
  readonly applicationSet: {
    readonly applications: Edges<{ sync: string; health: string; revision: string | null; cluster: { name: string } | null }>
    readonly latestRollout: RolloutView | null
  } | null
}

/** The fleet as GraphQL shows it now. */
export async function readFleet(api: ApiClient, set: string): Promise<FleetView> {
  const answer = await api.request<Answer>(query, { set })
  const applications = answer.applicationSet?.applications.edges ?? []
  return {
    clusters: answer.clusters.edges.map(({ node }) => ({
      name: node.name,
      region: node.region ?? '',
      canary: node.canary === 'true',
      connection: node.connection.status,
    })),
    applications: Object.fromEntries(
      applications.flatMap(({ node: { cluster, ...status } }) => (cluster === null ? [] : [[cluster.name, status]])),
    ),
    rollout: answer.applicationSet?.latestRollout ?? null,
  }
}

/** A few lines for people: the rollout, its stages, each cluster. */
export function drawFleet(view: FleetView): string {
  const lines: string[] = []
  const { rollout } = view
  if (rollout !== null) {
    const commit = rollout.revisions.map((revision) => revision.slice(0, 7)).join(', ')
    lines.push(`rollout ${rollout.number} to ${commit}: ${rollout.phase}${rollout.reason === '' ? '' : ` (${rollout.reason})`}`)
    for (const stage of rollout.stages) lines.push(`  ${pad(stage.name, 10)} ${pad(stage.phase, 17)} ${stage.reason ?? ''}`.trimEnd())
  }
  const targets = new Map(
    rollout?.stages.flatMap((stage) => stage.targets.edges.map(({ node }) => [node.clusterName, node] as const)) ?? [],
  )
  lines.push(`  ${pad('CLUSTER', 12)} ${pad('REGION', 10)} ${pad('SYNC', 10)} ${pad('HEALTH', 12)} ${pad('REVISION', 9)} ROLLOUT`)
  for (const cluster of view.clusters) {
    const application = view.applications[cluster.name]
    lines.push(
      `  ${pad(cluster.name, 12)} ${pad(cluster.region, 10)} ${pad(application?.sync ?? '-', 10)} ${pad(application?.health ?? '-', 12)} ` +
        `${pad(application?.revision?.slice(0, 7) ?? '-', 9)} ${targets.get(cluster.name)?.phase ?? ''}`.trimEnd(),
    )
  }
  return lines.join('\n')
}

/** Shows views one after the other: in place on a terminal, else only what changed. */
export function createPicture(out: NodeJS.WriteStream): { readonly show: (view: FleetView) => void; readonly keep: () => void } {
  let shown = ''
  let height = 0
  return {
    show: (view) => {
      const text = drawFleet(view)
      if (text === shown) return
      if (out.isTTY && height > 0) out.write(`\u001b[${height}A\u001b[0J`)
      shown = text
      height = text.split('\n').length
      out.write(`${text}\n`)
    },
    // What was drawn stays; the next picture starts below it.
    keep: () => {
      shown = ''
      height = 0
    },
  }
}

function pad(text: string, width: number): string {
  return text.padEnd(width)
}
