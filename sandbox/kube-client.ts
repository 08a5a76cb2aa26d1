import { Agent, request as httpsRequest } from 'node:https'

const REQUEST_TIMEOUT_MS = 10_000

/** What most objects have. A caller that looks deeper names a type of its own. */
export interface KubeObject {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, string>>
  readonly items?: readonly KubeObject[]
  /** Of a Status, the answer to what failed. */
  readonly message?: string
  readonly reason?: string
}

export interface KubeResponse<Body> {
  readonly status: number
  /** Parsed, and trusted to be what the caller named; the text where the answer isn't JSON. */
  readonly body: Body
}

/** `await kube('GET', '/api/v1/namespaces')`. Gives every answer as it is, errors too; throws only when there is none. */
export type KubeRequest = <Body = KubeObject>(
  method: string,
  path: string,
  body?: unknown,
  contentType?: string,
) => Promise<KubeResponse<Body>>

/**
 * A bare client of one API server for tests and the demo, independent of the code under test. TLS is verified against `ca` (PEM).
 * No connection is kept alive: the server at the other end is killed on purpose now and then.
 */
export function kubeClient(options: { readonly server: string; readonly ca: string; readonly token: string }): KubeRequest {
  const agent = new Agent({ ca: options.ca, keepAlive: false })
  return <Body>(method: string, path: string, body?: unknown, contentType = 'application/json') =>
    new Promise<KubeResponse<Body>>((resolve, reject) => {
      const headers = { authorization: `Bearer ${options.token}`, accept: 'application/json', 'content-type': contentType }
      const outgoing = httpsRequest(new URL(path, options.server), { method, headers, agent, timeout: REQUEST_TIMEOUT_MS }, (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: incoming.statusCode ?? 0, body: parsed(text) as Body })
        })
      })
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer within ${REQUEST_TIMEOUT_MS} ms`)))
      outgoing.on('error', reject)
      outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
