import { toBytes } from '../bytes.ts'

/** What derivePassword needs from outside. */
export interface PasswordPrimitives {
  readonly scrypt: (password: Uint8Array, salt: Uint8Array) => Uint8Array
  readonly hmac: (key: Uint8Array, data: Uint8Array) => Uint8Array
}

/** The Master Password algorithm's public tables: shapes by type, and the letters of each place. */
const shapes: Readonly<Record<string, readonly string[]>> = {
  maximum: ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno'],
  long: (
    'CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv ' +
    'CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv ' +
    'CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno'
  ).split(' '),
  medium: ['CvcnoCvc', 'CvcCvcno'],
  short: ['Cvcn'],
  basic: ['aaanaaan', 'aannaaan', 'aaannaaa'],
  pin: ['nnnn'],
}
const letters: Readonly<Record<string, string>> = {
  V: 'AEIOU',
  C: 'BCDFGHJKLMNPQRSTVWXYZ',
  v: 'aeiou',
  c: 'bcdfghjklmnpqrstvwxyz',
  A: 'AEIOUBCDFGHJKLMNPQRSTVWXYZ',
  a: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz',
  n: '0123456789',
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()',
}
const scope = 'com.lyndir.masterpassword'

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((bytes) => [...bytes]))
}

/** sprig's derivePassword. */
export function derivedPassword(
  counter: number,
  type: string,
  password: string,
  user: string,
  site: string,
  primitives: PasswordPrimitives,
): string {
  const templates = Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (templates === undefined) return `cannot find password template ${type}`
  const [seedText, userBytes, siteBytes] = [toBytes(scope), toBytes(user), toBytes(site)]
  const key = primitives.scrypt(toBytes(password), joined(seedText, uint32(userBytes.length), userBytes))
  const seed = primitives.hmac(key, joined(seedText, uint32(siteBytes.length), siteBytes, uint32(counter)))
  const shape = templates[(seed[0] ?? 0) % templates.length] ?? ''
  return Array.from(shape, (place, i) => {
    const choice = letters[place] ?? ''
    return choice[(seed[i + 1] ?? 0) % choice.length] ?? ''
  }).join('')
}
