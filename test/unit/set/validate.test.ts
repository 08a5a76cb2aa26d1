import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApplicationManifest } from '../../../fleet/application.ts'
import { invalidSpec, type ValidationInput, validateApplications } from '../../../fleet/set/validate.ts'
import { clusters, manifest, nowMs } from './examples.ts'

function validate(manifests: readonly ApplicationManifest[], more: Partial<ValidationInput> = {}) {
  const generated = manifests.map((one, index) => ({ manifest: one, origin: `generators[0].list element ${index}` }))
  return validateApplications({ generated, projects: [], clusters, owners: new Map(), nowMs, ...more })
}

function messages(manifests: readonly ApplicationManifest[], more: Partial<ValidationInput> = {}) {
  return validate(manifests, more).problems.map((problem) => `${problem.path}: ${problem.message}`)
}

describe('valid applications', () => {
  it('get the cluster that their destination means', () => {
    const { valid, problems, conditions } = validate([
      manifest('by-name'),
      manifest('by-server', { destination: { server: 'https://us-1.example:6443/', namespace: 'shop' } }),
      manifest('anywhere', { destination: { name: 'us-1' } }),
    ])
    expect(problems).toEqual([])
    expect(valid.map((one) => one.clusterId)).toEqual(['c-eu', 'c-us', 'c-us'])
    expect(conditions.get('by-name')).toEqual([])
  })
})

describe('an application that is left out', () => {
  it.each([
    ['no name', manifest(''), /metadata\.name: application \(no name\) .* renders to nothing/],
    ['a bad name', manifest('Shop_1'), /"Shop_1" must be a DNS-1123 subdomain/],
    ['an unresolved name', manifest('shop-{{cluster}}'), /no parameter for what is left in \{\{ \}\}/],
    ['a bad label', manifest('a', {}, { labels: { branch: 'feature/x' } }), /metadata\.labels: .*"feature\/x"/],
    ['a bad annotation key', manifest('a', {}, { annotations: { 'a b': 'x' } }), /metadata\.annotations/],
    [
      'a bad namespace',
      manifest('a', { destination: { name: 'eu-1', namespace: 'Feature/X' } }),
      /destination\.namespace: .*"Feature\/X" must be a DNS-1123 label/,
    ],
    ['a source that rendered to nothing', manifest('a', { source: { repoURL: '', path: 'x' } }), /source\.repoURL: .* is required/],
    [
      'a password in its repository URL',
      manifest('a', {
        project: 'team',
        source: { repoURL: 'https://ann:canary@git.example/shop', path: 'x' },
        destination: { name: 'eu-1', namespace: 'team' },
      }),
      /source\.repoURL: (?!.*canary).*holds a user name or password/,
    ],
    ['an unknown project', manifest('a', { project: 'ghost' }), /application references project ghost which does not exist/],
    [
      'a repository that its project does not permit',
      manifest('a', { project: 'team', destination: { name: 'eu-1', namespace: 'team' } }),
      /application repo https:\/\/git\.example\/shop is not permitted in project 'team'/,
    ],
    [
      'a destination that its project does not permit',
      manifest('a', {
        project: 'team',
        source: { repoURL: 'https://git.example/team/app', path: 'x' },
        destination: { name: 'us-1', namespace: 'team' },
      }),
      /server 'us-1' and namespace 'team' do not match any of the allowed destinations in project 'team'/,
    ],
  ])('has %s', (_, bad, message) => {
    const projects = [
      { name: 'team', spec: { sourceRepos: ['https://git.example/team/*'], destinations: [{ name: 'eu-*', namespace: 'team' }] } },
    ]
    const { valid, problems } = validate([bad, manifest('good')], { projects })
    expect(valid.map((one) => one.manifest.metadata.name)).toEqual(['good'])
    expect(problems).toHaveLength(1)
    expect(`${problems[0]?.path}: ${problems[0]?.message}`).toMatch(message)
  })

  it('has a name that another element of the set has: the first keeps it', () => {
    const { valid, problems, conditions } = validate([manifest('a'), manifest('a', { destination: { name: 'us-1' } })])
    expect(valid.map((one) => one.clusterId)).toEqual(['c-eu'])
    expect(problems.map((problem) => problem.message)).toEqual([
      expect.stringContaining('generators[0].list element 0 gives an application of that name too'),
    ])
    expect(conditions.get('a')).toEqual([])
  })

  it('has a name that belongs to somebody else, who is named', () => {
    const owners = new Map([['a', 'the ApplicationSet other']])
    expect(messages([manifest('a'), manifest('b')], { owners })).toEqual([expect.stringContaining('belongs to the ApplicationSet other')])
  })

  it('is told everything at once', () => {
    expect(messages([manifest('A', { project: 'ghost', destination: { namespace: 'X' } })])).toHaveLength(4)
  })
})

describe('a destination that is no registered cluster', () => {
  it.each([
    [{ name: 'ap-1' }, /there are no clusters with this name: ap-1/],
    [{ server: 'https://ap-1.example' }, /there is no cluster with this server/],
    [{ server: 'https://kubernetes.default.svc' }, /the hub itself, which runs no workloads/],
    [{ name: 'in-cluster' }, /the hub itself/],
    [{ name: 'eu-1', server: 'https://eu-1.example' }, /both name and server/],
    [{ namespace: 'x' }, /neither server nor name/],
  ])('%j keeps the application, without a cluster and with a condition', (destination, message) => {
    const { valid, problems, conditions } = validate([manifest('a', { destination })])
    expect(valid).toHaveLength(1)
    expect(valid[0]?.clusterId).toBeNull()
    expect(valid[0]?.conditions).toEqual([
      { type: invalidSpec, status: 'True', reason: invalidSpec, message: expect.stringMatching(message), lastTransitionAtMs: nowMs },
    ])
    expect(conditions.get('a')).toEqual(valid[0]?.conditions)
    expect(problems).toHaveLength(1)
  })

  it('is fine when the hub is registered', () => {
    const hub = { id: 'c-hub', name: 'home', server: 'https://kubernetes.default.svc', project: null }
    const { valid, problems } = validate([manifest('a', { destination: { server: 'https://kubernetes.default.svc' } })], {
      clusters: [...clusters, hub],
    })
    expect(problems).toEqual([])
    expect(valid[0]?.clusterId).toBe('c-hub')
  })

  it('names all that it could mean', () => {
    const twin = { id: 'c-twin', name: 'eu-1', server: 'https://twin.example', project: null }
    expect(messages([manifest('a')], { clusters: [...clusters, twin] })).toEqual([
      expect.stringMatching(/means 2 clusters: eu-1 \(https:\/\/eu-1\.example\), eu-1 \(https:\/\/twin\.example\)/),
    ])
  })
})

describe('the project default', () => {
  it('permits everything until somebody applies one', () => {
    expect(messages([manifest('a')])).toEqual([])
    expect(messages([manifest('a')], { projects: [{ name: 'default', spec: {} }] })).toHaveLength(2)
  })
})

describe('whatever is generated', () => {
  it('valid names are unique, each application stands for itself, and every one left out is named', () => {
    const one = fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'Bad', ''), fc.constantFrom('eu-1', 'us-1', 'gone'), fc.constantFrom('default', 'ghost'))
      .map(([name, cluster, project]) => manifest(name, { project, destination: { name: cluster } }))
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), fc.subarray(['a', 'b']), (manifests, owned) => {
        const owners = new Map(owned.map((name) => [name, 'somebody']))
        const { valid, problems } = validate(manifests, { owners })
        const names = valid.map((application) => application.manifest.metadata.name)
        expect(new Set(names).size).toBe(names.length)
        expect(names.some((name) => owned.includes(name))).toBe(false)
        for (const application of valid) expect(application.clusterId === null).toBe(application.conditions.length > 0)
        const named = new Set(problems.map((problem) => /element (\d+)/.exec(problem.message)?.[1]))
        expect(valid.filter((application) => application.conditions.length === 0).length + named.size).toBeLessThanOrEqual(manifests.length)
        expect(valid.length + named.size).toBeGreaterThanOrEqual(manifests.length)
      }),
    )
  })
})
