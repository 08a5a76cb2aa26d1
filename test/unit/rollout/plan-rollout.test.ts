import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SetStrategy } from '../../../fleet/application-set.ts'
import { planRollout } from '../../../fleet/rollout/plan-rollout.ts'
import type { RolloutCluster, RolloutTargetInput } from '../../../fleet/rollout/planning.ts'
import type { StagedStrategy, StageSpec } from '../../../fleet/rollout/strategy.ts'

const digest = (text: string) => createHash('sha256').update(text).digest('hex')

function app(name: string, labels: Record<string, string> = {}, change: Partial<RolloutTargetInput> = {}): RolloutTargetInput {
  return {
    applicationId: `app-${name}`,
    applicationName: `web-${name}`,
    clusterId: `cluster-${name}`,
    clusterName: name,
    clusterLabels: labels,
    applicationLabels: labels,
    fromVersionId: 'v1',
    toVersionId: 'v2',
    ...change,
  }
}

function make(strategy: SetStrategy | undefined, targets: readonly RolloutTargetInput[], allClusters: readonly RolloutCluster[] = []) {
  return planRollout({ strategy, targets, allClusters, digest })
}

const staged = (stages: readonly StageSpec[], change: Partial<StagedStrategy> = {}): SetStrategy => ({
  type: 'Staged',
  staged: { stages, ...change },
})
const region = (value: string) => ({ matchLabels: { region: value } })

/** `{ stage: [clusters] }`, with `*` on canaries. */
function layout(result: ReturnType<typeof make>) {
  return Object.fromEntries(
    (result.value?.stages ?? []).map((stage) => [
      stage.name,
      stage.targets.map((target) => `${target.clusterName}${target.canary ? '*' : ''}`),
    ]),
  )
}

const problems = (result: ReturnType<typeof make>) => {
  expect(result.value).toBeNull()
  return result.problems.map(({ path, message }) => `${path}: ${message}`)
}

describe('AllAtOnce', () => {
  it('is one stage of all that change, by name, without a failure policy', () => {
    const result = make(undefined, [app('b'), app('a'), app('c', {}, { fromVersionId: 'v2' })])
    expect(layout(result)).toEqual({ all: ['a', 'b'] })
    expect(result.value).toMatchObject({ strategy: 'AllAtOnce', maxFailures: null })
    expect(result.value?.stages[0]).toMatchObject({
      maxConcurrent: 50,
      maxFailures: null,
      progressDeadlineMs: 600_000,
      bakeMs: 0,
      approvalsRequired: 0,
    })
    expect(layout(make({ type: 'AllAtOnce' }, [app('a')]))).toEqual({ all: ['a'] })
    expect(layout(make({}, [app('a')]))).toEqual({ all: ['a'] })
  })

  it('of nothing that changes is an empty plan', () => {
    expect(make(undefined, [app('a', {}, { fromVersionId: 'v2' })]).value?.stages).toEqual([])
  })

  it('an application that is there twice is a problem', () => {
    expect(problems(make(undefined, [app('a'), app('a')]))).toEqual([': application web-a is there twice; names have to be unique'])
  })
})

describe('the digest', () => {
  it('is of the whole plan, and the same for the same input in any order', () => {
    const targets = ['a', 'b', 'c', 'd'].map((name) => app(name, { region: name < 'c' ? 'eu' : 'us' }))
    const strategy = staged([{ forEach: 'region' }])
    const first = make(strategy, targets).value
    fc.assert(
      fc.property(fc.shuffledSubarray(targets, { minLength: 4 }), (shuffled) => {
        expect(make(strategy, shuffled).value).toEqual(first)
      }),
    )
    expect(first?.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(make(staged([{ forEach: 'region', bake: '1s' }]), targets).value?.digest).not.toBe(first?.digest)
    expect(make(strategy, targets.slice(1)).value?.digest).not.toBe(first?.digest)
  })
})

describe('RollingSync', () => {
  const rolling = (...steps: readonly object[]): SetStrategy => ({ type: 'RollingSync', rollingSync: { steps } })
  const env = (operator: string, ...values: string[]) => ({ matchExpressions: [{ key: 'env', operator, values }] })

  it('makes a step of the applications whose labels match; NotIn is met without the label, In is not', () => {
    const targets = [app('dev', { env: 'dev' }), app('prod', { env: 'prod' }), app('bare')]
    expect(layout(make(rolling(env('In', 'dev'), env('NotIn', 'dev')), targets))).toEqual({ 'step 1': ['dev'], 'step 2': ['bare', 'prod'] })
    expect(layout(make(rolling({}), targets))).toEqual({ 'step 1': ['bare', 'dev', 'prod'] })
  })

  it('goes by labels of applications, not of clusters', () => {
    const target = app('a', { env: 'dev' }, { clusterLabels: { env: 'prod' } })
    expect(layout(make(rolling(env('In', 'dev')), [target]))).toEqual({ 'step 1': ['a'] })
  })

  it('leaves an application of no step out, and says so; the first of several steps counts, and that is said too', () => {
    const result = make(rolling(env('In', 'dev'), env('In', 'dev', 'qa')), [app('dev', { env: 'dev' }), app('prod', { env: 'prod' })])
    expect(layout(result)).toEqual({ 'step 1': ['dev'] })
    expect(result.unplanned).toEqual([{ applicationId: 'app-prod', applicationName: 'web-prod', reason: 'no step selects it' }])
    expect(result.notes).toEqual([
      'application web-dev is selected by steps 1, 2; the first counts',
      'step 2 selects no application, and is left out',
    ])
  })

  it.each([
    [undefined, 4, false],
    [3, 3, false],
    // Argo CD takes texts for percents only.
    ['3', 1, false],
    ['50%', 2, false],
    ['49%', 1, false],
    ['1%', 1, false],
    ['100%', 4, false],
    [0, 1, true],
    ['0%', 1, true],
    [9, 9, false],
  ])('maxUpdate %s of 4 is %i at once, by hand: %s', (maxUpdate, maxConcurrent, manual) => {
    const targets = ['a', 'b', 'c', 'd'].map((name) => app(name))
    const step = maxUpdate === undefined ? {} : { maxUpdate }
    expect(make(rolling(step), targets).value?.stages[0]).toMatchObject({
      maxConcurrent,
      manual,
      maxFailures: null,
      progressDeadlineMs: null,
    })
  })

  it('takes a percentage of the step’s own applications, also those that need no change, and not of those in no step', () => {
    const own = ['a', 'b', 'c', 'd'].map((name, i) => app(name, { env: 'dev' }, i < 2 ? { fromVersionId: 'v2' } : {}))
    const others = Array.from({ length: 20 }, (_, i) => app(`x${i}`))
    const result = make(rolling({ ...env('In', 'dev'), maxUpdate: '50%' }), [...own, ...others])
    expect(result.value?.stages[0]).toMatchObject({ maxConcurrent: 2 })
    expect(layout(result)).toEqual({ 'step 1': ['c', 'd'] })
  })

  it('says of a maxUpdate in quotes what it comes to', () => {
    expect(make(rolling({ maxUpdate: '3' }), [app('a')]).notes).toEqual([
      'step 1 goes 1 at a time, as in Argo CD, since its maxUpdate is a text; write 3 without quotes',
    ])
  })

  it('refuses other operators, invalid maxUpdate and no steps', () => {
    expect(problems(make(rolling({ ...env('Exists'), maxUpdate: 'half' }, { maxUpdate: -1 }), [app('a')]))).toEqual([
      'spec.strategy.rollingSync.steps[0].matchExpressions[0].operator: "Exists" is not an operator here; use In or NotIn',
      'spec.strategy.rollingSync.steps[0].maxUpdate: "half" is not a count; write a whole number such as 2, or a percent such as 25%',
      'spec.strategy.rollingSync.steps[1].maxUpdate: -1 is not a count; write a whole number such as 2, or a percent such as 25%',
    ])
    expect(problems(make(rolling(), [app('a')]))).toEqual(['spec.strategy.rollingSync.steps: has to have at least one step'])
  })
})

describe('Staged', () => {
  const fleet = [
    app('eu-1', { region: 'eu' }),
    app('eu-2', { region: 'eu', tier: 'canary' }),
    app('us-1', { region: 'us' }),
    app('ap-1', { region: 'ap' }),
  ]

  it('has a stage for each selector, with what was asked for and defaults for the rest', () => {
    const result = make(
      staged([
        {
          name: 'first',
          selector: region('eu'),
          maxConcurrent: 2,
          maxFailures: '50%',
          progressDeadline: '90s',
          bake: '1h30m',
          approval: { required: 2 },
        },
        { name: 'rest', selector: { matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['eu'] }] }, approval: {} },
      ]),
      fleet,
    )
    expect(layout(result)).toEqual({ first: ['eu-1', 'eu-2'], rest: ['ap-1', 'us-1'] })
    expect(result.value?.stages).toMatchObject([
      { maxConcurrent: 2, maxFailures: 1, progressDeadlineMs: 90_000, bakeMs: 5_400_000, approvalsRequired: 2, manual: false },
      { maxConcurrent: 1, maxFailures: 0, progressDeadlineMs: 600_000, bakeMs: 0, approvalsRequired: 1 },
    ])
    expect(result.value).toMatchObject({
      maxFailures: null,
      onFailure: 'Pause',
      rollbackMaxConcurrent: 10,
      unreachable: { policy: 'Defer', max: 4 },
    })
  })

  it('has one stage for each value of a label, in the order given, then the others sorted', () => {
    expect(Object.keys(layout(make(staged([{ forEach: 'region', order: ['us'] }]), fleet)))).toEqual(['us', 'ap', 'eu'])
    expect(Object.keys(layout(make(staged([{ name: 'prod', forEach: 'region', order: ['us'] }]), fleet)))).toEqual([
      'prod-us',
      'prod-ap',
      'prod-eu',
    ])
    const result = make(staged([{ forEach: 'region', order: ['mars', 'eu'] }]), fleet)
    expect(Object.keys(layout(result))).toEqual(['eu', 'ap', 'us'])
    expect(result.notes).toEqual(['stage mars is left out: no cluster has region=mars'])
  })

  it('puts canaries first, then goes by the label asked for (clusters without it last), then by name', () => {
    const targets = [
      app('d', { size: '2' }),
      app('c', { size: '1' }),
      app('b', { size: '1' }),
      app('a'),
      app('z', { size: '9', tier: 'canary' }),
    ]
    const result = make(staged([{ name: 'all', selector: {}, orderBy: 'size', canary: { matchLabels: { tier: 'canary' } } }]), targets)
    expect(layout(result)).toEqual({ all: ['z*', 'b', 'c', 'd', 'a'] })
  })

  it('drops a stage of which no cluster changes, with a note', () => {
    const done = fleet.map((each) => (each.clusterName.startsWith('us') ? { ...each, fromVersionId: 'v2' } : each))
    const result = make(staged([{ forEach: 'region' }]), done)
    expect(Object.keys(layout(result))).toEqual(['ap', 'eu'])
    expect(result.notes).toEqual(['stage us is left out: none of its clusters needs a change'])
  })

  it('knows the clusters on which nothing changes', () => {
    const clusters = [{ id: 'cluster-x', name: 'x', labels: { region: 'sa' } }]
    const strategy = staged([
      { name: 'south', selector: region('sa') },
      { name: 'rest', selector: { matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['sa'] }] } },
    ])
    const result = make(strategy, fleet, clusters)
    expect(Object.keys(layout(result))).toEqual(['rest'])
    expect(result.notes).toEqual(['stage south is left out: none of its clusters needs a change'])
  })

  it('a stage that selects none of all clusters is a problem, not a pass', () => {
    expect(problems(make(staged([{ name: 'canary', selector: region('mars') }, { forEach: 'region' }]), fleet))).toEqual([
      "spec.strategy.staged.stages[0]: stage canary selects none of the set's clusters; an empty stage is not a pass: correct or remove it",
    ])
    expect(problems(make(staged([{ forEach: 'regoin' }], { unassigned: 'LastStage' }), fleet))[0]).toMatch(
      /the stages for each regoin select none/,
    )
  })

  it('a canary that selects none is a problem too; one that needs no change is a note', () => {
    const canary = { matchLabels: { tier: 'canary' } }
    expect(problems(make(staged([{ name: 'us', selector: region('us'), canary }], { unassigned: 'LastStage' }), fleet))).toEqual([
      'spec.strategy.staged.stages[0].canary: selects none of the clusters of its stage; correct or remove it',
    ])
    const result = make(staged([{ forEach: 'region', canary }]), fleet)
    expect(layout(result)).toEqual({ ap: ['ap-1'], eu: ['eu-2*', 'eu-1'], us: ['us-1'] })
    expect(result.notes).toEqual([
      'stage ap has no canary among the clusters that change',
      'stage us has no canary among the clusters that change',
    ])
  })

  it('refuses clusters of no stage by name, or puts them into the last one', () => {
    const stages: StageSpec[] = [
      { name: 'eu', selector: region('eu') },
      { name: 'us', selector: region('us') },
    ]
    expect(problems(make(staged(stages), fleet))).toEqual([
      'spec.strategy.staged.stages: no stage selects cluster ap-1; add a stage or a label, or set unassigned: LastStage',
    ])
    const result = make(staged(stages, { unassigned: 'LastStage' }), fleet)
    expect(layout(result)).toEqual({ eu: ['eu-1', 'eu-2'], us: ['ap-1', 'us-1'] })
    expect(result.notes).toEqual(['no stage selects cluster ap-1, which is in the last one, us'])
  })

  it('a cluster without the label of forEach, or with an empty one, is of no stage', () => {
    expect(problems(make(staged([{ forEach: 'region' }]), [...fleet, app('x'), app('y', { region: '' })]))[0]).toMatch(
      /no stage selects clusters x, y;/,
    )
  })

  it('refuses clusters of several stages by name, or takes the first', () => {
    const stages: StageSpec[] = [{ name: 'canary', selector: { matchLabels: { tier: 'canary' } } }, { forEach: 'region' }]
    expect(problems(make(staged(stages), fleet))).toEqual([
      'spec.strategy.staged.stages: several stages select cluster eu-2; make their selectors exclusive, or set doublyMatched: FirstMatch',
    ])
    expect(layout(make(staged(stages, { doublyMatched: 'FirstMatch' }), fleet))).toEqual({
      canary: ['eu-2'],
      ap: ['ap-1'],
      eu: ['eu-1'],
      us: ['us-1'],
    })
  })

  it('keeps several applications of a cluster in its stage', () => {
    const second = { ...app('eu-1', { region: 'eu' }), applicationId: 'app-2', applicationName: 'api-eu-1' }
    const result = make(staged([{ forEach: 'region' }]), [...fleet, second])
    expect(result.value?.stages.find(({ name }) => name === 'eu')?.targets.map(({ applicationName }) => applicationName)).toEqual([
      'api-eu-1',
      'web-eu-1',
      'web-eu-2',
    ])
  })

  it.each([
    ['25%', 10, 2],
    ['1%', 10, 1],
    ['100%', 1, 1],
    ['99%', 1, 1],
    ['100%', 10, 10],
    [3, 1, 3],
  ])('maxConcurrent %s of %i is %i', (maxConcurrent, count, expected) => {
    const targets = Array.from({ length: count }, (_, i) => app(`c${i}`))
    expect(make(staged([{ name: 'all', selector: {}, maxConcurrent }]), targets).value?.stages[0]?.maxConcurrent).toBe(expected)
  })

  it.each([
    ['25%', 10, 2],
    ['9%', 10, 0],
    ['0%', 10, 0],
    ['100%', 3, 3],
    [2, 10, 2],
  ])('maxFailures %s of %i is %i, of the stage and of the rollout', (maxFailures, count, expected) => {
    const targets = Array.from({ length: count }, (_, i) => app(`c${i}`))
    const { value } = make(staged([{ name: 'all', selector: {}, maxFailures }], { maxFailures }), targets)
    expect([value?.stages[0]?.maxFailures, value?.maxFailures]).toEqual([expected, expected])
  })

  it('says everything that is wrong at once, with its path', () => {
    const stages: StageSpec[] = [
      {
        selector: { matchExpressions: [{ key: 'region', operator: 'Near' }] },
        order: ['a'],
        maxConcurrent: 0,
        bake: '1 hour',
        progressDeadline: '0s',
      },
      {
        name: 'x',
        orderBy: 'no good',
        forEach: '',
        maxFailures: '-1',
        approval: { required: 1.5 },
        order: ['a', 'a'],
        canary: { matchLabels: { a: 'b c' } },
      },
      { name: 'y', bake: '-1s' },
    ]
    const at = 'spec.strategy.staged'
    expect(
      problems(make(staged(stages, { maxFailures: 'few', rollback: { maxConcurrent: '0%' }, unreachable: { max: 'x' } }), fleet)).map(
        (text) => text.split(': ')[0],
      ),
    ).toEqual([
      `${at}.stages[0].name`,
      `${at}.stages[0].order`,
      `${at}.stages[0].selector.matchExpressions[0].operator`,
      `${at}.stages[0].progressDeadline`,
      `${at}.stages[0].maxConcurrent`,
      `${at}.stages[0].bake`,
      `${at}.stages[1].forEach`,
      `${at}.stages[1].order[1]`,
      `${at}.stages[1].orderBy`,
      `${at}.stages[1].canary.matchLabels["a"]`,
      `${at}.stages[1].approval.required`,
      `${at}.stages[1].maxFailures`,
      `${at}.stages[2]`,
      `${at}.stages[2].bake`,
      `${at}.rollback.maxConcurrent`,
      `${at}.maxFailures`,
      `${at}.unreachable.max`,
    ])
  })

  it('two stages of one name are a problem: approvals go by name', () => {
    const stages: StageSpec[] = [
      { name: 'eu', selector: { matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['eu'] }] } },
      { forEach: 'region', selector: region('eu') },
    ]
    expect(problems(make(staged(stages), fleet))[0]).toMatch(/is named eu, as .*stages\[0\] is; approvals go by name/)
  })

  it('of a set without clusters is an empty plan', () => {
    expect(make(staged([{ name: 'eu', selector: region('eu') }]), []).value?.stages).toEqual([])
  })

  it('puts every target that changes into exactly one stage, canaries first, for any fleet', () => {
    const label = fc.record({ region: fc.constantFrom('eu', 'us', 'ap'), tier: fc.constantFrom('canary', 'plain') })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(label, fc.boolean()), { minLength: 1, maxLength: 30 }),
        fc.subarray(['us', 'eu', 'ap']),
        (clusters, order) => {
          const targets = clusters.map(([labels, changes], i) => app(`c${i}`, labels, changes ? {} : { fromVersionId: 'v2' }))
          const canary = { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }
          const { value } = make(staged([{ forEach: 'region', order, canary }]), targets)
          const planned = value?.stages.flatMap((stage) => stage.targets) ?? []
          expect(planned.map(({ applicationId }) => applicationId).sort()).toEqual(
            targets
              .filter(({ fromVersionId }) => fromVersionId === 'v1')
              .map(({ applicationId }) => applicationId)
              .sort(),
          )
          for (const stage of value?.stages ?? []) {
            const firstOther = stage.targets.findIndex((target) => !target.canary)
            expect(stage.targets.slice(firstOther < 0 ? stage.targets.length : firstOther).some((target) => target.canary)).toBe(false)
            expect(stage.targets.length).toBeGreaterThan(0)
          }
        },
      ),
    )
  })

  it('plans ten thousand clusters in seconds', { timeout: 20_000 }, () => {
    const targets = Array.from({ length: 10_000 }, (_, i) => app(`c${i}`, { region: `r${i % 20}` }))
    expect(make(staged([{ forEach: 'region', maxConcurrent: '10%' }]), targets).value?.stages.length).toBe(20)
  })
})
