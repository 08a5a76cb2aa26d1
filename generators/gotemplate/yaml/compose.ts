import { LimitError } from '../errors.ts'
import { valueDepthMax } from '../limits.ts'
import { type Mark, parserError, yamlError } from './problem.ts'
import { Scanner } from './scanner.ts'
import type { Token, TokenKind } from './tokens.ts'

/** A node of a YAML document. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: string
  /** The whole tag; '' for none. */
  readonly tag: string
  /** Its type follows from its text. */
  readonly isImplicit: boolean
}

export interface SequenceNode {
  readonly kind: 'sequence'
  readonly items: YamlNode[]
}

export interface MappingNode {
  readonly kind: 'mapping'
  readonly pairs: [key: YamlNode, value: YamlNode][]
}

export interface AliasNode {
  readonly kind: 'alias'
  readonly name: string
  readonly target: YamlNode
}

/** The first document of a text: libyaml's parser and go-yaml 2's tree. Undefined for none. Throws FunctionError. */
export function compose(text: string): YamlNode | undefined {
  return new Composer(text).document()
}

class Composer {
  private readonly scanner: Scanner
  private readonly anchors = new Map<string, YamlNode>()
  private readonly tagPrefixes = new Map<string, string>()
  private depth = 0

  constructor(text: string) {
    this.scanner = new Scanner(text)
  }

  document(): YamlNode | undefined {
    if (this.peek().kind === 'stream end') return undefined
    const isExplicit = this.is('version directive', 'tag directive', 'document start')
    this.directives()
    if (isExplicit) {
      const token = this.peek()
      if (token.kind !== 'document start') throw parserError('did not find expected <document start>', token.start)
      this.scanner.next()
    }
    const isEmpty = isExplicit && this.is('version directive', 'tag directive', 'document start', 'document end', 'stream end')
    const root = isEmpty ? empty() : this.node(true, false)
    // What follows has to be a token at least.
    this.peek()
    return root
  }

  private peek(): Token {
    return this.scanner.peek()
  }

  private is(...kinds: readonly TokenKind[]): boolean {
    return kinds.includes(this.peek().kind)
  }

  private directives(): void {
    let hasVersion = false
    while (this.is('version directive', 'tag directive')) {
      const { kind, value, suffix, start } = this.peek()
      if (kind === 'version directive') {
        if (hasVersion) throw parserError('found duplicate %YAML directive', start)
        if (value !== '1.1') throw parserError('found incompatible YAML document', start)
        hasVersion = true
      } else {
        if (this.tagPrefixes.has(value)) throw parserError('found duplicate %TAG directive', start)
        this.tagPrefixes.set(value, suffix)
      }
      this.scanner.next()
    }
    if (!this.tagPrefixes.has('!')) this.tagPrefixes.set('!', '!')
    if (!this.tagPrefixes.has('!!')) this.tagPrefixes.set('!!', 'tag:yaml.org,2002:')
  }

  private node(isBlock: boolean, allowsIndentless: boolean): YamlNode {
    if (++this.depth > valueDepthMax) throw new LimitError(`a YAML text is nested more than ${valueDepthMax} deep`)
    const node = this.anyNode(isBlock, allowsIndentless)
    this.depth--
    return node
  }

  private anyNode(isBlock: boolean, allowsIndentless: boolean): YamlNode {
    const { kind, value, start } = this.peek()
    if (kind === 'alias') {
      this.scanner.next()
      const target = this.anchors.get(value)
      if (target === undefined) throw yamlError(`unknown anchor '${value}' referenced`)
      return { kind: 'alias', name: value, target }
    }
    const { anchor, tag } = this.properties()
    const remember = <T extends YamlNode>(node: T): T => {
      if (anchor !== undefined) this.anchors.set(anchor, node)
      return node
    }
    const token = this.peek()
    if (token.kind === 'scalar') {
      this.scanner.next()
      const isImplicit = (tag === '' && token.isPlain) || tag === '!'
      return remember({ kind: 'scalar', value: token.value, tag, isImplicit })
    }
    if (allowsIndentless && token.kind === 'block entry') return this.indentlessSequence(remember({ kind: 'sequence', items: [] }))
    if (token.kind === 'flow sequence start') return this.flowSequence(remember({ kind: 'sequence', items: [] }))
    if (token.kind === 'flow mapping start') return this.flowMapping(remember({ kind: 'mapping', pairs: [] }))
    if (isBlock && token.kind === 'block sequence start') return this.blockSequence(remember({ kind: 'sequence', items: [] }))
    if (isBlock && token.kind === 'block mapping start') return this.blockMapping(remember({ kind: 'mapping', pairs: [] }))
    if (anchor !== undefined || tag !== '') return remember({ kind: 'scalar', value: '', tag, isImplicit: tag === '' })
    throw parserError('did not find expected node content', token.start, start)
  }

  /** An anchor and a tag, in either order. */
  private properties(): { readonly anchor: string | undefined; readonly tag: string } {
    let anchor: string | undefined
    let tag = ''
    const { start } = this.peek()
    for (let hasTag = false; ; ) {
      const token = this.peek()
      if (token.kind === 'anchor' && anchor === undefined) {
        anchor = token.value
        this.scanner.next()
      } else if (token.kind === 'tag' && !hasTag) {
        hasTag = true
        tag = this.tag(token, start)
        this.scanner.next()
      } else return { anchor, tag }
    }
  }

  private tag({ value, suffix, start }: Token, about: Mark): string {
    if (value === '') return suffix
    const tag = this.tagPrefixes.has(value) ? `${this.tagPrefixes.get(value)}${suffix}` : ''
    if (tag === '') throw parserError('found undefined tag handle', start, about)
    return tag
  }

  private blockSequence(node: SequenceNode): YamlNode {
    const { start } = this.scanner.next()
    while (this.is('block entry')) {
      this.scanner.next()
      node.items.push(this.is('block entry', 'block end') ? empty() : this.node(true, false))
    }
    return this.endBlock(node, start, "did not find expected '-' indicator")
  }

  private endBlock(node: YamlNode, start: Mark, problem: string): YamlNode {
    const token = this.peek()
    if (token.kind !== 'block end') throw parserError(problem, token.start, start)
    this.scanner.next()
    return node
  }

  private indentlessSequence(node: SequenceNode): YamlNode {
    while (this.is('block entry')) {
      this.scanner.next()
      node.items.push(this.is('block entry', 'key', 'value', 'block end') ? empty() : this.node(true, false))
    }
    return node
  }

  private blockMapping(node: MappingNode): YamlNode {
    const { start } = this.scanner.next()
    while (this.is('key')) {
      this.scanner.next()
      const key = this.is('key', 'value', 'block end') ? empty() : this.node(true, true)
      node.pairs.push([key, this.blockValue()])
    }
    return this.endBlock(node, start, 'did not find expected key')
  }

  private blockValue(): YamlNode {
    if (!this.is('value')) return empty()
    this.scanner.next()
    return this.is('key', 'value', 'block end') ? empty() : this.node(true, true)
  }

  private flowSequence(node: SequenceNode): YamlNode {
    const { start } = this.scanner.next()
    for (let isFirst = true; !this.is('flow sequence end'); isFirst = false) {
      if (!isFirst) this.flowEntry("did not find expected ',' or ']'", start)
      if (this.is('key')) node.items.push(this.flowPair())
      else if (!this.is('flow sequence end')) node.items.push(this.node(false, false))
      else break
    }
    this.scanner.next()
    return node
  }

  private flowEntry(problem: string, start: Mark): void {
    const token = this.peek()
    if (token.kind !== 'flow entry') throw parserError(problem, token.start, start)
    this.scanner.next()
  }

  /** `[a: b]`: a mapping of one pair. */
  private flowPair(): YamlNode {
    this.scanner.next()
    let key: YamlNode
    if (this.is('value', 'flow entry', 'flow sequence end')) {
      // As libyaml has it, the token that ends an empty key is gone.
      this.scanner.next()
      key = empty()
    } else key = this.node(false, false)
    if (!this.is('value')) return { kind: 'mapping', pairs: [[key, empty()]] }
    this.scanner.next()
    const value = this.is('flow entry', 'flow sequence end') ? empty() : this.node(false, false)
    return { kind: 'mapping', pairs: [[key, value]] }
  }

  private flowMapping(node: MappingNode): YamlNode {
    const { start } = this.scanner.next()
    for (let isFirst = true; !this.is('flow mapping end'); isFirst = false) {
      if (!isFirst) this.flowEntry("did not find expected ',' or '}'", start)
      if (this.is('key')) {
        this.scanner.next()
        const key = this.is('value', 'flow entry', 'flow mapping end') ? empty() : this.node(false, false)
        node.pairs.push([key, this.flowValue()])
      } else if (!this.is('flow mapping end')) node.pairs.push([this.node(false, false), empty()])
      else break
    }
    this.scanner.next()
    return node
  }

  private flowValue(): YamlNode {
    if (!this.is('value')) return empty()
    this.scanner.next()
    return this.is('flow entry', 'flow mapping end') ? empty() : this.node(false, false)
  }
}

/** A node that isn't written. */
function empty(): ScalarNode {
  return { kind: 'scalar', value: '', tag: '', isImplicit: true }
}
