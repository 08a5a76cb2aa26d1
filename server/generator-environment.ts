import { randomBytes } from 'node:crypto'
import { argoEngine } from '../generators/argo-engine.ts'
import type { GeneratorEnvironment } from '../generators/environment.ts'
import { readApplication } from '../manifests/read-application.ts'
import { templateCrypto } from './template-crypto.ts'

/** What templates may use of the world: randomness and cryptography. Never the environment, the network or files. */
export function generatorEnvironment(): GeneratorEnvironment {
  const engine = argoEngine({
    randomBytes: (n) => randomBytes(n),
    crypto: templateCrypto(),
  })
  return { engine, readApplication }
}
