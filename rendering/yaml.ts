import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  Scalar,
  type YAMLMap,
} from 'yaml'
import type { Problem } from '../fleet/errors.ts'
import { isJsonObject, type Json } from '../fleet/json.ts'
import { resolvePlainScalar } from './plain-scalar.ts'

/** Nodes of one file after aliases are expanded: a "billion laughs" stops here. */
const nodesMax = 500_000
const depthMax = 100

export interface YamlDocument {
  /** 1-based. */
  readonly line: number
  readonly value: Json
}

export interface YamlFile {
  /** Documents that could be read, empty ones left out. */
  readonly documents: readonly YamlDocument[]
  readonly problems: readonly Problem[]
}

/**
 * Reads a file of YAML or JSON documents as kubectl does (see resolvePlainScalar), to JSON: keys that are booleans or numbers
 * become text, merge keys and aliases are expanded. Stricter than kubectl in one thing: a key that is given twice is a problem,
 * not overwritten.
 */
export function readYaml(text: string): YamlFile {
  const counter = new LineCounter()
  const documents: YamlDocument[] = []
  const problems: Problem[] = []
  const budget = { nodes: nodesMax }
  try {
    const parsed = parseAllDocuments(text.replace(/^\uFEFF/, ''), {
      schema: 'failsafe',
      version: '1.1',
      uniqueKeys: false,
      lineCounter: counter,
      logLevel: 'silent',
    })
    for (const document of 'empty' in parsed ? [] : parsed) {
      const line = counter.linePos(document.contents?.range?.[0] ?? document.range?.[0] ?? 0).line
      const broken = document.errors.map(({ message, linePos }) => ({
        path: '',
        message: (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, ''),
        line: linePos?.[0].line ?? line,
      }))
      problems.push(...broken)
      if (broken.length > 0) continue
      try {
        const value = new Reader(document, counter, budget).read()
        if (value !== null) documents.push({ line, value })
      } catch (error) {
        if (!(error instanceof YamlProblem)) throw error
        problems.push({ path: '', message: error.message, line: error.line })
      }
    }
  } catch (error) {
    // The parser recurses: a file of brackets exhausts the stack.
    if (!(error instanceof RangeError)) throw error
    problems.push({ path: '', message: 'nested too deeply', line: 1 })
  }
  return { documents, problems }
}

class YamlProblem extends Error {
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

type Node = Document['contents']

class Reader {
  readonly #document: Document
  readonly #counter: LineCounter
  readonly #budget: { nodes: number }
  /** Anchors seen so far, in document order; null while the anchored node is being read. */
  readonly #anchors = new Map<string, Node>()
  readonly #open = new Set<unknown>()

  constructor(document: Document, counter: LineCounter, budget: { nodes: number }) {
    this.#document = document
    this.#counter = counter
    this.#budget = budget
  }

  read(): Json {
    return this.#value(this.#document.contents, 0)
  }

  #line(node: unknown): number {
    const range = typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range) ? node.range : []
    return this.#counter.linePos(typeof range[0] === 'number' ? range[0] : 0).line
  }

  #value(node: unknown, depth: number): Json {
    this.#budget.nodes -= 1
    if (this.#budget.nodes < 0) throw new YamlProblem(`more than ${nodesMax} values once its aliases are expanded`, this.#line(node))
    if (depth > depthMax) throw new YamlProblem(`nested deeper than ${depthMax}`, this.#line(node))
    if (isAlias(node)) return this.#alias(node, depth)
    if (node === null || node === undefined) return null
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) throw new YamlProblem('not a value', this.#line(node))
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (isScalar(node)) return this.#scalar(node)
    this.#open.add(node)
    const value = isMap(node) ? this.#map(node, depth) : node.items.map((item) => this.#value(item, depth + 1))
    this.#open.delete(node)
    return value
  }

  #alias(alias: Alias, depth: number): Json {
    return this.#value(this.#target(alias), depth + 1)
  }

  #target(alias: Alias): unknown {
    const target = this.#anchors.get(alias.source)
    if (target === undefined) throw new YamlProblem(`there is no anchor &${alias.source} before this alias`, this.#line(alias))
    if (this.#open.has(target)) throw new YamlProblem(`the anchor &${alias.source} holds itself`, this.#line(alias))
    return target
  }

  #scalar(node: Scalar): null | boolean | number | string {
    const text = typeof node.source === 'string' ? node.source : String(node.value ?? '')
    const tag = node.tag?.replace(/^tag:yaml\.org,2002:/, '!!')
    if (tag === '!!binary') throw new YamlProblem('!!binary is not supported', this.#line(node))
    const typed = tag === '!!bool' || tag === '!!int' || tag === '!!float' || tag === '!!null'
    const plain = node.type === undefined || node.type === Scalar.PLAIN
    // Without a tag the style decides; a tag that is unknown leaves text, as in go-yaml.
    if (tag === undefined ? !plain : !typed) return text
    const resolved = resolvePlainScalar(text)
    if (resolved.kind === 'refused') throw new YamlProblem(resolved.reason, this.#line(node))
    return resolved.value
  }

  #map(node: YAMLMap, depth: number): Json {
    const entries = new Map<string, Json>()
    const merged: unknown[] = []
    for (const pair of node.items) {
      if (isMergeKey(pair)) {
        merged.push(pair.value)
        continue
      }
      const key = this.#key(pair, node)
      if (entries.has(key)) throw new YamlProblem(`the key ${JSON.stringify(key)} is given twice`, this.#line(pair.key))
      entries.set(key, this.#value(pair.value, depth + 1))
    }
    for (const source of merged) this.#merge(source, entries, depth)
    const object: Record<string, Json> = {}
    // Not by assignment: `__proto__` has to become a member like any other.
    for (const [key, value] of entries) Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
    return object
  }

  /** Keys that are there already win, and of several maps the first. */
  #merge(source: unknown, into: Map<string, Json>, depth: number): void {
    const target = isAlias(source) ? this.#target(source) : source
    if (isSeq(target)) {
      for (const item of target.items) this.#merge(item, into, depth + 1)
      return
    }
    if (!isMap(target)) throw new YamlProblem('a merge key (<<) needs a map or a list of maps', this.#line(source))
    const value = this.#value(target, depth + 1)
    if (!isJsonObject(value)) return
    for (const [key, member] of Object.entries(value)) if (member !== undefined && !into.has(key)) into.set(key, member)
  }

  #key(pair: Pair, map: YAMLMap): string {
    const node = isAlias(pair.key) ? this.#target(pair.key) : pair.key
    if (isScalar(node)) {
      const value = this.#value(node, 0)
      if (value !== null) return String(value)
    }
    throw new YamlProblem('a key has to be text, a number or a boolean', this.#line(node ?? map))
  }
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.source === '<<' && (pair.key.type === undefined || pair.key.type === Scalar.PLAIN)
}
