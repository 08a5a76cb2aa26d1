import { LineCounter, parseDocument } from 'yaml'
import type { Parsed } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'

/** Kubeconfigs of hundreds of contexts fit. */
const charactersMax = 1024 * 1024

/** One document of YAML or JSON, with anchors and aliases refused: they are of no use here and can grow without bound. */
export function readYaml(text: string): Parsed<Json> {
  if (text.length > charactersMax) return { value: null, problems: [{ path: '', message: `is larger than ${charactersMax} characters` }] }
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: false,
    customTags: [],
    logLevel: 'silent',
  })
  // messages of the parser may quote what they stumble over, so they are left out
  const [first] = document.errors
  if (first !== undefined) {
    const { line, col } = lines.linePos(first.pos[0])
    return { value: null, problems: [{ path: '', message: `is not valid YAML (${first.code}, line ${line})`, line, column: col }] }
  }
  try {
    return { value: document.toJS({ maxAliasCount: 0 }) as Json, problems: [] }
  } catch {
    return { value: null, problems: [{ path: '', message: 'has YAML aliases, which are not taken: write the values out' }] }
  }
}
