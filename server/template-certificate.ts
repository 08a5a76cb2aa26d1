import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify, X509Certificate } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import {
  type BaseBlock,
  BitString,
  Boolean as BooleanBlock,
  Constructed,
  fromBER,
  GeneralizedTime,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Primitive,
  PrintableString,
  Sequence,
  Set as SetBlock,
  UTCTime,
  Utf8String,
} from 'asn1js'
import type { CertificateRequest } from '../generators/gotemplate/environment.ts'
import { quote } from '../generators/gotemplate/format/quote.ts'
import {
  curveBits,
  decodePem,
  encodePem,
  itemsOf,
  type PrivateKey,
  parsePrivateKey,
  privateKeyPem,
  rsaBits,
  within,
} from './private-key-pem.ts'

const ids = {
  commonName: '2.5.4.3',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  ed25519: '1.3.101.112',
} as const
const ecdsaIds = { 256: '1.2.840.10045.4.3.2', 384: '1.2.840.10045.4.3.3', 512: '1.2.840.10045.4.3.4' } as const

/** Digital signature and key encipherment, and for an authority certificate signing: bits from the left, the last ones unused. */
const keyUsages = { authority: { bits: 0xa4, unusedBits: 2 }, other: { bits: 0xa0, unusedBits: 5 } } as const
const newKeyBits = 2048
const rsaBitsMin = 1024
const dayNs = 86_400_000_000_000n

/** Makes what sprig's genCA, genSelfSignedCert, genSignedCert and their ...WithKey make (Go's x509.CreateCertificate). Throws Error with Go's text. */
export function issueCertificate(request: CertificateRequest): { readonly certificatePem: string; readonly keyPem: string } {
  const { keyPem, signer } = request
  const key =
    keyPem === undefined
      ? generateKeyPairSync('rsa', { modulusLength: newKeyBits }).privateKey
      : within('parsing private key', () => parsePrivateKey(keyPem))
  const parent = signer === undefined ? undefined : readParent(signer.certificatePem, 'decodedSignerCert.Bytes')
  const signingKey = signer === undefined ? key : within('error parsing private key', () => parsePrivateKey(signer.keyPem))
  const addresses = request.ipAddresses.map(addressBytes)
  return within('error creating certificate', () => {
    const signing = signingFor(signingKey)
    if (key === 'dsa') throw new Error('x509: unsupported public key type: *dsa.PublicKey')
    const certificatePem = encodePem('CERTIFICATE', signedCertificate(request, key, addresses, signing, parent))
    return { certificatePem, keyPem: privateKeyPem(key) }
  })
}

/** sprig's buildCustomCert: both have to be readable; whether they belong together isn't asked. Throws Error with Go's text. */
export function checkCertificate(certificatePem: string, keyPem: string): void {
  readParent(certificatePem, 'decodedCert.Bytes')
  within('error parsing private key', () => parsePrivateKey(keyPem))
}

interface Parent {
  readonly certificate: X509Certificate
  readonly subject: BaseBlock
  readonly subjectKeyId: Uint8Array | undefined
}

function readParent(pem: string, what: string): Parent {
  const block = decodePem(pem)
  if (block === null) throw new Error('unable to decode certificate')
  try {
    return parentOf(new X509Certificate(block.bytes))
  } catch {
    throw new Error(`error parsing certificate: ${what}: x509: malformed certificate`)
  }
}

function parentOf(certificate: X509Certificate): Parent {
  const [signedPart] = itemsOf(certificate.raw)
  if (!(signedPart instanceof Sequence)) throw new Error('not a certificate')
  const parts = signedPart.valueBlock.value
  // The version may be missing: serial number, signature, issuer, validity, subject, key, then what is optional.
  const [, , , , subject, , ...optional] = parts[0] instanceof Integer ? parts : parts.slice(1)
  if (subject === undefined) throw new Error('not a certificate')
  return { certificate, subject, subjectKeyId: optional.map(subjectKeyIdIn).find((id) => id !== undefined) }
}

/** The subject key identifier, when `block` is a certificate's list of extensions. */
function subjectKeyIdIn(block: BaseBlock): Uint8Array | undefined {
  const list = block instanceof Constructed && block.idBlock.tagNumber === 3 ? block.valueBlock.value[0] : undefined
  for (const entry of list instanceof Sequence ? list.valueBlock.value : []) {
    const [id, value] = entry instanceof Sequence ? [entry.valueBlock.value[0], entry.valueBlock.value.at(-1)] : []
    if (!(id instanceof ObjectIdentifier && id.getValue() === ids.subjectKeyId && value instanceof OctetString)) continue
    const inner = fromBER(Uint8Array.from(value.valueBlock.valueHexView)).result
    return inner instanceof OctetString ? inner.valueBlock.valueHexView : undefined
  }
  return undefined
}

interface Signing {
  readonly key: KeyObject
  readonly algorithm: Sequence
  /** Node's name of the digest; null where the algorithm has its own. */
  readonly digest: string | null
}

/** Go's choice of an algorithm (signingParamsForKey). */
function signingFor(key: PrivateKey): Signing {
  const kind = key === 'dsa' ? key : key.asymmetricKeyType
  if (key === 'dsa' || kind === 'x25519') throw new Error('x509: certificate private key does not implement crypto.Signer')
  if (kind === 'rsa') return { key, algorithm: sequence(identifier(ids.sha256WithRsa), new Null()), digest: 'sha256' }
  if (kind === 'ed25519') return { key, algorithm: sequence(identifier(ids.ed25519)), digest: null }
  const bits = curveBits[key.asymmetricKeyDetails?.namedCurve ?? '']
  if (bits === undefined) throw new Error('x509: unsupported elliptic curve')
  return { key, algorithm: sequence(identifier(ecdsaIds[bits])), digest: `sha${bits}` }
}

function signedCertificate(
  request: CertificateRequest,
  key: KeyObject,
  addresses: readonly Uint8Array[],
  { key: signingKey, algorithm, digest }: Signing,
  parent: Parent | undefined,
): Uint8Array {
  const subject = nameOf(request.commonName)
  const issuer = parent?.subject ?? subject
  if (parent !== undefined && !parent.certificate.checkPrivateKey(signingKey)) {
    throw new Error("x509: provided PrivateKey doesn't match parent's PublicKey")
  }
  const publicKey = parsed(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  const authorityKeyId = derOf(issuer).equals(derOf(subject)) ? undefined : parent?.subjectKeyId
  const content = sequence(
    new Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [new Integer({ value: 2 })] }),
    Integer.fromBigInt(BigInt(`0x${randomBytes(16).toString('hex')}`)),
    algorithm,
    issuer,
    validity(request),
    subject,
    publicKey,
    new Constructed({
      idBlock: { tagClass: 3, tagNumber: 3 },
      value: [sequence(...extensions(request, publicKey, addresses, authorityKeyId))],
    }),
  )
  const der = derOf(content)
  const bits = rsaBits(signingKey)
  if (bits > 0 && bits < rsaBitsMin)
    throw new Error(`crypto/rsa: ${bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)`)
  const signature = sign(digest, der, signingKey)
  // A key whose parts don't fit together signs something wrong.
  if (!verify(digest, der, createPublicKey(signingKey), signature)) throw new Error('x509: signature returned by signer is invalid')
  return derOf(sequence(content, algorithm, new BitString({ valueHex: exactly(signature) })))
}

function extensions(
  { commonName, dnsNames, isAuthority }: CertificateRequest,
  publicKey: BaseBlock,
  addresses: readonly Uint8Array[],
  authorityKeyId: Uint8Array | undefined,
): Sequence[] {
  const { bits, unusedBits } = isAuthority ? keyUsages.authority : keyUsages.other
  const names = [...dnsNames.map(dnsNameBytes).map((bytes) => tagged(2, bytes)), ...addresses.map((bytes) => tagged(7, bytes))]
  return [
    extension(ids.keyUsage, true, new BitString({ valueHex: Uint8Array.of(bits).buffer, unusedBits })),
    extension(ids.extendedKeyUsage, false, sequence(identifier(ids.serverAuth), identifier(ids.clientAuth))),
    extension(ids.basicConstraints, true, sequence(...(isAuthority ? [new BooleanBlock({ value: true })] : []))),
    ...(isAuthority ? [extension(ids.subjectKeyId, false, octets(subjectKeyId(publicKey)))] : []),
    ...(authorityKeyId === undefined ? [] : [extension(ids.authorityKeyId, false, sequence(tagged(0, authorityKeyId)))]),
    // A certificate without a subject is told from others by these names only.
    ...(names.length === 0 ? [] : [extension(ids.alternativeNames, commonName === '', sequence(...names))]),
  ]
}

function extension(id: string, critical: boolean, value: BaseBlock): Sequence {
  return sequence(identifier(id), ...(critical ? [new BooleanBlock({ value: true })] : []), octets(derOf(value)))
}

/** RFC 7093, method 1, as Go since 1.25: the leftmost 160 bits of the key's SHA-256. */
function subjectKeyId(publicKey: BaseBlock): Uint8Array {
  const bits = publicKey instanceof Sequence ? publicKey.valueBlock.value[1] : undefined
  if (!(bits instanceof BitString)) throw new Error('x509: unsupported public key')
  return createHash('sha256').update(bits.valueBlock.valueHexView).digest().subarray(0, 20)
}

function nameOf(commonName: string): Sequence {
  if (commonName === '') return sequence()
  if (!commonName.isWellFormed()) throw new Error('asn1: string not valid UTF-8')
  const value = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(commonName)
    ? new PrintableString({ value: commonName })
    : new Utf8String({ value: commonName })
  return sequence(new SetBlock({ value: [sequence(identifier(ids.commonName), value)] }))
}

function dnsNameBytes(name: string): Uint8Array {
  if (!/^[\0-\x7f]*$/.test(name)) throw new Error(`x509: ${quote(name)} cannot be encoded as an IA5String`)
  return Buffer.from(name, 'latin1')
}

/** Go's net.ParseIP, and its shortest form. */
function addressBytes(text: string): Uint8Array {
  if (isIPv4(text)) return Uint8Array.from(text.split('.').map(Number))
  if (!isIPv6(text) || text.includes('%')) throw new Error(`error parsing ip: ${text}`)
  // The URL parser writes an IPv4 tail in hexadecimal, so that only colons are left.
  const [left = '', right = ''] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::')
  const [head, tail] = [left, right].map((half) => (half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16)))) as [
    number[],
    number[],
  ]
  const groups = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail]
  const bytes = Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  return isMapped ? bytes.subarray(12) : bytes
}

/** From now on, for whole days; Go counts them in 64 bits of nanoseconds, so that 292 years are the most. */
function validity({ nowMs, daysValid }: CertificateRequest): Sequence {
  const lastsNs = BigInt.asIntN(64, dayNs * BigInt(Math.trunc(daysValid)))
  return sequence(timeOf(nowMs), timeOf(nowMs + Number(lastsNs / 1_000_000n)))
}

function timeOf(ms: number): BaseBlock {
  const date = new Date(Math.floor(ms / 1000) * 1000)
  const [year, rest] = [date.getUTCFullYear(), date.toISOString().replaceAll(/[-:T]|\.000/g, '')]
  return year >= 1950 && year < 2050 ? new UTCTime({ value: rest.slice(2) }) : new GeneralizedTime({ value: rest })
}

function sequence(...value: BaseBlock[]): Sequence {
  return new Sequence({ value })
}

function identifier(value: string): ObjectIdentifier {
  return new ObjectIdentifier({ value })
}

function octets(bytes: Uint8Array): OctetString {
  return new OctetString({ valueHex: exactly(bytes) })
}

function tagged(tagNumber: number, bytes: Uint8Array): Primitive {
  return new Primitive({ idBlock: { tagClass: 3, tagNumber }, valueHex: exactly(bytes) })
}

function derOf(block: BaseBlock): Buffer {
  return Buffer.from(block.toBER())
}

function parsed(der: Uint8Array): BaseBlock {
  return fromBER(exactly(der)).result
}

/** Node's buffers are windows into larger ones. */
function exactly(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}
