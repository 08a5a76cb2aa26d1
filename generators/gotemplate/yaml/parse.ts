import { parseDocument } from 'yaml'
import { FunctionError } from '../errors.ts'
import type { Value } from '../values.ts'

export function parseYaml(text: string): Value {
  const document = parseDocument(text, { version: '1.1' })
  const [problem] = document.errors
  if (problem !== undefined) throw new FunctionError(`error converting YAML to JSON: yaml: ${problem.message}`)
  return document.toJS() as Value
}
