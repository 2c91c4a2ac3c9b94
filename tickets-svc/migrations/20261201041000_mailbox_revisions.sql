-- A mailbox may be changed after it was made: its version.
alter table mailboxes
    add column revision bigint not null default 1 check (revision > 0);
