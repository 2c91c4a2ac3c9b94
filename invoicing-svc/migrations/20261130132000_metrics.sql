-- What programs count of a product's subscriptions, and how much of it one unit includes (D33–D36):
-- a list of {code, title: {ru, en}, counting, included}.
alter table products add column metrics jsonb not null default '[]';

-- What was counted: one reading per subscription, metric and day.
create table readings (
    subscription_id uuid not null references subscriptions,
    metric text not null,
    day date not null,
    value bigint not null check (value >= 0),
    recorded_at timestamptz not null,
    primary key (subscription_id, metric, day)
);
