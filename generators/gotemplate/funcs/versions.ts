import { define, type FunctionTable, textAt } from '../functions.ts'
import { parseConstraints, satisfies } from '../semver/constraint.ts'
import { parseVersion } from '../semver/version.ts'

/** sprig's semantic versions. */
export const versionFunctions: FunctionTable = {
  semver: define('s', (args) => parseVersion(textAt(args, 0))),
  semverCompare: define('ss', (args) => {
    const constraints = parseConstraints(textAt(args, 0))
    return satisfies(constraints, parseVersion(textAt(args, 1)))
  }),
}
