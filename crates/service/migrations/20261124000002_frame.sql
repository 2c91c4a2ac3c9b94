-- What every service keeps beside its own nouns.

-- One row: which feed this database is, and the newest position given.
create table feed_state (
    singleton boolean primary key default true check (singleton),
    feed uuid not null,
    position bigint not null default 0 check (position >= 0),
    -- Of the cluster that the feed was made in: a dump restored elsewhere is another feed.
    system_identifier text not null
);

-- What happened, in the transaction that made it happen.
create table events (
    id uuid primary key,
    -- Taken under the client's row lock, so its order is causal within a client.
    seq bigserial not null,
    client_id uuid,
    kind text not null,
    payload bytea not null,
    trace text not null,
    created_at timestamptz not null
);
select insert_only('events');

-- Events that have no position yet: inserted with the event, deleted by the sequencer.
create table feed_pending (
    seq bigint primary key,
    event_id uuid not null references events
);

create table feed_positions (
    position bigint primary key,
    event_id uuid not null unique references events
);
select insert_only('feed_positions');

-- How far this service has come in each feed that it follows.
create table feed_cursors (
    producer text primary key,
    -- Null until the first event is taken.
    feed uuid,
    position bigint not null default 0,
    event_id uuid
);

-- Events whose handler failed, and later ones of the same client that wait behind them.
create table parked_events (
    event_id uuid primary key,
    producer text not null,
    position bigint not null,
    client_id uuid,
    kind text not null,
    payload bytea not null,
    trace text not null,
    created_at timestamptz not null,
    -- DONE rows are removed; DISCARDED ones stay, with who decided and why.
    state text not null check (state in ('PARKED', 'HELD_BACK', 'DISCARDED')),
    error text not null,
    attempts integer not null,
    parked_at timestamptz not null,
    discarded_by text,
    discard_reason text
);
create index parked_events_client on parked_events (producer, client_id, position)
    where state in ('PARKED', 'HELD_BACK');

-- Request ids of mutating calls, with what was answered.
create table request_ids (
    actor text not null,
    method text not null,
    request_id uuid not null,
    body_sha256 bytea not null,
    -- Null when the reply holds a secret, which is never stored.
    reply bytea,
    created_at timestamptz not null,
    primary key (actor, method, request_id)
);
create index request_ids_age on request_ids (created_at);

-- Durable work. `run_at` is business time; `retry_at` and `lease_until` are system time.
create table jobs (
    id uuid primary key,
    kind text not null,
    -- Natural key within the kind: a second push with the same key is the same job.
    key text,
    client_id uuid,
    payload jsonb not null,
    state text not null default 'READY'
        check (state in ('READY', 'RUNNING', 'DONE', 'PARKED', 'DISCARDED')),
    run_at timestamptz not null,
    retry_at timestamptz,
    lease uuid,
    lease_until timestamptz,
    attempts integer not null default 0,
    error text,
    -- System time of the last change of state.
    changed_at timestamptz not null,
    discarded_by text,
    discard_reason text,
    constraint jobs_kind_key unique (kind, key)
);
create index jobs_ready on jobs (kind, run_at, id) where state = 'READY';
create index jobs_running on jobs (lease_until) where state = 'RUNNING';
create index jobs_parked on jobs (changed_at) where state = 'PARKED';
create index jobs_done on jobs (changed_at) where state = 'DONE';

-- The last business day that each schedule ran for.
create table schedules (
    name text primary key,
    last_day date not null
);

-- Bytes by their SHA-256, in chunks.
create table blobs (
    sha256 bytea not null,
    chunk integer not null,
    bytes bytea not null,
    primary key (sha256, chunk)
);
-- PDFs and letters are compressed already, or not worth it.
alter table blobs alter column bytes set storage external;

-- The manual clock (tests, demo); empty while the system clock is used.
create table clock (
    singleton boolean primary key default true check (singleton),
    now timestamptz not null
);
