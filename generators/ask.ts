import type { Problem } from '../fleet/errors.ts'
import type { Json } from '../fleet/json.ts'
import type { GeneratorInputs, GeneratorResult, SourceRequest } from './generator.ts'
import type { KnownRequest } from './requests.ts'

/** What came of questions: every answer, or the result with which the generator has to end. */
export type Asked<T> =
  | { readonly outcome: 'answered'; readonly values: readonly T[]; readonly proofs: readonly string[] }
  | { readonly outcome: 'notFound'; readonly error: string }
  | { readonly outcome: 'ended'; readonly result: GeneratorResult }

/**
 * Puts questions to the inputs, all at once: those that weren't answered yet come back together as `needs`. `read` takes an answer apart; null
 * says that it has another shape than generators/requests.ts says, which counts as incomplete. An answer that isn't complete is a problem
 * at `path`, or `notFound` when the other side says that there is no such thing.
 */
export function ask<T>(
  inputs: GeneratorInputs,
  requests: readonly KnownRequest[],
  read: (value: Json) => T | null,
  path: string,
): Asked<T> {
  const open: SourceRequest[] = []
  const problems: Problem[] = []
  const values: T[] = []
  const proofs: string[] = []
  let notFound: string | null = null
  for (const request of requests) {
    const question = request as unknown as SourceRequest
    const answer = inputs.answer(question)
    if (answer === undefined) open.push(question)
    else if (!answer.complete) {
      if (answer.notFound === true) notFound ??= answer.error
      problems.push({ path, message: answer.error })
    } else {
      const value = read(answer.value)
      if (value === null) problems.push({ path, message: `the answer to ${request.kind} has another shape than it should` })
      else {
        values.push(value)
        proofs.push(answer.proof)
      }
    }
  }
  // Open ones first: what is wrong for good is found out by asking all, and an error may be gone when they are answered.
  if (open.length > 0) return { outcome: 'ended', result: { outcome: 'needs', requests: open } }
  if (notFound !== null && problems.length === 1) return { outcome: 'notFound', error: notFound }
  if (problems.length > 0) return { outcome: 'ended', result: { outcome: 'incomplete', problems } }
  return { outcome: 'answered', values, proofs }
}

/** ask() for one question whose `notFound` is an error like any other. */
export function askOne<T>(
  inputs: GeneratorInputs,
  request: KnownRequest,
  read: (value: Json) => T | null,
  path: string,
): { readonly value: T; readonly proof: string } | { readonly result: GeneratorResult } {
  const asked = ask(inputs, [request], read, path)
  if (asked.outcome === 'ended') return { result: asked.result }
  if (asked.outcome === 'notFound') return { result: incomplete(path, asked.error) }
  const [value] = asked.values
  return value === undefined ? { result: incomplete(path, 'nothing was asked') } : { value, proof: asked.proofs.join('; ') }
}

export function incomplete(path: string, message: string): GeneratorResult {
  return { outcome: 'incomplete', problems: [{ path, message }] }
}
