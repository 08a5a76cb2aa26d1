import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../fleet/json.ts'
import { kustomizeParameters, substitute } from '../../../rendering/kustomize-parameters.ts'
import { failure } from './memory-repositories.ts'

const variables = { ARGOCD_APP_NAME: 'shop', ARGOCD_APP_REVISION: 'abc' }

describe('substitute', () => {
  it.each([
    ['$ARGOCD_APP_NAME', 'shop'],
    [`x-$${'{ARGOCD_APP_NAME}'}-$ARGOCD_APP_REVISION`, 'x-shop-abc'],
    ['$$ARGOCD_APP_NAME', '$ARGOCD_APP_NAME'],
    ['$UNKNOWN.', '.'],
    [`$${'{__proto__}'}`, ''],
    ['plain', 'plain'],
  ])('%s', (text, expected) => {
    expect(substitute(text, variables)).toBe(expected)
  })

  it('refuses a variable that we do not have rather than leave it empty', async () => {
    expect((await failure(() => substitute('$ARGOCD_APP_PROJECT_NAME', variables))).code).toBe('UNSUPPORTED')
  })
})

describe('kustomizeParameters', () => {
  it('reads what Argo CD knows', () => {
    expect(
      kustomizeParameters(
        {
          namePrefix: 'a-',
          images: ['app=reg.example.com/app:$ARGOCD_APP_REVISION'],
          replicas: [
            { name: 'web', count: '3' },
            { name: 'api', count: 2 },
          ],
          commonLabels: { app: '$ARGOCD_APP_NAME' },
          commonAnnotations: { note: '$ARGOCD_APP_NAME' },
          patches: [{ patch: 'x', target: { kind: 'Service' } }],
          components: ['../c'],
        },
        variables,
      ),
    ).toMatchObject({
      namePrefix: 'a-',
      images: ['app=reg.example.com/app:abc'],
      replicas: [
        { name: 'web', count: 3 },
        { name: 'api', count: 2 },
      ],
      commonLabels: { app: 'shop' },
      commonAnnotations: { note: '$ARGOCD_APP_NAME' },
      components: ['../c'],
    })
  })

  it('fills variables into annotations only when asked', () => {
    expect(
      kustomizeParameters({ commonAnnotations: { note: '$ARGOCD_APP_NAME' }, commonAnnotationsEnvsubst: true }, variables)
        .commonAnnotations,
    ).toEqual({ note: 'shop' })
  })

  it.each<[JsonObject, string, string]>([
    [{ version: 'v4' }, 'UNSUPPORTED', 'source.kustomize.version'],
    [{ kubeVersion: '1.30' }, 'UNSUPPORTED', 'source.kustomize.kubeVersion'],
    [{ apiVersions: ['v1'] }, 'UNSUPPORTED', 'source.kustomize.apiVersions'],
    [{ somethingNew: true }, 'UNSUPPORTED', 'source.kustomize.somethingNew'],
    [{ patches: [{ patch: 'x', extra: 1 }] }, 'UNSUPPORTED', 'extra'],
    [{ patches: [{ path: 'https://example.com/x' }] }, 'RENDER_FAILED', 'remote'],
    [{ images: 'app:1' }, 'RENDER_FAILED', 'images'],
    [{ replicas: [{ name: 'a', count: -1 }] }, 'RENDER_FAILED', 'replicas'],
    [{ replicas: [{ name: 'a', count: 'many' }] }, 'RENDER_FAILED', 'replicas'],
    [{ commonLabels: { a: 1 } }, 'RENDER_FAILED', 'commonLabels'],
    [{ forceCommonLabels: 'yes' }, 'RENDER_FAILED', 'forceCommonLabels'],
  ])('refuses %j', async (spec, code, message) => {
    const error = await failure(() => kustomizeParameters(spec, variables))
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)])
  })
})
