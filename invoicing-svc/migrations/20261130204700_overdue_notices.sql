-- Which clients are not reminded (A48), and of what the others were: each notice once.
alter table profiles add column no_overdue_notices boolean not null default false;
create table overdue_notices (
    invoice_id uuid not null references invoices,
    nth integer not null check (nth > 0),
    day date not null,
    primary key (invoice_id, nth)
);
select insert_only('overdue_notices');
