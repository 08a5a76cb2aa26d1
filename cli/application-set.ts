import { Command } from 'commander'
import { stringify } from 'yaml'
import { FleetError } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import { connect, outputOf } from './connection.ts'
import { readManifests } from './manifest-files.ts'
import { type Column, printable, printRows } from './output.ts'

interface PreviewedApplication {
  readonly name: string
  readonly change: string
  readonly clusterName: string | null
  readonly origin: string | null
  readonly differences: readonly { readonly path: string; readonly before: Json; readonly after: Json }[]
}

interface Preview {
  readonly complete: boolean
  readonly problems: readonly { readonly path: string; readonly message: string }[]
  readonly proofs: readonly string[]
  readonly deletionsHeld: string | null
  readonly counts: readonly { readonly change: string; readonly count: number }[]
  readonly applications: readonly PreviewedApplication[]
}

const query = `query($manifest: String!) { generate(manifest: $manifest) {
  complete problems { path message } proofs deletionsHeld counts { change count } origins { path template parameters }
  applications(first: 10000) { name change clusterName origin parameters manifest differences { path before after } }
} }`

const columns: readonly Column<PreviewedApplication>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'CHANGE', value: (row) => row.change.toLowerCase() },
  { title: 'CLUSTER', value: (row) => row.clusterName ?? '-' },
  { title: 'FROM', value: (row) => row.origin ?? '-' },
  { title: 'DIFFERENCES', value: (row) => row.differences.map(differenceOf).join('; ') },
]

/** `roadstead appset generate -f`: what a set would give, before it is applied. */
export function applicationSetCommand(): Command {
  const generate = new Command('generate')
    .description('Show the applications that an ApplicationSet would give now, and what would change; changes nothing')
    .requiredOption('-f, --filename <path>', 'file with one ApplicationSet; - reads standard input')
    .addHelpText('after', '\nWith -o json: manifests, parameters, and which parameters each templated field reads.')
    .action(async (options: { filename: string }, command: Command) => {
      const manifest = readManifests(options.filename).join('\n---\n')
      const { generate: preview } = await connect(command).request<{ generate: Preview }>(query, { manifest })
      const output = outputOf(command)
      if (output === 'json') process.stdout.write(`${JSON.stringify(preview, null, 2)}\n`)
      else printRows(preview.applications, columns, output)
      if (output === 'table') printSummary(preview)
      if (!preview.complete)
        throw new FleetError('INVALID_INPUT', 'not every generator could see everything: applying it would change nothing now')
    })
  const get = new Command('get')
    .description('Print an ApplicationSet with its status as Argo CD has it: conditions, health, resources')
    .argument('<name>', 'name of the ApplicationSet')
    .addHelpText('after', '\nPrints YAML; JSON with -o json. At most 5000 applications are listed; resourcesCount is of all.')
    .action(async (name: string, _options: object, command: Command) => {
      const { applicationSet: set } = await connect(command).request<{ applicationSet: SetManifest | null }>(getQuery, { name })
      if (set === null) throw new FleetError('NOT_FOUND', `there is no applicationSet ${name}`)
      const manifest = manifestOf(set)
      const output = outputOf(command)
      if (output === 'name') process.stdout.write(`${set.name}\n`)
      else process.stdout.write(output === 'json' ? `${JSON.stringify(manifest, null, 2)}\n` : stringify(manifest, { lineWidth: 0 }))
    })
  return new Command('appset')
    .description('Look at ApplicationSets, before they are applied and after')
    .addCommand(generate)
    .addCommand(get)
}

const getQuery = `query($name: String!) { applicationSet(name: $name) {
  name labels { key value } annotations { key value } spec status(maxResources: 5000) generation
} }`

interface Pair {
  readonly key: string
  readonly value: string
}

interface SetManifest {
  readonly name: string
  readonly labels: readonly Pair[]
  readonly annotations: readonly Pair[]
  readonly generation: number
  readonly spec: Json
  readonly status: Json
}

function manifestOf({ name, labels, annotations, generation, spec, status }: SetManifest) {
  const mapOf = (field: string, pairs: readonly Pair[]) =>
    pairs.length === 0 ? {} : { [field]: Object.fromEntries(pairs.map(({ key, value }) => [key, value])) }
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name, ...mapOf('labels', labels), ...mapOf('annotations', annotations), generation },
    spec,
    status,
  }
}

/** On stderr: the table may go into a pipe. */
function printSummary({ counts, problems, proofs, deletionsHeld }: Preview): void {
  const lines = [
    counts.map(({ change, count }) => `${count} ${change.toLowerCase()}`).join(', '),
    ...proofs.map((proof) => `saw ${proof}`),
    ...problems.map(({ path, message }) => `problem: ${path}: ${message}`),
    ...(deletionsHeld === null ? [] : [`held: ${deletionsHeld}; the deletions would wait for a confirmation`]),
  ]
  process.stderr.write(lines.map((line) => (line === '' ? '' : `${printable(line)}\n`)).join(''))
}

function differenceOf({ path, before, after }: PreviewedApplication['differences'][number]): string {
  return `${path}: ${textOf(before)} -> ${textOf(after)}`
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
