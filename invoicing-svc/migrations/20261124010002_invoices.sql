-- What is asked for: invoices, their lines and numbers, and the claims on billed periods.

-- Only the states of an invoice; its lines and number are written once, when it is issued.
create table invoices (
    id uuid primary key,
    client_id uuid not null,
    contract_id uuid not null references contracts,
    payer_id uuid not null,
    -- Requisites of the payer that it prints; null until issued, then the latest are printed.
    payer_revision bigint,
    seller_id uuid not null references sellers,
    currency text not null,
    kind text not null check (kind in ('MAIN', 'ORDER', 'EXTRA', 'MANUAL')),
    state text not null check (state in ('DRAFT', 'HELD', 'ISSUED', 'EXPIRED', 'CANCELLED')),
    payment_state text not null
        check (payment_state in ('OPEN', 'PARTIALLY_PAID', 'PAID', 'REFUNDED')),
    net numeric not null,
    tax numeric not null,
    total numeric not null,
    -- Σ of live applications, of credits of later invoices on its lines, of what was paid back.
    applied numeric not null default 0 check (applied >= 0),
    credited numeric not null default 0 check (credited >= 0),
    refunded numeric not null default 0 check (refunded >= 0),
    residual numeric not null generated always as (greatest(total - credited - applied, 0)) stored,
    hold_reason text not null default '',
    issue_date date,
    due_date date,
    -- Last day on which it may be paid, for one-offs and lapsed renewals.
    valid_until date,
    paid_at timestamptz,
    order_id uuid references orders,
    replaces_id uuid references invoices,
    cancel_reason text not null default '',
    run_id uuid,
    -- Marks (design: not states).
    collections boolean not null default false,
    settled boolean not null default false,
    revision bigint not null default 1,
    created_at timestamptz not null
);
create index invoices_client on invoices (client_id, id);
create index invoices_state on invoices (state, id);
create index invoices_contract on invoices (contract_id, id);
create unique index invoices_successor on invoices (replaces_id) where state <> 'CANCELLED';
-- What credit is applied to, dunning and the card's sums: the million of open ones.
create index invoices_open on invoices (client_id, seller_id, due_date)
    where state = 'ISSUED' and payment_state in ('OPEN', 'PARTIALLY_PAID');
create index invoices_due on invoices (due_date, client_id)
    where state = 'ISSUED' and payment_state in ('OPEN', 'PARTIALLY_PAID');
create index invoices_first_paid on invoices (client_id) where payment_state = 'PAID';

-- Numbers of issued invoices, apart from their states: inserted once.
create table invoice_numbers (
    invoice_id uuid primary key references invoices,
    series_id uuid not null references number_series,
    counter_key text not null,
    sequence bigint not null check (sequence > 0),
    number text not null,
    seller_id uuid not null references sellers,
    constraint invoice_numbers_sequence_key unique (series_id, counter_key, sequence),
    constraint invoice_numbers_number_key unique (seller_id, number)
);
create index invoice_numbers_number on invoice_numbers (number text_pattern_ops);
select insert_only('invoice_numbers');

-- Lines that may still be edited (DRAFT, HELD); issuing writes them to invoice_lines.
create table draft_lines (
    id uuid primary key,
    invoice_id uuid not null references invoices,
    position integer not null,
    subscription_id uuid,
    change_id uuid,
    -- The whole line with its trace and tax segments, as the rules made it.
    line jsonb not null,
    constraint draft_lines_position_key unique (invoice_id, position) deferrable initially deferred
);

create table invoice_lines (
    id uuid primary key,
    invoice_id uuid not null references invoices,
    position integer not null,
    client_id uuid not null,
    subscription_id uuid,
    product_id uuid,
    change_id uuid,
    -- PERIOD, DELTA, CREDIT or ONCE.
    kind text not null,
    -- The billed line that a credit takes back from, or that a delta is co-terming with.
    billed_line_id uuid,
    text text not null,
    -- Days that it is for; one day for things charged once.
    period daterange not null,
    quantity integer not null,
    net numeric not null,
    tax numeric not null,
    gross numeric not null,
    -- The whole line with its trace, as the rules made it.
    line jsonb not null,
    constraint invoice_lines_position_key unique (invoice_id, position)
);
create index invoice_lines_subscription on invoice_lines (subscription_id, id);
-- What a month close looks for.
create index invoice_lines_period on invoice_lines using gist (period);
create index invoice_lines_billed on invoice_lines (billed_line_id)
    where billed_line_id is not null;
select insert_only('invoice_lines');

-- The tax of a line, a row per rate that its period crosses (G54).
create table tax_segments (
    line_id uuid not null references invoice_lines,
    position integer not null,
    period daterange not null,
    -- Per cent; null is "no VAT", which is not 0 %.
    rate integer,
    reason text not null,
    phrase_ru text not null,
    phrase_en text not null,
    net numeric not null,
    tax numeric not null,
    gross numeric not null,
    primary key (line_id, position)
);
select insert_only('tax_segments');

-- What is billed is claimed: a renewal's period once, a change once per billed line.
create table billed_periods (
    id uuid primary key,
    client_id uuid not null,
    subscription_id uuid not null references subscriptions,
    invoice_id uuid not null references invoices,
    line_id uuid not null,
    kind text not null check (kind in ('RENEWAL', 'CHANGE')),
    period daterange not null,
    change_id uuid references changes,
    -- The billed line that a change is co-terming with, or credits.
    billed_line_id uuid,
    released boolean not null default false,
    constraint billed_periods_overlap exclude using gist (subscription_id with =, period with &&)
        where (kind = 'RENEWAL' and not released),
    check (kind = 'RENEWAL' or (change_id is not null and billed_line_id is not null))
);
create unique index billed_periods_change on billed_periods (change_id, billed_line_id)
    where kind = 'CHANGE' and not released;
create index billed_periods_invoice on billed_periods (invoice_id);
create index billed_periods_subscription on billed_periods (subscription_id, period);

-- Rendered documents of issued invoices.
create table documents (
    invoice_id uuid primary key references invoices,
    blob bytea not null,
    filename text not null,
    created_at timestamptz not null
);
