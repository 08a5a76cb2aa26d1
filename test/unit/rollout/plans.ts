import fc from 'fast-check'
import type { PlannedStage, PlannedTarget, RolloutPlan } from '../../../fleet/rollout/plan.ts'
import type { OnFailure } from '../../../fleet/rollout/strategy.ts'

/** Plans for tests. What a test doesn't say is as harmless as can be. */

export function target(name: string, change: Partial<PlannedTarget> = {}): PlannedTarget {
  return {
    applicationId: `app-${name}`,
    applicationName: `web-${name}`,
    clusterId: `cluster-${name}`,
    clusterName: name,
    fromVersionId: 'v1',
    toVersionId: 'v2',
    canary: false,
    ...change,
  }
}

export function stage(name: string, clusters: readonly (string | PlannedTarget)[], change: Partial<PlannedStage> = {}): PlannedStage {
  return {
    name,
    targets: clusters.map((cluster) => (typeof cluster === 'string' ? target(cluster) : cluster)),
    maxConcurrent: 1,
    maxFailures: 0,
    progressDeadlineMs: 60_000,
    bakeMs: 0,
    approvalsRequired: 0,
    manual: false,
    ...change,
  }
}

export function plan(stages: readonly PlannedStage[], change: Partial<RolloutPlan> = {}): RolloutPlan {
  return {
    digest: 'digest-1',
    strategy: 'Staged',
    stages,
    maxFailures: null,
    onFailure: 'Pause',
    rollbackMaxConcurrent: 2,
    unreachable: { policy: 'Defer', max: 100 },
    ...change,
  }
}

const stageShape = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  canaries: fc.integer({ min: 0, max: 2 }),
  newFrom: fc.integer({ min: 1, max: 12 }),
  maxConcurrent: fc.integer({ min: 1, max: 3 }),
  maxFailures: fc.integer({ min: 0, max: 2 }),
  bakeMs: fc.constantFrom(0, 0, 5_000, 30_000),
  approvalsRequired: fc.constantFrom(0, 0, 1, 2),
  manual: fc.constantFrom(false, false, true),
})

export const anyPlan: fc.Arbitrary<RolloutPlan> = fc
  .record({
    strategy: fc.constantFrom<RolloutPlan['strategy']>('Staged', 'Staged', 'Staged', 'RollingSync', 'AllAtOnce'),
    stages: fc.array(stageShape, { minLength: 1, maxLength: 4 }),
    maxFailures: fc.constantFrom(null, null, 0, 1, 2),
    onFailure: fc.constantFrom<OnFailure>('Pause', 'RollBackCluster', 'RollBackStage', 'RollBackRollout'),
    rollbackMaxConcurrent: fc.integer({ min: 1, max: 3 }),
    policy: fc.constantFrom<'Defer' | 'Fail'>('Defer', 'Defer', 'Fail'),
    deferredMax: fc.integer({ min: 0, max: 4 }),
  })
  .map((shape) => {
    const staged = shape.strategy === 'Staged'
    const shapes = shape.strategy === 'AllAtOnce' ? shape.stages.slice(0, 1) : shape.stages
    const stages = shapes.map((s, index) =>
      stage(
        `stage-${index}`,
        Array.from({ length: s.size }, (_, i) =>
          target(`${index}-${i}`, { canary: staged && i < s.canaries, fromVersionId: i + 1 === s.newFrom ? null : 'v1' }),
        ),
        staged
          ? { maxConcurrent: s.maxConcurrent, maxFailures: s.maxFailures, bakeMs: s.bakeMs, approvalsRequired: s.approvalsRequired }
          : {
              maxConcurrent: s.maxConcurrent,
              maxFailures: null,
              progressDeadlineMs: shape.strategy === 'RollingSync' ? null : 60_000,
              manual: shape.strategy === 'RollingSync' && s.manual,
            },
      ),
    )
    return plan(stages, {
      strategy: shape.strategy,
      maxFailures: staged ? shape.maxFailures : null,
      onFailure: staged ? shape.onFailure : 'Pause',
      rollbackMaxConcurrent: shape.rollbackMaxConcurrent,
      unreachable: { policy: shape.policy, max: shape.deferredMax },
    })
  })
