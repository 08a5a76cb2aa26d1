import type { Problem } from '../fleet/errors.ts'
import { builder } from './builder.ts'

export const ProblemRef = builder.objectRef<Problem>('Problem').implement({
  description: 'Something that is wrong with an input.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Where, such as `spec.strategy.staged.stages[0].selector`.' }),
    message: t.exposeString('message', { description: 'What, for people.' }),
  }),
})
