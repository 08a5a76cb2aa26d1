import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSecretFiles } from '../../../repos/scm/secret-files.ts'

let dir: string
let files: ReturnType<typeof createSecretFiles>
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), text)
}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'roadstead-secrets-'))
  files = createSecretFiles({ secretsDir: join(dir, 'secrets'), configMapsDir: join(dir, 'configmaps') })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('mounted secrets', () => {
  it('are read as Kubernetes mounts them, the newest version each time', async () => {
    put('secrets/github/..2026/token', 'one')
    symlinkSync('..2026', join(dir, 'secrets/github/..data'))
    symlinkSync('..data/token', join(dir, 'secrets/github/token'))
    const ref = { secretName: 'github', key: 'token' }
    expect(await files.readSecret(ref, null)).toBe('one')
    put('secrets/github/..2026/token', 'two')
    expect(await files.readSecret(ref, 'shop')).toBe('two')
  })

  it('of a project are for its sets only, not for those whose project is a template', async () => {
    put('secrets/shop/token', 'tok')
    put('secrets/shop/project', 'shop\n')
    const ref = { secretName: 'shop', key: 'token' }
    expect(await files.readSecret(ref, 'shop')).toBe('tok')
    expect(await files.readSecret(ref, 'other')).toBeNull()
    expect(await files.readSecret(ref, null)).toBeNull()
  })

  it.each([
    ['..', 'x'],
    ['../secrets/a', 'token'],
    ['a', '../../outside'],
    ['a', '..data'],
    ['a', ''],
    ['', 'token'],
    ['a', 'none'],
    ['none', 'token'],
  ])('are never found outside of their place: %j %j', async (secretName, key) => {
    put('secrets/a/token', 'tok')
    put('outside', 'no')
    put('x', 'no')
    expect(await files.readSecret({ secretName, key }, null)).toBeNull()
  })

  it('that are too large are an error', async () => {
    put('secrets/a/token', 'x'.repeat(1024 * 1024 + 1))
    await expect(files.readSecret({ secretName: 'a', key: 'token' }, null)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })

  it('do not exist where no directory is given', async () => {
    const none = createSecretFiles({ secretsDir: null, configMapsDir: null })
    expect(await none.readSecret({ secretName: 'a', key: 'b' }, null)).toBeNull()
    expect(await none.readConfigMap('a')).toBeNull()
  })
})

describe('mounted ConfigMaps', () => {
  it('are read with all their keys', async () => {
    put('configmaps/plugin/baseUrl', 'https://plugin')
    put('configmaps/plugin/token', '$secret:key')
    put('configmaps/plugin/..2026/token', 'old')
    expect(await files.readConfigMap('plugin')).toEqual({ baseUrl: 'https://plugin', token: '$secret:key' })
    expect(await files.readConfigMap('none')).toBeNull()
    expect(await files.readConfigMap('../secrets')).toBeNull()
  })
})
