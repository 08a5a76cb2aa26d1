import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../fleet/application.ts'
import { setConditions } from '../../../fleet/set/conditions.ts'
import { encodeGlobalId } from '../../../schema/global-id.ts'
import { applied, newSet, newVersion, registered, unique } from '../store/store-fixture.ts'
import { type Payload, useApi } from './api-fixture.ts'

const api = useApi()

describe('syncApplication', () => {
  const sync = (id: string): Promise<Payload> =>
    api.wish(
      'mutation($input: SyncApplicationInput!) { syncApplication(input: $input) { application { name } userErrors { code message } } }',
      { input: { id: encodeGlobalId('Application', id) } },
    )

  it('is written down, with who asked, and hinted', async () => {
    const { store } = api.db
    const application = await applied(store, { name: unique('web'), clusterId: (await registered(store)).id })
    const versionId = await newVersion(store, application, 'a'.repeat(40))
    await store.applications.setWanted([{ applicationId: application.id, versionId, observedGeneration: 1 }])
    expect(await sync(application.id)).toEqual({ application: { name: application.name }, userErrors: [] })
    expect((await store.applications.get(application.id))?.syncRequest).toEqual({ by: 'ann', atMs: api.db.nowMs })
    expect(api.hinted).toEqual(['applicationChanged'])
  })

  it('is refused without a cluster, without a version, while it goes, and for none', async () => {
    const { store } = api.db
    const homeless = await applied(store, { name: unique('web') })
    expect((await sync(homeless.id)).userErrors).toMatchObject([
      { code: 'ILLEGAL_STATE', message: expect.stringContaining('no registered cluster') },
    ])
    const unresolved = await applied(store, { name: unique('web'), clusterId: (await registered(store)).id })
    expect((await sync(unresolved.id)).userErrors).toMatchObject([
      { code: 'ILLEGAL_STATE', message: expect.stringContaining('no resolved version') },
    ])
    await store.applications.markDeleted([unresolved.id], 'cascade')
    expect((await sync(unresolved.id)).userErrors).toMatchObject([
      { code: 'ILLEGAL_STATE', message: expect.stringContaining('being deleted') },
    ])
    expect((await sync('11111111-1111-4111-8111-111111111111')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
    expect(api.hinted).toEqual([])
  })
})

describe('deleteApplication', () => {
  const remove = (id: string, resources: string): Promise<Payload> =>
    api.wish(
      'mutation($input: DeleteApplicationInput!) { deleteApplication(input: $input) { application { deletion } userErrors { code message } } }',
      {
        input: { id: encodeGlobalId('Application', id), resources },
      },
    )

  it('marks one that stands by itself', async () => {
    const application = await applied(api.db.store, { name: unique('web') })
    expect(await remove(application.id, 'ORPHAN')).toEqual({ application: { deletion: 'ORPHAN' }, userErrors: [] })
    expect(api.hinted).toEqual(['applicationChanged'])
  })

  it('is refused for one that a set makes', async () => {
    const set = await newSet(api.db.store)
    const application = await applied(api.db.store, { name: unique('web'), applicationSetId: set.id })
    expect((await remove(application.id, 'CASCADE')).userErrors).toMatchObject([
      { code: 'ILLEGAL_STATE', message: expect.stringContaining(set.name) },
    ])
    expect((await remove('11111111-1111-4111-8111-111111111111', 'CASCADE')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  })
})

describe('deleteApplicationSet', () => {
  const remove = (id: string, resources: string): Promise<Payload> =>
    api.wish(
      'mutation($input: DeleteApplicationSetInput!) { deleteApplicationSet(input: $input) { applicationSet { deletion } userErrors { code } } }',
      {
        input: { id: encodeGlobalId('ApplicationSet', id), resources },
      },
    )

  it('marks it and wakes it', async () => {
    const set = await newSet(api.db.store)
    const before = await api.db.store.applicationSets.pass(set.id)
    expect(await remove(set.id, 'CASCADE')).toEqual({ applicationSet: { deletion: 'CASCADE' }, userErrors: [] })
    expect((await api.db.store.applicationSets.pass(set.id)).wantedPass).toBeGreaterThan(before.wantedPass)
    expect(api.hinted).toEqual(['applicationSetsChanged'])
    expect((await remove('11111111-1111-4111-8111-111111111111', 'CASCADE')).userErrors).toMatchObject([{ code: 'NOT_FOUND' }])
  })
})

describe('a set whose generators do not see everything', () => {
  const staleOf = (id: string): Promise<Payload> =>
    api
      .ask('query($id: ID!) { node(id: $id) { ... on ApplicationSet { stale { since ageSeconds reason } } } }', {
        id: encodeGlobalId('ApplicationSet', id),
      })
      .then(({ data }) => data?.node.stale)

  it('says since when, how old its applications are, and why; nothing once it sees them again', async () => {
    const { store } = api.db
    const set = await newSet(store)
    const problem = { path: 'spec.generators[0].git', message: 'unreachable' }
    const pass = (number: number, complete: boolean, nowMs: number, before: readonly Condition[]) => {
      const conditions = setConditions({
        before,
        nowMs,
        expandedAtMs: 60_000,
        expansion: { complete, problems: complete ? [] : [problem] },
        invalid: [],
        held: null,
        rollout: { outcome: 'none' },
        unresolved: [],
      })
      return store.applicationSets.recordPass(set.id, { pass: number, generation: 1, conditions, heldDeletion: null, expandedAtMs: 60_000 })
    }
    await pass(1, true, 60_000, [])
    expect(await staleOf(set.id)).toBeNull()
    await pass(2, false, 120_000, [])
    expect(await staleOf(set.id)).toEqual({
      since: new Date(120_000).toISOString(),
      ageSeconds: Math.round((api.db.nowMs - 60_000) / 1000),
      reason: 'spec.generators[0].git: unreachable',
    })
    await pass(3, true, 180_000, (await store.applicationSets.get(set.id))?.conditions ?? [])
    expect(await staleOf(set.id)).toBeNull()
  })
})

describe('confirmDeletion', () => {
  const confirm = (id: string, digest: string): Promise<Payload> =>
    api.wish(
      'mutation($input: ConfirmDeletionInput!) { confirmDeletion(input: $input) { applicationSet { heldDeletion { digest count applicationNames(first: 1) reason } } userErrors { code field } } }',
      {
        input: { applicationSet: encodeGlobalId('ApplicationSet', id), digest },
      },
    )

  it('lets exactly those go that its digest stands for', async () => {
    const { store } = api.db
    const set = await newSet(store)
    expect((await confirm(set.id, 'd1')).userErrors).toMatchObject([{ code: 'ILLEGAL_STATE' }])
    await store.applicationSets.recordPass(set.id, {
      pass: 1,
      generation: 1,
      conditions: [],
      heldDeletion: { digest: 'd1', applicationNames: ['a', 'b'], reason: 'all of them', heldAtMs: 1 },
      expandedAtMs: 1,
    })
    expect((await confirm(set.id, 'd0')).userErrors).toMatchObject([{ code: 'CONFLICT', field: 'digest' }])
    expect(await store.applicationSets.confirmedDeletion(set.id)).toBeNull()
    expect(await confirm(set.id, 'd1')).toEqual({
      applicationSet: { heldDeletion: { digest: 'd1', count: 2, applicationNames: ['a'], reason: 'all of them' } },
      userErrors: [],
    })
    expect(await store.applicationSets.confirmedDeletion(set.id)).toBe('d1')
    expect(api.hinted).toEqual(['applicationSetsChanged'])
  })
})

describe('repositories', () => {
  const canary = 'canary-7c31-must-not-come-back'
  const set = (input: object) =>
    api.ask(
      'mutation($input: SetRepositoryCredentialsInput!) { setRepositoryCredentials(input: $input) { repository { id url hasCredentials } userErrors { code field message } } }',
      { input },
    )

  it('keep credentials, show none, forget them', async () => {
    const url = `https://git.example.com/team/${unique('repo')}.git`
    const stored = await set({ url, credentials: { username: 'bot', password: canary } })
    expect(stored.data.setRepositoryCredentials).toMatchObject({ repository: { url, hasCredentials: true }, userErrors: [] })
    expect(stored.text).not.toContain(canary)
    expect(api.hinted).toEqual(['repositoryChanged'])
    const id = Buffer.from(stored.data.setRepositoryCredentials.repository.id, 'base64').toString().split(':')[1] ?? ''
    expect((await api.db.store.repositories.access(id)).credentials).toEqual({ username: 'bot', password: canary })
    expect((await set({ url: url.replace('.git', '/'), credentials: null })).data.setRepositoryCredentials.repository.hasCredentials).toBe(
      false,
    )
  })

  it('refuse URLs with user info, and credentials with line breaks, without quoting them', async () => {
    for (const input of [
      { url: `https://bot:${canary}@git.example.com/team/x.git` },
      { url: 'ssh://git.example.com/team/x.git' },
      { url: 'https://git.example.com/team/x.git', credentials: { username: 'bot', password: `${canary}\n` } },
      { url: 'https://git.example.com/team/x.git', credentials: { username: `b:${canary}`, password: 'x' } },
      { url: 'https://git.example.com/team/x.git', credentials: { username: 'bot', password: '' } },
    ]) {
      const answer = await set(input)
      expect(answer.data.setRepositoryCredentials.userErrors, answer.text).toMatchObject([{ code: 'INVALID_INPUT' }])
      expect(answer.text).not.toContain(canary)
    }
    expect(api.logged.join('\n')).not.toContain(canary)
  })

  it('are looked at again when asked', async () => {
    const repository = await api.db.store.repositories.ensure('https://git.example.com/a/b', unique('https://git.example.com/a/b'))
    const refresh = (id: string) =>
      api.wish('mutation($input: RefreshRepositoryInput!) { refreshRepository(input: $input) { userErrors { code } } }', { input: { id } })
    expect(await refresh(encodeGlobalId('Repository', repository.id))).toEqual({ userErrors: [] })
    expect(api.hinted).toEqual(['repositoryChanged'])
    expect((await refresh('x')).userErrors).toEqual([{ code: 'NOT_FOUND' }])
  })
})
