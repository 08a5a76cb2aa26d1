import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../../server/config.ts'
import { generatorSources } from '../../../server/generator-sources.ts'
import type { Store } from '../../../store/store.ts'
import { assumed, ownKeys, type RecordedAws, startRecordedAws } from '../scm/recorded-aws.ts'

let aws: RecordedAws
beforeEach(async () => {
  aws = await startRecordedAws()
})
afterEach(() => aws.stop())

const never = async () => {
  throw new Error('not asked for')
}
const store: Pick<Store, 'secrets'> = { secrets: { put: never, open: never, all: never, remove: never } }
const asked = async (environment: Readonly<Record<string, string>>) => {
  const sources = generatorSources(readConfig(environment), { allowLoopback: true, nowMs: () => Date.now(), store })
  try {
    const settings = { tagFilters: [{ key: 'a' }] }
    return await sources.scm.repositories({
      kind: 'repositories',
      provider: 'awsCodeCommit',
      settings,
      project: null,
      cloneProtocol: 'ssh',
    })
  } finally {
    sources.scm.close()
  }
}

describe('the sources of generators', () => {
  it('ask AWS as the environment says: who, in which region, at which endpoint', async () => {
    const url = aws.environment.endpoints?.tagging ?? ''
    aws.answers = { GetResources: { body: { ResourceTagMappingList: [], PaginationToken: '' } } }
    const environment = {
      AWS_ACCESS_KEY_ID: ownKeys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ownKeys.secretAccessKey,
      AWS_REGION: 'ap-southeast-2',
      AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API: url,
    }
    expect(await asked(environment)).toEqual([])
    expect(aws.asked).toEqual([
      'tagging ap-southeast-2 GetResources {"ResourceTypeFilters":["codecommit:repository"],"TagFilters":[{"Key":"a"}]}',
    ])
  })

  it('take the web identity of the environment to STS', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'roadstead-aws-'))
    try {
      const tokenFile = join(folder, 'token')
      await writeFile(tokenFile, 'token-of-tests')
      const url = aws.environment.endpoints?.sts ?? ''
      aws.answers = {
        AssumeRoleWithWebIdentity: assumed(Date.now() + 3_600_000, 'AssumeRoleWithWebIdentity'),
        GetResources: { body: { ResourceTagMappingList: [], PaginationToken: '' } },
      }
      const environment = {
        AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
        AWS_ROLE_ARN: 'arn:aws:iam::222222222222:role/roadstead',
        AWS_ROLE_SESSION_NAME: 'hub',
        AWS_REGION: 'ap-southeast-2',
        AWS_ENDPOINT_URL_STS: url,
        AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API: url,
      }
      expect(await asked(environment)).toEqual([])
      expect(aws.asked[0]).toContain('"RoleArn":"arn:aws:iam::222222222222:role/roadstead","RoleSessionName":"hub"')
      expect(aws.asked[0]).toContain('"WebIdentityToken":"token-of-tests"')
      expect(aws.asked[1]).toContain('tagging ap-southeast-2 GetResources')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('read patterns of git files as doublestar globs where the administrator says so', () => {
    const globbing = (environment: Readonly<Record<string, string>>) => {
      const sources = generatorSources(readConfig(environment), { allowLoopback: true, nowMs: () => 0, store })
      sources.scm.close()
      return sources.gitFileGlobbing
    }
    expect(globbing({})).toBe('pathspec')
    expect(globbing({ ROADSTEAD_ENABLE_NEW_GIT_FILE_GLOBBING: 'true' })).toBe('doublestar')
  })

  it('read custom resources in the cluster and the namespace that the administrator says', () => {
    const hub = (environment: Readonly<Record<string, string>>) => {
      const sources = generatorSources(readConfig(environment), { allowLoopback: true, nowMs: () => 0, store })
      sources.scm.close()
      return sources.hub
    }
    expect(hub({})).toEqual({ cluster: 'in-cluster', namespace: 'argocd' })
    expect(hub({ ROADSTEAD_HUB_CLUSTER: 'acm', ROADSTEAD_HUB_NAMESPACE: 'gitops' })).toEqual({ cluster: 'acm', namespace: 'gitops' })
  })

  it('ask AWS nothing without credentials', async () => {
    await expect(asked({ AWS_REGION: 'eu-west-1' })).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED' })
    expect(aws.requests).toEqual([])
  })
})
