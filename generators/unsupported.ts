import type { Generator } from './generator.ts'

/**
 * A generator that Argo CD has and Roadstead doesn't yet. It is incomplete, never empty: a set that uses it changes nothing and says why.
 */
export function unsupportedGenerator(field: string): Generator {
  return {
    field,
    expand: (_spec, _mode, _inputs, path) => ({
      outcome: 'incomplete',
      problems: [{ path, message: unsupportedGeneratorMessage(field) }],
    }),
  }
}

export function unsupportedGeneratorMessage(field: string): string {
  return `the ${field} generator is known, not supported yet: list and clusters are`
}
