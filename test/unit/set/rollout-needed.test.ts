import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RolloutPhase } from '../../../fleet/rollout/state.ts'
import { type RolloutNeedInput, rolloutTargets } from '../../../fleet/set/rollout-needed.ts'
import { manifest } from './examples.ts'

type Candidate = RolloutNeedInput['applications'][number]

function application(
  name: string,
  wantedVersionId: string | null,
  pinnedVersionId: string | null,
  more: Partial<Candidate> = {},
): Candidate {
  return {
    id: `id-${name}`,
    name,
    clusterId: 'c',
    wantedVersionId,
    pinnedVersionId,
    deletion: null,
    manifest: manifest(name, { syncPolicy: { automated: {} } }),
    ...more,
  }
}

const versions = new Map(['v1', 'v2', 'v3', 'w2'].map((id) => [id, { revision: `commit-${id.slice(1)}` }]))

function lastRollout(
  phase: RolloutPhase,
  moved: readonly (readonly [string, string | null, string])[],
  more = {},
): RolloutNeedInput['lastRollout'] {
  const targets = moved.map(([name, fromVersionId, toVersionId]) => ({
    applicationId: `id-${name}`,
    applicationName: name,
    clusterId: 'c',
    clusterName: 'c',
    fromVersionId,
    toVersionId,
    canary: false,
  }))
  return { id: 'r1', number: 7, setGeneration: 3, revisions: ['commit-2'], state: { phase }, plan: { stages: [{ targets }] }, ...more }
}

function need(applications: readonly Candidate[], more: Partial<RolloutNeedInput> = {}) {
  const { targets, blocked } = rolloutTargets({
    applications,
    versions,
    lastRollout: null,
    unblockedRolloutId: null,
    setGeneration: 3,
    strategyType: 'Staged',
    ...more,
  })
  return {
    targets: targets.map((one) => `${one.applicationName}>${one.toVersionId}`),
    blocked: blocked.map((one) => `${one.applicationName}>${one.toVersionId}`),
  }
}

describe('a rollout is needed', () => {
  it.each<[string, Candidate, boolean]>([
    ['for a new version', application('a', 'v2', 'v1'), true],
    ['for a first version', application('a', 'v1', null), true],
    ['not for the version that it is pinned to', application('a', 'v1', 'v1'), false],
    ['not while nothing is wanted', application('a', null, null), false],
    ['not for a version that is not known', application('a', 'unknown', 'v1'), false],
    ['not without a cluster', application('a', 'v2', 'v1', { clusterId: null }), false],
    ['not for one that is being deleted', application('a', 'v2', 'v1', { deletion: 'orphan' }), false],
  ])('%s', (_, candidate, needed) => {
    expect(need([candidate]).targets).toEqual(needed ? [`a>${candidate.wantedVersionId}`] : [])
  })

  it.each([
    ['AllAtOnce', undefined, false],
    ['AllAtOnce', {}, false],
    ['AllAtOnce', { automated: {} }, true],
    ['AllAtOnce', { automated: { enabled: true } }, true],
    ['AllAtOnce', { automated: { enabled: false, prune: true } }, false],
    ['RollingSync', {}, true],
    ['RollingSync', { automated: { enabled: false } }, true],
    ['Staged', {}, true],
  ] as const)('%s with sync policy %j: %j', (strategyType, syncPolicy, needed) => {
    const candidate = application('a', 'v2', 'v1', { manifest: manifest('a', syncPolicy === undefined ? {} : { syncPolicy }) })
    expect(need([candidate], { strategyType }).targets).toHaveLength(needed ? 1 : 0)
  })
})

describe('after a rollout that ended badly', () => {
  const rolledBack = lastRollout('RolledBack', [['a', 'v1', 'v2']])

  it.each(['RolledBack', 'Aborted', 'Failed'] as const)('%s: what it was to bring is not started again by itself', (phase) => {
    expect(need([application('a', 'v2', 'v1')], { lastRollout: lastRollout(phase, [['a', 'v1', 'v2']]) })).toEqual({
      targets: [],
      blocked: ['a>v2'],
    })
  })

  it.each(['Succeeded', 'Progressing'] as const)('%s blocks nothing', (phase) => {
    expect(need([application('a', 'v2', 'v1')], { lastRollout: lastRollout(phase, [['a', 'v1', 'v2']]) }).targets).toEqual(['a>v2'])
  })

  it('a newer version goes', () => {
    expect(need([application('a', 'v3', 'v1')], { lastRollout: rolledBack }).targets).toEqual(['a>v3'])
  })

  it('going back to the version before it is nothing to do', () => {
    expect(need([application('a', 'v1', 'v1')], { lastRollout: rolledBack })).toEqual({ targets: [], blocked: [] })
  })

  it('a cluster that has joined since does not get its revision, while the set is the same', () => {
    const joined = application('b', 'w2', null)
    expect(need([joined], { lastRollout: rolledBack })).toEqual({ targets: [], blocked: ['b>w2'] })
    expect(need([joined], { lastRollout: rolledBack, setGeneration: 4 }).targets).toEqual(['b>w2'])
    expect(need([application('b', 'v3', null)], { lastRollout: rolledBack }).targets).toEqual(['b>v3'])
  })

  it('an application that stood still in it is treated like one that was not in it', () => {
    const still = lastRollout('Failed', [
      ['a', 'v1', 'v2'],
      ['b', 'v1', 'v1'],
    ])
    expect(need([application('b', 'w2', 'v1')], { lastRollout: still }).blocked).toEqual(['b>w2'])
    expect(need([application('b', 'v3', 'v1')], { lastRollout: still }).targets).toEqual(['b>v3'])
  })

  it('a changed set blocks the very same version still, but no other', () => {
    expect(need([application('a', 'v2', 'v1')], { lastRollout: rolledBack, setGeneration: 9 }).blocked).toEqual(['a>v2'])
    expect(need([application('a', 'w2', 'v1')], { lastRollout: rolledBack, setGeneration: 9 }).targets).toEqual(['a>w2'])
  })

  it('somebody may ask for it again', () => {
    expect(need([application('a', 'v2', 'v1')], { lastRollout: rolledBack, unblockedRolloutId: 'r1' }).targets).toEqual(['a>v2'])
    expect(need([application('a', 'v2', 'v1')], { lastRollout: rolledBack, unblockedRolloutId: 'r0' }).blocked).toEqual(['a>v2'])
  })

  it('whatever it held, no application is in both lists, and a target always moves', () => {
    const version = fc.constantFrom('v1', 'v2', 'v3', 'w2')
    const candidate = fc
      .tuple(fc.constantFrom('a', 'b', 'c'), fc.option(version), fc.option(version))
      .map(([name, wanted, pinned]) => application(name, wanted, pinned))
    const moved = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(version), version))
    const phase = fc.constantFrom<RolloutPhase>('Succeeded', 'RolledBack', 'Aborted', 'Failed')
    fc.assert(
      fc.property(fc.uniqueArray(candidate, { selector: (one) => one.name }), moved, phase, (applications, held, ended) => {
        const { targets, blocked } = need(applications, { lastRollout: lastRollout(ended, held) })
        const moving = applications.filter((one) => one.wantedVersionId !== null && one.wantedVersionId !== one.pinnedVersionId)
        expect([...targets, ...blocked].toSorted()).toEqual(moving.map((one) => `${one.name}>${one.wantedVersionId}`).toSorted())
        if (ended === 'Succeeded') expect(blocked).toEqual([])
      }),
    )
  })
})
