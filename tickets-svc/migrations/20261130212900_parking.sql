-- Tickets that are put aside: on hold until an instant, or as spam.
alter table tickets drop constraint tickets_state_check;
alter table tickets add constraint tickets_state_check
    check (state in ('open', 'in_progress', 'answered', 'on_hold', 'closed', 'spam'));
alter table tickets
    -- The state that it was in before, since when, and when it comes back by itself.
    add column parked_from text
        check (parked_from in ('open', 'in_progress', 'answered', 'closed')),
    add column parked_since timestamptz,
    add column parked_until timestamptz,
    add constraint tickets_parked check (
        (state in ('on_hold', 'spam')) = (parked_from is not null)
        and (parked_from is null) = (parked_since is null)
        and (state = 'on_hold') = (parked_until is not null));
