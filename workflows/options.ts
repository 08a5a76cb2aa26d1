/**
 * Every activity heartbeats every 4 s (activities/failures.ts), so a worker that died is noticed within this, whatever it was doing:
 * work goes on within 30 s (invariant I9).
 */
export const heartbeatTimeout = '12s'

/** Attempts of one sync, whatever its application's `retry` says: one that dies with its worker each time ends, too. */
export const syncAttemptsMax = 100
