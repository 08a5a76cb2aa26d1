import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Hints } from '../../../commands/context.ts'
import type { ApplicationSet } from '../../../fleet/application-set.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../fleet/json.ts'
import { pushMoves } from '../../../fleet/set/webhook-wakes.ts'
import { createWebhook } from '../../../server/webhook.ts'
import type { Store } from '../../../store/store.ts'
import type { Adapters } from '../adapter.ts'

const secret = 'a secret of webhooks'

export const webhookAdapters: Adapters = {
  webhook: {
    unordered: ['refreshed'],
    run: async ({ headers, payloadFile }, { directory, fixtures }) => {
      const body = readFileSync(join(directory, 'webhook_payloads', String(payloadFile)))
      const sets = isJsonObject(fixtures.generatorsByApplicationSet) ? fixtures.generatorsByApplicationSet : {}
      return { value: await deliver({ ...lowerCase(headers), ...signatures(body) }, body, sets) }
    },
  },

  webhook_revision: {
    run: ({ generatorRevision, pushRevision, touchedHead }) => ({
      value: { changed: pushMoves(String(generatorRevision ?? ''), { refs: [String(pushRevision)], touchedHead: touchedHead === true }) },
    }),
  },
}

/** Cases have no secret: each host's way to show that it knows ours. */
function signatures(body: Buffer): Readonly<Record<string, string>> {
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  return {
    'x-hub-signature-256': signature,
    'x-hub-signature': signature,
    'x-gitlab-token': secret,
    authorization: `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`,
  }
}

function lowerCase(headers: Json | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(isJsonObject(headers) ? headers : {})
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]))
}

/** To the server's handler, with a store that holds nothing but the sets: no repository is known, so it decides about all of them. */
async function deliver(headers: Readonly<Record<string, string>>, body: Buffer, sets: JsonObject): Promise<JsonObject> {
  const all = Object.entries(sets).map(([id, generators]) => ({ id, spec: { generators: asInManifests(generators ?? null) } }))
  const refreshed: string[] = []
  const applicationSets = {
    all: () => Promise.resolve(all as unknown as readonly ApplicationSet[]),
    touch: (ids: readonly string[]) => Promise.resolve(ids),
  }
  const webhook = createWebhook({
    store: { applicationSets, repositories: { getByUrl: () => Promise.resolve(null) } } as unknown as Store,
    hints: { applicationSetsChanged: (ids: readonly string[]) => refreshed.push(...ids) } as unknown as Hints,
    secret,
    log: { info: () => undefined, warn: () => undefined },
  })
  const answer = { statusCode: 0 }
  const response = {
    writeHead: (status: number) => {
      answer.statusCode = status
      return response
    },
    end: () => undefined,
  }
  const request = Object.assign(Readable.from([body]), { headers })
  await webhook(request as unknown as IncomingMessage, response as unknown as ServerResponse)
  return { ...answer, refreshed }
}

/** Cases have nested generators as Go writes them without names for JSON (`RepoURL`); Go reads either spelling. */
function asInManifests(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(asInManifests)
  if (!isJsonObject(value)) return value
  const lower = (key: string) => `${key.slice(0, 1).toLowerCase()}${key.slice(1)}`
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [lower(key), asInManifests(item ?? null)]))
}
