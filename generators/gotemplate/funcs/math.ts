import { FunctionError } from '../errors.ts'
import { parseIntBase } from '../format/numbers.ts'
import { sprintValue } from '../format/print.ts'
import { type CallContext, define, type FunctionTable, intAt, textAt } from '../functions.ts'
import { int64, List, type Value } from '../values.ts'
import { toFloat64, toInt64 } from './casts.ts'
import { add, type Decimal, decimalOf, divide, multiply, subtract, toNumber } from './decimal.ts'

function divisor(value: Value): bigint {
  const by = toInt64(value)
  if (by === 0n) throw new FunctionError('runtime error: integer divide by zero')
  return by
}

function extreme(args: readonly Value[], isBetter: (a: bigint, b: bigint) => boolean): Value {
  return int64(args.map(toInt64).reduce((best, next) => (isBetter(next, best) ? next : best)))
}

function decimals(args: readonly Value[], operation: (a: Decimal, b: Decimal) => Decimal): number {
  // One after the other: a division by nothing comes before a later argument that is no number.
  const [first, ...others] = args
  return toNumber(others.reduce<Decimal>((result, arg) => operation(result, decimalOf(toFloat64(arg))), decimalOf(toFloat64(first))))
}

/** `start`, `start + step` and so on before `stop`. */
function untilStep(start: number, stop: number, step: number, context: CallContext): bigint[] {
  const isDown = stop < start
  if (isDown ? step >= 0 : step <= 0) return []
  context.budget.step(Math.ceil(Math.abs(stop - start) / Math.abs(step)))
  const values: bigint[] = []
  for (let i = start; isDown ? i > stop : i < stop; i += step) values.push(BigInt(i))
  return values
}

function seq(args: readonly Value[], context: CallContext): string {
  const at = (i: number): number => intAt(args, i)
  switch (args.length) {
    case 1: {
      const step = at(0) < 1 ? -1 : 1
      return untilStep(1, at(0) + step, step, context).join(' ')
    }
    case 2: {
      const step = at(1) < at(0) ? -1 : 1
      return untilStep(at(0), at(1) + step, step, context).join(' ')
    }
    case 3: {
      const isDown = at(2) < at(0)
      if (isDown && at(1) > 0) return ''
      return untilStep(at(0), at(2) + (isDown ? -1 : 1), at(1), context).join(' ')
    }
    default:
      return ''
  }
}

function round(args: readonly Value[]): number {
  const roundOn = typeof args[2] === 'number' ? args[2] : 0.5
  const scale = Number(`1e${intAt(args, 1)}`)
  const digit = scale * toFloat64(args[0])
  const fraction = digit - Math.trunc(digit)
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / scale
}

/** strconv.Atoi with its error dropped: out of range gives the nearest int, anything else 0. */
function atoi(text: string): bigint {
  const value = parseIntBase(text, 10)
  if (value !== undefined) return value
  if (!/^[+-]?[0-9]+$/.test(text)) return 0n
  return text.startsWith('-') ? -(2n ** 63n) : 2n ** 63n - 1n
}

const max = define('aa...', (args) => extreme(args, (a, b) => a > b))

/** sprig's numbers: int64 for the plain ones, decimals through float64 for those with an f. */
export const mathFunctions: FunctionTable = {
  add: define('a...', (args) => int64(args.reduce<bigint>((sum, arg) => sum + toInt64(arg), 0n))),
  add1: define('a', ([value]) => int64(toInt64(value) + 1n)),
  add1f: define('a', ([value]) => decimals([value, 1], add)),
  addf: define('a...', (args) => decimals([0, ...args], add)),
  atoi: define('s', (args) => atoi(textAt(args, 0))),
  biggest: max,
  ceil: define('a', ([value]) => Math.ceil(toFloat64(value))),
  div: define('aa', ([a, b]) => int64(toInt64(a) / divisor(b))),
  divf: define('aa...', (args) => decimals(args, divide)),
  float64: define('a', ([value]) => toFloat64(value)),
  floor: define('a', ([value]) => Math.floor(toFloat64(value))),
  int: define('a', ([value]) => toInt64(value)),
  int64: define('a', ([value]) => int64(toInt64(value))),
  max,
  maxf: define('aa...', (args) => args.map(toFloat64).reduce((a, b) => (a === Infinity || b === Infinity ? Infinity : Math.max(a, b)))),
  min: define('aa...', (args) => extreme(args, (a, b) => a < b)),
  minf: define('aa...', (args) => args.map(toFloat64).reduce((a, b) => (a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b)))),
  mod: define('aa', ([a, b]) => int64(toInt64(a) % divisor(b))),
  mul: define('aa...', (args) => int64(args.reduce<bigint>((product, arg) => BigInt.asIntN(64, product * toInt64(arg)), 1n))),
  mulf: define('aa...', (args) => decimals(args, multiply)),
  round: define('aif...', round),
  seq: define('i...', seq),
  sub: define('aa', ([a, b]) => int64(toInt64(a) - toInt64(b))),
  subf: define('aa...', (args) => decimals(args, subtract)),
  toDecimal: define('a', ([value]) => int64(parseIntBase(sprintValue(value), 8) ?? 0n)),
  until: define('i', (args, context) => {
    const count = intAt(args, 0)
    return new List('int', untilStep(0, count, count < 0 ? -1 : 1, context))
  }),
  untilStep: define('iii', (args, context) => new List('int', untilStep(intAt(args, 0), intAt(args, 1), intAt(args, 2), context))),
}
