import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toYaml } from '../../../generators/gotemplate/yaml/emit.ts'
import { readYaml, readYamlOrJson } from '../../../generators/read-yaml.ts'

const value = (text: string) => {
  const { value: found, problems } = readYaml(text)
  expect(problems).toEqual([])
  return found
}
const message = (text: string) => readYaml(text).problems.map((problem) => problem.message)

describe('YAML of files, elementsYaml and patches', () => {
  it('is read by the rules of go-yaml: the first document, YAML 1.1, the last of equal keys', () => {
    expect(value('a: yes\nb: 010\nc: 1_000\nd: "yes"\na: off\n---\nz: 1\n')).toEqual({ a: false, b: 8, c: 1_000, d: 'yes' })
    expect(value('')).toBeNull()
    expect(value('{"a": [1, null, "x"]}')).toEqual({ a: [1, null, 'x'] })
    expect(value('base: &b {x: 1}\nmore:\n  <<: *b\n  z: 2\n')).toEqual({ base: { x: 1 }, more: { x: 1, z: 2 } })
    expect(value('1: a\ntrue: b\n')).toEqual({ 1: 'a', true: 'b' })
  })

  it('that starts with a brace has to be JSON in a patch', () => {
    expect(readYamlOrJson(' {"a": [1.5e3, "\\ud83d\\ude00"]}').value).toEqual({ a: [1_500, '😀'] })
    for (const text of ['{"a": }', '{a: b}', '{"a": 1} more']) expect(readYamlOrJson(text).problems).toHaveLength(1)
    expect(readYamlOrJson('a: {b: c}').value).toEqual({ a: { b: 'c' } })
  })

  it('that can not be read is named with its line, in the words of go-yaml', () => {
    expect(message('a: 1\nb: c: d\n')).toEqual(['yaml: line 2: mapping values are not allowed in this context'])
    expect(message('a: *nobody')).toEqual(["yaml: unknown anchor 'nobody' referenced"])
    expect(message('a: &a [*a]')).toEqual(["yaml: anchor 'a' value contains itself"])
  })

  it('shows nothing of what it holds when it can not be read', () => {
    for (const text of ['a: !!int s3cret', '? {pw: s3cret}\n: x', '? [s3cret]\n: x', '~: s3cret', 'a: "s3cret', 'pw: s3cret: x', 's3cret'])
      expect(message(text).join()).not.toContain('s3cret')
  })

  it('has no key that could change what an object is', () => {
    expect(message('a: {__proto__: {b: 1}}')).toEqual(['a key must not be __proto__'])
    expect(value('constructor: 1')).toEqual({ constructor: 1 })
  })

  it('is bounded: a few lines that unfold to billions, nesting, length', () => {
    const billions = [
      'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`),
    ]
    expect(message(billions.join('\n'))).toEqual([expect.stringMatching(/more than 500000 nodes/)])
    expect(message('['.repeat(100_000))).toEqual([expect.stringMatching(/nested more than/)])
    expect(message(`a: ${'x'.repeat(5 * 1024 * 1024)}`)).toEqual([expect.stringMatching(/longer than/)])
  })

  it('is what toYaml writes, whatever JSON that is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (json) => {
        fc.pre(!JSON.stringify(json).includes('__proto__') && !/-0\b/.test(String(json)))
        const there = JSON.parse(JSON.stringify(json))
        expect(value(toYaml(there))).toEqual(there)
      }),
      { numRuns: 300 },
    )
  })

  it('never takes anything for granted: any text is read or named', () => {
    const pieces = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '- ',
      ': ',
      '? ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '&x ',
      '*x',
      '!t ',
      '"',
      "'",
      '|',
      '>',
      '#',
      '%',
      '---',
      '...',
      '\t',
      '<<: ',
      '1',
      '~',
      'é',
      '\u2028',
      '\\x',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const { value: found, problems } = readYaml(parts.join(''))
        return problems.length === 1 ? found === null : problems.length === 0
      }),
      { numRuns: 3_000 },
    )
  })
})
