import { compareStrings, fromBytes } from '../bytes.ts'
import { FunctionError, LimitError } from '../errors.ts'
import { formatFloat } from '../format/float.ts'
import { quote } from '../format/quote.ts'
import { decodeBase64 } from '../funcs/encoding.ts'
import { outputBytesMax, valueDepthMax } from '../limits.ts'
import { elements, emptyMap, type GoMap, isMap, sortedKeys, type Value } from '../values.ts'
import { type AliasNode, compose, type MappingNode, type ScalarNode, type YamlNode } from './compose.ts'
import { yamlError } from './problem.ts'
import { resolveScalar } from './resolve.ts'

/** Nodes that aliases may unfold to: a few lines of YAML can mean billions. */
const nodesMax = 500_000
const intMax = 2n ** 63n - 1n
const tagPrefix = 'tag:yaml.org,2002:'

/** What a node means to go-yaml: maps keep their keys as they are. */
type Decoded = null | boolean | number | bigint | string | readonly Decoded[] | ReadonlyMap<Decoded, Decoded>

/**
 * Reads the first document of a text as sigs.k8s.io/yaml does into JSON: YAML 1.1 (`yes`, `on` and `n` are booleans, `010` is 8), every
 * number a float64, keys that are no strings written as text, of equal keys the last. Throws FunctionError.
 */
export function parseYaml(text: string): Value {
  return prefixed(() => {
    const value = jsonOf(readYaml(text))
    checkFinite(value)
    return value
  })
}

function prefixed(run: () => Value): Value {
  try {
    return run()
  } catch (error) {
    if (error instanceof FunctionError) throw new FunctionError(`error converting YAML to JSON: ${error.message}`)
    throw error
  }
}

/** go-yaml 2's Unmarshal into an interface{}: integers of 64 bits are bigint. Throws FunctionError. */
export function readYaml(text: string): Decoded {
  if (text.length > outputBytesMax) throw new LimitError(`a YAML text is longer than ${outputBytesMax} characters`)
  const root = compose(text)
  return root === undefined ? null : new Decoder().value(root, 0)
}

/** The same for a text that is JSON, whose keys are all strings. */
export function readYamlValue(json: string): Value {
  return plainOf(readYaml(json))
}

function plainOf(value: Decoded): Value {
  if (value instanceof Map) {
    const map = emptyMap()
    for (const [key, item] of value) map[String(key)] = plainOf(item)
    return map
  }
  return isList(value) ? value.map(plainOf) : (value as Value)
}

class Decoder {
  private nodes = 0
  private readonly open = new Set<AliasNode>()

  value(node: YamlNode, depth: number): Decoded {
    if (++this.nodes > nodesMax) throw new LimitError(`a YAML text has more than ${nodesMax} nodes`)
    if (depth > valueDepthMax) throw new LimitError(`a YAML text is nested more than ${valueDepthMax} deep`)
    switch (node.kind) {
      case 'scalar':
        return scalar(node)
      case 'sequence':
        return node.items.map((item) => this.value(item, depth + 1))
      case 'mapping': {
        const map = new Map<Decoded, Decoded>()
        this.fill(map, node, depth)
        return map
      }
      case 'alias':
        return this.through(node, () => this.value(node.target, depth + 1))
    }
  }

  /** What an alias stands for, while nothing in there asks for it again. */
  private through<T>(alias: AliasNode, run: () => T): T {
    if (this.open.has(alias)) throw yamlError(`anchor '${alias.name}' value contains itself`)
    this.open.add(alias)
    const result = run()
    this.open.delete(alias)
    return result
  }

  private fill(map: Map<Decoded, Decoded>, node: MappingNode, depth: number): void {
    for (const [keyNode, valueNode] of node.pairs) {
      if (isMerge(keyNode)) this.merge(map, valueNode, depth)
      else {
        const key = this.value(keyNode, depth + 1)
        if (typeof key === 'object' && key !== null) throw yamlError(`invalid map key: ${goSyntax(key)}`)
        map.set(key, this.value(valueNode, depth + 1))
      }
    }
  }

  /** `<<`: it sets what stands before it anew, and what comes after it wins. */
  private merge(map: Map<Decoded, Decoded>, node: YamlNode, depth: number): void {
    if (depth > valueDepthMax) throw new LimitError(`a YAML text is nested more than ${valueDepthMax} deep`)
    if (node.kind === 'sequence') {
      // Of several the first wins.
      for (const item of node.items.toReversed()) {
        if (item.kind === 'sequence') throw notAMap()
        this.merge(map, item, depth + 1)
      }
      return
    }
    const target = node.kind === 'alias' ? node.target : node
    if (target.kind !== 'mapping') throw notAMap()
    this.nodes++
    if (node.kind === 'alias') this.through(node, () => this.fill(map, target, depth + 1))
    else this.fill(map, target, depth + 1)
  }
}

function notAMap(): FunctionError {
  return yamlError('map merge requires map or sequence of maps as the value')
}

function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && (node.isImplicit || node.tag === `${tagPrefix}merge`)
}

const resolvedTags: readonly string[] = ['bool', 'int', 'float', 'null', 'timestamp']

function scalar({ value: text, tag: longTag, isImplicit }: ScalarNode): Decoded {
  if (longTag === '' && !isImplicit) return text
  const tag = longTag.startsWith(tagPrefix) ? longTag.slice(tagPrefix.length) : undefined
  if (tag === 'binary') return binary(text)
  // A tag that means nothing to it makes text.
  if (longTag !== '' && (tag === undefined || !resolvedTags.includes(tag))) return text
  const { kind, value } = resolveScalar(text, tag === undefined || tag === 'timestamp')
  const found = typeof value === 'bigint' ? 'int' : kind === 'number' ? 'float' : kind === 'string' ? 'str' : kind
  if (tag === 'float' && typeof value === 'bigint' && value <= intMax) return Number(value)
  if (tag !== undefined && found !== tag) throw yamlError(`cannot decode !!${found} \`${text}\` as a !!${tag}`)
  return typeof value === 'object' || value === undefined ? null : value
}

function binary(text: string): string {
  try {
    return fromBytes(decodeBase64(text))
  } catch (error) {
    if (error instanceof FunctionError) throw yamlError('!!binary value contains invalid base64 data')
    throw error
  }
}

/** JSON has no infinite numbers. */
function checkFinite(value: Value): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new FunctionError(`json: unsupported value: ${formatFloat(value, 'g', -1)}`)
  }
  for (const item of elements(value) ?? []) checkFinite(item)
  if (isMap(value)) for (const key of sortedKeys(value) ?? []) checkFinite(value[key])
}

/** As JSON has it: keys are text, and there is one kind of number. */
function jsonOf(value: Decoded): Value {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Map) {
    const entries = Array.from(value, ([key, item]) => [keyText(key, item), item] as const)
    const map: GoMap = emptyMap()
    for (const [key, item] of entries) map[key.toWellFormed()] = jsonOf(item)
    return map
  }
  return isList(value) ? value.map(jsonOf) : (value as Value)
}

function isList(value: Decoded): value is readonly Decoded[] {
  return Array.isArray(value)
}

function keyText(key: Decoded, value: Decoded): string {
  if (typeof key === 'string') return key
  if (typeof key === 'boolean') return String(key)
  if (typeof key === 'number') return floatKey(key)
  if (typeof key === 'bigint' && key <= intMax) return key.toString()
  const type = typeof key === 'bigint' ? 'uint64' : '%!s(<nil>)'
  throw new FunctionError(`unsupported map key of type: ${type}, key: ${goSyntax(key)}, value: ${goSyntax(value)}`)
}

/** A float as a key has the digits of a float32. */
function floatKey(key: number): string {
  if (Number.isNaN(key)) return '.nan'
  const single = Math.fround(key)
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf'
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits))
    if (Math.fround(short) === single) return formatFloat(short, 'g', -1)
  }
  return formatFloat(Number(single.toPrecision(9)), 'g', -1)
}

/** fmt's %+#v. */
function goSyntax(value: Decoded): string {
  if (value === null) return '<nil>'
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'bigint':
      return value > intMax ? `0x${value.toString(16)}` : value.toString()
    case 'number':
      return formatFloat(value, 'g', -1)
    case 'boolean':
      return String(value)
    default:
  }
  const inner = (item: Decoded): string => (item === null ? 'interface {}(nil)' : goSyntax(item))
  if (isList(value)) return `[]interface {}{${value.map(inner).join(', ')}}`
  const entries = Array.from(value).sort(([a], [b]) => compareKeys(a, b))
  return `map[interface {}]interface {}{${entries.map(([key, item]) => `${inner(key)}:${inner(item)}`).join(', ')}}`
}

const typeOrder: readonly string[] = ['object', 'string', 'bigint', 'number', 'boolean']

/** fmt sorts keys by type first. */
function compareKeys(a: Decoded, b: Decoded): number {
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b)
  const types = typeOrder.indexOf(typeof a) - typeOrder.indexOf(typeof b)
  return types !== 0 ? types : Number(a) - Number(b)
}
