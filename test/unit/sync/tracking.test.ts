import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applicationLabelValue, ownerOf, parseTrackingId, trackingId } from '../../../fleet/tracking.ts'

function object(tracking: string, rest: { apiVersion?: string; kind?: string; namespace?: string; name?: string } = {}) {
  const { apiVersion = 'apps/v1', kind = 'Deployment', namespace = 'web', name = 'api' } = rest
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === '' ? {} : { namespace }), annotations: { 'argocd.argoproj.io/tracking-id': tracking } },
  }
}

describe('owner of an object', () => {
  it('is the application whose tracking id names this very object', () => {
    expect(ownerOf(object('shop:apps/Deployment:web/api'))).toBe('shop')
    expect(ownerOf(object('shop:apps/Deployment:web/other'))).toBeNull()
    expect(ownerOf(object('shop:apps/Deployment:elsewhere/api'))).toBeNull()
    expect(ownerOf(object('shop:apps/ReplicaSet:web/api'))).toBeNull()
    expect(ownerOf(object('shop:/Deployment:web/api'))).toBeNull()
  })

  it('is found for cluster-scoped objects whatever namespace Argo CD wrote', () => {
    expect(ownerOf(object('shop:/Namespace:shop/web', { apiVersion: 'v1', kind: 'Namespace', namespace: '', name: 'web' }))).toBe('shop')
  })

  it('is nobody when there is no id or it is of another form', () => {
    expect(ownerOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } })).toBeNull()
    for (const text of [
      '',
      'shop',
      'shop:apps/Deployment',
      ':apps/Deployment:web/api',
      'shop:apps:web/api',
      'shop:apps/Deployment:api',
      'shop:a/b/c:web/api',
    ])
      expect(parseTrackingId(text)).toBeNull()
  })

  it('reads back what was written', () => {
    const word = fc.stringMatching(/^[a-z0-9.-]{0,20}$/)
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9.-]{1,40}$/), word, word, word, word, (applicationName, group, kind, namespace, name) => {
        expect(parseTrackingId(trackingId({ applicationName, group, kind, namespace, name }))).toEqual({
          applicationName,
          group,
          kind,
          namespace,
          name,
        })
      }),
    )
  })
})

describe('application label', () => {
  it('is the name where Kubernetes takes it', () => {
    expect(applicationLabelValue('eu-west-1.shop')).toBe('eu-west-1.shop')
    expect(applicationLabelValue('a'.repeat(63))).toBe('a'.repeat(63))
  })

  it('is a valid label value for every name, and another one for another name', () => {
    const long = `${'a'.repeat(70)}`
    expect(applicationLabelValue(`${long}x`)).not.toBe(applicationLabelValue(`${long}y`))
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 253 }), (name) => {
        expect(applicationLabelValue(name)).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/)
      }),
    )
  })
})
