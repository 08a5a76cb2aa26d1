import type { ApplicationSetSpec } from '../fleet/application-set.ts'
import type { Benchmark, BenchmarkContext } from './benchmark.ts'
import { clusterFacts } from './fleet.ts'
import { type HubDependencies, withWorkers } from './hub.ts'
import { awaited, median } from './measure.ts'
import { registerClusters, shopFiles, shopSet } from './storefront.ts'

const onceMore = 9
const patienceMs = 5 * 60_000

export const setBenchmark: Benchmark = {
  name: 'set',
  summary: 'a set applied until all its applications are stored, and one cluster more: from end to end, through Temporal and PostgreSQL',
  run: async (context, figure) => {
    for (const size of context.quick ? [100] : [1_000, 10_000]) {
      const clusters = `${size.toLocaleString('en')} clusters`
      const { allMs, oneMoreMs } = await applied({ ...context, dir: `${context.dir}/${size}` }, size)
      figure({ name: `${clusters}: set applied, all applications stored`, value: allMs / 1000, unit: 's' })
      figure({
        name: `${clusters}: one cluster more registered, its application stored`,
        value: median(oneMoreMs) / 1000,
        unit: 's',
        note: `median of ${oneMoreMs.length}; the longest ${(Math.max(...oneMoreMs) / 1000).toFixed(3)} s`,
      })
    }
  },
}

/** Synced by hand only, so that no rollout takes the processor meanwhile. */
function waitingSet(repoUrl: string): ApplicationSetSpec {
  const { strategy: _, ...spec } = shopSet(repoUrl, 50)
  const { syncPolicy: __, ...application } = spec.template['spec'] as Record<string, never>
  return { ...spec, template: { ...spec.template, spec: application } }
}

async function applied({ dir, progress }: BenchmarkContext, size: number) {
  // When each application was first written.
  const storedAtMs = new Map<string, number>()
  const wrap = (deps: HubDependencies): HubDependencies => {
    const { applications } = deps.store
    const applyAll: typeof applications.applyAll = async (input) => {
      const done = await applications.applyAll(input)
      const nowMs = performance.now()
      for (const { name } of input) if (!storedAtMs.has(name)) storedAtMs.set(name, nowMs)
      return done
    }
    return { ...deps, store: { ...deps.store, applications: { ...applications, applyAll } } }
  }
  return withWorkers({ dir, progress, wrap }, async ({ hub, hints }) => {
    const { store } = hub.deps
    await hub.git.createRepository('shop', shopFiles('1.0.0'))
    const facts = clusterFacts(size + onceMore)
    progress(`registering ${size} clusters`)
    await registerClusters(store, facts.slice(0, size))
    const until = async (count: number) => {
      await awaited(`${count} applications`, { everyMs: 5, patienceMs }, async () => (storedAtMs.size >= count ? true : null))
      return [...storedAtMs.values()].at(-1) ?? Number.NaN
    }
    const startedMs = performance.now()
    const { set } = await store.applicationSets.apply({ name: 'shop' }, waitingSet(hub.git.repositoryUrl('shop')), 'bench')
    hints.applicationSetsChanged([set.id])
    const allMs = (await until(size)) - startedMs
    const idle = () =>
      awaited('the pass to end', { everyMs: 50, patienceMs }, async () => {
        const { wantedPass, observedPass } = await store.applicationSets.pass(set.id)
        return observedPass >= wantedPass ? true : null
      })
    const oneMoreMs: number[] = []
    for (const [index, fact] of facts.slice(size).entries()) {
      await idle()
      const beganMs = performance.now()
      await registerClusters(store, [fact])
      hints.applicationSetsChanged(await store.applicationSets.touch(null))
      oneMoreMs.push((await until(size + index + 1)) - beganMs)
    }
    return { allMs, oneMoreMs }
  })
}
