-- The client is not reminded of invoices that are overdue (A48).
alter table clients add column no_overdue_notices boolean not null default false;
