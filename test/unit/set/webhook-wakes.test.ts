import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../fleet/json.ts'
import type { EventHost, GitEvent } from '../../../fleet/set/webhook-event.ts'
import { asksPlugins, listsBranches, pushMoves, readsMoved, wakesSet } from '../../../fleet/set/webhook-wakes.ts'

const push = (url: string, refs: readonly string[] = ['refs/heads/main'], touchedHead: boolean | null = true): GitEvent => ({
  kind: 'push',
  repository: { host: 'github', urls: [url], names: {} },
  refs,
  touchedHead,
})
const git = (repoURL: string, revision = '') => ({ git: { repoURL, revision } })
const matrix = (...generators: readonly Json[]) => ({ matrix: { generators } })
const url = 'https://git.example/team/apps'

describe('a git generator looks again after a push', () => {
  it.each([
    'https://git.example/team/apps',
    'https://git.example/team/apps.git',
    'https://GIT.example/Team/apps/',
    'http://git.example:8080/team/apps.git',
    'https://user@git.example/team/apps',
    'ssh://git@git.example/team/apps',
    'ssh://git@git.example:2222/team/apps.git',
    'ssh://git@ssh.git.example:443/team/apps',
    'ssh://git@altssh.git.example:443/team/apps',
    'git@git.example:team/apps.git',
  ])('to its repository, written as %s', (repoURL) => {
    expect(wakesSet(push(url), [git(repoURL)])).toBe(true)
    expect(wakesSet(push(repoURL), [git(url)])).toBe(true)
  })

  it.each([
    'https://git.example/team/apps-copy',
    'https://git.example/team',
    'https://other.example/team/apps',
    '',
    'https://git.example/team/apps/x',
  ])('and not to another: %s', (repoURL) => expect(wakesSet(push(url), [git(repoURL)])).toBe(false))

  it('takes nothing in an address for a pattern', () => {
    expect(wakesSet(push(url), [git('https://git.example/team/*')])).toBe(false)
    expect(wakesSet(push(url), [git('https://git.example/team/{apps,x}')])).toBe(false)
    expect(wakesSet(push('https://git.example/team/[apps]'), [git('https://git.example/{{ team }}/[apps]')])).toBe(true)
  })

  it('inside matrix and merge, however deep', () => {
    const deep = matrix({ clusters: {} }, { merge: { generators: [{ list: {} }, matrix({ list: {} }, git(url))] } })
    expect(wakesSet(push(url), [{ list: {} }, deep])).toBe(true)
    expect(wakesSet(push('https://git.example/x/y'), [deep])).toBe(false)
  })

  it('never for something that only looks like a generator', () => {
    expect(wakesSet(push(url), [{ list: { elements: [git(url)] } }])).toBe(false)
    for (const odd of [null, 'git', [null, 7, 'x', []], [{ git: null }], [{ matrix: { generators: { git: {} } } }]] as const)
      expect(wakesSet(push(url), odd)).toBe(false)
  })
})

describe('a repository that only an expansion would tell', () => {
  it('may be any, or any that the written part allows', () => {
    expect(wakesSet(push(url), [git('{{ url }}')])).toBe(true)
    expect(wakesSet(push(url), [matrix({ git: {} }, git('{{.url}}'))])).toBe(true)
    expect(wakesSet(push(url), [git('https://git.example/{{ if .x }}a{{ end }}/apps.git')])).toBe(true)
    expect(wakesSet(push(url), [git('https://other.example/{{ team }}/apps')])).toBe(false)
    expect(wakesSet(push(url), [git('https://{{ host }}/team/apps')])).toBe(true)
    expect(wakesSet(push(url), [git('git@git.example:{{ team }}/apps')])).toBe(true)
  })

  it('is one of those that a list before it names', () => {
    const list = { list: { elements: [{ repo: 'https://git.example/team/web', n: 1 }, { repo: url }] } }
    expect(wakesSet(push(url), [matrix(list, git('{{ repo }}'))])).toBe(true)
    expect(wakesSet(push('https://git.example/team/api'), [matrix(list, git('{{ repo }}'))])).toBe(false)
    expect(wakesSet(push('https://git.example/team/api'), [matrix(list, git('{{ repo }}-{{ other }}'))])).toBe(false)
    expect(wakesSet(push(url), [matrix(list, matrix({ clusters: {} }, git('{{ .repo }}')))])).toBe(true)
    // The list stands after it, or says nothing of it.
    expect(wakesSet(push('https://git.example/team/api'), [matrix(git('{{ repo }}'), list)])).toBe(true)
    expect(wakesSet(push('https://git.example/team/api'), [matrix(list, git('{{ url }}'))])).toBe(true)
  })

  it('may be any while the list is empty, is text, or has templates of its own', () => {
    for (const list of [{}, { elements: [] }, { elementsYaml: '{{ x }}', elements: [{ repo: 'x' }] }, { elements: [{ repo: '{{ y }}' }] }])
      expect(wakesSet(push(url), [matrix({ list }, git('{{ repo }}'))])).toBe(true)
  })

  it('is at the host of the scmProvider before it, if that is a public one', () => {
    const found = [matrix({ scmProvider: { github: { organization: 'team' } } }, git('{{ url }}'))]
    expect(wakesSet(push('https://github.com/team/apps'), found)).toBe(true)
    expect(wakesSet(push('https://gitlab.com/team/apps'), found)).toBe(false)
    const own = [matrix({ scmProvider: { github: { organization: 'team', api: 'https://git.internal/api' } } }, git('{{ url }}'))]
    expect(wakesSet(push(url), own)).toBe(true)
  })

  it('never makes a set miss what it would have met had it been written out', () => {
    const part = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,6}$/)
    fc.assert(
      fc.property(part, part, part, fc.boolean(), fc.integer({ min: 0, max: 2 }), (host, owner, repo, go, at) => {
        const parts = [`${host}.example`, owner, repo]
        const name = ['h', 'o', 'r'][at] ?? ''
        const templated = parts.map((text, index) => (index === at ? `{{ ${go ? '.' : ''}${name} }}` : text)).join('/')
        const list = { list: { elements: [{ [name]: 'another' }, { [name]: parts[at] ?? '' }] } }
        expect(wakesSet(push(`https://${parts.join('/')}`), [matrix(list, git(`https://${templated}.git`))])).toBe(true)
      }),
    )
  })
})

describe('the revision of a git generator', () => {
  const moves = (revision: string, ref: string, touchedHead: boolean | null = false) => pushMoves(revision, { refs: [ref], touchedHead })

  it('without a name is the default branch', () => {
    for (const head of ['', 'HEAD']) {
      expect(moves(head, 'refs/heads/main', true)).toBe(true)
      expect(moves(head, 'refs/heads/x', false)).toBe(false)
      // The host doesn't say.
      expect(moves(head, 'refs/heads/x', null)).toBe(true)
    }
  })

  it('is a branch or a tag, in short or in full', () => {
    expect(moves('env/dev', 'refs/heads/env/dev')).toBe(true)
    expect(moves('dev', 'refs/heads/env/dev')).toBe(false)
    expect(moves('refs/heads/dev', 'refs/heads/dev')).toBe(true)
    expect(moves('refs/heads/dev', 'refs/tags/dev')).toBe(false)
    expect(moves('v1.2.3', 'refs/tags/v1.2.3')).toBe(true)
    expect(moves('main', 'refs/heads/dev', true)).toBe(false)
  })

  it('may be a range, which any tag may meet and no branch', () => {
    for (const range of ['v1.*', '>=1.0.0', '~1.2', '^1', '1.x', 'v1', '1.2', '1.0 - 2.0', '*']) {
      expect(moves(range, 'refs/tags/v1.2.9')).toBe(true)
      expect(moves(range, 'refs/heads/main')).toBe(false)
    }
    expect(moves('v1.2.3', 'refs/tags/v1.2.4')).toBe(false)
  })

  it('that is a template may be any', () => {
    expect(wakesSet(push(url, ['refs/heads/x'], false), [git(url, '{{ branch }}')])).toBe(true)
    expect(wakesSet(push(url, ['refs/heads/x'], false), [git(url, 'release-{{ n }}')])).toBe(false)
  })
})

describe('a pullRequest generator looks again', () => {
  const event = (host: EventHost, urls: readonly string[], names: Readonly<Record<string, readonly string[]>>): GitEvent => ({
    kind: 'pullRequest',
    repository: { host, urls, names },
  })
  const web = event('github', ['https://github.com/acme/web'], { owner: ['acme'], repo: ['web'] })
  const github = (settings: object) => [{ pullRequest: { github: { owner: 'acme', repo: 'web', ...settings } } }]

  it('for its host, owner and repository, in upper or lower case, also inside matrix and merge', () => {
    expect(wakesSet(web, github({}))).toBe(true)
    expect(wakesSet(web, github({ owner: 'ACME', api: 'https://api.github.com/' }))).toBe(true)
    expect(wakesSet(web, [matrix({ clusters: {} }, { merge: { generators: github({}) } })])).toBe(true)
  })

  it('not for another owner, repository, provider or host', () => {
    expect(wakesSet(web, github({ owner: 'other' }))).toBe(false)
    expect(wakesSet(web, github({ repo: 'web2' }))).toBe(false)
    expect(wakesSet(web, github({ api: 'https://github.internal/api/v3' }))).toBe(false)
    expect(wakesSet(web, [{ pullRequest: { gitea: { owner: 'acme', repo: 'web', api: 'https://github.com' } } }])).toBe(false)
    const enterprise = event('github', ['https://ghe.example/acme/web'], { owner: ['acme'], repo: ['web'] })
    expect(wakesSet(enterprise, github({}))).toBe(false)
    expect(wakesSet(enterprise, github({ api: 'https://ghe.example/api/v3' }))).toBe(true)
  })

  it('of a host of its own also where events name that by another address', () => {
    const own = event('gitea', ['https://git.example/acme/web'], { owner: ['acme'], repo: ['web'] })
    expect(wakesSet(own, [{ pullRequest: { gitea: { owner: 'acme', repo: 'web', api: 'http://gitea.gitea.svc:3000' } } }])).toBe(true)
  })

  it('of GitLab by the number or the path of the project', () => {
    const gitlab = event('gitlab', ['https://gitlab.com/a/b'], { project: ['7', 'a/b', 'a%2Fb'] })
    for (const project of ['7', 'a/b', 'A/B', 'a%2Fb']) expect(wakesSet(gitlab, [{ pullRequest: { gitlab: { project } } }])).toBe(true)
    expect(wakesSet(gitlab, [{ pullRequest: { gitlab: { project: '70' } } }])).toBe(false)
  })

  it('of Azure DevOps, whose hosts have two names', () => {
    const azure = event('azuredevops', ['https://org.visualstudio.com/team/_git/apps'], {
      organization: ['org'],
      project: ['team'],
      repo: ['apps'],
    })
    const settings = { organization: 'org', project: 'team', repo: 'apps' }
    expect(wakesSet(azure, [{ pullRequest: { azuredevops: settings } }])).toBe(true)
    expect(wakesSet(azure, [{ pullRequest: { azuredevops: { ...settings, organization: 'other' } } }])).toBe(false)
  })

  it('whose owner or repository only an expansion would tell', () => {
    const templated = { pullRequest: { github: { owner: '{{ organization }}', repo: '{{ repository }}' } } }
    expect(wakesSet(web, [matrix({ scmProvider: { github: { organization: 'Acme' } } }, templated)])).toBe(true)
    expect(wakesSet(web, [matrix({ scmProvider: { github: { organization: 'other' } } }, templated)])).toBe(false)
    const list = (...elements: Json[]) => matrix({ list: { elements } }, templated)
    expect(wakesSet(web, [list({ organization: 'acme', repository: 'web' })])).toBe(true)
    expect(wakesSet(web, [list({ organization: 'acme', repository: 'api' }, { organization: 'x', repository: 'web' })])).toBe(false)
  })

  it('not for a push, and a git generator not for a pull request', () => {
    expect(wakesSet(push('https://github.com/acme/web'), github({}))).toBe(false)
    expect(wakesSet(web, [git('https://github.com/acme/web')])).toBe(false)
  })
})

describe('a plugin generator', () => {
  it('looks again after every event', () => {
    expect(wakesSet(push('https://git.example/x/y'), [matrix({ list: {} }, { plugin: {} })])).toBe(true)
    expect(asksPlugins([matrix({ list: {} }, { plugin: {} })])).toBe(true)
    expect(asksPlugins([git(url)])).toBe(false)
  })
})

describe('refs of a repository that have moved', () => {
  it('wake whose generators read it at one of them', () => {
    const moved = (revision: string) => revision === 'dev'
    expect(readsMoved([git(url, 'dev')], url, moved)).toBe(true)
    expect(readsMoved([git(url, 'main')], url, moved)).toBe(false)
    expect(readsMoved([git(url, '{{ x }}')], url, moved)).toBe(true)
    expect(readsMoved([git('https://git.example/x/y', 'dev')], url, moved)).toBe(false)
    expect(readsMoved([matrix({ list: {} }, git('{{ url }}', 'dev'))], url, moved)).toBe(true)
  })

  it('matter whatever they are to a set that lists branches or pull requests', () => {
    expect(listsBranches([matrix({ list: {} }, { pullRequest: {} })])).toBe(true)
    expect(listsBranches([{ merge: { generators: [{ scmProvider: {} }] } }])).toBe(true)
    expect(listsBranches([git(url)])).toBe(false)
  })
})
