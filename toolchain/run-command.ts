import { spawn } from 'node:child_process'

const OUTPUT_BYTES_MAX = 1_000_000
/** The end of a failed command's output that goes into the error. */
const OUTPUT_TAIL = 3_000

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  readonly uid?: number
  readonly gid?: number
}

/** A command that could be run and did not succeed. */
export class CommandFailed extends Error {
  /** All that it wrote. */
  readonly output: string

  constructor(message: string, output: string) {
    super(`${message}:\n${output.slice(-OUTPUT_TAIL)}`)
    this.output = output
  }
}

/**
 * Runs a command to its end and gives what it wrote, standard output and error together. Throws when it can't be run, exits with
 * anything but 0 or takes too long; the message holds the end of what it wrote. No shell is involved.
 */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const line = [command, ...args].join(' ')
  return new Promise((resolve, reject) => {
    const { timeoutMs, env, ...rest } = options
    const child = spawn(command, [...args], {
      ...rest,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    let output = ''
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_BYTES_MAX)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', (error) => reject(new Error(`${line}: ${error.message}`, { cause: error })))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output.trim())
      else reject(new CommandFailed(`${line} ended with ${signal ?? `exit code ${code}`}`, output.trim()))
    })
  })
}
