import type { Condition, ObjectMeta } from './application.ts'
import type { Json, JsonObject } from './json.ts'
import type { StagedStrategy } from './rollout/strategy.ts'

/** Argo CD v1alpha1 ApplicationSet spec, as validated by manifests/. Generators stay JSON here; generators/ types each. */
export interface ApplicationSetSpec {
  readonly goTemplate?: boolean
  readonly goTemplateOptions?: readonly string[]
  readonly generators: readonly JsonObject[]
  readonly template: JsonObject
  readonly templatePatch?: string
  readonly syncPolicy?: {
    readonly preserveResourcesOnDeletion?: boolean
    readonly applicationsSync?: 'create-only' | 'create-update' | 'create-delete' | 'sync'
  }
  readonly strategy?: SetStrategy
  readonly preservedFields?: { readonly annotations?: readonly string[]; readonly labels?: readonly string[] }
  readonly ignoreApplicationDifferences?: readonly IgnoredDifference[]
}

/** Fields of applications that their set leaves as they are. */
export interface IgnoredDifference {
  /** Of one application. Absent or empty: of all. */
  readonly name?: string
  readonly jsonPointers?: readonly string[]
  readonly jqPathExpressions?: readonly string[]
}

export type SetStrategy =
  | { readonly type?: 'AllAtOnce' }
  | { readonly type: 'RollingSync'; readonly rollingSync: RollingSync; readonly deletionOrder?: 'AllAtOnce' | 'Reverse' }
  | { readonly type: 'Staged'; readonly staged: StagedStrategy }

export interface RollingSync {
  readonly steps: readonly {
    /** Matches labels of Applications. In and NotIn only. */
    readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
    /** Number, or percent string. Absent: all. 0: by hand. */
    readonly maxUpdate?: number | string
  }[]
}

export interface ApplicationSet {
  readonly id: string
  readonly name: string
  readonly metadata: ObjectMeta
  readonly spec: ApplicationSetSpec
  readonly generation: number
  readonly observedGeneration: number
  /** Who changed the spec last. */
  readonly lastChangedBy: string
  readonly conditions: readonly Condition[]
  /** Set while deletions wait for somebody to confirm this digest. */
  readonly heldDeletion: HeldDeletion | null
  /** A rollout that ended badly and whose versions somebody wants tried again. */
  readonly unblockedRolloutId: string | null
  /** When the last complete expansion was made; null before. Applications stay as they were then while generators fail. */
  readonly expandedAtMs: number | null
  readonly deletion: 'cascade' | 'orphan' | null
  readonly createdAtMs: number
}

export interface HeldDeletion {
  readonly digest: string
  readonly applicationNames: readonly string[]
  readonly reason: string
  readonly heldAtMs: number
}

/** AppProject, the bounds that the reconciler checks. The one called `default` allows everything unless it was applied. */
export interface Project {
  readonly id: string
  readonly name: string
  readonly spec: ProjectSpec
  readonly generation: number
}

export interface ProjectSpec {
  readonly description?: string
  readonly sourceRepos?: readonly string[]
  readonly destinations?: readonly { readonly server?: string; readonly name?: string; readonly namespace?: string }[]
  readonly [key: string]: Json | undefined
}
