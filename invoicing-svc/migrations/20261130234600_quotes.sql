-- What a quote offers is kept as an order that nobody has placed: its lines never change, and an
-- accepted quote becomes an order of its own.
alter table orders drop constraint orders_state_check;
alter table orders add constraint orders_state_check
    check (state in ('QUOTED', 'PENDING', 'ACCEPTED', 'ACTIVE', 'CANCELLED'));

create table quotes (
    id uuid primary key,
    -- Human number; may have gaps.
    number bigint generated always as identity unique,
    client_id uuid not null,
    contract_id uuid not null references contracts,
    -- The lines, as an order in state QUOTED.
    offer_id uuid not null unique references orders,
    state text not null check (state in ('DRAFT', 'SENT', 'ACCEPTED', 'DECLINED')),
    -- Last day, in Moscow, on which it can be accepted.
    valid_until date not null,
    subject text not null,
    note text not null,
    author text not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    decided_at timestamptz,
    decided_by text not null default '',
    decline_reason text not null default '',
    -- What it became.
    order_id uuid references orders,
    revision bigint not null default 1,
    check ((state = 'ACCEPTED') = (order_id is not null)),
    check ((state in ('ACCEPTED', 'DECLINED')) = (decided_at is not null))
);
create index quotes_client on quotes (client_id, id);

-- Rendered documents of quotes that were sent: what the client has read stays what it is.
create table quote_documents (
    quote_id uuid primary key references quotes,
    blob bytea not null,
    filename text not null,
    created_at timestamptz not null
);
