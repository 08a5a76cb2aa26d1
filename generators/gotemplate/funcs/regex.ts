import { FunctionError } from '../errors.ts'
import { canBackquote, quote } from '../format/quote.ts'
import { type CallContext, define, type FunctionTable, intAt, textAt } from '../functions.ts'
import { quoteMeta, Regexp } from '../regexp.ts'
import { List, strings, type Value } from '../values.ts'

/** regexp.MustCompile, which names the expression. */
function mustCompile(expression: string): Regexp {
  try {
    return Regexp.compile(expression)
  } catch (error) {
    if (error instanceof FunctionError) {
      const mark = canBackquote(expression) ? `\`${expression}\`` : quote(expression)
      throw new FunctionError(`regexp: Compile(${mark}): ${error.message}`)
    }
    throw error
  }
}

function matches(expression: string, text: string): boolean {
  try {
    return Regexp.compile(expression).matches(text)
  } catch (error) {
    if (error instanceof FunctionError) return false
    throw error
  }
}

/** Go's FindAll makes room for ten matches at once. */
const roomMin = 10

function listOf(items: string[] | undefined): Value {
  return items === undefined ? new List('string', [], true) : strings(items)
}

function found(items: string[] | undefined): Value {
  return items === undefined ? listOf(items) : new List('string', items, false, Math.max(items.length, roomMin))
}

/** The text to search, argument 1: every character of it counts, because matching takes time in proportion. */
function searched(args: readonly Value[], context: CallContext): string {
  const text = textAt(args, 1)
  context.budget.step(text.length)
  return text
}

/** sprig has each function twice: one that panics with regexp's longer text and one that returns the error. */
function both(compile: (expression: string) => Regexp, prefix: string): FunctionTable {
  return {
    [`${prefix}Find`]: define('ss', (args, context) => compile(textAt(args, 0)).find(searched(args, context))),
    [`${prefix}FindAll`]: define('ssi', (args, context) =>
      found(compile(textAt(args, 0)).findAll(searched(args, context), intAt(args, 2))),
    ),
    [`${prefix}ReplaceAll`]: define('sss', (args, context) =>
      compile(textAt(args, 0)).replaceAll(searched(args, context), textAt(args, 2)),
    ),
    [`${prefix}ReplaceAllLiteral`]: define('sss', (args, context) =>
      compile(textAt(args, 0)).replaceAllLiteral(searched(args, context), textAt(args, 2)),
    ),
    [`${prefix}Split`]: define('ssi', (args, context) =>
      listOf(compile(textAt(args, 0)).split(searched(args, context), intAt(args, 2), textAt(args, 0))),
    ),
  }
}

/** sprig's regular expressions. */
export const regexFunctions: FunctionTable = {
  ...both(mustCompile, 'regex'),
  ...both((expression) => Regexp.compile(expression), 'mustRegex'),
  mustRegexMatch: define('ss', (args, context) => Regexp.compile(textAt(args, 0)).matches(searched(args, context))),
  regexMatch: define('ss', (args, context) => matches(textAt(args, 0), searched(args, context))),
  regexQuoteMeta: define('s', (args) => quoteMeta(textAt(args, 0))),
}
