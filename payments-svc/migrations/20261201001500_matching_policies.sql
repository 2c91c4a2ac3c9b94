-- How far the machine may go when it matches payments. A row holds until the next one of its seller.
create table matching_policies (
    id bigint generated always as identity primary key,
    -- Null: of all sellers.
    seller_id uuid,
    mode text not null check (mode in ('automatic', 'shadow', 'proposals')),
    daily_count integer check (daily_count > 0),
    daily_amount numeric(20, 2) check (daily_amount > 0),
    daily_currency text,
    sample_percent smallint not null check (sample_percent between 0 and 100),
    reason text not null,
    actor text not null,
    created_at timestamptz not null,
    constraint matching_policies_amount check ((daily_amount is null) = (daily_currency is null))
);
create index matching_policies_seller on matching_policies (seller_id, id desc);
select insert_only('matching_policies');

-- What the machine allocated, a row for each transaction and step: rows that nobody waits for.
create table automatic_counts (
    day date not null,
    seller_id uuid not null,
    currency text not null,
    payments integer not null,
    amount numeric(20, 2) not null
);
create index automatic_counts_day on automatic_counts (day, seller_id);
select insert_only('automatic_counts');

-- Decisions of the machine that people look at: carried out (sample), or not (shadow).
create table matching_reviews (
    line_id uuid primary key references lines,
    kind text not null check (kind in ('sample', 'shadow')),
    -- [{"invoice", "amount", "currency"}]
    parts jsonb not null,
    outcome text not null default 'waiting' check (outcome in ('waiting', 'agreed', 'differed')),
    created_at timestamptz not null,
    reviewer text,
    reviewed_at timestamptz,
    note text not null default '',
    constraint matching_reviews_outcome check (
        (outcome = 'waiting') = (reviewer is null) and (reviewer is null) = (reviewed_at is null)
    )
);
create index matching_reviews_newest on matching_reviews (created_at desc, line_id desc);
create index matching_reviews_outcome on matching_reviews (kind, outcome);
