// npm run conformance -- DIR [--json] [--only TOPIC] [--verbose]
//
// Runs cases of Argo CD's (and Go's) behaviour through our code: docs/reference/conformance.md.
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { adapters } from './adapters/index.ts'
import { type CaseFile, readCases } from './cases.ts'
import { type CaseResult, runCase } from './run-case.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, only: { type: 'string' }, verbose: { type: 'boolean' } },
})
const [directory] = positionals
if (directory === undefined || !existsSync(directory)) {
  console.error(
    directory === undefined ? 'usage: npm run conformance -- DIR [--json] [--only TOPIC] [--verbose]' : `there is no ${directory}`,
  )
  process.exit(2)
}

interface TopicResult {
  readonly topic: string
  readonly kind: string
  readonly results: readonly CaseResult[]
}

async function runFile(file: CaseFile): Promise<TopicResult> {
  const results: CaseResult[] = []
  for (const one of file.cases) results.push(await runCase(one, file, adapters))
  return { topic: file.topic, kind: file.kind, results }
}

const topics: TopicResult[] = []
for (const file of readCases(directory)) {
  if (options.only !== undefined && file.topic !== options.only) continue
  const result = await runFile(file)
  topics.push(result)
  if (options.json === true) continue
  const passed = result.results.filter((one) => one.difference === null).length
  console.log(`${result.topic} ${passed}/${result.results.length}`)
  if (options.verbose !== true) continue
  for (const { name, difference } of result.results) if (difference !== null) console.log(`  ${name}\n    ${difference}`)
}

const all = topics.flatMap(({ results }) => results)
const failed = all.filter((one) => one.difference !== null).length
if (options.json === true) console.log(JSON.stringify({ passed: all.length - failed, failed, skipped: 0, topics }, null, 2))
else console.log(`${all.length - failed} passed, ${failed} failed, 0 skipped`)
// Not process.exit: what is written may still be on its way into a pipe. Nothing run is not success.
process.exitCode = failed > 0 || all.length === 0 ? 1 : 0
