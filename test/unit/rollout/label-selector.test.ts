import { describe, expect, it } from 'vitest'
import { matchesSelector, selectorProblems } from '../../../fleet/label-selector.ts'

const labels = { region: 'eu', tier: '' }
const one = (key: string, operator: string, values?: string[]) => ({ matchExpressions: [{ key, operator, ...(values ? { values } : {}) }] })

describe('a label selector', () => {
  it.each([
    ['an empty one', {}, true],
    ['a label with its value', { matchLabels: { region: 'eu' } }, true],
    ['a label with another value', { matchLabels: { region: 'us' } }, false],
    ['an absent label', { matchLabels: { env: '' } }, false],
    ['an empty value', { matchLabels: { tier: '' } }, true],
    ['In with the value', one('region', 'In', ['us', 'eu']), true],
    ['In without it', one('region', 'In', ['us']), false],
    ['In of an absent label', one('env', 'In', ['']), false],
    ['NotIn with the value', one('region', 'NotIn', ['eu']), false],
    ['NotIn without it', one('region', 'NotIn', ['us']), true],
    ['NotIn of an absent label', one('env', 'NotIn', ['us']), true],
    ['Exists', one('tier', 'Exists'), true],
    ['Exists of an absent label', one('env', 'Exists'), false],
    ['DoesNotExist', one('tier', 'DoesNotExist'), false],
    ['DoesNotExist of an absent label', one('env', 'DoesNotExist'), true],
    ['an unknown operator', one('region', 'Gt', ['1']), false],
    ['a property of every object', one('constructor', 'Exists'), false],
    ['labels and expressions that don’t all match', { matchLabels: { region: 'eu' }, ...one('region', 'NotIn', ['eu']) }, false],
  ])('matches %s as Kubernetes does', (_, selector, expected) => {
    expect(matchesSelector(selector, labels)).toBe(expected)
  })

  it.each([
    ['region', 'eu-1.a_B'],
    ['example.com/region', ''],
    ['a', '1'],
  ])('takes %s=%s', (key, value) => {
    expect(selectorProblems({ matchLabels: { [key]: value } }, 's')).toEqual([])
  })

  it.each([['-a'], ['a-'], [''], ['a b'], ['/a'], ['Example.com/a'], ['a/b/c'], ['a'.repeat(64)], [`${'a'.repeat(254)}/b`], ['ü']])(
    'refuses the key %s',
    (key) => {
      expect(selectorProblems({ matchLabels: { [key]: 'v' } }, 's').length).toBe(1)
    },
  )

  it.each([['-a'], ['a-'], ['a b'], ['a/b'], ['a'.repeat(64)]])('refuses the value %s', (value) => {
    expect(selectorProblems({ matchLabels: { k: value } }, 's')).toMatchObject([{ path: 's.matchLabels["k"]' }])
  })

  it('says all that is wrong with expressions, and where', () => {
    const selector = {
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'a', operator: 'Exists', values: ['x'] },
        { key: 'a', operator: 'in', values: ['x y'] },
      ],
    }
    expect(selectorProblems(selector, 's')).toMatchObject([
      { path: 's.matchExpressions[0].values', message: 'In needs at least one value' },
      { path: 's.matchExpressions[1].values', message: 'Exists takes no values' },
      { path: 's.matchExpressions[2].values[0]' },
      { path: 's.matchExpressions[2].operator', message: '"in" is not an operator; use In, NotIn, Exists or DoesNotExist' },
    ])
  })
})
