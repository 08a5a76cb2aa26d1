import { describe, expect, it } from 'vitest'
import type { Json } from '../../../fleet/json.ts'
import { answering, expandOne, fast, go } from './environment.ts'

const spec = { configMapRef: { name: 'cm' }, input: { parameters: { map: { k: 'v' } } } }
const data = { baseUrl: 'http://plugin.example', token: '$plugins:token', requestTimeout: '5' }

function expand(config: Json, mode = go, more: object = {}, parameters: Json = [{ name: 'a', n: { m: [1] } }]) {
  const given = answering({ configMap: { data: config }, pluginParameters: { output: { parameters } } }, { applicationSetName: 'set' })
  return { asked: given.asked, result: expandOne('plugin', { ...spec, ...more }, mode, given.inputs) }
}

describe('plugin', () => {
  it('gives the parameters of the answer, the input as plain JSON, and values', () => {
    expect(expand(data, go, { values: { v: '{{.name}}-{{index .generator.input.parameters.map "k"}}' } }).result).toMatchObject({
      parameters: [{ name: 'a', n: { m: [1] }, generator: { input: spec.input }, values: { v: 'a-v' } }],
    })
    expect(expand(data, fast).result).toMatchObject({ parameters: [{ name: 'a', 'n.m.0': '1', generator: { input: spec.input } }] })
  })

  it('asks with a reference to the token, never with a token', () => {
    expect(expand(data).asked[1]).toEqual({
      kind: 'pluginParameters',
      baseUrl: 'http://plugin.example',
      token: { secretName: 'plugins', key: 'token' },
      timeoutSeconds: 5,
      applicationSetName: 'set',
      parameters: spec.input.parameters,
    })
    expect(expand({ ...data, token: '$plugin.token', requestTimeout: '' }).asked[1]).toMatchObject({
      token: { secretName: 'argocd-secret', key: 'plugin.token' },
      timeoutSeconds: 30,
    })
  })

  it.each([
    { ...data, baseUrl: '' },
    { ...data, token: 'plainsecret' },
    { ...data, requestTimeout: 'soon' },
  ])('refuses %j without repeating a token', (config) => {
    const { result } = expand(config)
    expect(result).toMatchObject({ outcome: 'incomplete', problems: [{ path: 'g.configMapRef.name' }] })
    expect(JSON.stringify(result)).not.toContain('plainsecret')
  })

  it('an answer of another shape is an error, an empty list is none', () => {
    expect(expand(data, go, {}, 'nonsense').result).toMatchObject({ outcome: 'incomplete' })
    expect(expand(data, go, {}, [1]).result).toMatchObject({ outcome: 'incomplete' })
    expect(expand(data, go, {}, []).result).toMatchObject({ outcome: 'complete', parameters: [] })
    expect(expand(data, go, {}, null).result).toMatchObject({ outcome: 'complete', parameters: [] })
  })
})
