import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeRepositoryUrl } from '../../../repos/url.ts'

const normal = (url: string) => normalizeRepositoryUrl(url).value
const refusal = (url: string) =>
  normalizeRepositoryUrl(url)
    .problems.map((problem) => problem.message)
    .join('\n')

describe('normalizeRepositoryUrl', () => {
  it.each([
    ['https://Git.Example.COM/Team/Apps.git', 'https://git.example.com/Team/Apps'],
    ['HTTPS://git.example.com:443/team/apps', 'https://git.example.com/team/apps'],
    ['http://git.example.com:80/team/apps/', 'http://git.example.com/team/apps'],
    ['https://git.example.com:8443/team/apps.git/', 'https://git.example.com:8443/team/apps'],
    ['  https://git.example.com/team//apps.GIT ', 'https://git.example.com/team/apps'],
    ['https://git.example.com./team/apps', 'https://git.example.com/team/apps'],
    ['https://git.example.com/team/x/../apps', 'https://git.example.com/team/apps'],
    ['https://git.example.com/a.git.git', 'https://git.example.com/a'],
  ])('brings %s to one spelling', (url, expected) => {
    expect(normal(url)).toBe(expected)
  })

  it.each([
    ['git@git.example.com:team/apps.git', 'SSH'],
    ['ssh://git@git.example.com/team/apps.git', 'SSH'],
    ['SSH://git@git.example.com/team/apps.git', 'SSH'],
    ['host:team/apps', 'SSH'],
    ['ext::sh -c touch% /tmp/x', 'spaces'],
    ['ext::sh', 'remote helpers'],
    ['EXT::sh', 'remote helpers'],
    ['file:///etc', 'only https and http'],
    ['FILE:///etc', 'only https and http'],
    ['git://git.example.com/a', 'only https and http'],
    ['/srv/git/a', 'only https and http'],
    ['../a', 'only https and http'],
    ['--upload-pack=touch', 'may not start with "-"'],
    ['https://git.example.com/a?x=1', 'no query'],
    ['https://git.example.com/a#b', 'no query'],
    ['https://git.example.com/', 'needs a path'],
    ['https://git.example.com/.git', 'needs a path'],
    ['https:///a', 'host'],
    ['https://git.example.com/a\nb', 'control characters'],
    ['', 'is needed'],
  ])('refuses %s', (url, why) => {
    expect(normal(url)).toBeNull()
    expect(refusal(url).toLowerCase()).toContain(why.toLowerCase())
  })

  it('refuses what is too long', () => {
    expect(refusal(`https://git.example.com/${'a'.repeat(3000)}`)).toContain('at most')
  })

  it('refuses user info without repeating it', () => {
    for (const url of [
      'https://user:hunter2@git.example.com/a',
      'https://hunter2@git.example.com/a',
      'https://@git.example.com/a',
      'https://:hunter2@git.example.com/a',
    ]) {
      expect(refusal(url)).toContain('may not hold a user name or password')
      expect(refusal(url)).not.toContain('hunter2')
    }
  })

  const segment = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,8}$/)

  it('changes nothing when done twice', () => {
    fc.assert(
      fc.property(fc.webUrl(), (url) => {
        const once = normal(url)
        if (once !== null) expect(normal(once)).toBe(once)
      }),
      { numRuns: 50 },
    )
  })

  it('gives all spellings of a repository the same text', () => {
    fc.assert(
      fc.property(fc.domain(), fc.array(segment, { minLength: 1, maxLength: 4 }), (host, segments) => {
        const path = segments.join('/')
        const plain = normal(`https://${host}/${path}`)
        expect(plain).not.toBeNull()
        for (const other of [
          `HTTPS://${host.toUpperCase()}/${path}`,
          `https://${host}:443/${path}.git`,
          `https://${host}/${path}/`,
          `https://${host}//${path}.git/`,
        ]) {
          expect(normal(other)).toBe(plain)
        }
      }),
    )
  })

  it('never lets anything but http and https through', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = normal(text)
        if (value !== null) expect(value).toMatch(/^https?:\/\/[^@/?#]+\/[^?#]*$/)
      }),
    )
  })
})
