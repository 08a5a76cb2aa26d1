import type { Json } from '../json.ts'

/** A jq expression of the subset that names fields: see parseJq. */
export type Jq =
  | { readonly op: 'pipe'; readonly stages: readonly Jq[] }
  | { readonly op: 'field'; readonly key: string }
  | { readonly op: 'index'; readonly index: number }
  | { readonly op: 'each' }
  | { readonly op: 'select'; readonly condition: Jq }
  | { readonly op: 'try'; readonly of: Jq }
  | { readonly op: 'literal'; readonly value: Json }
  | { readonly op: 'compare'; readonly equal: boolean; readonly left: Jq; readonly right: Jq }
  | { readonly op: 'logic'; readonly and: boolean; readonly left: Jq; readonly right: Jq }
  | { readonly op: 'not' }
  | { readonly op: 'call'; readonly name: JqCall; readonly argument: Json }

export type JqCall = 'contains' | 'startswith' | 'endswith' | 'has'

export type ParsedJq = { readonly jq: Jq } | { readonly problem: string }

const textMax = 1_000
const calls: readonly string[] = ['contains', 'startswith', 'endswith', 'has'] satisfies JqCall[]
const understood =
  'understood are .field, ["field"], [0], [], ?, |, select(), ==, !=, and, or, not, contains(), startswith(), endswith(), has()'
const token = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|(-?\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*")|(==|!=|\.(?:[A-Za-z_][A-Za-z0-9_]*)?|[[\]()|?]))/y

type Kind = 'name' | 'number' | 'string' | 'sign' | 'end'

interface Token {
  readonly kind: Kind
  readonly text: string
  /** Where it starts, in UTF-16 units from 0. */
  readonly at: number
}

/**
 * Reads the part of jq that names fields, as they are ignored in Argo CD: paths, iteration, `select` with comparisons and the string functions.
 * What goes beyond that (regular expressions, arithmetic, `..`, commas, assignment), or names no field, is a problem in words, with the
 * column; nothing is read in another way than jq does. `==` compares with one value, so that the time that it takes stays bounded.
 */
export function parseJq(text: string): ParsedJq {
  if (text.length > textMax) return { problem: `is longer than ${textMax} characters` }
  try {
    const parser = new Parser(tokensOf(text))
    const jq = parser.whole()
    return namesFields(jq) ? { jq } : { problem: 'names no field: it gives a value that it computes, such as that of a comparison' }
  } catch (error) {
    if (error instanceof SyntaxProblem) return { problem: error.message }
    throw error
  }
}

class SyntaxProblem extends Error {}

function unexpected({ kind, text, at }: Token): SyntaxProblem {
  const what = kind === 'end' ? 'the end' : text
  return new SyntaxProblem(`can't be followed at ${what} (column ${at + 1}): ${understood}`)
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  const end = text.trimEnd().length
  let at = 0
  while (at < end) {
    token.lastIndex = at
    const match = token.exec(text)
    if (match === null) {
      const rest = text.slice(at, end).trimStart()
      throw unexpected({ kind: 'sign', text: rest.slice(0, 20), at: end - rest.length })
    }
    const [all, name, number, string, sign = ''] = match
    at += all.length
    const raw = name ?? number ?? string ?? sign
    const kind = name === undefined ? (number === undefined ? (string === undefined ? 'sign' : 'string') : 'number') : 'name'
    tokens.push({ kind, text: raw, at: at - raw.length })
  }
  return [...tokens, { kind: 'end', text: '', at: end }]
}

/** jq's precedence: pipes bind least, then `or`, `and`, comparisons, and what follows a term. */
class Parser {
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Jq {
    const jq = this.#pipe()
    if (this.#peek().kind !== 'end') throw unexpected(this.#peek())
    return jq
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: 0 }
  }

  #take(): Token {
    const taken = this.#peek()
    this.#next += 1
    return taken
  }

  #accept(text: string): boolean {
    const { kind, text: there } = this.#peek()
    if (kind === 'string' || kind === 'end' || there !== text) return false
    this.#next += 1
    return true
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw unexpected(this.#peek())
  }

  #pipe(): Jq {
    const stages = [this.#logic(false)]
    while (this.#accept('|')) stages.push(this.#logic(false))
    return pipe(stages)
  }

  #logic(and: boolean): Jq {
    let left = and ? this.#comparison() : this.#logic(true)
    while (this.#accept(and ? 'and' : 'or')) left = { op: 'logic', and, left, right: and ? this.#comparison() : this.#logic(true) }
    return left
  }

  #comparison(): Jq {
    const left = this.#postfix()
    const sign = this.#peek()
    const equal = this.#accept('==')
    if (!equal && !this.#accept('!=')) return left
    const right = this.#postfix()
    if (!isSingle(right)) throw new SyntaxProblem(`compares with several values at ${sign.text} (column ${sign.at + 1}): give one`)
    return { op: 'compare', equal, left, right }
  }

  #postfix(): Jq {
    const stages = [this.#term()]
    for (;;) {
      const { kind, text } = this.#peek()
      if (kind === 'sign' && text === '[') stages.push(this.#brackets())
      else if (kind === 'sign' && text.startsWith('.') && this.#isField()) stages.push(this.#field())
      else if (this.#accept('?')) stages.push({ op: 'try', of: stages.pop() ?? pipe([]) })
      else return pipe(stages)
    }
  }

  /** Whether a dot is followed by a name, a string or brackets. */
  #isField(): boolean {
    const after = this.#tokens[this.#next + 1]
    return this.#peek().text.length > 1 || after?.kind === 'string' || after?.text === '['
  }

  #field(): Jq {
    const dot = this.#take()
    if (dot.text.length > 1) return { op: 'field', key: dot.text.slice(1) }
    if (this.#peek().kind === 'string') return { op: 'field', key: string(this.#take()) }
    return this.#brackets()
  }

  #brackets(): Jq {
    this.#expect('[')
    if (this.#accept(']')) return { op: 'each' }
    const inside = this.#take()
    this.#expect(']')
    if (inside.kind === 'string') return { op: 'field', key: string(inside) }
    if (inside.kind === 'number' && /^-?\d+$/.test(inside.text)) return { op: 'index', index: Number(inside.text) }
    throw unexpected(inside)
  }

  #term(): Jq {
    const first = this.#peek()
    if (first.kind === 'sign' && first.text.startsWith('.')) {
      if (this.#isField()) return this.#field()
      this.#take()
      return pipe([])
    }
    this.#take()
    if (first.kind === 'string') return { op: 'literal', value: string(first) }
    if (first.kind === 'number') return { op: 'literal', value: Number(first.text) }
    if (first.kind === 'name') return this.#named(first)
    if (first.text !== '(') throw unexpected(first)
    const inside = this.#pipe()
    this.#expect(')')
    return inside
  }

  #named(name: Token): Jq {
    switch (name.text) {
      case 'true':
        return { op: 'literal', value: true }
      case 'false':
        return { op: 'literal', value: false }
      case 'null':
        return { op: 'literal', value: null }
      case 'not':
        return { op: 'not' }
      case 'select': {
        this.#expect('(')
        const condition = this.#pipe()
        this.#expect(')')
        return { op: 'select', condition }
      }
      default: {
        if (!calls.includes(name.text)) throw unexpected(name)
        this.#expect('(')
        const argument = this.#postfix()
        if (argument.op !== 'literal') throw unexpected(name)
        this.#expect(')')
        return { op: 'call', name: name.text as JqCall, argument: argument.value }
      }
    }
  }
}

function pipe(stages: readonly Jq[]): Jq {
  const flat = stages.flatMap((stage) => (stage.op === 'pipe' ? stage.stages : [stage]))
  const [only, ...others] = flat
  return only !== undefined && others.length === 0 ? only : { op: 'pipe', stages: flat }
}

/** Strings of jq are those of JSON, but for `\(`. */
function string(from: Token): string {
  try {
    return JSON.parse(from.text) as string
  } catch {
    throw unexpected(from)
  }
}

function isSingle(jq: Jq): boolean {
  return jq.op === 'literal' || jq.op === 'field' || jq.op === 'index' || (jq.op === 'pipe' && jq.stages.every(isSingle))
}

function namesFields(jq: Jq): boolean {
  if (jq.op === 'pipe') return jq.stages.every(namesFields)
  if (jq.op === 'try') return namesFields(jq.of)
  return ['field', 'index', 'each', 'select'].includes(jq.op)
}
