import { describe, expect, it } from 'vitest'
import type { RolloutPlan } from '../../../fleet/rollout/plan.ts'
import type { RolloutPhase, RolloutState, RolloutWait } from '../../../fleet/rollout/state.ts'
import { encodeGlobalId } from '../../../schema/global-id.ts'
import type { Rollout } from '../../../store/store.ts'
import { applied, emptyPlan, newRollout, newSet, newVersion, registered, rolloutState, unique } from '../store/store-fixture.ts'
import { type Payload, useApi } from './api-fixture.ts'

const api = useApi()

function stage(
  name: string,
  targets: RolloutPlan['stages'][number]['targets'] = [],
  overrides: object = {},
): RolloutPlan['stages'][number] {
  return {
    name,
    targets,
    maxConcurrent: 2,
    maxFailures: 0,
    progressDeadlineMs: 600_000,
    bakeMs: 0,
    approvalsRequired: 0,
    manual: false,
    ...overrides,
  }
}

function stageState(phase: RolloutState['stages'][number]['phase']): RolloutState['stages'][number] {
  return { phase, approvals: [], startedAtMs: null, finishedAtMs: null, bakedMs: 0, bakingSinceMs: null }
}

async function rollout(
  phase: RolloutPhase,
  overrides: Partial<{ plan: RolloutPlan; state: Partial<RolloutState>; waits: readonly RolloutWait[] }> = {},
): Promise<{ row: Rollout; id: string }> {
  const set = await newSet(api.db.store)
  const base = newRollout(set.id)
  const state: RolloutState = {
    ...rolloutState(phase),
    ...(phase === 'Paused' ? { pause: { by: 'ann', reason: '', sinceMs: 1, cause: 'Command' } } : {}),
    ...overrides.state,
  }
  const row = await api.db.store.rollouts.create({ ...base, plan: overrides.plan ?? emptyPlan, state })
  if (overrides.waits !== undefined) await api.db.store.rollouts.save(row.id, 1, state, overrides.waits)
  return { row, id: encodeGlobalId('Rollout', row.id) }
}

function command(field: string, input: object, token?: string): Promise<Payload> {
  const type = field === 'approveStage' ? 'ApproveStageInput' : 'RolloutCommandInput'
  return api.wish(
    `mutation($input: ${type}!) { ${field}(input: $input) { rollout { number } commandId userErrors { code message } } }`,
    { input },
    token,
  )
}

describe('a command to a rollout', () => {
  it.each([
    ['pauseRollout', 'pause', 'Progressing'],
    ['resumeRollout', 'resume', 'Paused'],
    ['abortRollout', 'abort', 'Progressing'],
    ['rollBackRollout', 'rollBack', 'Progressing'],
  ] as const)('%s is written down with who and why, and hinted', async (field, verb, phase) => {
    const { row, id } = await rollout(phase)
    const payload = await command(field, { id, reason: 'because' })
    expect(payload).toEqual({ rollout: { number: 1 }, commandId: expect.any(Number), userErrors: [] })
    expect(await api.db.store.rollouts.commandsAfter(row.id, 0)).toEqual([
      { id: payload.commandId, verb, actor: 'ann', reason: 'because', atMs: api.db.nowMs },
    ])
    expect(api.hinted).toEqual(['rolloutCommanded'])
  })

  it.each([
    ['pauseRollout', 'Paused', /paused already/],
    ['resumeRollout', 'Progressing', /isn't paused/],
    ['retryRollout', 'Progressing', /nothing has failed/],
    ['pauseRollout', 'Succeeded', /has succeeded/],
    ['abortRollout', 'RolledBack', /rolled back/],
    ['rollBackRollout', 'Failed', /has failed/],
    ['resumeRollout', 'RollingBack', /rolling back/],
  ] as const)('%s is refused with the reason when the rollout is %s, and not written down', async (field, phase, message) => {
    const { row, id } = await rollout(phase)
    const payload = await command(field, { id })
    expect(payload).toMatchObject({
      rollout: null,
      commandId: null,
      userErrors: [{ code: 'ILLEGAL_STATE', message: expect.stringMatching(message) }],
    })
    expect(await api.db.store.rollouts.commandsAfter(row.id, 0)).toEqual([])
    expect(api.hinted).toEqual([])
  })

  it('repeated with its key is written down once, also when it has taken effect meanwhile', async () => {
    const { row, id } = await rollout('Progressing')
    const input = { id, idempotencyKey: 'k1' }
    const first = await command('pauseRollout', input)
    expect((await command('pauseRollout', input)).commandId).toBe(first.commandId)
    await api.db.store.rollouts.save(row.id, 1, { ...row.state, phase: 'Paused' }, [])
    expect(await command('pauseRollout', input)).toMatchObject({ commandId: first.commandId, userErrors: [] })
    expect((await command('pauseRollout', { id, idempotencyKey: 'k2' })).userErrors).toMatchObject([{ code: 'ILLEGAL_STATE' }])
    expect(await api.db.store.rollouts.commandsAfter(row.id, 0)).toHaveLength(1)
  })

  it('to none is NOT_FOUND, and one that says too much is refused', async () => {
    expect(
      (await command('pauseRollout', { id: encodeGlobalId('Rollout', '11111111-1111-4111-8111-111111111111') })).userErrors,
    ).toMatchObject([{ code: 'NOT_FOUND' }])
    const { id } = await rollout('Progressing')
    expect((await command('pauseRollout', { id, reason: 'x'.repeat(1_001) })).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
    expect((await command('pauseRollout', { id, idempotencyKey: '' })).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
  })
})

describe('an approval', () => {
  const plan: RolloutPlan = {
    ...emptyPlan,
    digest: 'plan-1',
    stages: [stage('eu-west', [], { approvalsRequired: 1 }), stage('us-east', [], { approvalsRequired: 1 })],
  }
  const state = { stages: [stageState('AwaitingApproval'), stageState('Waiting')] }

  it('is bound to the stage and the plan that were seen', async () => {
    const { row, id } = await rollout('Progressing', { plan, state })
    expect((await command('approveStage', { id, stage: 'eu-west', planDigest: 'plan-0' })).userErrors).toMatchObject([
      { code: 'ILLEGAL_STATE', message: expect.stringContaining('another plan') },
    ])
    expect((await command('approveStage', { id, stage: 'us-east', planDigest: 'plan-1' })).userErrors).toMatchObject([
      { code: 'ILLEGAL_STATE', message: expect.stringContaining("doesn't ask") },
    ])
    expect((await command('approveStage', { id, stage: 'nowhere', planDigest: 'plan-1' })).userErrors).toMatchObject([
      { code: 'ILLEGAL_STATE', message: expect.stringContaining('no stage') },
    ])
    expect((await command('approveStage', { id, stage: 'eu-west', planDigest: 'plan-1' })).userErrors).toEqual([])
    expect(await api.db.store.rollouts.commandsAfter(row.id, 0)).toMatchObject([
      { verb: 'approve', stage: 'eu-west', planDigest: 'plan-1', actor: 'ann' },
    ])
  })
})

describe('a rollout', () => {
  it('shows its stages, every target with the reason for its wait, and the plan', async () => {
    const { store } = api.db
    const cluster = await registered(store)
    const applications = await Promise.all([1, 2, 3].map(() => applied(store, { name: unique('web'), clusterId: cluster.id })))
    const targets = await Promise.all(
      applications.map(async ({ id, name }, index) => {
        const application = applications[index]
        if (application === undefined) throw new Error('no application')
        return {
          applicationId: id,
          applicationName: name,
          clusterId: cluster.id,
          clusterName: cluster.name,
          fromVersionId: null,
          toVersionId: await newVersion(store, application, `${index}`.repeat(40)),
          canary: index === 0,
        }
      }),
    )
    const plan = {
      ...emptyPlan,
      digest: 'd',
      stages: [stage('eu', targets.slice(0, 2), { bakeMs: 60_000 }), stage('us', targets.slice(2))],
    }
    const untouched = { attempt: 0, startedAtMs: null, appliedAtMs: null, healthyAtMs: null, reason: '' }
    const [first, second, third] = targets
    const state = {
      stages: [{ ...stageState('Baking'), bakedMs: 10_000, bakingSinceMs: api.db.nowMs - 5_000 }, stageState('Waiting')],
      targets: {
        [first?.applicationId ?? '']: {
          ...untouched,
          phase: 'Succeeded' as const,
          attempt: 1,
          startedAtMs: 1,
          appliedAtMs: 2,
          healthyAtMs: 3,
        },
        [second?.applicationId ?? '']: { ...untouched, phase: 'Failed' as const, reason: 'image not found' },
        [third?.applicationId ?? '']: { ...untouched, phase: 'Pending' as const },
      },
    }
    const waits: RolloutWait[] = [
      { stage: 'eu', applicationId: null, reason: 'Bake', message: 'bakes until noon', untilMs: api.db.nowMs + 45_000 },
      { stage: 'us', applicationId: null, reason: 'PreviousStage', message: 'waits for eu', untilMs: null },
      {
        stage: 'us',
        applicationId: third?.applicationId ?? '',
        reason: 'PreviousStage',
        message: 'its stage has not begun',
        untilMs: null,
      },
    ]
    const { id, row } = await rollout('Progressing', { plan, state, waits })
    const { data, errors } = await api.ask(
      `query($id: ID!) { node(id: $id) { ... on Rollout {
        number phase final strategy planDigest requestedBy revisions applicationSet { name activeRollout { number } latestRollout { number } }
        waits { stage reason message until } targetCounts { phase count }
        stages { name phase reason maxConcurrent progressDeadlineSeconds bake { requiredSeconds bakedSeconds endsAt } targetCounts { phase count }
          targets(first: 1) { totalCount edges { node { applicationName clusterName canary phase reason application { name } cluster { name } toVersion { revision } fromVersion { revision } appliedAt healthyAt } } } }
        targets(phases: [Failed, Pending]) { totalCount edges { node { stage phase reason } } }
      } } }`,
      { id },
    )
    expect(errors).toEqual([])
    expect(data.node).toMatchObject({
      number: 1,
      phase: 'Progressing',
      final: false,
      planDigest: 'd',
      requestedBy: 'git',
      applicationSet: { name: row.applicationSetName, activeRollout: { number: 1 }, latestRollout: { number: 1 } },
      waits: [
        { stage: 'eu', reason: 'Bake' },
        { stage: 'us', reason: 'PreviousStage' },
      ],
      targetCounts: [
        { phase: 'Pending', count: 1 },
        { phase: 'Succeeded', count: 1 },
        { phase: 'Failed', count: 1 },
      ],
      stages: [
        {
          name: 'eu',
          phase: 'Baking',
          reason: 'bakes until noon',
          progressDeadlineSeconds: 600,
          bake: { requiredSeconds: 60, bakedSeconds: 15, endsAt: new Date(api.db.nowMs + 45_000).toISOString() },
          targets: {
            totalCount: 2,
            edges: [
              {
                node: {
                  applicationName: first?.applicationName,
                  application: { name: first?.applicationName },
                  cluster: { name: cluster.name },
                  canary: true,
                  toVersion: { revision: '0'.repeat(40) },
                  fromVersion: null,
                },
              },
            ],
          },
        },
        { name: 'us', phase: 'Waiting', reason: 'waits for eu', bake: null },
      ],
      targets: {
        totalCount: 2,
        edges: [
          { node: { stage: 'eu', phase: 'Failed', reason: 'image not found' } },
          { node: { stage: 'us', phase: 'Pending', reason: 'its stage has not begun' } },
        ],
      },
    })
  })
})

describe('startRollout', () => {
  const start = (id: string) =>
    api.wish(
      'mutation($input: StartRolloutInput!) { startRollout(input: $input) { applicationSet { name } userErrors { code message } } }',
      { input: { applicationSet: encodeGlobalId('ApplicationSet', id) } },
    )

  it('unblocks what a rollout that ended badly was to bring', async () => {
    const { row } = await rollout('RolledBack')
    const before = await api.db.store.applicationSets.pass(row.applicationSetId)
    expect((await start(row.applicationSetId)).userErrors).toEqual([])
    expect((await api.db.store.applicationSets.get(row.applicationSetId))?.unblockedRolloutId).toBe(row.id)
    expect((await api.db.store.applicationSets.pass(row.applicationSetId)).wantedPass).toBeGreaterThan(before.wantedPass)
    expect(api.hinted).toEqual(['applicationSetsChanged'])
  })

  it('is refused while one goes on, and when none has ended badly', async () => {
    const going = await rollout('Paused')
    expect((await start(going.row.applicationSetId)).userErrors).toMatchObject([
      { code: 'ILLEGAL_STATE', message: expect.stringContaining('goes on') },
    ])
    const done = await rollout('Succeeded')
    expect((await start(done.row.applicationSetId)).userErrors).toMatchObject([{ code: 'ILLEGAL_STATE' }])
    expect((await start((await newSet(api.db.store)).id)).userErrors).toMatchObject([{ code: 'ILLEGAL_STATE' }])
  })
})
