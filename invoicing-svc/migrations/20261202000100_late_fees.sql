-- Late fees (A47, A93): claims of their own beside invoices. Off unless a seller has a policy.
alter table profiles add column no_late_fees boolean not null default false;

create table late_fee_policies (
    id uuid primary key,
    seller_id uuid not null references sellers,
    starts date not null,
    -- First day that is not charged any more; null while no end is known.
    until date check (until >= starts),
    daily_percent numeric not null check (daily_percent > 0 and daily_percent <= 1),
    cap_percent numeric not null check (cap_percent > 0 and cap_percent <= 100),
    grace_days integer not null check (grace_days between 0 and 60),
    author text not null,
    created_at timestamptz not null,
    ended_by text not null default '',
    -- A policy that never began is of no days, so it overlaps nothing.
    constraint late_fee_policies_overlap
        exclude using gist (seller_id with =, daterange(starts, until) with &&)
);

create table late_fees (
    id uuid primary key,
    invoice_id uuid not null references invoices,
    client_id uuid not null,
    payer_id uuid not null,
    seller_id uuid not null references sellers,
    currency text not null,
    -- What the charged days cost, derived from them and from the money of the invoice.
    amount numeric not null default 0 check (amount >= 0),
    -- Σ of its payments that stand.
    paid numeric not null default 0 check (paid between 0 and amount),
    waived_at timestamptz,
    waived_by text not null default '',
    waive_reason text not null default '',
    created_at timestamptz not null,
    constraint late_fees_invoice_key unique (invoice_id)
);
create index late_fees_client on late_fees (client_id, id);
create index late_fees_open on late_fees (id) where waived_at is null and amount > paid;

-- Which days of which fee were charged, and by which policy.
create table late_fee_days (
    late_fee_id uuid not null references late_fees,
    policy_id uuid not null references late_fee_policies,
    days daterange not null,
    primary key (late_fee_id, days),
    exclude using gist (late_fee_id with =, days with &&)
);

-- Credit set against a late fee; taken back by its reversal, never deleted.
create table late_fee_payments (
    id uuid primary key,
    late_fee_id uuid not null references late_fees,
    allocation_id uuid not null references allocations,
    client_id uuid not null,
    currency text not null,
    amount numeric not null check (amount > 0),
    author text not null,
    created_at timestamptz not null,
    reversed_at timestamptz,
    reverse_reason text not null default ''
);
create index late_fee_payments_fee on late_fee_payments (late_fee_id) where reversed_at is null;
create index late_fee_payments_allocation on late_fee_payments (allocation_id)
    where reversed_at is null;

-- How far days were charged: up to this one, and not this one.
create table late_fees_charged (
    one boolean primary key default true check (one),
    until date not null
);
