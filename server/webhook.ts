import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ActivityLog } from '../activities/dependencies.ts'
import type { Hints } from '../commands/context.ts'
import { errorKinds, FleetError } from '../fleet/errors.ts'
import { verifyAndParsePush } from '../repos/webhook.ts'
import type { Store } from '../store/store.ts'
import { send } from './http.ts'

const bodyBytesMax = 1024 * 1024

/**
 * POST /webhooks/git: push events of GitHub, Gitea, Forgejo and GitLab. The signature is checked over the raw body; without a
 * configured secret everything is refused. The payload is only a hint: it makes us look at a repository that we know.
 */
export function createWebhook(deps: {
  readonly store: Store
  readonly hints: Hints
  readonly secret: string | null
  readonly log: ActivityLog
}) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const rawBody = await readBody(request)
      const push = verifyAndParsePush({ headers: request.headers, rawBody, secrets: deps.secret === null ? [] : [deps.secret] })
      if (push.outcome === 'ignored') return send(response, 200, 'application/json', `${JSON.stringify({ ignored: push.reason })}\n`)
      let woken = 0
      for (const url of push.repositoryUrls) {
        const repository = await deps.store.repositories.getByUrl(url)
        if (repository === null) continue
        deps.hints.repositoryChanged(repository.id)
        woken += 1
      }
      deps.log.info({ provider: push.provider, ref: push.ref, woken }, 'webhook')
      send(response, 202, 'application/json', `${JSON.stringify({ woken })}\n`)
    } catch (error) {
      if (!(error instanceof FleetError)) throw error
      send(
        response,
        errorKinds[error.code].httpStatus,
        'application/json',
        `${JSON.stringify({ error: error.code, message: error.message })}\n`,
      )
    }
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > bodyBytesMax) throw new FleetError('LIMIT_EXCEEDED', `a webhook may have ${bodyBytesMax} bytes`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}
