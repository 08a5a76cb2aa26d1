import { FleetError, type Problem } from '../fleet/errors.ts'
import type { Manifest } from '../manifests/manifest.ts'
import { unsupportedProblems } from '../manifests/unsupported.ts'

/** UNSUPPORTED with everything that the documents of one text ask for and Roadstead can't do yet. */
export function requireSupported(manifests: readonly Manifest[]): void {
  const problems = manifests.flatMap((manifest, index) =>
    unsupportedProblems(manifest).map((problem) => inDocument(problem, index, manifests)),
  )
  if (problems.length === 0) return
  const lines = problems.map((problem) => `  ${problem.path}: ${problem.message}`)
  throw new FleetError('UNSUPPORTED', `The manifest asks for what Roadstead can't do yet:\n${lines.join('\n')}`, { problems })
}

/** A problem of one document, with which one that is where there are several. */
export function inDocument(problem: Problem, index: number, manifests: readonly Manifest[]): Problem {
  return manifests.length === 1 ? problem : { ...problem, path: `documents[${index}].${problem.path}` }
}
