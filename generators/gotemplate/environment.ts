import type { SlowWork } from './limits.ts'

/** A certificate that genCA and its relatives ask the outside for. */
export interface CertificateRequest {
  readonly commonName: string
  readonly ipAddresses: readonly string[]
  readonly dnsNames: readonly string[]
  /** When it begins to be valid, in milliseconds since 1970. */
  readonly nowMs: number
  /** From then on; may be negative. */
  readonly daysValid: number
  readonly isAuthority: boolean
  /** PEM of the subject's key; undefined asks for a new RSA key of 2048 bits. */
  readonly keyPem: string | undefined
  /** Undefined: the certificate signs itself. */
  readonly signer: { readonly certificatePem: string; readonly keyPem: string } | undefined
}

/** The cryptography that is too big to write here or needs secrets of its own. Each may throw an Error with a plain text, or a LimitError. */
export interface TemplateCrypto {
  /** bcrypt of cost 10, in the `$2a$` form; for a password that is too long the text that sprig gives instead. */
  readonly bcrypt?: (password: string) => string
  /** scrypt with N 32768, r 8, p 2, 64 bytes. */
  readonly scrypt?: (password: Uint8Array, salt: Uint8Array) => Uint8Array
  readonly hmacSha256?: (key: Uint8Array, data: Uint8Array) => Uint8Array
  /** AES-256-CBC without padding. */
  readonly aesCbcEncrypt?: (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array
  readonly aesCbcDecrypt?: (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array
  /** A new private key as PEM. */
  readonly generateKey?: (kind: 'rsa' | 'dsa' | 'ecdsa' | 'ed25519') => string
  readonly certificate?: (request: CertificateRequest) => { readonly certificatePem: string; readonly keyPem: string }
  /** Throws when the pair can't be read. */
  readonly checkCertificate?: (certificatePem: string, keyPem: string) => void
}

/** Everything that a template may learn from outside its parameters. Functions whose part is missing fail and say so. */
export interface Environment {
  /** What `now` gives, in milliseconds since 1970. */
  readonly nowMs: number
  /** IANA name of what Go calls Local. Default UTC. */
  readonly timeZone?: string
  /** `n` random bytes. */
  readonly randomBytes?: (n: number) => Uint8Array
  readonly crypto?: TemplateCrypto
  /** What is left to all templates of one set for functions that are slow on purpose. Left out: only the template's own bound holds. */
  readonly slowWork?: SlowWork
}
