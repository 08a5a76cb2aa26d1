import { Command } from 'commander'
import { FleetError } from '../fleet/errors.ts'
import type { ApiClient } from './client.ts'
import { connect, idOf, outputOf } from './connection.ts'
import { ago } from './output.ts'

const watchEveryMs = 1_000

interface Rollout {
  readonly id: string
  readonly number: number
  readonly phase: string
  readonly final: boolean
  readonly reason: string
  readonly planDigest: string
  readonly requestedBy: string
  readonly revisions: readonly string[]
  readonly createdAt: string
  readonly stages: readonly {
    readonly name: string
    readonly phase: string
    readonly reason: string | null
    readonly targetCounts: readonly { readonly phase: string; readonly count: number }[]
    readonly targets: {
      readonly edges: readonly { readonly node: { readonly clusterName: string; readonly phase: string; readonly reason: string } }[]
    }
  }[]
}

const query = `query($name: String!) { applicationSet(name: $name) { latestRollout {
  id number phase final reason planDigest requestedBy revisions createdAt
  stages { name phase reason targetCounts { phase count } targets(first: 50) { edges { node { clusterName phase reason } } } }
} } }`

const verbs = [
  ['pause', 'pauseRollout', 'Hold it: nothing new starts; what is under way goes on'],
  ['resume', 'resumeRollout', 'Let it go on; failures that paused it are accepted'],
  ['abort', 'abortRollout', 'End it and leave everything where it is'],
  ['roll-back', 'rollBackRollout', 'End it and take everything back to what ran before'],
  ['retry', 'retryRollout', 'Try the failed clusters again'],
] as const

/** `roadstead rollout`: the newest rollout of a set, and what it can be told. */
export function rolloutCommand(): Command {
  const rollout = new Command('rollout').description('Look at the newest rollout of an ApplicationSet, and steer it')

  rollout
    .command('show <applicationset>')
    .description('Stages, clusters and what is waited for')
    .option('-w, --watch', 'until it ends; exit code 9 unless it succeeded')
    .action(async (name: string, options: { watch?: boolean }, command: Command) => {
      const api = connect(command)
      let shown = ''
      for (;;) {
        const found = await latest(api, name)
        const text = outputOf(command) === 'json' ? `${JSON.stringify(found, null, 2)}\n` : draw(found)
        if (text !== shown) process.stdout.write(text)
        shown = text
        if (options.watch !== true) return
        if (found.final) {
          process.exitCode = found.phase === 'Succeeded' ? 0 : 9
          return
        }
        await new Promise((resolve) => setTimeout(resolve, watchEveryMs))
      }
    })

  for (const [verb, field, about] of verbs) {
    rollout
      .command(`${verb} <applicationset>`)
      .description(about)
      .option('--reason <text>', 'why, for whoever reads it later')
      .action(async (name: string, options: { reason?: string }, command: Command) => {
        const api = connect(command)
        const { id, number } = await latest(api, name)
        const input = { id, ...(options.reason === undefined ? {} : { reason: options.reason }) }
        await api.request(`mutation($input: RolloutCommandInput!) { ${field}(input: $input) { commandId userErrors { code message } } }`, {
          input,
        })
        process.stdout.write(`${verb}: written down for rollout ${number} of ${name}\n`)
      })
  }

  rollout
    .command('approve <applicationset> <stage>')
    .description('Let a stage start')
    .option('--plan <digest>', 'only if the plan is still this one; by default the plan as it is now')
    .option('--reason <text>', 'why, for whoever reads it later')
    .action(async (name: string, stage: string, options: { plan?: string; reason?: string }, command: Command) => {
      const api = connect(command)
      const { id, number, planDigest } = await latest(api, name)
      const input = {
        id,
        stage,
        planDigest: options.plan ?? planDigest,
        ...(options.reason === undefined ? {} : { reason: options.reason }),
      }
      await api.request('mutation($input: ApproveStageInput!) { approveStage(input: $input) { commandId userErrors { code message } } }', {
        input,
      })
      process.stdout.write(`stage ${stage} of rollout ${number} of ${name} approved\n`)
    })

  rollout
    .command('start <applicationset>')
    .description('Try again what a rolled back, aborted or failed rollout was to bring')
    .action(async (name: string, _options: object, command: Command) => {
      const api = connect(command)
      const input = { applicationSet: await idOf(api, 'applicationSet', name) }
      await api.request('mutation($input: StartRolloutInput!) { startRollout(input: $input) { userErrors { code message } } }', { input })
      process.stdout.write(`${name} starts a rollout shortly\n`)
    })
  return rollout
}

async function latest(api: ApiClient, name: string): Promise<Rollout> {
  const { applicationSet } = await api.request<{ applicationSet: { latestRollout: Rollout | null } | null }>(query, { name })
  if (applicationSet === null) throw new FleetError('NOT_FOUND', `there is no ApplicationSet ${name}`)
  if (applicationSet.latestRollout === null) throw new FleetError('NOT_FOUND', `${name} had no rollout yet`)
  return applicationSet.latestRollout
}

function draw(rollout: Rollout): string {
  const revisions = rollout.revisions.map((revision) => revision.slice(0, 7)).join(', ')
  const lines = [
    `rollout ${rollout.number} to ${revisions}, asked for by ${rollout.requestedBy}, ${ago(rollout.createdAt)} ago: ${rollout.phase}${rollout.reason === '' ? '' : ` (${rollout.reason})`}`,
    `plan ${rollout.planDigest}`,
  ]
  for (const stage of rollout.stages) {
    const counts = stage.targetCounts.map(({ phase, count }) => `${count} ${phase}`).join(', ')
    lines.push(`  stage ${stage.name}: ${stage.phase}, ${counts}${stage.reason === null || stage.reason === '' ? '' : `; ${stage.reason}`}`)
    for (const { node } of stage.targets.edges)
      lines.push(`    ${node.clusterName}: ${node.phase}${node.reason === '' ? '' : ` (${node.reason})`}`)
  }
  return `${lines.join('\n')}\n`
}
