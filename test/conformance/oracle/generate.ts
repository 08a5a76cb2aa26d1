/** Makes templates by a seeded generator: mostly well typed calls of every function that is deterministic, some deliberately wrong. */

export interface GeneratedCase {
  readonly template: string
  readonly params: Readonly<Record<string, unknown>>
  readonly options: readonly string[]
}

type Kind = 's' | 'i' | 'n' | 'b' | 'l' | 'm' | 'a' | 't' | 'v'

const params = {
  s: 'Hello World',
  u: 'héllo ☃ wörld',
  e: '',
  name: 'my-App_1.Prod',
  ver: 'v1.2.3-rc.1+b5',
  branch: 'feat/ABC-12_long+branch name',
  yaml: 'a: 1\nb: [yes, 0x10, "x"]\nc:\n  d: ~\n',
  json: '{"k":[1,2.5,{"z":null}],"a":"<b>"}',
  ml: 'one\n  two\nthree\n',
  n: 3,
  f: -2.75,
  big: 1234567,
  small: 0.000001234,
  t: true,
  no: false,
  nil: null,
  list: ['b', 'a', 'c'],
  nums: [3, 1.5, 2, 1],
  mixed: ['a', 1, true, null, [1], { k: 'v' }],
  m: { a: '1', b: 'two', 'c-d': 'x y' },
  deep: {
    x: { y: { z: 'end', l: [1, 2] }, n: null },
    list: [
      { name: 'p', port: 80 },
      { name: 'q', port: 443 },
    ],
  },
}

/** Functions by result: `name args`, one letter an argument; `*` repeats the last from none to three times. */
/** Lines of `name arguments`, parted by commas. */
function calls(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(', '))
}

const functions: Readonly<Record<Kind, readonly string[]>> = {
  s: calls(
    'upper s, lower s, title s, untitle s, swapcase s, trim s, nospace s, initials s, snakecase s, camelcase s',
    'kebabcase s, quote a*, squote a*, cat a*, toString a, b64enc s, b64dec s, b32enc s, b32dec s, sha1sum s, sha256sum s',
    'adler32sum s, normalize s, slugify s, slugify i s, regexQuoteMeta s, base s, dir s, clean s, ext s, trunc i s',
    'substr i i s, abbrev i s, abbrevboth i i s, repeat i s, indent i s, nindent i s, wrap i s, wrapWith i s s',
    'replace s s s, trimAll s s, trimSuffix s s, trimPrefix s s, plural s s i, join s l, toJson a, toPrettyJson a',
    'toRawJson a, toYaml a, html a*, js a*, urlquery a*, print a*, println a*, printf F a*, kindOf a, typeOf a, seq i',
    'seq i i, seq i i i, regexFind R s, regexReplaceAll R s S, regexReplaceAllLiteral R s s, mustRegexFind R s, urlJoin m',
    'duration a, durationRound a, date D t, htmlDate t, dateInZone D t s, unixEpoch t, get m s, dig s s s m, sha512sum s',
    'osBase s, mustToJson a',
  ),
  i: calls(
    'len s, len l, len m, atoi s, int a, int64 a, add a*, sub a a, mul a a*, div a a, mod a a, max a a*, min a a*, add1 a, toDecimal a',
  ),
  n: calls('floor a, ceil a, round a i, float64 a, addf a a*, subf a a*, mulf a a*, divf a a*, maxf a a*, minf a a*, add1f a'),
  b: calls(
    'not a, eq a a, ne a a, lt a a, le i i, gt n n, ge s s, and a a*, or a a*, contains s s, hasPrefix s s, hasSuffix s s',
    'hasKey m s, has a l, empty a, all a*, any a*, deepEqual a a, kindIs s a, typeIs s a, regexMatch R s',
    'semverCompare C W, isAbs s',
  ),
  l: calls(
    'list a*, tuple a*, splitList s s, until i, untilStep i i i, toStrings a, sortAlpha l, rest l, initial l, reverse l',
    'uniq l, compact l, append l a, prepend l a, concat l*, without l a*, slice l i, slice l i i, chunk i l, pluck s m*',
    'fromYamlArray Y, regexFindAll R s i, regexSplit R s i, mustRegexFindAll R s i, mustSlice l i',
  ),
  m: calls(
    'dict P, pick m s*, omit m s*, merge M m, mergeOverwrite M m, split s s, splitn s i s, deepCopy m, fromYaml Y',
    'urlParse U, set M s a, unset M s, mustMerge M m',
  ),
  a: calls(
    'first l, last l, default a a, coalesce a*, ternary a a b, index l i, index m s, fromJson J, mustFromJson J, dig s a m',
    'semver W, deepCopy a, get m s',
  ),
  t: calls('toDate D T, dateModify H t, mustToDate D T, mustDateModify H t'),
  v: calls('semver W'),
}

const literals: Readonly<Record<string, readonly string[]>> = {
  s: [
    '"abc"',
    '"a/b/c.txt"',
    '"Foo Bar-baz_qux"',
    '`raw "q"`',
    '""',
    '"10"',
    '"é☃ß"',
    '"$1-$' + '{2}"',
    '" pad "',
    '"HTTPServer2Go"',
    '"a,b,,c"',
    '"-"',
    '","',
    '" "',
    '"x"',
  ],
  i: ['0', '1', '2', '3', '5', '12', '-1', '-4', '0x10', "'a'", '1_000', '40'],
  n: ['1.5', '2.0', '-0.25', '1e6', '3e-7', '1e21', '0.1', '100000.0', '123456789.0'],
  b: ['true', 'false'],
  l: ['(list 1 2 3)', '(list "x" "y")', '(list)', '(until 4)', '(list nil 1 "a" (list 1))', '(splitList "," "q,p,r")'],
  m: ['(dict "a" 1 "b" (dict "c" 2))', '(dict)', '(dict "k" (list 1 2))'],
  a: ['nil', '"any"', '7', '2.5', 'true'],
  t: ['(toDate "2006-01-02" "2021-03-04")', '(toDate "2006-01-02T15:04:05Z07:00" "1999-12-31T23:59:59.5+02:00")'],
  v: ['(semver "1.2.3")'],
  F: [
    '"%v|%5v"',
    '"%d %s"',
    '"%q"',
    '"%+v %#v"',
    '"%x %X"',
    '"%05d|%-6s|%6.2f"',
    '"%T"',
    '"%t %c %U"',
    '"%e %g %G"',
    '"%%%v"',
    '"%[2]v %[1]v"',
    '"%.2f"',
    '"%8.3e|%+d"',
    '"% d|%o|%b"',
    '"%s"',
    '"%v"',
    '"%z"',
  ],
  R: ['"[a-z]+"', '"(l+)(o)?"', '`\\d+`', '"^H|d$"', '"x*"', '"(?i)hello"', '"[^a-z]"', '`(?P<w>\\w+)`', '"("', '"o"', '`\\s+`'],
  S: ['"<$1>"', '"$' + '{1}_"', '"$w!"', '"$$"', '"-"', '"$1x"'],
  C: ['">=1.2"', '"^1.2.0"', '"~1.2"', '"1.x || >=2"', '">1 <3"', '"!=1.2.3"', '"=1.2.3-rc.1"', '"1.0 - 2.0"', '"bad!"', '"*"'],
  W: ['"1.2.3"', '"v2.0.0-rc.1"', '"1.27.3-gke.100"', '"1"', '"0.0.3"', '"nope"', '.ver', '"1.2.10"'],
  D: ['"2006-01-02"', '"Mon Jan _2 15:04:05 2006"', '"02/01/06 03:04 PM"', '"2006-01-02T15:04:05.000Z07:00"', '"Monday, 2-January"'],
  T: ['"2021-03-04"', '"2020-02-30"', '"nope"', '"1999-12-31"'],
  H: ['"1h30m"', '"-24h"', '"90s"', '"bad"', '"1.5h"'],
  J: ['.json', '`[1,"a",null]`', '`{"a":{"b":[true]}}`', '"nope"', '`1e3`', '`"str"`', '`{"a":`'],
  Y: ['.yaml', '"a: yes\\nb: 010\\nc: [1, 2.5]"', '"- 1\\n- x"', '"k: !!str 5"', '"x: &a {p: q}\\ny: *a"'],
  U: ['"https://u:p@h.io:8443/a%20b/c?q=1#f"', '"mailto:x@y"', '"/just/path"', '"://bad"', '"http://[::1]:80/"'],
}

const fields: Readonly<Record<Kind, readonly string[]>> = {
  s: ['.s', '.u', '.e', '.name', '.branch', '.ver', '.ml', '.m.a', '.deep.x.y.z', '$.s'],
  i: ['(int .n)', '(len .list)', '(len .name)'],
  n: ['.n', '.f', '.big', '.small', '(index .nums 1)'],
  b: ['.t', '.no'],
  l: ['.list', '.nums', '.mixed', '.deep.list'],
  m: ['.m', '.deep', '.deep.x'],
  a: ['.s', '.n', '.nil', '.missing', '.list', '.m', '.mixed', '.big', '.f', '.t', '(index .deep.list 0)'],
  t: [],
  v: [],
}

class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed
  }

  /** 0 to below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('nothing to pick')
    return item
  }

  chance(p: number): boolean {
    return this.next() < p
  }
}

const kinds: readonly Kind[] = ['s', 'i', 'n', 'b', 'l', 'm', 'a']

class Generator {
  private readonly random: Random
  private names = 0

  constructor(random: Random) {
    this.random = random
  }

  private argument(letter: string, depth: number): string {
    if (letter === 'P') return `${this.expression('s', depth - 1)} ${this.expression('a', depth - 1)}`
    if (letter === 'M') return `(deepCopy ${this.expression('m', 0)})`
    const special = literals[letter]
    if (special !== undefined && !(letter in functions)) return this.random.pick(special)
    const kind = letter as Kind
    // One in thirty arguments is of another type than it should be.
    return this.expression(this.random.chance(0.03) ? this.random.pick(kinds) : kind, depth - 1)
  }

  /** An operand: a literal, a field, or a call in parentheses. */
  private expression(kind: Kind, depth: number): string {
    if (depth > 0 && this.random.chance(0.5)) return `(${this.call(kind, depth)})`
    const known = fields[kind]
    if (known.length > 0 && this.random.chance(0.6)) return this.random.pick(known)
    return this.random.pick(literals[kind] ?? ['""'])
  }

  private call(kind: Kind, depth: number): string {
    const [name = '', ...letters] = this.random.pick(functions[kind]).split(' ')
    const parts = [name]
    for (const letter of letters) {
      const count = letter.endsWith('*') ? this.random.below(4) : 1
      for (let i = 0; i < count; i++) parts.push(this.argument(letter.charAt(0), depth))
    }
    return parts.join(' ')
  }

  private pipeline(depth: number): string {
    const kind = this.random.pick(kinds)
    let text = this.random.chance(0.75) ? this.call(kind, depth) : this.expression(kind, depth)
    if (text === 'nil') text = '.nil'
    if (this.random.chance(0.25))
      text += ` | ${this.random.pick(['toString', 'quote', 'toJson', 'printf "%v"', 'default "d"', 'kindOf', 'upper', 'len', 'list', 'toYaml'])}`
    return text
  }

  private trim(): readonly [string, string] {
    return [this.random.chance(0.15) ? '{{- ' : '{{ ', this.random.chance(0.15) ? ' -}}' : ' }}']
  }

  private action(text: string): string {
    const [open, close] = this.trim()
    return open + text + close
  }

  private block(depth: number): string {
    const body = (): string => this.body(depth - 1)
    const name = `$v${this.names++}`
    switch (this.random.below(8)) {
      case 0:
        return `${this.action(`if ${this.pipeline(1)}`)}${body()}${this.action('else')}${body()}${this.action('end')}`
      case 1:
        return `${this.action(`range ${name}, $x := ${this.expression(this.random.pick(['l', 'm']), 1)}`)}${name}={{ $x }};${this.action('end')}`
      case 2:
        return `${this.action(`range ${this.expression(this.random.pick(['l', 'm', 'i']), 1)}`)}<{{ . }}>${this.action('else')}none${this.action('end')}`
      case 3:
        return `${this.action(`with ${this.pipeline(1)}`)}{{ . | toJson }}{{ $.n }}${this.action('else')}${body()}${this.action('end')}`
      case 4:
        return `${this.action(`${name} := ${this.pipeline(1)}`)}{{ ${name} }}{{ ${name} | kindOf }}`
      case 5:
        return `{{ define "t${name.slice(1)}" }}[{{ . }}]{{ end }}{{ template "t${name.slice(1)}" ${this.expression('a', 1).replace(/^nil$/, '.nil')} }}`
      case 6:
        return `{{ range $i, $e := .list }}{{ if eq $i ${this.random.below(3)} }}{{ ${this.random.pick(['break', 'continue'])} }}{{ end }}{{ $e }}{{ end }}`
      default:
        return `${this.action(`if ${this.expression('b', 2)}`)}${body()}${this.action(`else if ${this.expression('b', 1)}`)}${body()}${this.action('end')}`
    }
  }

  body(depth: number): string {
    let text = ''
    const count = 1 + this.random.below(3)
    for (let i = 0; i < count; i++) {
      text += this.random.pick(['', ' ', '-', 'text ', '\n', 'é', ' / '])
      text += depth > 0 && this.random.chance(0.35) ? this.block(depth) : this.action(this.pipeline(2))
    }
    return text
  }

  /** A template with one thing cut, doubled or put in: most no longer parse. */
  broken(text: string): string {
    const at = this.random.below(text.length)
    const insert = this.random.pick([
      '{{',
      '}}',
      '(',
      ')',
      '|',
      '"',
      '$x',
      '.',
      ' 1a ',
      '{{ end }}',
      '\n',
      "'",
      ':=',
      '{{/*',
      ' nosuch ',
      ',',
    ])
    return this.random.chance(0.5)
      ? text.slice(0, at) + text.slice(at + 1 + this.random.below(3))
      : text.slice(0, at) + insert + text.slice(at)
  }
}

/** `count` cases; the same seed gives the same ones. */
export function generateCases(seed: number, count: number): GeneratedCase[] {
  const random = new Random(seed)
  const cases: GeneratedCase[] = []
  for (let i = 0; i < count; i++) {
    const generator = new Generator(random)
    const whole = generator.body(2)
    const template = random.chance(0.12) ? generator.broken(whole) : whole
    const options = random.chance(0.1) ? [random.pick(['missingkey=error', 'missingkey=zero', 'missingkey=default'])] : []
    cases.push({ template, params, options })
  }
  return cases
}
