-- When and why a subscription was stopped (A142). It works again from the day `resumed` on.
create table suspensions (
    id uuid primary key,
    subscription_id uuid not null references subscriptions,
    client_id uuid not null,
    -- First day without service.
    first_day date not null,
    -- First day with service again; null while it is stopped.
    resumed date,
    reason text not null check (reason <> ''),
    -- Who stopped it.
    actor text not null,
    created_at timestamptz not null,
    check (resumed >= first_day)
);
create index suspensions_subscription on suspensions (subscription_id, id);
create unique index suspensions_open on suspensions (subscription_id) where resumed is null;

-- Days of suspensions that nothing had billed when service went on: nobody owes them, and nothing
-- bills them any more.
create table skipped_periods (
    suspension_id uuid not null references suspensions,
    subscription_id uuid not null references subscriptions,
    period daterange not null,
    primary key (suspension_id, period)
);
create index skipped_periods_subscription on skipped_periods (subscription_id);

select insert_only('skipped_periods');
