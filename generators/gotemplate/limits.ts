import { LimitError } from './errors.ts'

/** Nodes, iterations and list elements that one execution may touch. Go has no such bound; a template of a stranger needs one. */
export const executionStepsMax = 1_000_000
/** Bytes that one execution may write, and that a single function may make. */
export const outputBytesMax = 4 * 1024 * 1024
/** Templates inside templates (Go: 100,000, which no stack of ours holds). */
export const templateDepthMax = 200
/** Blocks and parentheses inside each other, in one text. */
export const nestingMax = 200
/** JSON and YAML inside each other, when read by a function, and values when printed. */
export const valueDepthMax = 500
/** Characters of one template text. */
export const templateLengthMax = 1024 * 1024
/** Characters of one regular expression. */
export const patternLengthMax = 10_000
/**
 * What functions that are slow on purpose are charged with, in milliseconds of a common machine: not measured, so that a set that works on
 * one hub works on every hub.
 */
export const slowWorkMs = {
  bcrypt: 100,
  scrypt: 200,
  rsa: 500,
  dsa: 500,
  ecdsa: 10,
  ed25519: 10,
  newCertificateKey: 80,
  signature: 20,
} as const
/** Of such work in one execution: a handful. It counts as steps. */
export const executionSlowWorkMsMax = 2000
/** Of such work in one expansion of a set, whatever the number of its applications: nobody else is served meanwhile. */
export const expansionSlowWorkMsMax = 5000

/** What the templates of one expansion have left for functions that are slow on purpose. */
export class SlowWork {
  private leftMs = expansionSlowWorkMsMax
  private readonly results = new Map<string, Uint8Array>()

  /** `ms`: milliseconds of slowWorkMs. */
  spend(ms: number): void {
    this.leftMs -= ms
    if (this.leftMs < 0) {
      throw new LimitError(
        `the set makes more keys, certificates and password hashes than ${expansionSlowWorkMsMax / slowWorkMs.bcrypt} certificates, ` +
          `${expansionSlowWorkMsMax / slowWorkMs.bcrypt} hashes or ${expansionSlowWorkMsMax / slowWorkMs.rsa} RSA keys: make them once and outside, in a Secret`,
      )
    }
  }

  /** What `run` gives, which is always the same for `key`: only the first time costs. */
  once(key: string, run: () => Uint8Array): Uint8Array {
    const known = this.results.get(key)
    if (known !== undefined) return known
    const result = run()
    this.results.set(key, result)
    return result
  }
}

/** Counts what an execution spends. */
export class Budget {
  private stepsLeft = executionStepsMax

  /** `n` steps: nodes, iterations, elements. */
  step(n: number): void {
    this.stepsLeft -= n
    if (this.stepsLeft < 0) throw new LimitError(`the template takes more than ${executionStepsMax} steps`)
  }

  /** A function is about to do what is slow on purpose: `ms` of slowWorkMs. `shared` is the expansion's part. */
  slow(ms: number, shared: SlowWork | undefined): void {
    this.stepsLeft -= ms * (executionStepsMax / executionSlowWorkMsMax)
    if (this.stepsLeft < 0) {
      const hashes = executionSlowWorkMsMax / slowWorkMs.bcrypt
      throw new LimitError(
        `the template makes more than ${hashes} certificates or password hashes, or ${executionSlowWorkMsMax / slowWorkMs.rsa} RSA keys, beside what else it does`,
      )
    }
    shared?.spend(ms)
  }

  /** A function is about to make a string of about `bytes` bytes. */
  text(bytes: number): void {
    if (bytes > outputBytesMax) throw new LimitError(`the template makes more than ${outputBytesMax} bytes`)
    this.step(bytes >> 8)
  }
}
