-- Services of the client are not to be suspended, as clients-svc last told us (A57). What one service
-- has of its own (A145) stands in subscriptions.no_suspend_until.
alter table profiles add column never_suspend boolean not null default false;

-- Suspended services are few among all: they are counted and listed without looking at the rest.
create index subscriptions_suspended on subscriptions (id) where state = 'SUSPENDED';

-- Add-ons are counted apart (A19), still from the index alone.
create index subscriptions_grid_of_addons
    on subscriptions (anchor_day, cycle_months, schedule_origin, start_date, ended,
        (main_subscription_id is not null))
    where state = 'ACTIVE' and cycle_months is not null;
drop index subscriptions_grid;
