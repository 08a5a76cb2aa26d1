import { describe, expect, it } from 'vitest'
import { normalizeName, slug, slugifyName } from '../../../generators/gotemplate/slug.ts'

describe('slugs', () => {
  it.each([
    ['Feat/My Branch & more', 'feat-my-branch-and-more'],
    ['a_b--c', 'a_b-c'],
    ["it's “quoted”", 'its-quoted'],
    ['Straße Łódź über', 'strasse-lodz-uber'],
    ['Привет Мир', 'privet-mir'],
    ['Ελλάδα', 'ellada'],
    ['한글', 'hangeul'],
    ['100 %', '100'],
    ['объект', 'ob-ekt'],
    ['feature/ちょっと', 'feature-chiyotsuto'],
    ['第一', 'di'],
    ['10€', '10eu'],
  ])('%s becomes %s', (text, wanted) => {
    expect(slug(text, 50, true)).toBe(wanted)
  })

  it('are cut at a dash when the cut is smart, and anywhere when it is not', () => {
    expect(slug('abc-def-ghi-jkl', 10, true)).toBe('abc-def')
    expect(slug('abc-def-ghi-jkl', 10, false)).toBe('abc-def-gh')
    expect(slug('abcdefghijklmno', 10, true)).toBe('abcdefghij')
    expect(slug('abc-def', 7, true)).toBe('abc-def')
  })

  it('of a name are normalized first', () => {
    expect(slugifyName('Feature/A.b_C', 50, true)).toBe('feature-a-b-c')
  })
})

describe('normalized names', () => {
  it.each([
    ['-.--CLUSTER/name  -./.-', 'cluster-name'],
    ['My_App/1', 'my-app-1'],
    ['a.b-c', 'a.b-c'],
    ['é☃', ''],
    ['x'.repeat(300), 'x'.repeat(253)],
  ])('%s', (text, wanted) => {
    expect(normalizeName(text)).toBe(wanted)
  })
})
