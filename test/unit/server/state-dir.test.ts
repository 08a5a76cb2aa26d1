import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStateDir } from '../../../server/state-dir.ts'

let root = ''
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'roadstead-state-')), 'state')
})
afterEach(() => rmSync(dirname(root), { recursive: true }))

const lock = () => join(root, 'serve.pid')

describe('the state directory', () => {
  it('is made with all of its rooms, closed to others', () => {
    const dir = openStateDir(root)
    for (const path of [dir.path, dir.repositories, dir.renderings, dir.scratch]) expect(statSync(path).mode & 0o777).toBe(0o700)
    for (const path of Object.values(dir).filter((value) => typeof value === 'string')) expect(path.startsWith(root)).toBe(true)
  })

  it('belongs to one process at a time: the second is told which one has it', () => {
    openStateDir(root)
    expect(() => openStateDir(root)).toThrow(`in use by process ${process.pid}`)
  })

  it('is free again once it was released', () => {
    openStateDir(root).release()
    expect(existsSync(lock())).toBe(false)
    openStateDir(root)
  })

  it('is taken over from a process that was killed, also when its number is given to another by now', () => {
    openStateDir(root).release()
    for (const left of ['999999999 12345\n', `${process.pid} 1\n`, 'nonsense\n', '']) {
      writeFileSync(lock(), left)
      const dir = openStateDir(root)
      expect(readFileSync(lock(), 'utf8')).toMatch(new RegExp(`^${process.pid} `))
      dir.release()
    }
  })
})
