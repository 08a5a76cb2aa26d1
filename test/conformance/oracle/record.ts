/**
 * Records test/unit/gotemplate/goldens.json: what Go prints for generated templates. Needs Go and the Go module proxy:
 *
 *     node test/conformance/oracle/record.ts
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { corners } from './corners.ts'
import { generateCases } from './generate.ts'

const seed = 20_261_121
const count = 1500
/** Beyond this a golden shows nothing that a shorter one doesn't. */
const answerLengthMax = 600
const thisYear = String(new Date().getFullYear())

interface Answer {
  readonly value?: string
  readonly error?: string
}

const generated = generateCases(seed, count)
const [first] = generated
const params = first?.params ?? {}
const cases = [...generated, ...corners.map((template) => ({ template, params, options: [] as readonly string[] }))]
const input = JSON.stringify(cases.map(({ template, params, options }) => ({ template, params, options })))
const output = execFileSync('go', ['run', '.'], {
  cwd: import.meta.dirname,
  input,
  maxBuffer: 2 ** 30,
  encoding: 'utf8',
  env: { ...process.env, TZ: 'UTC' },
})
const answers = JSON.parse(output) as readonly Answer[]
const lines: string[] = []
for (const [i, { template, options }] of cases.entries()) {
  const answer = answers[i] ?? {}
  const text = answer.error ?? answer.value ?? ''
  // What shows the day of the recording says nothing on another.
  const isTimeless = !/date/i.test(template) || !text.includes(thisYear)
  if (text.length <= answerLengthMax && template.length <= answerLengthMax && isTimeless) {
    lines.push(JSON.stringify({ template, options, ...(answer.error === undefined ? { value: text } : { error: text }) }))
  }
}
writeFileSync(
  new URL('../../unit/gotemplate/goldens.json', import.meta.url),
  `{"params":${JSON.stringify(params)},\n"cases":[\n${lines.join(',\n')}\n]}\n`,
)
