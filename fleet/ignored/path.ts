/** One step of a path. `fixed`: the index itself was asked for, and not whatever element is there. */
export type Step = { readonly key: string } | { readonly index: number; readonly fixed: boolean }

export type Path = readonly Step[]
