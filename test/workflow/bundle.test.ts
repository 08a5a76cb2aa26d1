import { describe, expect, it } from 'vitest'
import { bundleBytesMax, bundleWorkflows } from '../../server/workflow-bundle.ts'

describe('the workflow bundle', () => {
  it('stays within its size and holds no parser, no schema library and nothing of Node', async () => {
    const { code } = await bundleWorkflows(() => undefined)
    expect(code.length).toBeLessThan(bundleBytesMax)
    for (const intruder of ['node_modules/zod', 'node_modules/yaml', 'node_modules/re2js', 'node_modules/kysely'])
      expect(code).not.toContain(intruder)
    // Temporal's bundler leaves modules of Node out and throws where they are used.
    expect(code).not.toMatch(/require\("node:/)
  })
})
