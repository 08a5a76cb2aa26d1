import { fromBytes } from '../bytes.ts'
import { LimitError } from '../errors.ts'
import { outputBytesMax, valueDepthMax } from '../limits.ts'
import {
  Complex,
  elements,
  entry,
  GoObject,
  integer,
  isMap,
  kindOf,
  List,
  StringMap,
  Struct,
  sortedKeys,
  typeOf,
  type Value,
} from '../values.ts'
import { Flags } from './flags.ts'
import { formatFloat } from './float.ts'

/** fmt.Sprint of one value, by the shortest way for what templates print most. */
export function sprintValue(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'bigint':
      return value.toString()
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      return Number.isInteger(value) && value < 1_000_000 && value > -1_000_000 && !Object.is(value, -0)
        ? String(value)
        : formatFloat(value, 'g', -1)
    default:
      return sprint([value])
  }
}

/** fmt.Sprint: a space between two operands when neither is a string. */
export function sprint(args: readonly Value[]): string {
  const printer = new Printer()
  let previousIsString = false
  for (const [i, arg] of args.entries()) {
    const isString = typeof arg === 'string'
    if (i > 0 && !isString && !previousIsString) printer.write(' ')
    printer.printArgument(arg, 'v')
    previousIsString = isString
  }
  return printer.result()
}

/** fmt.Sprintln. */
export function sprintln(args: readonly Value[]): string {
  const printer = new Printer()
  for (const [i, arg] of args.entries()) {
    if (i > 0) printer.write(' ')
    printer.printArgument(arg, 'v')
  }
  printer.write('\n')
  return printer.result()
}

/** Prints values by a verb, with the flags of one directive: Go's fmt/print.go without reflection. */
export class Printer {
  readonly flags = new Flags()
  private readonly parts: string[] = []
  private length = 0
  private isReportingBadVerb = false

  write(text: string): void {
    this.length += text.length
    if (this.length > outputBytesMax) throw new LimitError(`the template makes more than ${outputBytesMax} bytes`)
    this.parts.push(text)
  }

  result(): string {
    return this.parts.join('')
  }

  printArgument(value: Value, verb: string): void {
    if (value === undefined || value === null) {
      if (verb === 'T' || verb === 'v') this.write(this.flags.pad('<nil>'))
      else this.badVerb(undefined, verb)
      return
    }
    if (verb === 'T') this.write(this.flags.text(typeOf(value)))
    else if (verb === 'p') this.badVerb(value, verb)
    else this.print(value, verb, 0)
  }

  private badVerb(value: Value, verb: string): void {
    this.isReportingBadVerb = true
    this.write(`%!${verb}(`)
    if (value === undefined || value === null) this.write('<nil>')
    else {
      this.write(`${typeOf(value)}=`)
      this.print(value, 'v', 0)
    }
    this.write(')')
    this.isReportingBadVerb = false
  }

  private print(value: Value, verb: string, depth: number): void {
    if (depth > valueDepthMax) throw new LimitError(`a value is nested more than ${valueDepthMax} deep`)
    if (verb === 'w') return this.badVerb(value, verb)
    switch (typeof value) {
      case 'string':
        return this.printString(value, verb)
      case 'number':
        return this.printFloat(value, verb, value)
      case 'bigint':
        return this.printInteger(value, verb, value)
      case 'boolean':
        if (verb === 't' || verb === 'v') return this.write(this.flags.pad(value ? 'true' : 'false'))
        return this.badVerb(value, verb)
      default:
        return this.printObject(value, verb, depth)
    }
  }

  private printObject(value: Value, verb: string, depth: number): void {
    if (value === undefined || value === null) {
      // Inside a map or list nil is an interface without a value: every verb prints it.
      return this.write(this.flags.sharpV ? 'interface {}(nil)' : '<nil>')
    }
    if (value instanceof GoObject && this.printByMethod(value, verb)) return
    const number = integer(value)
    if (number !== undefined) return this.printInteger(number, verb, value)
    if (value instanceof Complex) return this.printComplex(value, verb)
    const items = elements(value)
    if (items !== undefined) return this.printList(value, items, verb, depth)
    if (value instanceof StringMap || isMap(value)) return this.printMap(value, verb, depth)
    if (value instanceof Struct) return this.printStruct(value.type, value.fields, verb, depth)
    const fields = value instanceof GoObject ? value.privateFields?.() : undefined
    if (fields === undefined) return this.write(`?${typeOf(value)}?`)
    const type = typeOf(value)
    if (type.startsWith('*')) this.write('&')
    this.printStruct(type.replace(/^\*/, ''), fields, verb, depth)
  }

  private printByMethod(value: GoObject, verb: string): boolean {
    if (this.isReportingBadVerb) return false
    if (this.flags.sharpV && value.goString !== undefined) {
      this.write(this.flags.text(value.goString()))
      return true
    }
    if (value.string === undefined || this.flags.sharpV || !'vsxXq'.includes(verb)) return false
    this.printString(value.string(), verb)
    return true
  }

  private printString(value: string, verb: string): void {
    switch (verb) {
      case 'v':
        return this.write(this.flags.sharpV ? this.flags.quoted(value) : this.flags.text(value))
      case 's':
        return this.write(this.flags.text(value))
      case 'x':
        return this.write(this.flags.hexText(value, false))
      case 'X':
        return this.write(this.flags.hexText(value, true))
      case 'q':
        return this.write(this.flags.quoted(value))
      default:
        return this.badVerb(value, verb)
    }
  }

  private printInteger(value: bigint, verb: string, whole: Value): void {
    const flags = this.flags
    switch (verb) {
      case 'v':
        if (flags.sharpV && kindOf(whole).startsWith('uint')) return this.printHexWord(value)
        return this.write(flags.integer(value, 10, verb))
      case 'd':
        return this.write(flags.integer(value, 10, verb))
      case 'b':
        return this.write(flags.integer(value, 2, verb))
      case 'o':
      case 'O':
        return this.write(flags.integer(value, 8, verb))
      case 'x':
      case 'X':
        return this.write(flags.integer(value, 16, verb))
      case 'c':
        return this.write(flags.character(value))
      case 'q':
        return this.write(flags.quotedCharacter(value))
      case 'U':
        return this.write(flags.unicode(value))
      default:
        return this.badVerb(whole, verb)
    }
  }

  /** What %#v makes of an unsigned number. */
  private printHexWord(value: bigint): void {
    const { sharp } = this.flags
    this.flags.sharp = true
    this.write(this.flags.integer(value, 16, 'v'))
    this.flags.sharp = sharp
  }

  private printFloat(value: number, verb: string, whole: Value): void {
    switch (verb) {
      case 'v':
        return this.write(this.flags.float(value, 'g', -1))
      case 'b':
      case 'g':
      case 'G':
      case 'x':
      case 'X':
        return this.write(this.flags.float(value, verb, -1))
      case 'f':
      case 'e':
      case 'E':
        return this.write(this.flags.float(value, verb, 6))
      case 'F':
        return this.write(this.flags.float(value, 'f', 6))
      default:
        return this.badVerb(whole, verb)
    }
  }

  private printComplex(value: Complex, verb: string): void {
    if (!'vbgGxXfFeE'.includes(verb)) return this.badVerb(value, verb)
    const plus = this.flags.plus
    this.write('(')
    this.printFloat(value.real, verb, value)
    this.flags.plus = true
    this.printFloat(value.imaginary, verb, value)
    this.write('i)')
    this.flags.plus = plus
  }

  private printList(value: Value, items: readonly Value[], verb: string, depth: number): void {
    if (value instanceof List && value.element === 'uint8' && 'sqxX'.includes(verb)) {
      return this.printString(fromBytes(Uint8Array.from(items, (item) => Number(integer(item) ?? 0n))), verb)
    }
    const isSharp = this.flags.sharpV
    if (isSharp) this.write(typeOf(value))
    if (isSharp && value instanceof List && value.isNil) return this.write('(nil)')
    this.write(isSharp ? '{' : '[')
    for (const [i, item] of items.entries()) {
      if (i > 0) this.write(isSharp ? ', ' : ' ')
      this.print(item, verb, depth + 1)
    }
    this.write(isSharp ? '}' : ']')
  }

  private printMap(value: Value, verb: string, depth: number): void {
    const isSharp = this.flags.sharpV
    this.write(isSharp ? `${typeOf(value)}{` : 'map[')
    for (const [i, key] of (sortedKeys(value) ?? []).entries()) {
      if (i > 0) this.write(isSharp ? ', ' : ' ')
      this.print(key, verb, depth + 1)
      this.write(':')
      this.print(value instanceof StringMap ? value.entries.get(key) : isMap(value) ? entry(value, key) : undefined, verb, depth + 1)
    }
    this.write(isSharp ? '}' : ']')
  }

  private printStruct(type: string, fields: ReadonlyMap<string, Value>, verb: string, depth: number): void {
    const isSharp = this.flags.sharpV
    this.write(isSharp ? `${type}{` : '{')
    let isFirst = true
    for (const [name, field] of fields) {
      if (!isFirst) this.write(isSharp ? ', ' : ' ')
      isFirst = false
      if (isSharp || this.flags.plusV) this.write(`${name}:`)
      this.print(field, verb, depth + 1)
    }
    this.write('}')
  }
}
