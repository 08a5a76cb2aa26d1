import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { previewSet } from '../../../activities/preview-set.ts'
import type { ClusterAccess, ClusterGateway, ClusterProbe } from '../../../clusters/gateway.ts'
import type { Hints } from '../../../commands/context.ts'
import { FleetError } from '../../../fleet/errors.ts'
import { defaultLimits, type OperationLimits } from '../../../schema/limits.ts'
import { buildSchema } from '../../../schema/schema.ts'
import { authenticate } from '../../../server/authenticate.ts'
import { generatorEnvironment } from '../../../server/generator-environment.ts'
import { createGraphQLHandler } from '../../../server/graphql.ts'
import { type StoreFixture, useStore } from '../store/store-fixture.ts'

export interface Answer {
  readonly status: number
  readonly text: string
  readonly data: Payload
  readonly errors: readonly { readonly message: string; readonly extensions?: { readonly code?: string; readonly errorId?: string } }[]
  readonly headers: Headers
}

export interface ApiFixture {
  readonly db: StoreFixture
  readonly url: string
  readonly gateway: FakeGateway
  /** Calls of hints since the test began, such as `clusterChanged`. */
  readonly hinted: string[]
  /** All that was logged since the test began, as text. */
  readonly logged: string[]
  readonly tokens: { readonly admin: string; readonly readonly: string }
  /** Sends an operation as the administrator, or as told. */
  readonly ask: (query: string, variables?: object, token?: string | null) => Promise<Answer>
  /** The payload of a mutation's only field. */
  readonly wish: (query: string, variables?: object, token?: string) => Promise<Payload>
  limits: OperationLimits
}

/** What JSON.parse gives: tests look into answers of any shape. */
export type Payload = ReturnType<typeof JSON.parse>

/** A real store, a real HTTP server, and a gateway that answers for clusters that aren't there. */
export function useApi(): ApiFixture {
  const db = useStore()
  const hinted: string[] = []
  const logged: string[] = []
  const gateway = new FakeGateway()
  let server: Server | undefined
  let url = ''
  const tokens = { admin: '', readonly: '' }

  beforeAll(async () => {
    tokens.admin = (await db.store.tokens.create({ name: 'ann', role: 'admin', expiresAtMs: null })).clear
    tokens.readonly = (await db.store.tokens.create({ name: 'rob', role: 'readonly', expiresAtMs: null })).clear
    const log = (facts: object, message: string) => void logged.push(`${message} ${inspect(facts, { depth: 10 })}`)
    const nowMs = () => db.nowMs
    const schema = buildSchema()
    const handlers = new Map<OperationLimits, ReturnType<typeof createGraphQLHandler>>()
    const handlerOf = (limits: OperationLimits) =>
      createGraphQLHandler({
        schema,
        commandContext: {
          store: db.store,
          gateway,
          hints: recordingHints(hinted),
          nowMs,
          allowLoopbackClusters: true,
          previewSet: (set, signal) => previewSet(generating(db), set, signal),
        },
        authenticate: authenticate(db.store, nowMs),
        log: { info: log, warn: log, error: log },
        development: false,
        limits,
      })
    server = createServer((request, response) => {
      const handler = handlers.get(fixture.limits) ?? handlerOf(fixture.limits)
      handlers.set(fixture.limits, handler)
      handler(request, response)
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  })
  beforeEach(() => {
    hinted.length = 0
    logged.length = 0
    gateway.reset()
    fixture.limits = defaultLimits
  })
  afterAll(async () => {
    if (server === undefined) return
    server.closeAllConnections()
    await new Promise((resolve) => server?.close(resolve))
  })

  const fixture: ApiFixture = {
    db,
    hinted,
    logged,
    gateway,
    tokens,
    limits: defaultLimits,
    get url() {
      return url
    },
    ask: async (query, variables = {}, token = tokens.admin) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ query, variables }),
      })
      const text = await response.text()
      const { data = null, errors = [] } = JSON.parse(text)
      return { status: response.status, text, data, errors, headers: response.headers }
    },
    wish: async (query, variables, token = tokens.admin) => {
      const answer = await fixture.ask(query, variables, token)
      expect(answer.errors, answer.text).toEqual([])
      return Object.values(answer.data)[0]
    },
  }
  return fixture
}

/** For generators that ask nobody: list and clusters. */
function generating({ store, nowMs }: StoreFixture): Parameters<typeof previewSet>[0] {
  const nobody = {} as never
  return {
    store,
    gateway: nobody,
    repositories: nobody,
    sources: {
      scm: nobody,
      readConfigMap: nobody,
      scmPolicy: { enabled: true, allowedApis: [] },
      gitFileGlobbing: 'pathspec',
      hub: { cluster: 'in-cluster', namespace: 'argocd' },
    },
    hints: recordingHints([]),
    nowMs: () => nowMs,
    generatorEnvironment: generatorEnvironment(),
  }
}

function recordingHints(calls: string[]): Hints {
  return {
    clusterChanged: () => void calls.push('clusterChanged'),
    applicationSetsChanged: () => void calls.push('applicationSetsChanged'),
    applicationChanged: () => void calls.push('applicationChanged'),
    repositoryChanged: () => void calls.push('repositoryChanged'),
    rolloutCommanded: () => void calls.push('rolloutCommanded'),
  }
}

/** Answers probes as it is told to. It does nothing else: no command may ask more of a cluster. */
export class FakeGateway implements ClusterGateway {
  probed: ClusterAccess[] = []
  forgotten: string[] = []
  answer: (access: ClusterAccess) => ClusterProbe = stranger

  reset(): void {
    this.probed = []
    this.forgotten = []
    this.answer = stranger
  }

  probe = async (access: ClusterAccess): Promise<ClusterProbe> => {
    this.probed.push(access)
    return this.answer(access)
  }
  apply = () => Promise.reject(new Error('not for commands'))
  observe = () => Promise.reject(new Error('not for commands'))
  remove = () => Promise.reject(new Error('not for commands'))
  listCustomResources = () => Promise.reject(new Error('not for commands'))
  forget = (clusterId: string): void => void this.forgotten.push(clusterId)
  close = async (): Promise<void> => undefined
}

/** Each server is a cluster of its own. */
function stranger({ server }: ClusterAccess): ClusterProbe {
  return { version: 'v1.36.3', uid: `uid of ${server}` }
}

export const unreachable = (): never => {
  throw new FleetError('CLUSTER_UNREACHABLE', 'connect ECONNREFUSED')
}

export const denied = (): never => {
  throw new FleetError('CLUSTER_DENIED', '401 Unauthorized')
}
