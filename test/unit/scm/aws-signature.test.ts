import { describe, expect, it } from 'vitest'
import { signed } from '../../../repos/scm/aws-signature.ts'

// The values are AWS's own: its Signature Version 4 test suite, and the IAM ListUsers example of its signing guide.
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const atMs = Date.UTC(2015, 7, 30, 12, 36)
const sessionToken =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='

interface Case {
  readonly name: string
  readonly url?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly token?: string
  readonly service?: string
  readonly names: string
  readonly signature: string
}

const cases: readonly Case[] = [
  { name: 'get-vanilla', names: 'host;x-amz-date', signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31' },
  {
    name: 'get-vanilla-query-order-key-case',
    url: 'https://example.amazonaws.com/?Param2=value2&Param1=value1',
    names: 'host;x-amz-date',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    name: 'post-vanilla',
    method: 'POST',
    names: 'host;x-amz-date',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-x-www-form-urlencoded',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Param1=value1',
    names: 'content-type;host;x-amz-date',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'post-sts-header-before',
    method: 'POST',
    token: sessionToken,
    names: 'host;x-amz-date;x-amz-security-token',
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  },
  {
    name: 'get-header-value-trim',
    headers: { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
    names: 'host;my-header1;my-header2;x-amz-date',
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  {
    name: 'IAM ListUsers of the signing guide',
    url: 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
    service: 'iam',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    names: 'content-type;host;x-amz-date',
    signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  },
]

describe('a signature of AWS, version 4', () => {
  it.each(cases)('is what AWS publishes: $name', ({ url, method = 'GET', headers = {}, body = '', token, service, names, signature }) => {
    const request = { method, url: new URL(url ?? 'https://example.amazonaws.com/'), headers, body }
    const scope = { region: 'us-east-1', service: service ?? 'service' }
    const given = signed(request, { ...credentials, ...(token === undefined ? {} : { sessionToken: token }) }, scope, atMs)
    expect(given).toEqual({
      ...headers,
      'x-amz-date': '20150830T123600Z',
      ...(token === undefined ? {} : { 'x-amz-security-token': token }),
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${scope.service}/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
    })
  })

  it('is for the port, too, unless it is the one of the protocol', () => {
    const sign = (url: string) =>
      signed({ method: 'POST', url: new URL(url), headers: {}, body: '' }, credentials, { region: 'us-east-1', service: 's' }, atMs)[
        'authorization'
      ]
    expect(sign('https://a.example:443/')).toBe(sign('https://a.example/'))
    expect(sign('https://a.example:8443/')).not.toBe(sign('https://a.example/'))
  })

  it('is another for another body, region and second', () => {
    const sign = (body: string, region: string, nowMs: number) =>
      signed(
        { method: 'POST', url: new URL('https://example.amazonaws.com/'), headers: {}, body },
        credentials,
        { region, service: 's' },
        nowMs,
      ).authorization
    const all = [
      sign('', 'us-east-1', atMs),
      sign('x', 'us-east-1', atMs),
      sign('', 'us-west-1', atMs),
      sign('', 'us-east-1', atMs + 1_000),
    ]
    expect(new Set(all).size).toBe(4)
  })
})
