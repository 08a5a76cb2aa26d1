import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { FleetError } from '../../../fleet/errors.ts'
import { verifyAndParseEvent } from '../../../repos/webhook.ts'

const secret = 'a secret'
const after = 'a'.repeat(40)
const body = (payload: unknown) => Buffer.from(JSON.stringify(payload))
const sign = (raw: Buffer, key = secret) => createHmac('sha256', key).update(raw).digest('hex')
const github = {
  ref: 'refs/heads/main',
  after,
  repository: {
    html_url: 'https://Git.example.com/team/apps',
    clone_url: 'https://git.example.com/team/apps.git',
    git_url: 'git://git.example.com/team/apps.git',
    ssh_url: 'git@git.example.com:team/apps.git',
    owner: { login: 'team' },
    name: 'apps',
    default_branch: 'main',
  },
}
const gitlab = {
  object_kind: 'push',
  ref: 'refs/heads/main',
  after,
  project: {
    id: 7,
    path_with_namespace: 'team/apps',
    web_url: 'https://git.example.com/team/apps',
    git_http_url: 'https://git.example.com/team/apps.git',
    default_branch: 'main',
  },
}

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return error instanceof FleetError ? error.code : 'another error'
  }
  return 'none'
}

describe('verifyAndParseEvent', () => {
  it('reads a push of GitHub', () => {
    const rawBody = body(github)
    const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(rawBody)}` }
    expect(verifyAndParseEvent({ headers, rawBody, secrets: [secret] })).toEqual({
      outcome: 'event',
      event: {
        kind: 'push',
        repository: {
          host: 'github',
          urls: [
            'https://git.example.com/team/apps.git',
            'https://Git.example.com/team/apps',
            'git://git.example.com/team/apps.git',
            'git@git.example.com:team/apps.git',
          ],
          names: { owner: ['team'], repo: ['apps'] },
        },
        refs: ['refs/heads/main'],
        touchedHead: true,
      },
    })
  })

  it('reads a push of Gitea by either of its signatures, though it sends the headers of GitHub too', () => {
    const rawBody = body({ ...github, ref: 'refs/tags/v1' })
    for (const signature of [{ 'x-gitea-signature': sign(rawBody) }, { 'x-hub-signature-256': `sha256=${sign(rawBody)}` }]) {
      const headers = { 'x-github-event': 'push', 'x-gitea-event': 'push', ...signature }
      expect(verifyAndParseEvent({ headers, rawBody, secrets: [secret] })).toMatchObject({
        event: { kind: 'push', repository: { host: 'gitea' }, refs: ['refs/tags/v1'], touchedHead: false },
      })
    }
  })

  it('reads pushes and tags of GitLab by their token', () => {
    for (const [event, kind] of [
      ['Push Hook', 'push'],
      ['Tag Push Hook', 'tag_push'],
      ['System Hook', 'push'],
    ] as const) {
      const headers = { 'x-gitlab-event': event, 'x-gitlab-token': secret }
      expect(verifyAndParseEvent({ headers, rawBody: body({ ...gitlab, object_kind: kind }), secrets: [secret] })).toMatchObject({
        event: {
          kind: 'push',
          repository: {
            host: 'gitlab',
            urls: ['https://git.example.com/team/apps.git', 'https://git.example.com/team/apps'],
            names: { project: ['7', 'team/apps', 'team%2Fapps'] },
          },
          touchedHead: true,
        },
      })
    }
  })

  it('takes any of several secrets, so that they can be rotated', () => {
    const rawBody = body(github)
    const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(rawBody, 'old')}` }
    expect(verifyAndParseEvent({ headers, rawBody, secrets: ['new', 'old'] }).outcome).toBe('event')
  })

  it('ignores pings and other events, with a reason', () => {
    const rawBody = body({ zen: 'x' })
    for (const event of ['ping', 'issues']) {
      const headers = { 'x-github-event': event, 'x-hub-signature-256': `sha256=${sign(rawBody)}` }
      expect(verifyAndParseEvent({ headers, rawBody, secrets: [secret] })).toMatchObject({
        outcome: 'ignored',
        reason: expect.stringContaining(event),
      })
    }
  })

  it('refuses everything without a secret', () => {
    const rawBody = body(github)
    for (const secrets of [[], ['']]) {
      const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(rawBody, '')}` }
      expect(codeOf(() => verifyAndParseEvent({ headers, rawBody, secrets }))).toBe('UNAUTHENTICATED')
    }
  })

  it.each([
    ['no signature', { 'x-github-event': 'push' }],
    ['another secret', { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(body(github), 'other')}` }],
    ['the old SHA-1 signature only', { 'x-github-event': 'push', 'x-hub-signature': 'sha1=00' }],
    ['a signature of another length', { 'x-github-event': 'push', 'x-hub-signature-256': 'sha256=00' }],
    ['a signature without its scheme', { 'x-github-event': 'push', 'x-hub-signature-256': sign(body(github)) }],
    ['a wrong token', { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': 'wrong' }],
    ['a signature in place of the token', { 'x-gitlab-event': 'Push Hook', 'x-hub-signature-256': `sha256=${sign(body(github))}` }],
    [
      'a Bitbucket signature in the header of GitHub',
      { 'x-event-key': 'repo:push', 'x-hub-signature-256': `sha256=${sign(body(github))}` },
    ],
    ['a wrong password', { 'x-vss-activityid': 'x', authorization: basic('user', 'wrong') }],
    ['the secret as the name of the user', { 'x-vss-activityid': 'x', authorization: basic(secret, '') }],
    ['a password that is not Basic', { 'x-vss-activityid': 'x', authorization: `Bearer ${secret}` }],
    ['no password', { 'x-vss-activityid': 'x' }],
  ])('refuses %s', (_, headers) => {
    expect(codeOf(() => verifyAndParseEvent({ headers, rawBody: body(github), secrets: [secret] }))).toBe('UNAUTHENTICATED')
  })

  it('refuses what no known host sends as bad input, even if it is signed', () => {
    const headers = { 'x-random-event': 'push', 'x-hub-signature-256': `sha256=${sign(body(github))}` }
    expect(codeOf(() => verifyAndParseEvent({ headers, rawBody: body(github), secrets: [secret] }))).toBe('INVALID_INPUT')
    expect(codeOf(() => verifyAndParseEvent({ headers, rawBody: body(github), secrets: [] }))).toBe('UNAUTHENTICATED')
  })

  it('checks the signature over the bytes as they came', () => {
    const rawBody = Buffer.from(` ${JSON.stringify(github)}`)
    const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(body(github))}` }
    expect(codeOf(() => verifyAndParseEvent({ headers, rawBody, secrets: [secret] }))).toBe('UNAUTHENTICATED')
  })

  it('refuses a body that is too long before it looks at anything else', () => {
    expect(codeOf(() => verifyAndParseEvent({ headers: {}, rawBody: Buffer.alloc(1024 * 1024 + 1), secrets: [] }))).toBe('LIMIT_EXCEEDED')
  })

  it('refuses genuine nonsense as bad input', () => {
    for (const rawBody of [Buffer.from('payload=%7B%7D'), body([]), body({}), body({ ref: 1, repository: { clone_url: 'file:///etc' } })]) {
      const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(rawBody)}` }
      expect(codeOf(() => verifyAndParseEvent({ headers, rawBody, secrets: [secret] }))).toBe('INVALID_INPUT')
    }
  })
})

/** How each host sends an event of a name. */
const senders = {
  github: (event: string, raw: Buffer) => ({ 'x-github-event': event, 'x-hub-signature-256': `sha256=${sign(raw)}` }),
  gitea: (event: string, raw: Buffer) => ({ 'x-gitea-event': event, 'x-gitea-signature': sign(raw) }),
  gitlab: () => ({ 'x-gitlab-event': 'Merge Request Hook', 'x-gitlab-token': secret }),
  bitbucket: (event: string, raw: Buffer) => ({
    'x-event-key': event,
    'x-hook-uuid': 'u',
    'x-hub-signature': `sha256=${sign(raw)}`,
  }),
  bitbucketServer: (event: string, raw: Buffer) => ({ 'x-event-key': event, 'x-hub-signature': `sha256=${sign(raw)}` }),
  azuredevops: () => ({ 'x-vss-activityid': 'x', authorization: basic('anybody', secret) }),
}
function read(host: keyof typeof senders, event: string, payload: object) {
  const rawBody = body(payload)
  return verifyAndParseEvent({ headers: senders[host](event, rawBody), rawBody, secrets: [secret] })
}
const bitbucketRepository = { full_name: 'team/apps', links: { html: { href: 'https://bitbucket.org/team/apps' } } }
const serverRepository = {
  slug: 'apps',
  project: { key: 'TEAM' },
  links: {
    clone: [{ href: 'https://bb.example/scm/team/apps.git' }, { href: 'ssh://git@bb.example:7999/team/apps.git' }],
    self: [{ href: 'https://bb.example/projects/TEAM/repos/apps/browse' }],
  },
}
const azureRepository = {
  id: 'r-1',
  name: 'apps',
  project: { id: 'p-1', name: 'team' },
  defaultBranch: 'refs/heads/main',
  remoteUrl: 'https://dev.azure.com/org/team/_git/apps',
}

describe('an event about a pull request', () => {
  const at = { owner: ['team'], repo: ['apps'] }
  it.each([
    ['github', 'pull_request', { action: 'opened', ...github }, at],
    ['gitea', 'pull_request', { action: 'label_updated', ...github }, at],
    [
      'gitlab',
      '',
      { ...gitlab, object_kind: 'merge_request', object_attributes: { action: 'update' } },
      { project: ['7', 'team/apps', 'team%2Fapps'] },
    ],
    ['bitbucket', 'pullrequest:created', { repository: bitbucketRepository }, at],
    ['bitbucketServer', 'pr:opened', { pullRequest: { toRef: { repository: serverRepository } } }, { project: ['TEAM'], repo: ['apps'] }],
    [
      'azuredevops',
      '',
      { eventType: 'git.pullrequest.updated', resource: { repository: azureRepository } },
      { organization: ['org'], project: ['team', 'p-1'], repo: ['apps', 'r-1'] },
    ],
  ] as const)('of %s says of which repository it is', (host, event, payload, names) => {
    expect(read(host, event, payload)).toMatchObject({ outcome: 'event', event: { kind: 'pullRequest', repository: { host, names } } })
  })

  it.each([
    ['github', ['opened', 'closed', 'reopened', 'synchronize', 'edited', 'labeled', 'unlabeled', 'converted_to_draft', 'ready_for_review']],
    ['gitea', ['opened', 'closed', 'reopened', 'synchronized', 'edited', 'label_updated', 'label_cleared']],
  ] as const)('of %s counts when a list of pull requests may differ from now on, and not when somebody is assigned', (host, actions) => {
    for (const action of actions) expect(read(host, 'pull_request', { action, ...github }).outcome).toBe('event')
    for (const action of ['assigned', 'review_requested', 'milestoned', 7, undefined])
      expect(read(host, 'pull_request', { action, ...github }).outcome).toBe('ignored')
  })

  it('of GitLab does not count when it is an approval', () => {
    const payload = { ...gitlab, object_kind: 'merge_request', object_attributes: { action: 'approved' } }
    expect(read('gitlab', '', payload).outcome).toBe('ignored')
  })

  it('that names no repository is bad input', () => {
    const endless = { ...github.repository, name: 'x'.repeat(3000), owner: { login: 'x'.repeat(3000) } }
    expect(codeOf(() => read('github', 'pull_request', { action: 'opened', repository: endless }))).toBe('INVALID_INPUT')
    expect(codeOf(() => read('github', 'pull_request', { action: 'opened' }))).toBe('INVALID_INPUT')
    expect(codeOf(() => read('azuredevops', '', { eventType: 'git.pullrequest.created', resource: null }))).toBe('INVALID_INPUT')
  })
})

describe('a push', () => {
  it('of Bitbucket Cloud names every branch and tag that it changed, also deleted ones', () => {
    const changes = [
      { new: { type: 'branch', name: 'feature/x' }, old: null },
      { new: null, old: { type: 'tag', name: 'v1' } },
    ]
    expect(read('bitbucket', 'repo:push', { push: { changes }, repository: bitbucketRepository })).toMatchObject({
      event: {
        refs: ['refs/heads/feature/x', 'refs/tags/v1'],
        touchedHead: null,
        repository: { urls: ['https://bitbucket.org/team/apps'] },
      },
    })
  })

  it('of Bitbucket Server names what is cloned', () => {
    const changes = [{ ref: { id: 'refs/heads/main' } }]
    expect(read('bitbucketServer', 'repo:refs_changed', { changes, repository: serverRepository })).toMatchObject({
      event: {
        refs: ['refs/heads/main'],
        touchedHead: null,
        repository: { urls: expect.arrayContaining(['https://bb.example/scm/team/apps.git', 'ssh://git@bb.example:7999/team/apps.git']) },
      },
    })
  })

  it('of Azure DevOps says whether the default branch is in it', () => {
    const push = (name: string) => ({ eventType: 'git.push', resource: { refUpdates: [{ name }], repository: azureRepository } })
    expect(read('azuredevops', '', push('refs/heads/main'))).toMatchObject({ event: { touchedHead: true } })
    expect(read('azuredevops', '', push('refs/heads/x'))).toMatchObject({
      event: { touchedHead: false, repository: { urls: ['https://dev.azure.com/org/team/_git/apps'] } },
    })
  })
})
