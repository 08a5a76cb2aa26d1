import { hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FleetError } from '../fleet/errors.ts'

const keyBytes = 32

export interface KeyRing {
  readonly currentKeyId: string
  readonly keys: ReadonlyMap<string, Buffer>
}

/**
 * The key-encryption keys: from ROADSTEAD_ENCRYPTION_KEYS, else from `keys.txt` in the state directory, made at the first start.
 * Whoever has it opens every stored credential: it is readable by its owner only, and belongs into a backup of its own.
 */
export function loadKeyRing(fromEnvironment: string | undefined, stateDir: string): KeyRing {
  if (fromEnvironment !== undefined) return parseKeyRing(fromEnvironment, 'ROADSTEAD_ENCRYPTION_KEYS')
  const file = join(stateDir, 'keys.txt')
  if (!existsSync(file)) writeFileSync(file, `key-1:${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  return parseKeyRing(readFileSync(file, 'utf8').trim().replaceAll('\n', ','), file)
}

/** A key for another purpose, derived so that neither tells anything of the other. */
export function derivedKey(key: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', purpose, keyBytes))
}

function parseKeyRing(text: string, where: string): KeyRing {
  const keys = new Map<string, Buffer>()
  for (const [index, entry] of text.split(',').entries()) {
    const [id, value, ...rest] = entry.trim().split(':')
    const key = Buffer.from(value ?? '', 'base64')
    if (id === undefined || id === '' || rest.length > 0 || key.length !== keyBytes) {
      throw new FleetError(
        'INVALID_INPUT',
        `${where}: entry ${index + 1} is not id:base64 of ${keyBytes} bytes (openssl rand -base64 ${keyBytes})`,
      )
    }
    if (keys.has(id)) throw new FleetError('INVALID_INPUT', `${where}: key id ${id} stands there twice`)
    keys.set(id, key)
  }
  const [currentKeyId] = keys.keys()
  if (currentKeyId === undefined) throw new FleetError('INVALID_INPUT', `${where} holds no key`)
  return { currentKeyId, keys }
}
