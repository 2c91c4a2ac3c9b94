-- What staff see first: orders that wait, and what renews on the days of a month.

create index orders_pending on orders (id) where state = 'PENDING';
-- All that the grid of periods needs: counted from the index alone. None of it changes when a
-- period is billed, so that billing does not have to write the index.
create index subscriptions_grid
    on subscriptions (anchor_day, cycle_months, schedule_origin, start_date, ended)
    where state = 'ACTIVE' and cycle_months is not null;
