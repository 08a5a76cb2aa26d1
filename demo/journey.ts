import { readFileSync } from 'node:fs'
import type { ApiClient } from '../cli/client.ts'
import type { GitServer } from '../sandbox/git-server.ts'
import type { DemoCluster } from './clusters.ts'
import { type createPicture, type FleetView, type RolloutView, readFleet } from './picture.ts'

const set = 'storefront'
const repository = 'fleet'
const overlay = 'apps/storefront/overlays/production/kustomization.yaml'
const pollMs = 300
const patienceMs = 180_000

export interface Journey {
  readonly api: ApiClient
  readonly git: GitServer
  readonly clusters: readonly DemoCluster[]
  readonly picture: ReturnType<typeof createPicture>
  readonly say: (line: string) => void
  /** What was seen to be true, in words; a check that isn't throws. */
  readonly verified: string[]
}

const registerCluster = /* GraphQL */ `
  mutation Register($input: RegisterClusterInput!) {
    registerCluster(input: $input) { cluster { name version connection { status } } userErrors { code message } }
  }
`

/** Each cluster by one call of the GraphQL API. */
export async function registerClusters(journey: Journey): Promise<void> {
  for (const cluster of journey.clusters) {
    const { registerCluster: payload } = await journey.api.request<{
      registerCluster: { cluster: { version: string; connection: { status: string } } }
    }>(registerCluster, {
      input: {
        name: cluster.name,
        server: cluster.server,
        caData: cluster.caData,
        credentials: cluster.credentials,
        labels: [
          { key: 'environment', value: 'production' },
          { key: 'region', value: cluster.region },
          ...(cluster.canary ? [{ key: 'canary', value: 'true' }] : []),
        ],
      },
    })
    check(payload.cluster.connection.status === 'Successful', `${cluster.name} was registered, but is ${payload.cluster.connection.status}`)
    journey.say(`registered ${cluster.name} (${cluster.region}, Kubernetes ${payload.cluster.version})`)
  }
  journey.verified.push(`${journey.clusters.length} clusters registered through GraphQL, each answering`)
}

/** The ApplicationSet, applied as YAML; then the first rollout, stage by stage. */
export async function firstRollout(journey: Journey, manifest: string): Promise<void> {
  journey.say('applying the ApplicationSet storefront')
  await applyManifest(journey.api, manifest)
  const view = await watchRollout(journey, 1)
  checkSucceeded(journey, view)
  journey.verified.push(`the set became one application a cluster, rolled out ${stageNames(view)}, each Synced and Healthy`)
}

export async function applyManifest(api: ApiClient, manifest: string): Promise<void> {
  await api.request(
    'mutation Apply($input: ApplyManifestInput!) { applyManifest(input: $input) { results { name outcome } userErrors { code message } } }',
    {
      input: { manifest },
    },
  )
}

/** A commit that is fine: goes through all stages, in order. */
export async function goodCommit(journey: Journey): Promise<void> {
  const sha = await commitTag(journey, '3.10', 'Storefront 3.10')
  journey.say(`\na good commit: ${sha.slice(0, 7)}`)
  const view = await watchRollout(journey, 2)
  checkSucceeded(journey, view)
  check(
    Object.values(view.applications).every((a) => a.revision === sha),
    'not every cluster runs the good commit',
  )
  journey.verified.push(
    `commit ${sha.slice(0, 7)} reached every cluster, ${stageNames(view)}, no stage before the one in front of it was done`,
  )
}

/** A commit whose image never becomes ready: stopped at the canary and rolled back; no other cluster ever saw it. */
export async function badCommit(journey: Journey): Promise<void> {
  const before = await readFleet(journey.api, set)
  const sha = await commitTag(journey, 'broken', 'Storefront with an image that nobody built')
  journey.say(`\na bad commit: ${sha.slice(0, 7)}, whose image never becomes ready`)
  const view = await watchRollout(journey, 3)
  const rollout = requireRollout(view)
  check(rollout.phase === 'RolledBack', `the bad commit ended ${rollout.phase}, not RolledBack: ${rollout.reason}`)
  const moved = rollout.stages
    .flatMap((stage) => stage.targets.edges.map(({ node }) => node))
    .filter((target) => target.phase !== 'Pending')
  check(
    moved.length === 1 && moved[0]?.phase === 'RolledBack',
    `the bad commit touched ${moved.map((t) => `${t.clusterName} ${t.phase}`).join(', ')}`,
  )
  const healed = await waitFor(journey, 'every cluster healthy again', (now) =>
    Object.values(now.applications).every((a) => a.health === 'Healthy'),
  )
  for (const { name } of journey.clusters) {
    check(
      healed.applications[name]?.revision === before.applications[name]?.revision,
      `${name} does not run what it ran before the bad commit`,
    )
  }
  journey.verified.push(
    `commit ${sha.slice(0, 7)} stopped at the canary ${moved[0]?.clusterName}, which was rolled back; the other clusters never saw it`,
  )
}

function commitTag(journey: Journey, tag: string, message: string): Promise<string> {
  const text = readFileSync(new URL(`./repository/${overlay}`, import.meta.url), 'utf8').replace(/newTag: "[^"]*"/, `newTag: "${tag}"`)
  return journey.git.commit(repository, 'main', { files: { [overlay]: text }, message })
}

async function watchRollout(journey: Journey, number: number): Promise<FleetView> {
  const view = await waitFor(
    journey,
    `rollout ${number} to end`,
    ({ rollout }) => rollout !== null && rollout.number >= number && rollout.final,
  )
  checkOrder(requireRollout(view))
  return view
}

async function waitFor(journey: Journey, what: string, done: (view: FleetView) => boolean): Promise<FleetView> {
  const endAtMs = Date.now() + patienceMs
  for (;;) {
    const view = await readFleet(journey.api, set)
    journey.picture.show(view)
    if (done(view)) {
      journey.picture.keep()
      return view
    }
    check(Date.now() < endAtMs, `waited ${patienceMs / 1000} s in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

function checkSucceeded(journey: Journey, view: FleetView): void {
  const rollout = requireRollout(view)
  check(rollout.phase === 'Succeeded', `rollout ${rollout.number} ended ${rollout.phase}: ${rollout.reason}`)
  for (const { name } of journey.clusters) {
    const application = view.applications[name]
    check(
      application?.sync === 'Synced' && application.health === 'Healthy',
      `the application on ${name} is ${application?.sync} and ${application?.health}`,
    )
  }
}

/** No target of a stage was touched before every target of the stages in front of it was healthy. */
function checkOrder(rollout: RolloutView): void {
  let doneBefore = ''
  for (const stage of rollout.stages) {
    const times = stage.targets.edges.map(({ node }) => node)
    for (const { appliedAt, clusterName } of times) {
      check(
        appliedAt === null || appliedAt >= doneBefore,
        `${clusterName} in stage ${stage.name} was touched before an earlier stage was healthy`,
      )
    }
    doneBefore = [doneBefore, ...times.map(({ healthyAt }) => healthyAt ?? '')].toSorted().at(-1) ?? ''
  }
}

function stageNames(view: FleetView): string {
  return requireRollout(view)
    .stages.map((stage) => stage.name)
    .join(' -> ')
}

function requireRollout(view: FleetView): RolloutView {
  if (view.rollout === null) throw new Error('there is no rollout')
  return view.rollout
}

function check(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise)
}

export { repository as repositoryName }
