import { fromBytes, toBytes } from '../bytes.ts'
import type { CertificateRequest, Environment, TemplateCrypto } from '../environment.ts'
import { FunctionError } from '../errors.ts'
import { sprintValue } from '../format/print.ts'
import { define, type FunctionTable, intAt, textAt } from '../functions.ts'
import { adler32, sha1, sha256, sha512 } from '../hashes.ts'
import { elements, integer, Struct, type Value } from '../values.ts'
import { decodeBase64, encodeBase64 } from './encoding.ts'
import { derivedPassword } from './password.ts'
import { randomBytes } from './random.ts'

/** A part of the environment's cryptography, or an error that says that it isn't there. */
export function part<K extends keyof TemplateCrypto>(environment: Environment, name: K): NonNullable<TemplateCrypto[K]> {
  const found = environment.crypto?.[name]
  if (found === undefined) throw new FunctionError(`not available here: the environment has no ${name}`)
  return found
}

/** Runs something of the environment; its errors become the function's. */
function guarded<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new FunctionError(error instanceof Error ? error.message : 'failed')
  }
}

function bcrypt(password: string, environment: Environment): string {
  const hash = part(environment, 'bcrypt')
  return guarded(() => hash(password))
}

function certificate(certificatePem: string, keyPem: string): Struct {
  return new Struct(
    'sprig.certificate',
    new Map([
      ['Cert', certificatePem],
      ['Key', keyPem],
    ]),
  )
}

function issue(environment: Environment, request: CertificateRequest): Struct {
  const make = part(environment, 'certificate')
  const made = guarded(() => make(request))
  return certificate(made.certificatePem, made.keyPem)
}

function ipAddresses(list: Value): string[] {
  return (elements(list) ?? []).map((item) => {
    if (typeof item !== 'string') throw new FunctionError(`error parsing ip: ${sprintValue(item ?? null)} is not a string`)
    if (!/^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$/.test(item)) throw new FunctionError(`error parsing ip: ${item}`)
    return item
  })
}

function dnsNames(list: Value): string[] {
  return (elements(list) ?? []).map((item) => {
    if (typeof item === 'string') return item
    throw new FunctionError(`error processing alternate dns name: ${sprintValue(item ?? null)} is not a string`)
  })
}

function authority(args: readonly Value[], environment: Environment, keyPem: string | undefined): Struct {
  const request = { commonName: textAt(args, 0), ipAddresses: [], dnsNames: [], daysValid: intAt(args, 1), isAuthority: true, keyPem }
  return issue(environment, { ...request, signer: undefined })
}

function signed(args: readonly Value[], environment: Environment, signer: Value, keyPem: string | undefined): Struct {
  const request = {
    commonName: textAt(args, 0),
    ipAddresses: ipAddresses(args[1]),
    dnsNames: dnsNames(args[2]),
    daysValid: intAt(args, 3),
    isAuthority: false,
    keyPem,
  }
  if (!(signer instanceof Struct)) return issue(environment, { ...request, signer: undefined })
  const pems = { certificatePem: String(signer.fields.get('Cert')), keyPem: String(signer.fields.get('Key')) }
  if (!pems.certificatePem.includes('-----BEGIN')) throw new FunctionError('unable to decode certificate')
  return issue(environment, { ...request, signer: pems })
}

function custom(args: readonly Value[], environment: Environment): Struct {
  const decode = (text: string, what: string): string => {
    try {
      return fromBytes(decodeBase64(text))
    } catch {
      throw new FunctionError(`unable to decode base64 ${what}`)
    }
  }
  const certificatePem = decode(textAt(args, 0), 'certificate')
  const keyPem = decode(textAt(args, 1), 'private key')
  if (!certificatePem.includes('-----BEGIN')) throw new FunctionError('unable to decode certificate')
  const check = part(environment, 'checkCertificate')
  guarded(() => check(certificatePem, keyPem))
  return certificate(certificatePem, keyPem)
}

function privateKey(kind: string, environment: Environment): string {
  const wanted = kind === '' ? 'rsa' : kind
  if (wanted !== 'rsa' && wanted !== 'dsa' && wanted !== 'ecdsa' && wanted !== 'ed25519') return `Unknown type ${kind}`
  const generate = part(environment, 'generateKey')
  return guarded(() => generate(wanted))
}

const blockBytes = 16

function aesKey(password: string): Uint8Array {
  const key = new Uint8Array(32)
  key.set(toBytes(password).subarray(0, 32))
  return key
}

function encryptAes(password: string, text: string, environment: Environment): string {
  if (text === '') return ''
  const encrypt = part(environment, 'aesCbcEncrypt')
  const plain = toBytes(text)
  const padding = blockBytes - (plain.length % blockBytes)
  const content = new Uint8Array(plain.length + padding).fill(padding)
  content.set(plain)
  const iv = randomBytes(environment, blockBytes)
  return encodeBase64(Uint8Array.from([...iv, ...guarded(() => encrypt(aesKey(password), iv, content))]))
}

function decryptAes(password: string, text: string, environment: Environment): string {
  if (text === '') return ''
  const decrypt = part(environment, 'aesCbcDecrypt')
  const bytes = decodeBase64(text)
  // Go's decoder makes room for whole groups of four letters.
  const capacity = Math.floor(text.length / 4) * 3
  if (capacity < blockBytes) throw new FunctionError(`runtime error: slice bounds out of range [:${blockBytes}] with capacity ${capacity}`)
  const body = bytes.subarray(blockBytes)
  if (body.length % blockBytes !== 0) throw new FunctionError('crypto/cipher: input not full blocks')
  const plain = guarded(() => decrypt(aesKey(password), bytes.subarray(0, blockBytes), body))
  const length = plain.length - (plain.at(-1) ?? 0)
  if (plain.length === 0) throw new FunctionError('runtime error: index out of range [-1]')
  if (length < 0) throw new FunctionError(`runtime error: slice bounds out of range [:${length}]`)
  return fromBytes(plain.subarray(0, length))
}

/** sprig's digests and cryptography. */
export const cryptoFunctions: FunctionTable = {
  adler32sum: define('s', (args) => String(adler32(toBytes(textAt(args, 0))))),
  bcrypt: define('s', (args, { environment }) => bcrypt(textAt(args, 0), environment)),
  buildCustomCert: define('ss', (args, { environment }) => custom(args, environment)),
  decryptAES: define('ss', (args, { environment }) => decryptAes(textAt(args, 0), textAt(args, 1), environment)),
  derivePassword: define('ussss', (args, { environment }) =>
    derivedPassword(Number(integer(args[0]) ?? 0n), textAt(args, 1), textAt(args, 2), textAt(args, 3), textAt(args, 4), {
      scrypt: (password, salt) => part(environment, 'scrypt')(password, salt),
      hmac: (key, data) => part(environment, 'hmacSha256')(key, data),
    }),
  ),
  encryptAES: define('ss', (args, { environment }) => encryptAes(textAt(args, 0), textAt(args, 1), environment)),
  genCA: define('si', (args, { environment }) => authority(args, environment, undefined)),
  genCAWithKey: define('sis', (args, { environment }) => authority(args, environment, textAt(args, 2))),
  genPrivateKey: define('s', (args, { environment }) => privateKey(textAt(args, 0), environment)),
  genSelfSignedCert: define('slli', (args, { environment }) => signed(args, environment, undefined, undefined)),
  genSelfSignedCertWithKey: define('sllis', (args, { environment }) => signed(args, environment, undefined, textAt(args, 4))),
  genSignedCert: define('sllic', (args, { environment }) => signed(args, environment, args[4], undefined)),
  genSignedCertWithKey: define('sllics', (args, { environment }) => signed(args, environment, args[4], textAt(args, 5))),
  htpasswd: define('ss', (args, { environment }) => {
    const user = textAt(args, 0)
    return user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt(textAt(args, 1), environment)}`
  }),
  sha1sum: define('s', (args) => sha1(toBytes(textAt(args, 0)))),
  sha256sum: define('s', (args) => sha256(toBytes(textAt(args, 0)))),
  sha512sum: define('s', (args) => sha512(toBytes(textAt(args, 0)))),
}
