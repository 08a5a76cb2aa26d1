import { defineSignal } from '@temporalio/workflow'

/** "Look at your rows again." It carries nothing: rows are the truth, a signal is a hint (DESIGN, invariant 5). */
export const wakeSignal = defineSignal('wake')
