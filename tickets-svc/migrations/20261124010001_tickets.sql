-- What clients say and what is said to them.
--
-- Addresses and texts of people stand in clients, client_addresses, tickets, ticket_participants,
-- messages, letters and blobs: rows that can be erased. Events hold ids only.

-- Addresses that letters come to.
create table mailboxes (
    id uuid primary key,
    address text not null,
    -- Lower case, domain in punycode: what is compared.
    address_key text not null constraint mailboxes_address_key unique,
    display_name text not null,
    department text not null,
    accept_unknown boolean not null,
    acknowledge boolean not null,
    processing_minutes integer not null check (processing_minutes > 0),
    first_response_minutes integer not null check (first_response_minutes > 0),
    created_at timestamptz not null
);

-- Who the clients are, as clients-svc last told us: the newer revision wins. The row is also what
-- a transaction locks before it emits an event about the client.
create table clients (
    id uuid primary key,
    revision bigint not null,
    title text not null,
    language text not null,
    zone text not null
);

create table client_addresses (
    client_id uuid not null references clients on delete cascade,
    address_key text not null,
    address text not null,
    -- The client's main address.
    main boolean not null,
    -- Kinds of letters that it gets: billing, support, general.
    audiences text[] not null,
    primary key (client_id, address_key)
);
create index client_addresses_key on client_addresses (address_key);

create table tickets (
    id uuid primary key,
    number bigint generated always as identity constraint tickets_number_key unique,
    client_id uuid references clients,
    -- Clients that the sender acts for, while it must be asked which one.
    candidate_clients uuid[] not null default '{}',
    subject text not null,
    state text not null check (state in ('open', 'in_progress', 'answered', 'closed')),
    department text not null,
    assignee uuid,
    requester text,
    requester_key text,
    trust text not null check (trust in ('matched', 'unknown')),
    origin text not null check (origin in ('letter', 'staff', 'work_order')),
    regarding text not null,
    -- Natural key of a work order: once per line (G32).
    work_key text constraint tickets_work_key unique,
    mailbox_id uuid references mailboxes,
    reopen_count integer not null check (reopen_count >= 0),
    message_count integer not null check (message_count > 0),
    revision bigint not null check (revision > 0),
    processing_run integer not null,
    first_response_run integer not null,
    -- Of the running two-hour clock; null while it stands. Lists are sorted by it.
    due_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index tickets_due on tickets (coalesce(due_at, 'infinity'), id);
create index tickets_client on tickets (client_id, id);
create index tickets_requester on tickets (requester_key text_pattern_ops, created_at);
create index tickets_subject on tickets (lower(subject) text_pattern_ops);

-- Runs of the clocks; what a run came to is never edited.
create table ticket_clocks (
    ticket_id uuid not null references tickets,
    kind text not null check (kind in ('processing', 'first_response')),
    run integer not null check (run > 0),
    started_at timestamptz not null,
    due_at timestamptz not null check (due_at >= started_at),
    stopped_at timestamptz,
    primary key (ticket_id, kind, run)
);

-- Addresses that may write to the ticket besides those of its client.
create table ticket_participants (
    ticket_id uuid not null references tickets,
    address_key text not null,
    address text not null,
    primary key (ticket_id, address_key)
);

-- What changed, in order: replayed, it gives the ticket.
create table ticket_changes (
    ticket_id uuid not null references tickets,
    revision bigint not null,
    place integer not null,
    actor text not null,
    field text not null,
    from_value text not null,
    to_value text not null,
    created_at timestamptz not null,
    primary key (ticket_id, revision, place)
);
select insert_only('ticket_changes');

-- The journal of letters in. A letter is here before anything is parsed and before its source is
-- told that we have it.
create table inbound_letters (
    id uuid primary key,
    mailbox_id uuid references mailboxes,
    -- Address that the source named; may be empty.
    mailbox_given text not null,
    source_key text not null constraint inbound_letters_source_key unique,
    envelope_from text not null,
    sha256 bytea not null,
    size bigint not null check (size >= 0),
    state text not null check (state in
        ('received', 'processed', 'duplicate', 'ignored', 'quarantined', 'failed')),
    reason text not null,
    ticket_id uuid references tickets,
    message_id uuid,
    duplicate_of uuid references inbound_letters,
    from_address text not null,
    subject text not null,
    msgid text not null,
    class text not null,
    -- Message-ID and hash of the content; null until it is parsed.
    dedup_key text,
    attempts integer not null default 0,
    created_at timestamptz not null,
    settled_at timestamptz,
    constraint inbound_letters_ended check (
        (state = 'processed') = (message_id is not null)
        and (state <> 'processed' or ticket_id is not null)
        and (state <> 'duplicate' or duplicate_of is not null)
        and (state = 'received') = (settled_at is null))
);
-- One letter is there once per mailbox; copies point at it.
create unique index inbound_letters_dedup on inbound_letters (mailbox_id, dedup_key)
    nulls not distinct where dedup_key is not null and state <> 'duplicate';
create index inbound_letters_state on inbound_letters (state, id);

create table messages (
    id uuid primary key,
    ticket_id uuid not null references tickets,
    sequence integer not null check (sequence > 0),
    kind text not null check (kind in ('client', 'staff', 'note', 'system', 'auto')),
    author text not null,
    text text not null,
    html text,
    msgid text,
    inbound_letter_id uuid constraint messages_inbound_letter_key unique
        references inbound_letters,
    -- Why the letter joined this ticket; empty for what opened it.
    evidence text not null,
    created_at timestamptz not null,
    constraint messages_sequence_key unique (ticket_id, sequence)
);
create index messages_msgid on messages (msgid) where msgid is not null;
alter table inbound_letters add foreign key (message_id) references messages
    deferrable initially deferred;

create table attachments (
    id uuid primary key,
    message_id uuid not null references messages,
    place integer not null,
    filename text not null,
    original_name text not null,
    content_type text not null,
    content_id text,
    size bigint not null,
    sha256 bytea not null,
    constraint attachments_place_key unique (message_id, place)
);

-- Letters out, and the delivery log.
create table outbound_letters (
    id uuid primary key,
    -- Fixed before the first try, the same in every retry.
    msgid text not null constraint outbound_letters_msgid_key unique,
    -- What asked for it, such as invoices/{invoice}/issued; makes it once.
    request_key text constraint outbound_letters_request_key unique,
    template text not null,
    client_id uuid references clients,
    ticket_id uuid references tickets,
    message_id uuid references messages,
    from_name text not null,
    from_address text not null,
    recipients text[] not null,
    -- Key of the address that an automatic answer goes to; for the wall against robots.
    answered_key text,
    subject text not null,
    text text not null,
    in_reply_to text,
    reference_ids text[] not null,
    automatic boolean not null,
    documents text[] not null,
    -- The bytes as they are sent; null until the documents are fetched.
    raw_sha256 bytea,
    state text not null check (state in ('queued', 'sent', 'failed')),
    attempts integer not null default 0,
    response text not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    constraint outbound_letters_sent check ((state = 'sent') = (sent_at is not null))
);
create index outbound_letters_client on outbound_letters (client_id, id);
create index outbound_letters_ticket on outbound_letters (ticket_id, id);
create index outbound_letters_state on outbound_letters (state, id);
create index outbound_letters_answered on outbound_letters (answered_key, created_at)
    where answered_key is not null;
