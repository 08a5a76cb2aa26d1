import { FunctionError } from '../errors.ts'
import { define, type FunctionTable, intAt, textAt } from '../functions.ts'
import { quoteMeta, Regexp } from '../regexp.ts'
import { List, strings, type Value } from '../values.ts'

/** regexp.MustCompile, which names the expression. */
function mustCompile(expression: string): Regexp {
  try {
    return Regexp.compile(expression)
  } catch (error) {
    if (error instanceof FunctionError) {
      const mark = expression.includes('`') ? JSON.stringify(expression) : `\`${expression}\``
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

/** sprig has each function twice: one that panics with regexp's longer text and one that returns the error. */
function both(compile: (expression: string) => Regexp, prefix: string): FunctionTable {
  return {
    [`${prefix}Find`]: define('ss', (args) => compile(textAt(args, 0)).find(textAt(args, 1))),
    [`${prefix}FindAll`]: define('ssi', (args) => found(compile(textAt(args, 0)).findAll(textAt(args, 1), intAt(args, 2)))),
    [`${prefix}ReplaceAll`]: define('sss', (args, context) => {
      context.budget.text(textAt(args, 1).length + textAt(args, 2).length)
      return compile(textAt(args, 0)).replaceAll(textAt(args, 1), textAt(args, 2))
    }),
    [`${prefix}ReplaceAllLiteral`]: define('sss', (args, context) => {
      context.budget.text(textAt(args, 1).length + textAt(args, 2).length)
      return compile(textAt(args, 0)).replaceAllLiteral(textAt(args, 1), textAt(args, 2))
    }),
    [`${prefix}Split`]: define('ssi', (args) => listOf(compile(textAt(args, 0)).split(textAt(args, 1), intAt(args, 2), textAt(args, 0)))),
  }
}

/** sprig's regular expressions. */
export const regexFunctions: FunctionTable = {
  ...both(mustCompile, 'regex'),
  ...both((expression) => Regexp.compile(expression), 'mustRegex'),
  mustRegexMatch: define('ss', (args) => Regexp.compile(textAt(args, 0)).matches(textAt(args, 1))),
  regexMatch: define('ss', (args) => matches(textAt(args, 0), textAt(args, 1))),
  regexQuoteMeta: define('s', (args) => quoteMeta(textAt(args, 0))),
}
