import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { JsonObject } from '../../../fleet/json.ts'
import type { AwsEnvironment } from '../../../repos/scm/aws-environment.ts'
import type { Scm } from '../../../repos/scm/scm.ts'
import { assumed, type RecordedAws, roleKeys, startRecordedAws } from './recorded-aws.ts'
import { scmForTests, startRecordedHost } from './recorded-host.ts'

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl-_'
const roleArn = 'arn:aws:iam::222222222222:role/roadstead'

let aws: RecordedAws
let folder: string
let tokenFile: string
let scm: Scm | undefined
beforeEach(async () => {
  aws = await startRecordedAws()
  folder = await mkdtemp(join(tmpdir(), 'roadstead-aws-'))
  tokenFile = join(folder, 'token')
  await writeFile(tokenFile, jwt)
})
afterEach(async () => {
  vi.useRealTimers()
  scm?.close()
  await aws.stop()
  await rm(folder, { recursive: true })
})

/** A process that has no keys of its own. */
const start = (who: Partial<AwsEnvironment>) => {
  scm = scmForTests({ aws: { region: 'eu-central-1', endpoints: aws.environment.endpoints ?? {}, ...who } })
}
const ask = async (settings: JsonObject = {}) =>
  scm?.repositories({ kind: 'repositories', provider: 'awsCodeCommit', settings, project: 'shop', cloneProtocol: 'ssh' })
const none = { body: { repositories: [] } }
const takingToken = 'AssumeRoleWithWebIdentity'
const fields = `"Action":"${takingToken}","RoleArn":"${roleArn}","RoleSessionName":"roadstead","Version":"2011-06-15"`

describe('a web identity of the process', () => {
  beforeEach(() => start({ webIdentity: { tokenFile, roleArn } }))

  it('is taken to STS unsigned, and what STS gives signs what is asked', async () => {
    aws.answers = { [takingToken]: assumed(Date.now() + 3_600_000, takingToken), ListRepositories: none }
    expect(await ask({ region: 'us-east-1' })).toEqual([])
    expect(aws.asked).toEqual([
      `unsigned ${takingToken} {${fields},"WebIdentityToken":"${jwt}"}`,
      'codecommit us-east-1 ListRepositories {}',
    ])
    expect(aws.requests[0]?.headers.authorization).toBeUndefined()
    expect(aws.requests[1]?.headers['x-amz-security-token']).toBe(roleKeys.sessionToken)
  })

  it('is taken there once for all who ask, and again, read anew, shortly before its credentials end', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    aws.answers = {
      [takingToken]: () => assumed(Date.now() + 3_600_000, takingToken),
      AssumeRole: () => assumed(Date.now() + 3_600_000),
      ListRepositories: none,
    }
    const role = 'arn:aws:iam::333333333333:role/discovery'
    await Promise.all([ask(), ask({ region: 'us-east-1' }), ask({ role }), ask({ role, region: 'us-east-1' })])
    const kinds = () => aws.asked.map((line) => line.replace(/ \{.*/, '')).toSorted()
    const lists = (region: string) => `codecommit ${region} ListRepositories`
    expect(kinds()).toEqual([
      lists('eu-central-1'),
      lists('eu-central-1'),
      lists('us-east-1'),
      lists('us-east-1'),
      'sts eu-central-1 AssumeRole',
      `unsigned ${takingToken}`,
    ])
    await writeFile(tokenFile, `${jwt}x`)
    vi.advanceTimersByTime(56 * 60_000)
    await ask()
    expect(aws.asked).toContain(`unsigned ${takingToken} {${fields},"WebIdentityToken":"${jwt}x"}`)
  })

  it('that STS refuses is a denial that names the role and no token', async () => {
    const said = `<Error><Type>Sender</Type><Code>InvalidIdentityToken</Code><Message>No provider for ${jwt}</Message></Error>`
    aws.answers = { [takingToken]: { status: 400, body: `<ErrorResponse>${said}<RequestId>r</RequestId></ErrorResponse>` } }
    const error: unknown = await ask().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'GIT_DENIED',
      message: expect.stringMatching(
        new RegExp(`${takingToken} refuses the role ${roleArn} \\(InvalidIdentityTokenException: No provider for \\*\\*\\*\\)$`),
      ),
    })
    expect(aws.asked).toHaveLength(1)
  })

  it('whose token is not there is an error that says which file', async () => {
    await rm(tokenFile)
    await expect(ask()).rejects.toMatchObject({ code: 'CREDENTIAL_REFUSED', message: expect.stringContaining(tokenFile) })
    expect(aws.requests).toEqual([])
  })

  it('stays aside where there are keys', async () => {
    start({ ...aws.environment, webIdentity: { tokenFile, roleArn } })
    aws.answers = { ListRepositories: none }
    expect(await ask()).toEqual([])
    expect(aws.asked).toEqual(['codecommit eu-central-1 ListRepositories {}'])
  })
})

describe('credentials of a container', () => {
  it('are asked for beside it with the token from its file, and kept', async () => {
    const agent = await startRecordedHost()
    try {
      const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token } = roleKeys
      const Expiration = new Date(Date.now() + 3_600_000).toISOString()
      agent.answers = { 'GET /v1/credentials': { body: { AccessKeyId, SecretAccessKey, Token, Expiration } } }
      aws.answers = { ListRepositories: none }
      start({ container: { fullUri: `${agent.url}/v1/credentials`, tokenFile } })
      expect(await ask()).toEqual([])
      expect(await ask({ region: 'us-east-1' })).toEqual([])
      expect(agent.asked.map(({ line, headers }) => [line, headers.authorization])).toEqual([['GET /v1/credentials', jwt]])
      expect(aws.asked).toEqual(['codecommit eu-central-1 ListRepositories {}', 'codecommit us-east-1 ListRepositories {}'])
    } finally {
      await agent.stop()
    }
  })

  it('are no reason to ask another address over http', async () => {
    start({ container: { fullUri: 'http://198.51.100.7/v1/credentials' } })
    await expect(ask()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE', message: expect.stringContaining('AWS_CONTAINER_CREDENTIALS') })
    expect(aws.requests).toEqual([])
  })
})
