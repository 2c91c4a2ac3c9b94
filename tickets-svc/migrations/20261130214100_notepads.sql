-- A page of one's own for each member of staff (A1). Nobody else reads it.
create table notepads (
    staff_id uuid primary key,
    text text not null,
    revision bigint not null check (revision > 0),
    updated_at timestamptz not null
);
