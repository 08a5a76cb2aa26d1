/** One measured number. Where there is a peer it is a ratio; otherwise it says something about the machine too. */
export interface Figure {
  readonly name: string
  readonly value: number
  /** `x` for a ratio. */
  readonly unit: string
  /** What else a reader needs: the peer's number, the spread, the size. */
  readonly note?: string
}

export interface BenchmarkContext {
  /** Small sizes, to see that a benchmark runs: what comes out is no figure. */
  readonly quick: boolean
  /** An empty directory for this benchmark's servers; gone at the end. */
  readonly dir: string
  /** For what takes time, on stderr. */
  readonly progress: (line: string) => void
}

/** Figures appear as they are ready. A benchmark asserts no time; it throws when what it measures did not do its work. */
export interface Benchmark {
  readonly name: string
  readonly summary: string
  readonly run: (context: BenchmarkContext, figure: (figure: Figure) => void) => Promise<void>
}
