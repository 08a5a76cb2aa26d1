import { defineConfig } from 'vitest/config'

const SECOND_MS = 1_000

/**
 * Packages are resolved as Node does. Vite would add the condition `development`, which gives a test another copy of graphql than the
 * one that Pothos and Yoga load through Node. Only conditions that Node has by itself may stand here: Vitest hands them to the workers'
 * Node as well, and `import` for example would break every `require`.
 */
const resolution = { ssr: { resolve: { conditions: ['node', 'module-sync'] } } }

/** Pure code: fast, in parallel. */
const pure = (name: string, dir = name) => ({
  ...resolution,
  test: { name, include: [`test/${dir}/**/*.test.ts`], testTimeout: 10 * SECOND_MS },
})

/** Real servers: one file at a time, or two cores are overrun and deadlines are missed for no reason. */
const real = (name: string, testTimeoutMs: number) => ({
  ...resolution,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    fileParallelism: false,
    globalSetup: 'test/support/servers.ts',
    testTimeout: testTimeoutMs,
    hookTimeout: 120 * SECOND_MS,
    teardownTimeout: 30 * SECOND_MS,
  },
})

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    allowOnly: false,
    passWithNoTests: true,
    projects: [
      pure('unit'),
      real('workflow', 60 * SECOND_MS),
      real('replay', 60 * SECOND_MS),
      real('integration', 60 * SECOND_MS),
      real('e2e', 300 * SECOND_MS),
    ],
  },
})
