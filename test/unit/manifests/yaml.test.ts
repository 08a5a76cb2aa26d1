import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { depthMax, documentsMax, nodesMax, textCharactersMax } from '../../../manifests/limits.ts'
import { readYaml } from '../../../manifests/yaml.ts'

function read(text: string) {
  return readYaml(text).value?.map((document) => document.json)
}

describe('YAML as Kubernetes reads it', () => {
  it('takes yes, on, y and their opposites as booleans unless they are quoted', () => {
    expect(read('a: yes\nb: On\nc: y\nd: off\ne: n\nf: "yes"\ng: \'on\'\nh: nope')).toEqual([
      { a: true, b: true, c: true, d: false, e: false, f: 'yes', g: 'on', h: 'nope' },
    ])
  })

  it('makes text of keys as Kubernetes does', () => {
    expect(read('on: 1\n010: 2\n3: 4')).toEqual([{ true: 1, 8: 2, 3: 4 }])
  })

  it('reads octal, hexadecimal and binary numbers, underscores and exponents', () => {
    expect(read('[010, 0o10, 0x1F, 0b11, 2_000, -07, 2e3, .25, 1., 09]')).toEqual([[8, 8, 31, 3, 2000, -7, 2000, 0.25, 1, 9]])
  })

  it('keeps dates, times, versions and addresses as text', () => {
    expect(read('[2026-11-21, 10:20:30, 1.2.3, 10.0.0.1, v1, +]')).toEqual([['2026-11-21', '10:20:30', '1.2.3', '10.0.0.1', 'v1', '+']])
  })

  it('reads null, ~ and nothing as null', () => {
    expect(read('a: null\nb: ~\nc:\nd: ""')).toEqual([{ a: null, b: null, c: null, d: '' }])
  })

  it('resolves anchors, aliases and merge keys, where what is written wins', () => {
    expect(read('base: &b {x: 1, w: 2}\nover: {<<: *b, w: 3}\nlist: &l [1]\nsame: *l\nboth: {<<: [*b, {z: 4}]}')).toEqual([
      { base: { x: 1, w: 2 }, over: { x: 1, w: 3 }, list: [1], same: [1], both: { x: 1, w: 2, z: 4 } },
    ])
  })

  it('gives every document and leaves empty ones out', () => {
    expect(read('---\n---\na: 1\n---\n# only a comment\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }])
  })

  it('reads JSON', () => {
    expect(read('{"a": [true, null, "yes", 1.5], "b": {"c": "\\u0041"}}')).toEqual([{ a: [true, null, 'yes', 1.5], b: { c: 'A' } }])
  })
})

describe('YAML that is refused', () => {
  const problemsOf = (text: string) => readYaml(text).problems

  it.each([
    ['a: 1\nb: {c: 2, c: 3}', { path: 'b.c', line: 2, column: 11, message: expect.stringContaining('is there twice') }],
    ['a:\n  __proto__: {}', { path: 'a', line: 2, column: 3, message: expect.stringContaining('__proto__') }],
    ['a: &x\n  b: *x', { path: 'a.b', line: 2, column: 6, message: expect.stringContaining('contains itself') }],
    ['a: *nowhere', { path: 'a', line: 1, column: 4, message: expect.stringContaining('no anchor') }],
    ['a: !!binary aGk=', { path: 'a', line: 1, column: 13, message: expect.stringContaining('tag') }],
    ['a: !ruby/object x', { path: 'a', line: 1, column: 17, message: expect.stringContaining('tag') }],
    ['a: .inf', { path: 'a', line: 1, column: 4, message: expect.stringContaining('JSON') }],
    ['a: 9007199254740993', { path: 'a', line: 1, column: 4, message: expect.stringContaining('quotes') }],
    ['? [1]\n: 2', { path: '', line: 1, column: 3, message: 'a key must be text' }],
    ['a: 1\n<<: 3', { path: '["<<"]', line: 2, column: 5, message: expect.stringContaining('map') }],
  ])('%j', (text, problem) => {
    const { value, problems } = readYaml(text)
    expect(value).toBeNull()
    expect(problems).toEqual([problem])
  })

  it('says where the syntax is wrong', () => {
    expect(problemsOf('a: 1\nb: [1, 2\nc: 3')[0]).toMatchObject({ line: 3 })
  })

  it('without repeating what is written there, which may be a secret', () => {
    const secret = 'hunter2'
    const texts = [
      `a: |${secret}\n  x`,
      `a: [${secret}\nb: 1`,
      `%${secret}\n---\na`,
      `a: b: ${secret}`,
      `"a": 'x' ${secret}`,
      `a: *${secret}`,
      `a: !${secret} x`,
      `a: !e!${secret} x`,
      `a: &x {b: [}${secret}`,
      `a: 123456789012345678901`,
      `- a\n${secret}`,
      `a: "\\${secret}"`,
    ]
    for (const text of texts) {
      const problems = problemsOf(text)
      expect(JSON.stringify(problems)).not.toMatch(/hunter2|123456789/)
    }
    expect(problemsOf('a: 123456789012345678901')).toHaveLength(1)
  })

  it('reports every problem, not the first', () => {
    expect(problemsOf('a: .nan\nb: 1\nb: 2\n---\nc: *gone').map((problem) => problem.path)).toEqual(['a', 'b', 'c'])
  })

  it('bounds the length of the text', () => {
    expect(problemsOf('x'.repeat(textCharactersMax + 1))[0]?.message).toContain('at most')
  })

  it('bounds the number of documents', () => {
    expect(problemsOf('---\na: 1\n'.repeat(documentsMax + 1))[0]?.message).toContain(`${documentsMax}`)
  })

  it('bounds how deep things stand in each other, also where the parser itself would overflow', () => {
    expect(problemsOf('['.repeat(depthMax + 2) + ']'.repeat(depthMax + 2))[0]?.message).toContain('nested deeper')
    expect(problemsOf('['.repeat(50_000)).some((problem) => problem.message.includes('nested deeper'))).toBe(true)
  })

  it('bounds what aliases multiply', () => {
    const laughs = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 12; i += 1) laughs.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`)
    const { value, problems } = readYaml(laughs.join('\n'))
    expect(value).toBeNull()
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toContain(`${nodesMax}`)
  })
})

describe('places', () => {
  it('finds the line and column of values and of keys', () => {
    const document = readYaml('a:\n  - b: 1\n    c: two\n').value?.[0]
    expect(document?.locate(['a', 0, 'c'])).toEqual({ line: 3, column: 8 })
    expect(document?.locate(['a', 0, 'c'], 'key')).toEqual({ line: 3, column: 5 })
  })

  it('gives the nearest thing around a value that is not there', () => {
    const document = readYaml('a:\n  b:\n    c: 1\n').value?.[0]
    expect(document?.locate(['a', 'b', 'missing', 'deeper'])).toEqual({ line: 3, column: 5 })
  })
})

describe('whatever the text', () => {
  it('JSON comes back as it was written', () => {
    const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('__proto__') && value !== null)
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value)
        const { value: documents, problems } = readYaml(text)
        if (problems.length > 0) expect(problems[0]?.message).toMatch(/too large|empty/)
        else expect(JSON.stringify(documents?.[0]?.json)).toBe(text)
      }),
    )
  })

  it('gives JSON or problems with places, and never throws', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '&x ',
      '*x',
      '<<',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '|',
      '>',
      '#',
      '? ',
      '!!str ',
      '---\n',
      '~',
      'yes',
      '\t',
      '%',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { value, problems } = readYaml(pieces.join(''))
        expect(value === null).toBe(problems.length > 0)
        for (const problem of problems) expect(problem.line).toBeGreaterThan(0)
      }),
    )
  })
})
