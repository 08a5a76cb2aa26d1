import type { IncomingMessage } from 'node:http'

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * What is wrong with the transport of a request; null when nothing is. A form or text/plain body can be sent by any page of any site
 * without being asked first, so only application/json is read; by GET only event streams are opened.
 */
export function refusal(request: IncomingMessage): Refusal | null {
  const accept = request.headers.accept ?? ''
  if (request.method === 'GET') {
    if (accept.includes('text/event-stream')) return null
    return {
      status: 405,
      code: 'INVALID_INPUT',
      message: 'GET opens event streams only (Accept: text/event-stream): send operations by POST',
      headers: { allow: 'POST' },
    }
  }
  if (request.method !== 'POST') {
    return { status: 405, code: 'INVALID_INPUT', message: 'Send operations by POST', headers: { allow: 'POST' } }
  }
  const contentType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (contentType === 'application/json') return null
  return {
    status: 415,
    code: 'INVALID_INPUT',
    message: 'Send the operation as application/json: {"query": "...", "variables": {...}}',
    headers: {},
  }
}
