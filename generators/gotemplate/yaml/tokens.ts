import type { Mark } from './problem.ts'

export type TokenKind =
  | 'stream end'
  | 'version directive'
  | 'tag directive'
  | 'document start'
  | 'document end'
  | 'block sequence start'
  | 'block mapping start'
  | 'block end'
  | 'flow sequence start'
  | 'flow sequence end'
  | 'flow mapping start'
  | 'flow mapping end'
  | 'block entry'
  | 'flow entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'

/** What libyaml's scanner finds in a text. */
export interface Token {
  readonly kind: TokenKind
  readonly start: Mark
  readonly end: Mark
  /** A scalar's text, an anchor's or alias's name, a tag's or directive's handle, the version of a directive. */
  readonly value: string
  /** A tag's suffix, a directive's prefix. */
  readonly suffix: string
  /** A scalar without quotes. */
  readonly isPlain: boolean
}
