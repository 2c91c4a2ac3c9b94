-- Who may do what in this database. Every service's own migrations come after the frame's.
--
-- Migrations run as role `<service>_owner`, the service runs as `<service>_app`: the app role is the
-- owner's name with its ending replaced. `raschet db create` (crates/launcher, `provision`) lets the
-- app role select, insert, update and delete in every table that a migration makes, and gives it no
-- DDL at all. What must never change (events, issued lines, transfers) is made insert-only by the
-- migration that creates the table:
--
--     create table transfers (…);
--     select insert_only('transfers');
--
-- In a scratch database where one role does everything (sqlx-prepare) there is no app role, and
-- nothing is revoked.
create function insert_only(rows regclass) returns void language plpgsql as $$
declare
    app constant name := regexp_replace(current_user, '_owner$', '_app');
begin
    if app <> current_user and exists (select 1 from pg_roles where rolname = app) then
        execute format('revoke update, delete, truncate on %s from %I', rows, app);
    end if;
end $$;
