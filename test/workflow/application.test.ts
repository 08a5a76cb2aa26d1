import { ApplicationFailure } from '@temporalio/activity'
import { Worker } from '@temporalio/worker'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApplicationPlan } from '../../activities/entity-activities.ts'
import { hubTaskQueue } from '../../fleet/cluster.ts'
import { bundleForTests, startTimeSkipping, type TemporalTest } from './harness.ts'

let bundle: TemporalTest['bundle']
let env: TemporalTest['env']
beforeAll(async () => {
  bundle = await bundleForTests()
})
beforeEach(async () => {
  env = await startTimeSkipping()
})
afterEach(() => env.teardown())

const until = async (condition: () => boolean) => {
  for (let i = 0; !condition() && i < 200; i += 1) await new Promise((resolve) => setTimeout(resolve, 25))
  expect(condition()).toBe(true)
}
const sync = (versionId: string): ApplicationPlan => ({ action: 'sync', versionId, taskQueue: hubTaskQueue })

/** An application whose version v1 is refused and to be tried again in an hour; `log` is what was done, `plan` what it is asked to do. */
async function refused(during: (world: { plan: ApplicationPlan; readonly log: string[]; wake(): Promise<void> }) => Promise<void>) {
  const log: string[] = []
  const world = { plan: sync('v1'), log, wake: async () => handle.signal('wake') }
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: hubTaskQueue,
    workflowBundle: bundle,
    activities: {
      reconcileApplication: async () => {
        log.push('looked')
        return world.plan
      },
      syncTarget: async ({ versionId }: { readonly versionId: string }) => {
        log.push(`sync ${versionId}`)
        if (versionId === 'v1') throw ApplicationFailure.create({ message: 'refused', type: 'APPLY_FAILED', nextRetryDelay: '1h' })
        world.plan = { action: 'none' }
        return { atMs: 1, changed: 1 }
      },
      awaitHealthy: async () => ({ outcome: 'healthy', atMs: 1 }),
      removeApplication: async () => {
        log.push('removed')
        world.plan = { action: 'none' }
      },
    },
  })
  const workflowId = 'application/shop'
  const handle = env.client.workflow.getHandle(workflowId)
  await worker.runUntil(async () => {
    await env.client.workflow.start('application', { workflowId, taskQueue: hubTaskQueue, args: [{ applicationId: 'shop' }] })
    await until(() => log.includes('sync v1'))
    await during(world)
  })
}

describe('an application whose sync waits for its next try', () => {
  it('is brought to another version at once', () =>
    refused(async (world) => {
      world.plan = sync('v2')
      await world.wake()
      await until(() => world.log.includes('sync v2'))
    }))

  it('is removed at once', () =>
    refused(async (world) => {
      world.plan = { action: 'remove', taskQueue: hubTaskQueue }
      await world.wake()
      await until(() => world.log.includes('removed'))
    }))

  it('goes on waiting when it is woken and wants the same', () =>
    refused(async (world) => {
      await world.wake()
      await until(() => world.log.filter((line) => line === 'looked').length === 2)
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      expect(world.log).toEqual(['looked', 'sync v1', 'looked'])
    }))
})
