import type { LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { JsonObject } from '../../../fleet/json.ts'
import { scmLookup } from '../../../repos/scm/address.ts'
import { AnswerCache } from '../../../repos/scm/answer-cache.ts'
import { AwsAccount } from '../../../repos/scm/aws-account.ts'
import type { AwsEnvironment } from '../../../repos/scm/aws-environment.ts'
import { awsWire } from '../../../repos/scm/aws-wire.ts'
import { createExchanger, type Exchanger, type Question } from '../../../repos/scm/exchange.ts'
import { defaultScmLimits } from '../../../repos/scm/limits.ts'
import { RateBudgets } from '../../../repos/scm/rate-budget.ts'
import type { Scm } from '../../../repos/scm/scm.ts'
import { assumed, failure, ownKeys, type RecordedAws, signedFor, startRecordedAws } from './recorded-aws.ts'
import { type RecordedHost, scmForTests, startRecordedHost } from './recorded-host.ts'

let aws: RecordedAws
let elsewhere: RecordedHost
let scm: Scm
beforeEach(async () => {
  aws = await startRecordedAws()
  elsewhere = await startRecordedHost()
  scm = scmForTests({ aws: aws.environment })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  scm.close()
  await Promise.all([aws.stop(), elsewhere.stop()])
})

const restart = (options: Parameters<typeof scmForTests>[0]) => {
  scm.close()
  scm = scmForTests({ aws: aws.environment, ...options })
}
const ask = async (settings: JsonObject = {}, signal?: AbortSignal) =>
  scm.repositories(
    { kind: 'repositories', provider: 'awsCodeCommit', settings, project: 'shop', cloneProtocol: 'ssh' },
    signal === undefined ? {} : { signal },
  )
const role = 'arn:aws:iam::222222222222:role/discovery'
/** What the SDK would heed, or stumble over, if it read it. */
const misleading = {
  AWS_ACCESS_KEY_ID: 'AKIDOTHER',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
  AWS_MAX_ATTEMPTS: 'many',
  AWS_PROFILE: 'nobody',
  AWS_REGION: 'us-west-2',
  AWS_RETRY_MODE: 'none',
  AWS_SECRET_ACCESS_KEY: 'other',
  AWS_USE_DUALSTACK_ENDPOINT: 'true',
  AWS_USE_FIPS_ENDPOINT: 'true',
}
const none = { body: { repositories: [] } }

const what = { kind: 'repositories', provider: 'awsCodeCommit', settings: {}, project: null, cloneProtocol: 'ssh' } as const
const publicPolicy = { allowLoopback: false, allowedApis: [] }
const partsOf = (exchange: Exchanger['exchange']) => {
  const [limits, nowMs] = [defaultScmLimits, () => Date.now()]
  const exchanger = { exchange, close: () => undefined }
  return { exchanger, budgets: new RateBudgets(limits), kept: new AnswerCache(1), limits, nowMs }
}
/** Of a process that knows no endpoints but AWS's own. */
const publicAccount = (region: string, exchange: Exchanger['exchange']) =>
  new AwsAccount({ ...ownKeys, region }, publicPolicy, partsOf(exchange))

describe('what is sent to AWS', () => {
  it('is signed by the credential for its service, region and host, with its body', async () => {
    aws.answers = { ListRepositories: none }
    await ask({ region: 'us-east-1' })
    const [sent] = aws.requests
    if (sent === undefined) throw new Error('nothing was sent')
    const url = `http://${sent.headers.host}`
    expect(sent.headers.authorization).toContain(`Credential=${ownKeys.accessKeyId}/`)
    expect(signedFor(sent, url)).toBe('codecommit us-east-1')
    expect(signedFor({ ...sent, body: '{"nextToken":"x"}' }, url)).toBeNull()
    expect(signedFor(sent, 'http://codecommit.example')).toBeNull()
    const headers = { ...sent.headers, authorization: sent.headers.authorization?.replace('us-east-1', 'us-east-2') }
    expect(signedFor({ ...sent, headers }, url)).toBeNull()
  })

  it('is refused when another secret signs it', async () => {
    restart({ aws: { ...aws.environment, secretAccessKey: 'another/secret' } })
    await expect(ask()).rejects.toMatchObject({ code: 'GIT_DENIED', details: { awsCode: 'InvalidSignatureException' } })
  })

  it('is signed again when it had to wait until its signature was too old', async () => {
    const late = failure('InvalidSignatureException', 'Signature expired: 20261121T120000Z is now earlier than 20261121T120500Z')
    aws.answers = { ListRepositories: [late, none] }
    expect(await ask()).toEqual([])
    aws.answers = { ListRepositories: () => late }
    await expect(ask()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' })
    expect(aws.asked).toHaveLength(5)
  })
})

describe('what AWS answers', () => {
  it.each([301, 302, 303, 307, 308])('is not followed elsewhere by %s: credentials stay with one host', async (status) => {
    const redirect = { status, headers: { location: `${elsewhere.url}/` } }
    aws.answers = { ListRepositories: redirect, AssumeRole: redirect }
    for (const settings of [{}, { role }])
      await expect(ask(settings)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE', message: expect.stringContaining(`HTTP ${status}`) })
    expect(aws.asked).toHaveLength(2)
    expect(elsewhere.asked).toEqual([])
  })

  it('is taken up to a bound', async () => {
    restart({ limits: { bodyBytesMax: 1_000 } })
    aws.answers = { ListRepositories: { body: { repositories: [], more: 'x'.repeat(1_000) } } }
    await expect(ask()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' })
    expect(aws.asked).toHaveLength(1)
  })

  it.each([
    [403, 1, 'GIT_DENIED'],
    [503, 3, 'GIT_UNREACHABLE'],
    [504, 3, 'GIT_UNREACHABLE'],
  ])('is not AWS but somebody on the way: %i is asked %i times and is %s', async (status, times, code) => {
    const page = { status, headers: { 'content-type': 'text/html' }, body: '<html>of a proxy</html>' }
    aws.answers = { ListRepositories: page, AssumeRole: page }
    for (const settings of [{}, { role }])
      await expect(ask(settings)).rejects.toMatchObject({ code, message: expect.stringMatching(new RegExp(`\\(HTTP ${status}\\)$`)) })
    expect(aws.asked).toHaveLength(2 * times)
  })

  it('because it is asked too often holds everybody with the credential back for a little', async () => {
    const waitMs = 200
    restart({ limits: { retryFirstMs: waitMs } })
    const times: number[] = []
    aws.answers = { ListRepositories: () => (times.push(performance.now()) === 1 ? failure('ThrottlingException', 'Rate exceeded') : none) }
    const first = ask()
    await vi.waitFor(() => expect(times).toHaveLength(1))
    await sleep(waitMs / 4)
    expect(await Promise.all([first, ask()])).toEqual([[], []])
    const [start = 0, ...later] = times
    expect(later).toHaveLength(2)
    // The pause is counted in whole milliseconds, from when the answer has come.
    for (const time of later) expect(time - start).toBeGreaterThanOrEqual(waitMs - 2)
  })

  it('says until when to leave it alone: everybody with the credential does, not who asks as another', async () => {
    aws.answers = { ListRepositories: { ...failure('ThrottlingException', 'Rate exceeded', 429), headers: { 'retry-after': '600' } } }
    await expect(ask()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE', details: { pausedUntilMs: expect.any(Number) } })
    await expect(ask()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE', message: expect.stringContaining('used up') })
    expect(aws.asked).toHaveLength(1)
    aws.answers = { AssumeRole: assumed(Date.now() + 3_600_000), ListRepositories: none }
    expect(await ask({ role })).toEqual([])
  })
})

describe('where AWS is asked', () => {
  it.each([
    ['eu-central-1', 'amazonaws.com'],
    ['us-gov-west-1', 'amazonaws.com'],
    ['cn-north-1', 'amazonaws.com.cn'],
  ])("is at AWS's own address in %s, whatever else the SDK would read from the process", async (region, domain) => {
    for (const [name, value] of Object.entries(misleading)) vi.stubEnv(name, value)
    const asked: Question[] = []
    const exchange = async (question: Question) => {
      asked.push(question)
      const { headers = {}, body = '' } = question.body?.includes('AssumeRole')
        ? assumed(Date.now() + 3_600_000)
        : { body: '{"repositories":[]}' }
      return { status: 200, headers, body: Buffer.from(String(body)) }
    }
    expect(await publicAccount(region, exchange).host({ role }, undefined).repositories(what)).toEqual([])
    expect(asked.map(({ url }) => url.href)).toEqual([`https://sts.${region}.${domain}/`, `https://codecommit.${region}.${domain}/`])
    expect(asked[0]?.headers['authorization']).toContain(`Credential=${ownKeys.accessKeyId}/`)
  })

  it('is nowhere that a name leads to which the policy refuses', async () => {
    const loopback: LookupFunction = (_, options, done) => scmLookup(publicPolicy)('localhost', options, done)
    const { exchange, close } = createExchanger(loopback)
    try {
      for (const settings of [{}, { role }]) {
        const asking = publicAccount('eu-central-1', exchange).host(settings, undefined).repositories(what)
        await expect(asking).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('resolves to an address') })
      }
    } finally {
      close()
    }
  })

  it('is nowhere that the SDK thinks of and the policy refuses', async () => {
    const parts = partsOf(async () => ({ status: 200, headers: {}, body: Buffer.from('{}') }))
    const wire = awsWire({ service: 'codecommit', region: 'eu-central-1', endpoint: null, identity: 'x' }, publicPolicy, parts)
    const to = (hostname: string, protocol = 'https:') =>
      wire.requestHandler.handle({ protocol, hostname, path: '/', headers: {}, body: '{}' })
    expect(await to('codecommit.example')).toMatchObject({ response: { statusCode: 200 } })
    for (const asking of [to('169.254.169.254'), to('127.0.0.1'), to('codecommit.example', 'http:')])
      await expect(asking).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('is nowhere else than allowed, STS included', async () => {
    const at = (endpoints: AwsEnvironment['endpoints']) => ({
      ...aws.environment,
      endpoints: { ...aws.environment.endpoints, ...endpoints },
    })
    for (const address of [
      'http://169.254.169.254',
      'http://[fd00:ec2::254]',
      'https://metadata.google.internal',
      'http://codecommit.example',
    ]) {
      for (const service of ['codecommit', 'tagging', 'sts']) {
        restart({ aws: at({ [service]: address }) })
        await expect(ask({ role })).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('is refused') })
      }
    }
    restart({ policy: { allowLoopback: false, allowedApis: [] } })
    await expect(ask({ role })).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('loopback') })
    expect(aws.requests).toEqual([])
  })

  it('that cannot be reached is an error of ours, asked a few times', async () => {
    await elsewhere.stop()
    restart({ aws: { ...aws.environment, endpoints: { codecommit: elsewhere.url, sts: elsewhere.url } } })
    for (const settings of [{}, { role }]) {
      const error: unknown = await ask(settings).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'FleetError', code: 'GIT_UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') })
      expect(Object.keys(error instanceof Error ? error : {}).toSorted()).toEqual(['code', 'details', 'name'])
    }
    elsewhere = await startRecordedHost()
  })

  it('is left at once by who asks no longer, also while a role is assumed', async () => {
    restart({ limits: { retryFirstMs: 10_000 } })
    for (const operation of ['ListRepositories', 'AssumeRole']) {
      const controller = new AbortController()
      const enough = new Error('enough')
      aws.answers = {
        [operation]: () => {
          controller.abort(enough)
          return failure('InternalFailure', 'sorry', 500)
        },
      }
      await expect(ask(operation === 'AssumeRole' ? { role } : {}, controller.signal)).rejects.toBe(enough)
    }
    expect(aws.asked[0]).toBe('codecommit eu-central-1 ListRepositories {}')
  })
})
