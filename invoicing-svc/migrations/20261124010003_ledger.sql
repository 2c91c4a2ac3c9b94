-- Money: what came, what it was set against, what was rendered; the one ledger.

-- What payments-svc says money is meant for.
create table allocations (
    id uuid primary key,
    line_id uuid not null,
    client_id uuid not null,
    payer_id uuid,
    seller_id uuid not null references sellers,
    -- The invoice that it names; null for credit.
    named_invoice_id uuid,
    currency text not null,
    amount numeric not null check (amount > 0),
    -- Booked by the bank.
    date date not null,
    -- What of it is applied to no invoice.
    credit numeric not null check (credit between 0 and amount),
    reversed boolean not null default false,
    created_at timestamptz not null,
    check (not reversed or credit = 0)
);
-- Credit of a client with a seller, oldest money first.
create index allocations_credit on allocations (client_id, seller_id, currency, date, id)
    where credit > 0;
create index allocations_line on allocations (line_id);

-- Money of one allocation set against one invoice; taken back by its reversal, never deleted.
create table applications (
    id uuid primary key,
    allocation_id uuid not null references allocations,
    invoice_id uuid not null references invoices,
    client_id uuid not null,
    currency text not null,
    amount numeric not null check (amount > 0),
    date date not null,
    -- ALLOCATION when the money named the invoice, CREDIT when it stood as credit before.
    origin text not null check (origin in ('ALLOCATION', 'CREDIT')),
    reversed_at timestamptz,
    reverse_reason text not null default '',
    created_at timestamptz not null
);
create index applications_client on applications (client_id, id);
create index applications_invoice on applications (invoice_id, id);
create index applications_live on applications (allocation_id) where reversed_at is null;

-- Accounts of the ledger with their kept balances (debits less credits), re-derivable.
create table balances (
    id bigint generated always as identity primary key,
    seller_id uuid not null references sellers,
    kind text not null check (kind in (
        'BANK_CLEARING', 'SUSPENSE', 'ADVANCES', 'RECEIVABLE', 'REVENUE', 'VAT_PAYABLE',
        'VAT_ON_ADVANCES', 'BONUS', 'PENALTIES', 'REFUND_PAYABLE', 'ROUNDING', 'WRITE_OFF')),
    -- Null for accounts of the seller as a whole.
    client_id uuid,
    payer_id uuid,
    -- Null on ADVANCES: money without a named contract.
    contract_id uuid references contracts,
    currency text not null,
    balance numeric not null default 0,
    constraint balances_account_key
        unique nulls not distinct (seller_id, kind, client_id, payer_id, contract_id, currency)
);
create index balances_client on balances (client_id);

-- A row debits one account and credits another: an unbalanced one cannot be written.
create table transfers (
    id uuid primary key,
    debit_id bigint not null references balances,
    credit_id bigint not null references balances,
    client_id uuid,
    currency text not null,
    amount numeric not null check (amount > 0),
    -- Resource name of what caused it, and what happened.
    cause text not null,
    kind text not null,
    date date not null,
    created_at timestamptz not null,
    check (debit_id <> credit_id)
);
create index transfers_client on transfers (client_id, id);
create index transfers_cause on transfers (cause);
select insert_only('transfers');

-- Bank lines whose money stands in suspense: what suspense is made of.
create table suspense_lines (
    line_id uuid primary key,
    seller_id uuid not null references sellers,
    currency text not null,
    amount numeric not null check (amount > 0),
    date date not null,
    ignored boolean not null default false
);

-- What was rendered to one contract in one month.
create table acts (
    id uuid primary key,
    client_id uuid not null,
    contract_id uuid not null references contracts,
    payer_id uuid not null,
    payer_revision bigint,
    seller_id uuid not null references sellers,
    currency text not null,
    month date not null check (extract(day from month) = 1),
    date date not null,
    series_id uuid not null references number_series,
    sequence bigint not null check (sequence > 0),
    number text not null,
    net numeric not null,
    tax numeric not null,
    total numeric not null,
    -- How the act was posted: from advances, and to receivable.
    from_advance numeric not null,
    to_receivable numeric not null,
    run_id uuid,
    created_at timestamptz not null,
    constraint acts_sequence_key unique (series_id, sequence),
    constraint acts_number_key unique (seller_id, number)
);
create index acts_client on acts (client_id, month desc, id);
create index acts_contract on acts (contract_id, month);
create index acts_month on acts (month, id);
select insert_only('acts');

create table act_lines (
    act_id uuid not null references acts,
    position integer not null,
    -- The line that was cut, and the month that the piece lies in.
    invoice_line_id uuid not null references invoice_lines,
    month date not null check (extract(day from month) = 1),
    text text not null,
    period daterange not null,
    rate integer,
    net numeric not null,
    tax numeric not null,
    gross numeric not null,
    primary key (act_id, position)
);
create index act_lines_invoice_line on act_lines (invoice_line_id);
select insert_only('act_lines');

-- Months that were closed.
create table closed_months (
    month date primary key check (extract(day from month) = 1),
    closed_at timestamptz not null,
    actor text not null
);

-- Billing runs and month closes: planned in chunks of clients, each its own transaction.
create table billing_runs (
    id uuid primary key,
    kind text not null check (kind in ('BILLING', 'CLOSE')),
    -- Billed up to, or first day of the month.
    date date not null,
    state text not null check (state in ('RUNNING', 'DONE')),
    actor text not null,
    clients bigint not null,
    created_at timestamptz not null,
    done_at timestamptz
);
create index billing_runs_running on billing_runs (kind, date) where state = 'RUNNING';

-- Workers take chunks with SKIP LOCKED and write the result in the chunk's transaction: one that is
-- killed leaves its chunk as it was.
create table billing_chunks (
    run_id uuid not null references billing_runs,
    number integer not null,
    clients uuid[] not null,
    done boolean not null default false,
    -- Encoded progress message of the chunk.
    result bytea,
    primary key (run_id, number)
);
create index billing_chunks_open on billing_chunks (run_id, number) where not done;
