import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { processStart } from '../../../toolchain/process.ts'
import { startTemporal, type Temporal } from '../../../toolchain/temporal.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'
import { tool } from '../../support/tools.ts'

let dbFile: string
let binary: string
let running: Temporal | undefined
const lines: string[] = []
const start = async () => {
  running = await startTemporal({ dbFile, binary, log: (line) => lines.push(line) })
  return running
}

beforeAll(async () => {
  dbFile = join(await sandboxDirectory(), 'temporal.db')
  binary = await tool('temporal')
})
afterEach(() => running?.stop())

describe('the embedded Temporal', () => {
  it('is started, adopted where it is still running, and stops when asked to', async () => {
    const left = await start()
    expect(left.adopted).toBe(false)
    expect((await fetch(left.uiUrl)).status).toBe(200)
    const adopted = await start()
    expect(adopted).toMatchObject({ adopted: true, pid: left.pid, address: left.address })
    await adopted.stop()
    expect(processStart(left.pid)).toBeNull()
  })

  it('is replaced when it runs and does not answer', async () => {
    const hung = await start()
    process.kill(hung.pid, 'SIGSTOP')
    const next = await start()
    expect(next.adopted).toBe(false)
    expect(processStart(hung.pid)).toBeNull()
    expect(lines.at(-1)).toContain("doesn't answer")
  })

  it('says why it can not start', async () => {
    await expect(startTemporal({ dbFile, binary: '/nowhere/temporal', log: () => undefined })).rejects.toThrow(
      /Temporal did not start.*ENOENT/,
    )
  })
})
