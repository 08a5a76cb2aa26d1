import { MockActivityEnvironment } from '@temporalio/testing'
import { reconcileActivities } from '../activities/reconcile-application-set.ts'
import { mapBounded } from '../fleet/map-bounded.ts'
import type { Benchmark } from './benchmark.ts'
import { clusterFacts } from './fleet.ts'
import { type HubDependencies, noHints, startBenchHub } from './hub.ts'
import { median, timedAsync } from './measure.ts'
import { registerClusters, shopFiles, shopSet } from './storefront.ts'

const onceMore = 5
const pinnedAtOnce = 10

export const storeBenchmark: Benchmark = {
  name: 'store',
  summary: 'a set applied until all its applications are stored, and one cluster more: one pass of the reconciler on PostgreSQL',
  run: async ({ quick, dir, progress }, figure) => {
    const size = quick ? 100 : 1_000
    let storedAtMs = Number.NaN
    // The moment in between: applications are stored, versions and the rollout are still to come.
    const wrap = (deps: HubDependencies): HubDependencies => {
      const { applications } = deps.store
      const applyAll: typeof applications.applyAll = async (input) => {
        const applied = await applications.applyAll(input)
        storedAtMs = performance.now()
        return applied
      }
      return { ...deps, store: { ...deps.store, applications: { ...applications, applyAll } } }
    }
    const hub = await startBenchHub({ dir, progress, hints: noHints, wrap })
    try {
      const { deps, git } = hub
      const { store } = deps
      await git.createRepository('shop', shopFiles('1.0.0'))
      const facts = clusterFacts(size + onceMore)
      progress(`registering ${size} clusters`)
      await registerClusters(store, facts.slice(0, size))
      const { set } = await store.applicationSets.apply({ name: 'shop' }, shopSet(git.repositoryUrl('shop'), 50), 'bench')
      const { reconcileApplicationSet } = reconcileActivities(deps)
      const pass = async () => {
        const startedMs = performance.now()
        const { ms } = await timedAsync(() => new MockActivityEnvironment().run(reconcileApplicationSet, { applicationSetId: set.id }))
        return { wholeMs: ms, storedMs: storedAtMs - startedMs }
      }
      const expect = async (count: number) => {
        const stored = (await store.applications.ofSet(set.id)).filter((application) => application.wantedVersionId !== null).length
        if (stored !== count) throw new Error(`${stored} of ${count} applications are stored with their version`)
      }
      const show = (what: string, passes: readonly { readonly wholeMs: number; readonly storedMs: number }[]) => {
        figure({ name: `${what}: applications stored`, value: median(passes.map((p) => p.storedMs)) / 1000, unit: 's' })
        figure({ name: `${what}: whole pass, versions and rollout planned`, value: median(passes.map((p) => p.wholeMs)) / 1000, unit: 's' })
      }

      show(`${size.toLocaleString('en')} clusters, new set`, [await pass()])
      await expect(size)
      progress('ending the first rollout by hand')
      await endRollout(deps, set.id)

      const more = []
      for (const fact of facts.slice(size)) {
        await registerClusters(store, [fact])
        more.push(await pass())
        await endRollout(deps, set.id)
      }
      await expect(facts.length)
      show('one cluster more', more)
      show('nothing new', [await pass(), await pass(), await pass()])
    } finally {
      await hub.stop()
    }
  },
}

/** As if the rollout had gone through: every application runs what it wants, and the next one may be planned. */
async function endRollout({ store, nowMs }: HubDependencies, applicationSetId: string): Promise<void> {
  const rollout = await store.rollouts.latest(applicationSetId)
  if (rollout === null) throw new Error('no rollout was planned')
  const targets = rollout.plan.stages.flatMap((stage) => stage.targets)
  await mapBounded(targets, pinnedAtOnce, async ({ applicationId, toVersionId }) => {
    const generation = await store.applications.pin(applicationId, toVersionId, rollout.id)
    await store.applications.recordSynced(applicationId, generation, { versionId: toVersionId, revision: '0'.repeat(40), atMs: nowMs() })
  })
  await store.rollouts.save(
    rollout.id,
    (await store.rollouts.sequence(rollout.id)) + 1,
    { ...rollout.state, phase: 'Succeeded', finishedAtMs: nowMs() },
    [],
  )
}
