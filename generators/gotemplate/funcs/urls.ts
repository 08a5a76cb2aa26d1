import { FunctionError } from '../errors.ts'
import { define, type FunctionTable, textAt } from '../functions.ts'
import { emptyUrl, formatUrl, hostname, parseUrl, type Url } from '../url/url.ts'
import { emptyMap, entry, type GoMap, isMap, kindOf, type Value } from '../values.ts'
import { nilDereference } from './lists.ts'

function parse(text: string, what: string): Url {
  try {
    return parseUrl(text)
  } catch (error) {
    if (error instanceof FunctionError) throw new FunctionError(`unable to parse ${what}: ${error.message}`)
    throw error
  }
}

function parts(text: string): GoMap {
  const url = parse(text, 'url')
  return Object.assign(emptyMap(), {
    scheme: url.scheme,
    host: url.host,
    hostname: hostname(url.host),
    path: url.path,
    query: url.query,
    opaque: url.opaque,
    fragment: url.fragment,
    userinfo: url.userinfo ?? '',
  })
}

function part(map: Value, key: string): string {
  const value = isMap(map) ? entry(map, key) : undefined
  if (value === undefined) return ''
  if (value === null) throw new FunctionError(nilDereference)
  if (typeof value === 'string') return value
  throw new FunctionError(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`)
}

function join(map: Value): string {
  const url = {
    ...emptyUrl,
    scheme: part(map, 'scheme'),
    host: part(map, 'host'),
    path: part(map, 'path'),
    query: part(map, 'query'),
    opaque: part(map, 'opaque'),
    fragment: part(map, 'fragment'),
  }
  const userinfo = part(map, 'userinfo')
  if (userinfo === '') return formatUrl(url)
  return formatUrl({ ...url, userinfo: parse(`proto://${userinfo}@host`, 'userinfo in dict').userinfo })
}

/** sprig's URLs. */
export const urlFunctions: FunctionTable = {
  urlJoin: define('m', ([map]) => join(map)),
  urlParse: define('s', (args) => parts(textAt(args, 0))),
}
