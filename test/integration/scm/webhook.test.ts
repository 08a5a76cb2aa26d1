import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Hints } from '../../../commands/context.ts'
import type { ApplicationSet } from '../../../fleet/application-set.ts'
import type { JsonObject } from '../../../fleet/json.ts'
import { normalizeRepositoryUrl } from '../../../repos/url.ts'
import { type Gitea, type GiteaRepository, startGitea } from '../../../sandbox/gitea.ts'
import { createWebhook } from '../../../server/webhook.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'
import { tool } from '../../support/tools.ts'
import { useStore } from '../store/store-fixture.ts'

// A real Gitea delivers its webhooks to the handler of the server, which works on a real database.

const db = useStore()
const secret = 'a secret of webhooks'
/** Gitea delivers from a queue. */
const deliveredWithinMs = 20_000
const web = { owner: 'acme', name: 'web' }
const api = { owner: 'acme', name: 'api' }
let gitea: Gitea
let server: Server
let repoURL: string
let previews: ApplicationSet
let others: ApplicationSet
let told: string[]
/** Events that were answered, in order. */
let answered: { readonly event: string; readonly status: number }[]

beforeAll(async () => {
  gitea = await startGitea({ dir: join(await sandboxDirectory(), 'gitea'), binary: await tool('gitea') })
  await gitea.createOrganization('acme')
  repoURL = await gitea.createRepository(web, { files: { 'a.txt': 'a' } })
  await gitea.createRepository(api)
  const { value } = normalizeRepositoryUrl(repoURL)
  await db.store.repositories.ensure(repoURL, value ?? '')
  previews = await applied('previews', { matrix: { generators: [{ clusters: {} }, pullRequests('web')] } })
  others = await applied('others', pullRequests('api'))

  const hints = {
    repositoryChanged: (id: string) => told.push(`repository ${id}`),
    applicationSetsChanged: (ids: readonly string[]) => told.push(...ids),
  } as unknown as Hints
  const silent = () => undefined
  const webhook = createWebhook({ store: db.store, hints, secret, log: { info: silent, warn: silent } })
  server = createServer((request, response) => {
    const event = String(request.headers['x-gitea-event'])
    response.on('finish', () => answered.push({ event, status: response.statusCode }))
    webhook(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  await hook(web, secret)
})
afterAll(async () => {
  server?.closeAllConnections()
  server?.close()
  await gitea?.stop()
})
beforeEach(() => {
  told = []
  answered = []
})

function pullRequests(repo: string) {
  return { pullRequest: { gitea: { api: gitea.url, owner: 'Acme', repo } } }
}

async function applied(name: string, generator: JsonObject): Promise<ApplicationSet> {
  return (await db.store.applicationSets.apply({ name }, { generators: [generator], template: {} }, 'ann')).set
}

async function hook({ owner, name }: GiteaRepository, key: string): Promise<void> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const wanted = { type: 'gitea', active: true, events: ['push', 'pull_request'], config: { url, content_type: 'json', secret: key } }
  await gitea.api('POST', `/repos/${owner}/${name}/hooks`, wanted)
}

const passOf = async (set: ApplicationSet) => (await db.store.applicationSets.pass(set.id)).wantedPass

describe('a webhook of a real Gitea', () => {
  it.each([
    ['opened', () => gitea.openPullRequest(web, { branch: 'opened' })],
    ['labelled', (number: number) => gitea.setLabels(web, number, ['preview'])],
    ['given another title', (number: number) => gitea.api('PATCH', `/repos/acme/web/pulls/${number}`, { title: 'Another' })],
    ['closed', (number: number) => gitea.closePullRequest(web, number)],
  ])('about a pull request that is %s makes the sets look again that list it, and no others', async (what, change) => {
    const { number } = what === 'opened' ? { number: 0 } : await gitea.openPullRequest(web, { branch: what.replaceAll(' ', '-') })
    if (number > 0) await expect.poll(() => answered, { timeout: deliveredWithinMs }).toContainEqual({ event: 'pull_request', status: 200 })
    answered = []
    told = []
    const [before, othersBefore] = [await passOf(previews), await passOf(others)]
    await change(number)
    await expect.poll(() => told, { timeout: deliveredWithinMs }).toContain(previews.id)
    expect(await passOf(previews)).toBeGreaterThan(before)
    expect(await passOf(others)).toBe(othersBefore)
    expect(told).not.toContain(others.id)
  })

  it('about new commits of a pull request makes them look again', async () => {
    await gitea.openPullRequest(web, { branch: 'more' })
    await expect.poll(() => answered, { timeout: deliveredWithinMs }).toContainEqual({ event: 'pull_request', status: 200 })
    const before = await passOf(previews)
    told = []
    await gitea.commit(web, 'more', { files: { 'more2.txt': 'more' } })
    await expect.poll(() => told, { timeout: deliveredWithinMs }).toContain(previews.id)
    expect(await passOf(previews)).toBeGreaterThan(before)
  })

  it('about a push makes its repository be looked at', async () => {
    const repository = await db.store.repositories.getByUrl(normalizeRepositoryUrl(repoURL).value ?? '')
    await gitea.commit(web, 'main', { files: { 'b.txt': 'b' } })
    await expect.poll(() => told, { timeout: deliveredWithinMs }).toContain(`repository ${repository?.id}`)
  })

  it('with another secret is refused and changes nothing', async () => {
    await hook(api, 'another secret')
    const before = await passOf(others)
    await gitea.openPullRequest(api, { branch: 'refused' })
    await expect.poll(() => answered, { timeout: deliveredWithinMs }).toContainEqual({ event: 'pull_request', status: 401 })
    expect(told).not.toContain(others.id)
    expect(await passOf(others)).toBe(before)
  })
})
