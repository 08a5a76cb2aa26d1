import { describe, expect, it } from 'vitest'
import { parseManifests } from '../../../manifests/parse.ts'

const application = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  source:
    repoURL: https://git.example/shop.git
    path: deploy
  destination:
    name: eu-1
    namespace: shop
`

function problemsOf(text: string): readonly string[] {
  return parseManifests(text).problems.map(({ path, message, line, column }) => `${line}:${column} ${path}: ${message}`)
}

describe('an Application', () => {
  it('is read; project and namespace have defaults', () => {
    expect(parseManifests(application)).toEqual({
      problems: [],
      value: [
        {
          kind: 'Application',
          metadata: { name: 'shop', namespace: 'argocd' },
          spec: {
            project: 'default',
            source: { repoURL: 'https://git.example/shop.git', path: 'deploy' },
            destination: { name: 'eu-1', namespace: 'shop' },
          },
        },
      ],
    })
  })

  it('may hold everything that Argo CD has', () => {
    const { problems } = parseManifests(`${application}  project: team
  revisionHistoryLimit: 5
  info: [{name: url, value: https://wiki.example}]
  ignoreDifferences:
    - {group: apps, kind: Deployment, name: web, namespace: shop, jsonPointers: [/spec/replicas], jqPathExpressions: [.spec], managedFieldsManagers: [hpa]}
  syncPolicy:
    automated: {prune: true, selfHeal: true, allowEmpty: false, enabled: true}
    syncOptions: [CreateNamespace=true]
    retry: {limit: 3, refresh: true, backoff: {duration: 5s, factor: 2, maxDuration: 3m}}
    managedNamespaceMetadata: {labels: {team: a}, annotations: {note: b}}
`)
    expect(problems).toEqual([])
  })

  it.each([
    'directory: {recurse: true, include: "*.yaml", exclude: x, disableExtensionFilter: true, jsonnet: {extVars: [{name: a, value: b, code: true}], tlas: [], libs: [l]}}',
    'kustomize: {namePrefix: a-, nameSuffix: -b, images: [nginx=x:1], commonLabels: {a: b}, replicas: [{name: web, count: 3}, {name: job, count: "2"}], patches: [{patch: p, target: {kind: Deployment, labelSelector: a=b}, options: {allowNameChange: true}}], components: [c], ignoreMissingComponents: true, labelWithoutSelector: true}',
    'helm: {releaseName: r, valueFiles: [v.yaml], values: "a: 1", valuesObject: {a: {b: [1, null, true]}}, parameters: [{name: a, value: v, forceString: true}], fileParameters: [{name: b, path: p}], skipCrds: true, passCredentials: false, kubeVersion: "1.30", apiVersions: [v1], namespace: x, version: v3}',
    'plugin: {name: p, env: [{name: A, value: b}], parameters: [{name: a, string: s}, {name: b, array: [x]}, {name: c, map: {k: v}}]}',
  ])('takes the source option %s', (option) => {
    expect(problemsOf(application.replace('    path: deploy\n', `    path: deploy\n    ${option}\n`))).toEqual([])
  })

  it('keeps null in free-form values and drops it from fields', () => {
    const { value } = parseManifests(
      application.replace('    path: deploy\n', '    path: deploy\n    targetRevision:\n    helm: {valuesObject: {a: null}}\n'),
    )
    expect(value?.[0]).toMatchObject({
      spec: { source: { repoURL: 'https://git.example/shop.git', path: 'deploy', helm: { valuesObject: { a: null } } } },
    })
    expect(value?.[0]).not.toHaveProperty('spec.source.targetRevision')
  })

  it('as kubectl prints it loses status and what servers set', () => {
    const text = application
      .replace(
        '  name: shop\n',
        '  name: shop\n  uid: 1-2\n  resourceVersion: "7"\n  generation: 3\n  creationTimestamp: "2026-01-01T00:00:00Z"\n  managedFields: [{}]\n  labels: {team: a}\n',
      )
      .concat('status: {health: {status: Healthy}, anything: [1]}\n')
    expect(parseManifests(text).value?.[0]).toMatchObject({ metadata: { name: 'shop', namespace: 'argocd', labels: { team: 'a' } } })
    expect(parseManifests(text).value?.[0]).not.toHaveProperty('metadata.uid')
    expect(parseManifests(text).value?.[0]).not.toHaveProperty('status')
  })

  it('names every unknown field with its place, and what was probably meant', () => {
    expect(problemsOf(application.replace('    path: deploy\n', '    pth: deploy\n').concat('  syncpolicy: {}\n  nonsense: 1\n'))).toEqual([
      '8:5 spec.source.pth: unknown field; did you mean path?',
      '12:3 spec.syncpolicy: unknown field; did you mean syncPolicy?',
      '13:3 spec.nonsense: unknown field',
    ])
  })

  it('names every wrong type and missing part', () => {
    const text = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
  labels: {version: 1.10}
spec:
  source: {repoURL: [a], path: yes}
  destination: eu
  syncPolicy: {automated: {prune: "true"}, syncOptions: CreateNamespace=true}
  ignoreDifferences: [{group: apps}]
`
    expect(problemsOf(text)).toEqual([
      '5:21 metadata.labels.version: must be text, not the number 1.1: put it in quotes',
      '7:21 spec.source.repoURL: must be text, not a list',
      '7:32 spec.source.path: must be text, not the boolean true: put it in quotes',
      '8:16 spec.destination: must be an object, not text',
      '9:35 spec.syncPolicy.automated.prune: must be true or false, not text',
      '9:57 spec.syncPolicy.syncOptions: must be a list, not text',
      '10:23 spec.ignoreDifferences[0].kind: is required: text',
    ])
  })

  it.each([
    ['source: {repoURL: r, path: p}', 'destination: {name: a, server: https://b}', ['spec.destination']],
    ['source: {repoURL: r, path: p}', 'destination: {namespace: x}', ['spec.destination.server']],
    ['source: {path: p}', 'destination: {name: a}', ['spec.source.repoURL']],
    ['source: {repoURL: r}', 'destination: {name: a}', ['spec.source.path']],
    ['source: {repoURL: r, path: p, chart: c, targetRevision: "1"}', 'destination: {name: a}', ['spec.source.chart']],
    ['source: {repoURL: r, chart: c}', 'destination: {name: a}', ['spec.source.targetRevision']],
    ['source: {repoURL: r, path: p, helm: {version: v3}, kustomize: {namePrefix: a}}', 'destination: {name: a}', ['spec.source.kustomize']],
    ['sources: [{repoURL: r, path: p}, {path: q}]', 'destination: {name: a}', ['spec.sources[1].repoURL']],
    ['info: []', 'info2: 1', ['spec.info2']],
  ])('refuses spec %s with %s at %j', (source, destination, paths) => {
    const text = `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  ${source}\n  ${destination}\n`
    const problems = parseManifests(text).problems.filter((problem) => !problem.message.includes('not supported yet'))
    expect(problems.map((problem) => problem.path)).toEqual(paths)
  })

  it.each(['Shop', 'a_b', '-a', 'a..b', 'x'.repeat(254), ''])('refuses the name %j', (name) => {
    expect(parseManifests(application.replace('name: shop', `name: ${JSON.stringify(name)}`)).problems[0]?.path).toBe('metadata.name')
  })

  it('refuses labels that Kubernetes would refuse', () => {
    expect(
      problemsOf(application.replace('  name: shop\n', '  name: shop\n  labels: {"a b": x, ok: "c d"}\n')).map(
        (text) => text.split(': ')[0],
      ),
    ).toEqual(['5:19 metadata.labels["a b"]', '5:26 metadata.labels["ok"]'])
  })
})

describe('a text of several documents', () => {
  it('gives all of them in order', () => {
    const { value } = parseManifests(`${application}---\n${application.replace('name: shop', 'name: other')}`)
    expect(value?.map((manifest) => (manifest.kind === 'Application' ? manifest.metadata.name : ''))).toEqual(['shop', 'other'])
  })

  it('says in which document a problem is', () => {
    const { value, problems } = parseManifests(`${application}---\n${application.replace('path: deploy', 'pth: x')}`)
    expect(value).toBeNull()
    expect(problems).toEqual([{ path: 'documents[1].spec.source.pth', message: expect.any(String), line: 20, column: 5 }])
  })

  it('refuses a text without any', () => {
    expect(problemsOf('# nothing\n---\n')).toEqual(['undefined:undefined : there is no manifest in the text'])
  })
})

describe('what it is', () => {
  it.each([
    ['kind: Application', ['apiVersion']],
    ['a: 1', ['apiVersion', 'kind']],
    ['[1]', ['']],
    ['apiVersion: apps/v1\nkind: Deployment', ['kind']],
    ['apiVersion: argoproj.io/v1beta9\nkind: Application', ['kind']],
  ])('%j is refused at %j', (text, paths) => {
    expect(parseManifests(text).problems.map((problem) => problem.path)).toEqual(paths)
  })

  it('recognises a cluster Secret and leaves its content alone', () => {
    const text =
      'apiVersion: v1\nkind: Secret\nmetadata: {name: c, labels: {argocd.argoproj.io/secret-type: cluster}}\nstringData: {name: eu, server: https://eu}\n'
    expect(parseManifests(text).value).toEqual([
      { kind: 'ClusterSecret', json: expect.objectContaining({ stringData: { name: 'eu', server: 'https://eu' } }) },
    ])
  })

  it('refuses any other Secret without repeating what it holds', () => {
    const { problems } = parseManifests('apiVersion: v1\nkind: Secret\nmetadata: {name: c}\nstringData: {password: hunter2}\n')
    expect(problems.map((problem) => problem.path)).toEqual(['metadata.labels["argocd.argoproj.io/secret-type"]'])
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })
})

describe('an AppProject', () => {
  it('may hold everything that Argo CD has', () => {
    const text = `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: team}
spec:
  description: the team
  sourceRepos: ["https://git.example/*", "!https://git.example/secret"]
  sourceNamespaces: [team]
  destinations: [{server: "*", name: eu, namespace: "team-*"}]
  destinationServiceAccounts: [{server: "*", namespace: x, defaultServiceAccount: sa}]
  clusterResourceWhitelist: [{group: "*", kind: Namespace, name: team}]
  namespaceResourceBlacklist: [{group: "", kind: ResourceQuota}]
  orphanedResources: {warn: false, ignore: [{kind: ConfigMap}]}
  permitOnlyProjectScopedClusters: true
  roles: [{name: ci, policies: [p], groups: [g], jwtTokens: [{iat: 1, exp: 2, id: x}]}]
  signatureKeys: [{keyID: ABC}]
  sourceIntegrity: {git: {policies: [{repos: [{url: "*"}], gpg: {mode: head, keys: [k]}}]}}
  syncWindows: [{kind: allow, schedule: "0 1 * * *", duration: 1h, applications: ["*"], manualSync: true, timeZone: UTC, andOperator: true, syncOverrun: false}]
`
    expect(parseManifests(text)).toMatchObject({ problems: [], value: [{ kind: 'AppProject', metadata: { name: 'team' } }] })
    expect(problemsOf(text.replace('manualSync: true', 'manual: true'))).toEqual([
      expect.stringContaining('spec.syncWindows[0].manual: unknown field'),
    ])
  })
})
