import { describe, expect, it } from 'vitest'
import { type ListedApplication, setResources } from '../../../fleet/set/resources.ts'

const application = (name: string, more: Partial<ListedApplication> = {}): ListedApplication => ({
  name,
  sync: 'Synced',
  health: 'Healthy',
  ...more,
})

describe('status.resources of a set', () => {
  it('lists applications by name, with sync and health', () => {
    const listed = setResources(
      [application('web', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', sync: 'OutOfSync' }), application('api')],
      0,
    )
    expect(listed).toEqual({
      resources: [
        { name: 'api', status: 'Synced', health: { status: 'Healthy' } },
        {
          group: 'argoproj.io',
          version: 'v1alpha1',
          kind: 'Application',
          name: 'web',
          status: 'OutOfSync',
          health: { status: 'Healthy' },
        },
      ],
      resourcesCount: 2,
    })
  })

  it('is cut off after the first names, and counts all', () => {
    const names = ['c', 'a', 'B'].map((name) => application(name))
    const { resources, resourcesCount } = setResources(names, 2)
    expect([resources?.map(({ name }) => name), resourcesCount]).toEqual([['B', 'a'], 3])
  })

  it('is absent without applications', () => {
    expect(setResources([], 0)).toEqual({ resourcesCount: 0 })
  })
})
