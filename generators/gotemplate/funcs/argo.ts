import { FunctionError } from '../errors.ts'
import { define, type FunctionTable, textAt } from '../functions.ts'
import { normalizeName, slugifyName } from '../slug.ts'
import { elements, emptyMap, isMap, typeOf, type Value } from '../values.ts'
import { toYaml } from '../yaml/emit.ts'
import { parseYaml } from '../yaml/parse.ts'

const slugLength = 50

function conversion(value: Value, wanted: string): FunctionError {
  const actual = value === null || value === undefined ? 'nil' : typeOf(value)
  return new FunctionError(`interface conversion: interface {} is ${actual}, not ${wanted}`)
}

/** slugify [maxLength [smartTruncate]] name. */
function slugify(args: readonly Value[]): string {
  const name = args.at(-1)
  let maxLength = slugLength
  let smart = true
  if (args.length > 1) {
    if (typeof args[0] !== 'bigint') throw conversion(args[0], 'int')
    maxLength = Number(args[0])
  }
  if (args.length > 2) {
    if (typeof args[1] !== 'boolean') throw conversion(args[1], 'bool')
    smart = args[1]
  }
  if (args.length === 0) return ''
  if (typeof name !== 'string') throw conversion(name, 'string')
  return slugifyName(name, maxLength, smart)
}

function goKind(value: Value): string {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'bool'
  return elements(value) === undefined ? 'object' : 'array'
}

/** A document of the wrong type. */
function mismatch(value: Value, wanted: string): FunctionError {
  return new FunctionError(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${goKind(value)} into Go value of type ${wanted}`,
  )
}

function fromYaml(text: string): Value {
  const value = parseYaml(text)
  if (value === null) return emptyMap()
  if (isMap(value)) return value
  throw mismatch(value, 'map[string]interface {}')
}

function fromYamlArray(text: string): Value {
  const value = parseYaml(text)
  if (value === null) return []
  if (elements(value) !== undefined) return value
  throw mismatch(value, '[]interface {}')
}

/** What Argo CD adds to sprig. */
export const argoFunctions: FunctionTable = {
  fromYaml: define('s', (args) => fromYaml(textAt(args, 0))),
  fromYamlArray: define('s', (args) => fromYamlArray(textAt(args, 0))),
  normalize: define('s', (args) => normalizeName(textAt(args, 0))),
  slugify: define('a...', slugify),
  toYaml: define('a', ([value]) => toYaml(value).replace(/\n$/, '')),
}
