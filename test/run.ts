// npm test: the tools, the static checks, the conformance cases and every test; the last line says how many passed and failed.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runChecks, staticChecks } from '../setup/checks.ts'
import { findTool } from '../toolchain/find-tool.ts'
import { type ToolName, tools } from '../toolchain/tools.ts'
import { conformanceTally } from './conformance-floor.ts'
import { type Tally, vitestTally } from './vitest-tally.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const log = (line: string) => console.log(line)

/** The tools first: a build of minutes in the middle of a test would look like a hang. */
async function obtainTools(): Promise<Tally> {
  let failed = 0
  for (const name of Object.keys(tools) as ToolName[]) {
    try {
      log(`${name.padEnd(22)} ${await findTool(name, { log })}`)
    } catch (error) {
      failed += 1
      log(`FAILED ${name}: ${error instanceof Error ? error.message : error}`)
    }
  }
  // Found tools are no achievement worth counting; a missing one is a failure.
  return { passed: 0, failed }
}

/** Runs vitest with its output as it comes, and counts from its JSON report. Arguments of `npm test -- ...` are passed on. */
async function runVitest(args: readonly string[]): Promise<Tally> {
  const dir = mkdtempSync(join(tmpdir(), 'roadstead-report-'))
  const report = join(dir, 'vitest.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn(join(root, 'node_modules', '.bin', 'vitest'), ['run', ...reporters, ...args], { cwd: root, stdio: 'inherit' })
      child.once('error', reject)
      child.once('close', resolve)
    })
    return vitestTally(existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null, code)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const started = performance.now()
const steps: [string, () => Promise<Tally>][] = [
  ['tools', obtainTools],
  ['static checks', () => runChecks(staticChecks, log)],
  ['conformance', () => conformanceTally(root, log)],
  ['tests', () => runVitest(process.argv.slice(2))],
]
const total = { passed: 0, failed: 0 }
const summary: string[] = []
for (const [name, step] of steps) {
  log(`\n== ${name}`)
  const { passed, failed } = await step()
  total.passed += passed
  total.failed += failed
  summary.push(`${name}: ${passed} passed, ${failed} failed`)
}
log(`\n${summary.join('\n')}\ntime: ${Math.round((performance.now() - started) / 1000)} s`)
log(`${total.passed} passed, ${total.failed} failed`)
// Not process.exit: what is written may still be on its way into a pipe.
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
