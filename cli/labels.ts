import { FleetError } from '../fleet/errors.ts'

/** As GraphQL's LabelInput. */
export type LabelPair = { readonly key: string; readonly value: string }

/** `key=value` texts to what the API takes. */
export function labelsOf(texts: readonly string[] | undefined): LabelPair[] {
  return (texts ?? []).map((text) => {
    const at = text.indexOf('=')
    if (at < 1) throw new FleetError('INVALID_INPUT', `${JSON.stringify(text)} is not key=value`)
    return { key: text.slice(0, at), value: text.slice(at + 1) }
  })
}
