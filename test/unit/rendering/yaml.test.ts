import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { resolvePlainScalar } from '../../../rendering/plain-scalar.ts'
import { readYaml } from '../../../rendering/yaml.ts'

const values = (text: string) => {
  const { documents, problems } = readYaml(text)
  expect(problems).toEqual([])
  return documents.map(({ value }) => value)
}
const problem = (text: string) => readYaml(text).problems.map(({ line, message }) => `${line}: ${message}`)

/** Checked against what sigs.k8s.io/yaml (go-yaml v2) makes of each: the last column is its JSON. */
describe('plain scalars are read as kubectl reads them', () => {
  it.each([
    ['yes', true],
    ['Yes', true],
    ['on', true],
    ['y', true],
    ['true', true],
    ['no', false],
    ['OFF', false],
    ['n', false],
    ['yEs', 'yEs'],
    ['', null],
    ['~', null],
    ['Null', null],
    ['nUll', 'nUll'],
    ['0', 0],
    ['12', 12],
    ['+12', 12],
    ['-12', -12],
    ['1_000', 1000],
    ['0755', 493],
    ['0o755', 493],
    ['0x1F', 31],
    ['0b101', 5],
    ['-0b101', -5],
    ['08', 8],
    ['1.5', 1.5],
    ['1.', 1],
    ['.5', 0.5],
    ['1e3', 1000],
    ['-1.5E-3', -0.0015],
    ['1e400', '1e400'],
    ['99999999999999999999', 1e20],
    ['12:30', '12:30'],
    ['12:30:45', '12:30:45'],
    ['2001-01-01', '2001-01-01'],
    ['2001-01-01T00:00:00Z', '2001-01-01T00:00:00Z'],
    ['1.2.3', '1.2.3'],
    ['v1', 'v1'],
    ['100m', '100m'],
    ['128Mi', '128Mi'],
    ['-', '-'],
    ['.', '.'],
    ['1_', 1],
    ['1_0.5', 10.5],
    ['0x_1', 1],
    ['+0755', 493],
    ['-0', 0],
    ['._5', '._5'],
    ['_1', '_1'],
    ['0x1p-2', '0x1p-2'],
    ['-9223372036854775809', -(2 ** 63)],
    ['=', '='],
    ['0x', '0x'],
    ['1e', '1e'],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
  ])('%s', (text, value) => {
    expect(resolvePlainScalar(text)).toEqual({ kind: 'value', value })
  })

  it.each(['9007199254740993', '-9007199254740993', '18446744073709551615', '.inf', '-.Inf', '.nan'])(
    '%s is refused, not changed',
    (text) => {
      expect(resolvePlainScalar(text).kind).toBe('refused')
    },
  )
})

describe('readYaml', () => {
  it('reads documents, leaves out empty ones and says where each starts', () => {
    expect(readYaml('---\n# nothing\n---\na: 1\n---\nnull\n---\n- 2\n...\n').documents).toEqual([
      { line: 4, value: { a: 1 } },
      { line: 8, value: [2] },
    ])
  })

  it('keeps quoted, block and tagged text as text', () => {
    expect(values('a: "yes"\nb: \'0755\'\nc: |\n  on\nd: !!str 12\ne: !custom 12\nf: !!int "12"\n')).toEqual([
      { a: 'yes', b: '0755', c: 'on\n', d: '12', e: '12', f: 12 },
    ])
  })

  it('makes text of keys as kubectl does', () => {
    expect(values('on: 1\nn: 0\n1: 2\n"1.0": 3\n08: 4\n')).toEqual([{ true: 1, false: 0, '1': 2, '1.0': 3, '8': 4 }])
  })

  it('expands anchors, aliases and merge keys, and what is there already wins', () => {
    expect(values('base: &b {x: 1, w: 2}\nmore: &m {w: 3, z: 4}\nused: *b\nmerged:\n  <<: [*b, *m]\n  x: 0\nquoted: {"<<": 1}\n')).toEqual([
      { base: { x: 1, w: 2 }, more: { w: 3, z: 4 }, used: { x: 1, w: 2 }, merged: { x: 0, w: 2, z: 4 }, quoted: { '<<': 1 } },
    ])
  })

  it('takes an anchor that is given again from there on', () => {
    expect(values('a: &x 1\nb: *x\nc: &x 2\nd: *x\n')).toEqual([{ a: 1, b: 1, c: 2, d: 2 }])
  })

  it('refuses keys that are given twice, also when only their text is the same', () => {
    expect(problem('a: 1\nb: 2\na: 3\n')).toEqual([expect.stringContaining('3: the key "a" is given twice')])
    expect(problem('1: a\n"1": b\n')).toEqual([expect.stringContaining('given twice')])
  })

  it('takes __proto__ for a key like any other', () => {
    const [value] = values('__proto__: {polluted: true}\nconstructor: 1\n')
    expect(Object.keys(value ?? {})).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('stops at bombs, cycles and endless nesting', () => {
    const levels = Array.from(
      { length: 9 },
      (_, index) => `a${index + 1}: &a${index + 1} [${Array.from({ length: 9 }, () => `*a${index}`).join(',')}]`,
    )
    expect(problem(`a0: &a0 [x]\n${levels.join('\n')}\n`)).toEqual([expect.stringContaining('aliases are expanded')])
    expect(problem('a: &a [*a]\n')).toEqual([expect.stringContaining('holds itself')])
    expect(problem('a: &a\n  <<: *a\n')).toEqual([expect.stringContaining('holds itself')])
    expect(problem('[ '.repeat(200) + '] '.repeat(200))).toEqual([expect.stringContaining('deep')])
    expect(problem('['.repeat(100_000))).not.toEqual([])
  })

  it.each([
    ['a: [1\n', 2],
    ['a: 1\n b: 2\n', 1],
    ['a: *none\n', 1],
    ['? [a]\n: 1\n', 1],
    ['<<: 1\n', 1],
    ['a: !!binary aGk=\n', 1],
    ['ok: 1\n---\na:\n\t- 1\n', 4],
  ])('says on which line %j is wrong', (text, line) => {
    expect(readYaml(text).problems[0]?.line).toBe(line)
  })

  it('reads JSON as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(value !== null && !JSON.stringify(value).match(/\d{16}|e[+-]/))
        expect(values(JSON.stringify(value))).toEqual([JSON.parse(JSON.stringify(value))])
      }),
    )
  })

  it('reads what a YAML 1.1 writer writes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.stringMatching(/^[a-z]{3,6}x$/),
          fc.oneof(fc.constantFrom('yes', 'on', '012', '1_0', '1:30', 'null', '0x1'), fc.boolean(), fc.integer()),
        ),
        (value) => {
          fc.pre(Object.keys(value).length > 0)
          expect(values(stringify(value, { version: '1.1' }))).toEqual([{ ...value }])
        },
      ),
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', ':', ' ', '\n', '-', '&', '*', '<', '{', '[', ']', '}', '"', '|', '!', '%', '?', '\t', '0', '_', '.'),
        }),
        (text) => {
          readYaml(text)
        },
      ),
    )
  })
})
