-- The client is charged no late fees (A47).
alter table clients add column no_late_fees boolean not null default false;
