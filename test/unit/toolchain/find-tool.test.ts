import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findTool } from '../../../toolchain/find-tool.ts'
import { withLock } from '../../../toolchain/lock.ts'

let dir: string
let lines: string[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'roadstead-tools-'))
  lines = []
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A shell script that answers like the tool. */
function pretend(path: string, answer: string): string {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, `#!/bin/sh\necho '${answer}'\n`)
  chmodSync(path, 0o755)
  return path
}
const find = (env: Record<string, string>) =>
  findTool('kustomize', { log: (line) => lines.push(line), env: { HOME: join(dir, 'home'), ...env } })

describe('finding a tool', () => {
  it('takes the one that the environment variable names first', async () => {
    const named = pretend(join(dir, 'mine'), 'v5.0.0')
    pretend(join(dir, 'bin/kustomize'), 'v5.8.1')
    expect(await find({ ROADSTEAD_KUSTOMIZE: named, PATH: join(dir, 'bin') })).toBe(named)
  })

  it('refuses a variable that names something else, and says what it answered', async () => {
    const wrong = pretend(join(dir, 'mine'), 'helm 4')
    await expect(find({ ROADSTEAD_KUSTOMIZE: wrong, PATH: '' })).rejects.toThrow(/ROADSTEAD_KUSTOMIZE=.*helm 4.*unset/s)
  })

  it('passes over one on PATH that does not run, and says so', async () => {
    writeFileSync(join(dir, 'kustomize'), 'not a program')
    chmodSync(join(dir, 'kustomize'), 0o755)
    const good = pretend(join(dir, 'bin/kustomize'), 'v5.8.1')
    expect(await find({ PATH: `${dir}:${join(dir, 'bin')}` })).toBe(good)
    expect(lines).toEqual([expect.stringContaining(`passing over ${join(dir, 'kustomize')}`)])
  })

  it('takes it from the cache in XDG_CACHE_HOME, or below HOME', async () => {
    const home = pretend(join(dir, 'home/.cache/roadstead/kustomize-5.8.1/kustomize'), 'v5.8.1')
    expect(await find({ PATH: '' })).toBe(home)
    const xdg = pretend(join(dir, 'xdg/roadstead/kustomize-5.8.1/kustomize'), 'v5.8.1')
    expect(await find({ PATH: '', XDG_CACHE_HOME: join(dir, 'xdg') })).toBe(xdg)
  })

  it('looks further when KUBEBUILDER_ASSETS is a plain envtest directory', async () => {
    pretend(join(dir, 'envtest/kube-apiserver'), 'Kubernetes v1.36.3')
    mkdirSync(join(dir, 'home/.cache/roadstead/kube-1.36.3'), { recursive: true })
    const env = { KUBEBUILDER_ASSETS: join(dir, 'envtest'), HOME: join(dir, 'home'), PATH: '' }
    expect(await findTool('kube', { log: (line) => lines.push(line), env })).toBe(join(dir, 'home/.cache/roadstead/kube-1.36.3'))
    expect(lines).toEqual([expect.stringMatching(/holds no etcd, no kube-controller-manager, no kwok; looking further/)])
  })

  it('says what to do where a tool can only be installed', async () => {
    await expect(findTool('git', { log: () => undefined, env: { PATH: '' } })).rejects.toThrow(/Install it, or set ROADSTEAD_GIT/)
  })
})

describe('the lock', () => {
  it('lets one in at a time, and tells the other who has it', async () => {
    const order: string[] = []
    let release: () => void = () => undefined
    const first = withLock(
      join(dir, 'lock'),
      () => undefined,
      () =>
        new Promise<void>((resolve) => {
          order.push('first in')
          release = resolve
        }).then(() => void order.push('first out')),
    )
    const second = withLock(
      join(dir, 'lock'),
      (pid) => {
        order.push(`waiting for ${pid === process.pid}`)
        release()
      },
      async () => void order.push('second in'),
    )
    await Promise.all([first, second])
    expect(order).toEqual(['first in', 'waiting for true', 'first out', 'second in'])
  })

  it('takes over from a process that is no more', async () => {
    mkdirSync(join(dir, 'lock'))
    writeFileSync(join(dir, 'lock/owner.json'), JSON.stringify({ pid: process.pid, start: 'before the last boot' }))
    const waits: unknown[] = []
    expect(
      await withLock(
        join(dir, 'lock'),
        (pid) => waits.push(pid),
        async () => 'in',
      ),
    ).toBe('in')
    expect(waits).toEqual([])
  })

  it('is given back when the work fails', async () => {
    const failing = withLock(
      join(dir, 'lock'),
      () => undefined,
      () => Promise.reject(new Error('no')),
    )
    await expect(failing).rejects.toThrow('no')
    expect(
      await withLock(
        join(dir, 'lock'),
        () => undefined,
        async () => 'in',
      ),
    ).toBe('in')
  })
})
