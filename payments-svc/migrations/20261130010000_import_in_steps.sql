-- A long file is stored in steps, each line with what is decided about it. The first step makes the
-- statement; until the last one it says so. Older versions store all of a file at once.
alter table statements add column complete boolean not null default true;
-- The call that imported it, which is answered the same however often it comes; null for older ones.
alter table statements add column request_id uuid;

-- What an allocation names was read or locked in the transaction that makes it, and never goes: there
-- is nothing to check. The checks cost twice what the row itself does, and write the invoice's row
-- once more, to lock it. The audit looks all the same.
alter table allocations
    drop constraint allocations_line_id_fkey,
    drop constraint allocations_client_id_fkey,
    drop constraint allocations_invoice_id_fkey;
do $$
declare
    app constant name := regexp_replace(current_user, '_owner$', '_app');
begin
    if app <> current_user and exists (select 1 from pg_roles where rolname = app) then
        execute format('revoke delete, truncate on accounts, invoices, lines, allocations from %I', app);
    end if;
end $$;
