import { z } from 'zod'

/** A field that may be left out. `null` means the same, as in Kubernetes. */
export function optional<T extends z.ZodType>(type: T) {
  return type.nullish().transform((value) => value ?? undefined)
}

/** An object with exactly these fields; any other is a problem that names what there is. */
export function struct<T extends z.ZodRawShape>(shape: T) {
  // The message of this issue is not for people: problems.ts makes one problem for each unknown field from it.
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(',') : undefined),
  })
}

export const text = z.string()
export const flag = z.boolean()
export const integer = z.int()
export const texts = z.array(z.string())
/** Lists may be null in Kubernetes; elements may not. */
export const textMap = z.record(z.string(), z.string())
export const flagMap = z.record(z.string(), z.boolean())
export const intOrText = z.union([z.int(), z.string()], {
  error: 'must be a whole number or text',
})
/** Any JSON, kept as it is. */
export const anyJson = z.unknown()
export const jsonObject = z.record(z.string(), z.unknown())

export const labelSelectorSchema = struct({
  matchLabels: optional(textMap),
  matchExpressions: optional(z.array(struct({ key: text, operator: text, values: optional(texts) }))),
})
