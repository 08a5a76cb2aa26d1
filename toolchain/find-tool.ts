import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { withLock } from './lock.ts'
import { CannotObtain, KUBE_COMMANDS } from './obtain.ts'
import { type Tool, type ToolName, tools } from './tools.ts'

const HEARTBEAT_MS = 15_000

export interface FindOptions {
  /** Takes one line for people: what is being obtained, why, and for how long. */
  readonly log: (line: string) => void
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * The path of a tool: from its environment variable, from PATH, from our cache, or obtained now and kept there. For `kube` the path
 * is the directory that holds kube-apiserver and its companions. Throws with what to install or which variable to set.
 */
export async function findTool(name: ToolName, { log, env = process.env }: FindOptions): Promise<string> {
  const tool = tools[name]
  return (await fromVariable(tool, env, log)) ?? (await fromPath(tool, env, log)) ?? (await fromCache(name, tool, env, log))
}

async function fromVariable(tool: Tool, env: NonNullable<FindOptions['env']>, log: FindOptions['log']): Promise<string | null> {
  const path = env[tool.variable]
  if (path === undefined || path === '') return null
  try {
    await tool.check(path)
    return path
  } catch (error) {
    const reason = `${tool.variable}=${path} is not usable for ${tool.title}: ${messageOf(error)}`
    // KUBEBUILDER_ASSETS is often set for envtest, whose directory lacks what we need besides: that is no mistake of the user's.
    if (tool.file !== null) throw new Error(`${reason}\nCorrect the variable or unset it.`, { cause: error })
    log(`${reason}; looking further`)
    return null
  }
}

async function fromPath(tool: Tool, env: NonNullable<FindOptions['env']>, log: FindOptions['log']): Promise<string | null> {
  const files = tool.file === null ? KUBE_COMMANDS : [tool.file]
  for (const dir of (env['PATH'] ?? '').split(delimiter)) {
    if (dir === '' || !files.every((file) => existsSync(join(dir, file)))) continue
    const path = tool.file === null ? dir : join(dir, tool.file)
    try {
      await tool.check(path)
      return path
    } catch (error) {
      log(`passing over ${path}, not usable for ${tool.title}: ${messageOf(error)}`)
    }
  }
  return null
}

async function fromCache(name: ToolName, tool: Tool, env: NonNullable<FindOptions['env']>, log: FindOptions['log']): Promise<string> {
  const { obtaining } = tool
  if (obtaining === null) throw new Error(`${tool.title} is needed to ${tool.purpose}. Install it, or set ${tool.variable} to its path.`)
  const cached = join(cacheDirectory(env), `${name}-${tool.version}`)
  const path = tool.file === null ? cached : join(cached, tool.file)
  if (existsSync(cached)) return path

  const waiting = (pid: number | null) =>
    log(`waiting for ${pid === null ? 'another process' : `process ${pid}`}, which is ${obtaining.verb} ${tool.title}`)
  await withLock(`${cached}.lock`, waiting, async () => {
    if (existsSync(cached)) return
    log(
      `${obtaining.verb} ${tool.title}, needed to ${tool.purpose}; usually ${duration(obtaining.usualSeconds)}, once (set ${tool.variable} to use your own)`,
    )
    const started = performance.now()
    const elapsed = () => duration(Math.round((performance.now() - started) / 1000))
    const heartbeat = setInterval(
      () => log(`still ${obtaining.verb} ${tool.title}: ${elapsed()} of usually ${duration(obtaining.usualSeconds)}`),
      HEARTBEAT_MS,
    )
    mkdirSync(dirname(cached), { recursive: true })
    removeHalves(cached)
    const half = mkdtempSync(`${cached}.unfinished-`)
    try {
      await obtaining.into(half)
      await tool.check(tool.file === null ? half : join(half, tool.file))
      rmSync(join(half, 'download'), { recursive: true, force: true })
      renameSync(half, cached)
      log(`${tool.title} is ready after ${elapsed()}`)
    } catch (error) {
      rmSync(half, { recursive: true, force: true })
      throw new Error(`${tool.title} is needed to ${tool.purpose}; ${advice(tool, error)}`, { cause: error })
    } finally {
      clearInterval(heartbeat)
    }
  })
  return path
}

/** What killed runs left half done. Whoever holds the lock is the only one at work here. */
function removeHalves(cached: string): void {
  for (const name of readdirSync(dirname(cached))) {
    if (name.startsWith(`${basename(cached)}.unfinished-`)) rmSync(join(dirname(cached), name), { recursive: true, force: true })
  }
}

function advice(tool: Tool, error: unknown): string {
  const what = tool.file === null ? `a directory that holds ${KUBE_COMMANDS.join(', ')}` : 'its path'
  const yours = `or set ${tool.variable} to ${what}.`
  return error instanceof CannotObtain ? `${error.message}, ${yours}` : `obtaining it failed. Try again, ${yours}\n${messageOf(error)}`
}

function cacheDirectory(env: NonNullable<FindOptions['env']>): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'roadstead')
}

function duration(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 30) / 2} min`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
