import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../fleet/json.ts'
import { TemplateError } from '../../../generators/gotemplate/errors.ts'
import { renderGoTemplate } from '../../../generators/gotemplate/template.ts'

function limited(text: string, params: JsonObject = { a: 'x' }): string {
  try {
    renderGoTemplate(text, params, [], { nowMs: 0 })
  } catch (error) {
    if (error instanceof TemplateError && error.stage === 'limit') {
      expect(error.code).toBe('LIMIT_EXCEEDED')
      return error.message
    }
    throw error
  }
  return 'rendered'
}

describe('a template of a stranger', () => {
  it.each([
    ['an endless range', '{{ range 9223372036854775807 }}{{ end }}'],
    ['ranges in ranges', '{{ range until 2000 }}{{ range until 2000 }}{{ end }}{{ end }}'],
    ['a long list', '{{ until 1000000000 | len }}'],
    ['a long sequence', '{{ seq 1 2000000000 | len }}'],
    ['regular expressions on long texts', '{{ $x := repeat 100000 "x" }}{{ range until 20 }}{{ regexMatch "y" $x }}{{ end }}'],
    ['a list that is compared with itself', '{{ uniq (until 5000) | len }}'],
  ])('is stopped after so many steps: %s', (_, text) => {
    expect(limited(text)).toContain('takes more than 1000000 steps')
  })

  it.each([
    ['repeat', '{{ repeat 1000000000 "x" | len }}'],
    ['indent', '{{ indent 1000000000 "x" | len }}'],
    ['doubling', '{{ $x := "0123456789" }}{{ range until 40 }}{{ $x = printf "%s%s" $x $x }}{{ end }}'],
    ['replace', '{{ $x := repeat 2000000 "x" }}{{ replace "x" "yyy" $x | len }}'],
    ['a regular expression', '{{ $x := repeat 300000 "x" }}{{ regexReplaceAll "x" $x "yyyyyyyyyyyyyyyy" | len }}'],
    ['output', '{{ range until 100 }}{{ repeat 100000 "x" }}{{ end }}'],
  ])('is stopped before it makes too much text: %s', (_, text) => {
    expect(limited(text)).toContain('makes more than 4194304 bytes')
  })

  it('is stopped when it calls itself', () => {
    expect(limited('{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}')).toContain('exceeded maximum template depth (200)')
  })

  it('is refused when it is nested too deeply', () => {
    const text = `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`
    expect(() => limited(text)).toThrow('max expression depth exceeded')
    expect(() => limited('{{ if 1 }}'.repeat(5000))).toThrow('max expression depth exceeded')
  })

  it('is stopped at values that contain themselves', () => {
    const cyclic = '{{ $d := dict }}{{ $_ := set $d "d" $d }}'
    expect(limited(`${cyclic}{{ $d }}`)).toContain('deep')
    expect(limited(`${cyclic}{{ toJson $d }}`)).toContain('deep')
    expect(limited(`${cyclic}{{ deepCopy $d }}`)).toContain('deep')
  })

  it('is stopped at YAML that unfolds without end', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`)
    expect(limited('{{ fromYaml .y | len }}', { y: ['a0: &a0 [x]', ...levels].join('\n') })).toContain('more than 500000 nodes')
  })

  it('may be long, but not too long', () => {
    expect(limited(`${'x'.repeat(1_100_000)}{{ .a }}`)).toContain('longer than')
    expect(limited(`${'x'.repeat(1_000_000)}{{ .a }}`)).toBe('rendered')
  })
})
