-- Who sells, on what terms, and what: sellers, contracts, products, orders, subscriptions.

-- Equality and overlap in one exclusion constraint (billed_periods).
create extension if not exists btree_gist;

-- The lock row of a client's money: every transaction that touches it locks this row first.
create table accounts (
    client_id uuid primary key,
    -- The run makes HELD invoices for this client.
    hold_invoices boolean not null default false,
    created_at timestamptz not null
);

-- Settings of the installation. One row.
create table billing_settings (
    single boolean primary key default true check (single),
    -- The run makes HELD invoices for everybody.
    hold_invoices boolean not null default false
);
insert into billing_settings default values;

-- What clients-svc says about a client, by its revision. People's data: erasable.
create table profiles (
    client_id uuid primary key,
    revision bigint not null,
    number bigint not null,
    title text not null,
    kind text not null,
    language text not null,
    zone text not null
);

-- Requisites of payers, a row per change; invoices name the revision that they print.
create table payers (
    payer_id uuid not null,
    -- Revision of the client's profile from which these requisites hold.
    revision bigint not null,
    client_id uuid not null,
    kind text not null,
    title text not null,
    country text not null,
    tax_id text not null,
    kpp text not null,
    ogrn text not null,
    address text not null,
    primary key (payer_id, revision)
);
create index payers_client on payers (client_id);

create table sellers (
    id uuid primary key,
    title text not null,
    country text not null,
    tax_id text not null,
    kpp text not null,
    ogrn text not null,
    address text not null,
    currency text not null,
    account text not null,
    bic text not null,
    correspondent_account text not null,
    bank text not null,
    due_days integer not null check (due_days between 0 and 365),
    lead_days integer not null check (lead_days between 0 and 365),
    signatory text not null,
    -- The run makes HELD invoices of this seller.
    hold_invoices boolean not null,
    tax_rounding text not null check (tax_rounding in ('PER_LINE', 'PER_DOCUMENT')),
    revision bigint not null default 1,
    created_at timestamptz not null,
    constraint sellers_tax_id_key unique (country, tax_id, kpp)
);

create table tax_regimes (
    seller_id uuid not null references sellers,
    starts date not null,
    kind text not null,
    primary key (seller_id, starts)
);

create table number_series (
    id uuid primary key,
    seller_id uuid not null references sellers,
    document text not null check (document in ('INVOICE', 'ACT')),
    format text not null,
    constraint number_series_document_key unique (seller_id, document)
);

-- The counter of a series, per service code where the format holds one (else the empty text).
-- Taken last in the issuing transaction; what rolls back leaves no gap.
create table series_counters (
    series_id uuid not null references number_series,
    key text not null,
    sequence bigint not null default 0 check (sequence >= 0),
    primary key (series_id, key)
);

create table contracts (
    id uuid primary key,
    client_id uuid not null,
    payer_id uuid not null,
    seller_id uuid not null references sellers,
    number text not null,
    date date not null,
    kind text not null check (kind in ('OFFER', 'SIGNED')),
    terms text not null check (terms in ('PREPAID', 'POSTPAID')),
    due_days integer not null check (due_days between 0 and 365),
    currency text not null,
    -- Day from which nothing is billed under it.
    closed date,
    revision bigint not null default 1,
    created_at timestamptz not null,
    constraint contracts_number_key unique (seller_id, number)
);
create index contracts_client on contracts (client_id, id);

-- Account of a client with a seller: number and opening day, given at the first order (E3).
create table client_accounts (
    client_id uuid not null,
    seller_id uuid not null references sellers,
    number bigint generated always as identity unique,
    opened date not null,
    primary key (client_id, seller_id)
);

create table products (
    id uuid primary key,
    seller_id uuid not null references sellers,
    code text not null,
    title text not null,
    title_en text not null,
    -- Products of one family exclude each other on one client (A133).
    family text not null,
    -- What the quantity counts, and its unit as printed; empty for what is sold singly.
    option_ru text not null,
    option_en text not null,
    unit text not null,
    unit_en text not null,
    tax_ground text not null,
    accounting_code text not null,
    service_code text not null,
    activation text not null check (activation in ('ON_ACCEPT', 'ON_PAYMENT')),
    -- When technicians get to work, on which resource, and its units in one unit of quantity.
    -- Null when there is nothing to do by hand.
    fulfilment text check (fulfilment in ('ON_ISSUE', 'ON_PAYMENT', 'ON_PROMISE')),
    resource text not null,
    factor integer not null check (factor > 0),
    convention text not null,
    alignment text not null check (alignment in ('CALENDAR', 'ANNIVERSARY')),
    on_sale boolean not null default true,
    revision bigint not null default 1,
    created_at timestamptz not null,
    constraint products_code_key unique (code)
);
create index products_title on products (title, id);

-- A price holds from its first day until the next one of the same cycle and currency.
create table prices (
    id uuid primary key,
    product_id uuid not null references products,
    starts date not null,
    -- FREE, ONCE or the number of months.
    cycle text not null,
    -- For one unit and one cycle.
    unit_price numeric not null check (unit_price >= 0),
    tax text not null check (tax in ('INCLUDED', 'INCLUDED_NET_FIXED', 'ON_TOP')),
    currency text not null,
    created_at timestamptz not null,
    constraint prices_start_key unique (product_id, cycle, currency, starts)
);

create table orders (
    id uuid primary key,
    -- Human number; may have gaps.
    number bigint generated always as identity unique,
    client_id uuid not null,
    state text not null check (state in ('PENDING', 'ACCEPTED', 'ACTIVE', 'CANCELLED')),
    cancel_reason text not null default '',
    revision bigint not null default 1,
    created_at timestamptz not null
);
create index orders_client on orders (client_id, id);

create table order_lines (
    order_id uuid not null references orders,
    position integer not null,
    product_id uuid not null references products,
    contract_id uuid not null references contracts,
    -- How often it is billed: FREE, ONCE or the number of months.
    cycle text not null,
    quantity integer not null check (quantity > 0),
    -- Why staff set the price, and who did; empty at the catalogue's price.
    override_reason text not null,
    override_author text not null,
    start_date date not null,
    main_subscription_id uuid,
    service_code text not null,
    text text not null,
    domain text not null,
    domain_registration text not null,
    duplicate_reason text not null,
    -- The price as applied; no price_id means that staff set it (A175).
    price_id uuid references prices,
    unit_price numeric not null check (unit_price >= 0),
    price_cycle text not null,
    price_tax text not null,
    price_since date not null,
    currency text not null,
    -- Months of a billing period; null for what is free or charged once.
    period_months integer,
    -- Of the first period.
    net numeric not null,
    tax numeric not null,
    gross numeric not null,
    -- Given when the order is accepted.
    subscription_id uuid,
    primary key (order_id, position)
);
create index order_lines_subscription on order_lines (subscription_id);

create table subscriptions (
    id uuid primary key,
    client_id uuid not null,
    contract_id uuid not null references contracts,
    payer_id uuid not null,
    seller_id uuid not null references sellers,
    product_id uuid not null references products,
    order_id uuid references orders,
    state text not null check (state in ('PENDING', 'ACTIVE', 'SUSPENDED', 'TERMINATED')),
    title text not null,
    quantity integer not null check (quantity > 0),
    -- The price that it pays: pinned, for one unit and one cycle of the price. No price_id means
    -- that staff set it.
    price_id uuid references prices,
    override_reason text not null,
    unit_price numeric not null check (unit_price >= 0),
    price_cycle text not null,
    price_tax text not null check (price_tax in ('INCLUDED', 'INCLUDED_NET_FIXED', 'ON_TOP')),
    price_since date not null,
    currency text not null,
    -- Grid of periods: month of boundary 0, the anchor day, kept unclamped, and months per period.
    -- Null for what is free or charged once.
    schedule_origin date,
    anchor_day integer check (anchor_day between 1 and 31),
    cycle_months integer check (cycle_months > 0),
    service_code text not null,
    period_text text not null,
    domain text not null,
    -- Ends its periods together with this one (A159).
    main_subscription_id uuid references subscriptions,
    start_date date not null,
    -- First day that no invoice covers, and that no paid invoice covers.
    billed_through date not null,
    paid_through date not null,
    -- Day from which it is no longer served.
    ended date,
    -- Serve until the paid term ends, then stop (flag with its reason); never suspend before.
    end_at_term text not null default '',
    no_suspend_until date,
    revision bigint not null default 1,
    created_at timestamptz not null
);
create index subscriptions_client on subscriptions (client_id, id);
create index subscriptions_order on subscriptions (order_id);
-- What the run looks for: clients with something to bill up to a day.
create index subscriptions_due on subscriptions (billed_through, client_id)
    where state = 'ACTIVE' and cycle_months is not null;

create table changes (
    id uuid primary key,
    subscription_id uuid not null references subscriptions,
    client_id uuid not null,
    kind text not null check (kind in ('QUANTITY', 'PRODUCT', 'PRICE', 'CYCLE')),
    quantity_before integer not null,
    quantity_after integer not null,
    -- First day of what it changes to.
    effective date not null,
    -- Invoice with the charge; null for a credit alone.
    invoice_id uuid,
    -- What was shown and confirmed: the lines with their traces.
    lines jsonb not null,
    total numeric not null,
    currency text not null,
    actor text not null,
    created_at timestamptz not null
);
create index changes_subscription on changes (subscription_id, id);
