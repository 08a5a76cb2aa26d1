import { z } from 'zod'
import { hubName } from '../fleet/cluster.ts'
import { parseDuration } from '../fleet/duration.ts'
import { FleetError } from '../fleet/errors.ts'
import { dnsLabelProblem } from '../fleet/set/names.ts'

/** Roles that one process can have. `serve` has both unless told otherwise. */
export const roles = ['api', 'worker'] as const

const durationMs = z.string().transform((text, context) => {
  const parsed = parseDuration(text, '')
  if (parsed.value !== null && parsed.value > 0) return parsed.value
  context.addIssue({ code: 'custom', message: `not a duration such as 90s or 3m: ${JSON.stringify(text)}` })
  return z.NEVER
})

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

const listOfTexts = z.string().transform((text) =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== ''),
)

const rolesSchema = z.string().transform((text, context) => {
  const names = text.split(',').map((name) => name.trim())
  const known = roles.filter((role) => names.includes(role))
  if (known.length === names.length && known.length > 0) return known
  context.addIssue({ code: 'custom', message: `give one or more of ${roles.join(', ')}, separated by commas` })
  return z.NEVER
})

const environmentSchema = z
  .object({
    ROADSTEAD_STATE_DIR: z.string().min(1).default('./.roadstead'),
    ROADSTEAD_HOST: z.string().min(1).default('127.0.0.1'),
    ROADSTEAD_PORT: z.coerce.number().int().min(0).max(65535).default(7420),
    ROADSTEAD_ROLES: rolesSchema.default([...roles]),
    ROADSTEAD_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    ROADSTEAD_DEVELOPMENT: flag.default(false),
    ROADSTEAD_ALLOW_LOOPBACK_CLUSTERS: flag.optional(),
    /** `id:base64,id:base64`: 32 bytes each; the first seals, all open. */
    ROADSTEAD_ENCRYPTION_KEYS: z.string().optional(),
    /** Secrets and ConfigMaps that generators name (`tokenRef`, plugins), mounted as a directory each with a file for each key. */
    ROADSTEAD_SECRETS_DIR: z.string().optional(),
    ROADSTEAD_CONFIGMAPS_DIR: z.string().optional(),
    /** True: patterns of git files are doublestar globs, where `*` stays within a directory; as Argo CD's flag of this name. */
    ROADSTEAD_ENABLE_NEW_GIT_FILE_GLOBBING: flag.default(false),
    /** The registered cluster, and the namespace in it, whose custom resources clusterDecisionResource generators read. */
    ROADSTEAD_HUB_CLUSTER: z.string().min(1).default(hubName),
    ROADSTEAD_HUB_NAMESPACE: z
      .string()
      .refine((text) => dnsLabelProblem(text) === null, 'the name of a namespace')
      .default('argocd'),
    /** False: pullRequest and scmProvider generators are refused. */
    ROADSTEAD_ENABLE_SCM_PROVIDERS: flag.default(true),
    /** The `api` addresses that these generators may name, separated by commas. Without it: every https one. */
    ROADSTEAD_ALLOWED_SCM_PROVIDERS: listOfTexts.default([]),
    /** Who the worker is at AWS CodeCommit, and where its services are if not at their public addresses: named as the AWS SDKs name them. */
    AWS_ACCESS_KEY_ID: z.string().optional(),
    AWS_SECRET_ACCESS_KEY: z.string().optional(),
    AWS_SESSION_TOKEN: z.string().optional(),
    AWS_WEB_IDENTITY_TOKEN_FILE: z.string().optional(),
    AWS_ROLE_ARN: z.string().optional(),
    AWS_ROLE_SESSION_NAME: z.string().optional(),
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: z.string().optional(),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: z.string().optional(),
    AWS_CONTAINER_AUTHORIZATION_TOKEN: z.string().optional(),
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: z.string().optional(),
    AWS_REGION: z.string().optional(),
    AWS_ENDPOINT_URL_CODECOMMIT: z.string().optional(),
    AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API: z.string().optional(),
    AWS_ENDPOINT_URL_STS: z.string().optional(),
    ROADSTEAD_WEBHOOK_SECRET: z.string().min(8, 'at least 8 characters').optional(),
    ROADSTEAD_REPOSITORY_POLL: durationMs.optional(),
    /** After how long git and clusterDecisionResource generators look again that don't say it themselves. */
    ROADSTEAD_REQUEUE_AFTER: durationMs.optional(),
    ROADSTEAD_PROBE_INTERVAL: durationMs.optional(),
    ROADSTEAD_RECHECK_INTERVAL: durationMs.optional(),
    ROADSTEAD_OBSERVE_INTERVAL: durationMs.optional(),
    ROADSTEAD_SWEEP_INTERVAL: durationMs.default(30_000),
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, message: 'a postgres:// URL' }).optional(),
    TEMPORAL_ADDRESS: z
      .string()
      .regex(/^[^\s/]+:\d+$/, 'host:port')
      .optional(),
    TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
    TEMPORAL_API_KEY: z.string().optional(),
    TEMPORAL_TLS: flag.optional(),
    TEMPORAL_TLS_CA: z.string().optional(),
    TEMPORAL_TLS_CERT: z.string().optional(),
    TEMPORAL_TLS_KEY: z.string().optional(),
  })
  .superRefine((env, context) => {
    if ((env.TEMPORAL_TLS_CERT === undefined) !== (env.TEMPORAL_TLS_KEY === undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['TEMPORAL_TLS_CERT'],
        message: 'TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY (file names) go together',
      })
    }
    if (env.TEMPORAL_ADDRESS === undefined && env.TEMPORAL_API_KEY !== undefined) {
      context.addIssue({ code: 'custom', path: ['TEMPORAL_API_KEY'], message: 'has no use without TEMPORAL_ADDRESS' })
    }
    const separate = env.ROADSTEAD_ROLES.length < roles.length
    if (separate && (env.DATABASE_URL === undefined || env.TEMPORAL_ADDRESS === undefined || env.ROADSTEAD_ENCRYPTION_KEYS === undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['ROADSTEAD_ROLES'],
        message: 'processes that share the work need DATABASE_URL, TEMPORAL_ADDRESS and ROADSTEAD_ENCRYPTION_KEYS in common',
      })
    }
  })

export type Config = z.infer<typeof environmentSchema>

/** The names of all variables, for `--help`. */
export const configNames: readonly string[] = Object.keys(environmentSchema.shape)

/** Reads the one configuration. INVALID_INPUT lists everything that is wrong with it, not only the first. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  // An empty variable is how shells and charts say "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = environmentSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  const lines = problems.map((problem) => `  ${problem.path}: ${problem.message}`)
  throw new FleetError('INVALID_INPUT', `The configuration is not valid:\n${lines.join('\n')}`, { problems })
}
