-- What staff are to do (A21), and their calendar (A17, A22, A23).
create table tasks (
    id uuid primary key,
    text text not null check (text <> ''),
    -- Day by which; null means some day.
    due date,
    -- Whom it is about.
    client_id uuid references clients,
    -- Who is to do it; null means whoever comes first.
    assignee uuid,
    author text not null,
    done_at timestamptz,
    done_by text not null,
    revision bigint not null check (revision > 0),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint tasks_done check ((done_at is null) = (done_by = ''))
);
create index tasks_order on tasks ((done_at is not null), coalesce(due, 'infinity'), id);
create index tasks_due on tasks (due, id) where due is not null;
create index tasks_client on tasks (client_id, id) where client_id is not null;

create table calendar_events (
    id uuid primary key,
    title text not null check (title <> ''),
    day date not null,
    -- In Moscow; null means the whole day.
    start_time time,
    -- Who comes; nobody named means everybody.
    staff uuid[] not null,
    author text not null,
    revision bigint not null check (revision > 0),
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index calendar_events_day on calendar_events (day, coalesce(start_time, '00:00'), id);
