import { ownedFields, ownsAllOf, ownsNothingElse } from '../fleet/diff/managed-fields.ts'
import type { JsonObject } from '../fleet/json.ts'
import { annotationOf, textAt } from '../fleet/json-at.ts'
import { isBeingDeleted } from './live-objects.ts'
import { fieldManager } from './session.ts'
import { digestAnnotation, type Wanted } from './wanted.ts'

/**
 * The cheap check: true when this very manifest was applied last and every field of it is still ours, so that an apply would change
 * nothing. False says nothing: ask the server.
 */
export function isUpToDate(wanted: Wanted, live: JsonObject): boolean {
  if (annotationOf(live, digestAnnotation) !== wanted.digest || isBeingDeleted(live)) return false
  const owned = ownedFields(live, fieldManager)
  // in another version the fields may have other names
  if (owned === null || owned.apiVersion !== wanted.object.apiVersion) return false
  return ownsAllOf(owned.fields, wanted.object) && ownsNothingElse(owned.fields, wanted.object)
}

export function resourceVersionOf(object: JsonObject): string {
  return textAt(object, 'metadata', 'resourceVersion')
}
