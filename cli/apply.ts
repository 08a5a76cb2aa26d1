import { Command } from 'commander'
import { connect, outputOf } from './connection.ts'
import { readManifests } from './manifest-files.ts'

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
      const manifest = options.filename.flatMap(readManifests).join('\n---\n')
      const { applyManifest } = await connect(command).request<{ applyManifest: { results: Result[] } }>(mutation, { input: { manifest } })
      if (outputOf(command) === 'json') process.stdout.write(`${JSON.stringify(applyManifest.results, null, 2)}\n`)
      else for (const { kind, name, outcome } of applyManifest.results) process.stdout.write(`${kind} ${name} ${outcome.toLowerCase()}\n`)
    })
}
