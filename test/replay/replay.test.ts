import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Worker } from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleForTests, type TemporalTest } from '../workflow/harness.ts'
import { historyFromText } from './history-file.ts'

const root = join(import.meta.dirname, 'histories')
const histories = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
const read = (name: string) => historyFromText(readFileSync(join(root, name), 'utf8'))

let bundle: TemporalTest['bundle']
beforeAll(async () => {
  bundle = await bundleForTests()
})

describe('workflows as they are now', () => {
  it.each(histories)('go through the recorded history %s', async (name) => {
    await Worker.runReplayHistory({ workflowBundle: bundle }, read(name), basename(name, '.json'))
  })

  it('would be caught if they did something else than what was recorded', async () => {
    const name = histories.find((file) => file.endsWith('rollout-succeeded.json')) ?? ''
    const history = read(name)
    for (const { activityTaskScheduledEventAttributes: scheduled } of history.events ?? []) {
      if (scheduled?.activityType?.name === 'syncTarget') scheduled.activityType.name = 'somethingElse'
    }
    await expect(Worker.runReplayHistory({ workflowBundle: bundle }, history, 'changed')).rejects.toThrow(DeterminismViolationError)
  })
})
