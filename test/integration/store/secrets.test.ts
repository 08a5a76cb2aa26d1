import { describe, expect, it } from 'vitest'
import { createStore } from '../../../store/create-store.ts'
import { rewrap } from '../../../store/rewrap.ts'
import { createSealer } from '../../../store/sealing.ts'
import { keyA, keyB, newCluster, registered, unique, useStore } from './store-fixture.ts'

const fixture = useStore()
const canary = 'CANARY-5e4b1d-secret'

/** Every column of every row of every table, as text; bytes as they are, so that clear text in them would be seen. */
async function dump(): Promise<string> {
  const columns = await fixture.query<{ table_name: string; column_name: string; data_type: string }>(
    `select table_name, column_name, data_type from information_schema.columns where table_schema = 'public' order by 1, 2`,
  )
  const cells: string[] = []
  for (const { table_name: table, column_name: column, data_type: type } of columns) {
    const value = type === 'bytea' ? `encode(${column}, 'escape')` : `${column}::text`
    for (const row of await fixture.query<{ cell: string | null }>(`select ${value} as cell from ${table}`))
      cells.push(`${table}.${column}: ${row.cell}`)
  }
  return cells.join('\n')
}

describe('stored credentials', () => {
  it('are in no table in clear', async () => {
    const { clusters, repositories, tokens } = fixture.store
    const cluster = await clusters.register(newCluster(), `{"kind":"bearerToken","token":"${canary}"}`)
    await clusters.rotate(cluster.id, {}, `{"kind":"bearerToken","token":"${canary}"}`, cluster.connection)
    const repository = await repositories.ensure('https://git.example.com/canary', 'https://git.example.com/canary')
    await repositories.setCredentials(repository.id, { username: 'ann', password: canary })
    const { clear } = await tokens.create({ name: unique('token'), role: 'admin', expiresAtMs: null })
    const text = await dump()
    // The dump does see what is stored, in text, JSON and bytes.
    expect(text).toContain(`clusters.name: ${cluster.name}`)
    expect(text).toContain('cluster_credentials.ciphertext: ')
    for (const secret of [canary, Buffer.from(canary).toString('base64'), clear, clear.slice(4)]) expect(text).not.toContain(secret)
    expect(JSON.stringify([await clusters.all(), await repositories.all(), await tokens.all()])).not.toContain(canary)
  })

  it('do not open when they were moved to another row or changed', async () => {
    const { clusters } = fixture.store
    const [one, two] = [await registered(fixture.store), await registered(fixture.store)]
    await fixture.query(
      'update cluster_credentials set (nonce, ciphertext) = (select nonce, ciphertext from cluster_credentials where cluster_id = $1) where cluster_id = $2',
      [one.id, two.id],
    )
    await expect(clusters.access(two.id)).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('does not open') })
    await fixture.query(
      'update cluster_credentials set ciphertext = set_byte(ciphertext, 0, get_byte(ciphertext, 0) # 1) where cluster_id = $1',
      [one.id],
    )
    await expect(clusters.access(one.id)).rejects.toMatchObject({ code: 'INTERNAL' })
    await fixture.query('delete from cluster_credentials where cluster_id = any($1)', [[one.id, two.id]])
  })

  it('are sealed again under a new key, after which the old one may go', async () => {
    const cluster = await fixture.store.clusters.register(newCluster(), 'credentials of the cluster')
    const repository = await fixture.store.repositories.ensure('https://git.example.com/r', 'https://git.example.com/r')
    await fixture.store.repositories.setCredentials(repository.id, { username: 'ann', password: 'secret' })
    const bothKeys = createSealer({
      keys: new Map([
        ['key-a', keyA],
        ['key-b', keyB],
      ]),
      currentKeyId: 'key-b',
    })
    expect(await rewrap(fixture.databaseUrl, bothKeys)).toBeGreaterThanOrEqual(2)
    expect(await rewrap(fixture.databaseUrl, bothKeys)).toBe(0)

    const newKeyOnly = createSealer({ keys: new Map([['key-b', keyB]]), currentKeyId: 'key-b' })
    const store = await createStore({ databaseUrl: fixture.databaseUrl, sealer: newKeyOnly, poolSizeMax: 2, nowMs: () => 1 })
    expect((await store.clusters.access(cluster.id)).credentials).toBe('credentials of the cluster')
    expect((await store.repositories.access(repository.id)).credentials).toEqual({ username: 'ann', password: 'secret' })
    await store.close()
    await expect(fixture.store.clusters.access(cluster.id)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('key-b'),
    })
  })
})
