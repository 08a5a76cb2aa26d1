import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SetStrategy } from '../../../fleet/application-set.ts'
import { isDeletionReversed, removedNow } from '../../../fleet/rollout/removal-order.ts'
import { rollingSyncOf, selectSteps, stepsIssue } from '../../../fleet/rollout/rolling-sync-steps.ts'
import { type SetObservation, setConditions } from '../../../fleet/set/conditions.ts'

const app = (name: string, labels: Readonly<Record<string, string>> = {}) => ({ applicationName: name, applicationLabels: labels })
const env = (...values: readonly string[]) => ({ matchExpressions: [{ key: 'env', operator: 'In', values }] })
const fleet = [app('dev', { env: 'dev' }), app('qa', { env: 'qa' }), app('prod', { env: 'prod' }), app('bare')]
const names = (applications: readonly { readonly applicationName: string }[]) => applications.map(({ applicationName }) => applicationName)

describe('steps', () => {
  it('select by labels; an application of several counts in the first, and is told of', () => {
    const selection = selectSteps({ steps: [env('dev', 'qa'), env('qa'), env('x')] }, fleet)
    expect(selection.selected.map(names)).toEqual([['dev', 'qa'], ['qa'], []])
    expect([...selection.stepOf].map(([{ applicationName }, step]) => [applicationName, step])).toEqual([
      ['dev', 0],
      ['qa', 0],
    ])
    expect([...selection.severalTimes.values()]).toEqual([[0, 1]])
    expect(selection.emptySteps).toEqual([2])
  })

  it('say the worst that is doubtful, and nothing where nothing is', () => {
    const issue = (...steps: readonly object[]) => stepsIssue(selectSteps({ steps }, fleet))
    expect(issue(env('dev'), env('qa', 'prod'))).toBe('')
    expect(issue(env('x'), env('dev'), env('y'))).toBe('Steps [1 3] have no applications matching their criteria')
    expect(issue(env('x'), env('dev'), {}, env('dev'))).toBe("Application 'dev' is selected by multiple steps: (2-3-4)")
    expect(issue(env('qa'), env('dev'), env('qa', 'dev'))).toBe("Applications 'dev', 'qa' are selected by multiple steps: [(2-3), (1-3)]")
  })
})

describe('a step with an operator that there is not', () => {
  const odd = (operator: string, key = 'env') => ({ matchExpressions: [{ key, operator, values: ['dev'] }] })

  it('selects what lacks the label, as in Argo CD, and is told of before anything else', () => {
    const selection = selectSteps({ steps: [odd('Exists'), env('dev', 'qa', 'prod'), env('dev')] }, fleet)
    expect(selection.selected.map(names)).toEqual([['bare'], ['dev', 'qa', 'prod'], ['dev']])
    expect(stepsIssue(selection)).toBe("Step 1 has invalid matchExpression operators: Exists. Supported Operators are 'In' and 'NotIn'")
  })

  it('is told of where an application has its label', () => {
    const issue = (...steps: readonly object[]) => stepsIssue(selectSteps({ steps }, fleet))
    expect(issue(odd('Exists', 'zone'))).toBe('')
    expect(issue(odd('Gt'), odd(''))).toBe(
      "Steps 1, 2 have invalid matchExpression operators: Gt, . Supported Operators are 'In' and 'NotIn'",
    )
  })
})

describe('the condition InvalidRolloutConfig', () => {
  const base = { before: [], nowMs: 1, expansion: { complete: true, problems: [] }, invalid: [], held: null, unresolved: [] } as const
  const conditions = (rest: Pick<SetObservation, 'rollout' | 'stepsIssue'>) =>
    setConditions({ ...base, ...rest })
      .filter(({ type }) => type === 'InvalidRolloutConfig')
      .map(({ status, message }) => `${status}: ${message}`)

  it('says what is doubtful about steps, that nothing is, and nothing of a set without steps', () => {
    expect(conditions({ rollout: { outcome: 'active' }, stepsIssue: 'Steps [1] are odd' })).toEqual(['True: Steps [1] are odd'])
    expect(conditions({ rollout: { outcome: 'none' }, stepsIssue: '' })).toEqual(['False: Rolling Sync Configured correctly'])
    expect(conditions({ rollout: { outcome: 'none' }, stepsIssue: null })).toEqual([])
    expect(conditions({ rollout: { outcome: 'none' } })).toEqual([])
  })

  it('says rather why no rollout could be planned', () => {
    const problems = [{ path: 'spec.strategy', message: 'is wrong' }]
    expect(conditions({ rollout: { outcome: 'invalid', problems }, stepsIssue: 'Steps [1] are odd' })).toEqual([
      'True: spec.strategy: is wrong',
    ])
  })
})

describe('a deleted set', () => {
  const steps = [env('dev'), env('qa'), env('prod')]
  const reversed = { type: 'RollingSync', rollingSync: { steps }, deletionOrder: 'Reverse' } as const satisfies SetStrategy

  it('goes in reverse only where it has steps and says so, in whatever case', () => {
    expect(isDeletionReversed(reversed)).toBe(true)
    expect(isDeletionReversed({ ...reversed, deletionOrder: 'reverse' } as unknown as SetStrategy)).toBe(true)
    expect(isDeletionReversed({ ...reversed, deletionOrder: 'AllAtOnce' })).toBe(false)
    expect(isDeletionReversed({ ...reversed, rollingSync: { steps: [] } })).toBe(false)
    expect(isDeletionReversed({ type: 'AllAtOnce', deletionOrder: 'Reverse' } as SetStrategy)).toBe(false)
    expect(isDeletionReversed(undefined)).toBe(false)
    expect(rollingSyncOf({ type: 'RollingSync' } as SetStrategy)).toBeNull()
  })

  it('lets the last step that has any left go, and what no step selects at the end', () => {
    const order: string[][] = []
    for (let left: readonly (typeof fleet)[number][] = fleet; left.length > 0; ) {
      const going = removedNow(reversed, left)
      order.push(names(going))
      left = left.filter((one) => !going.includes(one))
    }
    expect(order).toEqual([['prod'], ['qa'], ['dev'], ['bare']])
    expect(removedNow({ type: 'RollingSync', rollingSync: { steps } }, fleet)).toEqual(fleet)
  })

  it('comes to an end, whatever its steps select', () => {
    const anyEnv = fc.subarray(['dev', 'qa', 'prod', 'x'])
    fc.assert(
      fc.property(fc.array(anyEnv, { maxLength: 4 }), fc.subarray(fleet, { minLength: 1 }), (selected, left) => {
        const strategy = { ...reversed, rollingSync: { steps: selected.map((values) => env(...values)) } }
        expect(removedNow(strategy, left).length).toBeGreaterThan(0)
      }),
    )
  })
})
