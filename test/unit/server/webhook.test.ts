import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Hints } from '../../../commands/context.ts'
import { createWebhook } from '../../../server/webhook.ts'
import type { Repository, Store } from '../../../store/store.ts'

const secret = 'a secret of webhooks'
const url = 'https://git.example/team/apps'
const sign = (body: string, key = secret) => createHmac('sha256', key).update(body).digest('hex')
const payload = (repository: string) => ({
  ref: 'refs/heads/main',
  repository: { clone_url: `${repository}.git` },
  project: { git_http_url: `${repository}.git` },
  object_kind: 'push',
})

const github = (body: string, key = secret) => ({ 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(body, key)}` })
const gitea = (body: string, key = secret) => ({ 'x-gitea-event': 'push', 'x-gitea-signature': sign(body, key) })
const gitlab = (_: string, key = secret) => ({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': key })
const hosts = [
  ['GitHub', github],
  ['Gitea', gitea],
  ['GitLab', gitlab],
] as const

/** Sends one event and gives what was answered, and which repositories were looked at because of it. */
async function send(options: { readonly headers: object; readonly body: string; readonly secret?: string | null }) {
  const woken: string[] = []
  const asked: string[] = []
  const logged: string[] = []
  const getByUrl = async (asking: string) => {
    asked.push(asking)
    return asking === url ? ({ id: 'r-1' } as Repository) : null
  }
  const webhook = createWebhook({
    store: { repositories: { getByUrl } } as unknown as Store,
    hints: { repositoryChanged: (id: string) => woken.push(id) } as unknown as Hints,
    secret: options.secret === undefined ? secret : options.secret,
    log: { info: (facts) => logged.push(JSON.stringify(facts)), warn: (facts) => logged.push(JSON.stringify(facts)) },
  })
  const request = Object.assign(Readable.from([Buffer.from(options.body)]), { headers: options.headers })
  const answer = { status: 0, text: '' }
  const response = {
    writeHead: (status: number) => {
      answer.status = status
      return response
    },
    end: (text: string) => {
      answer.text = text
    },
  }
  await webhook(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  return { ...answer, woken, asked, logged: logged.join('\n') }
}

describe.each(hosts)('a push event of %s', (_, headersOf) => {
  const body = JSON.stringify(payload(url))

  it('with the right signature wakes the repository that it names', async () => {
    expect(await send({ headers: headersOf(body), body })).toMatchObject({ status: 202, woken: ['r-1'], text: '{"woken":1}\n' })
  })

  it('with another signature is refused before anything is looked up', async () => {
    const answer = await send({ headers: headersOf(body, 'another secret'), body })
    expect(answer).toMatchObject({ status: 401, woken: [], asked: [] })
    expect(answer.text + answer.logged).not.toContain(secret)
  })

  it('is refused while no secret is configured, whatever it is signed with', async () => {
    for (const key of [secret, '', 'null', 'undefined']) {
      expect(await send({ headers: headersOf(body, key), body, secret: null })).toMatchObject({ status: 401, woken: [], asked: [] })
    }
  })

  it('without a signature is refused', async () => {
    const unsigned = Object.fromEntries(Object.entries(headersOf(body)).filter(([name]) => name.endsWith('-event')))
    expect(await send({ headers: unsigned, body })).toMatchObject({ status: 401, woken: [], asked: [] })
  })

  it('about a repository that nobody uses wakes nothing, and makes no row for it', async () => {
    const other = JSON.stringify(payload('https://git.example/somebody/else'))
    expect(await send({ headers: headersOf(other), body: other })).toMatchObject({ status: 202, woken: [], text: '{"woken":0}\n' })
  })
})

describe('a webhook', () => {
  it('whose signed body was changed is refused', async () => {
    const body = JSON.stringify(payload(url))
    for (const headersOf of [github, gitea]) {
      expect(await send({ headers: headersOf(body), body: `${body} ` })).toMatchObject({ status: 401, woken: [] })
    }
  })

  it('of another event is taken and starts nothing', async () => {
    const body = JSON.stringify(payload(url))
    expect(await send({ headers: { ...github(body), 'x-github-event': 'issues' }, body })).toMatchObject({ status: 200, woken: [] })
  })

  it('of more than a megabyte is refused without being read to its end', async () => {
    const body = 'x'.repeat(1024 * 1024 + 1)
    expect(await send({ headers: github(body), body })).toMatchObject({ status: 413, woken: [] })
  })
})
