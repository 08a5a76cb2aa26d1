import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { connectionAt } from '../fleet/cluster.ts'
import { finalPhases } from '../fleet/rollout/state.ts'
import type { Store } from '../store/store.ts'

/** Prometheus metrics of one process. Fleet gauges are read from the store when they are scraped. */
export function createMetrics(store: Store, nowMs: () => number): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'roadstead_clusters',
    help: 'Registered clusters by the state of their connection',
    labelNames: ['connection'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const cluster of await store.clusters.all()) this.inc({ connection: connectionAt(cluster.connection, nowMs()).status })
    },
  })
  new Gauge({
    name: 'roadstead_applications',
    help: 'Applications by sync and health',
    labelNames: ['sync', 'health'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { sync, health, count } of await store.applications.countByStatus({})) this.set({ sync, health }, count)
    },
  })
  new Gauge({
    name: 'roadstead_rollouts_active',
    help: 'Rollouts that have not ended, by phase',
    labelNames: ['phase'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { state } of await store.rollouts.active()) if (!finalPhases.includes(state.phase)) this.inc({ phase: state.phase })
    },
  })
  return registry
}
