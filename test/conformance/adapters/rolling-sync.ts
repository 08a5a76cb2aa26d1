import type { SetStrategy } from '../../../fleet/application-set.ts'
import type { Json, JsonObject } from '../../../fleet/json.ts'
import { applicationStatuses } from '../../../fleet/rollout/application-statuses.ts'
import { advance } from '../../../fleet/rollout/next.ts'
import { planRollout } from '../../../fleet/rollout/plan-rollout.ts'
import { record } from '../../../fleet/rollout/record.ts'
import { isDeletionReversed } from '../../../fleet/rollout/removal-order.ts'
import { rollingSyncOf, type SteppedApplication, selectSteps, stepsIssue } from '../../../fleet/rollout/rolling-sync-steps.ts'
import { finalPhases } from '../../../fleet/rollout/state.ts'
import { wantedWork } from '../../../fleet/rollout/work.ts'
import { setConditions } from '../../../fleet/set/conditions.ts'
import { type Adapter, type Adapters, list } from '../adapter.ts'
import { eventsOf, objectOf, objects, type RolloutOfCase, rolloutOf, type Subject, stepped, subjectOf } from './rolling-sync-world.ts'

/** Messages are for people, and each says them in its own words; times are left out of the cases. */
const clean: NonNullable<Adapter['clean']> = (member, name) => {
  if (name === 'applicationStatus')
    return objects(member).map(({ message: _m, lastTransitionTime: _t, ...one }) => ({
      ...one,
      targetRevisions: one.targetRevisions ?? [],
    }))
  if (name !== 'conditions') return member
  return objects(member).map(({ message, ...one }) => (one.type === 'RolloutProgressing' ? one : { ...one, message: message ?? '' }))
}

/** Argo CD's progressive syncs, by the rollouts that the workflows run. */
export const rollingSyncAdapters: Adapters = {
  rolling_sync_strategy: {
    run: (given) => {
      const strategy = strategyOf(given)
      return { value: { isRollingSync: rollingSyncOf(strategy) !== null, isDeletionOrderReversed: isDeletionReversed(strategy) } }
    },
  },
  rolling_sync_steps: {
    run: (given) => {
      const selection = selectSteps(rollingSyncOf(strategyOf(given)) ?? { steps: [] }, objects(given.applications).map(stepped))
      const { selected, stepOf, severalTimes, emptySteps, invalidOperators } = selection
      const byName = (steps: Iterable<readonly [{ readonly applicationName: string }, Json]>) =>
        Object.fromEntries([...steps].map(([{ applicationName }, step]) => [applicationName, step]))
      return {
        value: {
          steps: selected.map((own) => own.map(({ applicationName }) => applicationName)),
          stepIndexByApplication: byName(stepOf),
          validationIssues: {
            ...(severalTimes.size > 0 ? { duplicateSelections: byName(severalTimes) } : {}),
            ...(emptySteps.length > 0 ? { emptySteps } : {}),
            ...(invalidOperators.length > 0 ? { invalidMatchExpressions: invalidOperators } : {}),
          },
          conditionMessage: stepsIssue(selection),
        },
      }
    },
  },
  rolling_sync_max_update: {
    run: (given) => {
      const strategy = numberedSteps(given)
      const { applicationStatus, stepIndexByApplication } = given
      const allowed = objectOf(given.appsToSync)
      const subjects = objects(applicationStatus).map((status) =>
        subjectOf(numbered(String(status.application), stepIndexByApplication), existing(status), null, status),
      )
      // What may not sync yet and isn't under way is of a rollout to come.
      const current = subjects.filter(({ applicationName, state }) => allowed[applicationName] === true || state !== null)
      return { value: { applicationStatus: statusesOf(strategy, subjects, moved(strategy, current)) } }
    },
    clean,
  },
  rolling_sync_apps_to_sync: {
    run: (given) => {
      const steps = list(given.steps).map(list)
      const strategy = numberedSteps({ strategy: { type: 'RollingSync', rollingSync: { steps: steps.map(() => ({})) } } })
      const stepOf = Object.fromEntries(steps.flatMap((names, index) => names.map((name) => [String(name), index])))
      const live = new Set(objects(given.currentApplications).map((one) => stepped(one).applicationName))
      const subjects = Object.keys(stepOf).map((name) => {
        const status = objects(given.applicationStatus).find(({ application }) => application === name) ?? null
        return subjectOf(numbered(name, stepOf), live.has(name) ? existing(status) : null, null, status)
      })
      return { value: { appsToSync: appsToSync(strategy, subjects, moved(strategy, subjects)) } }
    },
  },
  rolling_sync_status: {
    run: (given) => {
      const strategy = numberedSteps(given)
      const subjects = subjectsOf(given, objects(given.applications), ({ applicationName }) =>
        numbered(applicationName, given.stepIndexByApplication),
      )
      // A plan doesn't change: it has what is under way in the step that it began in.
      const begun = subjects.map((one) => (one.state === null ? one : { ...one, target: { ...one.target, ...begunIn(given, one) } }))
      const rollout = rolloutOf(strategy, begun)
      const state =
        rollout && eventsOf(rollout, subjects, nowOf(given)).reduce((before, event) => record(rollout.plan, before, event), rollout.state)
      return { value: { applicationStatus: statusesOf(strategy, subjects, rollout && state && { ...rollout, state }) } }
    },
    clean,
  },
  rolling_sync_reconcile: {
    run: (given) => {
      const strategy = strategyOf(given)
      const subjects = subjectsOf(given, objects(given.desiredApplications), (one) => one)
      const rollout = moved(strategy, subjects, nowOf(given))
      const starts = rollout === null ? [] : wantedWork(rollout.plan, rollout.state).filter(({ applied }) => !applied)
      return {
        value: {
          appsToSync: appsToSync(strategy, subjects, rollout),
          applicationStatus: statusesOf(strategy, subjects, rollout),
          syncTriggered: starts.map(({ applicationId }) => applicationId),
          conditions: conditionsOf(given, subjects, rollout),
        },
      }
    },
    unordered: ['applicationStatus', 'syncTriggered', 'conditions'],
    clean,
  },
}

/** With what has happened since, and a step on from there; null where the strategy gives no plan. */
function moved(strategy: SetStrategy, subjects: readonly Subject[], atMs = 0): RolloutOfCase | null {
  const rollout = rolloutOf(strategy, subjects)
  return rollout && { ...rollout, state: advance(rollout.plan, rollout.state, eventsOf(rollout, subjects, atMs), atMs).state }
}

function statusesOf(strategy: SetStrategy, subjects: readonly Subject[], rollout: RolloutOfCase | null): readonly Json[] {
  const rollingSync = rollingSyncOf(strategy)
  if (rollingSync === null) return []
  return applicationStatuses(rollingSync, subjects, rollout).map(({ lastTransitionAtMs: _at, ...status }) => status)
}

/** Applications of the steps that have begun. */
function appsToSync(strategy: SetStrategy, subjects: readonly Subject[], rollout: RolloutOfCase | null): JsonObject {
  if (rollout === null) return {}
  const { stepOf } = selectSteps(rollingSyncOf(strategy) ?? { steps: [] }, subjects)
  const waiting = rollout.plan.stages.findIndex((_, index) => rollout.state.stages[index]?.phase === 'Waiting')
  const first = rollout.plan.stages[waiting]?.targets[0]?.applicationId
  const end = [...stepOf].find(([{ applicationId }]) => applicationId === first)?.[1] ?? Number.POSITIVE_INFINITY
  return Object.fromEntries([...stepOf].flatMap(([{ applicationName }, step]) => (step < end ? [[applicationName, true]] : [])))
}

function conditionsOf(given: JsonObject, subjects: readonly Subject[], rollout: RolloutOfCase | null): readonly Json[] {
  const strategy = strategyOf(given)
  const rollingSync = rollingSyncOf(strategy)
  const { problems } = planRollout({ strategy, targets: subjects.map(({ target }) => target), allClusters: [], digest: () => '' })
  const outcome = rollout === null ? 'invalid' : finalPhases.includes(rollout.state.phase) ? 'none' : 'active'
  const conditions = setConditions({
    // What a set with statuses has said before.
    before: list(given.applicationStatus).map(() => ({
      type: 'RolloutProgressing',
      status: 'True',
      reason: '',
      message: '',
      lastTransitionAtMs: 0,
    })),
    nowMs: 0,
    expansion: { complete: true, problems: [] },
    invalid: [],
    held: null,
    rollout: { outcome, problems, ...(rollout === null ? {} : { rollout: { number: 1, state: rollout.state } }) },
    unresolved: [],
    strategy: rollingSync === null ? 'AllAtOnce' : 'RollingSync',
    stepsIssue: rollingSync === null ? null : stepsIssue(selectSteps(rollingSync, subjects)),
  })
  return conditions
    .filter(({ type }) => type === 'InvalidRolloutConfig' || type === 'RolloutProgressing')
    .map(({ type, status, reason, message }) => ({ type, status, reason, message }))
}

function subjectsOf(
  given: JsonObject,
  applications: readonly JsonObject[],
  label: (application: SteppedApplication) => SteppedApplication,
): readonly Subject[] {
  const named = (all: readonly JsonObject[], name: string) => all.find((one) => stepped(one).applicationName === name) ?? null
  const live = [...objects(given.applications), ...objects(given.currentApplications)]
  return applications.map((one) => {
    const application = stepped(one)
    const { applicationName: name } = application
    const status = objects(given.applicationStatus).find((entry) => entry.application === name) ?? null
    return subjectOf(label(application), named(live, name), named(objects(given.desiredApplications), name), status)
  })
}

/** Cases that give steps by number: each step selects what is labelled with its number. */
function numberedSteps(given: JsonObject): SetStrategy {
  const strategy = strategyOf(given)
  const steps = rollingSyncOf(strategy)?.steps
  if (steps === undefined) return strategy
  const numberedOnes = steps.map((step, index) => ({
    ...step,
    matchExpressions: [{ key: 'step', operator: 'In', values: [String(index)] }],
  }))
  return { type: 'RollingSync', rollingSync: { steps: numberedOnes } }
}

function numbered(applicationName: string, steps: Json | undefined): SteppedApplication {
  const step = objectOf(steps)[applicationName]
  return { applicationName, applicationLabels: step === undefined ? {} : { step: String(step) } }
}

function begunIn(given: JsonObject, { applicationName }: Subject): SteppedApplication {
  const status = objects(given.applicationStatus).find(({ application }) => application === applicationName)
  return numbered(applicationName, { [applicationName]: Number(status?.step) - 1 })
}

/** An application of which a case shows its status only. */
function existing(status: JsonObject | null): JsonObject {
  return { status: { sync: { status: 'OutOfSync', revisions: status?.targetRevisions ?? [] } } }
}

function strategyOf(given: JsonObject): SetStrategy {
  return objectOf(given.strategy)
}

function nowOf(given: JsonObject): number {
  return Date.parse(String(given.now))
}
