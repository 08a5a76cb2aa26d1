import { quote } from './format/quote.ts'
import type { Value } from './values.ts'

/** The parsed template. `pos` is a UTF-16 index in the text; Go's error texts quote nodes by `show`. */
export type Node = TextNode | ActionNode | BranchNode | TemplateNode | BreakNode | ContinueNode

export interface TextNode {
  readonly kind: 'text'
  readonly pos: number
  readonly text: string
}

export interface ActionNode {
  readonly kind: 'action'
  readonly pos: number
  readonly pipe: PipeNode
}

export interface BranchNode {
  readonly kind: 'if' | 'with' | 'range'
  readonly pos: number
  readonly pipe: PipeNode
  readonly list: ListNode
  readonly otherwise: ListNode | undefined
}

export interface TemplateNode {
  readonly kind: 'template'
  readonly pos: number
  readonly name: string
  readonly pipe: PipeNode | undefined
}

export interface BreakNode {
  readonly kind: 'break'
  readonly pos: number
}

export interface ContinueNode {
  readonly kind: 'continue'
  readonly pos: number
}

export interface ListNode {
  readonly kind: 'list'
  readonly pos: number
  readonly nodes: readonly Node[]
}

export interface PipeNode {
  readonly kind: 'pipe'
  readonly pos: number
  readonly isAssign: boolean
  readonly declarations: readonly VariableNode[]
  readonly commands: readonly CommandNode[]
}

export interface CommandNode {
  readonly kind: 'command'
  readonly pos: number
  readonly args: readonly Operand[]
}

export type Operand =
  | PipeNode
  | ChainNode
  | FieldNode
  | VariableNode
  | IdentifierNode
  | DotNode
  | NilNode
  | BoolNode
  | NumberNode
  | StringNode

export interface ChainNode {
  readonly kind: 'chain'
  readonly pos: number
  readonly node: Operand
  readonly fields: readonly string[]
}

export interface FieldNode {
  readonly kind: 'field'
  readonly pos: number
  readonly names: readonly string[]
}

export interface VariableNode {
  readonly kind: 'variable'
  readonly pos: number
  readonly name: string
  readonly fields: readonly string[]
}

export interface IdentifierNode {
  readonly kind: 'identifier'
  readonly pos: number
  readonly name: string
}

export interface DotNode {
  readonly kind: 'dot'
  readonly pos: number
}

export interface NilNode {
  readonly kind: 'nil'
  readonly pos: number
}

export interface BoolNode {
  readonly kind: 'bool'
  readonly pos: number
  readonly value: boolean
}

/** A number under every type that can hold it: Go's ideal constants. */
export interface NumberNode {
  readonly kind: 'number'
  readonly pos: number
  readonly text: string
  readonly int: bigint | undefined
  readonly uint: bigint | undefined
  readonly float: number | undefined
  /** What it is where no type is asked for; undefined when it overflows int. */
  readonly ideal: Value
}

export interface StringNode {
  readonly kind: 'string'
  readonly pos: number
  readonly quoted: string
  readonly text: string
}

export type AnyNode = Node | ListNode | CommandNode | Operand

/** The node as Go prints it in errors. */
export function show(node: AnyNode): string {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'action':
      return `{{${show(node.pipe)}}}`
    case 'if':
    case 'with':
    case 'range':
      return `{{${node.kind} ${show(node.pipe)}}}${show(node.list)}${node.otherwise === undefined ? '' : `{{else}}${show(node.otherwise)}`}{{end}}`
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === undefined ? '' : ` ${show(node.pipe)}`}}}`
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`
    case 'list':
      return node.nodes.map(show).join('')
    case 'pipe':
      return showPipe(node)
    case 'command':
      return node.args.map((arg) => (arg.kind === 'pipe' ? `(${show(arg)})` : show(arg))).join(' ')
    default:
      return showOperand(node)
  }
}

function showPipe(pipe: PipeNode): string {
  const declared = pipe.declarations.map(show).join(', ')
  const commands = pipe.commands.map(show).join(' | ')
  return declared === '' ? commands : `${declared} ${pipe.isAssign ? '=' : ':='} ${commands}`
}

function showOperand(node: Exclude<Operand, PipeNode>): string {
  switch (node.kind) {
    case 'chain': {
      const inner = show(node.node)
      return [node.node.kind === 'pipe' ? `(${inner})` : inner, ...node.fields].join('.')
    }
    case 'field':
      return node.names.map((name) => `.${name}`).join('')
    case 'variable':
      return [node.name, ...node.fields].join('.')
    case 'identifier':
      return node.name
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'bool':
      return String(node.value)
    case 'number':
      return node.text
    case 'string':
      return node.quoted
  }
}
