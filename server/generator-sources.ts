import type { GeneratorSources } from '../activities/answers-sources.ts'
import { createScm } from '../repos/scm/create-scm.ts'
import { createSecretFiles } from '../repos/scm/secret-files.ts'
import type { Config } from './config.ts'

/** What generators may ask of the world: SCM hosts and plugins within the administrator's policy, with mounted secrets. */
export function generatorSources(
  config: Pick<
    Config,
    'ROADSTEAD_SECRETS_DIR' | 'ROADSTEAD_CONFIGMAPS_DIR' | 'ROADSTEAD_ENABLE_SCM_PROVIDERS' | 'ROADSTEAD_ALLOWED_SCM_PROVIDERS'
  >,
  { allowLoopback, nowMs }: { readonly allowLoopback: boolean; readonly nowMs: () => number },
): GeneratorSources {
  const allowedApis = config.ROADSTEAD_ALLOWED_SCM_PROVIDERS
  const { readSecret, readConfigMap } = createSecretFiles({
    secretsDir: config.ROADSTEAD_SECRETS_DIR ?? null,
    configMapsDir: config.ROADSTEAD_CONFIGMAPS_DIR ?? null,
  })
  return {
    scm: createScm({ policy: { allowLoopback, allowedApis }, readSecret, readConfigMap, nowMs }),
    readConfigMap,
    scmPolicy: { enabled: config.ROADSTEAD_ENABLE_SCM_PROVIDERS, allowedApis },
  }
}
