import type { GeneratorSources } from '../activities/answers-sources.ts'
import type { AwsEnvironment } from '../repos/scm/aws-environment.ts'
import { createScm } from '../repos/scm/create-scm.ts'
import type { ReadSecret } from '../repos/scm/credentials.ts'
import { createSecretFiles } from '../repos/scm/secret-files.ts'
import type { Store } from '../store/store.ts'
import type { Config } from './config.ts'

type AwsVariable = Extract<keyof Config, `AWS_${string}`>

/** What generators may ask of the world: SCM hosts and plugins within the administrator's policy, with mounted secrets, and one namespace of the hub. */
export function generatorSources(
  config: Pick<
    Config,
    | 'ROADSTEAD_SECRETS_DIR'
    | 'ROADSTEAD_CONFIGMAPS_DIR'
    | 'ROADSTEAD_ENABLE_NEW_GIT_FILE_GLOBBING'
    | 'ROADSTEAD_ENABLE_SCM_PROVIDERS'
    | 'ROADSTEAD_ALLOWED_SCM_PROVIDERS'
    | 'ROADSTEAD_HUB_CLUSTER'
    | 'ROADSTEAD_HUB_NAMESPACE'
    | AwsVariable
  >,
  {
    allowLoopback,
    nowMs,
    store,
  }: { readonly allowLoopback: boolean; readonly nowMs: () => number; readonly store: Pick<Store, 'secrets'> },
): GeneratorSources {
  const allowedApis = config.ROADSTEAD_ALLOWED_SCM_PROVIDERS
  const files = createSecretFiles({
    secretsDir: config.ROADSTEAD_SECRETS_DIR ?? null,
    configMapsDir: config.ROADSTEAD_CONFIGMAPS_DIR ?? null,
  })
  const { readConfigMap } = files
  const readSecret = secretReader(store, files.readSecret)
  return {
    scm: createScm({ policy: { allowLoopback, allowedApis }, readSecret, readConfigMap, nowMs, aws: awsOf(config) }),
    readConfigMap,
    gitFileGlobbing: config.ROADSTEAD_ENABLE_NEW_GIT_FILE_GLOBBING ? 'doublestar' : 'pathspec',
    hub: { cluster: config.ROADSTEAD_HUB_CLUSTER, namespace: config.ROADSTEAD_HUB_NAMESPACE },
    scmPolicy: { enabled: config.ROADSTEAD_ENABLE_SCM_PROVIDERS, allowedApis },
  }
}

function awsOf(config: Pick<Config, AwsVariable>): AwsEnvironment {
  return {
    accessKeyId: config.AWS_ACCESS_KEY_ID,
    secretAccessKey: config.AWS_SECRET_ACCESS_KEY,
    sessionToken: config.AWS_SESSION_TOKEN,
    webIdentity: {
      tokenFile: config.AWS_WEB_IDENTITY_TOKEN_FILE,
      roleArn: config.AWS_ROLE_ARN,
      sessionName: config.AWS_ROLE_SESSION_NAME,
    },
    container: {
      relativeUri: config.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
      fullUri: config.AWS_CONTAINER_CREDENTIALS_FULL_URI,
      token: config.AWS_CONTAINER_AUTHORIZATION_TOKEN,
      tokenFile: config.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
    },
    region: config.AWS_REGION,
    endpoints: {
      codecommit: config.AWS_ENDPOINT_URL_CODECOMMIT,
      tagging: config.AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API,
      sts: config.AWS_ENDPOINT_URL_STS,
    },
  }
}

/** Secrets that were set over the API, then mounted ones: a mounted file of the same name is what it was before. */
export function secretReader(store: Pick<Store, 'secrets'>, mounted: ReadSecret): ReadSecret {
  return async (ref, project) => {
    const stored = await store.secrets.open(ref.secretName)
    if (stored === null) return mounted(ref, project)
    const mayUse = stored.project === null || stored.project === project
    return mayUse && Object.hasOwn(stored.data, ref.key) ? (stored.data[ref.key] ?? null) : null
  }
}
