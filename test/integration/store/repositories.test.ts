import { describe, expect, it } from 'vitest'
import { changesOf, unique, useStore } from './store-fixture.ts'

const fixture = useStore()

function newRepository() {
  const name = unique('repo')
  return fixture.store.repositories.ensure(`https://Git.example.com/${name}.git`, `https://git.example.com/${name}`)
}

describe('repositories', () => {
  it('are made once for a normalized URL, also at the same time', async () => {
    const { repositories } = fixture.store
    const normalized = `https://git.example.com/${unique('repo')}`
    const made = await Promise.all(['.git', '/', ''].map((end) => repositories.ensure(`${normalized}${end}`, normalized)))
    const [first] = made
    if (first === undefined) throw new Error('none was made')
    expect(new Set(made.map((repository) => repository.id)).size).toBe(1)
    expect(first).toMatchObject({
      normalizedUrl: normalized,
      hasCredentials: false,
      refs: {},
      polledAtMs: null,
      error: null,
      generation: 1,
    })
    expect(await repositories.get(first.id)).toEqual(first)
    expect(await repositories.getByUrl(normalized)).toEqual(first)
    expect(await repositories.all()).toContainEqual(first)
  })

  it('take no password in their URL, where everybody would see it', async () => {
    const refused = fixture.store.repositories.ensure('https://ann:hunter2@git.example.com/a', 'https://git.example.com/a')
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.not.stringContaining('hunter2') })
    expect(await fixture.store.repositories.getByUrl('https://git.example.com/a')).toBeNull()
  })

  it('keep credentials apart, and forget them', async () => {
    const { repositories } = fixture.store
    const repository = await newRepository()
    expect(await repositories.access(repository.id)).toEqual({ url: repository.url, credentials: null })
    const credentials = { username: 'ann', password: 'p"[]\n' }
    expect(await repositories.setCredentials(repository.id, credentials)).toMatchObject({ hasCredentials: true, generation: 2 })
    expect(await repositories.access(repository.id)).toEqual({ url: repository.url, credentials })
    await repositories.setCredentials(repository.id, { ...credentials, password: 'new' })
    expect((await repositories.access(repository.id)).credentials?.password).toBe('new')
    expect(await repositories.setCredentials(repository.id, null)).toMatchObject({ hasCredentials: false, generation: 4 })
    expect((await repositories.access(repository.id)).credentials).toBeNull()
  })

  it('say whether a listing moved a ref', async () => {
    const { repositories } = fixture.store
    const { id, normalizedUrl } = await newRepository()
    const record = (refs: Record<string, string>, atMs: number) => repositories.recordRefs(id, { refs }, atMs)
    expect(await record({ 'refs/heads/main': 'a', 'refs/heads/x': 'b' }, 1)).toBe(true)
    expect(
      await changesOf(fixture.store, async () => expect(await record({ 'refs/heads/x': 'b', 'refs/heads/main': 'a' }, 2)).toBe(false)),
    ).toEqual([])
    expect(await changesOf(fixture.store, () => record({ 'refs/heads/main': 'c' }, 3))).toEqual([`Repository ${normalizedUrl} updated`])
    expect(await repositories.get(id)).toMatchObject({ refs: { 'refs/heads/main': 'c' }, polledAtMs: 3 })
  })

  it('keep the last listing beside an error, until the next listing', async () => {
    const { repositories } = fixture.store
    const { id } = await newRepository()
    await repositories.recordRefs(id, { refs: { main: 'a' } }, 1)
    expect(await repositories.recordRefs(id, { error: 'unreachable' }, 2)).toBe(false)
    expect(await repositories.get(id)).toMatchObject({ refs: { main: 'a' }, error: 'unreachable', polledAtMs: 2 })
    expect(await repositories.recordRefs(id, { refs: { main: 'a' } }, 3)).toBe(false)
    expect(await repositories.get(id)).toMatchObject({ error: null })
  })

  it('ignore a listing that is older than the stored one', async () => {
    const { repositories } = fixture.store
    const { id } = await newRepository()
    await repositories.recordRefs(id, { refs: { main: 'new' } }, 10)
    expect(await repositories.recordRefs(id, { refs: { main: 'old' } }, 9)).toBe(false)
    expect((await repositories.get(id))?.refs).toEqual({ main: 'new' })
  })

  it('that are not there are said so', async () => {
    for (const call of [
      () => fixture.store.repositories.access('x'),
      () => fixture.store.repositories.setCredentials('x', null),
      () => fixture.store.repositories.recordRefs('x', { refs: {} }, 1),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})

describe('projects', () => {
  it('raise their generation when their content changes', async () => {
    const { projects } = fixture.store
    const name = unique('project')
    const first = await projects.apply(name, { sourceRepos: ['*'], destinations: [{ server: '*' }] })
    expect(first).toMatchObject({ name, generation: 1, spec: { sourceRepos: ['*'] } })
    expect(await changesOf(fixture.store, () => projects.apply(name, { destinations: [{ server: '*' }], sourceRepos: ['*'] }))).toEqual([])
    expect(await projects.apply(name, first.spec)).toEqual(first)
    expect(await projects.apply(name, {})).toMatchObject({ id: first.id, generation: 2, spec: {} })
    expect((await projects.getByName(name))?.generation).toBe(2)
    expect((await projects.all()).map((project) => project.name)).toContain(name)
    expect(await projects.getByName('unknown')).toBeNull()
  })
})
