import { FleetError } from '../../fleet/errors.ts'

/** A path of a URL: what is filled in stays one segment each, whatever characters it has. `..` and the empty text are refused. */
export function urlPath(texts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return texts.reduce((path, text, index) => path + segment(String(values[index - 1] ?? '')) + text)
}

/** A path in a repository, as a path of a URL: its slashes stay slashes. */
export function filePath(path: string): string {
  return partsOf(path).map(segment).join('/')
}

/** A path in a repository for a client library, which encodes it: without slashes around it. `..` is refused. */
export function repositoryPath(path: string): string {
  return partsOf(path).map(name).join('/')
}

/** A name for a client library, which encodes it but lets `..` through. `..` and the empty text are refused. */
export function name(value: string): string {
  segment(value)
  return value
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '')
}

/** Throws INVALID_INPUT when a whole address has a part in its path that leads to another place than it seems. Client libraries let `..` through. */
export function requireNames(address: string): void {
  const path = address.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')
  if (path.replace(/\/$/, '').split('/').slice(1).some(isNoName))
    throw new FleetError('INVALID_INPUT', `${JSON.stringify(address.slice(0, 200))} has an empty name, "." or ".." in its path`)
}

function isNoName(value: string): boolean {
  return value === '' || value === '.' || value === '..'
}

function segment(value: string): string {
  if (isNoName(value)) throw new FleetError('INVALID_INPUT', `${JSON.stringify(value)} is no name of an owner, a repository or a path`)
  return encodeURIComponent(value)
}
