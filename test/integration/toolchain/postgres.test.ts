import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Postgres, startPostgres } from '../../../toolchain/postgres.ts'
import { endProcess, processStart } from '../../../toolchain/process.ts'
import { freshDatabase } from '../../support/postgres.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'

let dataDir: string
let running: Postgres | undefined
const lines: string[] = []
const start = async () => {
  running = await startPostgres({ dataDir, log: (line) => lines.push(line) })
  return running
}

beforeAll(async () => {
  dataDir = join(await sandboxDirectory(), 'postgres')
})
afterEach(() => running?.stop())

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

describe('the embedded PostgreSQL', () => {
  it('is made in an empty directory, and keeps its rows over a stop', async () => {
    const first = await start()
    await query(first.url, 'CREATE TABLE kept (n int)')
    await query(first.url, 'INSERT INTO kept VALUES (1)')
    await first.stop()
    expect(processStart(first.pid)).toBeNull()
    const second = await start()
    expect(second.adopted).toBe(false)
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }])
  })

  it('is adopted where it is still running, and then stops when asked to', async () => {
    const left = await start()
    const adopted = await start()
    expect(adopted).toMatchObject({ adopted: true, pid: left.pid, url: left.url })
    await adopted.stop()
    expect(processStart(left.pid)).toBeNull()
  })

  it('comes back with what was committed after a kill', async () => {
    const killed = await start()
    await query(killed.url, 'CREATE TABLE committed (n int)')
    await endProcess(killed.pid, processStart(killed.pid) ?? '', 'SIGKILL')
    const back = await start()
    expect(back.adopted).toBe(false)
    expect(await query(back.url, 'SELECT count(*)::int FROM committed')).toEqual([{ count: 0 }])
  })

  it('refuses a connection without its password', async () => {
    const { url } = await start()
    const wrong = new URL(url)
    wrong.password = 'wrong'
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/)
  })

  it('says why it can not start', async () => {
    const { port } = new URL((await start()).url)
    const other = startPostgres({ dataDir: join(await sandboxDirectory(), 'other'), port: Number(port), log: () => undefined })
    await expect(other).rejects.toThrow(/Address already in use/)
  })
})

describe('a fresh database', () => {
  it('is empty and of its own', async () => {
    const [one, two] = await Promise.all([freshDatabase(), freshDatabase()])
    await query(one.url, 'CREATE TABLE mine (n int)')
    await expect(query(two.url, 'SELECT * FROM mine')).rejects.toThrow(/does not exist/)
    await Promise.all([one.drop(), two.drop()])
    await expect(query(one.url, 'SELECT 1')).rejects.toThrow(/does not exist/)
  })
})
