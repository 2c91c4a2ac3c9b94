-- Customers write in the cabinet too, where they are logged in.
alter table tickets drop constraint tickets_origin_check;
alter table tickets add constraint tickets_origin_check
    check (origin in ('letter', 'staff', 'work_order', 'cabinet'));
