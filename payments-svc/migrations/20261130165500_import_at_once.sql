-- A file is imported in one transaction again, however long it is.
do $$
begin
    if exists (select from statements where not complete) then
        raise exception 'a file is still being imported: let the version before this one end it';
    end if;
end $$;
alter table statements drop column complete, drop column request_id;
delete from jobs where kind = 'import';
