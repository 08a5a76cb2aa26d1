import { describe, expect, it } from 'vitest'
import { conformanceVerdict } from '../../conformance-floor.ts'
import { vitestTally } from '../../vitest-tally.ts'

const file = (status: string, ...tests: string[]) => ({ name: 'a', status, assertionResults: tests.map((test) => ({ status: test })) })

describe('counting what vitest reports', () => {
  it('counts passes and failures', () => {
    expect(vitestTally({ testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')] }, 1)).toEqual({
      passed: 3,
      failed: 1,
    })
  })

  it('counts a skipped test as a failure', () => {
    expect(vitestTally({ testResults: [file('passed', 'passed', 'pending', 'todo')] }, 0)).toEqual({ passed: 1, failed: 2 })
  })

  it('counts a file that failed before its first test', () => {
    expect(vitestTally({ testResults: [file('failed'), file('passed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1 })
  })

  it('counts an exit code that nothing in the report explains, and a missing report', () => {
    expect(vitestTally({ testResults: [file('passed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1 })
    expect(vitestTally(null, 0)).toEqual({ passed: 0, failed: 1 })
  })
})

describe('the conformance floor', () => {
  it('holds what was reached', () => {
    expect(conformanceVerdict('x 1/2\n10 passed, 5 failed, 0 skipped', 10).ok).toBe(true)
    expect(conformanceVerdict('x 1/2\n9 passed, 5 failed, 0 skipped', 10)).toEqual({
      ok: false,
      message: '9 conformance cases pass, 10 did before',
    })
  })

  it('asks to be raised', () => {
    expect(conformanceVerdict('12 passed, 0 failed, 0 skipped', 10).message).toContain(
      'raise the floor in test/conformance/floor.json to 12',
    )
  })

  it('fails when the runner gives no totals', () => {
    expect(conformanceVerdict('crashed', 0).ok).toBe(false)
  })
})
