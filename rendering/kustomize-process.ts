import { spawn } from 'node:child_process'
import { FleetError } from '../fleet/errors.ts'
import type { RenderLimits } from './limits.ts'

const errorBytesMax = 16 * 1024
const errorTextMax = 2000

export interface KustomizeRun {
  readonly binary: string
  readonly arguments: readonly string[]
  readonly cwd: string
  /** Left out of messages. */
  readonly scratch: string
  readonly limits: RenderLimits
  readonly signal: AbortSignal
}

/**
 * Runs kustomize without a shell and gives what it prints. It has no PATH, so no git and no helm to call, and a proxy that isn't
 * there, so that little of the network is left (Go takes no proxy to loopback) should the checks of the closure have missed
 * something. Throws RENDER_FAILED with kustomize's words, LIMIT_EXCEEDED, INTERNAL when there is no kustomize.
 */
export function runKustomize(run: KustomizeRun): Promise<string> {
  const { limits, signal } = run
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = spawn(run.binary, run.arguments, {
      cwd: run.cwd,
      env: { PATH: '', HOME: run.scratch, XDG_CONFIG_HOME: run.scratch, HTTP_PROXY: deadProxy, HTTPS_PROXY: deadProxy, NO_PROXY: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let failure: unknown = null
    const stop = (why: unknown): void => {
      failure ??= why
      child.kill('SIGKILL')
    }
    const abort = (): void => stop(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    const seconds = limits.kustomizeTimeoutMs / 1000
    const timer = setTimeout(
      () => stop(new FleetError('LIMIT_EXCEEDED', `kustomize took longer than ${seconds} s`)),
      limits.kustomizeTimeoutMs,
    )
    const output: Buffer[] = []
    const errors: Buffer[] = []
    let [outputBytes, errorBytes] = [0, 0]
    child.stdout.on('data', (chunk: Buffer) => {
      outputBytes += chunk.length
      if (outputBytes > limits.outputBytesMax)
        stop(new FleetError('LIMIT_EXCEEDED', `kustomize printed more than ${limits.outputBytesMax} bytes`))
      else output.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (errorBytes < errorBytesMax) errors.push(chunk)
      errorBytes += chunk.length
    })
    const finish = (settle: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      settle()
    }
    child.on('error', (error) =>
      finish(() => reject(new FleetError('INTERNAL', `kustomize can't be started: ${error.message}`, {}, { cause: error }))),
    )
    child.on('close', (code) =>
      finish(() => {
        if (failure !== null) reject(failure)
        else if (code === 0) resolve(Buffer.concat(output).toString('utf8'))
        else reject(new FleetError('RENDER_FAILED', `kustomize: ${words(Buffer.concat(errors).toString('utf8'), run.scratch)}`))
      }),
    )
  })
}

/** Port 9 is the discard service, which nobody runs. */
const deadProxy = 'http://127.0.0.1:9'

/** kustomize's own words without our paths. */
function words(text: string, scratch: string): string {
  const own = text.replaceAll(`${scratch}/`, '').replaceAll(scratch, '.')
  // Warnings about deprecated fields would bury the error.
  const plain = own
    .replace(/^# Warning: .*\n?/gm, '')
    .replace(/^Error: /m, '')
    .trim()
  return plain === '' ? 'failed without a word' : plain.slice(0, errorTextMax)
}
