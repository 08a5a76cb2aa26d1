import { mkdtempSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { makeRunDirectory } from '../../sandbox/processes.ts'

let run: Promise<string> | undefined

/** Where the runs of all test suites of this user keep their servers' files. */
export function sandboxRoot(): string {
  return join(tmpdir(), `roadstead-sandbox-${userInfo().uid}`)
}

/**
 * A fresh directory for one test file's servers. All of a run lie under one directory, so that the next run can end and clear what
 * a killed one left. Short, because unix sockets may live in it.
 */
export async function sandboxDirectory(): Promise<string> {
  run ??= makeRunDirectory(sandboxRoot())
  return mkdtempSync(join(await run, 's-'))
}
