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

function segment(value: string): string {
  if (value === '' || value === '.' || value === '..')
    throw new FleetError('INVALID_INPUT', `${JSON.stringify(value)} is no name of an owner, a repository or a path`)
  return encodeURIComponent(value)
}
