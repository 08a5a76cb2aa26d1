import { describe, expect, it } from 'vitest'
import { permitAll, permitsDestination, permitsSource } from '../../../fleet/set/project-rules.ts'

describe('the repositories of a project', () => {
  it.each([
    [['*'], 'https://anything.example/at/all', true],
    [[], 'https://git.example/a', false],
    [['https://git.example/team/*'], 'https://git.example/team/app', true],
    [['https://git.example/team/*'], 'https://git.example/team/app/deep', false],
    [['https://git.example/team/**'], 'https://git.example/team/app/deep', true],
    [['https://git.example/a.git'], 'https://GIT.example/a', true],
    [['https://git.example/a'], 'https://git.example/a.git', true],
    [['git@git.example:team/*'], 'ssh://git@git.example/team/app.git', true],
    [['*', '!https://git.example/secret/*'], 'https://git.example/secret/keys', false],
    [['*', '!https://git.example/secret/*'], 'https://git.example/open/keys', true],
    [['!https://git.example/secret', '*'], 'https://git.example/secret', false],
    [['!https://git.example/secret'], 'https://git.example/open', true],
  ])('%j permit %s: %j', (sourceRepos, url, permitted) => {
    expect(permitsSource({ sourceRepos }, url)).toBe(permitted)
  })
})

describe('the destinations of a project', () => {
  const eu = { name: 'eu-1', server: 'https://eu-1.example', project: null }

  it.each([
    [[{ server: '*', namespace: '*' }], 'shop', true],
    [[{ server: 'https://eu-1.example', namespace: 'shop' }], 'shop', true],
    [[{ server: 'https://eu-1.example', namespace: 'shop' }], 'other', false],
    [[{ name: 'eu-*', namespace: 'team-*' }], 'team-a', true],
    [[{ name: 'us-*', namespace: '*' }], 'shop', false],
    [[{ server: 'https://eu-1.example' }], 'shop', false],
    [
      [
        { server: '*', namespace: '*' },
        { server: '*', namespace: '!kube-system' },
      ],
      'kube-system',
      false,
    ],
    [[{ server: '*', namespace: '!kube-system' }], 'shop', true],
    [
      [
        { server: '!https://eu-1.example', namespace: '*' },
        { server: '*', namespace: '*' },
      ],
      'shop',
      false,
    ],
    [
      [
        { name: '!eu-1', namespace: '*' },
        { server: '*', namespace: '*' },
      ],
      'shop',
      false,
    ],
    [[{ server: '!https://us-1.example', namespace: '*' }], 'shop', true],
    [[], 'shop', false],
  ])('%j permit namespace %s: %j', (destinations, namespace, permitted) => {
    expect(permitsDestination({ destinations }, 'team', eu, namespace)).toBe(permitted)
  })

  it('may be those of the clusters of the project only', () => {
    const project = { ...permitAll, permitOnlyProjectScopedClusters: true }
    expect(permitsDestination(project, 'team', eu, 'shop')).toBe(false)
    expect(permitsDestination(project, 'team', { ...eu, project: 'team' }, 'shop')).toBe(true)
    expect(permitsDestination(project, 'team', { ...eu, project: 'other' }, 'shop')).toBe(false)
  })
})
