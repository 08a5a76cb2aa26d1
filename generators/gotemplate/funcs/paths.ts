import { define, type FunctionTable, type TemplateFunction, textAt } from '../functions.ts'

/** path.Clean. */
export function cleanPath(path: string): string {
  if (path === '') return '.'
  const isRooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!isRooted) kept.push('..')
  }
  const joined = kept.join('/')
  if (isRooted) return `/${joined}`
  return joined === '' ? '.' : joined
}

/** path.Base. */
function base(path: string): string {
  if (path === '') return '.'
  const trimmed = path.replace(/\/+$/, '')
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

/** path.Dir. */
function dir(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf('/') + 1))
}

/** path.Ext: from the last dot of the last element. */
function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot)
}

function named(name: string, definition: TemplateFunction): FunctionTable {
  return { [name]: definition, [`os${name.charAt(0).toUpperCase()}${name.slice(1)}`]: definition }
}

/** sprig's paths: both families with slashes, as on Linux. */
export const pathFunctions: FunctionTable = {
  ...named(
    'base',
    define('s', (args) => base(textAt(args, 0))),
  ),
  ...named(
    'clean',
    define('s', (args) => cleanPath(textAt(args, 0))),
  ),
  ...named(
    'dir',
    define('s', (args) => dir(textAt(args, 0))),
  ),
  ...named(
    'ext',
    define('s', (args) => extension(textAt(args, 0))),
  ),
  ...named(
    'isAbs',
    define('s', (args) => textAt(args, 0).startsWith('/')),
  ),
}
