/** How results are printed: a table for people, JSON for programs, names for shells. */
export const outputs = ['table', 'json', 'name'] as const
export type Output = (typeof outputs)[number]

export interface Column<T> {
  readonly title: string
  readonly value: (row: T) => string
}

/** Prints rows. An empty table says so on stderr, so that a pipe stays empty. */
export function printRows<T extends { readonly name: string }>(rows: readonly T[], columns: readonly Column<T>[], output: Output): void {
  if (output === 'json') process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  else if (output === 'name') for (const row of rows) process.stdout.write(`${row.name}\n`)
  else if (rows.length === 0) process.stderr.write('nothing found\n')
  else process.stdout.write(table(rows, columns))
}

function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const lines = [columns.map((column) => column.title), ...rows.map((row) => columns.map((column) => printable(column.value(row))))]
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** Names and messages come from outside: control characters must not reach the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '?')
}

export function ago(time: string | null): string {
  if (time === null) return '-'
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000))
  if (seconds < 120) return `${seconds}s`
  return seconds < 7200 ? `${Math.round(seconds / 60)}m` : `${Math.round(seconds / 3600)}h`
}
