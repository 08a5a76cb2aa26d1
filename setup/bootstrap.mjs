// node setup/bootstrap.mjs SCRIPT [args]: runs a TypeScript file of this project with everything it needs in place.
//
// It is the one file that has to run before anything is installed: on Node 20, without a dependency, and in plain JavaScript.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR_MIN = 20
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.roadstead-lock')
const node = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

const [script, ...args] = process.argv.slice(2)
if (script === undefined) fail('usage: node setup/bootstrap.mjs SCRIPT [arguments]')
if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN)
  fail(
    `Node ${NODE_MAJOR_MIN} or newer is needed to begin with; this is ${process.versions.node}. (The rest then runs on a Node of its own.)`,
  )

try {
  await installWhenStale()
  await runScript()
} catch (error) {
  fail(error.message)
}

/** Installs what package-lock.json pins, unless exactly that is installed. Two runs at once: the second waits for the first. */
async function installWhenStale() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const isInstalled = () => existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (isInstalled()) return
  const lock = join(root, '.roadstead-installing')
  while (!take(lock)) await new Promise((wake) => setTimeout(wake, 500))
  try {
    if (isInstalled()) return
    const why = existsSync(modules) ? 'package-lock.json has changed' : 'node_modules is missing'
    console.error(`installing packages, because ${why}; usually 20 s`)
    const started = Date.now()
    rmSync(stamp, { force: true })
    const npm = process.env['npm_execpath']
    const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
    const { status, error } = spawnSync(command, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    })
    if (error) throw new Error(`npm can't be run: ${error.message}`)
    if (status !== 0) throw new Error('npm ci failed; its messages are above')
    if (!existsSync(node)) throw new Error(`npm ci has left no ${node}; is there a Node 24 for this platform?`)
    writeFileSync(stamp, wanted)
    console.error(`installed after ${Math.round((Date.now() - started) / 1000)} s`)
  } finally {
    rmSync(lock, { force: true })
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
  } catch (error) {
    // Its owner was killed. (When the file is gone, the next try will do.)
    if (error.code === 'ESRCH') rmSync(lock, { force: true })
  }
  return false
}

/** Runs the script on the project's own Node. Its exit code is ours, and it gets every signal and the time to act on it. */
async function runScript() {
  const bin = join(modules, '.bin')
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((dir) => dir !== bin)
  const child = spawn(node, [resolve(root, script), ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: [bin, ...path].join(delimiter) },
  })
  // A terminal sends Ctrl-C to the child as well as to us. We must not die of it: the child may take its time to drain.
  // A signal sent to us alone has to be passed on; which of both it was can't be told, so the child may see it twice.
  const passOn = (signal) => {
    if (!process.stdin.isTTY || signal !== 'SIGINT') child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, passOn)
  await new Promise((done, failed) => {
    child.on('error', failed)
    child.on('close', (code, signal) => {
      process.exitCode = code ?? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0)
      done()
    })
  })
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
