import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { FleetError } from '../fleet/errors.ts'
import { connect, outputOf } from './connection.ts'

interface Result {
  readonly kind: string
  readonly name: string
  readonly outcome: string
}

const mutation = `mutation($input: ApplyManifestInput!) {
  applyManifest(input: $input) { results { kind name outcome } userErrors { code message field } }
}`

/** `roadstead apply -f`: Applications, ApplicationSets, AppProjects and cluster Secrets, as published. */
export function applyCommand(): Command {
  return new Command('apply')
    .description('Apply manifests: Application, ApplicationSet, AppProject, Argo CD cluster Secret')
    .requiredOption('-f, --filename <path...>', 'files or directories with YAML; - reads standard input')
    .action(async (options: { filename: string[] }, command: Command) => {
      const manifest = options.filename.flatMap(read).join('\n---\n')
      const { applyManifest } = await connect(command).request<{ applyManifest: { results: Result[] } }>(mutation, { input: { manifest } })
      if (outputOf(command) === 'json') process.stdout.write(`${JSON.stringify(applyManifest.results, null, 2)}\n`)
      else for (const { kind, name, outcome } of applyManifest.results) process.stdout.write(`${kind} ${name} ${outcome.toLowerCase()}\n`)
    })
}

function read(path: string): string[] {
  try {
    if (path === '-') return [readFileSync(0, 'utf8')]
    if (!statSync(path).isDirectory()) return [readFileSync(path, 'utf8')]
    return readdirSync(path)
      .filter((name) => /\.ya?ml$/.test(name))
      .toSorted()
      .map((name) => readFileSync(join(path, name), 'utf8'))
  } catch (error) {
    throw new FleetError('INVALID_INPUT', `${path} can't be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
