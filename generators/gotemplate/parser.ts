import { FunctionError, TemplateError, type TemplatePosition } from './errors.ts'
import { quote, unquote } from './format/quote.ts'
import { describe, type Keyword, Lexer, type Token, type TokenKind } from './lexer.ts'
import { nestingMax, templateLengthMax } from './limits.ts'
import type {
  BranchNode,
  CommandNode,
  IdentifierNode,
  ListNode,
  Node,
  NumberNode,
  Operand,
  PipeNode,
  TemplateNode,
  VariableNode,
} from './nodes.ts'
import { characterLiteral, complexLiteral, numberLiteral } from './number-literal.ts'

/** The templates of one text: the text itself under its own name, and every `define` and `block` in it. */
export interface TemplateSet {
  readonly name: string
  readonly text: string
  readonly trees: ReadonlyMap<string, ListNode>
  /** Names of the functions that it calls. */
  readonly functions: ReadonlySet<string>
}

/** `{{end}}` and `{{else}}` close lists and never stand in one. */
interface Closer {
  readonly kind: 'end' | 'else'
  readonly pos: number
}

function isCloser(node: Node | Closer): node is Closer {
  return node.kind === 'end' || node.kind === 'else'
}

/** Reads a template as Go's text/template/parse does. Throws a TemplateError of stage `parse` with Go's text. */
export function parse(name: string, text: string, hasFunction: (name: string) => boolean): TemplateSet {
  return new Parser(name, text, hasFunction).run()
}

const operandKinds: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
])

class Parser {
  private readonly name: string
  private readonly text: string
  private readonly hasFunction: (name: string) => boolean
  private readonly lexer: Lexer
  private readonly trees = new Map<string, ListNode>()
  private readonly functions = new Set<string>()
  /** Tokens pushed back, the next one last. */
  private readonly pending: Token[] = []
  private last: Token = { kind: 'eof', pos: 0, value: '', line: 1 }
  /** Of the template being read: define and block start their own. */
  private variables = ['$']
  private rangeDepth = 0
  private actionLine = 0
  private nesting = 0

  constructor(name: string, text: string, hasFunction: (name: string) => boolean) {
    this.name = name
    this.text = text
    this.hasFunction = hasFunction
    this.lexer = new Lexer(text)
  }

  run(): TemplateSet {
    if (this.text.length > templateLengthMax) {
      throw new TemplateError('limit', `the template is longer than ${templateLengthMax} characters`, { line: 1, column: 1 })
    }
    const pos = this.peek().pos
    const nodes: Node[] = []
    while (this.peek().kind !== 'eof') {
      if (this.peek().kind === 'leftDelim') {
        const delim = this.next()
        const word = this.nextNonSpace()
        if (word.kind === 'define') {
          this.definition()
          continue
        }
        this.push(word)
        this.push(delim)
      }
      const node = this.textOrAction()
      if (isCloser(node)) this.fail(`unexpected {{${node.kind}}}`)
      nodes.push(node)
    }
    this.add(this.name, { kind: 'list', pos, nodes })
    return { name: this.name, text: this.text, trees: this.trees, functions: this.functions }
  }

  private next(): Token {
    const pending = this.pending.pop()
    if (pending !== undefined) return pending
    this.last = this.lexer.next()
    return this.last
  }

  private push(token: Token): void {
    this.pending.push(token)
  }

  private peek(): Token {
    const token = this.next()
    this.push(token)
    return token
  }

  private nextNonSpace(): Token {
    for (;;) {
      const token = this.next()
      if (token.kind !== 'space') return token
    }
  }

  private peekNonSpace(): Token {
    const token = this.nextNonSpace()
    this.push(token)
    return token
  }

  private fail(message: string): never {
    throw new TemplateError('parse', `template: ${this.name}:${this.last.line}: ${message}`, this.position(this.last))
  }

  private position(token: Token): TemplatePosition {
    const before = this.text.slice(0, token.pos)
    return { line: token.line, column: token.pos - before.lastIndexOf('\n') }
  }

  private unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') return this.fail(`unexpected ${describe(token)} in ${context}`)
    let extra = ''
    if (this.actionLine !== 0 && this.actionLine !== token.line) {
      extra = ` in action started at ${this.name}:${this.actionLine}`
      if (token.value.endsWith(' action')) extra = extra.slice(' in action'.length)
    }
    return this.fail(token.value + extra)
  }

  private expect(kind: TokenKind, context: string): Token {
    const token = this.nextNonSpace()
    return token.kind === kind ? token : this.unexpected(token, context)
  }

  /** Runs a reader of literals and puts the place to what it throws. */
  private literal<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (error instanceof FunctionError) return this.fail(error.message)
      throw error
    }
  }

  private nested<T>(read: () => T): T {
    if (this.nesting >= nestingMax) this.fail('max expression depth exceeded')
    this.nesting++
    const result = read()
    this.nesting--
    return result
  }

  /** A template inside the text has variables and ranges of its own. */
  private ownScope<T>(read: () => T): T {
    const { variables, rangeDepth, actionLine } = this
    this.variables = ['$']
    this.rangeDepth = 0
    this.actionLine = 0
    const result = this.nested(read)
    this.variables = variables
    this.rangeDepth = rangeDepth
    this.actionLine = actionLine
    return result
  }

  private add(name: string, list: ListNode): void {
    const known = this.trees.get(name)
    if (known === undefined || isEmpty(known)) this.trees.set(name, list)
    else if (!isEmpty(list)) this.fail(`template: multiple definition of template ${quote(name)}`)
  }

  private definition(): void {
    const context = 'define clause'
    const token = this.nextNonSpace()
    if (token.kind !== 'string' && token.kind !== 'rawString') this.unexpected(token, context)
    const name = this.literal(() => unquote(token.value))
    this.expect('rightDelim', context)
    this.ownScope(() => this.body(name, context))
  }

  private body(name: string, context: string): void {
    const { list, closer } = this.itemList()
    if (closer.kind !== 'end') this.fail(`unexpected {{${closer.kind}}} in ${context}`)
    this.add(name, list)
  }

  private itemList(): { readonly list: ListNode; readonly closer: Closer } {
    const pos = this.peekNonSpace().pos
    const nodes: Node[] = []
    while (this.peekNonSpace().kind !== 'eof') {
      const node = this.textOrAction()
      if (isCloser(node)) return { list: { kind: 'list', pos, nodes }, closer: node }
      nodes.push(node)
    }
    return this.fail('unexpected EOF')
  }

  private textOrAction(): Node | Closer {
    const token = this.nextNonSpace()
    if (token.kind === 'text') return { kind: 'text', pos: token.pos, text: token.value }
    if (token.kind !== 'leftDelim') return this.unexpected(token, 'input')
    this.actionLine = token.line
    const node = this.action()
    this.actionLine = 0
    return node
  }

  private action(): Node | Closer {
    const token = this.nextNonSpace()
    switch (token.kind) {
      case 'block':
        return this.block()
      case 'break':
      case 'continue':
        return this.jump(token.kind, token.pos)
      case 'else':
        return this.elseClause()
      case 'end':
        return { kind: 'end', pos: this.expect('rightDelim', 'end').pos }
      case 'if':
      case 'range':
      case 'with':
        return this.branch(token.kind)
      case 'template':
        return this.template()
      default: {
        this.push(token)
        return { kind: 'action', pos: token.pos, pipe: this.pipeline('command', 'rightDelim') }
      }
    }
  }

  private jump(kind: 'break' | 'continue', pos: number): Node {
    const token = this.nextNonSpace()
    if (token.kind !== 'rightDelim') this.unexpected(token, `{{${kind}}}`)
    if (this.rangeDepth === 0) this.fail(`{{${kind}}} outside {{range}}`)
    return { kind, pos }
  }

  private elseClause(): Closer {
    const next = this.peekNonSpace()
    if (next.kind === 'if' || next.kind === 'with') return { kind: 'else', pos: next.pos }
    return { kind: 'else', pos: this.expect('rightDelim', 'else').pos }
  }

  private branch(kind: 'if' | 'with' | 'range'): BranchNode {
    return this.nested(() => {
      const mark = this.variables.length
      const pipe = this.pipeline(kind, 'rightDelim')
      if (kind === 'range') this.rangeDepth++
      const { list, closer } = this.itemList()
      if (kind === 'range') this.rangeDepth--
      const otherwise = closer.kind === 'else' ? this.otherwise(kind, closer) : undefined
      this.variables.length = mark
      return { kind, pos: pipe.pos, pipe, list, otherwise }
    })
  }

  private otherwise(kind: Keyword, closer: Closer): ListNode {
    // "{{else if x}}" is "{{else}}{{if x}}", and its {{end}} closes both.
    if ((kind === 'if' || kind === 'with') && this.peek().kind === kind) {
      this.next()
      return { kind: 'list', pos: closer.pos, nodes: [this.branch(kind)] }
    }
    const { list, closer: end } = this.itemList()
    if (end.kind !== 'end') this.fail(`expected end; found {{${end.kind}}}`)
    return list
  }

  private block(): TemplateNode {
    const context = 'block clause'
    const token = this.nextNonSpace()
    const name = this.templateName(token, context)
    const pipe = this.pipeline(context, 'rightDelim')
    this.ownScope(() => this.body(name, context))
    return { kind: 'template', pos: token.pos, name, pipe }
  }

  private template(): TemplateNode {
    const context = 'template clause'
    const token = this.nextNonSpace()
    const name = this.templateName(token, context)
    const next = this.nextNonSpace()
    if (next.kind === 'rightDelim') return { kind: 'template', pos: token.pos, name, pipe: undefined }
    this.push(next)
    return { kind: 'template', pos: token.pos, name, pipe: this.pipeline(context, 'rightDelim') }
  }

  private templateName(token: Token, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'rawString') return this.unexpected(token, context)
    return this.literal(() => unquote(token.value))
  }

  private pipeline(context: string, end: TokenKind): PipeNode {
    const pos = this.peekNonSpace().pos
    const declarations: VariableNode[] = []
    const isAssign = this.declarations(context, declarations)
    const commands: CommandNode[] = []
    for (;;) {
      const token = this.nextNonSpace()
      if (token.kind === end) {
        this.checkPipeline(commands, context)
        return { kind: 'pipe', pos, isAssign, declarations, commands }
      }
      if (!operandKinds.has(token.kind)) this.unexpected(token, context)
      this.push(token)
      commands.push(this.command())
    }
  }

  /** `$x :=`, `$x =`, `$i, $x :=` when they come next. Gives whether it is an assignment. */
  private declarations(context: string, into: VariableNode[]): boolean {
    for (;;) {
      const variable = this.peekNonSpace()
      if (variable.kind !== 'variable') return false
      this.next()
      const after = this.peek()
      const next = this.peekNonSpace()
      if (next.kind === 'assign' || next.kind === 'declare') {
        this.nextNonSpace()
        this.addVariable(variable, into)
        return next.kind === 'assign'
      }
      if (next.kind !== 'char' || next.value !== ',') {
        if (after.kind === 'space') this.push(after)
        this.push(variable)
        return false
      }
      this.nextNonSpace()
      this.addVariable(variable, into)
      if (context !== 'range' || into.length >= 2) this.fail(`too many declarations in ${context}`)
      const follower = this.peekNonSpace().kind
      if (follower !== 'variable' && follower !== 'rightDelim' && follower !== 'rightParen')
        this.fail('range can only initialize variables')
    }
  }

  private addVariable(token: Token, into: VariableNode[]): void {
    const node = variableNode(token.pos, token.value)
    into.push(node)
    this.variables.push(token.value)
  }

  private checkPipeline(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) this.fail(`missing value for ${context}`)
    for (const [i, command] of commands.entries()) {
      const kind = command.args[0]?.kind
      const isConstant = kind === 'bool' || kind === 'dot' || kind === 'nil' || kind === 'number' || kind === 'string'
      if (i > 0 && isConstant) this.fail(`non executable command in pipeline stage ${i + 1}`)
    }
  }

  private command(): CommandNode {
    const pos = this.peekNonSpace().pos
    const args: Operand[] = []
    for (;;) {
      this.peekNonSpace()
      const operand = this.operand()
      if (operand !== undefined) args.push(operand)
      const token = this.next()
      if (token.kind === 'space') continue
      if (token.kind === 'rightDelim' || token.kind === 'rightParen') this.push(token)
      else if (token.kind !== 'pipe') this.unexpected(token, 'operand')
      break
    }
    if (args.length === 0) this.fail('empty command')
    return { kind: 'command', pos, args }
  }

  private operand(): Operand | undefined {
    const node = this.term()
    const first = node === undefined ? undefined : this.peek()
    if (node === undefined || first?.kind !== 'field') return node
    const fields: string[] = []
    while (this.peek().kind === 'field') fields.push(this.next().value.slice(1))
    switch (node.kind) {
      case 'field':
        return { kind: 'field', pos: first.pos, names: [...node.names, ...fields] }
      case 'variable':
        return { kind: 'variable', pos: first.pos, name: node.name, fields: [...node.fields, ...fields] }
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.fail(`unexpected . after term ${quote(literalText(node))}`)
      default:
        return { kind: 'chain', pos: first.pos, node, fields }
    }
  }

  private term(): Operand | undefined {
    const token = this.nextNonSpace()
    const pos = token.pos
    switch (token.kind) {
      case 'identifier':
        return this.functionName(token)
      case 'dot':
        return { kind: 'dot', pos }
      case 'nil':
        return { kind: 'nil', pos }
      case 'variable':
        return this.variable(token)
      case 'field':
        return { kind: 'field', pos, names: token.value.slice(1).split('.') }
      case 'bool':
        return { kind: 'bool', pos, value: token.value === 'true' }
      case 'charConstant':
      case 'complex':
      case 'number':
        return this.literal(() => number(token))
      case 'leftParen':
        return this.nested(() => this.pipeline('parenthesized pipeline', 'rightParen'))
      case 'string':
      case 'rawString':
        return { kind: 'string', pos, quoted: token.value, text: this.literal(() => unquote(token.value)) }
      default:
        this.push(token)
        return undefined
    }
  }

  private functionName(token: Token): IdentifierNode {
    if (!this.hasFunction(token.value)) this.fail(`function ${quote(token.value)} not defined`)
    this.functions.add(token.value)
    return { kind: 'identifier', pos: token.pos, name: token.value }
  }

  private variable(token: Token): VariableNode {
    const node = variableNode(token.pos, token.value)
    if (!this.variables.includes(node.name)) this.fail(`undefined variable ${quote(node.name)}`)
    return node
  }
}

function variableNode(pos: number, text: string): VariableNode {
  const [name = '$', ...fields] = text.split('.')
  return { kind: 'variable', pos, name, fields }
}

function number(token: Token): NumberNode {
  if (token.kind === 'charConstant') return characterLiteral(token.pos, token.value)
  if (token.kind === 'complex') return complexLiteral(token.pos, token.value)
  return numberLiteral(token.pos, token.value)
}

function literalText(node: Operand): string {
  switch (node.kind) {
    case 'bool':
      return String(node.value)
    case 'string':
      return node.quoted
    case 'number':
      return node.text
    case 'nil':
      return 'nil'
    default:
      return '.'
  }
}

/** Nothing but space: such a template may be defined again. */
function isEmpty(list: ListNode): boolean {
  return list.nodes.every((node) => node.kind === 'text' && node.text.trim() === '')
}
