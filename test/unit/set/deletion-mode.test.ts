import { describe, expect, it } from 'vitest'
import { deletionMode } from '../../../fleet/set/deletion-mode.ts'

const finalizer = 'resources-finalizer.argocd.argoproj.io'

describe('resources of an application that its set no longer generates', () => {
  it.each([
    [[finalizer], 'cascade'],
    [[`${finalizer}/foreground`], 'cascade'],
    [[`${finalizer}/background`], 'cascade'],
    [['mine.example/keep', finalizer], 'cascade'],
    [['mine.example/keep'], 'orphan'],
    [[`${finalizer}.example`], 'orphan'],
    [[], 'orphan'],
    [undefined, 'orphan'],
  ] as const)('with the finalizers %j: %s', (finalizers, mode) => {
    expect(deletionMode(finalizers === undefined ? {} : { finalizers }, false)).toBe(mode)
  })

  it('stay when the set preserves them, whatever the finalizers are', () => {
    expect(deletionMode({ finalizers: [finalizer] }, true)).toBe('orphan')
  })
})
