import { describe, expect, it } from 'vitest'
import { answering, expandOne, fast, go, refused } from './environment.ts'

const repo = { repoURL: 'https://git.example/r', revision: 'main' }
const directories = { directories: ['apps', 'apps/web', 'apps/API_2', 'apps/.hidden', '.github/x', 'infra'] }
const files = (texts: Readonly<Record<string, string>>) => ({ gitFiles: { files: texts } })

describe('git directories', () => {
  it('are chosen by segment, excludes win, hidden ones never are', () => {
    const { inputs } = answering({ gitDirectories: directories })
    const spec = { ...repo, directories: [{ path: 'apps/web', exclude: true }, { path: '*' }, { path: 'apps/*' }] }
    expect(expandOne('git', spec, fast, inputs)).toMatchObject({
      outcome: 'complete',
      parameters: [
        { path: 'apps' },
        { path: 'apps/API_2', 'path.basename': 'API_2', 'path.basenameNormalized': 'api-2', 'path[1]': 'API_2' },
        { path: 'infra' },
      ],
    })
  })

  it('stand below a prefix, with values', () => {
    const { inputs } = answering({ gitDirectories: directories })
    const spec = { ...repo, directories: [{ path: 'apps/web' }], pathParamPrefix: 'src', values: { id: '{{index .src.path.segments 1}}' } }
    expect(expandOne('git', spec, go, inputs)).toMatchObject({
      parameters: [{ src: { path: { path: 'apps/web', basename: 'web', segments: ['apps', 'web'] } }, values: { id: 'web' } }],
    })
  })

  it('are asked for with the revision as written and the project', () => {
    const { asked, inputs } = answering({}, { project: null })
    const result = expandOne('git', { ...repo, directories: [{ path: '*' }] }, go, inputs)
    expect(result).toEqual({ outcome: 'needs', requests: [{ kind: 'gitDirectories', ...repo, project: null }] })
    expect(asked).toHaveLength(1)
  })

  it.each([
    [refused('connection refused'), 'connection refused'],
    [() => ({ complete: true, value: { directories: [1] }, proof: '' }) as const, 'another shape'],
  ])('that cannot be listed are an error, never none', (answer, message) => {
    const { inputs } = answering({ gitDirectories: answer })
    expect(expandOne('git', { ...repo, directories: [{ path: '*' }] }, go, inputs)).toEqual({
      outcome: 'incomplete',
      problems: [{ path: 'g', message: expect.stringContaining(message) }],
    })
  })
})

describe('git files', () => {
  const spec = { ...repo, files: [{ path: '*' }] }

  it('give an object each, or each object of their list (an empty one none); path wins over what they say', () => {
    const { inputs } = answering(
      files({
        'b/two.yaml': '- {a: 1}\n- {a: 2}',
        'a/one.json': '{"path": "mine", "n": {"m": [true]}}',
        'empty.yaml': '',
        'none.yaml': '[]',
      }),
    )
    expect(expandOne('git', spec, fast, inputs)).toMatchObject({
      parameters: [
        { path: 'a', 'n.m.0': 'true', 'path.filename': 'one.json' },
        { path: 'b', a: '1' },
        { path: 'b', a: '2' },
        { path: '.', 'path.filename': 'empty.yaml' },
      ],
      leftOut: [],
    })
  })

  it('may hold numbers that JSON has not, as Argo CD reads them', () => {
    const { inputs } = answering(files({ 'a.yaml': 'id: 12345678901234567890\nhuge: 1.5e400' }))
    expect(expandOne('git', spec, fast, inputs)).toMatchObject({
      parameters: [{ id: '1.2345678901234567e+19', huge: '1.5e400' }],
      leftOut: [],
    })
  })

  it('that cannot be read are left out and named; the others stand', () => {
    const { inputs } = answering(files({ 'a.yaml': 'a: [', 'b.yaml': '- scalar', 'c.yaml': 'ok: yes' }))
    expect(expandOne('git', spec, go, inputs)).toMatchObject({
      parameters: [{ ok: true }],
      leftOut: [{ message: expect.stringMatching(/a\.yaml.*line 1/) }, { message: expect.stringContaining('b.yaml') }],
    })
  })

  it('are asked for pattern by pattern; of excluded ones only the names', () => {
    const { asked, inputs } = answering({
      gitFiles: ({ pattern }) => ({ complete: true, value: { files: pattern === 'x' ? { x: '' } : { x: '{}', y: '{}' } }, proof: '' }),
    })
    const result = expandOne('git', { ...repo, files: [{ path: 'x', exclude: true }, { path: '*' }] }, fast, inputs)
    expect(result).toMatchObject({ parameters: [{ 'path.filename': 'y' }] })
    expect(asked).toMatchObject([
      { pattern: 'x', contents: false, globbing: 'pathspec' },
      { pattern: '*', contents: true },
    ])
  })

  it('a bad pattern is named with its path', () => {
    const { inputs } = answering({})
    expect(expandOne('git', { ...repo, files: [{ path: '' }, { path: ':x' }] }, fast, inputs)).toMatchObject({
      problems: [{ path: 'g.files[0].path' }, { path: 'g.files[1].path' }],
    })
  })
})
