import { byteLength, compareStrings } from '../bytes.ts'
import { FunctionError, LimitError } from '../errors.ts'
import { formatFloat } from '../format/float.ts'
import { readJson, toJson } from '../funcs/json.ts'
import { outputBytesMax } from '../limits.ts'
import { elements, isMap, type Value } from '../values.ts'
import { naturalLess } from './key-order.ts'
import { readYamlValue } from './parse.ts'
import { resolveScalar } from './resolve.ts'
import { analyze, escapeChar, isBreak, isPlainChar } from './scalar.ts'

const indentStep = 2
const widthMax = 80
/** Longer keys are written with a question mark. */
const simpleKeyBytesMax = 128
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

/**
 * sigs.k8s.io/yaml's Marshal: the value as JSON has it, written in go-yaml 2's block style (keys in natural order, lines folded at 80,
 * text with line breaks as a literal block). Ends with a line break. Throws FunctionError for what JSON can't hold.
 */
export function toYaml(value: Value): string {
  const emitter = new Emitter()
  emitter.document(reread(marshal(value)))
  return emitter.result()
}

function marshal(value: Value): string {
  try {
    return toJson(value)
  } catch (error) {
    if (error instanceof FunctionError) throw new FunctionError(`error marshaling into JSON: ${error.message}`)
    throw error
  }
}

/** JSON that YAML reads otherwise: characters that it refuses or takes for a line break, and keys too long for one. */
const trapsYaml = /[\x7f-\x9f\ufeff\ufffe\uffff]/
/** YAML looks for the colon this far from where a key begins, in characters. */
const plainKeyMax = 1000

/** Go's library reads the JSON as YAML, which it almost always is. */
function reread(json: string): Value {
  if (trapsYaml.test(json)) return readYamlValue(json)
  const { value, longestKey } = readJson(json, numberOf)
  return longestKey > plainKeyMax ? readYamlValue(json) : value
}

/** A JSON number as YAML reads it: an integer as long as 64 bits hold it. */
function numberOf(literal: string): Value {
  return resolveScalar(literal).value
}

type Style = 'plain' | 'single' | 'double' | 'literal'

/** Where a node stands: in a sequence, as the value or key of a mapping, or alone. */
interface Place {
  readonly inMapping: boolean
  readonly isSimpleKey: boolean
}

const alone: Place = { inMapping: false, isSimpleKey: false }
const mappingValue: Place = { inMapping: true, isSimpleKey: false }
const simpleKey: Place = { inMapping: true, isSimpleKey: true }

/** libyaml's emitter for the events that JSON can have. */
class Emitter {
  private readonly parts: string[] = []
  private length = 0
  private column = 0
  private indent = -1
  /** The last thing written was space, or the start of a line and its indicators. */
  private isAfterSpace = true
  private isAtIndent = true

  document(value: Value): void {
    this.node(value, alone)
    this.writeIndent()
  }

  result(): string {
    return this.parts.join('')
  }

  private put(text: string): void {
    this.parts.push(text)
    this.length += text.length
    this.column += text.length
    if (this.length > outputBytesMax) throw new LimitError(`the template makes more than ${outputBytesMax} bytes`)
  }

  private putBreak(): void {
    this.parts.push('\n')
    this.column = 0
  }

  private writeIndent(): void {
    const indent = Math.max(this.indent, 0)
    if (!this.isAtIndent || this.column > indent || (this.column === indent && !this.isAfterSpace)) this.putBreak()
    if (this.column < indent) this.put(' '.repeat(indent - this.column))
    this.isAfterSpace = true
    this.isAtIndent = true
  }

  private indicator(text: string, needsSpace: boolean, keepsIndent: boolean): void {
    this.put(needsSpace && !this.isAfterSpace ? ` ${text}` : text)
    this.isAfterSpace = false
    this.isAtIndent &&= keepsIndent
  }

  private nested(isFlow: boolean, isIndentless: boolean, emit: () => void): void {
    const before = this.indent
    if (before < 0) this.indent = isFlow ? indentStep : 0
    else if (!isIndentless) this.indent += indentStep
    emit()
    this.indent = before
  }

  private node(value: Value, place: Place): void {
    const items = elements(value)
    if (items !== undefined) this.sequence(items, place)
    else if (isMap(value)) this.mapping(value)
    else this.scalar(value, place)
  }

  private sequence(items: readonly Value[], place: Place): void {
    if (items.length === 0) return this.indicator('[]', true, false)
    this.nested(false, place.inMapping && !this.isAtIndent, () => {
      for (const item of items) {
        this.writeIndent()
        this.indicator('-', true, true)
        this.node(item, alone)
      }
    })
  }

  private mapping(map: Readonly<Record<string, Value>>): void {
    const keys = Object.keys(map)
    if (keys.length === 0) return this.indicator('{}', true, false)
    keys.sort((a, b) => (naturalLess(a, b) ? -1 : naturalLess(b, a) ? 1 : compareStrings(a, b)))
    this.nested(false, false, () => {
      for (const key of keys) {
        this.writeIndent()
        if (byteLength(key) <= simpleKeyBytesMax && !analyze(key).isMultiline) {
          this.scalar(key, simpleKey)
          this.indicator(':', false, false)
        } else {
          this.indicator('?', true, true)
          this.scalar(key, mappingValue)
          this.writeIndent()
          this.indicator(':', true, true)
        }
        this.node(map[key], mappingValue)
      }
    })
  }

  private scalar(value: Value, place: Place): void {
    const text = typeof value === 'string' ? value : scalarText(value)
    const style = chooseStyle(text, typeof value === 'string', place)
    this.nested(true, false, () => {
      if (style === 'plain') this.plain(text, !place.isSimpleKey)
      else if (style === 'single') this.single(text, !place.isSimpleKey)
      else if (style === 'double') this.double(text, !place.isSimpleKey)
      else this.literal(text)
    })
  }

  private plain(text: string, folds: boolean): void {
    if (!this.isAfterSpace) this.put(' ')
    this.folded(text, folds, 0, (char) => this.put(char))
    this.isAfterSpace = false
    this.isAtIndent = false
  }

  private single(text: string, folds: boolean): void {
    this.indicator("'", true, false)
    this.folded(text, folds, 1, (char) => this.put(char === "'" ? "''" : char))
    this.indicator("'", false, false)
  }

  /** Characters with single spaces folded into line breaks beyond the width; `margin` characters at both ends never are. */
  private folded(text: string, folds: boolean, margin: number, write: (char: string) => void): void {
    const chars = Array.from(text)
    let isAfterBlank = false
    let isAfterBreak = false
    for (const [i, char] of chars.entries()) {
      if (char === ' ') {
        const isInside = i >= margin && i < chars.length - margin
        if (folds && !isAfterBlank && this.column > widthMax && isInside && chars[i + 1] !== ' ') this.writeIndent()
        else this.put(' ')
        isAfterBlank = true
      } else if (isBreak(char)) {
        if (!isAfterBreak && char === '\n') this.putBreak()
        this.writeBreak(char)
        isAfterBreak = true
      } else {
        if (isAfterBreak) this.writeIndent()
        write(char)
        this.isAtIndent = false
        isAfterBlank = false
        isAfterBreak = false
      }
    }
  }

  private writeBreak(char: string): void {
    if (char === '\n') this.putBreak()
    else {
      this.parts.push(char)
      this.column = 0
    }
    this.isAtIndent = true
  }

  private double(text: string, folds: boolean): void {
    this.indicator('"', true, false)
    const chars = Array.from(text)
    // libyaml looks for a byte order mark at the start only, and takes every character for it then.
    const escapesAll = text.startsWith('\ufeff')
    let isAfterBlank = false
    for (const [i, char] of chars.entries()) {
      if (char === ' ' && !escapesAll) {
        if (folds && !isAfterBlank && this.column > widthMax && i > 0 && i < chars.length - 1) {
          this.writeIndent()
          if (chars[i + 1] === ' ') this.put('\\')
        } else this.put(' ')
        isAfterBlank = true
      } else {
        this.put(isPlainChar(char) && !escapesAll ? char : escapeChar(char))
        isAfterBlank = false
      }
    }
    this.indicator('"', false, false)
  }

  private literal(text: string): void {
    this.indicator(`|${blockHints(text)}`, true, false)
    this.putBreak()
    this.isAtIndent = true
    this.isAfterSpace = true
    let isAfterBreak = true
    for (const char of text) {
      if (isBreak(char)) {
        this.writeBreak(char)
        isAfterBreak = true
        continue
      }
      if (isAfterBreak) this.writeIndent()
      this.put(char)
      this.isAtIndent = false
      isAfterBreak = false
    }
  }
}

/** How a literal block says where its text starts and whether line breaks end it. */
function blockHints(text: string): string {
  const chars = Array.from(text)
  const start = chars[0] === ' ' || isBreak(chars[0] ?? '') ? String(indentStep) : ''
  const last = chars.at(-1) ?? ''
  if (!isBreak(last)) return `${start}-`
  return chars.length === 1 || isBreak(chars.at(-2) ?? '') ? `${start}+` : start
}

function scalarText(value: Value): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return formatFloat(value, 'g', -1)
  return value === true ? 'true' : value === false ? 'false' : 'null'
}

function chooseStyle(text: string, isString: boolean, place: Place): Style {
  const facts = analyze(text)
  let style: Style = 'plain'
  if (isString) {
    if (text.includes('\n')) style = 'literal'
    else if (resolveScalar(text).kind !== 'string' || base60.test(text)) style = 'double'
  }
  if (place.isSimpleKey && facts.isMultiline) style = 'double'
  if (style === 'plain' && (!facts.allowsPlain || (text === '' && place.isSimpleKey))) style = 'single'
  if (style === 'single' && !facts.allowsSingle) style = 'double'
  if (style === 'literal' && (!facts.allowsBlock || place.isSimpleKey)) style = 'double'
  return style
}
