import { describe, expect, it } from 'vitest'
import { FleetError } from '../../../fleet/errors.ts'
import { configNames, readConfig } from '../../../server/config.ts'

/** The message that a user reads, or an empty text when nothing is wrong. */
function complaint(environment: Readonly<Record<string, string | undefined>>): string {
  try {
    readConfig(environment)
    return ''
  } catch (error) {
    if (error instanceof FleetError && error.code === 'INVALID_INPUT') return error.message
    throw error
  }
}

const separate = { DATABASE_URL: 'postgres://db/roadstead', TEMPORAL_ADDRESS: 'temporal:7233', ROADSTEAD_ENCRYPTION_KEYS: 'a:b' }

describe('the configuration', () => {
  it('needs nothing: everything has a default or is embedded', () => {
    expect(readConfig({})).toEqual({
      ROADSTEAD_STATE_DIR: './.roadstead',
      ROADSTEAD_HOST: '127.0.0.1',
      ROADSTEAD_PORT: 7420,
      ROADSTEAD_ROLES: ['api', 'worker'],
      ROADSTEAD_LOG_LEVEL: 'info',
      ROADSTEAD_DEVELOPMENT: false,
      ROADSTEAD_ENABLE_NEW_GIT_FILE_GLOBBING: false,
      ROADSTEAD_ENABLE_SCM_PROVIDERS: true,
      ROADSTEAD_ALLOWED_SCM_PROVIDERS: [],
      ROADSTEAD_HUB_CLUSTER: 'in-cluster',
      ROADSTEAD_HUB_NAMESPACE: 'argocd',
      ROADSTEAD_SWEEP_INTERVAL: 30_000,
      TEMPORAL_NAMESPACE: 'default',
    })
  })

  it('takes an empty variable for one that is not set, as shells and charts write it', () => {
    expect(readConfig({ ROADSTEAD_PORT: '', DATABASE_URL: '' })).toEqual(readConfig({}))
  })

  it('names everything that is wrong at once, each by its variable', () => {
    const message = complaint({
      ROADSTEAD_PORT: '70000',
      ROADSTEAD_LOG_LEVEL: 'loud',
      ROADSTEAD_ROLES: 'api,captain',
      ROADSTEAD_DEVELOPMENT: 'yes',
      ROADSTEAD_HUB_NAMESPACE: '../kube-system',
      ROADSTEAD_REPOSITORY_POLL: 'soon',
      ROADSTEAD_SWEEP_INTERVAL: '0s',
      ROADSTEAD_WEBHOOK_SECRET: 'short',
      DATABASE_URL: 'mysql://db',
      TEMPORAL_ADDRESS: 'https://temporal:7233',
    })
    const named = [...message.matchAll(/^ {2}(\w+): ./gm)].map(([, name = '']) => name)
    expect(new Set(named)).toEqual(
      new Set([
        'DATABASE_URL',
        'ROADSTEAD_DEVELOPMENT',
        'ROADSTEAD_HUB_NAMESPACE',
        'ROADSTEAD_LOG_LEVEL',
        'ROADSTEAD_PORT',
        'ROADSTEAD_REPOSITORY_POLL',
        'ROADSTEAD_ROLES',
        'ROADSTEAD_SWEEP_INTERVAL',
        'ROADSTEAD_WEBHOOK_SECRET',
        'TEMPORAL_ADDRESS',
      ]),
    )
  })

  it('names what does not go together, too, beside what is wrong by itself', () => {
    const message = complaint({ TEMPORAL_TLS_CERT: 'client.crt', TEMPORAL_API_KEY: 'k', ROADSTEAD_ROLES: 'api' })
    for (const name of ['TEMPORAL_TLS_CERT', 'TEMPORAL_API_KEY', 'ROADSTEAD_ROLES']) expect(message).toContain(`  ${name}: `)
  })

  it('repeats no secret in what it says', () => {
    const message = complaint({ DATABASE_URL: 'mysql://u:canary@db', ROADSTEAD_WEBHOOK_SECRET: 'canary', TEMPORAL_API_KEY: 'canary' })
    expect(message).toContain('DATABASE_URL')
    expect(message).not.toContain('canary')
  })

  it.each([
    ['one role that shares nothing', { ROADSTEAD_ROLES: 'worker' }],
    ['one role without the keys in common', { ...separate, ROADSTEAD_ROLES: 'worker', ROADSTEAD_ENCRYPTION_KEYS: undefined }],
    ['half a client certificate', { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_TLS_KEY: 'client.key' }],
    ['no role', { ROADSTEAD_ROLES: ',' }],
  ])('refuses %s', (_, environment) => {
    expect(complaint(environment)).not.toBe('')
  })

  it.each([
    ['one role with all that it shares', { ...separate, ROADSTEAD_ROLES: 'worker' }],
    ['both roles, in any order', { ROADSTEAD_ROLES: ' worker, api' }],
    ['a client certificate', { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_TLS_CERT: 'client.crt', TEMPORAL_TLS_KEY: 'client.key' }],
  ])('takes %s', (_, environment) => {
    expect(complaint(environment)).toBe('')
  })

  it('lists its variables for --help', () => {
    expect(configNames).toContain('ROADSTEAD_STATE_DIR')
    expect(configNames).toContain('TEMPORAL_TLS_KEY')
  })
})
