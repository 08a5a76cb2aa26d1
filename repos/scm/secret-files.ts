import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FleetError } from '../../fleet/errors.ts'
import type { ReadConfigMap, ReadSecret } from './credentials.ts'

/** What Kubernetes allows in a Secret or ConfigMap, in bytes. */
const bytesMax = 1024 * 1024
const namePattern = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/
const keyPattern = /^(?!\.\.)[-._a-zA-Z0-9]{1,253}$/
/** The key that says which project's sets alone may use a secret, as in Argo CD's repository credentials. */
const projectKey = 'project'

/**
 * Secrets and ConfigMaps that generators name, as Kubernetes mounts them: a directory each, a file for each key. They are read each time, so
 * that a rotated one counts at once. A secret with a key `project` is for sets of that project only. Null directories hold nothing.
 */
export function createSecretFiles(dirs: { readonly secretsDir: string | null; readonly configMapsDir: string | null }): {
  readonly readSecret: ReadSecret
  readonly readConfigMap: ReadConfigMap
} {
  const { secretsDir, configMapsDir } = dirs
  return {
    readSecret: async ({ secretName, key }, project) => {
      if (secretsDir === null || !namePattern.test(secretName) || !keyPattern.test(key)) return null
      const owner = (await textOf(join(secretsDir, secretName, projectKey)))?.trim() ?? ''
      if (owner !== '' && owner !== project) return null
      return textOf(join(secretsDir, secretName, key))
    },
    readConfigMap: async (name) => {
      if (configMapsDir === null || !namePattern.test(name)) return null
      const dir = join(configMapsDir, name)
      const names = await orMissing(() => readdir(dir))
      if (names === null) return null
      // Kubernetes keeps the versions of a mount in entries that start with two dots.
      const keys = names.filter((key) => keyPattern.test(key))
      const entries = await Promise.all(keys.map(async (key) => [key, (await textOf(join(dir, key))) ?? ''] as const))
      return Object.fromEntries(entries)
    },
  }
}

async function textOf(path: string): Promise<string | null> {
  return orMissing(async () => {
    const { size } = await stat(path)
    if (size > bytesMax) throw new FleetError('LIMIT_EXCEEDED', `a mounted Secret or ConfigMap has a key of more than ${bytesMax} bytes`)
    return readFile(path, 'utf8')
  })
}

async function orMissing<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof FleetError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new FleetError('INTERNAL', `a mounted Secret or ConfigMap can't be read: ${String(code)}`)
  }
}
