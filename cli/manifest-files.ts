import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FleetError } from '../fleet/errors.ts'

/** The texts of a file, of a directory's YAML files by name, or of standard input (`-`). INVALID_INPUT when it can't be read. */
export function readManifests(path: string): string[] {
  try {
    if (path === '-') return [readFileSync(0, 'utf8')]
    if (!statSync(path).isDirectory()) return [readFileSync(path, 'utf8')]
    return readdirSync(path)
      .filter((name) => /\.ya?ml$/.test(name))
      .toSorted()
      .map((name) => readFileSync(join(path, name), 'utf8'))
  } catch (error) {
    throw new FleetError('INVALID_INPUT', `${path} can't be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
