import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GeneratorSources } from '../../../activities/answers-sources.ts'
import type { ReconcileResult } from '../../../activities/entity-activities.ts'
import { reconcileActivities } from '../../../activities/reconcile-application-set.ts'
import type { ClusterGateway } from '../../../clusters/gateway.ts'
import type { ApplicationSet } from '../../../fleet/application-set.ts'
import { secondLookAfterMs } from '../../../fleet/set/deletion-breaker.ts'
import { parseManifests } from '../../../manifests/parse.ts'
import { createScm } from '../../../repos/scm/create-scm.ts'
import { type Gitea, startGitea } from '../../../sandbox/gitea.ts'
import { reconcileDependencies } from '../../support/reconcile-dependencies.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'
import { tool } from '../../support/tools.ts'
import { registered, useStore } from '../store/store-fixture.ts'

// The reconciler as the worker runs it, on a real database and a real Gitea. No cluster is asked in a pass.

const db = useStore()
let gitea: Gitea
let reconcile: (set: ApplicationSet) => Promise<ReconcileResult>
let sources: GeneratorSources
let aheadMs = 0
const nowMs = () => Date.now() + aheadMs

beforeAll(async () => {
  const dir = await sandboxDirectory()
  gitea = await startGitea({ dir: join(dir, 'gitea'), binary: await tool('gitea') })
  const readSecret = async () => gitea.token
  sources = {
    scm: createScm({ policy: { allowLoopback: true, allowedApis: [] }, readSecret, readConfigMap: async () => null, nowMs }),
    readConfigMap: async () => null,
    scmPolicy: { enabled: true, allowedApis: [] },
    gitFileGlobbing: 'pathspec',
    hub: { cluster: 'in-cluster', namespace: 'argocd' },
  }
  const deps = await reconcileDependencies(dir, { store: db.store, gateway: {} as ClusterGateway, nowMs, sources })
  const { reconcileApplicationSet } = reconcileActivities(deps)
  reconcile = (set) => new MockActivityEnvironment().run(reconcileApplicationSet, { applicationSetId: set.id })
  await gitea.createOrganization('acme')
  await registered(db.store, { name: 'eu-1', labels: { region: 'eu' } })
  await registered(db.store, { name: 'us-1', labels: { region: 'us' } })
  await db.store.projects.apply('default', { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] })
})
afterAll(async () => {
  sources?.scm.close()
  await gitea?.stop()
})

async function apply(name: string, spec: object): Promise<ApplicationSet> {
  const manifest = { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', metadata: { name }, spec }
  const { value, problems } = parseManifests(JSON.stringify(manifest))
  const [found] = value ?? []
  if (found?.kind !== 'ApplicationSet') throw new Error(JSON.stringify(problems))
  return (await db.store.applicationSets.apply(found.metadata, found.spec, 'ann')).set
}
const applicationsOf = async (set: ApplicationSet) =>
  (await db.store.applications.ofSet(set.id)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
const namesOf = async (set: ApplicationSet) => (await applicationsOf(set)).map((application) => application.name)
const seen = async (set: ApplicationSet) => {
  const found = await db.store.applicationSets.get(set.id)
  if (found === null) throw new Error('the set is gone')
  return found
}
const template = (name: string, source: object, destination: string) => ({
  metadata: { name },
  spec: { project: 'default', source, destination: { name: destination, namespace: 'web' }, syncPolicy: { automated: {} } },
})
const deploy = { 'deploy/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n' }

describe('an application set of which a part is left out', () => {
  const source = { repoURL: 'https://git.invalid/x', path: '.' }

  it('looks again soon, because nobody tells when a name becomes free', async () => {
    const generators = [{ list: { elements: [{ name: 'taken' }] } }]
    await apply('owner', { generators, template: template('{{name}}', source, 'eu-1') }).then(reconcile)
    const second = await apply('second', { generators, template: template('{{name}}', source, 'eu-1') })
    expect((await reconcile(second)).requeueAfterMs).toBe(180_000)
    expect(await namesOf(second)).toEqual([])
  })

  it('looks again sooner than its generators want, when the host failed for one element', async () => {
    await gitea.createRepository({ owner: 'acme', name: 'there' }, { files: deploy })
    const api = gitea.url
    const pullRequest = { gitea: { api, owner: 'acme', repo: '{{repo}}', tokenRef: { secretName: 'gitea', key: 'token' } } }
    const repos = { list: { elements: [{ repo: 'there' }, { repo: 'not-yet-there' }] } }
    const partly = await apply('partly', {
      generators: [{ matrix: { generators: [repos, { pullRequest }] } }],
      template: template('{{repo}}-{{number}}', source, 'eu-1'),
    })
    expect((await reconcile(partly)).requeueAfterMs).toBe(180_000)
  })
})

describe('an application set with a git generator', () => {
  it('gives an application for each directory and cluster', async () => {
    const repoURL = await gitea.createRepository(
      { owner: 'acme', name: 'fleet' },
      { files: { 'apps/web/a.yaml': deploy['deploy/config.yaml'], 'apps/api/a.yaml': deploy['deploy/config.yaml'], 'docs/x.md': 'x' } },
    )
    const git = { git: { repoURL, revision: 'main', directories: [{ path: 'apps/*' }] } }
    const set = await apply('dirs', {
      goTemplate: true,
      generators: [{ matrix: { generators: [git, { clusters: { selector: { matchLabels: { region: 'eu' } } } }] } }],
      template: template('{{.path.basename}}-{{.name}}', { repoURL, path: '{{.path.path}}', targetRevision: 'main' }, '{{.name}}'),
    })
    expect((await reconcile(set)).requeueAfterMs).toBe(180_000)
    expect(await namesOf(set)).toEqual(['api-eu-1', 'web-eu-1'])
    expect((await applicationsOf(set)).map((application) => application.wantedVersionId)).not.toContain(null)
  })

  it('gives an application for each file, with what is in it', async () => {
    const repoURL = await gitea.createRepository(
      { owner: 'acme', name: 'config' },
      { files: { 'clusters/eu.json': '{"site": {"name": "one"}}', 'clusters/us.yaml': 'site: {name: two}\n', ...deploy } },
    )
    const set = await apply('files', {
      goTemplate: true,
      generators: [{ git: { repoURL, revision: 'HEAD', files: [{ path: 'clusters/*' }] } }],
      template: template('site-{{.site.name}}', { repoURL, path: 'deploy' }, 'eu-1'),
    })
    await reconcile(set)
    expect(await namesOf(set)).toEqual(['site-one', 'site-two'])
  })

  it('changes nothing while its repository is not there', async () => {
    const set = await apply('missing', {
      generators: [{ git: { repoURL: `${gitea.url}/acme/nowhere.git`, revision: 'main', directories: [{ path: '*' }] } }],
      template: template('{{path.basename}}', { repoURL: `${gitea.url}/acme/nowhere.git`, path: '.' }, 'eu-1'),
    })
    await reconcile(set)
    expect(await namesOf(set)).toEqual([])
    expect((await seen(set)).conditions).toContainEqual(
      expect.objectContaining({ type: 'ErrorOccurred', status: 'True', message: expect.stringContaining('nowhere') }),
    )
  })
})

describe('an application set with a pullRequest generator', () => {
  const web = { owner: 'acme', name: 'web' }
  let set: ApplicationSet
  let numbers: readonly number[]

  beforeAll(async () => {
    const repoURL = await gitea.createRepository(web, { files: deploy })
    const open = (branch: string, labels: readonly string[]) => gitea.openPullRequest(web, { branch, labels })
    const pulls = [await open('one', ['preview']), await open('two', ['preview', 'x']), await open('three', [])]
    numbers = pulls.map((pull) => pull.number)
    const tokenRef = { secretName: 'gitea', key: 'token' }
    set = await apply('previews', {
      goTemplate: true,
      generators: [
        { pullRequest: { gitea: { api: gitea.url, owner: 'acme', repo: 'web', labels: ['preview'], tokenRef }, requeueAfterSeconds: 60 } },
      ],
      template: template('web-pr-{{.number}}', { repoURL, path: 'deploy', targetRevision: '{{.head_sha}}' }, 'eu-1'),
    })
  })

  it('gives an application for each open pull request with the label, at its commit, and looks again after the stated time', async () => {
    const result = await reconcile(set)
    expect(result.requeueAfterMs).toBe(60_000)
    const applications = await applicationsOf(set)
    expect(applications.map((application) => application.name)).toEqual([`web-pr-${numbers[0]}`, `web-pr-${numbers[1]}`])
    const pull = await gitea.api<{ head: { sha: string } }>('GET', `/repos/acme/web/pulls/${numbers[0]}`)
    expect(applications[0]?.manifest.spec.source?.targetRevision).toBe(pull.head.sha)
    expect(applications[0]?.wantedVersionId).not.toBeNull()
    expect(result.rolloutId).not.toBeNull()
  })

  it('gives one more when one is opened, and lets a closed one go when a second look finds the same', async () => {
    const { number } = await gitea.openPullRequest(web, { branch: 'four', labels: ['preview'] })
    await reconcile(set)
    expect(await namesOf(set)).toContain(`web-pr-${number}`)
    await gitea.closePullRequest(web, number)
    await reconcile(set)
    const { heldDeletion } = await seen(set)
    expect(heldDeletion?.applicationNames).toEqual([`web-pr-${number}`])
    expect(await namesOf(set)).toContain(`web-pr-${number}`)
    expect((await reconcile(set)).requeueAfterMs).toBeLessThanOrEqual(secondLookAfterMs)
    expect(await namesOf(set)).toContain(`web-pr-${number}`)
    aheadMs += secondLookAfterMs
    await reconcile(set)
    const deleted = (await applicationsOf(set)).filter((application) => application.deletion !== null)
    expect(deleted.map((application) => application.name)).toEqual([`web-pr-${number}`])
  })

  it('keeps its applications while the host can not be reached, and says why', async () => {
    const before = await applicationsOf(set)
    const { expandedAtMs } = await seen(set)
    await gitea.stop()
    const result = await reconcile(set)
    expect(result).toMatchObject({ rolloutId: null, removals: [], requeueAfterMs: 180_000 })
    expect(await applicationsOf(set)).toEqual(before)
    const after = await seen(set)
    expect(after.conditions).toContainEqual(
      expect.objectContaining({
        type: 'ErrorOccurred',
        status: 'True',
        message: expect.stringContaining("can't be reached: ECONNREFUSED"),
      }),
    )
    expect(after.conditions).toContainEqual(expect.objectContaining({ type: 'ExpansionStale', status: 'True' }))
    expect(after.expandedAtMs).toBe(expandedAtMs)
  })
})
