import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../fleet/application.ts'
import { type SetObservation, setConditions, setHealth } from '../../../fleet/set/conditions.ts'
import { mergeConditions } from '../../../fleet/set/merge-conditions.ts'

const held = { digest: 'd', applicationNames: ['a'], reason: '1 of 1 applications would be deleted', heldAtMs: 5 }
const rollout = { number: 4, state: { phase: 'Progressing' } }
const problem = { path: 'spec.generators[0].git', message: 'unreachable' }

function observe(more: Partial<SetObservation> = {}): readonly Condition[] {
  return setConditions({
    before: [],
    nowMs: 100,
    expansion: { complete: true, problems: [] },
    invalid: [],
    held: null,
    rollout: { outcome: 'none' },
    unresolved: [],
    ...more,
  })
}

function short(conditions: readonly Condition[]) {
  return conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`)
}

describe('merged conditions', () => {
  it('have each type once: the last finding counts', () => {
    const finding = (status: 'True' | 'False') => ({ type: 'ParametersGenerated', status, reason: 'r', message: 'm' })
    const merged = mergeConditions({ before: [], found: [finding('True'), finding('False')], lookedAt: [], nowMs: 7 })
    expect(merged).toEqual([{ ...finding('False'), lastTransitionAtMs: 7 }])
  })
})

describe('conditions of a set', () => {
  it('when all is well', () => {
    expect(short(observe())).toEqual([
      'ErrorOccurred=False ApplicationSetUpToDate',
      'ParametersGenerated=True ParametersGenerated',
      'ResourcesUpToDate=True ApplicationSetUpToDate',
    ])
  })

  it.each<[string, Partial<SetObservation>, string, boolean]>([
    ['a generator failed', { expansion: { complete: false, problems: [problem] } }, 'ApplicationGenerationFromParamsError', false],
    ['a template failed', { expansion: { complete: true, problems: [problem] } }, 'RenderTemplateParamsError', false],
    ['an application is invalid', { invalid: [problem] }, 'ApplicationValidationError', true],
    ['a revision is unknown', { unresolved: [{ applicationName: 'a', message: 'no such branch' }] }, 'UpdateApplicationError', true],
    ['the rollout cannot be planned', { rollout: { outcome: 'invalid', problems: [problem] } }, 'ApplicationSetRolloutError', true],
  ])('when %s', (_, more, reason, generated) => {
    const conditions = observe(more)
    expect(short(conditions)).toContain(`ErrorOccurred=True ${reason}`)
    expect(short(conditions)).toContain('ResourcesUpToDate=False ErrorOccurred')
    expect(conditions.find((one) => one.type === 'ParametersGenerated')?.status).toBe(generated ? 'True' : 'False')
    expect(setHealth(conditions)).toMatchObject({ status: 'Degraded', message: expect.stringMatching(/unreachable|no such branch/) })
  })

  it('list a few problems and count the others', () => {
    const problems = Array.from({ length: 5 }, (_, i) => ({ path: `p${i}`, message: 'm' }))
    expect(observe({ invalid: problems })[0]?.message).toBe('p0: m; p1: m; p2: m (and 2 more)')
  })

  it('while a deletion is held are not up to date, without an error', () => {
    const conditions = observe({ held })
    expect(short(conditions)).toEqual([
      'DeletionHeld=True DeletionBreaker',
      'ErrorOccurred=False ApplicationSetUpToDate',
      'ParametersGenerated=True ParametersGenerated',
      'ResourcesUpToDate=False DeletionHeld',
    ])
    expect(short(observe({ before: conditions }))).not.toContain('DeletionHeld=True DeletionBreaker')
  })
})

describe('the rollout of a set', () => {
  it('is said to progress, to have completed, or to be blocked; nothing before there was one', () => {
    expect(short(observe())).not.toContainEqual(expect.stringContaining('RolloutProgressing'))
    const progressing = observe({ rollout: { outcome: 'created', rollout } })
    expect(short(progressing)).toContain('RolloutProgressing=True ApplicationSetModified')
    expect(setHealth(progressing)).toEqual({ status: 'Progressing', message: 'performing rollout 4: Progressing' })
    expect(short(observe({ before: progressing }))).toContain('RolloutProgressing=False ApplicationSetRolloutComplete')
    const blocked = observe({
      rollout: { outcome: 'blocked', rollout: { number: 4, state: { phase: 'RolledBack' } }, applicationNames: ['a', 'b'] },
    })
    expect(blocked.find((one) => one.type === 'RolloutProgressing')).toMatchObject({
      status: 'False',
      reason: 'ApplicationSetRolloutError',
      message: expect.stringContaining('RolledBack; what it was to bring is not started again by itself: a; b'),
    })
  })

  it('is not spoken of when it is over and the set has no stages or steps, as in Argo CD', () => {
    const before = observe({ rollout: { outcome: 'active', rollout }, strategy: 'AllAtOnce' })
    expect(short(before)).toContain('RolloutProgressing=True ApplicationSetModified')
    expect(short(observe({ before, strategy: 'AllAtOnce' }))).not.toContainEqual(expect.stringContaining('RolloutProgressing'))
    expect(short(observe({ before, strategy: 'RollingSync' }))).toContain('RolloutProgressing=False ApplicationSetRolloutComplete')
  })

  it('stays as it was known, like held deletions, while generators fail', () => {
    const before = observe({ rollout: { outcome: 'active', rollout }, held })
    const after = observe({ before, nowMs: 900, expansion: { complete: false, problems: [problem] } })
    for (const type of ['RolloutProgressing', 'DeletionHeld'])
      expect(after.find((one) => one.type === type)).toEqual(before.find((one) => one.type === type))
  })
})

describe('an expansion that is not complete', () => {
  const failed = { expansion: { complete: false, problems: [problem] } }
  const staleOf = (conditions: readonly Condition[]) => conditions.find(({ type }) => type === 'ExpansionStale')

  it('is marked stale with the age of the last complete one, since it failed, and no longer when all is seen again', () => {
    const before = observe({ ...failed, nowMs: 60_000, expandedAtMs: 0 })
    expect(staleOf(before)).toEqual({
      type: 'ExpansionStale',
      status: 'True',
      reason: 'GeneratorsIncomplete',
      message: 'generators do not see everything: applications stay as they were less than 10 minutes ago',
      lastTransitionAtMs: 60_000,
    })
    const after = observe({ ...failed, before, nowMs: 3 * 3_600_000, expandedAtMs: 0 })
    expect(staleOf(after)).toMatchObject({ message: expect.stringContaining('more than 3 h ago'), lastTransitionAtMs: 60_000 })
    expect(staleOf(observe({ before: after, expandedAtMs: 0 }))).toBeUndefined()
    expect(staleOf(observe({ ...failed, expandedAtMs: null }))?.message).toContain('never did')
  })

  it.each([
    [25, 'more than 20 minutes'],
    [61, 'more than 1 h'],
    [47 * 60, 'more than 47 h'],
    [49 * 60, 'more than 2 days'],
  ])('%d minutes old is said to be %s', (minutes, age) => {
    expect(staleOf(observe({ ...failed, nowMs: minutes * 60_000, expandedAtMs: 0 }))?.message).toContain(age)
  })
})

describe('times', () => {
  it('change only with what is said', () => {
    const before = observe()
    const later = observe({ before, nowMs: 200, held })
    expect(later.map((one) => [one.type, one.lastTransitionAtMs])).toEqual([
      ['DeletionHeld', held.heldAtMs],
      ['ErrorOccurred', 100],
      ['ParametersGenerated', 100],
      ['ResourcesUpToDate', 200],
    ])
  })
})

describe('whatever happened', () => {
  const problems = fc.array(fc.record({ path: fc.constantFrom('', 'a.b'), message: fc.string() }), { maxLength: 4 })
  const observation = fc.record({
    nowMs: fc.integer({ min: 0, max: 1e12 }),
    expansion: fc.record({ complete: fc.boolean(), problems }),
    invalid: problems,
    held: fc.constantFrom(null, held),
    rollout: fc.constantFrom(
      { outcome: 'none' as const },
      { outcome: 'active' as const, rollout },
      { outcome: 'blocked' as const, rollout },
      { outcome: 'invalid' as const, problems: [problem] },
    ),
    unresolved: fc.array(fc.record({ applicationName: fc.string(), message: fc.string() }), { maxLength: 2 }),
  })

  it('types are unique and sorted, an error excludes being up to date, and seeing the same again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(observation, { minLength: 1, maxLength: 5 }), (observations) => {
        let before: readonly Condition[] = []
        for (const one of observations) {
          const conditions = setConditions({ ...one, before })
          const types = conditions.map((condition) => condition.type)
          expect(types).toEqual([...new Set(types)].toSorted())
          expect(types).toEqual(expect.arrayContaining(['ErrorOccurred', 'ParametersGenerated', 'ResourcesUpToDate']))
          const is = (type: string) => conditions.some((condition) => condition.type === type && condition.status === 'True')
          expect(is('ErrorOccurred') && is('ResourcesUpToDate')).toBe(false)
          if (!one.expansion.complete) expect(is('ErrorOccurred')).toBe(true)
          expect(setConditions({ ...one, before: conditions, nowMs: one.nowMs + 1 })).toEqual(conditions)
          before = conditions
        }
      }),
    )
  })
})
