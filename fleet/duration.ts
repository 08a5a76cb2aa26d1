import type { Parsed } from './errors.ts'

const unitsMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Go holds durations as nanoseconds in 64 bits: about 292 years. */
const durationMaxMs = 9_223_372_036_854

/**
 * Reads a Go duration (`90s`, `1h30m`, `1.5h`, `500ms`, `0`, with a sign if need be) as whole milliseconds. What is finer is rounded up,
 * so that more than nothing never becomes nothing. Follows time.ParseDuration of Go 1.26.
 */
export function parseDuration(text: string, path: string): Parsed<number> {
  const problem = (message: string): Parsed<number> => ({ value: null, problems: [{ path, message }] })
  const wanted = 'write a duration such as 90s, 10m or 1h30m'
  const sign = text.startsWith('-') ? -1 : 1
  const unsigned = text.replace(/^[+-]/, '')
  if (unsigned === '0') return { value: 0, problems: [] }
  if (unsigned === '') return problem(`${JSON.stringify(text)} is not a duration; ${wanted}`)

  const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y
  let ms = 0
  while (part.lastIndex < unsigned.length) {
    const rest = unsigned.slice(part.lastIndex)
    const match = part.exec(unsigned)
    const unitMs = unitsMs[match?.[2] ?? '']
    if (match === null || unitMs === undefined) {
      const missing = /^[\d.]+$/.test(rest) ? `lacks a unit after ${rest}` : 'is not a duration'
      return problem(`${JSON.stringify(text)} ${missing}; ${wanted}`)
    }
    ms += Number(match[1]) * unitMs
  }
  if (ms > durationMaxMs) return problem(`${JSON.stringify(text)} is longer than a duration can be, which is 2562047h`)
  // Nanoseconds first: 0.1 + 0.2 must not become a millisecond more than it is.
  const wholeMs = Math.ceil(Math.round(ms * 1e6) / 1e6)
  return { value: wholeMs === 0 ? 0 : sign * wholeMs, problems: [] }
}

/** As short as it can be said exactly: `1h30m`, `90s` as `1m30s`, `1.5s`, `500ms`, `0s`. `parseDuration` gives the same back. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`
  if (durationMs === 0) return '0s'
  if (durationMs < 1_000) return `${durationMs}ms`
  const hours = Math.floor(durationMs / 3_600_000)
  const minutes = Math.floor((durationMs % 3_600_000) / 60_000)
  const seconds = (durationMs % 60_000) / 1_000
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 ? `${seconds}s` : ''}`
}
