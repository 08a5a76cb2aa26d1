import type { ApplicationManifest } from '../application.ts'
import type { IgnoredDifference } from '../application-set.ts'
import type { Problem } from '../errors.ts'
import { fieldChanges } from '../field-changes.ts'
import { jqPaths } from '../ignored/jq-paths.ts'
import { parseJq } from '../ignored/jq-syntax.ts'
import { parsePointer, pointerPath } from '../ignored/json-pointer.ts'
import { keepMarked } from '../ignored/keep.ts'
import { type Marks, marksOf, without } from '../ignored/marks.ts'
import type { Path } from '../ignored/path.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { withoutEmptyFields } from './empty-fields.ts'
import { tidied } from './tidy-spec.ts'

type Finder = (manifest: Json) => readonly Path[]

interface Rule {
  readonly name: string
  readonly finders: readonly Finder[]
}

interface Generated {
  readonly manifest: ApplicationManifest
}

/**
 * Generated applications with every field that `spec.ignoreApplicationDifferences` names as the current application of that name has it, there
 * or not. Argo CD writes a list anew as soon as something else in it changes, and loses what is ignored in there; here it stays. To be done
 * before applications are validated, so that what is validated is what is written.
 */
export function keepIgnored<T extends Generated>(
  rules: readonly IgnoredDifference[],
  current: readonly Generated[],
  generated: readonly T[],
): readonly T[] {
  if (rules.length === 0) return generated
  const read = readRules(rules)
  const byName = new Map(current.map(({ manifest }) => [manifest.metadata.name, manifest]))
  return generated.map((one) => {
    const { name } = one.manifest.metadata
    const there = byName.get(name)
    if (there === undefined) return one
    const [now, wanted] = [there, one.manifest] as unknown as readonly [Json, Json]
    const kept = keepMarked({ value: now, marks: marksIn(now, name, read) }, { value: wanted, marks: marksIn(wanted, name, read) })
    return { ...one, manifest: kept as unknown as ApplicationManifest }
  })
}

/** A manifest without what is ignored of the application of that name, nor parts that say nothing without it. */
export function withoutIgnored(rules: readonly IgnoredDifference[], manifest: JsonObject, name: string): JsonObject {
  const rest = without(manifest, marksIn(manifest, name, readRules(rules)))
  if (!isJsonObject(rest) || !isJsonObject(rest.spec)) return isJsonObject(rest) ? rest : {}
  return tidied(withoutEmptyFields(rest) as unknown as ApplicationManifest) as unknown as JsonObject
}

/** The fields in which an application of a set would be changed although the set doesn't ignore them: its next pass takes that back. */
export function changesThatAreUndone(
  rules: readonly IgnoredDifference[],
  current: ApplicationManifest,
  wanted: ApplicationManifest,
): readonly string[] {
  const { name } = current.metadata
  const [before, after] = [current, wanted].map((manifest) => withoutIgnored(rules, manifest as unknown as JsonObject, name))
  return fieldChanges(before ?? {}, after ?? {}).map(({ path }) => path)
}

function marksIn(manifest: Json, of: string, rules: readonly Rule[]): Marks | undefined {
  const finders = rules.filter(({ name }) => name === '' || name === of).flatMap((rule) => rule.finders)
  return marksOf(finders.flatMap((find) => find(manifest)))
}

/** What can't be read is left out: ignoredDifferenceProblems refuses it when the set is applied. */
function readRules(rules: readonly IgnoredDifference[]): readonly Rule[] {
  return rules.map(({ name = '', jsonPointers = [], jqPathExpressions = [] }) => ({
    name,
    finders: [...jsonPointers.flatMap(pointerFinder), ...jqPathExpressions.flatMap(jqFinder)],
  }))
}

function pointerFinder(text: string): readonly Finder[] {
  const pointer = parsePointer(text)
  if ('problem' in pointer) return []
  return [
    (manifest) => {
      const path = pointerPath(pointer.keys, manifest)
      return path === null ? [] : [path]
    },
  ]
}

function jqFinder(text: string): readonly Finder[] {
  const parsed = parseJq(text)
  return 'problem' in parsed ? [] : [(manifest) => jqPaths(parsed.jq, manifest)]
}

/** Pointers and expressions that can't be followed, each with its path. */
export function ignoredDifferenceProblems(rules: readonly IgnoredDifference[], path: string): readonly Problem[] {
  return rules.flatMap(({ jsonPointers = [], jqPathExpressions = [] }, index) => [
    ...jsonPointers.flatMap((text, i) => problem(parsePointer(text), `${path}[${index}].jsonPointers[${i}]`)),
    ...jqPathExpressions.flatMap((text, i) => problem(parseJq(text), `${path}[${index}].jqPathExpressions[${i}]`)),
  ])
}

function problem(parsed: object, path: string): readonly Problem[] {
  return 'problem' in parsed && typeof parsed.problem === 'string' ? [{ path, message: parsed.problem }] : []
}
