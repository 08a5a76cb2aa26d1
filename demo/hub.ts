import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface DemoHub {
  readonly url: string
  readonly temporalUiUrl: string
  readonly token: string
  readonly pid: number
  /** SIGTERM, and waits until it has drained. */
  readonly stop: () => Promise<void>
}

const program = fileURLToPath(new URL('../bin/roadstead.ts', import.meta.url))

/** Starts `roadstead serve` as anybody would, as a process of its own, and reads what it prints. */
export async function startHub(options: {
  readonly stateDir: string
  readonly token: string | null
  readonly environment: Readonly<Record<string, string>>
  readonly log: (line: string) => void
}): Promise<DemoHub> {
  const logFile = join(options.stateDir, '..', 'hub.log')
  const child = spawn(process.execPath, [program, 'serve', '--state-dir', options.stateDir, '--port', '0'], {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches the whole terminal group: the hub is stopped by us, after the picture.
    detached: true,
  })
  const logStream = createWriteStream(logFile, { flags: 'a' })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const found: { url?: string; ui?: string; token?: string } = {}
  const lastLines: string[] = []
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /serves GraphQL at (\S+)\/graphql/.exec(line)?.[1]
      const ui = /pages are at (\S+)/.exec(line)?.[1]
      const token = /shown this once: (\S+)/.exec(line)?.[1]
      if (url !== undefined) found.url = url
      if (ui !== undefined) found.ui = ui
      if (token !== undefined) found.token = token
      // The token goes to the caller, not into a file.
      else logStream.write(`${line}\n`)
      if (found.url !== undefined && (found.token ?? options.token) !== null) resolve()
    })
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLines.push(line)
    if (lastLines.length > 20) lastLines.shift()
    logStream.write(`${line}\n`)
    options.log(line)
  })
  const first = await Promise.race([ready, ended])
  const token = found.token ?? options.token
  if (typeof first === 'number' || found.url === undefined || token === null || child.pid === undefined) {
    throw new Error(`roadstead serve ended at its start:\n${lastLines.join('\n')}\nIts log is ${logFile}`)
  }
  return {
    url: found.url,
    temporalUiUrl: found.ui ?? '',
    token,
    pid: child.pid,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
