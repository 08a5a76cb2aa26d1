import { parseDuration } from '../duration.ts'
import type { Problem } from '../errors.ts'
import { keyProblems, selectorProblems } from '../label-selector.ts'
import { type Count, readConcurrency, readTolerance } from './count.ts'
import { progressDeadlineDefaultMs } from './deadline.ts'
import type { StageSpec } from './strategy.ts'

/** A stage as it was written, with its texts read. */
export interface ReadStageSpec extends Omit<StageSpec, 'maxConcurrent' | 'maxFailures' | 'progressDeadline' | 'bake' | 'approval'> {
  readonly path: string
  readonly maxConcurrent: Count
  readonly maxFailures: Count
  readonly progressDeadlineMs: number
  readonly bakeMs: number
  readonly approvalsRequired: number
}

/** Approvals that a stage can ask for. More is a slip of the keyboard, and a stage that never starts. */
const approvalsMax = 20

/** Reads one entry of `stages`; adds what is wrong with it to `problems`, and gives defaults in its place. */
export function readStageSpec(spec: StageSpec, path: string, problems: Problem[]): ReadStageSpec {
  const { name, selector, forEach, order, orderBy, canary } = spec
  if (forEach === undefined) {
    if (name === undefined || name === '') problems.push({ path: `${path}.name`, message: 'is required without forEach' })
    if (selector === undefined) problems.push({ path, message: 'needs a selector or forEach; `selector: {}` selects every cluster' })
    if (order !== undefined) problems.push({ path: `${path}.order`, message: 'orders the values of forEach, which is missing' })
  } else {
    problems.push(...keyProblems(forEach, `${path}.forEach`))
  }
  order?.forEach((value, index) => {
    if (order.indexOf(value) !== index) problems.push({ path: `${path}.order[${index}]`, message: `${value} is there twice` })
  })
  if (orderBy !== undefined) problems.push(...keyProblems(orderBy, `${path}.orderBy`))
  if (selector !== undefined) problems.push(...selectorProblems(selector, `${path}.selector`))
  if (canary !== undefined) problems.push(...selectorProblems(canary, `${path}.canary`))

  const approvalsRequired = spec.approval === undefined ? 0 : (spec.approval.required ?? 1)
  if (!Number.isSafeInteger(approvalsRequired) || approvalsRequired < 0 || approvalsRequired > approvalsMax) {
    problems.push({ path: `${path}.approval.required`, message: `has to be a whole number from 0 to ${approvalsMax}` })
  }
  const progressDeadlineMs = readDuration(spec.progressDeadline, progressDeadlineDefaultMs, `${path}.progressDeadline`, problems)
  if (progressDeadlineMs === 0)
    problems.push({ path: `${path}.progressDeadline`, message: 'has to be more than 0: every cluster would fail at once' })
  return {
    ...spec,
    path,
    maxConcurrent: readConcurrency(spec.maxConcurrent, { count: 1 }, `${path}.maxConcurrent`, problems),
    maxFailures: readTolerance(spec.maxFailures, { count: 0 }, `${path}.maxFailures`, problems),
    progressDeadlineMs,
    bakeMs: readDuration(spec.bake, 0, `${path}.bake`, problems),
    approvalsRequired,
  }
}

function readDuration(text: string | undefined, byDefault: number, path: string, problems: Problem[]): number {
  if (text === undefined) return byDefault
  const { value, problems: found } = parseDuration(text, path)
  problems.push(...found)
  if (value !== null && value < 0) problems.push({ path, message: "can't be negative" })
  return value ?? byDefault
}
