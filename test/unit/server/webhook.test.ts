import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Hints } from '../../../commands/context.ts'
import type { ApplicationSet } from '../../../fleet/application-set.ts'
import type { Json } from '../../../fleet/json.ts'
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

/** Sends one event and gives what was answered, and which repositories and sets look again because of it. */
async function send(options: {
  readonly headers: object
  readonly body: string
  readonly secret?: string | null
  /** Generators by set. */
  readonly sets?: Readonly<Record<string, Json>>
}) {
  const setsWoken: string[] = []
  const touched: string[] = []
  const woken: string[] = []
  const asked: string[] = []
  const logged: string[] = []
  const getByUrl = async (asking: string) => {
    asked.push(asking)
    return asking === url ? ({ id: 'r-1' } as Repository) : null
  }
  const applicationSets = {
    all: async () =>
      Object.entries(options.sets ?? {}).map(([id, generators]) => ({ id, spec: { generators } }) as unknown as ApplicationSet),
    touch: async (ids: readonly string[]) => {
      touched.push(...ids)
      // One was removed meanwhile.
      return ids.filter((id) => id !== 'gone')
    },
  }
  const webhook = createWebhook({
    store: { repositories: { getByUrl }, applicationSets } as unknown as Store,
    hints: {
      repositoryChanged: (id: string) => woken.push(id),
      applicationSetsChanged: (ids: readonly string[]) => setsWoken.push(...ids),
    } as unknown as Hints,
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
  return { ...answer, woken, asked, setsWoken, touched, logged: logged.join('\n') }
}

describe.each(hosts)('a push event of %s', (_, headersOf) => {
  const body = JSON.stringify(payload(url))

  it('with the right signature wakes the repository that it names', async () => {
    expect(await send({ headers: headersOf(body), body })).toMatchObject({
      status: 200,
      woken: ['r-1'],
      text: '{"repositories":1,"sets":0}\n',
    })
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
    expect(await send({ headers: headersOf(other), body: other })).toMatchObject({
      status: 200,
      woken: [],
      text: '{"repositories":0,"sets":0}\n',
    })
  })
})

describe('a push', () => {
  const body = JSON.stringify(payload(url))
  const sets = {
    reads: [{ git: { repoURL: url, revision: 'main' } }],
    plugin: [{ plugin: {} }],
    list: [{ list: {} }],
  }

  it('leaves sets that read a known repository to its poll: a pass before that would see the old refs', async () => {
    expect(await send({ headers: github(body), body, sets })).toMatchObject({ woken: ['r-1'], setsWoken: ['plugin'] })
  })

  it('to a repository that is not known yet wakes the sets that may come to it', async () => {
    const other = JSON.stringify(payload('https://git.example/team/new'))
    const found = { matrix: { generators: [{ scmProvider: { gitea: {} } }, { git: { repoURL: '{{ url }}', revision: 'main' } }] } }
    expect(await send({ headers: github(other), body: other, sets: { ...sets, found: [found] } })).toMatchObject({
      woken: [],
      setsWoken: ['plugin', 'found'],
    })
  })
})

describe('a pull request event', () => {
  const event = JSON.stringify({
    action: 'opened',
    repository: { ...payload('https://git.example/acme/web').repository, owner: { login: 'acme' }, name: 'web' },
  })
  const previews = (repo: string) => [{ pullRequest: { gitea: { api: 'https://git.example', owner: 'Acme', repo } } }]
  const headers = { ...gitea(event), 'x-gitea-event': 'pull_request' }
  const sets = { web: previews('web'), api: previews('api'), list: [{ list: {} }], gone: previews('web') }

  it('wakes the sets that list the pull requests of that repository, written down before they are told', async () => {
    expect(await send({ headers, body: event, sets })).toMatchObject({
      status: 200,
      text: '{"repositories":0,"sets":1}\n',
      touched: ['web', 'gone'],
      setsWoken: ['web'],
      woken: [],
    })
  })

  it('wakes nothing with another signature, or when none lists them', async () => {
    const refused = await send({ headers: { ...headers, 'x-gitea-signature': sign(event, 'another') }, body: event, sets })
    expect(refused).toMatchObject({ status: 401, touched: [], setsWoken: [] })
    expect(await send({ headers, body: event, sets: { api: previews('api') } })).toMatchObject({ status: 200, touched: [], setsWoken: [] })
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
