import { mapBounded } from '../fleet/map-bounded.ts'
import { expandSet } from '../generators/expand-set.ts'
import type { Expansion } from '../generators/expansion.ts'
import type { GeneratorInputs, SourceAnswer, SourceRequest } from '../generators/generator.ts'
import { requestKey } from '../generators/requests.ts'
import type { Answerer } from './answers.ts'

/** Each level of a matrix may take a few: repositories, then branches, then paths, then what the next generator asks. */
const roundsMax = 32
/** Questions of one pass. */
const requestsMax = 20_000
const answeredAtOnce = 8

export type AnsweredExpansion = Exclude<Expansion, { readonly outcome: 'needs' }>

/**
 * Expands a set: as long as it asks, its questions are answered and it expands again. Ends with what it gives, or incomplete
 * when it asks without an end. `inputs`: all but the answers.
 */
export async function expandAnswered(
  set: Parameters<typeof expandSet>[0],
  inputs: Omit<GeneratorInputs, 'answer'>,
  environment: Parameters<typeof expandSet>[2],
  answer: Answerer,
): Promise<AnsweredExpansion> {
  const answers = new Map<string, SourceAnswer>()
  for (let round = 1; round <= roundsMax; round++) {
    const expansion = expandSet(set, { ...inputs, answer: (request) => answers.get(requestKey(request)) }, environment)
    if (expansion.outcome !== 'needs') return expansion
    if (answers.size + expansion.requests.length > requestsMax) return endless(`asks more than ${requestsMax} questions`)
    await answerAll(expansion.requests, answers, answer)
  }
  return endless(`still asks after ${roundsMax} rounds`)
}

async function answerAll(requests: readonly SourceRequest[], answers: Map<string, SourceAnswer>, answer: Answerer): Promise<void> {
  await mapBounded(requests, answeredAtOnce, async (request) => {
    answers.set(requestKey(request), await answer(request))
  })
}

function endless(what: string): AnsweredExpansion {
  return {
    outcome: 'incomplete',
    applications: [],
    problems: [{ path: 'spec.generators', message: `${what}: narrow the generators, or split the set` }],
  }
}
