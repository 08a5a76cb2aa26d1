import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import type { Parsed, Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json } from '../fleet/json.ts'
import { depthMax, documentsMax, nodesMax, problemsMax, textCharactersMax } from './limits.ts'
import { formatPath, type PathKey } from './path.ts'
import { readPlainScalar } from './scalar.ts'

/** One document of a YAML text, with the place of everything in it. */
export interface YamlDocument {
  readonly json: Json
  /** 1-based place of a value, or of the nearest thing around it that is there. `key`: of the key of an entry instead. */
  readonly locate: (path: readonly PropertyKey[], what?: 'key' | 'value') => Position
}

export interface Position {
  readonly line: number
  readonly column: number
}

/**
 * Reads all documents of a YAML (or JSON) text into JSON the way Kubernetes reads it (see scalar.ts). Empty documents are left out. Refused,
 * each with its path, line and column: bad syntax, duplicate keys, `__proto__`, aliases that contain themselves, unknown tags, and whatever
 * exceeds the bounds of limits.ts. All problems are reported; with any, `value` is null.
 */
export function readYaml(text: string): Parsed<readonly YamlDocument[]> {
  if (text.length > textCharactersMax) {
    return {
      value: null,
      problems: [
        {
          path: '',
          message: `the text has ${text.length} characters; at most ${textCharactersMax} are read`,
        },
      ],
    }
  }
  const lines = new LineCounter()
  // failsafe: scalars stay text, so that scalar.ts alone decides what an unquoted one means.
  const parsed = parseAllDocuments(text, {
    schema: 'failsafe',
    lineCounter: lines,
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
  })
  const documents = 'empty' in parsed ? [] : parsed
  if (documents.length > documentsMax) {
    return {
      value: null,
      problems: [
        {
          path: '',
          message: `the text has ${documents.length} documents; at most ${documentsMax} are read`,
        },
      ],
    }
  }
  const problems: Problem[] = []
  const results: YamlDocument[] = []
  const budget = { nodesLeft: nodesMax }
  for (const document of documents) {
    for (const error of document.errors) {
      problems.push({ path: '', message: syntaxMessage(error.message), ...position(lines, error.pos[0]) })
    }
    if (document.errors.length > 0) continue
    const converter = new Converter(document, lines, budget, problems)
    const json = converter.convert(document.contents, [], 0)
    if (json === null) continue
    results.push({
      json,
      locate: (path, what = 'value') => locate(converter.places, json, path, what, position(lines, document.range[0])),
    })
  }
  return problems.length > 0 ? { value: null, problems: problems.slice(0, problemsMax) } : { value: results, problems: [] }
}

/** The library's message without the pieces of the text that it repeats: they may be a secret. */
function syntaxMessage(message: string): string {
  // Deep nesting overflows the stack of the library, which reports it as a syntax error.
  if (/call stack/i.test(message)) return `nested deeper than ${depthMax} levels`
  if (message.startsWith('Unknown directive')) return 'an unknown directive'
  if (/\btag\b/.test(message)) return 'a tag that is not supported'
  return message.replace(/^([^:]*[^:\s]): .*$/s, '$1')
}

interface Place {
  readonly own: Position
  readonly entries: Map<PathKey, { readonly key: Position; readonly value: Position }>
}

function locate(
  places: WeakMap<object, Place>,
  json: Json,
  path: readonly PropertyKey[],
  what: 'key' | 'value',
  start: Position,
): Position {
  let at = isContainer(json) ? (places.get(json)?.own ?? start) : start
  let current: Json | undefined = json
  for (const [index, key] of path.entries()) {
    if (current === undefined || !isContainer(current) || typeof key === 'symbol') return at
    const entry = places.get(current)?.entries.get(key)
    if (entry === undefined) return at
    at = index === path.length - 1 && what === 'key' ? entry.key : entry.value
    current = Array.isArray(current) ? (current as readonly Json[])[Number(key)] : isJsonObject(current) ? current[key] : undefined
  }
  return at
}

function isContainer(value: Json): value is Json & object {
  return typeof value === 'object' && value !== null
}

function position(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** Makes JSON of a document's tree. Every container that it makes is new, so that places are never shared by aliases. */
class Converter {
  readonly places = new WeakMap<object, Place>()
  private readonly document: Document.Parsed
  private readonly lines: LineCounter
  private readonly budget: { nodesLeft: number }
  private readonly problems: Problem[]
  private readonly anchors = new Map<string, Node>()
  private readonly open = new Set<Node>()
  private stopped = false

  constructor(document: Document.Parsed, lines: LineCounter, budget: { nodesLeft: number }, problems: Problem[]) {
    this.document = document
    this.lines = lines
    this.budget = budget
    this.problems = problems
  }

  convert(node: unknown, path: readonly PathKey[], depth: number): Json {
    if (this.stopped || node === null || node === undefined) return null
    this.budget.nodesLeft -= 1
    if (this.budget.nodesLeft < 0)
      return this.stop(node, path, `the text has more than ${nodesMax} values, aliases counted with what they stand for`)
    if (depth > depthMax) return this.stop(node, path, `nested deeper than ${depthMax} levels`)
    if (isAlias(node)) return this.alias(node, path, depth)
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) this.anchors.set(node.anchor, node)
    if (isScalar(node)) return this.scalar(node, path)
    if (isMap(node)) return this.inside(node, () => this.map(node, path, depth))
    if (isSeq(node)) return this.inside(node, () => this.list(node, path, depth))
    return this.report(node, path, 'is not a value')
  }

  private alias(node: Alias.Parsed | Alias, path: readonly PathKey[], depth: number): Json {
    const target = this.anchors.get(node.source)
    if (target === undefined) return this.report(node, path, 'this alias has no anchor before it')
    if (this.open.has(target)) return this.report(node, path, 'this alias contains itself')
    return this.convert(target, path, depth)
  }

  private inside(node: Node, make: () => Json): Json {
    this.open.add(node)
    const result = make()
    this.open.delete(node)
    return result
  }

  private scalar(node: Scalar, path: readonly PathKey[]): Json {
    const text = String(node.value)
    const tag = node.tag
    if (tag === 'tag:yaml.org,2002:str' || tag === '!') return text
    if (tag === undefined && node.type !== 'PLAIN') return text
    if (tag !== undefined && !/^tag:yaml\.org,2002:(?:int|float|bool|null)$/.test(tag))
      return this.report(node, path, 'this tag is not supported')
    const reading = readPlainScalar(text)
    if ('problem' in reading) return this.report(node, path, reading.problem)
    const { value } = reading
    const kind =
      value === null
        ? 'null'
        : typeof value === 'boolean'
          ? 'bool'
          : typeof value === 'number'
            ? Number.isInteger(value)
              ? 'int'
              : 'float'
            : 'str'
    if (tag !== undefined && !tag.endsWith(`:${kind}`) && !(tag.endsWith(':float') && kind === 'int')) {
      return this.report(node, path, 'the value is not what its tag says')
    }
    return value
  }

  private list(node: { readonly items: readonly unknown[] } & Node, path: readonly PathKey[], depth: number): Json {
    if (!this.plainTag(node, 'seq', path)) return null
    const result: Json[] = []
    const place: Place = { own: this.at(node), entries: new Map() }
    for (const [index, item] of node.items.entries()) {
      place.entries.set(index, {
        key: this.at(item, place.own),
        value: this.at(item, place.own),
      })
      result.push(isPair(item) ? this.report(node, path, 'is not a list item') : this.convert(item, [...path, index], depth + 1))
    }
    this.places.set(result, place)
    return result
  }

  private map(node: YAMLMap, path: readonly PathKey[], depth: number): Json {
    if (!this.plainTag(node, 'map', path)) return null
    const entries = new Map<string, Json>()
    const place: Place = { own: this.at(node), entries: new Map() }
    const merged: { readonly json: Json; readonly node: unknown }[] = []
    for (const { key, value } of node.items) {
      if (isScalar(key) && key.type === 'PLAIN' && key.value === '<<') {
        merged.push({
          json: this.convert(value, [...path, '<<'], depth + 1),
          node: value,
        })
        continue
      }
      const name = this.key(key, path)
      if (name === null) continue
      const at = this.at(key, place.own)
      if (entries.has(name)) {
        this.report(key, [...path, name], `is there twice: first on line ${place.entries.get(name)?.key.line ?? place.own.line}`)
        continue
      }
      place.entries.set(name, { key: at, value: this.at(value, at) })
      entries.set(name, this.convert(value, [...path, name], depth + 1))
    }
    for (const { json, node: source } of merged) this.merge(json, source, entries, place, path)
    const result = Object.fromEntries(entries)
    this.places.set(result, place)
    return result
  }

  /** YAML's merge key: entries of the map, or of each map of the list, that aren't there yet. */
  private merge(json: Json, node: unknown, entries: Map<string, Json>, place: Place, path: readonly PathKey[]): void {
    for (const part of Array.isArray(json) ? (json as readonly Json[]) : [json]) {
      if (!isJsonObject(part)) {
        this.report(node, [...path, '<<'], 'must be a map, or a list of maps')
        continue
      }
      for (const [name, value] of Object.entries(part)) {
        if (entries.has(name) || value === undefined) continue
        entries.set(name, value)
        place.entries.set(
          name,
          places(this.places, part, name) ?? {
            key: place.own,
            value: place.own,
          },
        )
      }
    }
  }

  /** Keys become text as Kubernetes makes them: `on:` is `true`, `017:` is `15`. */
  private key(node: unknown, path: readonly PathKey[]): string | null {
    const resolved = isAlias(node) ? this.anchors.get(node.source) : node
    if (!isScalar(resolved)) {
      this.report(node, path, 'a key must be text')
      return null
    }
    if (!isAlias(node) && resolved.anchor !== undefined) this.anchors.set(resolved.anchor, resolved)
    const value = this.scalar(resolved, path)
    if (value === null) {
      if (!this.stopped && (resolved.value === '' || readable(resolved))) this.report(node, path, 'a key must not be empty')
      return null
    }
    const name = String(value)
    if (name === '__proto__') {
      this.report(node, path, 'a key must not be __proto__')
      return null
    }
    return name
  }

  private plainTag(node: Node, kind: 'map' | 'seq', path: readonly PathKey[]): boolean {
    const { tag } = node as { tag?: string }
    if (tag === undefined || tag === `tag:yaml.org,2002:${kind}`) return true
    this.report(node, path, 'this tag is not supported')
    return false
  }

  private at(node: unknown, otherwise?: Position): Position {
    const range = (node as { range?: readonly number[] | null } | null)?.range
    const offset = range?.[0]
    return offset === undefined ? (otherwise ?? position(this.lines, this.document.range[0])) : position(this.lines, offset)
  }

  private report(node: unknown, path: readonly PathKey[], message: string): null {
    if (this.problems.length < problemsMax) this.problems.push({ path: formatPath(path), message, ...this.at(node) })
    return null
  }

  private stop(node: unknown, path: readonly PathKey[], message: string): null {
    this.stopped = true
    return this.report(node, path, message)
  }
}

function places(
  all: WeakMap<object, Place>,
  container: object,
  name: string,
): { readonly key: Position; readonly value: Position } | undefined {
  return all.get(container)?.entries.get(name)
}

function readable(node: Scalar): boolean {
  return node.tag === undefined && 'value' in readPlainScalar(String(node.value))
}
