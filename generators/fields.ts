import { isJsonObject, type Json, type JsonObject } from '../fleet/json.ts'
import type { LabelSelector } from '../fleet/label-selector.ts'

/*
 * Fields of a generator's spec. manifests/ has checked their types; inside matrix and merge they were rendered since, and answers come from
 * outside, so nothing is taken on trust: what has another type counts as absent.
 */

export function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

export function textsOf(value: Json | undefined): readonly string[] {
  return listOf(value).filter((item) => typeof item === 'string')
}

/** Null when there is none, or one that says nothing (`{}`). */
export function selectorOf(value: Json | undefined): LabelSelector | null {
  const { matchLabels, matchExpressions } = objectOf(value)
  return (matchLabels ?? matchExpressions ?? null) === null ? null : objectOf(value)
}

/** A list of texts that came from outside; null when it is anything else. */
export function readTexts(value: Json | undefined): readonly string[] | null {
  return Array.isArray(value) && (value as readonly Json[]).every((item) => typeof item === 'string') ? (value as readonly string[]) : null
}
