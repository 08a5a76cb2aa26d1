import { FunctionError } from '../errors.ts'
import { define, type FunctionTable, textAt } from '../functions.ts'
import { deepEqual, kindOf, typeOf } from '../values.ts'
import { isEmpty } from './casts.ts'

/** sprig's defaults, reflection and flow control. */
export const typeFunctions: FunctionTable = {
  all: define('a...', (args) => !args.some(isEmpty)),
  any: define('a...', (args) => args.some((arg) => !isEmpty(arg))),
  coalesce: define('a...', (args) => args.find((arg) => !isEmpty(arg)) ?? null),
  deepEqual: define('aa', ([a, b]) => deepEqual(a, b)),
  default: define('aa...', ([otherwise, given]) => (isEmpty(given) ? otherwise : given)),
  empty: define('a', ([value]) => isEmpty(value)),
  fail: define('s', (args) => {
    throw new FunctionError(textAt(args, 0))
  }),
  kindIs: define('sa', ([kind, value]) => kind === kindOf(value)),
  kindOf: define('a', ([value]) => kindOf(value)),
  ternary: define('aab', ([yes, no, isTrue]) => (isTrue === true ? yes : no)),
  typeIs: define('sa', ([type, value]) => type === typeOf(value)),
  typeIsLike: define('sa', ([type, value]) => type === typeOf(value) || `*${String(type)}` === typeOf(value)),
  typeOf: define('a', ([value]) => typeOf(value)),
}
