const letter = /^\p{L}$/u
const digit = /^\p{Nd}$/u

function isDigit(char: string | undefined): boolean {
  return char !== undefined && digit.test(char)
}

/** go-yaml 2's order of keys: digits count as numbers, and letters come after everything else. */
export function naturalLess(a: string, b: string): boolean {
  const left = Array.from(a)
  const right = Array.from(b)
  for (let i = 0; i < left.length && i < right.length; i++) {
    const x = left[i] ?? ''
    const y = right[i] ?? ''
    if (x === y) continue
    const xIsLetter = letter.test(x)
    const yIsLetter = letter.test(y)
    if (xIsLetter && yIsLetter) return codePoint(x) < codePoint(y)
    if (xIsLetter || yIsLetter) return yIsLetter
    const start = x === '0' || y === '0' ? leadOf(left, i) : 0n
    const xNumber = numberAt(left, i, start)
    const yNumber = numberAt(right, i, start)
    if (xNumber.value !== yNumber.value) return xNumber.value < yNumber.value
    if (xNumber.end !== yNumber.end) return xNumber.end < yNumber.end
    return codePoint(x) < codePoint(y)
  }
  return left.length < right.length
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0
}

/** 1 when digits other than 0 stand right before: then a zero is a digit of theirs. */
function leadOf(chars: readonly string[], i: number): bigint {
  for (let j = i - 1; j >= 0 && isDigit(chars[j]); j--) if (chars[j] !== '0') return 1n
  return 0n
}

function numberAt(chars: readonly string[], start: number, lead: bigint): { readonly value: bigint; readonly end: number } {
  let value = lead
  let end = start
  for (; isDigit(chars[end]); end++) value = BigInt.asIntN(64, value * 10n + BigInt(codePoint(chars[end] ?? '0') - 48))
  return { value, end }
}
