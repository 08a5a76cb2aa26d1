import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import type { Payload, PayloadCodec } from '@temporalio/common'
import pg from 'pg'
import { loadKeyRing } from '../../server/keys.ts'
import { createPayloadCodec } from '../../server/payload-codec.ts'

/** Somewhere that a secret must not be: a name for messages, and all of its bytes. */
export interface Place {
  readonly name: string
  readonly bytes: Buffer
}

/** The forms in which a text turns up: as it is, in JSON, in a URL, in hex, in base64 at each of three offsets within a longer text. */
export function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text)
  const base64 = [0, 1, 2].flatMap((offset) => {
    // Only the characters that depend on nothing before or after the text.
    const first = Math.ceil((offset * 8) / 6)
    const end = Math.floor(((offset + bytes.length) * 8) / 6)
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(first, end)
    return [encoded, encoded.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const forms = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), encodeURI(text), bytes.toString('hex'), ...base64]
  return [...new Set(forms)]
}

/** Names of the places that hold the text in any of its forms. */
export function placesWith(text: string, places: readonly Place[]): readonly string[] {
  const forms = formsOf(text)
  return places.filter(({ bytes }) => forms.some((form) => bytes.includes(form))).map(({ name }) => name)
}

/** One place for each column of each table, in all schemas but PostgreSQL's own. */
export async function databasePlaces(stateDir: string): Promise<readonly Place[]> {
  const client = new pg.Client({ connectionString: databaseUrl(stateDir) })
  await client.connect()
  try {
    const columns = await client.query<{ schema: string; table: string; column: string; type: string }>(
      `SELECT table_schema AS schema, table_name AS "table", column_name AS "column", data_type AS type FROM information_schema.columns
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`,
    )
    const places: Place[] = []
    for (const { schema, table, column, type } of columns.rows) {
      const value = type === 'bytea' ? `"${column}"` : `convert_to("${column}"::text, 'UTF8')`
      const { rows } = await client.query<{ value: Buffer | null }>(`SELECT ${value} AS value FROM "${schema}"."${table}"`)
      places.push({
        name: `column ${table}.${column}`,
        bytes: Buffer.concat(rows.flatMap((row) => [row.value ?? Buffer.alloc(0), lineEnd])),
      })
    }
    return places
  } finally {
    await client.end()
  }
}

const lineEnd = Buffer.from('\n')

/** Runs a statement on the hub's own database. */
export async function inDatabase(stateDir: string, sql: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(stateDir) })
  await client.connect()
  await client.query(sql, [...values]).finally(() => client.end())
}

export function databasePassword(stateDir: string): string {
  return readFileSync(join(stateDir, 'postgres/password'), 'utf8').trim()
}

function databaseUrl(stateDir: string): string {
  const { port } = JSON.parse(readFileSync(join(stateDir, 'postgres/server.json'), 'utf8')) as { readonly port: number }
  return `postgres://roadstead:${databasePassword(stateDir)}@127.0.0.1:${port}/postgres`
}

export interface TemporalSeen {
  /** What whoever runs the Temporal server reads: ids, names, times, payloads as they are stored. */
  readonly raw: readonly Place[]
  /** What is in the payloads once the codec has opened them. */
  readonly decoded: readonly Place[]
  /** Encodings of the payloads as they are stored. Search attributes, which Temporal has to read, are left out. */
  readonly encodings: ReadonlySet<string>
}

/** Every run of every workflow that Temporal keeps: its history, and its description with pending activities and their last failures. */
export async function temporalPlaces(stateDir: string): Promise<TemporalSeen> {
  const { port } = JSON.parse(readFileSync(join(stateDir, 'temporal/temporal.db.server.json'), 'utf8')) as { readonly port: number }
  const connection = await Connection.connect({ address: `127.0.0.1:${port}` })
  const client = new Client({ connection })
  const codec = createPayloadCodec(loadKeyRing(undefined, stateDir))
  const raw: Place[] = []
  const decoded: Place[] = []
  const encodings = new Set<string>()
  try {
    for await (const { workflowId, runId, type } of client.workflow.list()) {
      const handle = client.workflow.getHandle(workflowId, runId)
      const { raw: description } = await handle.describe()
      const seen = await leavesOf([await handle.fetchHistory(), description], codec)
      const name = `Temporal's ${type} ${workflowId}`
      raw.push({ name, bytes: Buffer.concat(seen.raw) })
      decoded.push({ name: `${name}, decoded`, bytes: Buffer.concat(seen.decoded) })
      for (const encoding of seen.encodings) encodings.add(encoding)
    }
    return { raw, decoded, encodings }
  } finally {
    await connection.close()
  }
}

/** Every text and byte string below a message of Temporal; payloads opened besides. */
async function leavesOf(root: unknown, codec: PayloadCodec) {
  const raw: Buffer[] = []
  const decoded: Buffer[] = []
  const encodings = new Set<string>()
  const waiting: unknown[] = [root]
  for (let value = waiting.pop(); value !== undefined || waiting.length > 0; value = waiting.pop()) {
    if (typeof value === 'string') raw.push(Buffer.from(`${value}\n`))
    else if (value instanceof Uint8Array) raw.push(Buffer.from(value), lineEnd)
    else if (typeof value === 'object' && value !== null) {
      // Protobuf keeps defaults on the prototype; own properties are what was sent.
      waiting.push(...Object.keys(value), ...Object.values(value))
      if (!isPayload(value)) continue
      const [clear] = await codec.decode([value])
      decoded.push(Buffer.from(clear?.data ?? []), lineEnd)
      if (value.metadata?.['type'] === undefined) encodings.add(Buffer.from(value.metadata?.['encoding'] ?? []).toString())
    }
  }
  return { raw, decoded, encodings }
}

function isPayload(value: object): value is Payload {
  return 'metadata' in value && 'data' in value && value.data instanceof Uint8Array
}

/** Every file of the hub's state but those whose purpose is to hold a secret: data files, logs, caches, whatever lies there. */
export function filePlaces(stateDir: string): readonly Place[] {
  const secretFiles = ['keys.txt', 'postgres/password']
  return readdirSync(stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(stateDir.length + 1))
    .filter((name) => !secretFiles.includes(name))
    .flatMap((name) => {
      try {
        return [{ name: `file ${name}`, bytes: readFileSync(join(stateDir, name)) }]
      } catch {
        // Gone since it was listed: PostgreSQL and Temporal are at work.
        return []
      }
    })
}
