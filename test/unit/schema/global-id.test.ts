import { describe, expect, it } from 'vitest'
import { decodeGlobalId, encodeGlobalId, nobody, rowId } from '../../../schema/global-id.ts'

const id = '0b9d9d4a-4f7e-4c56-8f0a-5a9f1f6b0c11'

describe('global ids', () => {
  it('come back as what they were made of', () => {
    expect(decodeGlobalId(encodeGlobalId('Cluster', id))).toEqual({ typename: 'Cluster', id })
    expect(rowId('Cluster', encodeGlobalId('Cluster', id))).toBe(id)
  })

  it.each([
    '',
    'x',
    '%%%',
    'Cluster',
    Buffer.from('Cluster').toString('base64'),
    Buffer.from(`Cluster:1`).toString('base64'),
    Buffer.from(`:${id}`).toString('base64'),
    'A'.repeat(10_000),
  ])('are nobody when malformed: %s', (text) => {
    expect(decodeGlobalId(text)).toBeNull()
    expect(rowId('Cluster', text)).toBe(nobody)
  })

  it('are nobody when they are of another type', () => {
    expect(rowId('Application', encodeGlobalId('Cluster', id))).toBe(nobody)
  })
})
