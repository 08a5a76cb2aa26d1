import { readFileSync } from 'node:fs'
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { printedSchema, schemaFile } from '../../../schema/print-schema.ts'
import { buildSchema } from '../../../schema/schema.ts'

describe('the committed schema', () => {
  it('is what the code says: run `node schema/print-schema.ts` after a change', () => {
    expect(readFileSync(schemaFile, 'utf8')).toBe(printedSchema())
  })
})

describe('the schema', () => {
  const types = Object.values(buildSchema().getTypeMap()).filter((type) => !type.name.startsWith('__'))

  it('describes every type and field of its own', () => {
    const bare: string[] = []
    for (const type of types) {
      if (isObjectType(type) && /(?:Connection|Edge)$/.test(type.name)) continue
      if ((isObjectType(type) || isInputObjectType(type) || isEnumType(type)) && !type.description) bare.push(type.name)
      if (!isObjectType(type) && !isInputObjectType(type)) continue
      for (const field of Object.values(type.getFields())) {
        if (!field.description && field.name !== 'id' && type.name !== 'PageInfo') bare.push(`${type.name}.${field.name}`)
      }
    }
    expect(bare).toEqual([])
  })

  it('gives every mutation userErrors', () => {
    for (const field of Object.values(buildSchema().getMutationType()?.getFields() ?? {})) {
      expect(String(field.type), field.name).toMatch(/Payload!$/)
      const payload = buildSchema().getType(String(field.type).replace('!', ''))
      expect(isObjectType(payload) && String(payload.getFields()['userErrors']?.type), field.name).toBe('[UserError!]!')
    }
  })

  it('has no field by which a credential could come back', () => {
    const outputs = types.filter((type) => isObjectType(type) || isInterfaceType(type))
    const names = outputs.flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`))
    expect(names.filter((name) => /token$|password|secret|credential|key$|kubeconfig|caData/i.test(name.split('.')[1] ?? ''))).toEqual([
      'Annotation.key',
      'ApplicationVersion.contentKey',
      'CreateTokenPayload.token',
      'Label.key',
      'Mutation.createToken',
      'Mutation.removeSecret',
      'Mutation.revokeToken',
      'Mutation.rotateClusterCredentials',
      'Mutation.setRepositoryCredentials',
      'Mutation.setSecret',
      'Query.secrets',
      'Repository.hasCredentials',
      'RevokeTokenPayload.token',
      'SetSecretPayload.secret',
    ])
  })

  it('takes exactly one kind of credentials', () => {
    const input = buildSchema().getType('ClusterCredentialsInput')
    expect(isInputObjectType(input) && input.isOneOf).toBe(true)
  })

  it('pages forward only', () => {
    for (const type of types.filter(isObjectType)) {
      for (const field of Object.values(type.getFields())) {
        if (!String(field.type).endsWith('Connection!')) continue
        const args = field.args.map((arg) => arg.name)
        expect(args, `${type.name}.${field.name}`).toEqual(expect.arrayContaining(['first', 'after']))
        expect(args).not.toContain('last')
        expect(args).not.toContain('before')
      }
    }
  })
})
