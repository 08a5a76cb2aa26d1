import { byteLength, wellFormed } from './bytes.ts'
import type { Environment } from './environment.ts'
import { FunctionError, LimitError, TemplateError } from './errors.ts'
import { sprintValue } from './format/print.ts'
import { quote } from './format/quote.ts'
import type { CallContext, FunctionTable, ParameterType, TemplateFunction } from './functions.ts'
import { Budget, outputBytesMax, templateDepthMax } from './limits.ts'
import { callMethod } from './methods.ts'
import {
  type AnyNode,
  type BranchNode,
  type ChainNode,
  type CommandNode,
  type IdentifierNode,
  type ListNode,
  type NumberNode,
  type Operand,
  type PipeNode,
  show,
  type TemplateNode,
  type VariableNode,
} from './nodes.ts'
import type { TemplateSet } from './parser.ts'
import {
  elements,
  entry,
  GoObject,
  integer,
  isMap,
  isTrue,
  List,
  nilList,
  nilMap,
  Sized,
  StringMap,
  Struct,
  sortedKeys,
  typeOf,
  type Value,
} from './values.ts'

/** What a missing key of a map gives: nothing, the type's zero value, or an error. */
export type MissingKey = 'invalid' | 'zero' | 'error'

/** Stands for "no value came through the pipe", which is not the same as nil. */
const missing: unique symbol = Symbol('missing')
type Piped = Value | typeof missing

/** How a list ended: to its end, or by break or continue. */
type Flow = 'next' | 'break' | 'continue'

interface Variable {
  readonly name: string
  value: Value
  /** The static type is interface{}, which only error texts show. */
  isInterface: boolean
}

const none: readonly Operand[] = []

/**
 * One execution of a template: Go's text/template/exec.go. `isInterface` follows what Go calls the static type, because its errors
 * name it: the entry of a map[string]interface{} is an interface {}, the result of a function is what it is.
 */
export class Execution {
  private readonly set: TemplateSet
  private readonly functions: FunctionTable
  private readonly missingKey: MissingKey
  private readonly context: CallContext
  private readonly budget = new Budget()
  private readonly output: string[] = []
  private outputLength = 0
  /** The node that an error is about. */
  private node: AnyNode | undefined
  private template: string
  private variables: Variable[] = []
  private depth = 0
  private data: Value
  /** Whether the value that was evaluated last has the static type interface{}. */
  private isInterface = false

  constructor(set: TemplateSet, functions: FunctionTable, missingKey: MissingKey, environment: Environment) {
    this.set = set
    this.functions = functions
    this.missingKey = missingKey
    this.template = set.name
    this.context = { environment, budget: this.budget, isParameter: (list) => this.holds(this.data, list) }
  }

  /** Runs the template on `data` and gives its text. Throws TemplateError. */
  run(data: Value): string {
    try {
      const root = this.set.trees.get(this.set.name)
      if (root === undefined)
        throw new FunctionError(`template: ${this.set.name}: ${quote(this.set.name)} is an incomplete or empty template`)
      this.data = data
      this.variables = [{ name: '$', value: data, isInterface: false }]
      this.walkList(data, false, root)
      return wellFormed(this.output.join(''))
    } catch (error) {
      throw this.translate(error)
    }
  }

  private holds(value: Value, list: readonly Value[]): boolean {
    this.budget.step(1)
    if (value === list) return true
    const items = isMap(value) ? Object.values(value) : (elements(value) ?? [])
    return items.some((item) => typeof item === 'object' && this.holds(item, list))
  }

  private translate(error: unknown): unknown {
    if (error instanceof LimitError) return this.error('limit', error.message)
    // Deep values and deep templates: the stack is a bound as well.
    if (error instanceof RangeError && /call stack/.test(error.message))
      return this.error('limit', 'the template or its values are nested too deeply')
    return error
  }

  private error(stage: 'execute' | 'limit', message: string): TemplateError {
    if (this.node === undefined) return new TemplateError(stage, `template: ${this.template}: ${message}`, { line: 1, column: 1 })
    const before = this.set.text.slice(0, this.node.pos)
    const lineStart = before.lastIndexOf('\n') + 1
    const line = before.split('\n').length
    const place = `${this.set.name}:${line}:${byteLength(before.slice(lineStart))}`
    const text = `template: ${place}: executing ${quote(this.template)} at <${show(this.node)}>: ${message}`
    return new TemplateError(stage, wellFormed(text), { line, column: this.node.pos - lineStart + 1 })
  }

  private fail(message: string): never {
    throw this.error('execute', message)
  }

  private write(text: string): void {
    this.outputLength += text.length
    if (this.outputLength > outputBytesMax) throw new LimitError(`the template makes more than ${outputBytesMax} bytes`)
    this.output.push(text)
  }

  private walkList(dot: Value, dotIsInterface: boolean, list: ListNode): Flow {
    this.node = list
    for (const node of list.nodes) {
      this.budget.step(1)
      this.node = node
      switch (node.kind) {
        case 'text':
          this.write(node.text)
          break
        case 'action': {
          const value = this.evalPipeline(dot, dotIsInterface, node.pipe)
          if (node.pipe.declarations.length > 0) break
          this.node = node
          this.write(value === undefined ? '<no value>' : sprintValue(value))
          break
        }
        case 'if':
        case 'with': {
          const flow = this.walkIfOrWith(dot, dotIsInterface, node)
          if (flow !== 'next') return flow
          break
        }
        case 'range': {
          const flow = this.walkRange(dot, dotIsInterface, node)
          if (flow !== 'next') return flow
          break
        }
        case 'template':
          this.walkTemplate(dot, dotIsInterface, node)
          break
        default:
          return node.kind
      }
    }
    return 'next'
  }

  private walkIfOrWith(dot: Value, dotIsInterface: boolean, node: BranchNode): Flow {
    const mark = this.variables.length
    const value = this.evalPipeline(dot, dotIsInterface, node.pipe)
    let flow: Flow = 'next'
    if (isTrue(value)) {
      flow = node.kind === 'with' ? this.walkList(value, false, node.list) : this.walkList(dot, dotIsInterface, node.list)
    } else if (node.otherwise !== undefined) flow = this.walkList(dot, dotIsInterface, node.otherwise)
    this.variables.length = mark
    return flow
  }

  /** The flow is that of the else list: break and continue inside end here. */
  private walkRange(dot: Value, dotIsInterface: boolean, node: BranchNode): Flow {
    const outer = this.variables.length
    const value = this.evalPipeline(dot, dotIsInterface, node.pipe)
    const iterations = this.iterate(value, node)
    let flow: Flow = 'next'
    if (iterations === 0 && node.otherwise !== undefined) flow = this.walkList(dot, dotIsInterface, node.otherwise)
    this.variables.length = outer
    return flow
  }

  /** Runs the body for each element and gives how often. */
  private iterate(value: Value, node: BranchNode): number {
    if (value === undefined || value === null) return 0
    const count = integer(value)
    if (count !== undefined) return this.iterateInteger(value, count, node)
    const items = elements(value)
    if (items !== undefined) {
      const isInterface = !(value instanceof List) || value.element === 'interface {}'
      for (let i = 0; i < items.length; i++) {
        if (!this.iteration(node, BigInt(i), items[i], isInterface)) break
      }
      return items.length
    }
    const keys = sortedKeys(value)
    if (keys === undefined) return this.fail(`range can't iterate over ${sprintValue(value)}`)
    for (const key of keys) {
      const item = value instanceof StringMap ? value.entries.get(key) : isMap(value) ? entry(value, key) : undefined
      if (!this.iteration(node, key, item, isMap(value))) break
    }
    return keys.length
  }

  private iterateInteger(value: Value, count: bigint, node: BranchNode): number {
    if (node.pipe.declarations.length > 1) this.fail(`can't use ${sprintValue(value)} to iterate over more than one variable`)
    for (let i = 0n; i < count; i++) {
      const element = value instanceof Sized ? new Sized(value.type, value.kind, i) : i
      if (!this.iteration(node, undefined, element, false)) break
    }
    return count > 0n ? 1 : 0
  }

  /** One turn; false when the body said break. */
  private iteration(node: BranchNode, index: Value, element: Value, isInterface: boolean): boolean {
    this.budget.step(1)
    const [first, second] = node.pipe.declarations
    if (first !== undefined) {
      const single = second === undefined
      if (node.pipe.isAssign) {
        this.setVariable(first, single ? element : index, single && isInterface)
        if (second !== undefined) this.setVariable(second, element, isInterface)
      } else {
        this.setTop(1, element, isInterface)
        if (!single) this.setTop(2, index, false)
      }
    }
    const mark = this.variables.length
    const flow = this.walkList(element, isInterface, node.list)
    this.variables.length = mark
    return flow !== 'break'
  }

  private setTop(fromTop: number, value: Value, isInterface: boolean): void {
    const variable = this.variables[this.variables.length - fromTop]
    if (variable === undefined) return
    variable.value = value
    variable.isInterface = isInterface
  }

  private setVariable(node: VariableNode, value: Value, isInterface: boolean): void {
    const variable = this.lookUp(node.name)
    variable.value = value
    variable.isInterface = isInterface
  }

  private lookUp(name: string): Variable {
    for (let i = this.variables.length - 1; i >= 0; i--) {
      const variable = this.variables[i]
      if (variable?.name === name) return variable
    }
    return this.fail(`undefined variable: ${name}`)
  }

  private walkTemplate(dot: Value, dotIsInterface: boolean, node: TemplateNode): void {
    const tree = this.set.trees.get(node.name)
    if (tree === undefined) return this.fail(`template ${quote(node.name)} not defined`)
    if (this.depth >= templateDepthMax) throw new LimitError(`exceeded maximum template depth (${templateDepthMax})`)
    const data = node.pipe === undefined ? undefined : this.evalPipeline(dot, dotIsInterface, node.pipe)
    const { variables, template } = this
    this.variables = [{ name: '$', value: data, isInterface: false }]
    this.template = node.name
    this.depth++
    this.walkList(data, false, tree)
    this.variables = variables
    this.template = template
    this.depth--
  }

  private evalPipeline(dot: Value, dotIsInterface: boolean, pipe: PipeNode): Value {
    this.node = pipe
    let piped: Piped = missing
    for (const command of pipe.commands) {
      const value = this.evalCommand(dot, dotIsInterface, command, piped)
      // Go takes the value out of its interface here: nil becomes no value.
      piped = value === null ? undefined : value
    }
    this.isInterface = false
    const result = piped === missing ? undefined : piped
    for (const variable of pipe.declarations) {
      if (pipe.isAssign) this.setVariable(variable, result, false)
      else this.variables.push({ name: variable.name, value: result, isInterface: false })
    }
    return result
  }

  private notAFunction(args: readonly Operand[], piped: Piped): void {
    const first = args[0]
    if (first !== undefined && (args.length > 1 || piped !== missing)) this.fail(`can't give argument to non-function ${show(first)}`)
  }

  private evalCommand(dot: Value, dotIsInterface: boolean, command: CommandNode, piped: Piped): Value {
    const first = command.args[0]
    if (first === undefined) return this.fail('empty command')
    switch (first.kind) {
      case 'field':
        this.node = first
        return this.evalFields(dot, dotIsInterface, dot, dotIsInterface, first, first.names, 0, command.args, piped)
      case 'chain':
        return this.evalChain(dot, dotIsInterface, first, command.args, piped)
      case 'identifier':
        return this.evalFunction(dot, dotIsInterface, first, command, command.args, piped)
      case 'pipe':
        this.notAFunction(command.args, piped)
        return this.evalPipeline(dot, dotIsInterface, first)
      case 'variable':
        return this.evalVariable(dot, dotIsInterface, first, command.args, piped)
      default:
    }
    this.node = first
    this.notAFunction(command.args, piped)
    if (first.kind === 'nil') return this.fail('nil is not a command')
    return this.literal(dot, dotIsInterface, first)
  }

  /** A constant or dot where any type will do. */
  private literal(dot: Value, dotIsInterface: boolean, node: Operand): Value {
    this.isInterface = false
    switch (node.kind) {
      case 'bool':
        return node.value
      case 'dot':
        this.isInterface = dotIsInterface
        return dot
      case 'number':
        return this.idealConstant(node)
      case 'string':
        return node.text
      default:
        return this.fail(`can't evaluate command ${quote(show(node))}`)
    }
  }

  private idealConstant(node: NumberNode): Value {
    this.node = node
    if (node.ideal === undefined) this.fail(`${node.text} overflows int`)
    return node.ideal
  }

  private evalChain(dot: Value, dotIsInterface: boolean, chain: ChainNode, args: readonly Operand[], piped: Piped): Value {
    this.node = chain
    if (chain.node.kind === 'nil') this.fail(`indirection through explicit nil in ${show(chain)}`)
    const receiver = this.evalOperand(dot, dotIsInterface, chain.node)
    return this.evalFields(dot, dotIsInterface, receiver, this.isInterface, chain, chain.fields, 0, args, piped)
  }

  private evalVariable(dot: Value, dotIsInterface: boolean, node: VariableNode, args: readonly Operand[], piped: Piped): Value {
    this.node = node
    const { value, isInterface } = this.lookUp(node.name)
    this.isInterface = isInterface
    if (node.fields.length > 0) return this.evalFields(dot, dotIsInterface, value, isInterface, node, node.fields, 0, args, piped)
    this.notAFunction(args, piped)
    return value
  }

  private evalFields(
    dot: Value,
    dotIsInterface: boolean,
    start: Value,
    startIsInterface: boolean,
    node: AnyNode,
    names: readonly string[],
    from: number,
    args: readonly Operand[],
    piped: Piped,
  ): Value {
    let receiver = start
    this.isInterface = startIsInterface
    const last = names.length - 1
    for (let i = from; i < last; i++) receiver = this.evalField(dot, dotIsInterface, names[i] ?? '', node, none, missing, receiver)
    return this.evalField(dot, dotIsInterface, names[last] ?? '', node, args, piped, receiver)
  }

  private evalField(
    dot: Value,
    dotIsInterface: boolean,
    name: string,
    node: AnyNode,
    args: readonly Operand[],
    piped: Piped,
    receiver: Value,
  ): Value {
    if (receiver === undefined) {
      if (this.missingKey === 'error') this.fail(`nil data; no entry for key ${quote(name)}`)
      return undefined
    }
    if (receiver === null) return this.fail(`nil pointer evaluating interface {}.${name}`)
    const hasArguments = args.length > 1 || piped !== missing
    if (isMap(receiver)) {
      if (hasArguments) this.fail(`${name} is not a method but has arguments`)
      this.isInterface = true
      if (Object.hasOwn(receiver, name)) return receiver[name]
      return this.absent(name, null)
    }
    if (receiver instanceof StringMap) {
      if (hasArguments) this.fail(`${name} is not a method but has arguments`)
      this.isInterface = false
      return receiver.entries.get(name) ?? this.absent(name, '')
    }
    if (receiver instanceof GoObject) {
      const method = callMethod(receiver, name)
      if (method !== undefined) return this.evalCall(dot, dotIsInterface, method, name, node, args, piped)
      if (receiver.privateFields?.().has(name)) this.fail(`${name} is an unexported field of struct type ${typeOf(receiver)}`)
      if (receiver instanceof Struct && receiver.fields.has(name)) {
        if (hasArguments) this.fail(`${name} has arguments but cannot be invoked as function`)
        this.isInterface = false
        return receiver.fields.get(name)
      }
    }
    return this.fail(`can't evaluate field ${name} in type ${this.isInterface ? 'interface {}' : typeOf(receiver)}`)
  }

  private absent(name: string, zero: Value): Value {
    if (this.missingKey === 'error') this.fail(`map has no entry for key ${quote(name)}`)
    return this.missingKey === 'zero' ? zero : undefined
  }

  private evalFunction(
    dot: Value,
    dotIsInterface: boolean,
    node: IdentifierNode,
    command: AnyNode,
    args: readonly Operand[],
    piped: Piped,
  ): Value {
    this.node = node
    const definition = Object.hasOwn(this.functions, node.name) ? this.functions[node.name] : undefined
    if (definition === undefined) return this.fail(`${quote(node.name)} is not a defined function`)
    return this.evalCall(dot, dotIsInterface, definition, node.name, command, args, piped)
  }

  private evalCall(
    dot: Value,
    dotIsInterface: boolean,
    definition: TemplateFunction,
    name: string,
    node: AnyNode,
    args: readonly Operand[],
    piped: Piped,
  ): Value {
    this.budget.step(1)
    const { parameters, isVariadic } = definition
    // The first operand is the function itself.
    const given = Math.max(args.length - 1, 0)
    const total = given + (piped === missing ? 0 : 1)
    const fixed = isVariadic ? parameters.length - 1 : parameters.length
    if (isVariadic ? total < fixed : total !== fixed) {
      this.fail(
        isVariadic
          ? `wrong number of args for ${name}: want at least ${fixed} got ${given}`
          : `wrong number of args for ${name}: want ${fixed} got ${total}`,
      )
    }
    if (definition.cannotCall !== undefined) this.fail(definition.cannotCall)
    if (definition.shortCircuits !== undefined) return this.evalAndOr(dot, dotIsInterface, definition.shortCircuits, args, piped)
    const values: Value[] = []
    const first = args[1]
    if (definition.takesOperandText) values.push(first === undefined ? calleeText(piped) : show(first))
    for (let i = 0; i < given; i++) {
      const operand = args[i + 1]
      if (operand !== undefined)
        values.push(this.evalArgument(dot, dotIsInterface, parameters[Math.min(i, parameters.length - 1)], operand))
    }
    if (piped !== missing) values.push(this.validate(piped, parameters[Math.min(given, parameters.length - 1)]))
    const result = this.call(definition, name, node, values)
    this.isInterface = definition.givesInterface === true
    return result
  }

  private call(definition: TemplateFunction, name: string, node: AnyNode, values: readonly Value[]): Value {
    try {
      return definition.call(values, this.context)
    } catch (error) {
      this.node = node
      if (error instanceof FunctionError) return this.fail(`error calling ${name}: ${error.message}`)
      throw error
    }
  }

  private evalAndOr(dot: Value, dotIsInterface: boolean, name: 'and' | 'or', args: readonly Operand[], piped: Piped): Value {
    let value: Value
    for (const operand of args.slice(1)) {
      value = this.evalArgument(dot, dotIsInterface, 'reflect.Value', operand)
      if (isTrue(value) === (name === 'or')) return value
    }
    return piped === missing ? value : piped
  }

  /** The value of an operand, unchecked: the start of a chain. */
  private evalOperand(dot: Value, dotIsInterface: boolean, node: Operand): Value {
    this.node = node
    switch (node.kind) {
      case 'field':
        return this.evalFields(dot, dotIsInterface, dot, dotIsInterface, node, node.names, 0, none, missing)
      case 'variable':
        return this.evalVariable(dot, dotIsInterface, node, none, missing)
      case 'pipe':
        return this.evalPipeline(dot, dotIsInterface, node)
      case 'identifier':
        return this.evalFunction(dot, dotIsInterface, node, node, none, missing)
      case 'chain':
        return this.evalChain(dot, dotIsInterface, node, none, missing)
      default:
        return this.literal(dot, dotIsInterface, node)
    }
  }

  private evalArgument(dot: Value, dotIsInterface: boolean, type: ParameterType | undefined, node: Operand): Value {
    this.node = node
    switch (node.kind) {
      case 'dot':
        return this.validate(dot, type)
      case 'nil':
        if (!canBeNil(type)) this.fail(`cannot assign nil to ${type ?? 'nothing'}`)
        return this.zero(type)
      case 'field':
      case 'variable':
      case 'pipe':
      case 'identifier':
      case 'chain':
        return this.validate(this.evalOperand(dot, dotIsInterface, node), type)
      default:
        return this.constant(node, type)
    }
  }

  /** A constant where a type is asked for: a number takes the one that fits. */
  private constant(node: Operand, type: ParameterType | undefined): Value {
    switch (type) {
      case 'interface {}':
      case 'reflect.Value':
        return this.literal(undefined, false, node)
      case 'string':
        return node.kind === 'string' ? node.text : this.fail(`expected string; found ${show(node)}`)
      case 'bool':
        return node.kind === 'bool' ? node.value : this.fail(`expected bool; found ${show(node)}`)
      case 'int':
        return node.kind === 'number' && node.int !== undefined ? node.int : this.fail(`expected integer; found ${show(node)}`)
      case 'time.Duration':
        if (node.kind === 'number' && node.int !== undefined) return new Sized('time.Duration', 'int64', node.int)
        return this.fail(`expected integer; found ${show(node)}`)
      case 'uint32':
        if (node.kind === 'number' && node.uint !== undefined) return BigInt.asUintN(32, node.uint)
        return this.fail(`expected unsigned integer; found ${show(node)}`)
      case 'float64':
        return node.kind === 'number' && node.float !== undefined ? node.float : this.fail(`expected float; found ${show(node)}`)
      default:
        return this.fail(`can't handle ${show(node)} for arg of type ${type ?? 'nothing'}`)
    }
  }

  private zero(type: ParameterType | undefined): Value {
    if (type === 'map[string]interface {}') return nilMap
    if (type === '[]interface {}') return nilList()
    return type === 'reflect.Value' ? undefined : null
  }

  /** Checks that a value may be given where `type` is asked for. */
  private validate(value: Value, type: ParameterType | undefined): Value {
    if (type === 'interface {}') return value === undefined ? null : value
    if (type === 'reflect.Value') return value
    if (value === undefined) {
      if (!canBeNil(type)) this.fail(`invalid value; expected ${type ?? 'nothing'}`)
      return this.zero(type)
    }
    if (value === null) return this.fail(`wrong type for value; expected ${type ?? 'nothing'}; got interface {}`)
    const actual = typeOf(value)
    return actual === type ? value : this.fail(`wrong type for value; expected ${type ?? 'nothing'}; got ${actual}`)
  }
}

function canBeNil(type: ParameterType | undefined): boolean {
  return (
    type === 'interface {}' ||
    type === 'reflect.Value' ||
    type === 'map[string]interface {}' ||
    type === '[]interface {}' ||
    type === '*semver.Version' ||
    type === '*time.Location'
  )
}

/** What Go's reflect calls a value that came through the pipe: a string by its text, all else by its type. */
function calleeText(piped: Piped): string {
  if (typeof piped === 'string') return piped
  return piped === missing ? '' : `<${typeOf(piped)} Value>`
}
