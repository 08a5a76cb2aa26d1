import { type Kysely, sql } from 'kysely'

/** Secrets that generators name (`tokenRef`): what Argo CD reads from Kubernetes Secrets in its own namespace. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table secrets (
      id uuid primary key default gen_random_uuid(),
      name text collate "C" not null unique,
      project text,
      keys jsonb not null,
      updated_at_ms bigint not null
    );

    create table secret_data (
      secret_id uuid primary key references secrets on delete cascade,
      key_id text not null,
      nonce bytea not null,
      ciphertext bytea not null
    );
  `.execute(db)
}
