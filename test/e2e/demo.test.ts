import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

describe('npm run demo -- --once', () => {
  it('goes from nothing to a bad commit that was rolled back, says what it verified, and leaves with 0', async () => {
    const root = join(import.meta.dirname, '../..')
    const child = spawn(process.execPath, [join(root, 'demo/main.ts'), '--once'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const code = await new Promise((resolve) => child.once('exit', resolve))
    expect(code, output).toBe(0)
    for (const claim of [
      '4 clusters registered',
      'canary -> eu-west -> us-east -> ap-south',
      'reached every cluster',
      'stopped at the canary eu-west-1, which was rolled back',
    ]) {
      expect(output).toContain(claim)
    }
  })
})
