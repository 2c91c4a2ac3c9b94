-- What clients paid: own accounts, statements, lines, allocations, and projections of what the
-- matcher needs to know of clients and invoices.

-- One row per client. Whoever touches a client's money locks it first.
create table accounts (
    client_id uuid primary key,
    -- Revision of the profile that `payers` was taken from; 0 before the first one.
    profile_revision bigint not null default 0
);

-- Legal entities of clients: whose tax id and accounts mean whom. Erasable, never in events.
create table payers (
    legal_entity_id uuid primary key,
    client_id uuid not null references accounts,
    tax_id text,
    kpp text
);
create index payers_tax_id on payers (tax_id);
create index payers_client on payers (client_id);

create table payer_accounts (
    legal_entity_id uuid not null references payers on delete cascade,
    account text not null,
    primary key (account, legal_entity_id)
);

create table sellers (
    seller_id uuid primary key,
    title text not null,
    tax_id text not null
);

-- Own accounts. A seller that changes its account keeps the old one: money still comes there.
create table bank_accounts (
    id uuid primary key,
    seller_id uuid not null references sellers,
    account text not null,
    bic text not null,
    currency text not null,
    constraint bank_accounts_account unique (account)
);

-- Issued invoices, as invoicing tells them: a hint for matching, never the truth about money.
create table invoices (
    invoice_id uuid primary key,
    number text not null,
    -- Canonical number, whole and without its prefix.
    number_full text not null,
    number_tail text not null,
    sequence bigint not null,
    client_id uuid not null references accounts,
    payer_id uuid,
    contract_id uuid,
    seller_id uuid not null,
    currency text not null,
    total numeric(20, 2) not null,
    residual numeric(20, 2) not null,
    state text not null,
    payment_state text not null,
    issued_on date not null,
    due_on date
);
create index invoices_number_full on invoices (number_full);
create index invoices_number_tail on invoices (number_tail);
create index invoices_open on invoices (client_id) where state = 'ISSUED' and residual > 0;

-- Imported files; the bytes are in blobs.
create table statements (
    id uuid primary key,
    sha256 bytea not null,
    filename text not null,
    format text not null,
    version text,
    encoding text not null,
    declared_encoding text,
    sender text,
    from_day date,
    to_day date,
    accounts text[] not null,
    documents integer not null,
    -- Lines stored from this file, and those that were stored before.
    line_count integer not null,
    repeated_count integer not null,
    warnings jsonb not null,
    bad_documents jsonb not null,
    accept_truncated boolean not null,
    actor text not null,
    created_at timestamptz not null,
    constraint statements_sha256 unique (sha256)
);

create table statement_days (
    statement_id uuid not null references statements,
    place integer not null,
    account text not null,
    currency text not null,
    from_day date,
    to_day date,
    opening numeric(20, 2),
    turnover_in numeric(20, 2),
    turnover_out numeric(20, 2),
    closing numeric(20, 2),
    -- Opening, turnovers and closing agree with each other and with the documents.
    complete boolean not null,
    primary key (statement_id, place)
);
create index statement_days_account on statement_days (account, to_day desc);

create table lines (
    id uuid primary key,
    statement_id uuid not null references statements,
    -- Line of the file where the document begins.
    place integer not null,
    bank_account_id uuid not null references bank_accounts,
    seller_id uuid not null,
    direction text not null check (direction in ('in', 'out', 'unknown')),
    state text not null check (state in ('imported', 'review', 'matched', 'ignored')),
    class text not null,
    amount numeric(20, 2) not null check (amount > 0),
    currency text not null,
    -- Σ of the allocations that stand.
    allocated numeric(20, 2) not null default 0,
    booked_on date not null,
    doc_no text,
    doc_date date,
    doc_kind text,
    uip text,
    -- Identity within the own account (payments.md §4.2): the bank's id, else fingerprint and
    -- occurrence number.
    bank_unique_id text,
    fingerprint bytea,
    occurrence integer,
    payer_name text not null,
    payer_tax_id text,
    payer_kpp text,
    payer_account text,
    payer_bank_id text,
    payer_bank_name text,
    payee_name text not null,
    payee_tax_id text,
    payee_kpp text,
    payee_account text,
    payee_bank_id text,
    payee_bank_name text,
    purpose text not null,
    raw jsonb not null,
    -- Canonical numbers that the purpose names, whole and without prefix.
    number_keys text[] not null,
    reasons jsonb not null default '[]',
    proposals jsonb not null default '[]',
    ignore_reason text,
    ignored_by text,
    revision bigint not null default 1,
    created_at timestamptz not null,
    constraint lines_allocated check (allocated between 0 and amount),
    constraint lines_identity check ((bank_unique_id is null) = (fingerprint is not null)),
    constraint lines_incoming check (allocated = 0 or direction = 'in')
);
create unique index lines_bank_unique_id on lines (bank_account_id, bank_unique_id)
    where bank_unique_id is not null;
create unique index lines_fingerprint on lines (bank_account_id, fingerprint, occurrence)
    where fingerprint is not null;
create index lines_newest on lines (booked_on desc, id desc);
create index lines_queue on lines (state, booked_on desc, id desc)
    where state in ('imported', 'review');
create index lines_statement on lines (statement_id, id);
create index lines_waiting_tax_id on lines (payer_tax_id) where state = 'review';
create index lines_waiting_account on lines (payer_account) where state = 'review';
create index lines_waiting_numbers on lines using gin (number_keys) where state = 'review';

-- What parts of lines are meant for. A reversal marks the row; amounts never change.
create table allocations (
    id uuid primary key,
    line_id uuid not null references lines,
    client_id uuid not null references accounts,
    payer_id uuid,
    seller_id uuid not null,
    -- Null for the client's credit.
    invoice_id uuid references invoices,
    amount numeric(20, 2) not null check (amount > 0),
    currency text not null,
    automatic boolean not null,
    actor text not null,
    reasons jsonb not null,
    created_at timestamptz not null,
    reversed_at timestamptz,
    reversed_by text,
    reversal_reason text,
    -- What invoicing answered.
    settled boolean not null default false,
    applied numeric(20, 2) not null default 0,
    credit numeric(20, 2) not null default 0,
    constraint allocations_reversal check (
        (reversed_at is null) = (reversed_by is null)
        and (reversed_at is null) = (reversal_reason is null)
    )
);
create index allocations_line on allocations (line_id);
create index allocations_client on allocations (client_id);
create index allocations_in_flight on allocations (invoice_id)
    where reversed_at is null and not settled;
