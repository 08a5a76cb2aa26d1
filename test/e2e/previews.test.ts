import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gitea, startGitea } from '../../sandbox/gitea.ts'
import { sandboxDirectory } from '../support/sandbox-directory.ts'
import { tool } from '../support/tools.ts'
import { applyManifest, type Fleet, startFleet, until, webFiles } from './fleet.ts'

const web = { owner: 'team', name: 'web' }
let gitea: Gitea
let fleet: Fleet
let repoUrl: string

beforeAll(async () => {
  gitea = await startGitea({ dir: join(await sandboxDirectory(), 'gitea'), binary: await tool('gitea') })
  fleet = await startFleet([{ name: 'eu-1', region: 'eu' }], { ROADSTEAD_ALLOWED_SCM_PROVIDERS: gitea.url })
  await gitea.createOrganization(web.owner)
  repoUrl = await gitea.createRepository(web, {
    files: { 'web/deployment.yaml': webFiles('web:1')['web/deployment.yaml'] ?? '' },
  })
}, 300_000)
afterAll(async () => {
  await fleet?.stop()
  await gitea?.stop()
}, 60_000)

const request = (query: string, input: object) => fleet.api().request(query, { input } as never)

/** Status of the preview's Deployment on the cluster itself, and its image. */
async function preview(number: number): Promise<{ readonly status: number; readonly image: string | undefined }> {
  const path = `/apis/apps/v1/namespaces/web-pr-${number}/deployments/web`
  const { status, body } = (await fleet.clusters[0]?.request('GET', path)) ?? { status: 0, body: {} }
  const { spec } = body as { spec?: { template: { spec: { containers: { image: string }[] } } } }
  return { status, image: spec?.template.spec.containers[0]?.image }
}

describe('a set of pull requests', () => {
  it('gives each with the label an environment of its own on the cluster', async () => {
    await request('mutation($input: SetSecretInput!) { setSecret(input: $input) { userErrors { code message } } }', {
      name: 'gitea',
      data: [{ key: 'token', value: gitea.token }],
    })
    await applyManifest(
      fleet.api(),
      `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: { name: previews }
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
    - pullRequest:
        gitea: { owner: team, repo: web, api: '${gitea.url}', labels: [preview], tokenRef: { secretName: gitea, key: token } }
        requeueAfterSeconds: 2
  template:
    metadata: { name: 'web-pr-{{.number}}' }
    spec:
      project: default
      source: { repoURL: '${repoUrl}', targetRevision: '{{.head_sha}}', path: web }
      destination: { name: eu-1, namespace: 'web-pr-{{.number}}' }
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: [CreateNamespace=true] }
`,
    )
    const { number } = await gitea.openPullRequest(web, { branch: 'one', labels: ['preview'] })
    const other = await gitea.openPullRequest(web, { branch: 'two' })
    await until('the pull request has its environment', async () => (await preview(number)).image === 'web:1')
    expect((await preview(other.number)).status).toBe(404)
  })

  it('takes the environment away when the pull request is closed, without anybody having to confirm', async () => {
    const { number } = await gitea.openPullRequest(web, { branch: 'three', labels: ['preview'] })
    await until('the pull request has its environment', async () => (await preview(number)).status === 200)
    await gitea.closePullRequest(web, number)
    await until('its environment is gone', async () => (await preview(number)).status === 404)
    await until('nothing is left of it', async () => {
      const { application } = await fleet
        .api()
        .request<{ application: unknown }>(`query { application(name: "web-pr-${number}") { name } }`)
      return application === null
    })
    expect((await preview(1)).status).toBe(200)
  })
})
