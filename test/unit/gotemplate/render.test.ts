import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../fleet/json.ts'
import type { Environment } from '../../../generators/gotemplate/environment.ts'
import { TemplateError } from '../../../generators/gotemplate/errors.ts'
import { execute, parseTemplate, renderGoTemplate } from '../../../generators/gotemplate/template.ts'

const environment: Environment = { nowMs: Date.UTC(2026, 10, 21, 12, 30, 15) }

function render(text: string, params: JsonObject = {}, options: readonly string[] = [], env = environment): string {
  return renderGoTemplate(text, params, options, env)
}

function failure(run: () => unknown): TemplateError {
  try {
    run()
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
  throw new Error('it should have failed')
}

describe('rendering a Go template', () => {
  it('keeps float64 and int apart', () => {
    expect(render('{{ .n }} {{ 1000000 }} {{ int .n }} {{ add .n 1 }}', { n: 1_000_000 })).toBe('1e+06 1000000 1000000 1000001')
    expect(render('{{ printf "%d" .n }}', { n: 3 })).toBe('%!d(float64=3)')
  })

  it('prints maps sorted, and nil and what is missing as Go does', () => {
    expect(render('{{ . }}', { b: null, a: [1, 'x'] })).toBe('map[a:[1 x] b:<nil>]')
    expect(render('{{ .a }} {{ .b }} {{ print .a .b }}', { a: null })).toBe('<no value> <no value> <nil> <nil>')
  })

  it('returns a text without an action as it is', () => {
    expect(render('}} plain <no value>')).toBe('}} plain <no value>')
  })

  it('parses once and runs many times', () => {
    const template = parseTemplate('base', '{{ range $i, $x := .list }}{{ $i }}{{ $x }} {{ end }}')
    expect(execute(template, { list: ['a', 'b'] }, environment)).toBe('0a 1b ')
    expect(execute(template, { list: ['c'] }, environment)).toBe('0c ')
  })

  it('never changes the parameters, though the template sees its own changes', () => {
    const params = { m: { a: '1' }, list: ['b', 'a'] }
    const before = structuredClone(params)
    expect(render('{{ $_ := set .m "x" 1 }}{{ $_ := unset .m "a" }}{{ $_ := merge .m (dict "y" 2) }}{{ .m }}', params)).toBe('map[x:1 y:2]')
    expect(render('{{ sortAlpha .list }}{{ .list }}', params)).toBe('[a b][b a]')
    expect(params).toEqual(before)
  })

  it("reads a parameter's own keys only", () => {
    expect(render('{{ .constructor }}{{ .toString }}{{ hasKey . "valueOf" }}{{ index . "__proto__" }}', { a: '1' })).toBe(
      '<no value><no value>false<no value>',
    )
    expect(render('{{ $d := dict "__proto__" 1 "b" 2 }}{{ $d }}{{ toJson $d }}')).toBe('map[__proto__:1 b:2]{"__proto__":1,"b":2}')
    expect(render('{{ (fromJson `{"__proto__":{"x":1}}`).x }}')).toBe('<no value>')
  })

  it('has no function that shows the surroundings of the server', () => {
    for (const name of ['env', 'expandenv', 'getHostByName']) {
      expect(failure(() => render(`{{ ${name} "HOME" }}`)).message).toBe(`template: base:1: function "${name}" not defined`)
    }
  })
})

describe('missingkey', () => {
  it.each([
    ['missingkey=default', '<no value>'],
    ['missingkey=invalid', '<no value>'],
    ['missingkey=zero', '<no value>'],
  ])('%s prints %s', (option, text) => {
    expect(render('{{ .x }}', { a: '1' }, [option])).toBe(text)
  })

  it('error names the key and its place', () => {
    const error = failure(() => render('a\nb {{ .x }}', { a: '1' }, ['missingkey=error']))
    expect(error.message).toBe('template: base:2:5: executing "base" at <.x>: map has no entry for key "x"')
    expect(error).toMatchObject({ stage: 'execute', code: 'INVALID_INPUT', line: 2, column: 6 })
  })

  it('takes the last of several and refuses what it does not know', () => {
    expect(render('{{ .x }}', { a: '1' }, ['missingkey=error', 'missingkey=zero'])).toBe('<no value>')
    expect(failure(() => render('{{ .x }}', {}, ['missingkey'])).message).toBe('unrecognized option: missingkey')
  })
})

describe('errors', () => {
  it('of reading carry line and column', () => {
    const error = failure(() => render('line one\n{{ .a }} {{ nosuch }}'))
    expect(error.message).toBe('template: base:2: function "nosuch" not defined')
    expect(error).toMatchObject({ stage: 'parse', line: 2, column: 13 })
  })

  it('count columns in bytes in the text, as Go does, and in characters in the field', () => {
    const error = failure(() => render('é☃ {{ .a.b }}', { a: 'x' }))
    expect(error.message).toBe(`template: base:1:11: executing "base" at <.a.b>: can't evaluate field b in type interface {}`)
    expect(error.column).toBe(9)
  })

  it('inside a template that is called name that template', () => {
    expect(failure(() => render('{{ define "in" }}{{ fail "no" }}{{ end }}{{ template "in" }}')).message).toBe(
      'template: base:1:20: executing "in" at <fail "no">: error calling fail: no',
    )
  })
})

describe('text in bytes', () => {
  it('counts and cuts as Go does, and joins what belongs together', () => {
    expect(render('{{ len .u }} {{ trunc 3 .u }}|', { u: 'aé☃' })).toBe('6 aé|')
    expect(render('{{ trunc 2 .u }}|', { u: 'é☃' })).toBe('é|')
    expect(render('{{ substr 0 1 .u }}{{ substr 1 2 .u }}', { u: 'é' })).toBe('é')
    expect(render('{{ substr 0 1 .u }}|', { u: 'é' })).toBe('\ufffd|')
    expect(render('{{ "\\xc3\\xa9" }}{{ printf "%x %q" "é" "\\xff" }}')).toBe('éc3a9 "\\xff"')
  })
})

describe('what comes from the environment', () => {
  it('is the time, in its zone', () => {
    expect(render('{{ now | date "2006-01-02 15:04" }}')).toBe('2026-11-21 12:30')
    expect(render('{{ now | date "15:04 -0700 MST" }}', {}, [], { ...environment, timeZone: 'Europe/Vienna' })).toBe('13:30 +0100 CET')
    expect(render('{{ dateInZone "2006-01-02T15:04" (int64 0) "America/New_York" }}')).toBe('1969-12-31T19:00')
    expect(render('{{ ago (now | dateModify "-90m") }}')).toBe('1h30m0s')
  })

  it('is randomness: the same bytes give the same text', () => {
    const counted = (): Environment => {
      let next = 0
      return { nowMs: 0, randomBytes: (n) => Uint8Array.from({ length: n }, () => next++ & 0xff) }
    }
    const text = '{{ randAlpha 8 }} {{ randNumeric 4 }} {{ uuidv4 }} {{ randInt 5 10 }} {{ shuffle "abcdef" }} {{ randBytes 3 }}'
    expect(render(text, {}, [], counted())).toBe(render(text, {}, [], counted()))
    expect(render('{{ uuidv4 }}', {}, [], counted())).toBe('00010203-0405-4607-8809-0a0b0c0d0e0f')
    expect(render('{{ randAlphaNum 40 }}', {}, [], counted())).toMatch(/^[A-Za-z0-9]{40}$/)
  })

  it('is cryptography; what is not there is an error that says so', () => {
    expect(failure(() => render('{{ uuidv4 }}')).message).toContain(
      'error calling uuidv4: not available here: the environment has no randomBytes',
    )
    expect(failure(() => render('{{ bcrypt "x" }}')).message).toContain('not available here: the environment has no bcrypt')
    const withBcrypt = { ...environment, crypto: { bcrypt: (password: string) => `$2a$10$${password}` } }
    expect(render('{{ htpasswd "me" "pw" }}', {}, [], withBcrypt)).toBe('me:$2a$10$pw')
    const certificate = (request: { commonName: string; dnsNames: readonly string[] }): { certificatePem: string; keyPem: string } => ({
      certificatePem: `cert of ${request.commonName} ${request.dnsNames.join()}`,
      keyPem: 'key',
    })
    const withCertificates = { ...environment, crypto: { certificate } }
    expect(
      render('{{ $c := genSelfSignedCert "me" nil (list "a.b") 3 }}{{ $c.Cert }}/{{ $c.Key }}/{{ kindOf $c }}', {}, [], withCertificates),
    ).toBe('cert of me a.b/key/struct')
  })

  it.each([0, 1, 55, 56, 63, 64, 111, 112, 128, 1000])('digests %i bytes as node:crypto does', (length) => {
    const text = 'é'.repeat(length >> 1) + 'x'.repeat(length & 1)
    const digest = (name: string): string => createHash(name).update(text).digest('hex')
    expect(render('{{ sha1sum .t }} {{ sha256sum .t }} {{ sha512sum .t }}', { t: text })).toBe(
      `${digest('sha1')} ${digest('sha256')} ${digest('sha512')}`,
    )
  })
})
