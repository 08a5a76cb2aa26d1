import { MockActivityEnvironment } from '@temporalio/testing'
import { describe, expect, it } from 'vitest'
import { repositoryActivities } from '../../../activities/repositories.ts'
import { FleetError } from '../../../fleet/errors.ts'
import type { Json } from '../../../fleet/json.ts'

const url = 'https://git.example/team/apps'
const refs = { HEAD: 'a', 'refs/heads/main': 'a', 'refs/heads/dev': 'b' }
type Refs = Readonly<Record<string, string>>

/** One poll that finds `found`; gives what was written and who was told, in that order. */
async function poll(
  found: Refs | FleetError,
  world: { readonly sets?: Readonly<Record<string, Json>>; readonly uses?: readonly object[] },
) {
  const log: string[] = []
  const deps = {
    store: {
      repositories: {
        get: async () => ({ id: 'r-1', url, normalizedUrl: url, refs }),
        access: async () => ({ url, credentials: null }),
        recordRefs: async () => log.push('recorded'),
      },
      applications: { repositoryUses: async () => world.uses ?? [] },
      applicationSets: {
        all: async () => Object.entries(world.sets ?? {}).map(([id, generators]) => ({ id, spec: { generators } })),
        touch: async (ids: readonly string[]) => {
          log.push(`touched ${ids.join(' ')}`)
          return ids
        },
      },
    },
    repositories: {
      listRefs: async () => {
        if (found instanceof FleetError) throw found
        return new Map(Object.entries(found))
      },
    },
    hints: {
      applicationSetsChanged: (ids: readonly string[]) => log.push(`told ${ids.join(' ')}`),
      applicationChanged: (id: string) => log.push(`told ${id}`),
    },
    log: { info: () => undefined, warn: () => undefined },
    nowMs: () => 0,
    random: () => 0,
    settings: { repositoryPollMs: 1000 },
  } as unknown as Parameters<typeof repositoryActivities>[0]
  await new MockActivityEnvironment().run(repositoryActivities(deps).pollRepository, { repositoryId: 'r-1' })
  return log
}

const use = (applicationSetId: string, revision: string, repoUrl = `${url}.git`) => ({
  applicationSetId,
  applicationId: null,
  repoUrl,
  revision,
})
const devMoved = { ...refs, 'refs/heads/dev': 'c' }

describe('a poll of a repository', () => {
  it('that finds nothing new wakes nobody', async () => {
    expect(await poll(refs, { sets: { web: [{ git: { repoURL: url } }] }, uses: [use('web', '')] })).toEqual(['recorded'])
  })

  it('wakes the sets whose applications are at a revision that moved, and no others', async () => {
    const sets = { dev: [{ list: {} }], main: [{ list: {} }], elsewhere: [{ list: {} }] }
    const uses = [use('dev', 'dev'), use('main', 'main'), use('main', ''), use('elsewhere', 'dev', 'https://git.example/x/y')]
    expect(await poll(devMoved, { sets, uses })).toEqual(['touched dev', 'recorded', 'told dev'])
  })

  it('wakes the sets whose generators read what moved, also where only an expansion would tell the repository', async () => {
    const found = { matrix: { generators: [{ scmProvider: { gitea: {} } }, { git: { repoURL: '{{ url }}', revision: 'dev' } }] } }
    const sets = {
      dev: [{ git: { repoURL: url, revision: 'dev' } }],
      head: [{ git: { repoURL: url, revision: 'HEAD' } }],
      found: [found],
    }
    expect(await poll(devMoved, { sets })).toEqual(['touched dev found', 'recorded', 'told dev found'])
  })

  it('wakes a set of pull requests whatever moved in the repository of its applications', async () => {
    const sets = { previews: [{ pullRequest: { gitea: {} } }], others: [{ pullRequest: { gitea: {} } }] }
    const uses = [use('previews', '0'.repeat(40)), use('others', 'dev', 'https://git.example/x/y')]
    expect(await poll(devMoved, { sets, uses })).toEqual(['touched previews', 'recorded', 'told previews'])
  })

  it('tells applications by themselves when their revision moved', async () => {
    const alone = (applicationId: string, revision: string) => ({ applicationSetId: null, applicationId, repoUrl: url, revision })
    expect(await poll(devMoved, { uses: [alone('one', 'dev'), alone('two', 'main')] })).toEqual(['recorded', 'told one'])
  })

  it('that fails wakes nobody: an error is no listing', async () => {
    const sets = { web: [{ git: { repoURL: url } }] }
    expect(await poll(new FleetError('GIT_UNREACHABLE', 'no answer'), { sets, uses: [use('web', '')] })).toEqual(['recorded'])
  })
})
