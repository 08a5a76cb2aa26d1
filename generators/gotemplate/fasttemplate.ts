import type { JsonObject } from '../../fleet/json.ts'
import { TemplateError } from './errors.ts'
import { quote } from './format/quote.ts'
import { spaceClass } from './text-case.ts'

const open = '{{'
const close = '}}'
/** Argo CD looks at a text only when both delimiters stand on one line, in this order. */
const templated = /\{\{[^\n]*\}\}/
const outerSpace = new RegExp(`^[${spaceClass}]+|[${spaceClass}]+$`, 'g')

/**
 * Renders one field of an ApplicationSet without goTemplate: valyala/fasttemplate as Argo CD uses it. `{{ name }}` becomes the
 * parameter of that name; what is unknown, empty or no string stays as it is; a result is not rendered again. Throws TemplateError
 * when a tag is not closed beside one that is.
 */
export function renderFastTemplate(text: string, parameters: JsonObject): string {
  let at = text.indexOf(open)
  if (at < 0 || !templated.test(text)) return text
  let result = ''
  let done = 0
  while (at >= 0) {
    const end = text.indexOf(close, at + open.length)
    if (end < 0) throw unclosed(text, at)
    const tag = text.slice(at + open.length, end)
    const name = trim(tag)
    const value = name !== '' && Object.hasOwn(parameters, name) ? parameters[name] : undefined
    result += text.slice(done, at) + (typeof value === 'string' ? value : open + tag + close)
    done = end + close.length
    at = text.indexOf(open, done)
  }
  return result + text.slice(done)
}

/** strings.TrimSpace; most tags have nothing but blanks around them. */
function trim(tag: string): string {
  // A byte order mark is space to JavaScript, and not to Go.
  if (tag.includes('\ufeff')) return tag.replace(outerSpace, '')
  const name = tag.trim()
  return name === '' || (name.charCodeAt(0) < 0x80 && name.charCodeAt(name.length - 1) < 0x80) ? name : tag.replace(outerSpace, '')
}

function unclosed(text: string, at: number): TemplateError {
  const before = text.slice(0, at)
  const message = `Cannot find end tag=${quote(close)} in the template=${quote(text)} starting from ${quote(text.slice(at + open.length))}`
  return new TemplateError('parse', message, { line: before.split('\n').length, column: at - before.lastIndexOf('\n') })
}
