-- Clients who are not charged VAT, by month (A93). Lines that were made before stand as they are.
create table tax_exemptions (
    id uuid primary key,
    client_id uuid not null,
    starts date not null check (extract(day from starts) = 1),
    -- First day without it; null while no end is known.
    until date check (extract(day from until) = 1 and until >= starts),
    basis text not null check (basis <> ''),
    author text not null,
    created_at timestamptz not null,
    ended_by text not null default '',
    -- An exemption that never began is of no days, so it overlaps nothing.
    constraint tax_exemptions_overlap
        exclude using gist (client_id with =, daterange(starts, until) with &&)
);
create index tax_exemptions_client on tax_exemptions (client_id, id);
