-- Lists as members of staff like to look at them, under names of their own.
create table views (
    id uuid primary key,
    staff_id uuid not null,
    title text not null check (title <> ''),
    place text not null check (place like '/%'),
    created_at timestamptz not null,
    constraint views_title_key unique (staff_id, title)
);
