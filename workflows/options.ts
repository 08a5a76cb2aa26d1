/**
 * Every activity heartbeats every 4 s (activities/failures.ts), so a worker that died is noticed within this, whatever it was doing:
 * work goes on within 30 s (invariant I9).
 */
export const heartbeatTimeout = '12s'
