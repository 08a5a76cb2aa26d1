import type { ScmPolicy } from '../generators/generator.ts'
import type { ReadConfigMap } from '../repos/scm/credentials.ts'
import type { Scm } from '../repos/scm/scm.ts'

/** Where generators' questions go besides Git. */
export interface GeneratorSources {
  readonly scm: Scm
  readonly readConfigMap: ReadConfigMap
  readonly scmPolicy: ScmPolicy
}
