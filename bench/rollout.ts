import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker'
import type { ApplicationSet } from '../fleet/application-set.ts'
import type { Rollout } from '../store/store.ts'
import type { Benchmark, BenchmarkContext } from './benchmark.ts'
import { clusterFacts } from './fleet.ts'
import { type BenchHub, type BenchTemporal, type HubDependencies, withWorkers } from './hub.ts'
import { awaited, quantile, timedAsync } from './measure.ts'
import { registerClusters, shopFiles, shopSet } from './storefront.ts'

const maxConcurrent = 50
const patienceMs = 30 * 60_000
const bareQueue = 'bench-bare'

export const rolloutBenchmark: Benchmark = {
  name: 'rollout',
  summary: `a commit rolled out in one stage, ${maxConcurrent} clusters at once, over clusters that take no time: what Roadstead itself costs`,
  run: async (context, figure) => {
    for (const size of context.quick ? [20, 50] : [200, 1_000]) {
      context.progress(`${size} clusters`)
      const { firstS, rollout, commitToRolloutS, bareS } = await rollOut({ ...context, dir: `${context.dir}/${size}` }, size)
      const wholeS = durationS(rollout)
      const clusters = `${size.toLocaleString('en')} clusters`
      figure({
        name: `${clusters}: time against a bare workflow's`,
        value: wholeS / bareS,
        unit: 'x',
        note: `two empty activities a cluster, ${maxConcurrent} clusters at once, on the same server in the same run: ${bareS.toFixed(1)} s`,
      })
      figure({
        name: `${clusters}: rollout of a commit`,
        value: wholeS / size,
        unit: 's/cluster',
        note: `${wholeS.toFixed(1)} s in all; the first rollout, of a new set, took ${firstS.toFixed(1)} s`,
      })
      const eachS = Object.values(rollout.state.targets).map(
        (target) => ((target.healthyAtMs ?? Number.NaN) - (target.startedAtMs ?? Number.NaN)) / 1000,
      )
      figure({
        name: `${clusters}: one cluster, from started to healthy`,
        value: quantile(eachS, 0.5),
        unit: 's',
        note: `95 % within ${quantile(eachS, 0.95).toFixed(2)} s`,
      })
      figure({ name: `${clusters}: from commit seen to rollout created`, value: commitToRolloutS, unit: 's' })
    }
  },
}

interface Measured {
  readonly firstS: number
  readonly rollout: Rollout
  readonly commitToRolloutS: number
  readonly bareS: number
}

async function rollOut({ dir, progress }: Pick<BenchmarkContext, 'dir' | 'progress'>, size: number): Promise<Measured> {
  // When a listing of refs first showed a commit: from there on it is Roadstead's time, not Git's.
  const seenAtMs = new Map<string, number>()
  const wrap = (deps: HubDependencies): HubDependencies => {
    const { repositories } = deps
    const listRefs: typeof repositories.listRefs = async (...args) => {
      const refs = await repositories.listRefs(...args)
      for (const commit of refs.values()) if (!seenAtMs.has(commit)) seenAtMs.set(commit, deps.nowMs())
      return refs
    }
    return { ...deps, repositories: { ...repositories, listRefs } }
  }
  return withWorkers({ dir, progress, wrap }, (working) => measured({ ...working, seenAtMs, size, progress }))
}

async function measured(parts: {
  readonly hub: BenchHub
  readonly temporal: BenchTemporal
  readonly hints: HubDependencies['hints']
  readonly seenAtMs: ReadonlyMap<string, number>
  readonly size: number
  readonly progress: (line: string) => void
}): Promise<Measured> {
  const { hub, temporal, hints, seenAtMs, size, progress } = parts
  const { store } = hub.deps
  await hub.git.createRepository('shop', shopFiles('1.0.0'))
  await registerClusters(store, clusterFacts(size))
  const { set } = await store.applicationSets.apply({ name: 'shop' }, shopSet(hub.git.repositoryUrl('shop'), maxConcurrent), 'bench')
  progress('the first rollout')
  hints.applicationSetsChanged([set.id])
  const first = await ended(parts, set, 1)

  const halves = [await bareSeconds(temporal, size)]
  progress('a commit, as a webhook tells of it')
  const commit = await hub.git.commit('shop', 'main', { message: 'A new image', files: shopFiles('1.1.0') })
  const [repository] = await store.repositories.all()
  if (repository === undefined) throw new Error('the set has no repository')
  hints.repositoryChanged(repository.id)
  const rollout = await ended(parts, set, 2)
  halves.push(await bareSeconds(temporal, size))

  const seen = seenAtMs.get(commit)
  if (seen === undefined || !rollout.revisions.includes(commit)) throw new Error(`the rollout is not of the commit ${commit}`)
  return {
    firstS: durationS(first),
    rollout,
    commitToRolloutS: (rollout.createdAtMs - seen) / 1000,
    // Before and after: the machine may have changed its mind in between.
    bareS: halves.reduce((sum, s) => sum + s, 0) / halves.length,
  }
}

/** The set's rollout of that number, once its workflow has ended; it must have succeeded with every cluster. */
async function ended(
  { hub, temporal, size }: { readonly hub: BenchHub; readonly temporal: BenchTemporal; readonly size: number },
  set: ApplicationSet,
  number: number,
): Promise<Rollout> {
  const { rollouts } = hub.deps.store
  const created = await awaited(`rollout ${number}`, { everyMs: 500, patienceMs }, async () => {
    const latest = await rollouts.latest(set.id)
    return latest?.number === number ? latest : null
  })
  // Its workflow is started just after its row.
  await awaited(`the workflow of rollout ${number}`, { everyMs: 500, patienceMs }, async () => {
    try {
      return await temporal.client.workflow.getHandle(`rollout/${created.id}`).describe()
    } catch {
      return null
    }
  })
  await temporal.client.workflow.getHandle(`rollout/${created.id}`).result()
  const rollout = await rollouts.get(created.id)
  const succeeded = Object.values(rollout?.state.targets ?? {}).filter(({ phase }) => phase === 'Succeeded').length
  if (rollout?.state.phase !== 'Succeeded' || succeeded !== size)
    throw new Error(`rollout ${number} is ${rollout?.state.phase}, with ${succeeded} of ${size} clusters`)
  return rollout
}

function durationS({ createdAtMs, state }: Rollout): number {
  return ((state.finishedAtMs ?? Number.NaN) - createdAtMs) / 1000
}

async function bareSeconds({ settings, client }: BenchTemporal, count: number): Promise<number> {
  const connection = await NativeConnection.connect({ address: settings.address })
  const worker = await Worker.create({
    connection,
    namespace: settings.namespace,
    dataConverter: settings.converter,
    taskQueue: bareQueue,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('bare-workflow.ts', import.meta.url)),
      failureConverterPath: fileURLToPath(new URL('../workflows/failure-converter.ts', import.meta.url)),
      logger: { log: () => {}, trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    }),
    activities: { nothing: async () => ({ atMs: Date.now() }) },
    maxConcurrentActivityTaskExecutions: 100,
  })
  try {
    return await worker.runUntil(async () => {
      const workflowId = `bench/bare-${count}-${performance.now()}`
      const { ms } = await timedAsync(() =>
        client.workflow.execute('bare', { workflowId, taskQueue: bareQueue, args: [{ count, atOnce: maxConcurrent }] }),
      )
      return ms / 1000
    })
  } finally {
    await connection.close()
  }
}
