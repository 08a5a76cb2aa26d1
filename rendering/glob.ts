import { RE2JS } from 're2js'
import { FleetError } from '../fleet/errors.ts'

const patternLengthMax = 1024

/**
 * A path pattern of `directory.include` and `directory.exclude` as Argo CD reads it (gobwas/glob without separators): `*` and `**` are any
 * text, slashes too; `?` one character; `[a-z]`, `[!a-z]`; `{a,b}` alternatives, which may nest; `\` takes the next literally.
 * Runs in linear time. Throws RENDER_FAILED for a broken pattern.
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  const broken = (): FleetError =>
    new FleetError('RENDER_FAILED', `the pattern ${JSON.stringify(pattern.slice(0, 100))} is broken: check its brackets`)
  if (pattern.length > patternLengthMax) throw new FleetError('LIMIT_EXCEEDED', `a path pattern has at most ${patternLengthMax} characters`)
  let expression = ''
  let alternatives = 0
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] ?? ''
    if (character === '\\') expression += quote(pattern[++i] ?? '')
    else if (character === '*') expression += '.*'
    else if (character === '?') expression += '.'
    else if (character === '{') {
      alternatives += 1
      expression += '(?:'
    } else if (character === '}') {
      if (--alternatives < 0) throw broken()
      expression += ')'
    } else if (character === ',' && alternatives > 0) expression += '|'
    else if (character === '[') {
      const close = pattern.indexOf(']', i + 2)
      if (close < 0) throw broken()
      expression += characterClass(pattern.slice(i + 1, close))
      i = close
    } else expression += quote(character)
  }
  if (alternatives !== 0) throw broken()
  try {
    const compiled = RE2JS.compile(`(?s)^(?:${expression})$`)
    return (path) => compiled.matches(path)
  } catch {
    throw broken()
  }
}

function characterClass(inside: string): string {
  const negated = inside.startsWith('!')
  const members = negated ? inside.slice(1) : inside
  return `[${negated ? '^' : ''}${members.replace(/[\\\]^[]/g, String.raw`\$&`)}]`
}

function quote(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
}
