import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createApiClient } from '../cli/client.ts'
import { startGitServer } from '../sandbox/git-server.ts'
import { makeRunDirectory } from '../sandbox/processes.ts'
import { contextsFleet, localFleet } from './clusters.ts'
import { startHub } from './hub.ts'
import { badCommit, firstRollout, goodCommit, type Journey, registerClusters, repositoryName } from './journey.ts'
import { createPicture } from './picture.ts'

const usage = `npm run demo [-- options]
  --once              check everything, say what was verified, and exit
  --contexts a,b,c    use these contexts of your kubeconfig instead of four local API servers
  --help`

const { values } = parseArgs({ options: { once: { type: 'boolean' }, contexts: { type: 'string' }, help: { type: 'boolean' } } })
if (values.help === true) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const startedAtMs = Date.now()
const seconds = () => `${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`
const cleanups: (() => Promise<unknown>)[] = []
let stopping = false
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second Ctrl-C doesn't wait.
      if (stopping) process.exit(130)
      stopping = true
      resolve()
    })
  }
})

const exitCode = await run().catch((error: unknown) => {
  process.stderr.write(`\nThe demo failed after ${seconds()}: ${error instanceof Error ? error.message : String(error)}\n`)
  return 1
})
say('stopping what the demo started')
for (const cleanup of cleanups.toReversed()) await cleanup().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
process.exit(exitCode)

async function run(): Promise<number> {
  const dir = await makeRunDirectory(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'roadstead', 'demo'))
  cleanups.push(async () => rmSync(dir, { recursive: true, force: true }))
  const stateDir = join(dir, 'state')
  mkdirSync(stateDir)

  say('starting the hub, a Git server and the clusters')
  const starting = {
    hub: startHub({
      stateDir,
      token: null,
      environment: { ROADSTEAD_REPOSITORY_POLL: '2s', ROADSTEAD_OBSERVE_INTERVAL: '1s', ROADSTEAD_PROBE_INTERVAL: '5s' },
      log: say,
    }),
    git: startGitServer({ dir: join(dir, 'git') }),
    fleet:
      values.contexts === undefined ? localFleet(join(dir, 'clusters'), say) : Promise.resolve(contextsFleet(values.contexts.split(','))),
  }
  // Each is stopped once it is up, also when another one never comes up.
  for (const part of Object.values(starting)) {
    cleanups.push(async () => (await part.catch(() => null))?.stop())
    part.catch(() => undefined)
  }
  const [hub, git, fleet] = await Promise.all([starting.hub, starting.git, starting.fleet])
  await git.createRepository(repositoryName, readFiles(fileURLToPath(new URL('./repository', import.meta.url))))
  say(`all are up after ${seconds()}`)

  const journey: Journey = {
    api: createApiClient(hub.url, hub.token),
    git,
    clusters: fleet.clusters,
    picture: createPicture(process.stdout),
    say,
    verified: [],
  }
  const manifest = readFileSync(new URL('./storefront.yaml', import.meta.url), 'utf8').replace(
    /REPOSITORY_URL$/m,
    git.repositoryUrl(repositoryName),
  )
  const steps = [
    () => registerClusters(journey),
    () => firstRollout(journey, manifest),
    () => goodCommit(journey),
    () => badCommit(journey),
  ]
  for (const step of steps) {
    if ((await Promise.race([step(), stopped.then(() => 'stopped' as const)])) === 'stopped') return 130
    if (step === steps[1]) say(`first rollout done ${seconds()} after the start`)
  }
  say(`\nverified in ${seconds()}:`)
  for (const line of journey.verified) say(`  - ${line}`)
  if (values.once === true) return 0

  say(`
GraphQL        ${hub.url}/graphql
Temporal       ${hub.temporalUiUrl}
Git            ${git.repositoryUrl(repositoryName)}
Token          ${hub.token}

Try, in another terminal:
  export ROADSTEAD_URL=${hub.url} ROADSTEAD_TOKEN=${hub.token}
  npm run -s roadstead -- get clusters
  npm run -s roadstead -- get applications --region eu-west
  npm run -s roadstead -- rollout show storefront

Ctrl-C stops and removes everything.`)
  await stopped
  return 0
}

function readFiles(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [relative(root, path), readFileSync(path, 'utf8')]
    }),
  )
}
