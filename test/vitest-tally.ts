export interface Tally {
  readonly passed: number
  readonly failed: number
}

/** The part of vitest's JSON report that we count from. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

/**
 * Counts tests. Anything that isn't a pass is a failure: a skipped test, a file that failed outside of its tests, a run that ended
 * with an exit code for no reason in the report, and a run without a report (null).
 */
export function vitestTally(report: VitestReport | null, exitCode: number | null): Tally {
  if (report === null) return { passed: 0, failed: 1 }
  let passed = 0
  let failed = 0
  for (const file of report.testResults) {
    const passedHere = file.assertionResults.filter((test) => test.status === 'passed').length
    const failedHere = file.assertionResults.length - passedHere
    passed += passedHere
    failed += failedHere
    if (failedHere === 0 && file.status !== 'passed') failed += 1
  }
  return { passed, failed: exitCode !== 0 && failed === 0 ? 1 : failed }
}
