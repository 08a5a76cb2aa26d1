import { describe, expect, it } from 'vitest'
import { parseManifests } from '../../../manifests/parse.ts'
import { unsupportedProblems } from '../../../manifests/unsupported.ts'

const template = `  template:
    metadata: {name: 'shop-{{name}}'}
    spec:
      project: team
      source: {repoURL: https://git.example/shop, path: 'overlays/{{name}}', targetRevision: main}
      destination: {server: '{{server}}', namespace: shop}
`

function set(generators: string, more = '', body = template): string {
  return `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: shop}\nspec:\n  generators:\n    - ${generators}\n${body}${more}`
}

function pathsOf(text: string): readonly string[] {
  return parseManifests(text).problems.map((problem) => problem.path)
}

function unsupportedPaths(text: string): readonly string[] {
  const { value, problems } = parseManifests(text)
  expect(problems).toEqual([])
  return (value ?? []).flatMap((manifest) => unsupportedProblems(manifest).map((problem) => problem.path))
}

describe('an ApplicationSet', () => {
  it('is read as it is, templates and all', () => {
    const { value, problems } = parseManifests(
      set('clusters: {selector: {matchLabels: {env: prod}}, values: {tier: "{{metadata.labels.tier}}"}}'),
    )
    expect(problems).toEqual([])
    expect(value?.[0]).toEqual({
      kind: 'ApplicationSet',
      metadata: { name: 'shop', namespace: 'argocd' },
      spec: {
        generators: [{ clusters: { selector: { matchLabels: { env: 'prod' } }, values: { tier: '{{metadata.labels.tier}}' } } }],
        template: {
          metadata: { name: 'shop-{{name}}' },
          spec: {
            project: 'team',
            source: { repoURL: 'https://git.example/shop', path: 'overlays/{{name}}', targetRevision: 'main' },
            destination: { server: '{{server}}', namespace: 'shop' },
          },
        },
      },
    })
  })

  it('may leave out the project, which is default then', () => {
    expect(pathsOf(set('clusters: {}').replace('      project: team\n', ''))).toEqual([])
  })

  it.each([
    'list: {elements: [{a: 1, b: {c: [true]}}], elementsYaml: "- a: 1"}',
    'clusters: {selector: {matchExpressions: [{key: a, operator: In, values: [b]}]}, flatList: true}',
    'git: {repoURL: r, revision: HEAD, directories: [{path: a, exclude: true}], files: [{path: b}], pathParamPrefix: p, values: {a: b}, requeueAfterSeconds: 60}',
    'matrix: {generators: [{clusters: {}}, {matrix: {generators: [{list: {elements: []}}, {git: {repoURL: r, revision: x, files: [{path: a}]}}]}}]}',
    'merge: {mergeKeys: [server], generators: [{clusters: {}}, {list: {elements: []}, selector: {matchLabels: {a: b}}}]}',
    'scmProvider: {awsCodeCommit: {role: r, region: eu-west-1, tagFilters: [{key: a, value: b}, {key: c}], allBranches: true}, cloneProtocol: https-fips}',
    'scmProvider: {github: {organization: o, tokenRef: {secretName: s, key: k}, allBranches: true}, cloneProtocol: https, filters: [{repositoryMatch: a, pathsExist: [b]}]}',
    'pullRequest: {gitlab: {project: p, pullRequestState: opened, labels: [preview]}, filters: [{branchMatch: a}], continueOnRepoNotFoundError: true}',
    'clusterDecisionResource: {configMapRef: c, labelSelector: {matchLabels: {a: b}}, requeueAfterSeconds: 180}',
    'plugin: {configMapRef: {name: p}, input: {parameters: {a: 1, b: [x]}}, values: {c: d}}',
  ])('takes the generator %s', (generator) => {
    expect(pathsOf(set(generator))).toEqual([])
  })

  it('takes every field of its spec', () => {
    const more = `  goTemplate: true
  goTemplateOptions: [missingkey=error]
  templatePatch: "spec: {}"
  applyNestedSelectors: true
  syncPolicy: {preserveResourcesOnDeletion: true, applicationsSync: create-update}
  preservedFields: {annotations: [a], labels: [b]}
  ignoreApplicationDifferences: [{name: a, jsonPointers: [/spec], jqPathExpressions: [.spec]}]
  strategy: {type: RollingSync, deletionOrder: Reverse, rollingSync: {steps: [{matchExpressions: [{key: env, operator: In, values: [dev]}], maxUpdate: 25%}, {maxUpdate: 0}]}}
`
    const template =
      "  template: {metadata: {name: '{{.name}}'}, spec: {source: {repoURL: r, path: p}, destination: {name: '{{.name}}'}}}\n"
    expect(pathsOf(set('clusters: {}', more, template))).toEqual([])
  })

  it('names every template of Go that cannot be read, with line and column', () => {
    const template = "  template: {metadata: {name: '{{.name}'}, spec: {source: {repoURL: r, path: '{{name}}'}, destination: {name: a}}}\n"
    const { problems } = parseManifests(
      set('clusters: {values: {"{{end}}": x}}', '  goTemplate: true\n  templatePatch: "a: {{ . | nope }}"\n', template),
    )
    expect(problems.map(({ path }) => path).toSorted()).toEqual([
      'spec.generators[0].clusters.values["{{end}}"]',
      'spec.template.metadata.name',
      'spec.template.spec.source.path',
      'spec.templatePatch',
    ])
    expect(problems.find(({ path }) => path === 'spec.templatePatch')?.message).toMatch(/"nope" not defined.*line 1, column \d+/)
    expect(pathsOf(set('clusters: {}', '  goTemplate: true\n  goTemplateOptions: [missingkey=oops]\n'))).toEqual(['spec.goTemplateOptions'])
  })

  it.each([
    ['list: {elemnts: []}', 'spec.generators[0].list.elemnts'],
    ['lst: {}', 'spec.generators[0].lst'],
    ['clusters:', 'spec.generators[0]'],
    ['clusters: {selector: {matchLabels: {a: "b c"}}}', 'spec.generators[0].clusters.selector.matchLabels["a"]'],
    [
      'clusters: {selector: {matchExpressions: [{key: a, operator: Like, values: [b]}]}}',
      'spec.generators[0].clusters.selector.matchExpressions[0].operator',
    ],
    [
      '{clusters: {}, selector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}',
      'spec.generators[0].selector.matchExpressions[0].values',
    ],
    ['git: {repoURL: r}', 'spec.generators[0].git.revision'],
    ['merge: {generators: []}', 'spec.generators[0].merge.mergeKeys'],
    ['matrix: {generators: [{clusters: {}}]}', 'spec.generators[0].matrix.generators'],
    ['matrix: {generators: [{clusters: {}}, {}]}', 'spec.generators[0].matrix.generators[1]'],
    ['matrix: {join: outer, generators: [{clusters: {}}, {clusters: {}}]}', 'spec.generators[0].matrix.join'],
    ['merge: {mergeKeys: [], generators: [{clusters: {}}, {clusters: {}}]}', 'spec.generators[0].merge.mergeKeys'],
    [
      'matrix: {generators: [{clusters: {}}, {clusters: {selector: {matchLabels: {a: "b c"}}}}]}',
      'spec.generators[0].matrix.generators[1].clusters.selector.matchLabels["a"]',
    ],
    ['git: {repoURL: r, revision: x}', 'spec.generators[0].git'],
    ['pullRequest: {filters: []}', 'spec.generators[0].pullRequest'],
    ['pullRequest: {github: {owner: o, repo: r}, filters: [{titleMatch: "("}]}', 'spec.generators[0].pullRequest.filters[0].titleMatch'],
    ['pullRequest: {github: {owner: o, repo: r}, filters: [{drft: true}]}', 'spec.generators[0].pullRequest.filters[0].drft'],
    ['scmProvider: {github: {organization: o}, filters: [{labelMatch: "["}]}', 'spec.generators[0].scmProvider.filters[0].labelMatch'],
    ['scmProvider: {github: {organization: o}, cloneProtocol: ftp}', 'spec.generators[0].scmProvider.cloneProtocol'],
    ['scmProvider: {github: {organization: o}, cloneProtocol: https-fips}', 'spec.generators[0].scmProvider.cloneProtocol'],
    ['pullRequest: {github: {owner: o}}', 'spec.generators[0].pullRequest.github.repo'],
  ])('names what is wrong in the generator %s', (generator, path) => {
    expect(pathsOf(set(generator))).toContain(path)
  })

  it('lets the selector beside a generator match URLs', () => {
    expect(pathsOf(set('{clusters: {}, selector: {matchLabels: {server: "https://eu.example:6443"}}}'))).toEqual([])
  })

  it('refuses a set without generators', () => {
    expect(pathsOf(set('').replace('  generators:\n    - \n', '  generators: []\n'))).toEqual(['spec.generators'])
  })
})

describe('a template that lacks parts', () => {
  const previews = `  template:
    metadata: {name: 'pr-{{number}}'}
    spec:
      destination: {namespace: 'pr-{{number}}'}
`

  it('is refused naming exactly those, and what else stands in the way', () => {
    const { value, problems } = parseManifests(set('pullRequest: {github: {owner: o, repo: r}}', '', previews))
    expect(value).toBeNull()
    expect(problems).toEqual([
      { path: 'spec.template.spec.source', message: expect.stringContaining('is required'), line: 10, column: 7 },
      { path: 'spec.template.spec.destination.server', message: expect.stringContaining('or name'), line: 10, column: 20 },
    ])
  })

  it('may get them from the template of each generator', () => {
    const over = 'template: {metadata: {}, spec: {source: {repoURL: r, path: p}, destination: {name: "{{name}}"}}}'
    expect(pathsOf(set(`clusters: {${over}}`, '', previews))).toEqual([])
    expect(pathsOf(set(`clusters: {${over}}\n    - list: {elements: []}`, '', previews))).toEqual([
      'spec.template.spec.source',
      'spec.template.spec.destination.server',
    ])
  })

  it('may get them from a templatePatch, so that only its applications can tell', () => {
    expect(pathsOf(set('clusters: {}', '  templatePatch: "spec: {}"\n', previews))).toEqual([])
  })

  it('needs a name', () => {
    expect(pathsOf(set('clusters: {}').replace("metadata: {name: 'shop-{{name}}'}", 'metadata: {labels: {a: b}}'))).toEqual([
      'spec.template.metadata.name',
    ])
  })
})

describe('the strategy', () => {
  const staged = (body: string) => set('clusters: {}', `  strategy:\n    type: Staged\n    staged: ${body}\n`)

  it('Staged takes stages with all their fields', () => {
    expect(
      pathsOf(
        staged(
          '{stages: [{name: canary, selector: {matchLabels: {tier: canary}}, maxConcurrent: 1, bake: 10m, progressDeadline: 1h30m}, {forEach: region, order: [eu, us], orderBy: name, maxConcurrent: 25%, maxFailures: 0, canary: {matchLabels: {first: "true"}}, approval: {required: 2}}], unassigned: LastStage, doublyMatched: FirstMatch, maxFailures: 10%, onFailure: RollBackStage, rollback: {maxConcurrent: 5}, unreachable: {policy: Defer, max: 2}}',
        ),
      ),
    ).toEqual([])
  })

  it.each([
    ['{stages: []}', 'stages'],
    ['{stages: [{}]}', 'stages[0].name'],
    ['{stages: [{name: a}, {name: a}]}', 'stages[1].name'],
    ['{stages: [{name: a, bake: 10}]}', 'stages[0].bake'],
    ['{stages: [{name: a, bake: 10 minutes}]}', 'stages[0].bake'],
    ['{stages: [{name: a, bake: -5m}]}', 'stages[0].bake'],
    ['{stages: [{name: a, progressDeadline: 0s}]}', 'stages[0].progressDeadline'],
    ['{stages: [{name: a, maxConcurrent: 0}]}', 'stages[0].maxConcurrent'],
    ['{stages: [{name: a, maxFailures: several}]}', 'stages[0].maxFailures'],
    ['{stages: [{name: a, order: [x]}]}', 'stages[0].order'],
    ['{stages: [{forEach: "a b"}]}', 'stages[0].forEach'],
    [
      '{stages: [{name: a, selector: {matchExpressions: [{key: a, operator: Gt, values: ["1"]}]}}]}',
      'stages[0].selector.matchExpressions[0].operator',
    ],
    ['{stages: [{name: a, approval: {required: -1}}]}', 'stages[0].approval.required'],
    ['{stages: [{name: a, aproval: {}}]}', 'stages[0].aproval'],
    ['{stages: [{name: a}], onFailure: Explode}', 'onFailure'],
  ])('Staged %s is refused at %s', (body, path) => {
    expect(pathsOf(staged(body))).toEqual([`spec.strategy.staged.${path}`])
  })

  it.each([
    ['{type: Staged}', 'spec.strategy.staged'],
    ['{type: RollingSync}', 'spec.strategy.rollingSync.steps'],
    ['{type: AllAtOnce, staged: {stages: [{name: a}]}}', 'spec.strategy.staged'],
    [
      '{type: RollingSync, rollingSync: {steps: [{matchExpressions: [{key: a, operator: Exists}]}]}}',
      'spec.strategy.rollingSync.steps[0].matchExpressions[0].operator',
    ],
    ['{type: RollingSync, rollingSync: {steps: [{maxUpdate: many}]}}', 'spec.strategy.rollingSync.steps[0].maxUpdate'],
    ['{type: Canary}', 'spec.strategy.type'],
    ['{deletionOrder: Backwards}', 'spec.strategy.deletionOrder'],
  ])('%s is refused at %s', (strategy, path) => {
    expect(pathsOf(set('clusters: {}', `  strategy: ${strategy}\n`))).toEqual([path])
  })
})

describe('fields that a set leaves as they are', () => {
  it.each([
    ['{jsonPointers: [/spec/source, spec]}', 'jsonPointers[1]'],
    ['{jqPathExpressions: [".spec.sources[] | select(.repoURL | test(\\"x\\"))"]}', 'jqPathExpressions[0]'],
    ['{jsonPointer: [/spec]}', 'jsonPointer'],
  ])('%s is refused at %s', (rule, path) => {
    expect(pathsOf(set('clusters: {}', `  ignoreApplicationDifferences: [{}, ${rule}]\n`))).toEqual([
      `spec.ignoreApplicationDifferences[1].${path}`,
    ])
  })
})

describe('what is known and not supported yet', () => {
  it('is no generator', () => {
    expect(
      unsupportedPaths(
        set('git: {repoURL: r, revision: x, files: [{path: a}]}\n    - matrix: {generators: [{clusters: {}}, {clusters: {}}]}'),
      ),
    ).toEqual([])
  })

  it.each([
    [
      'clusters: {template: {metadata: {}, spec: {source: {helm: {releaseName: r}}}}}',
      '',
      'spec.generators[0].clusters.template.spec.source.helm',
    ],
  ])('names it: %s %s', (generator, more, path) => {
    expect(unsupportedPaths(set(generator, more))).toEqual([path])
  })

  it.each([
    ['sources: [{repoURL: r, path: p}]', 'spec.sources'],
    ['source: {repoURL: r, chart: c, targetRevision: "1"}', 'spec.source.chart'],
    ['source: {repoURL: r, path: p, plugin: {name: x}}', 'spec.source.plugin'],
    ['source: {repoURL: r, path: p}\n  ignoreDifferences: [{kind: Deployment, jsonPointers: [/spec/replicas]}]', 'spec.ignoreDifferences'],
  ])('names it in an Application: %s', (source, path) => {
    expect(
      unsupportedPaths(
        `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  destination: {name: eu}\n  ${source}\n`,
      ),
    ).toEqual([path])
  })
})
