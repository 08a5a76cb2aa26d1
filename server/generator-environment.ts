import { createCipheriv, createDecipheriv, createHmac, randomBytes, scryptSync } from 'node:crypto'
import { argoEngine } from '../generators/argo-engine.ts'
import type { GeneratorEnvironment } from '../generators/environment.ts'
import { readApplication } from '../manifests/read-application.ts'

/** What templates may use of the world: randomness and cryptography. Never the environment, the network or files. */
export function generatorEnvironment(): GeneratorEnvironment {
  const engine = argoEngine({
    randomBytes: (n) => randomBytes(n),
    crypto: {
      hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
      scrypt: (password, salt) => scryptSync(password, salt, 64, { N: 32_768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 }),
      aesCbcEncrypt: (key, iv, data) => {
        const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
        return Buffer.concat([cipher.update(data), cipher.final()])
      },
      aesCbcDecrypt: (key, iv, data) => {
        const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
        return Buffer.concat([decipher.update(data), decipher.final()])
      },
    },
  })
  return { engine, readApplication }
}
