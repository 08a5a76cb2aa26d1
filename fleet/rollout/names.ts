/** How many names a message spells out. */
const namesShownMax = 5

/** `a, b and 3 more`. */
export function names(all: readonly string[]): string {
  if (all.length <= namesShownMax) return all.join(', ')
  return `${all.slice(0, namesShownMax).join(', ')} and ${all.length - namesShownMax} more`
}
