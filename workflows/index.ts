/** All workflow types of a Roadstead worker. Their names are part of recorded histories: never rename one. */
export { application } from './application.ts'
export { applicationSet } from './application-set.ts'
export { cluster } from './cluster.ts'
export { repository } from './repository.ts'
export { rollout } from './rollout.ts'
export { sweep } from './sweep.ts'
