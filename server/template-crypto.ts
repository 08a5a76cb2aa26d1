import { createCipheriv, createDecipheriv, createHmac, generateKeyPairSync, type KeyObject, scryptSync } from 'node:crypto'
import { genSaltSync, hashSync } from 'bcryptjs'
import { byteLength } from '../generators/gotemplate/bytes.ts'
import type { TemplateCrypto } from '../generators/gotemplate/environment.ts'
import { LimitError } from '../generators/gotemplate/errors.ts'
import { privateKeyPem } from './private-key-pem.ts'
import { checkCertificate, issueCertificate } from './template-certificate.ts'

const bcryptCost = 10
const bcryptBytesMax = 72
/** What keys, certificates and password hashes may take of each minute. They are computed in the one thread that serves everybody. */
const allowanceMsPerMinute = 20_000

/**
 * The cryptography of sprig's functions. What is slow on purpose stops with a LimitError when it has had its share of the minute.
 * `clockMs` tells how much time went by.
 */
export function templateCrypto(clockMs: () => number = () => performance.now()): TemplateCrypto {
  const within = sharedAllowance(clockMs)
  return {
    bcrypt: (password) => within(() => bcrypt(password)),
    scrypt: (password, salt) => within(() => scryptSync(password, salt, 64, { N: 32_768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 })),
    generateKey: (kind) => within(() => privateKeyPem(newKey(kind))),
    certificate: (request) => within(() => issueCertificate(request)),
    checkCertificate: (certificatePem, keyPem) => within(() => checkCertificate(certificatePem, keyPem)),
    hmacSha256: (key, data) => createHmac('sha256', key).update(data).digest(),
    aesCbcEncrypt: (key, iv, data) => {
      const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
      return Buffer.concat([cipher.update(data), cipher.final()])
    },
    aesCbcDecrypt: (key, iv, data) => {
      const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
      return Buffer.concat([decipher.update(data), decipher.final()])
    },
  }
}

/** Runs work as long as some of the minute's allowance is left. It comes back steadily. */
function sharedAllowance(clockMs: () => number): <T>(work: () => T) => T {
  let leftMs = allowanceMsPerMinute
  let atMs = clockMs()
  return (work) => {
    const startedMs = clockMs()
    leftMs = Math.min(allowanceMsPerMinute, leftMs + ((startedMs - atMs) * allowanceMsPerMinute) / 60_000)
    atMs = startedMs
    if (leftMs <= 0) {
      throw new LimitError(
        `keys, certificates and password hashes of all templates have taken ${allowanceMsPerMinute / 1000} s of this minute: make fewer of them, or make them once and outside`,
      )
    }
    try {
      return work()
    } finally {
      leftMs -= clockMs() - startedMs
    }
  }
}

/** sprig gives Go's refusal as the text. */
function bcrypt(password: string): string {
  if (byteLength(password) > bcryptBytesMax) {
    return `failed to encrypt string with bcrypt: bcrypt: password length exceeds ${bcryptBytesMax} bytes`
  }
  if (!password.isWellFormed()) throw new Error('bcrypt takes text in UTF-8 only')
  // Go writes the prefix of the first version; the algorithm is the same.
  return hashSync(password, genSaltSync(bcryptCost).replace('$2b$', '$2a$'))
}

function newKey(kind: 'rsa' | 'dsa' | 'ecdsa' | 'ed25519'): KeyObject {
  switch (kind) {
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey
    case 'dsa':
      return generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey
    case 'ecdsa':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey
  }
}
