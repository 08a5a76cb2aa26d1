import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { FleetError } from '../../../fleet/errors.ts'
import { verifyAndParsePush } from '../../../repos/webhook.ts'

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
  },
}
const gitlab = {
  object_kind: 'push',
  ref: 'refs/heads/main',
  after,
  project: { web_url: 'https://git.example.com/team/apps', git_http_url: 'https://git.example.com/team/apps.git' },
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return error instanceof FleetError ? error.code : 'another error'
  }
  return 'none'
}

describe('verifyAndParsePush', () => {
  it('reads a push of GitHub', () => {
    const rawBody = body(github)
    const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(rawBody)}` }
    expect(verifyAndParsePush({ headers, rawBody, secrets: [secret] })).toEqual({
      outcome: 'push',
      provider: 'GitHub',
      repositoryUrls: ['https://git.example.com/team/apps'],
      ref: 'refs/heads/main',
      after,
    })
  })

  it('reads a push of Gitea by either of its signatures, though it sends the headers of GitHub too', () => {
    const rawBody = body({ ...github, ref: 'refs/tags/v1' })
    for (const signature of [{ 'x-gitea-signature': sign(rawBody) }, { 'x-hub-signature-256': `sha256=${sign(rawBody)}` }]) {
      const headers = { 'x-github-event': 'push', 'x-gitea-event': 'push', ...signature }
      expect(verifyAndParsePush({ headers, rawBody, secrets: [secret] })).toMatchObject({ provider: 'Gitea', ref: 'refs/tags/v1' })
    }
  })

  it('reads pushes and tags of GitLab by their token', () => {
    for (const [event, kind] of [
      ['Push Hook', 'push'],
      ['Tag Push Hook', 'tag_push'],
      ['System Hook', 'push'],
    ] as const) {
      const headers = { 'x-gitlab-event': event, 'x-gitlab-token': secret }
      expect(verifyAndParsePush({ headers, rawBody: body({ ...gitlab, object_kind: kind }), secrets: [secret] })).toMatchObject({
        outcome: 'push',
        provider: 'GitLab',
        repositoryUrls: ['https://git.example.com/team/apps'],
      })
    }
  })

  it('takes any of several secrets, so that they can be rotated', () => {
    const rawBody = body(github)
    const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(rawBody, 'old')}` }
    expect(verifyAndParsePush({ headers, rawBody, secrets: ['new', 'old'] }).outcome).toBe('push')
  })

  it('says that a ref was deleted', () => {
    const rawBody = body({ ...github, after: '0'.repeat(40) })
    const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(rawBody)}` }
    expect(verifyAndParsePush({ headers, rawBody, secrets: [secret] })).toMatchObject({ after: null })
  })

  it('ignores pings and other events, with a reason', () => {
    const rawBody = body({ zen: 'x' })
    for (const event of ['ping', 'issues']) {
      const headers = { 'x-github-event': event, 'x-hub-signature-256': `sha256=${sign(rawBody)}` }
      expect(verifyAndParsePush({ headers, rawBody, secrets: [secret] })).toMatchObject({
        outcome: 'ignored',
        reason: expect.stringContaining(event),
      })
    }
  })

  it('refuses everything without a secret', () => {
    const rawBody = body(github)
    for (const secrets of [[], ['']]) {
      const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(rawBody, '')}` }
      expect(codeOf(() => verifyAndParsePush({ headers, rawBody, secrets }))).toBe('UNAUTHENTICATED')
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
    ['no event', { 'x-hub-signature-256': `sha256=${sign(body(github))}` }],
  ])('refuses %s', (_, headers) => {
    expect(codeOf(() => verifyAndParsePush({ headers, rawBody: body(github), secrets: [secret] }))).toBe('UNAUTHENTICATED')
  })

  it('checks the signature over the bytes as they came', () => {
    const rawBody = Buffer.from(` ${JSON.stringify(github)}`)
    const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(body(github))}` }
    expect(codeOf(() => verifyAndParsePush({ headers, rawBody, secrets: [secret] }))).toBe('UNAUTHENTICATED')
  })

  it('refuses a body that is too long before it looks at anything else', () => {
    expect(codeOf(() => verifyAndParsePush({ headers: {}, rawBody: Buffer.alloc(1024 * 1024 + 1), secrets: [] }))).toBe('LIMIT_EXCEEDED')
  })

  it('refuses genuine nonsense as bad input', () => {
    for (const rawBody of [Buffer.from('payload=%7B%7D'), body([]), body({}), body({ ref: 1, repository: { clone_url: 'file:///etc' } })]) {
      const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(rawBody)}` }
      expect(codeOf(() => verifyAndParsePush({ headers, rawBody, secrets: [secret] }))).toBe('INVALID_INPUT')
    }
  })
})
