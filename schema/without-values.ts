/**
 * GraphQL quotes the values that it refuses, and a value may be a credential that was put in the wrong place. This keeps what was wrong
 * and where, and leaves the value out. Messages that quote none come back as they are.
 */
export function withoutValues(message: string): string {
  const variable = /^Variable "(\$\w+)" got invalid value /.exec(message)?.[1]
  if (variable !== undefined) {
    const path = /.* at "([\w.[\]]+)";/s.exec(message)?.[1]
    return `Variable "${variable}" is not valid${path === undefined ? '' : ` at "${path}"`}: ${reasonOf(message)}`
  }
  return message
    .replace(/^(Syntax Error: [\s\S]*?(?:Name|String|BlockString|Int|Float)) "[\s\S]*$/, '$1')
    .replace(/( cannot represent )[\s\S]*$/, '$1this value')
    .replace(/(Expected value of (?:non-null )?type "[^"]*"[\s\S]*?),? [Ff]ound:? [\s\S]*$/, '$1')
    .replace(/Value "[\s\S]*" does not exist in ("\w+" enum)[\s\S]*$/, 'This value does not exist in $1')
}

// Only these: whatever else a message says may hold the value.
const reasons = [
  /Field "\w+" of required type "[\w![\]]+" was not provided\.$/,
  /Field "\w+" is not defined by type "\w+"\.(?: Did you mean [\w", ]+\?)?$/,
  /Expected type "[\w![\]]+" to be an object\.$/,
  /Expected non-nullable type "[\w![\]]+" not to be null\.$/,
  /exactly one field must be specified, and the value for that field must be non-null\.$/,
  /A DateTime is written like 2026-11-21T09:30:00Z/,
]

function reasonOf(message: string): string {
  for (const reason of reasons) {
    const found = reason.exec(message)
    if (found !== null) return found[0]
  }
  const type = /; (?:Enum )?"?(String|Int|Boolean|ID|Float|[A-Z]\w+)"? cannot represent /.exec(message)?.[1]
  return type === undefined ? 'it does not fit the type' : `it is no ${type}`
}
