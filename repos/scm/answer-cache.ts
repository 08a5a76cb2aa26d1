import type { IncomingHttpHeaders } from 'node:http'

export interface KeptAnswer {
  readonly etag: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Answers by credential and address, for conditional requests: what a host says is unchanged isn't sent again. The least recently used go. */
export class AnswerCache {
  readonly #answers = new Map<string, KeptAnswer>()
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get(key: string): KeptAnswer | undefined {
    const answer = this.#answers.get(key)
    if (answer === undefined) return undefined
    this.#answers.delete(key)
    this.#answers.set(key, answer)
    return answer
  }

  set(key: string, answer: KeptAnswer): void {
    this.delete(key)
    if (answer.body.byteLength > this.#bytesMax) return
    this.#answers.set(key, answer)
    this.#bytes += answer.body.byteLength
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.#bytesMax) break
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#answers.get(key)?.body.byteLength ?? 0
    this.#answers.delete(key)
  }
}
