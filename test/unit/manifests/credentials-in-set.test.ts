import { describe, expect, it } from 'vitest'
import { parseManifests } from '../../../manifests/parse.ts'

const canary = 'canary-91fe'

function problemsOf(generator: string, more = '', repository = 'https://git.example/x') {
  return parseManifests(`apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: set}
spec:
  generators:
    - ${generator}
${more}  template:
    metadata: {name: '{{name}}'}
    spec: {project: default, source: {repoURL: '${repository}', path: p}, destination: {name: '{{name}}'}}
`).problems
}

const withPassword = `https://ann:${canary}@git.example/x`

describe('a password in a set', () => {
  it.each([
    ['the repository of a git generator', `git: {repoURL: "${withPassword}", revision: main, directories: [{path: a}]}`, 'git.repoURL'],
    ['an element of a list', `list: {elements: [{name: a}, {name: b, deep: {url: "${withPassword}"}}]}`, 'list.elements[1].deep.url'],
    ['an element that calls it a template', `list: {elements: [{template: {u: "${withPassword}"}}]}`, 'list.elements[0].template.u'],
    ['elementsYaml', `list: {elementsYaml: "- name: a\\n- name: b\\n  url: ${withPassword}\\n"}`, 'list.elementsYaml'],
    ['values', `clusters: {values: {url: "postgres://app:${canary}@db/shop"}}`, 'clusters.values.url'],
    [
      'a generator in a matrix',
      `matrix: {generators: [{clusters: {}}, {list: {elements: [{url: "${withPassword}"}]}}]}`,
      'matrix.generators[1].list.elements[0].url',
    ],
    ['the address of a host', `scmProvider: {gitea: {owner: o, api: "${withPassword}"}}`, 'scmProvider.gitea.api'],
    [
      'the template of a generator',
      `clusters: {template: {metadata: {}, spec: {source: {repoURL: "${withPassword}"}}}}`,
      'clusters.template.spec.source.repoURL',
    ],
  ])('is refused in %s, and not repeated', (_, generator, path) => {
    const problems = problemsOf(generator)
    expect(problems).toContainEqual(expect.objectContaining({ path: `spec.generators[0].${path}`, line: 6 }))
    expect(JSON.stringify(problems)).not.toContain(canary)
  })

  it('is refused in the template and in the patch, which hides the template from other checks', () => {
    const patch = `  templatePatch: |\n    spec:\n      source:\n        repoURL: ${withPassword}\n`
    expect(problemsOf('clusters: {}', patch, withPassword).map(({ path, message }) => [path, message.slice(0, 12)])).toEqual([
      ['spec.templatePatch', 'line 3 holds'],
      ['spec.template.spec.source.repoURL', 'holds a user'],
    ])
    expect(problemsOf('clusters: {}', '', withPassword)).toHaveLength(1)
  })

  it.each([
    'git: {repoURL: "ssh://git@git.example/x", revision: main, directories: [{path: a}]}',
    'git: {repoURL: "git@git.example:x", revision: main, directories: [{path: a}]}',
    'list: {elements: [{name: "a@b", url: "https://git.example/@x?user=a:b@c"}]}',
    'clusters: {template: {metadata: {}, spec: {source: {helm: {values: "db: postgres://app:pw@db/shop"}}}}}',
  ])('is not found in %s', (generator) => {
    expect(problemsOf(generator).filter(({ message }) => message.includes('password'))).toEqual([])
  })
})
