import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandFailed, runCommand } from '../toolchain/run-command.ts'

const TIMEOUT_MS = 180_000
const root = dirname(dirname(fileURLToPath(import.meta.url)))

export interface Check {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

/** What can be said about the code without running it. Commands are those of node_modules/.bin, which the bootstrap puts on PATH. */
export const staticChecks: readonly Check[] = [
  { name: 'types (tsc)', command: 'tsc', args: ['-p', '.'] },
  { name: 'format and lint (biome)', command: 'biome', args: ['check', '--error-on-warnings', '--max-diagnostics=30', '.'] },
  { name: 'promises and types (oxlint)', command: 'oxlint', args: ['--type-aware', '--deny-warnings', '.'] },
  { name: 'unused code and packages (knip)', command: 'knip', args: [] },
  {
    name: 'layers (dependency-cruiser)',
    command: 'depcruise',
    args: ['--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', '.'],
  },
]

/** Runs checks side by side, prints one line for each and the full output of those that fail. Gives how many passed and failed. */
export async function runChecks(checks: readonly Check[], log: (line: string) => void): Promise<{ passed: number; failed: number }> {
  const outcomes = await Promise.all(checks.map((check) => runCheck(check, log)))
  const passed = outcomes.filter((ok) => ok).length
  return { passed, failed: checks.length - passed }
}

async function runCheck({ name, command, args }: Check, log: (line: string) => void): Promise<boolean> {
  const started = performance.now()
  const report = (verdict: string) => log(`${verdict} ${name.padEnd(34)} ${String(Math.round(performance.now() - started)).padStart(6)} ms`)
  const binary = join(root, 'node_modules', '.bin', command)
  try {
    if (!existsSync(binary)) throw new Error(`${binary} is missing; run this through \`npm run check\`, which installs it`)
    await runCommand(binary, args, { cwd: root, timeoutMs: TIMEOUT_MS, env: { NO_COLOR: '1' } })
    report('ok    ')
    return true
  } catch (error) {
    report('FAILED')
    log(error instanceof CommandFailed ? error.output : String(error))
    return false
  }
}
