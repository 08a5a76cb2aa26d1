import { type Document, isAlias, isMap as isMapNode, isNode, isPair, isScalar, isSeq, parseAllDocuments } from 'yaml'
import { fromBytes } from '../bytes.ts'
import { FunctionError, LimitError } from '../errors.ts'
import { formatFloat } from '../format/float.ts'
import { decodeBase64 } from '../funcs/encoding.ts'
import { outputBytesMax, valueDepthMax } from '../limits.ts'
import { emptyMap, type GoMap, typeOf, type Value } from '../values.ts'
import { resolveScalar } from './resolve.ts'

/** Nodes that aliases may unfold to: a few lines of YAML can mean billions. */
const nodesMax = 100_000

/**
 * Reads the first document of a text as sigs.k8s.io/yaml does into JSON: YAML 1.1 (`yes`, `on` and `n` are booleans, `010` is 8), every
 * number a float64, keys that are no strings written as text, of equal keys the last. Throws FunctionError.
 */
export function parseYaml(text: string): Value {
  if (text.length > outputBytesMax) throw new LimitError(`a YAML text is longer than ${outputBytesMax} characters`)
  const documents = parseAllDocuments(text, { version: '1.1', schema: 'failsafe', uniqueKeys: false, prettyErrors: false })
  const document = Array.isArray(documents) ? documents[0] : undefined
  if (document === undefined) return null
  const [problem] = document.errors
  if (problem !== undefined) {
    const line = text.slice(0, problem.pos[0]).split('\n').length
    throw new FunctionError(`error converting YAML to JSON: yaml: line ${line}: ${problem.message}`)
  }
  return new YamlReader(document).read()
}

class YamlReader {
  private readonly document: Document.Parsed
  /** Nodes by anchor, the last one of a name. */
  private readonly anchors = new Map<string, unknown>()
  private nodes = 0

  constructor(document: Document.Parsed) {
    this.document = document
  }

  read(): Value {
    return this.value(this.document.contents, 0)
  }

  private value(node: unknown, depth: number): Value {
    if (++this.nodes > nodesMax) throw new LimitError(`a YAML text has more than ${nodesMax} nodes`)
    if (depth > valueDepthMax) throw new LimitError(`a YAML text is nested more than ${valueDepthMax} deep`)
    if (isAlias(node)) return this.value(this.target(node), depth + 1)
    this.remember(node)
    if (isScalar(node)) return jsonOf(scalar(node))
    if (isSeq(node)) return node.items.map((item) => this.value(item, depth + 1))
    if (isMapNode(node)) return this.map(node.items, depth)
    return null
  }

  private remember(node: unknown): void {
    if (isNode(node) && 'anchor' in node && node.anchor !== undefined) this.anchors.set(node.anchor, node)
  }

  /** What an alias stands for; any other node is itself. */
  private target(node: unknown): unknown {
    if (!isAlias(node)) return node
    if (this.anchors.has(node.source)) return this.anchors.get(node.source)
    throw new FunctionError(`error converting YAML to JSON: yaml: unknown anchor '${node.source}' referenced`)
  }

  private map(pairs: readonly unknown[], depth: number): GoMap {
    const map = emptyMap()
    const merged: unknown[] = []
    for (const pair of pairs) {
      if (!isPair(pair)) continue
      const key = isScalar(pair.key) ? pair.key : undefined
      if (key?.type === 'PLAIN' && key.source === '<<') merged.push(pair.value)
      else map[this.key(pair.key)] = this.value(pair.value, depth + 1)
    }
    for (const source of merged) this.merge(map, source, depth)
    return map
  }

  /** `<<`: entries that the map itself doesn't have. */
  private merge(map: GoMap, source: unknown, depth: number): void {
    const node = this.target(source)
    this.remember(source)
    if (isSeq(node)) {
      for (const item of node.items) this.merge(map, item, depth)
      return
    }
    if (!isMapNode(node))
      throw new FunctionError('error converting YAML to JSON: yaml: map merge requires map or sequence of maps as the value')
    const value = this.map(node.items, depth + 1)
    for (const key of Object.keys(value)) if (!Object.hasOwn(map, key)) map[key] = value[key]
  }

  private key(node: unknown): string {
    this.remember(node)
    const found = this.target(node)
    const key = isScalar(found) ? scalar(found) : undefined
    if (typeof key === 'string') return key
    if (typeof key === 'bigint' || typeof key === 'boolean') return String(key)
    if (typeof key === 'number') {
      if (Number.isNaN(key)) return '.nan'
      return Number.isFinite(key) ? formatFloat(key, 'g', -1) : key > 0 ? '.inf' : '-.inf'
    }
    throw new FunctionError(`error converting YAML to JSON: unsupported map key of type: ${typeOf(key ?? null)}`)
  }
}

interface ScalarNode {
  readonly value: unknown
  readonly type?: string | undefined
  readonly tag?: string | undefined
}

const tagPrefix = 'tag:yaml.org,2002:'

function scalar(node: ScalarNode): Value {
  const text = node.value === null ? '' : String(node.value)
  const tag = node.tag?.startsWith(tagPrefix) ? node.tag.slice(tagPrefix.length) : node.tag
  if (tag === 'binary') return fromBytes(decodeBase64(text.replaceAll(/\s/g, '')))
  if (tag === 'str' || (tag !== undefined && !['int', 'float', 'bool', 'null'].includes(tag))) return text
  if (tag === undefined && node.type !== 'PLAIN') return text
  const { kind, value } = resolveScalar(text)
  if (tag === 'float' && typeof value === 'bigint') return Number(value)
  const found = typeof value === 'bigint' ? 'int' : typeof value === 'number' ? 'float' : kind
  if (tag !== undefined && found !== tag) {
    throw new FunctionError(`error converting YAML to JSON: yaml: cannot decode !!${found} \`${text}\` as a !!${tag}`)
  }
  return value
}

/** JSON knows one kind of number, and no infinite one. */
function jsonOf(value: Value): Value {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new FunctionError(`error converting YAML to JSON: json: unsupported value: ${formatFloat(value, 'g', -1)}`)
  }
  return value
}
