-- Domains are counted apart in the calendar (A20), still from the index alone.
alter table products add column kind text not null default 'SERVICE'
    check (kind in ('SERVICE', 'DOMAIN'));
create index subscriptions_grid
    on subscriptions (anchor_day, cycle_months, schedule_origin, start_date, ended,
        (main_subscription_id is not null), product_id)
    where state = 'ACTIVE' and cycle_months is not null;
drop index subscriptions_grid_of_addons;
