const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** The number that a Kubernetes quantity stands for (`1500m` is 1.5, `1Gi` 2^30); null for what isn't one. */
export function quantityOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return null
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d{1,3})|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/.exec(value)
  if (match === null) return null
  const [, digits = '', exponent = '', suffix = ''] = match
  return exponent === '' ? Number(digits) * (suffixes[suffix] ?? 1) : Number(`${digits}${exponent}`)
}

/** Whether two quantities are the same amount, as `1000m` and `1` are. False when either isn't a quantity. */
export function sameQuantity(a: unknown, b: unknown): boolean {
  const [left, right] = [quantityOf(a), quantityOf(b)]
  if (left === null || right === null) return false
  return left === right || Math.abs(left - right) <= Number.EPSILON * 4 * Math.max(Math.abs(left), Math.abs(right))
}
