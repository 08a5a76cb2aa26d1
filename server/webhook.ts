import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ActivityLog } from '../activities/dependencies.ts'
import type { Hints } from '../commands/context.ts'
import { errorKinds, FleetError } from '../fleet/errors.ts'
import type { GitEvent } from '../fleet/set/webhook-event.ts'
import { asksPlugins, wakesSet } from '../fleet/set/webhook-wakes.ts'
import { normalizeRepositoryUrl } from '../repos/url.ts'
import { verifyAndParseEvent } from '../repos/webhook.ts'
import type { Store } from '../store/store.ts'
import { send } from './http.ts'

const bodyBytesMax = 1024 * 1024

interface WebhookDependencies {
  readonly store: Store
  readonly hints: Hints
  readonly secret: string | null
  readonly log: ActivityLog
}

/**
 * POST /webhooks/git: pushes and pull requests of GitHub, Gitea, Forgejo, GitLab, Bitbucket and Azure DevOps. The signature is checked over
 * the raw body; without a configured secret everything is refused. The payload is only a hint: it makes us look at a repository that
 * we know, and sets look again. Answers 200 with how many do, also for events that start nothing.
 */
export function createWebhook(deps: WebhookDependencies) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const rawBody = await readBody(request)
      const parsed = verifyAndParseEvent({ headers: request.headers, rawBody, secrets: deps.secret === null ? [] : [deps.secret] })
      if (parsed.outcome === 'ignored') return answer(response, 200, { ignored: parsed.reason })
      const { event } = parsed
      const repositories = event.kind === 'push' ? await pollPushed(deps, event) : 0
      const sets = await wakeSets(deps, event, repositories > 0)
      deps.log.info({ host: event.repository.host, event: event.kind, repositories, sets }, 'webhook')
      answer(response, 200, { repositories, sets })
    } catch (error) {
      if (!(error instanceof FleetError)) throw error
      answer(response, errorKinds[error.code].httpStatus, { error: error.code, message: error.message })
    }
  }
}

/** The repositories that a push names are looked at at once; what reads a ref that has moved looks again when that has been seen. */
async function pollPushed({ store, hints }: WebhookDependencies, { repository }: GitEvent): Promise<number> {
  const urls = repository.urls.flatMap((url) => normalizeRepositoryUrl(url).value ?? [])
  const known = new Set<string>()
  for (const url of new Set(urls)) {
    const row = await store.repositories.getByUrl(url)
    if (row !== null) known.add(row.id)
  }
  for (const id of known) hints.repositoryChanged(id)
  return known.size
}

/** A pass before the poll would see the old refs: then those that read the repository are left to it. */
async function wakeSets({ store, hints }: WebhookDependencies, event: GitEvent, isPolled: boolean): Promise<number> {
  const wakes = isPolled ? asksPlugins : (generators: Parameters<typeof asksPlugins>[0]) => wakesSet(event, generators)
  const ids = (await store.applicationSets.all()).filter((set) => wakes(set.spec.generators)).map((set) => set.id)
  if (ids.length === 0) return 0
  const touched = await store.applicationSets.touch(ids)
  hints.applicationSetsChanged(touched)
  return touched.length
}

function answer(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json', `${JSON.stringify(body)}\n`)
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
