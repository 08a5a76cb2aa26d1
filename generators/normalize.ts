const nameLengthMax = 253

/** Argo CD's `normalize` and `nameNormalized`: lower case, everything but `a-z0-9-.` becomes `-`, at most 253, trimmed of `-` and `.`. */
export function normalizeName(name: string): string {
  // JavaScript makes two characters of U+0130, Go one.
  const lower = name.replaceAll('\u0130', 'i').toLowerCase()
  return lower
    .replace(/[^-a-z0-9.]/gu, '-')
    .slice(0, nameLengthMax)
    .replace(/^[-.]+|[-.]+$/g, '')
}
