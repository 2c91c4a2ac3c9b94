-- Tickets that were merged are redirects, for ever; nobody follows two of them.
alter table tickets drop constraint tickets_state_check;
alter table tickets add constraint tickets_state_check
    check (state in ('open', 'in_progress', 'answered', 'on_hold', 'closed', 'spam', 'merged'));
alter table tickets
    add column merged_into uuid references tickets check (merged_into <> id),
    add constraint tickets_merged check (state <> 'merged' or merged_into is not null);
create index tickets_merged_into on tickets (merged_into) where merged_into is not null;
