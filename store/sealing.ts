import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { FleetError } from '../fleet/errors.ts'
import type { SealedSecret, Sealer } from './store.ts'

const algorithm = 'aes-256-gcm'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** Key-encryption keys of 32 bytes by id. New seals use the current one; the others open what was sealed before a rotation. */
export interface SealerKeys {
  readonly keys: ReadonlyMap<string, Uint8Array>
  readonly currentKeyId: string
}

export interface KeyedSealer extends Sealer {
  readonly currentKeyId: string
}

/** AES-256-GCM with a random nonce, the row's id as associated data; the tag is the end of the ciphertext. Throws INVALID_INPUT for keys of another length. */
export function createSealer({ keys, currentKeyId }: SealerKeys): KeyedSealer {
  for (const [id, key] of keys) {
    if (key.length !== keyBytes)
      throw new FleetError('INVALID_INPUT', `the sealing key ${id} has ${key.length} bytes instead of ${keyBytes}`)
  }
  const currentKey = keys.get(currentKeyId)
  if (currentKey === undefined) throw new FleetError('INVALID_INPUT', `the current sealing key ${currentKeyId} is not among the keys`)

  return {
    currentKeyId,
    seal: (rowId, clear) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, currentKey, nonce, { authTagLength: tagBytes })
      cipher.setAAD(Buffer.from(rowId))
      const ciphertext = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return { keyId: currentKeyId, nonce, ciphertext }
    },
    open: (rowId, sealed) => {
      const key = keys.get(sealed.keyId)
      if (key === undefined) {
        throw new FleetError(
          'INTERNAL',
          `a stored credential was sealed with the key ${sealed.keyId}, which is not configured: add that key, or register the credential again`,
        )
      }
      try {
        return open(key, rowId, sealed)
      } catch (error) {
        throw new FleetError(
          'INTERNAL',
          'a stored credential does not open: it was changed, moved from another row, or its key was replaced. Register the credential again',
          {},
          { cause: error },
        )
      }
    },
  }
}

function open(key: Uint8Array, rowId: string, { nonce, ciphertext }: SealedSecret): string {
  const end = ciphertext.length - tagBytes
  if (end < 0 || nonce.length !== nonceBytes) throw new Error('too short')
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(rowId))
  decipher.setAuthTag(ciphertext.subarray(end))
  return Buffer.concat([decipher.update(ciphertext.subarray(0, end)), decipher.final()]).toString('utf8')
}
