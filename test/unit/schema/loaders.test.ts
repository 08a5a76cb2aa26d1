import { describe, expect, it } from 'vitest'
import type { Project } from '../../../fleet/application-set.ts'
import { createLoaders } from '../../../schema/loaders.ts'
import type { Store } from '../../../store/store.ts'

describe('loaders', () => {
  it('keep what they read until they are reset', async () => {
    let generation = 0
    const project = (): Project => ({ id: 'p', name: 'team', spec: {}, generation })
    const loaders = createLoaders({ projects: { all: async () => [project()] } } as unknown as Store)
    expect((await loaders.project('team'))?.generation).toBe(0)
    generation = 1
    expect((await loaders.project('team'))?.generation).toBe(0)
    loaders.reset()
    expect((await loaders.project('team'))?.generation).toBe(1)
  })
})
