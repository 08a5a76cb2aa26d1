import { rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeRunDirectory } from '../sandbox/processes.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { expandBenchmark } from './expand.ts'
import { figureLine, machineLine, thisMachine } from './report.ts'
import { rolloutBenchmark } from './rollout.ts'
import { rolloutMachineBenchmark } from './rollout-machine.ts'
import { setBenchmark } from './set.ts'
import { storeBenchmark } from './store.ts'
import { syncBenchmark } from './sync.ts'

const benchmarks: readonly Benchmark[] = [
  expandBenchmark,
  rolloutMachineBenchmark,
  storeBenchmark,
  setBenchmark,
  syncBenchmark,
  rolloutBenchmark,
]

const help = `npm run bench [-- NAME...] [-- -o json] [-- --quick]

Measures Roadstead. Without names everything runs, one after the other.
docs/benchmarks.md says what each figure means, and what it leaves out.

${benchmarks.map(({ name, summary }) => `  ${name.padEnd(18)}${summary}`).join('\n')}

  -o, --output json   one JSON document on stdout instead of lines
  --quick             small sizes, to see that everything runs; no figures
  -h, --help`

await main()

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o', default: 'text' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const unknown = positionals.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name))
  if (values.help) {
    console.log(help)
  } else if (unknown.length > 0 || !['text', 'json'].includes(values.output)) {
    console.error(`${unknown.length > 0 ? `no such benchmark: ${unknown.join(', ')}` : `no such output: ${values.output}`}\n\n${help}`)
    process.exitCode = 2
  } else {
    const chosen = benchmarks.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
    await runAll(chosen, { json: values.output === 'json', quick: values.quick })
  }
}

async function runAll(chosen: readonly Benchmark[], { json, quick }: { readonly json: boolean; readonly quick: boolean }): Promise<void> {
  const machine = thisMachine()
  if (!json) console.log(`${machineLine(machine)}${quick ? ', quick: no figures' : ''}`)
  const run = await makeRunDirectory(join(tmpdir(), `roadstead-bench-${userInfo().uid}`))
  const results: { readonly name: string; readonly figures: readonly Figure[] }[] = []
  try {
    for (const { name, summary, run: benchmark } of chosen) {
      if (!json) console.log(`\n${name}: ${summary}`)
      const dir = join(run, name)
      await mkdir(dir)
      const figures: Figure[] = []
      await benchmark({ quick, dir, progress: (line) => console.error(`  ... ${line}`) }, (figure) => {
        figures.push(figure)
        if (!json) console.log(figureLine(figure))
      })
      results.push({ name, figures })
    }
  } finally {
    rmSync(run, { recursive: true, force: true })
  }
  if (json) console.log(JSON.stringify({ machine, quick, benchmarks: results }, null, 2))
}
