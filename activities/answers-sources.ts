import type { ScmPolicy } from '../generators/generator.ts'
import type { GitFileGlobbing } from '../generators/git-file-glob.ts'
import type { ReadConfigMap } from '../repos/scm/credentials.ts'
import type { Scm } from '../repos/scm/scm.ts'

/** Where generators' questions go besides Git. */
export interface GeneratorSources {
  readonly scm: Scm
  readonly readConfigMap: ReadConfigMap
  readonly scmPolicy: ScmPolicy
  /** How patterns of git files are read, for all sets. */
  readonly gitFileGlobbing: GitFileGlobbing
  readonly hub: HubSettings
}

/** Where the custom resources are that clusterDecisionResource generators read. */
export interface HubSettings {
  /** Name of a registered cluster, or of one that isn't (yet). */
  readonly cluster: string
  readonly namespace: string
}
