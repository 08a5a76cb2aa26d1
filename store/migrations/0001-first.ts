import { type Kysely, sql } from 'kysely'

/**
 * Names and labels sort by code point (collate "C") on every database, so that pages are in the order that JavaScript gives.
 * Generations, passes and sequences are bigint; times are bigint milliseconds since the epoch.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table clusters (
      id uuid primary key,
      name text collate "C" not null constraint clusters_name_key unique,
      server text collate "C" not null constraint clusters_server_key unique,
      ca_data text,
      tls_server_name text,
      labels jsonb not null,
      annotations jsonb not null,
      project text,
      task_queue text not null,
      generation bigint not null default 1,
      observed_generation bigint not null default 0,
      access_generation bigint not null default 1,
      connection_status text not null,
      connection_message text not null,
      version text,
      uid text,
      attempted_at_ms bigint,
      seen_at_ms bigint,
      removing boolean not null default false,
      created_at_ms bigint not null
    );
    create index clusters_labels on clusters using gin (labels jsonb_path_ops);
    create index clusters_uid on clusters (uid);

    create table cluster_credentials (
      cluster_id uuid primary key references clusters on delete cascade,
      key_id text not null,
      nonce bytea not null,
      ciphertext bytea not null
    );

    create table repositories (
      id uuid primary key,
      normalized_url text collate "C" not null unique,
      url text not null,
      refs jsonb not null default '{}',
      polled_at_ms bigint,
      error text,
      generation bigint not null default 1
    );

    create table repository_credentials (
      repository_id uuid primary key references repositories on delete cascade,
      key_id text not null,
      nonce bytea not null,
      ciphertext bytea not null
    );

    create table projects (
      id uuid primary key default gen_random_uuid(),
      name text collate "C" not null unique,
      spec jsonb not null,
      generation bigint not null default 1
    );

    create table application_sets (
      id uuid primary key default gen_random_uuid(),
      name text collate "C" not null unique,
      metadata jsonb not null,
      spec jsonb not null,
      generation bigint not null default 1,
      observed_generation bigint not null default 0,
      wanted_pass bigint not null default 1,
      observed_pass bigint not null default 0,
      conditions jsonb not null default '[]',
      held_deletion jsonb,
      expanded_at_ms bigint,
      confirmed_digest text,
      confirmed_by text,
      unblocked_rollout_id uuid,
      unblocked_by text,
      deletion text check (deletion in ('cascade', 'orphan')),
      last_changed_by text not null,
      created_at_ms bigint not null
    );

    -- A cluster goes only when its applications are gone or are to be left as orphans: those lose their cluster with it.
    create table applications (
      id uuid primary key default gen_random_uuid(),
      name text collate "C" not null unique,
      application_set_id uuid references application_sets,
      cluster_id uuid references clusters on delete set null,
      manifest jsonb not null,
      conditions jsonb not null,
      generation bigint not null default 1,
      observed_generation bigint not null default 0,
      wanted_version_id text,
      pinned_version_id text,
      synced_version_id text,
      pin_generation bigint not null default 0,
      sync text not null default 'Unknown',
      health text not null default 'Unknown',
      message text not null default '',
      revision text,
      resources jsonb not null default '[]',
      observed_at_ms bigint,
      synced_at_ms bigint,
      sync_requested_by text,
      sync_requested_at_ms bigint,
      deletion text check (deletion in ('cascade', 'orphan')),
      created_at_ms bigint not null
    );
    create index applications_of_set on applications (application_set_id, name);
    create index applications_of_cluster on applications (cluster_id, name);
    create index applications_by_status on applications (sync, health);
    create index applications_deleted on applications (name) where deletion is not null;
    create index applications_to_sync on applications (name) where sync_requested_at_ms is not null;

    create table application_versions (
      id text collate "C" primary key,
      application_id uuid not null references applications on delete cascade,
      spec jsonb not null,
      revision text not null,
      content_key text not null,
      created_at_ms bigint not null
    );
    create index application_versions_of_application on application_versions (application_id);

    -- Rollouts outlive their set (who ran what, and when): no reference, and the set's name is kept.
    create table rollouts (
      id uuid primary key default gen_random_uuid(),
      application_set_id uuid not null,
      application_set_name text not null,
      number bigint not null,
      plan jsonb not null,
      state jsonb not null,
      waits jsonb not null,
      phase text not null,
      active boolean not null,
      sequence bigint not null default 0,
      set_generation bigint not null,
      revisions jsonb not null,
      requested_by text not null,
      created_at_ms bigint not null,
      unique (application_set_id, number)
    );
    create unique index rollouts_one_active on rollouts (application_set_id) where active;
    create index rollouts_newest on rollouts (created_at_ms desc, id desc);

    create table rollout_commands (
      id bigint generated always as identity primary key,
      rollout_id uuid not null references rollouts on delete cascade,
      verb text not null,
      actor text not null,
      stage text,
      plan_digest text,
      reason text,
      idempotency_key text,
      at_ms bigint not null,
      unique (rollout_id, idempotency_key)
    );
    create index rollout_commands_of_rollout on rollout_commands (rollout_id, id);

    create table tokens (
      id uuid primary key default gen_random_uuid(),
      name text collate "C" not null unique,
      role text not null,
      hash bytea not null unique,
      created_at_ms bigint not null,
      expires_at_ms bigint,
      last_used_at_ms bigint
    );

    create table changes (
      sequence bigint generated always as identity primary key,
      kind text not null,
      id uuid not null,
      name text not null,
      action text not null,
      at_ms bigint not null
    );

    create table change_horizon (
      only_row boolean primary key default true check (only_row),
      trimmed_through bigint not null
    );
    insert into change_horizon (trimmed_through) values (0);

    -- What conditions say, without since when: whether they changed.
    create function conditions_content(conditions jsonb) returns jsonb language sql immutable parallel safe
      return (
        select coalesce(jsonb_agg(item.value - 'lastTransitionAtMs' order by item.ordinality), '[]')
        from jsonb_array_elements(conditions) with ordinality as item
      );
  `.execute(db)
}
