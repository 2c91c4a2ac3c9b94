-- Who may do what in this database. Every service's own migrations come after the frame's.
--
-- Migrations run as role `<service>_owner`, the service runs as `<service>_app`: the app role is the
-- owner's name with its ending replaced. By default the app role may select, insert, update and
-- delete in every table made by a migration, and has no DDL at all. What must never change (events,
-- issued lines, transfers) is made insert-only by the migration that creates the table:
--
--     create table transfers (…);
--     select insert_only('transfers');
--
-- In a scratch database that one role does everything in (sqlx-prepare) there is no app role, and
-- nothing is granted or revoked.
create function app_role() returns name language sql stable as $$
    select rolname from pg_roles
    where current_user like '%\_owner' and rolname = regexp_replace(current_user, '_owner$', '_app')
$$;

do $$
begin
    if app_role() is not null then
        execute format('grant usage on schema public to %I', app_role());
        execute format('alter default privileges in schema public
            grant select, insert, update, delete on tables to %I', app_role());
        execute format('alter default privileges in schema public
            grant usage, select on sequences to %I', app_role());
    end if;
end $$;

-- Takes the app role's right to change or remove rows of a table.
create function insert_only(rows regclass) returns void language plpgsql as $$
begin
    if app_role() is not null then
        execute format('revoke update, delete, truncate on %s from %I', rows, app_role());
    end if;
end $$;
