import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isJsonObject, type JsonObject } from '../../fleet/json.ts'

/** One file of cases, in the shape that docs/reference/conformance.md describes. */
export interface CaseFile {
  readonly path: string
  readonly directory: string
  readonly topic: string
  readonly kind: string
  readonly fixtures: JsonObject
  readonly cases: readonly Case[]
}

export interface Case {
  readonly name: string
  readonly given: JsonObject
  readonly expect: JsonObject
  /** What is wrong with the reference here, and what may be given instead. */
  readonly quirk: string | null
}

/** Every file of cases under a directory, by path. Other JSON files (payloads, fixtures) are passed over. */
export function readCases(directory: string): readonly CaseFile[] {
  return jsonFiles(directory).flatMap((path): CaseFile[] => {
    const file: unknown = parse(path)
    if (!isJsonObject(file) || !Array.isArray(file.cases)) return []
    const cases = (file.cases as readonly unknown[]).filter(isJsonObject)
    return [
      {
        path,
        directory: dirname(path),
        topic: String(file.topic),
        kind: String(file.kind),
        fixtures: objectOr(file.fixtures),
        cases: cases.map((one) => ({
          name: String(one.name),
          given: objectOr(one.given),
          expect: objectOr(one.expect),
          quirk: typeof one.quirk === 'string' ? one.quirk : null,
        })),
      },
    ]
  })
}

function jsonFiles(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return path.endsWith('.json') ? [path] : []
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => jsonFiles(join(path, name)))
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // Payloads that are meant to be broken lie beside the cases.
    return null
  }
}

function objectOr(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}
