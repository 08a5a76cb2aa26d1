/** Bounds on what one SCM host may cost and send. Every one can be replaced at the composition root. */
export interface ScmLimits {
  /** Items asked for in one page; each host has a maximum of its own besides. */
  readonly pageSize: number
  /** Pages of one listing. Beyond it the listing is incomplete, never cut short. */
  readonly pagesMax: number
  /** How often a listing of several pages is read until two readings in a row agree. */
  readonly passesMax: number
  /** Changed files of one pull request. */
  readonly changedFilesMax: number
  /** One answer, in bytes. */
  readonly bodyBytesMax: number
  readonly requestTimeoutMs: number
  /** Tries after the first one, for answers that a second try may better. */
  readonly retriesMax: number
  readonly retryFirstMs: number
  /** A host that asks for a longer pause is left alone until then: the answer is incomplete and says when to come back. */
  readonly pauseMaxMs: number
  /** Requests at the same time with one credential. */
  readonly concurrentMax: number
  readonly redirectsMax: number
  /** Answers that are kept for conditional requests, in bytes for all hosts together. */
  readonly keptBytesMax: number
  /** Credentials whose rate budget is remembered. */
  readonly budgetsMax: number
}

const mib = 1024 * 1024

export const defaultScmLimits: ScmLimits = {
  pageSize: 100,
  pagesMax: 200,
  passesMax: 4,
  changedFilesMax: 3_000,
  bodyBytesMax: 16 * mib,
  requestTimeoutMs: 30_000,
  retriesMax: 2,
  retryFirstMs: 250,
  pauseMaxMs: 10_000,
  concurrentMax: 4,
  redirectsMax: 3,
  keptBytesMax: 64 * mib,
  budgetsMax: 1_000,
}
