import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jqPaths } from '../../../fleet/ignored/jq-paths.ts'
import { parseJq } from '../../../fleet/ignored/jq-syntax.ts'
import type { Path } from '../../../fleet/ignored/path.ts'
import type { Json } from '../../../fleet/json.ts'

const application: Json = {
  metadata: { name: 'shop', annotations: { 'example.com/team': 'blue' } },
  spec: {
    sources: [
      { repoURL: 'https://git.example/one', targetRevision: 'main', helm: { parameters: [{ name: 'image.tag', value: 'v1' }] } },
      { repoURL: 'https://git.example/two', targetRevision: 'main' },
    ],
    syncPolicy: { automated: { prune: true } },
  },
}

function text(path: Path): string {
  return path.map((step) => ('key' in step ? `/${step.key}` : `/${step.index}${step.fixed ? '' : '*'}`)).join('')
}

function paths(expression: string, value: Json = application): readonly string[] {
  const parsed = parseJq(expression)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return jqPaths(parsed.jq, value).map(text)
}

function problem(expression: string): string {
  const parsed = parseJq(expression)
  return 'problem' in parsed ? parsed.problem : ''
}

describe('expressions of jq that name fields', () => {
  it.each([
    ['.spec.syncPolicy.automated', ['/spec/syncPolicy/automated']],
    ['.spec.absent.below', ['/spec/absent/below']],
    ['.metadata.annotations["example.com/team"]', ['/metadata/annotations/example.com/team']],
    ['.metadata.annotations."example.com/team"', ['/metadata/annotations/example.com/team']],
    ['.["spec"].["sources"].[0].path', ['/spec/sources/0/path']],
    ['.spec.sources[-1].path', ['/spec/sources/1/path']],
    ['.spec.sources[-3]', []],
    ['.spec.sources[].targetRevision', ['/spec/sources/0*/targetRevision', '/spec/sources/1*/targetRevision']],
    ['.metadata[]', ['/metadata/name', '/metadata/annotations']],
    ['.spec.sources[] | select(.repoURL == "https://git.example/two").targetRevision', ['/spec/sources/1*/targetRevision']],
    ['.spec.sources[] | select(.repoURL | contains("one")) | .helm.parameters', ['/spec/sources/0*/helm/parameters']],
    ['.spec.sources[] | select(.repoURL | startswith("https://") and endswith("two"))', ['/spec/sources/1*']],
    ['.spec.sources[] | select(.repoURL != "x" and (has("helm") | not)).path', ['/spec/sources/1*/path']],
    ['.spec.sources[]|select(.helm == null or .repoURL == "x")', ['/spec/sources/1*']],
    ['.spec.sources[] | select(.helm.parameters[]?.name == "image.tag").path', ['/spec/sources/0*/path']],
    ['(.spec | .sources) | .[1]', ['/spec/sources/1']],
    ['select(.metadata.name == "shop").spec.syncPolicy', ['/spec/syncPolicy']],
    ['select(.metadata.name == "other").spec.syncPolicy', []],
  ])('%s', (expression, expected) => {
    expect(paths(expression)).toEqual(expected)
  })

  it('name nothing at all after an error, as in jq, unless it is caught', () => {
    expect(paths('.spec.sources | select(.name == "x")')).toEqual([])
    expect(paths('.spec.absent[]')).toEqual([])
    expect(paths('.spec.sources[] | select(.helm | contains("x")).path')).toEqual([])
    expect(paths('.metadata.name.below')).toEqual([])
    expect(paths('.spec.sources[].repoURL.below?')).toEqual([])
    expect(paths('.[].sources?[].path')).toEqual([])
    expect(paths('.[] | .sources[]?.path')).toEqual(['/spec/sources/0*/path', '/spec/sources/1*/path'])
  })

  it.each([
    ['spec.sources', 'spec (column 1)'],
    ['.spec.sources[] | select(.repoURL | test("x"))', 'test (column 37)'],
    ['.spec..path', '. (column 6)'],
    ['.a, .b', ', .b (column 3)'],
    ['.a[1:2]', ':2] (column 5)'],
    ['.a[1.5]', '1.5 (column 4)'],
    ['.a = 1', '= 1 (column 4)'],
    ['.a | select(.b', 'the end (column 15)'],
    ['.a["\\x"]', '"\\x" (column 4)'],
    ['.a | contains(.b)', 'contains (column 6)'],
    ['', 'the end (column 1)'],
    ['..', '. (column 2)'],
  ])('%s is refused, with the column', (expression, where) => {
    expect(problem(expression)).toContain(`can't be followed at ${where}`)
  })

  it('is refused when it names no field, or would take a time without bound', () => {
    for (const computed of ['"a"', '.a == 1', '.a | not', '.a | has("b")', '.a and .b'])
      expect(problem(computed)).toContain('names no field')
    expect(problem('.a | select(.b == .c[])')).toContain('several values at == (column 16)')
    expect(problem(`.${'a'.repeat(1_000)}`)).toContain('longer than')
  })

  it('whatever the text and the value, ends without an exception', () => {
    const parts = [
      '.',
      'a',
      '.a',
      '[]',
      '[0]',
      '["a"]',
      '|',
      ' ',
      'select(',
      '(',
      ')',
      '==',
      '"x"',
      '1',
      'and',
      'not',
      'has("a")',
      '?',
      'null',
    ]
    const anything = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<Json>(null, 1, 'x', true),
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('a', 'b'), tie('value')),
      ),
    })).value
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 10 }), anything, (tokens, value) => {
        const parsed = parseJq(tokens.join(''))
        if ('jq' in parsed) expect(Array.isArray(jqPaths(parsed.jq, value))).toBe(true)
        else expect(parsed.problem).not.toBe('')
      }),
      { numRuns: 2_000 },
    )
  })
})
