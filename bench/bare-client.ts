import { Agent, request } from 'node:https'
import type { KubeObject } from '../fleet/application.ts'

export interface BareClient {
  /** Applies one object by server-side apply; throws on anything but 2xx. */
  readonly apply: (path: string, object: KubeObject) => Promise<void>
  readonly close: () => void
}

/** The least that can apply objects: Node's https client with kept-alive connections, and nothing around it. It parses the answers, as everybody has to. */
export function bareClient(options: {
  readonly server: string
  readonly caData: string
  readonly token: string
  readonly socketsMax: number
}): BareClient {
  const { server, caData, token, socketsMax } = options
  const agent = new Agent({ ca: caData, keepAlive: true, maxSockets: socketsMax })
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/apply-patch+yaml' }
  return {
    apply: (path, object) =>
      new Promise<void>((resolve, reject) => {
        const payload = Buffer.from(JSON.stringify(object))
        const url = new URL(`${path}?fieldManager=roadstead&force=true`, server)
        const outgoing = request(url, { method: 'PATCH', agent, headers: { ...headers, 'content-length': payload.length } }, (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('error', reject)
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8')
            const status = answer.statusCode ?? 0
            if (status < 200 || status > 299) reject(new Error(`${path}: ${status} ${text.slice(0, 300)}`))
            else resolve(void JSON.parse(text))
          })
        })
        outgoing.on('error', reject)
        outgoing.end(payload)
      }),
    close: () => agent.destroy(),
  }
}
