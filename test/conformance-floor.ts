import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CommandFailed, runCommand } from '../toolchain/run-command.ts'
import type { Tally } from './vitest-tally.ts'

const TIMEOUT_MS = 300_000

/**
 * Runs the conformance cases that lie beside a checkout, where they do, against the floor in test/conformance/floor.json: the number
 * of passes that was last reached. It counts as one check, which fails when fewer pass.
 */
export async function conformanceTally(root: string, log: (line: string) => void): Promise<Tally> {
  const runner = join(root, 'test', 'conformance', 'run.ts')
  const floorFile = join(root, 'test', 'conformance', 'floor.json')
  const cases = join(dirname(root), 'shared', 'conformance')
  if (!existsSync(runner) || !existsSync(cases)) {
    log('no cases beside this checkout')
    return { passed: 0, failed: 0 }
  }
  const output = await runCommand(process.execPath, [runner, cases], { cwd: root, timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
    // It exits with 1 while some cases fail; the floor decides whether that is a failure here.
    if (error instanceof CommandFailed) return error.output
    throw error
  })
  log(output)
  const floor = existsSync(floorFile) ? (JSON.parse(readFileSync(floorFile, 'utf8')) as { passed: number }).passed : 0
  const verdict = conformanceVerdict(output, floor)
  log(verdict.message)
  return verdict.ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** Judges the runner's last line, `N passed, N failed, N skipped`, by the floor. */
export function conformanceVerdict(output: string, floor: number): { readonly ok: boolean; readonly message: string } {
  const passed = /^(\d+) passed, \d+ failed/.exec(output.trim().split('\n').at(-1) ?? '')?.[1]
  if (passed === undefined) return { ok: false, message: 'the conformance runner gave no totals' }
  if (Number(passed) < floor) return { ok: false, message: `${passed} conformance cases pass, ${floor} did before` }
  const raise = Number(passed) > floor ? `; raise the floor in test/conformance/floor.json to ${passed}` : ''
  return { ok: true, message: `${passed} conformance cases pass, the floor is ${floor}${raise}` }
}
