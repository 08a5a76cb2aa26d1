import type { Problem } from '../fleet/errors.ts'
import type { Json, JsonObject } from '../fleet/json.ts'
import type { GitFileGlobbing } from './git-file-glob.ts'

/** One set of parameters: nested JSON in goTemplate mode, flat strings in fasttemplate mode (Argo CD's two worlds). */
export type Parameters = JsonObject

/** A registered cluster as the clusters generator sees it (Argo CD: a cluster Secret). */
export interface ClusterFact {
  readonly name: string
  readonly server: string
  /** Empty string for none, as Argo CD has it. */
  readonly project: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/**
 * A question to the outside world (Git directories, pull requests ...). Generators are pure: they ask by returning it, an activity
 * answers, and the expansion runs again with the answer, until it asks nothing more. Canonical JSON of it is its identity.
 */
export interface SourceRequest {
  readonly kind: string
  readonly [key: string]: Json | undefined
}

/** An answer with the proof that it is all: an incomplete one is an error, never an empty list. */
export type SourceAnswer =
  | { readonly complete: true; readonly value: Json; readonly proof: string }
  /** `notFound`: the other side says that there is no such thing, which is an error all the same unless the manifest says otherwise. */
  | { readonly complete: false; readonly error: string; readonly notFound?: true }

export interface GeneratorInputs {
  /** Every registered cluster; `null` when the list couldn't be read completely. */
  readonly clusters: readonly ClusterFact[] | null
  /** The answer to a request, or undefined when it wasn't asked yet. */
  readonly answer: (request: SourceRequest) => SourceAnswer | undefined
  /** For templates' `now` and the like. */
  readonly nowMs: number
  /**
   * The clusters generator without a selector gives the hub (`in-cluster`) too unless a registered cluster has its address, as Argo CD
   * does. True: never.
   */
  readonly excludeHub?: boolean
  /** Name of the ApplicationSet, which plugins are told. */
  readonly applicationSetName?: string
  /** The project that the set's applications belong to; null: a template says which. Requests carry it. */
  readonly project?: string | null
  /** What the generators before this one in a matrix give: values that this one's own parameters can't resolve may use them. */
  readonly outer?: OuterParameters
  /** Which SCM hosts may be asked. Left out: every one. */
  readonly scm?: ScmPolicy
  /** How `files` of the git generator match: `pathspec` unless it says `doublestar`. */
  readonly gitFileGlobbing?: GitFileGlobbing
}

export interface OuterParameters {
  readonly parameters: Parameters
  readonly types: readonly GoType[]
}

export interface ScmPolicy {
  /** False: pullRequest and scmProvider are refused. */
  readonly enabled: boolean
  /** The `api` addresses that a manifest may name, exactly as it writes them. Empty: any. Without `api` a provider's public host is meant. */
  readonly allowedApis: readonly string[]
}

/** What the set says about templating, handed to every generator. */
export interface TemplateMode {
  readonly goTemplate: boolean
  readonly goTemplateOptions: readonly string[]
}

/**
 * Where in a set of parameters Go has another type than JSON's: a map[string]string (labels, annotations, `values`), a []string (labels of pull
 * requests), an int64. It decides what a missing key gives and how a number prints, so it has to travel with the parameters.
 */
export interface GoType {
  readonly type: 'map[string]string' | '[]string' | 'int64'
  /** `*` stands for every element of a list. */
  readonly path: readonly string[]
}

export type GeneratorResult =
  /** `proof` says in words what was seen: `3 of 3 registered clusters`, `2 list elements`. */
  | {
      readonly outcome: 'complete'
      readonly parameters: readonly Parameters[]
      readonly proof: string
      /** Elements that were seen and can't be used: they are left out and named, the others stand, and nothing is removed. */
      readonly leftOut?: readonly Problem[]
      readonly types?: readonly GoType[]
    }
  | { readonly outcome: 'incomplete'; readonly problems: readonly Problem[] }
  | { readonly outcome: 'needs'; readonly requests: readonly SourceRequest[] }

/** One generator type. A registry maps the manifest's field name (`list`, `clusters`) to it. Pure. */
export interface Generator {
  readonly field: string
  /** `path` is where the spec stands in the manifest, for problems. */
  readonly expand: (spec: Json, mode: TemplateMode, inputs: GeneratorInputs, path: string) => GeneratorResult
}

/** Every generator by its field in `spec.generators[]`, in the order in which Argo CD runs those of one entry. */
export type GeneratorRegistry = ReadonlyMap<string, Generator>
