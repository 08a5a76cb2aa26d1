import type { Environment } from '../environment.ts'
import { FunctionError } from '../errors.ts'
import { type CallContext, define, type FunctionTable, intAt, textAt } from '../functions.ts'
import { encodeBase64 } from './encoding.ts'

/** `n` random bytes of the environment. */
export function randomBytes(environment: Environment, n: number): Uint8Array {
  if (environment.randomBytes === undefined) throw new FunctionError('not available here: the environment has no randomBytes')
  return environment.randomBytes(n)
}

/** An evenly spread integer from 0 to `below` - 1. */
function randomBelow(environment: Environment, below: number): number {
  // Six bytes are more than any range here asks for; the last, incomplete stretch of them is thrown away.
  const span = 2 ** 48
  const fair = span - (span % below)
  for (;;) {
    const value = randomBytes(environment, 6).reduce((sum, byte) => sum * 256 + byte, 0)
    if (value < fair) return value % below
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')

/** `count` characters of an alphabet; goutils gives nothing for a negative count. */
function pick(alphabet: string, count: number, { environment, budget }: CallContext): string {
  budget.step(Math.max(count, 0))
  let text = ''
  for (let i = 0; i < count; i++) text += alphabet[randomBelow(environment, alphabet.length)]
  return text
}

function shuffle(text: string, { environment, budget }: CallContext): string {
  const chars = Array.from(text)
  budget.step(chars.length)
  for (let i = chars.length - 1; i > 0; i--) {
    const j = randomBelow(environment, i + 1)
    const other = chars[j] ?? ''
    chars[j] = chars[i] ?? ''
    chars[i] = other
  }
  return chars.join('')
}

function uuid(environment: Environment): string {
  const bytes = randomBytes(environment, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** sprig's random values, out of the environment's bytes. */
export const randomFunctions: FunctionTable = {
  randAlpha: define('i', (args, context) => pick(letters, intAt(args, 0), context)),
  randAlphaNum: define('i', (args, context) => pick(letters + digits, intAt(args, 0), context)),
  randAscii: define('i', (args, context) => pick(ascii, intAt(args, 0), context)),
  randBytes: define('i', (args, { environment, budget }) => {
    const count = intAt(args, 0)
    if (count < 0) throw new FunctionError('runtime error: makeslice: len out of range')
    budget.text(count)
    return encodeBase64(randomBytes(environment, count))
  }),
  randInt: define('ii', (args, { environment }) => {
    const [low, high] = [intAt(args, 0), intAt(args, 1)]
    if (high <= low) throw new FunctionError('invalid argument to Intn')
    return BigInt(low) + BigInt(randomBelow(environment, Math.min(high - low, 2 ** 47)))
  }),
  randNumeric: define('i', (args, context) => pick(digits, intAt(args, 0), context)),
  shuffle: define('s', (args, context) => shuffle(textAt(args, 0), context)),
  uuidv4: define('', (_, { environment }) => uuid(environment)),
}
