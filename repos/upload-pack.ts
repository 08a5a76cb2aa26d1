import { createHash } from 'node:crypto'
import type { GitHttpResponse, HttpClient } from 'isomorphic-git'
import { FleetError } from '../fleet/errors.ts'
import { delimiterPacket, flushPacket, lines, PacketError, packet, packets } from './pkt-line.ts'

export interface PackRequest {
  readonly http: HttpClient
  readonly url: string
  /** The commit that is wanted. */
  readonly want: string
  /** Commits that are here already, each with all its files and without its history. */
  readonly haves: readonly string[]
  /** How many commits of history, counting the wanted one. */
  readonly depth: number
}

export interface Advertisement {
  readonly version: 0 | 2
  /** Version 0 only: ref name -> object, tags peeled. Empty in version 2. */
  readonly refs: ReadonlyMap<string, string>
}

/** Asks a server which protocol it speaks. Throws FleetError; GIT_NOT_FOUND when what answers isn't Git. */
export async function discover(http: HttpClient, url: string): Promise<Advertisement> {
  const response = await http.request({
    url: `${url}/info/refs?service=git-upload-pack`,
    method: 'GET',
    headers: { 'git-protocol': 'version=2' },
  })
  if (response.headers?.['content-type'] !== 'application/x-git-upload-pack-advertisement') {
    await response.body?.return?.()
    throw new FleetError('GIT_NOT_FOUND', `what answers at ${url} is not a Git repository over HTTP (smart protocol)`)
  }
  const refs = new Map<string, string>()
  let version: 0 | 2 = 0
  for await (const line of framed(url, lines(response.body ?? once(Buffer.alloc(0))))) {
    if (line === 'version 2') version = 2
    const [, id, name] = /^([0-9a-f]{40}) ([^\0]+)/.exec(line) ?? []
    // The peeled form of a tag follows the tag itself and takes its place.
    if (id !== undefined && name !== undefined && name !== 'capabilities^{}') refs.set(name.replace(/\^\{\}$/, ''), id)
  }
  return { version, refs }
}

/**
 * All refs, tags peeled. isomorphic-git's listServerRefs isn't used for this: it gives what it has so far when the connection
 * breaks, and half a list of refs would look like deleted branches. Throws FleetError.
 */
export async function listRefs(http: HttpClient, url: string): Promise<ReadonlyMap<string, string>> {
  const advertisement = await discover(http, url)
  if (advertisement.version === 0) return advertisement.refs
  const command = [packet('command=ls-refs\n'), packet('agent=roadstead\n'), delimiterPacket, packet('peel\n'), flushPacket]
  const response = await post(http, url, 2, Buffer.concat(command))
  const refs = new Map<string, string>()
  for await (const line of framed(url, lines(response.body ?? once(Buffer.alloc(0))))) {
    const [id, name, ...attributes] = line.split(' ')
    const peeled = attributes.find((attribute) => attribute.startsWith('peeled:'))?.slice('peeled:'.length)
    if (id !== undefined && name !== undefined && /^[0-9a-f]{40}$/.test(id)) refs.set(name, peeled ?? id)
  }
  return refs
}

function post(http: HttpClient, url: string, version: 0 | 2, body: Buffer): Promise<GitHttpResponse> {
  return http.request({
    url: `${url}/git-upload-pack`,
    method: 'POST',
    headers: {
      'content-type': 'application/x-git-upload-pack-request',
      accept: 'application/x-git-upload-pack-result',
      ...(version === 2 ? { 'git-protocol': 'version=2' } : {}),
    },
    body: once(body),
  })
}

/**
 * A pack with the wanted commit. isomorphic-git's fetch isn't used for this: it can't be cancelled, takes a server's refusal for
 * an empty answer, needs the server to have a HEAD, and has all refs listed for each commit.
 * Null when the server doesn't give out that commit by its id. Throws FleetError.
 */
export async function requestPack(advertisement: Advertisement, request: PackRequest): Promise<Buffer | null> {
  const { version } = advertisement
  const response = await post(request.http, request.url, version, version === 2 ? bodyOfVersion2(request) : bodyOfVersion0(request))
  return readPack(request, response.body)
}

/** Only for a thin pack does a server leave out what the commits that we have share with the wanted one. */
function bodyOfVersion2({ want, haves, depth }: PackRequest): Buffer {
  return Buffer.concat([
    packet('command=fetch\n'),
    packet('agent=roadstead\n'),
    delimiterPacket,
    ...['thin-pack', 'ofs-delta', 'no-progress', `want ${want}`, ...haves.map((have) => `shallow ${have}`), `deepen ${depth}`].map((line) =>
      packet(`${line}\n`),
    ),
    ...haves.map((have) => packet(`have ${have}\n`)),
    packet('done\n'),
    flushPacket,
  ])
}

function bodyOfVersion0({ want, haves, depth }: PackRequest): Buffer {
  return Buffer.concat([
    packet(`want ${want} side-band-64k thin-pack ofs-delta no-progress agent=roadstead\n`),
    ...haves.map((have) => packet(`shallow ${have}\n`)),
    packet(`deepen ${depth}\n`),
    flushPacket,
    ...haves.map((have) => packet(`have ${have}\n`)),
    packet('done\n'),
  ])
}

/** Both versions: lines of text, then side-band packets (1 data, 2 progress, 3 the server's last words). */
async function readPack({ url, want }: PackRequest, body: AsyncIterable<Uint8Array> | undefined): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  for await (const payload of framed(url, packets(body ?? once(Buffer.alloc(0))))) {
    if (payload === null) continue
    const channel = payload[0]
    if (channel === 1) chunks.push(Buffer.from(payload.subarray(1)))
    else if (channel === 3) throw new FleetError('GIT_UNREACHABLE', `${url} broke off while sending ${want}: ${words(payload.subarray(1))}`)
    else if (payload.toString('latin1', 0, 4) === 'ERR ') {
      const message = words(payload.subarray(4))
      if (/not our ref|unadvertised object|not a valid|did not receive expected object/i.test(message)) return null
      throw new FleetError('GIT_UNREACHABLE', `${url} refuses to send ${want}: ${message}`)
    }
  }
  const pack = Buffer.concat(chunks)
  const sum = createHash('sha1').update(pack.subarray(0, -20)).digest()
  if (pack.length < 32 || !sum.equals(pack.subarray(-20)))
    throw new FleetError('GIT_UNREACHABLE', `${url} sent an incomplete pack for ${want}`)
  return pack
}

async function* framed<T>(url: string, stream: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* stream
  } catch (error) {
    if (!(error instanceof PacketError)) throw error
    throw new FleetError('GIT_UNREACHABLE', `${url} sent an answer that is not Git's protocol: ${error.message}`)
  }
}

/** What a server says, short and on one line. */
function words(payload: Buffer): string {
  return payload
    .toString('utf8')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200)
}

async function* once(chunk: Buffer): AsyncGenerator<Uint8Array> {
  yield chunk
}
