import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { JsonObject } from '../../../fleet/json.ts'
import type { CloneProtocol } from '../../../generators/requests.ts'
import type { AwsEnvironment } from '../../../repos/scm/aws-environment.ts'
import type { Scm } from '../../../repos/scm/scm.ts'
import { assumed, failure, ownKeys, type RecordedAws, roleKeys, startRecordedAws } from './recorded-aws.ts'
import { type Recorded, scmForTests } from './recorded-host.ts'

// The exchanges are written after the API references of CodeCommit, the Resource Groups Tagging API and STS.

let aws: RecordedAws
let scm: Scm
let nowMs: number
const start = (environment: AwsEnvironment = aws.environment) => {
  scm?.close()
  scm = scmForTests({ aws: environment, nowMs: () => nowMs })
}
beforeEach(async () => {
  nowMs = Date.UTC(2026, 10, 21, 12)
  aws = await startRecordedAws()
  start()
})
afterEach(async () => {
  scm.close()
  await aws.stop()
})

const provider = 'awsCodeCommit'
const repositories = (settings: JsonObject = {}, cloneProtocol: CloneProtocol = 'ssh') =>
  scm.repositories({ kind: 'repositories', provider, settings, project: 'shop', cloneProtocol })
const one = { provider, project: 'shop', organization: '111111111111', repository: 'web', repositoryId: 'id-web' } as const
const branches = (allBranches: boolean) => scm.branches({ ...one, kind: 'branches', settings: {}, defaultBranch: 'main', allBranches })
const present = (paths: readonly string[]) =>
  scm.presentPaths({ ...one, kind: 'repositoryPaths', settings: {}, branch: 'feature/a', sha: '', paths })
const names = async (settings: JsonObject = {}) => (await repositories(settings)).map((found) => found.repository)

const metadata = (name: string, change: object = {}): Recorded => ({
  body: {
    repositoryMetadata: {
      Arn: `arn:aws:codecommit:eu-central-1:111111111111:${name}`,
      accountId: '111111111111',
      cloneUrlHttp: `https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/${name}`,
      cloneUrlSsh: `ssh://git-codecommit.eu-central-1.amazonaws.com/v1/repos/${name}`,
      creationDate: 1.446071622494e9,
      defaultBranch: 'main',
      lastModifiedDate: 1.446071622494e9,
      repositoryId: `id-${name}`,
      repositoryName: name,
      ...change,
    },
  },
})
const listed = (...given: string[]) => given.map((repositoryName) => ({ repositoryId: `id-${repositoryName}`, repositoryName }))
const getEach = ({ repositoryName }: Record<string, unknown>) => metadata(String(repositoryName))

describe('repositories of AWS CodeCommit', () => {
  it('are all of the region, of every page, but those without a default branch', async () => {
    aws.answers = {
      ListRepositories: ({ nextToken }) =>
        nextToken === undefined
          ? { body: { repositories: listed('web', 'new'), nextToken: 'p2' } }
          : { body: { repositories: listed('api') } },
      GetRepository: ({ repositoryName }) => metadata(String(repositoryName), repositoryName === 'new' ? { defaultBranch: undefined } : {}),
    }
    const found = (name: string) => ({
      organization: '111111111111',
      repository: name,
      repositoryId: `id-${name}`,
      url: `ssh://git-codecommit.eu-central-1.amazonaws.com/v1/repos/${name}`,
      branch: 'main',
      labels: [],
    })
    expect(await repositories()).toEqual([found('web'), found('api')])
    expect(aws.asked.slice(0, 2)).toEqual([
      'codecommit eu-central-1 ListRepositories {}',
      'codecommit eu-central-1 ListRepositories {"nextToken":"p2"}',
    ])
    expect(aws.requests[0]?.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'CodeCommit_20150413.ListRepositories',
    })
  })

  it.each<[CloneProtocol, string]>([
    ['https', 'https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/web'],
    ['https-fips', 'https://git-codecommit-fips.eu-central-1.amazonaws.com/v1/repos/web'],
  ])('are cloned by %s', async (cloneProtocol, url) => {
    aws.answers = { ListRepositories: { body: { repositories: listed('web') } }, GetRepository: getEach }
    expect((await repositories({}, cloneProtocol))[0]?.url).toBe(url)
  })

  it('are an error when an address has no form for https-fips', async () => {
    aws.answers = {
      ListRepositories: { body: { repositories: listed('web') } },
      GetRepository: metadata('web', { cloneUrlHttp: 'https://x/web' }),
    }
    await expect(repositories({}, 'https-fips')).rejects.toMatchObject({ message: expect.stringContaining('https-fips') })
  })

  it('are those with the tags where tags are asked for: values of one key are alternatives', async () => {
    const tagged = (name: string) => ({ ResourceARN: `arn:aws:codecommit:us-east-1:111111111111:${name}`, Tags: [] })
    aws.answers = {
      // A page may be empty and not the last one.
      GetResources: ({ PaginationToken }) =>
        PaginationToken === undefined
          ? { body: { PaginationToken: 'more', ResourceTagMappingList: [] } }
          : { body: { PaginationToken: '', ResourceTagMappingList: [tagged('web'), tagged('api')] } },
      GetRepository: getEach,
    }
    const tagFilters = [{ key: 'team', value: 'shop' }, { key: 'ready' }, { key: 'team', value: 'pay' }]
    expect(await names({ region: 'us-east-1', tagFilters })).toEqual(['web', 'api'])
    const filters = '"ResourceTypeFilters":["codecommit:repository"],"TagFilters":[{"Key":"team","Values":["shop","pay"]},{"Key":"ready"}]'
    expect(aws.asked.slice(0, 2)).toEqual([
      `tagging us-east-1 GetResources {${filters}}`,
      `tagging us-east-1 GetResources {"PaginationToken":"more",${filters}}`,
    ])
    expect(aws.requests[0]?.headers['x-amz-target']).toBe('ResourceGroupsTaggingAPI_20170126.GetResources')
    expect(aws.asked).toContain('codecommit us-east-1 GetRepository {"repositoryName":"api"}')
  })

  it('are an error, not fewer, when one of them or a page fails, goes, or has another shape', async () => {
    const page = { body: { repositories: listed('web', 'api') } }
    const failing = (answer: Recorded) => ({
      ListRepositories: page,
      GetRepository: ({ repositoryName }: Record<string, unknown>) => (repositoryName === 'api' ? answer : metadata('web')),
    })
    const unreachable = { code: 'GIT_UNREACHABLE' }
    aws.answers = failing(failure('RepositoryDoesNotExistException', 'api does not exist'))
    await expect(repositories()).rejects.toMatchObject({ ...unreachable, message: expect.stringContaining('went while') })
    aws.answers = failing({ body: {} })
    await expect(repositories()).rejects.toMatchObject({ ...unreachable, message: expect.stringContaining('repositoryMetadata') })
    aws.answers = failing({ body: '<html>' })
    await expect(repositories()).rejects.toMatchObject({ ...unreachable, message: expect.stringContaining("isn't JSON") })
    aws.answers = failing(failure('InternalFailure', 'sorry', 500))
    await expect(repositories()).rejects.toMatchObject({ ...unreachable, message: expect.stringContaining('InternalFailure: sorry') })
    aws.answers = failing({ status: 302, headers: { location: 'http://127.0.0.1:1/' } })
    await expect(repositories()).rejects.toMatchObject({ ...unreachable, message: expect.stringContaining('HTTP 302') })
    const resources = { ResourceTagMappingList: [{ ResourceARN: 'arn:aws:s3:::bucket' }], PaginationToken: '' }
    aws.answers = { GetResources: { body: resources } }
    await expect(repositories({ tagFilters: [{ key: 'a' }] })).rejects.toMatchObject({
      ...unreachable,
      message: expect.stringContaining('s3'),
    })
    aws.answers = {
      ListRepositories: ({ nextToken }) =>
        nextToken === undefined ? { body: { repositories: [], nextToken: 'p2' } } : failure('InvalidContinuationTokenException', ''),
    }
    await expect(repositories()).rejects.toMatchObject({ ...unreachable, details: { awsCode: 'InvalidContinuationTokenException' } })
  })
})

describe('branches of AWS CodeCommit', () => {
  it('are the default one, which the listing has named, or those of every page', async () => {
    aws.answers = {
      ListBranches: ({ nextToken }) =>
        nextToken === undefined ? { body: { branches: ['main'], nextToken: 'n' } } : { body: { branches: ['feature/a'], nextToken: null } },
    }
    expect(await branches(false)).toEqual([{ branch: 'main', sha: '' }])
    expect(aws.asked).toEqual([])
    expect(await branches(true)).toEqual([
      { branch: 'main', sha: '' },
      { branch: 'feature/a', sha: '' },
    ])
  })

  it('are an error when the repository is gone', async () => {
    aws.answers = { ListBranches: failure('com.amazonaws.codecommit#RepositoryDoesNotExistException', 'web does not exist') }
    await expect(branches(true)).rejects.toMatchObject({ code: 'GIT_NOT_FOUND' })
  })
})

describe('paths in AWS CodeCommit', () => {
  const entry = (...paths: string[]) => paths.map((relativePath) => ({ absolutePath: `x/${relativePath}`, relativePath }))
  const folders: Readonly<Record<string, object>> = {
    '/': { files: entry('README.md'), subFolders: entry('apps'), subModules: entry('vendored'), symbolicLinks: entry('link') },
    '/apps': { files: [], subFolders: entry('web') },
  }

  it('are files, folders, links and submodules, each folder asked for once', async () => {
    aws.answers = {
      GetFolder: ({ folderPath }) => {
        const folder = folders[String(folderPath)]
        return folder === undefined
          ? failure('FolderDoesNotExistException', 'no such folder')
          : { body: { commitId: 'c', folderPath, ...folder } }
      },
    }
    const there = ['README.md', 'apps', 'vendored', '/link', 'apps/web', 'apps//web/', '', '/']
    expect(await present([...there, 'apps/we', 'none', 'none/at/all'])).toEqual(there)
    expect(aws.asked.toSorted()).toEqual(
      ['/', '/apps', '/none/at'].map(
        (folderPath) =>
          `codecommit eu-central-1 GetFolder {"commitSpecifier":"feature/a","folderPath":"${folderPath}","repositoryName":"web"}`,
      ),
    )
  })

  it.each(['RepositoryDoesNotExistException', 'CommitDoesNotExistException'])('are an error, not missing, after %s', async (code) => {
    aws.answers = { GetFolder: failure(code, 'gone') }
    await expect(present(['a'])).rejects.toMatchObject({ code: 'GIT_NOT_FOUND' })
  })
})

describe('a role in AWS', () => {
  const role = 'arn:aws:iam::222222222222:role/team/discovery'
  afterEach(() => {
    vi.useRealTimers()
  })
  const asking = () => aws.asked.filter((line) => line.includes('AssumeRole')).length

  it('is assumed at home, asks in the region of the set, and is kept until shortly before it ends', async () => {
    // How long credentials last is up to the SDK, which asks the clock itself.
    vi.useFakeTimers({ toFake: ['Date'] })
    aws.answers = { AssumeRole: () => assumed(Date.now() + 3_600_000), ListRepositories: { body: { repositories: [] } } }
    expect(await repositories({ role, region: 'us-east-1' })).toEqual([])
    expect(aws.asked).toEqual([
      `sts eu-central-1 AssumeRole {"Action":"AssumeRole","DurationSeconds":"3600","RoleArn":"${role}","RoleSessionName":"roadstead","Version":"2011-06-15"}`,
      'codecommit us-east-1 ListRepositories {}',
    ])
    expect(aws.requests[1]?.headers['x-amz-security-token']).toBe(roleKeys.sessionToken)
    vi.advanceTimersByTime(54 * 60_000)
    await repositories({ role })
    expect(asking()).toBe(1)
    vi.advanceTimersByTime(2 * 60_000)
    await repositories({ role })
    expect(asking()).toBe(2)
    await repositories({ role: `${role}-of-others` })
    expect(asking()).toBe(3)
  })

  it('that may not be assumed is an error with what STS says', async () => {
    const body =
      '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User x is not authorized</Message></Error></ErrorResponse>'
    aws.answers = { AssumeRole: { status: 403, body } }
    await expect(repositories({ role })).rejects.toMatchObject({
      code: 'GIT_DENIED',
      message: expect.stringContaining('AccessDenied: User x is not authorized'),
    })
    expect(asking()).toBe(1)
  })

  it('is an error when STS gives no credentials', async () => {
    aws.answers = { AssumeRole: { body: '<html></html>' } }
    await expect(repositories({ role })).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
  })
})

describe('who asks AWS, and where', () => {
  it.each([{}, { accessKeyId: 'AKID' }, { secretAccessKey: 'x', region: 'eu-west-1' }, { accessKeyId: ' ', secretAccessKey: 'x' }])(
    'needs credentials, and says what to set: %j',
    async (environment) => {
      start(environment)
      await expect(repositories({ region: 'eu-west-1' })).rejects.toMatchObject({
        code: 'CREDENTIAL_REFUSED',
        message: expect.stringMatching(/AWS_ACCESS_KEY_ID.*AWS_SECRET_ACCESS_KEY/),
      })
    },
  )

  it('refuses credentials that would break a header', async () => {
    start({ ...aws.environment, secretAccessKey: 'a\nb' })
    await expect(repositories()).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED', message: expect.not.stringContaining('a\nb') })
  })

  it('needs a region, of the set or of the worker', async () => {
    start({ ...aws.environment, region: undefined })
    await expect(repositories()).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('AWS_REGION') })
  })

  it.each([
    { region: 'evil.example/#' },
    { region: 'eu-west-1.evil.example' },
    { region: 'eu-west-1\n' },
    { role: 'discovery' },
    { role: 'arn:aws:iam::1:role/x' },
    { role: 'arn:aws:iam::222222222222:user/x' },
  ])('refuses what is no region or role, without asking anybody: %j', async (settings) => {
    await expect(repositories(settings)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(aws.requests).toEqual([])
  })

  it('refuses an endpoint at a metadata service or, where it is not allowed, on loopback', async () => {
    for (const codecommit of ['http://169.254.169.254', 'https://user:pw@codecommit.example']) {
      start({ ...aws.environment, endpoints: { codecommit } })
      await expect(repositories()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
    scm.close()
    scm = scmForTests({ aws: aws.environment, policy: { allowLoopback: false, allowedApis: [] } })
    await expect(repositories()).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('loopback') })
    expect(aws.requests).toEqual([])
  })
})

describe('what AWS refuses', () => {
  it.each(['AccessDeniedException', 'UnrecognizedClientException', 'ExpiredTokenException', 'InvalidSignatureException'])(
    '%s is a denial, asked once, and names no secret',
    async (code) => {
      const echo = `no: ${ownKeys.secretAccessKey}\n${'token/of+a/session=='}`
      start({ ...aws.environment, sessionToken: undefined })
      aws.answers = { ListRepositories: failure(code, echo) }
      const error: unknown = await repositories().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'GIT_DENIED', message: expect.stringContaining(`${code}: no: *** `) })
      expect(JSON.stringify(error)).not.toContain(ownKeys.secretAccessKey)
      expect(aws.asked).toHaveLength(1)
    },
  )

  it('keeps the token of a session out of an error, too', async () => {
    const role = 'arn:aws:iam::222222222222:role/discovery'
    aws.answers = {
      AssumeRole: assumed(Date.now() + 3_600_000),
      ListRepositories: failure('InvalidSignatureException', `x-amz-security-token:${roleKeys.sessionToken}\n${roleKeys.secretAccessKey}`),
    }
    await expect(repositories({ role })).rejects.toMatchObject({
      message: expect.stringMatching(/the role .*x-amz-security-token:\*\*\* \*\*\*\)$/),
    })
  })

  it.each([failure('InternalFailure', 'sorry', 500), { status: 503, body: '' }])('may pass, and is asked again: %j', async (answer) => {
    scm.close()
    scm = scmForTests({ aws: aws.environment })
    aws.answers = { ListRepositories: [answer, answer, { body: { repositories: listed('web') } }], GetRepository: getEach }
    expect(await names()).toEqual(['web'])
    aws.answers = { ListRepositories: () => answer }
    await expect(names()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
    expect(aws.asked.filter((line) => line.includes('List'))).toHaveLength(6)
  })

  it('because it is asked too often is asked again more often, and then an error', async () => {
    scm.close()
    scm = scmForTests({ aws: aws.environment })
    const answer = failure('ThrottlingException', 'Rate exceeded')
    aws.answers = { ListRepositories: [...Array.from({ length: 6 }, () => answer), { body: { repositories: [] } }] }
    expect(await names()).toEqual([])
    aws.answers = { ListRepositories: () => answer }
    await expect(names()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE', message: expect.stringContaining('asked too often') })
    expect(aws.asked).toHaveLength(14)
  })

  it('of another code that AWS names in a header is said with it', async () => {
    aws.answers = {
      ListRepositories: {
        status: 400,
        headers: { 'x-amzn-errortype': 'ValidationException:http://internal.amazon.com/coral/' },
        body: '{}',
      },
    }
    await expect(repositories()).rejects.toMatchObject({
      code: 'GIT_UNREACHABLE',
      message: expect.stringContaining('(ValidationException)'),
    })
  })
})
