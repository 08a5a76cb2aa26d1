import { createHash } from 'node:crypto'
import type { HttpClient } from 'isomorphic-git'
import { FleetError } from '../fleet/errors.ts'
import { delimiterPacket, flushPacket, PacketError, packet, packets } from './pkt-line.ts'

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
  const response = await http.request({ url: `${url}/info/refs?service=git-upload-pack`, method: 'GET', headers: { 'git-protocol': 'version=2' } })
  const type = response.headers?.['content-type'] ?? ''
  const refs = new Map<string, string>()
  let version: 0 | 2 = 0
  let lines = 0
  for await (const line of text(response.body)) {
    lines += 1
    if (lines === 1 && !type.startsWith('application/x-git-upload-pack-advertisement')) break
    if (line === 'version 2') version = 2
    const [, id, name] = /^([0-9a-f]{40}) ([^\0]+)/.exec(line) ?? []
    if (id !== undefined && name !== undefined && name !== 'capabilities^{}') refs.set(name.replace(/\^\{\}$/, ''), id)
  }
  if (!type.startsWith('application/x-git-upload-pack-advertisement')) {
    throw new FleetError('GIT_NOT_FOUND', `what answers at ${url} is not a Git repository over HTTP (smart protocol)`)
  }
  return { version, refs }
}

/**
 * A pack with the wanted commit. isomorphic-git's own fetch isn't used for this: it can't be cancelled, takes a server's
 * refusal for an empty answer, needs the server to have a HEAD, and has all refs listed for each commit.
 * Null when the server doesn't give out that commit by its id. Throws FleetError.
 */
export async function requestPack(advertisement: Advertisement, request: PackRequest): Promise<Buffer | null> {
  const version2 = advertisement.version === 2
  const response = await request.http.request({
    url: `${request.url}/git-upload-pack`,
    method: 'POST',
    headers: {
      'content-type': 'application/x-git-upload-pack-request',
      accept: 'application/x-git-upload-pack-result',
      ...(version2 ? { 'git-protocol': 'version=2' } : {}),
    },
    body: once(version2 ? bodyOfVersion2(request) : bodyOfVersion0(request)),
  })
  return readPack(request, response.body)
}

function bodyOfVersion2({ want, haves, depth }: PackRequest): Buffer {
  return Buffer.concat([
    packet('command=fetch\n'),
    packet('agent=roadstead\n'),
    delimiterPacket,
    ...['ofs-delta', 'no-progress', `want ${want}`, ...haves.map((have) => `shallow ${have}`), `deepen ${depth}`].map((line) => packet(`${line}\n`)),
    ...haves.map((have) => packet(`have ${have}\n`)),
    packet('done\n'),
    flushPacket,
  ])
}

function bodyOfVersion0({ want, haves, depth }: PackRequest): Buffer {
  return Buffer.concat([
    packet(`want ${want} side-band-64k ofs-delta no-progress agent=roadstead\n`),
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
  for await (const payload of framed(url, body)) {
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
  if (pack.length < 32 || !sum.equals(pack.subarray(-20))) throw new FleetError('GIT_UNREACHABLE', `${url} sent an incomplete pack for ${want}`)
  return pack
}

async function* framed(url: string, body: AsyncIterable<Uint8Array> | undefined): AsyncGenerator<Buffer> {
  try {
    yield* packets(body ?? once(Buffer.alloc(0)))
  } catch (error) {
    if (!(error instanceof PacketError)) throw error
    throw new FleetError('GIT_UNREACHABLE', `${url} sent an answer that is not Git's protocol: ${error.message}`)
  }
}

/** An answer's lines, up to the first that isn't framed as Git does: an HTML page has none. */
async function* text(body: AsyncIterable<Uint8Array> | undefined): AsyncGenerator<string> {
  try {
    for await (const payload of packets(body ?? once(Buffer.alloc(0)))) yield payload.toString('utf8').replace(/\n$/, '')
  } catch (error) {
    if (!(error instanceof PacketError)) throw error
  }
}

/** What a server says, short and on one line. */
function words(payload: Buffer): string {
  return payload.toString('utf8').replace(/[^\x20-\x7e]+/g, ' ').trim().slice(0, 200)
}

async function* once(chunk: Buffer): AsyncGenerator<Uint8Array> {
  yield chunk
}
