import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRepositories } from '../../../repos/create-repositories.ts'
import { type GitServer, startGitServer } from '../../../sandbox/git-server.ts'

const dir = mkdtempSync(join(tmpdir(), 'roadstead-killed-'))
const files = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`d${index % 30}/${index}.yaml`, `a: ${index}\n`.repeat(30)]))
let server: GitServer
let commit = ''

beforeAll(async () => {
  server = await startGitServer({ dir })
  commit = await server.createRepository('apps', files)
})
afterAll(async () => {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** One fetch in a process of its own, which says when it begins. */
const script = `
  import { createRepositories } from ${JSON.stringify(join(import.meta.dirname, '../../../repos/create-repositories.ts'))}
  const [cacheDir, url, commit] = process.argv.slice(1)
  process.stdout.write('begins\\n')
  await createRepositories({ cacheDir }).fetchCommit({ url, credentials: null }, commit, {})
  process.stdout.write('done\\n')
`

/** Kills a fetch with SIGKILL so long after it began; says whether it had ended before. */
async function kill(cacheDir: string, afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, cacheDir, server.repositoryUrl('apps'), commit], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const closed = once(child, 'close')
  await once(child.stdout, 'data')
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
  await closed
  clearTimeout(timer)
  return said.includes('done')
}

it('a fetch that is killed at any moment leaves a cache that works', async () => {
  const cacheDir = join(dir, 'cache')
  const ended: boolean[] = []
  for (const afterMs of [0, 100, 200, 350]) {
    ended.push(await kill(cacheDir, afterMs))
    if (ended.at(-1) === true) break
  }
  expect(ended[0]).toBe(false)
  const repositories = createRepositories({ cacheDir })
  const access = { url: server.repositoryUrl('apps'), credentials: null }
  await repositories.fetchCommit(access, commit, {})
  for (const [path, text] of Object.entries(files).slice(0, 50)) {
    expect(Buffer.from(await repositories.readFile(access, commit, path)).toString()).toBe(text)
  }
  expect(readdirSync(cacheDir)).toHaveLength(1)
})
