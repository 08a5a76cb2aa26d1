import type { Environment } from './environment.ts'
import type { Budget } from './limits.ts'
import type { Value } from './values.ts'

/** Go's type of a parameter, as its errors write it. `reflect.Value` takes anything and tells no value from nil. */
export type ParameterType =
  | 'string'
  | 'int'
  | 'uint32'
  | 'float64'
  | 'bool'
  | 'map[string]interface {}'
  | '[]interface {}'
  | 'interface {}'
  | 'reflect.Value'
  | 'time.Time'
  | 'time.Duration'
  | '*semver.Version'
  | '*time.Location'
  | 'sprig.certificate'

/** What a function gets besides its arguments. */
export interface CallContext {
  readonly environment: Environment
  readonly budget: Budget
  /** Whether a list stands in the parameters, so that Go's JSON decoder made it. */
  readonly isParameter: (list: readonly Value[]) => boolean
}

/** A function that templates call. It throws FunctionError with Go's text, without the function's name. */
export interface TemplateFunction {
  readonly parameters: readonly ParameterType[]
  /** The last parameter may come any number of times. */
  readonly isVariadic: boolean
  readonly call: (args: readonly Value[], context: CallContext) => Value
  /** `call`: its first operand's text comes as a first argument, for its errors. */
  readonly takesOperandText?: true
  /** Its result's static type is interface{}, which shows when a field is asked of the bare name. */
  readonly givesInterface?: true
  /** Why Go can't call it: the text that follows once the number of arguments is right. */
  readonly cannotCall?: string
  /** `and` and `or`: the executor evaluates their arguments one by one. */
  readonly shortCircuits?: 'and' | 'or'
}

export type FunctionTable = Readonly<Record<string, TemplateFunction>>

const shortNames: Readonly<Record<string, ParameterType>> = {
  s: 'string',
  i: 'int',
  u: 'uint32',
  f: 'float64',
  b: 'bool',
  m: 'map[string]interface {}',
  l: '[]interface {}',
  a: 'interface {}',
  v: 'reflect.Value',
  t: 'time.Time',
  d: 'time.Duration',
  V: '*semver.Version',
  z: '*time.Location',
  c: 'sprig.certificate',
}

/**
 * Declares a function by one letter a parameter (s string, i int, u uint32, f float64, b bool, m map, l list, a anything, v reflect.Value,
 * t time, d duration, z location, V version, c certificate), `...` after the last when it is variadic.
 */
export function define(signature: string, call: TemplateFunction['call']): TemplateFunction {
  const isVariadic = signature.endsWith('...')
  const parameters: ParameterType[] = []
  for (const letter of isVariadic ? signature.slice(0, -3) : signature) {
    const type = shortNames[letter]
    if (type === undefined) throw new TypeError(`no parameter type ${letter}`)
    parameters.push(type)
  }
  return { parameters, isVariadic, call }
}

/** The string argument at `i`: the executor has checked its type. */
export function textAt(args: readonly Value[], i: number): string {
  const value = args[i]
  return typeof value === 'string' ? value : ''
}

/** The int argument at `i`, as a number. */
export function intAt(args: readonly Value[], i: number): number {
  const value = args[i]
  return typeof value === 'bigint' ? Number(value) : 0
}
