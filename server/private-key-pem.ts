import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { type BaseBlock, fromBER, Integer, ObjectIdentifier, OctetString, Sequence } from 'asn1js'
import { LimitError } from '../generators/gotemplate/errors.ts'

/** Beyond this no key and no certificate is meant: reading them takes time. */
const pemLengthMax = 65_536
const rsaBitsMax = 8192

export interface PemBlock {
  readonly type: string
  readonly bytes: Buffer
}

/** A key that can sign or be certified; DSA keys can do neither, and only their form is looked at. */
export type PrivateKey = KeyObject | 'dsa'

const beginMark = '-----BEGIN '
const endMark = '\n-----END '

/** The first block of a PEM text, with Go's rules (encoding/pem, Decode); null when there is none. Throws LimitError for a text that is too long. */
export function decodePem(text: string): PemBlock | null {
  if (text.length > pemLengthMax) throw new LimitError(`a PEM text is longer than ${pemLengthMax} characters`)
  for (let from = 0; ; ) {
    const end = text.indexOf(endMark, from)
    if (end < 0) return null
    // The last BEGIN before the first END: one without an end is skipped.
    const begin = text.slice(from, end).lastIndexOf(beginMark) + from
    const startsLine = begin === 0 || text[begin - 1] === '\n'
    const block =
      begin >= from && startsLine ? readBlock(text.slice(begin + beginMark.length, end), text.slice(end + endMark.length)) : null
    if (block !== null) return block
    from = end + endMark.length
  }
}

function readBlock(inside: string, after: string): PemBlock | null {
  const [typeLine = '', ...lines] = inside.split('\n').map((line) => line.trimEnd())
  const [endLine = ''] = after.split('\n', 1)
  if (!typeLine.endsWith('-----') || endLine.trimEnd() !== typeLine) return null
  const firstOfBody = lines.findIndex((line) => !line.includes(':'))
  const body = firstOfBody < 0 ? '' : lines.slice(firstOfBody).join('').replaceAll(/[ \t]/g, '')
  if (body.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(body)) return null
  return { type: typeLine.slice(0, -5), bytes: Buffer.from(body, 'base64') }
}

export function encodePem(type: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`
}

/** Reads a private key as sprig's parsePrivateKeyPEM does. Throws Error with Go's text, which ends early where Go names its own structures. */
export function parsePrivateKey(pem: string): PrivateKey {
  const block = decodePem(pem)
  if (block === null) throw new Error('no PEM data in input')
  const { type, bytes } = block
  if (type === 'PRIVATE KEY') return within('decoding PEM as PKCS#8', () => readPkcs8(bytes))
  if (!type.endsWith(' PRIVATE KEY')) throw new Error(`no private key data in PEM block of type ${type}`)
  switch (type) {
    case 'RSA PRIVATE KEY':
      return within('parsing RSA private key from PEM', () => readKey(bytes, 'pkcs1'))
    case 'EC PRIVATE KEY':
      return within('parsing EC private key from PEM', () => readKey(bytes, 'sec1'))
    case 'DSA PRIVATE KEY':
      return within('parsing DSA private key from PEM', () => {
        const numbers = itemsOf(bytes)
        if (numbers.length < 6 || !numbers.slice(0, 6).every((item) => item instanceof Integer)) throw new Error('asn1: structure error')
        return 'dsa'
      })
    default:
      throw new Error(`invalid private key type ${type}`)
  }
}

/** Runs; errors get `prefix` in front, limits stay as they are. */
export function within<T>(prefix: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof LimitError) throw error
    throw new Error(`${prefix}: ${error instanceof Error ? error.message : 'failed'}`, { cause: error })
  }
}

type Form = 'pkcs1' | 'pkcs8' | 'sec1'
const goParsers: Readonly<Record<Form, string>> = {
  pkcs1: 'ParsePKCS1PrivateKey',
  pkcs8: 'ParsePKCS8PrivateKey',
  sec1: 'ParseECPrivateKey',
}

/** The parts of a DER sequence; none when it isn't one, or something follows. */
export function itemsOf(der: Uint8Array): readonly BaseBlock[] {
  const { offset, result } = fromBER(Uint8Array.from(der))
  return offset === der.length && result instanceof Sequence ? result.valueBlock.value : []
}

/** Which kind of structure a key is in, by its first parts. */
function formOf(der: Uint8Array): Form | null {
  const [version, second, third] = itemsOf(der)
  if (!(version instanceof Integer)) return null
  if (second instanceof OctetString) return 'sec1'
  if (second instanceof Integer) return 'pkcs1'
  return second instanceof Sequence && third instanceof OctetString ? 'pkcs8' : null
}

function readKey(der: Buffer, form: Form): KeyObject {
  const found = formOf(der)
  if (found !== form) {
    if (found === null)
      throw new Error(form === 'sec1' ? 'x509: failed to parse EC private key: asn1: structure error' : 'asn1: structure error')
    throw new Error(`x509: failed to parse private key (use ${goParsers[found]} instead for this key format)`)
  }
  const key = loaded(der, form)
  if (key.asymmetricKeyType === 'ec' && !Object.hasOwn(curveBits, key.asymmetricKeyDetails?.namedCurve ?? ''))
    throw new Error('x509: unknown elliptic curve')
  if (key.asymmetricKeyType === 'rsa') checkRsa(key)
  return key
}

/** Signing takes the third power of the longest number, so none may be longer than the modulus pretends. */
function checkRsa(key: KeyObject): void {
  const bits = rsaBits(key)
  if (bits > rsaBitsMax) throw new LimitError(`an RSA key has more than ${rsaBitsMax} bits`)
  const numbers = itemsOf(key.export({ type: 'pkcs1', format: 'der' }))
  const isSound = numbers.every((item) => item instanceof Integer && item.valueBlock.valueHexView.length <= bits / 8 + 1)
  if (numbers.length !== 9 || !isSound) throw new Error('crypto/rsa: invalid private key')
}

function loaded(key: Buffer, type: Form): KeyObject {
  try {
    return createPrivateKey({ key, format: 'der', type })
  } catch {
    // OpenSSL's words are for whoever wrote the program.
    throw new Error(type === 'pkcs1' ? 'crypto/rsa: invalid private key' : 'x509: invalid private key')
  }
}

const pkcs8Names: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.10045.2.1': 'EC',
  '1.3.101.112': '',
  '1.3.101.110': '',
}

function readPkcs8(der: Buffer): KeyObject {
  if (formOf(der) !== 'pkcs8') return readKey(der, 'pkcs8')
  const [, algorithm] = itemsOf(der)
  const id = algorithm instanceof Sequence ? algorithm.valueBlock.value[0] : undefined
  const name = id instanceof ObjectIdentifier ? pkcs8Names[id.getValue()] : undefined
  if (name === undefined) {
    const shown = id instanceof ObjectIdentifier ? id.getValue() : ''
    throw new Error(`x509: PKCS#8 wrapping contained private key with unknown algorithm: ${shown}`)
  }
  if (name === '') return readKey(der, 'pkcs8')
  return within(`x509: failed to parse ${name} private key embedded in PKCS#8`, () => readKey(der, 'pkcs8'))
}

/** The curves that Go's x509 knows, and the bits of the digest that it signs with. */
export const curveBits: Readonly<Record<string, 256 | 384 | 512>> = { secp224r1: 256, prime256v1: 256, secp384r1: 384, secp521r1: 512 }

/** Bits of an RSA key; 0 for another key. */
export function rsaBits(key: KeyObject): number {
  return key.asymmetricKeyType === 'rsa' ? (key.asymmetricKeyDetails?.modulusLength ?? 0) : 0
}

/** A private key in the form in which sprig writes it (pemBlockForKey). */
export function privateKeyPem(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString()
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' }).toString()
    case 'dsa':
      return encodePem('DSA PRIVATE KEY', dsaStructure(key))
    default:
      return key.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}

/** sprig's DSAKeyFormat, which is OpenSSL's old one: version, P, Q, G, Y, X. */
function dsaStructure(key: KeyObject): Uint8Array {
  const [, algorithm, secret] = itemsOf(key.export({ type: 'pkcs8', format: 'der' }))
  const [, open] = itemsOf(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  const parameters = algorithm instanceof Sequence ? algorithm.valueBlock.value[1] : undefined
  if (!(parameters instanceof Sequence && secret instanceof OctetString && open !== undefined))
    throw new Error('a DSA key of an unknown form')
  const y = fromBER(Uint8Array.from(new Uint8Array(open.valueBlock.toBER()).subarray(1))).result
  const x = fromBER(Uint8Array.from(secret.valueBlock.valueHexView)).result
  const version = new Integer({ value: 0 })
  return new Uint8Array(new Sequence({ value: [version, ...parameters.valueBlock.value, y, x] }).toBER())
}
