import { describe, expect, it } from 'vitest'
import { fieldOrigins } from '../../../generators/field-origins.ts'

function used(text: string, goTemplate = true): readonly string[] | undefined {
  return fieldOrigins({ text }, { goTemplate, goTemplateOptions: [] }, 'spec.template')[0]?.parameters
}

describe('the parameters that a field reads', () => {
  it.each([
    ['{{.name}}', ['name']],
    ['{{ .metadata.labels.region | upper }}-{{ $.name }}', ['metadata.labels.region', 'name']],
    ['{{ if eq .tier "gold" }}{{ .a }}{{ else }}{{ .b }}{{ end }}', ['a', 'b', 'tier']],
    ['{{ with .metadata }}{{ .labels.x }}{{ $.name }}{{ end }}', ['metadata', 'metadata.labels.x', 'name']],
    ['{{ range .clusters }}{{ .name }}{{ end }}', ['clusters', 'clusters.*.name']],
    ['{{ range $i, $c := .clusters }}{{ $c.name }}{{ end }}', ['clusters', 'clusters.*.name']],
    ['{{ $r := .metadata.labels.region }}{{ $r }}', ['metadata.labels.region']],
    ['{{ index .metadata.labels "a/b" }}', ['metadata.labels']],
    ['{{ (printf "%s" .a).b }}', ['a']],
    ['{{ "fixed" }}', []],
  ])('%s', (text, expected) => {
    expect(used(text)).toEqual(expected)
  })

  it('of fasttemplate are its tags', () => {
    expect(used('{{name}}-{{ metadata.labels.region }}-{{name}}', false)).toEqual(['metadata.labels.region', 'name'])
  })

  it('are found in time that grows with the text, also when no tag ends', () => {
    // The square of it would take minutes: the runner's own limit ends that.
    expect(used(`{{name}}${'{{'.repeat(200_000)}`, false)).toEqual(['name'])
  })

  it('are given with the path of the field, of a key too, and not where nothing is templated', () => {
    const template = { spec: { project: 'default', destination: { server: '{{.server}}' }, list: [{ '{{.key}}': 1 }] } }
    expect(fieldOrigins(template, { goTemplate: true, goTemplateOptions: [] }, 'spec.template')).toEqual([
      { path: 'spec.template.spec.destination.server', template: '{{.server}}', parameters: ['server'] },
      { path: 'spec.template.spec.list[0]["{{.key}}"]', template: '{{.key}}', parameters: ['key'] },
    ])
  })

  it('of a text that cannot be read are left out: rendering names it', () => {
    expect(used('{{ .a')).toBeUndefined()
  })
})
