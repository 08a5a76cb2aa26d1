import { fromBytes, toBytes } from '../bytes.ts'
import type { CertificateRequest, Environment, TemplateCrypto } from '../environment.ts'
import { FunctionError, LimitError } from '../errors.ts'
import { sprintValue } from '../format/print.ts'
import { type CallContext, define, type FunctionTable, intAt, textAt } from '../functions.ts'
import { adler32, sha1, sha256, sha512 } from '../hashes.ts'
import { slowWorkMs } from '../limits.ts'
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

/** Runs something of the environment; its errors become the function's, but for limits. */
function guarded<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof LimitError) throw error
    throw new FunctionError(error instanceof Error ? error.message : 'failed')
  }
}

function bcrypt(password: string, { environment, budget }: CallContext): string {
  const hash = part(environment, 'bcrypt')
  budget.slow(slowWorkMs.bcrypt, environment.slowWork)
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

function issue({ environment, budget }: CallContext, request: Omit<CertificateRequest, 'nowMs'>): Struct {
  const make = part(environment, 'certificate')
  budget.slow(slowWorkMs.signature + (request.keyPem === undefined ? slowWorkMs.newCertificateKey : 0), environment.slowWork)
  const made = guarded(() => make({ ...request, nowMs: environment.nowMs }))
  return certificate(made.certificatePem, made.keyPem)
}

function ipAddresses(list: Value): string[] {
  return (elements(list) ?? []).map((item) => {
    if (typeof item === 'string') return item
    throw new FunctionError(`error parsing ip: ${sprintValue(item ?? null)} is not a string`)
  })
}

function dnsNames(list: Value): string[] {
  return (elements(list) ?? []).map((item) => {
    if (typeof item === 'string') return item
    throw new FunctionError(`error processing alternate dns name: ${sprintValue(item ?? null)} is not a string`)
  })
}

function authority(args: readonly Value[], context: CallContext, keyPem: string | undefined): Struct {
  const request = { commonName: textAt(args, 0), ipAddresses: [], dnsNames: [], daysValid: intAt(args, 1), isAuthority: true, keyPem }
  return issue(context, { ...request, signer: undefined })
}

/** Putting a name into a certificate takes longer than a step. */
const stepsPerName = 100

function signed(args: readonly Value[], context: CallContext, signer: Value, keyPem: string | undefined): Struct {
  const request = {
    commonName: textAt(args, 0),
    ipAddresses: ipAddresses(args[1]),
    dnsNames: dnsNames(args[2]),
    daysValid: intAt(args, 3),
    isAuthority: false,
    keyPem,
  }
  // One long text may be in the lists many times.
  const names = [request.commonName, ...request.ipAddresses, ...request.dnsNames]
  context.budget.text(names.reduce((sum, name) => sum + name.length, 0))
  context.budget.step(names.length * stepsPerName)
  if (!(signer instanceof Struct)) return issue(context, { ...request, signer: undefined })
  const pems = { certificatePem: String(signer.fields.get('Cert')), keyPem: String(signer.fields.get('Key')) }
  return issue(context, { ...request, signer: pems })
}

function custom(args: readonly Value[], { environment, budget }: CallContext): Struct {
  const decode = (text: string, what: string): string => {
    try {
      return fromBytes(decodeBase64(text))
    } catch {
      throw new FunctionError(`unable to decode base64 ${what}`)
    }
  }
  const certificatePem = decode(textAt(args, 0), 'certificate')
  const keyPem = decode(textAt(args, 1), 'private key')
  const check = part(environment, 'checkCertificate')
  budget.slow(slowWorkMs.signature, environment.slowWork)
  guarded(() => check(certificatePem, keyPem))
  return certificate(certificatePem, keyPem)
}

function privateKey(kind: string, { environment, budget }: CallContext): string {
  const wanted = kind === '' ? 'rsa' : kind
  if (wanted !== 'rsa' && wanted !== 'dsa' && wanted !== 'ecdsa' && wanted !== 'ed25519') return `Unknown type ${kind}`
  const generate = part(environment, 'generateKey')
  budget.slow(slowWorkMs[wanted], environment.slowWork)
  return guarded(() => generate(wanted))
}

/** The slow half of derivePassword: the same for all sites and counters of one user and password, so an expansion does it once. */
function scrypt(password: Uint8Array, salt: Uint8Array, { environment, budget }: CallContext): Uint8Array {
  const derive = part(environment, 'scrypt')
  const run = (): Uint8Array => {
    budget.slow(slowWorkMs.scrypt, environment.slowWork)
    return guarded(() => derive(password, salt))
  }
  return environment.slowWork?.once(`${encodeBase64(password)} ${encodeBase64(salt)}`, run) ?? run()
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
  bcrypt: define('s', (args, context) => bcrypt(textAt(args, 0), context)),
  buildCustomCert: define('ss', (args, context) => custom(args, context)),
  decryptAES: define('ss', (args, { environment }) => decryptAes(textAt(args, 0), textAt(args, 1), environment)),
  derivePassword: define('ussss', (args, context) =>
    derivedPassword(Number(integer(args[0]) ?? 0n), textAt(args, 1), textAt(args, 2), textAt(args, 3), textAt(args, 4), {
      scrypt: (password, salt) => scrypt(password, salt, context),
      hmac: (key, data) => part(context.environment, 'hmacSha256')(key, data),
    }),
  ),
  encryptAES: define('ss', (args, { environment }) => encryptAes(textAt(args, 0), textAt(args, 1), environment)),
  genCA: define('si', (args, context) => authority(args, context, undefined)),
  genCAWithKey: define('sis', (args, context) => authority(args, context, textAt(args, 2))),
  genPrivateKey: define('s', (args, context) => privateKey(textAt(args, 0), context)),
  genSelfSignedCert: define('slli', (args, context) => signed(args, context, undefined, undefined)),
  genSelfSignedCertWithKey: define('sllis', (args, context) => signed(args, context, undefined, textAt(args, 4))),
  genSignedCert: define('sllic', (args, context) => signed(args, context, args[4], undefined)),
  genSignedCertWithKey: define('sllics', (args, context) => signed(args, context, args[4], textAt(args, 5))),
  htpasswd: define('ss', (args, context) => {
    const user = textAt(args, 0)
    return user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt(textAt(args, 1), context)}`
  }),
  sha1sum: define('s', (args) => sha1(toBytes(textAt(args, 0)))),
  sha256sum: define('s', (args) => sha256(toBytes(textAt(args, 0)))),
  sha512sum: define('s', (args) => sha512(toBytes(textAt(args, 0)))),
}
