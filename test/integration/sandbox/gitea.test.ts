import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gitea, startGitea } from '../../../sandbox/gitea.ts'
import { sandboxDirectory } from '../../support/sandbox-directory.ts'
import { tool } from '../../support/tools.ts'

let gitea: Gitea
const web = { owner: 'acme', name: 'web' }

beforeAll(async () => {
  gitea = await startGitea({ dir: join(await sandboxDirectory(), 'gitea'), binary: await tool('gitea') })
  await gitea.createOrganization('acme')
  await gitea.createRepository(web, { files: { 'deploy/app.yaml': 'kind: A\n' } })
})
afterAll(() => gitea?.stop())

describe('the sandbox Gitea', () => {
  it('gives a repository, a pull request with labels, and closes it again', async () => {
    const { number, headSHA } = await gitea.openPullRequest(web, { branch: 'feature', labels: ['preview', 'ready'] })
    const open = await gitea.api<{ number: number; head: { sha: string }; labels: { name: string }[] }[]>('GET', '/repos/acme/web/pulls')
    expect(open.map((pull) => [pull.number, pull.head.sha, pull.labels.map((label) => label.name)])).toEqual([
      [number, headSHA, ['preview', 'ready']],
    ])
    await gitea.closePullRequest(web, number)
    expect(await gitea.api('GET', '/repos/acme/web/pulls?state=open')).toEqual([])
  })

  it('gives a user a token that sees no private repository of others', async () => {
    await gitea.createRepository({ owner: 'acme', name: 'hidden' }, { private: true })
    const { token } = await gitea.createUser('eve')
    await expect(gitea.api('GET', '/repos/acme/hidden', undefined, { token })).rejects.toThrow(/404/)
    expect(await gitea.api('GET', '/repos/acme/web', undefined, { token })).toMatchObject({ full_name: 'acme/web' })
  })
})
