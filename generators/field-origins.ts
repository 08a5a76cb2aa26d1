import type { JsonObject } from '../fleet/json.ts'
import type { FieldOrigin } from '../fleet/set/preview.ts'
import type { TemplateMode } from './generator.ts'
import type { BranchNode, ListNode, Node, Operand, PipeNode } from './gotemplate/nodes.ts'
import { parse } from './gotemplate/parser.ts'
import { templatedTexts } from './template.ts'

/** Which parameters each templated field reads: why a field of an application is what it is. Texts that can't be read are left out: rendering names them. */
export function fieldOrigins(template: JsonObject, mode: TemplateMode, path: string): readonly FieldOrigin[] {
  return templatedTexts(template, path).flatMap((field) => {
    const parameters = parametersOf(field.text, mode)
    return parameters === null ? [] : [{ path: field.path, template: field.text, parameters }]
  })
}

function parametersOf(text: string, mode: TemplateMode): readonly string[] | null {
  if (!mode.goTemplate) {
    // Behind the last end no tag ends: looking for one from each beginning would take the square of their number.
    const closed = text.slice(0, text.lastIndexOf('}}') + 2)
    return unique([...closed.matchAll(/\{\{(.*?)\}\}/gs)].map(([, tag = '']) => tag.trim()))
  }
  try {
    const reader = new Reader()
    for (const tree of parse('', text, () => true).trees.values()) reader.list(tree, [])
    return unique(reader.found)
  } catch {
    return null
  }
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => name !== '').toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Where dot or a variable stands in the parameters; null where it is something that was computed. */
type Place = readonly string[] | null

class Reader {
  readonly found: string[] = []
  private readonly variables = new Map<string, Place>([['$', []]])

  list(list: ListNode, dot: Place): void {
    for (const node of list.nodes) this.node(node, dot)
  }

  private node(node: Node, dot: Place): void {
    if (node.kind === 'action') this.pipe(node.pipe, dot)
    else if (node.kind === 'if' || node.kind === 'with' || node.kind === 'range') this.branch(node, dot)
    else if (node.kind === 'template' && node.pipe !== undefined) this.pipe(node.pipe, dot)
  }

  private branch(node: BranchNode, dot: Place): void {
    const place = this.pipe(node.pipe, dot)
    const element = place === null ? null : [...place, '*']
    if (node.kind === 'range') for (const { name } of node.pipe.declarations.slice(-1)) this.variables.set(name, element)
    this.list(node.list, node.kind === 'if' ? dot : node.kind === 'with' ? place : element)
    if (node.otherwise !== undefined) this.list(node.otherwise, dot)
  }

  /** Notes what it reads, and gives where its value stands when it is nothing but a parameter. */
  private pipe(pipe: PipeNode, dot: Place): Place {
    const places = pipe.commands.flatMap((command) => command.args.map((arg) => this.operand(arg, dot)))
    const [only = null] = places
    const place = places.length === 1 ? only : null
    for (const { name } of pipe.declarations) this.variables.set(name, place)
    return place
  }

  private operand(operand: Operand, dot: Place): Place {
    switch (operand.kind) {
      case 'pipe':
        return this.pipe(operand, dot)
      case 'chain':
        return this.note(this.operand(operand.node, dot), operand.fields)
      case 'field':
        return this.note(dot, operand.names)
      case 'variable':
        return this.note(this.variables.get(operand.name) ?? null, operand.fields)
      case 'dot':
        return this.note(dot, [])
      default:
        return null
    }
  }

  private note(place: Place, fields: readonly string[]): Place {
    if (place === null) return null
    const whole = [...place, ...fields]
    if (whole.length > 0) this.found.push(whole.join('.'))
    return whole
  }
}
