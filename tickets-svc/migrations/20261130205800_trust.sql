-- How far the sender of a letter is believed, and why (tickets.md §5.2).
alter table tickets drop constraint tickets_trust_check;
alter table tickets add constraint tickets_trust_check
    check (trust in ('verified', 'matched', 'failed', 'participant', 'unknown'));

alter table inbound_letters
    -- Empty until it is judged, and for bytes that are no letter.
    add column trust text not null default ''
        check (trust in ('', 'verified', 'matched', 'failed', 'participant', 'unknown')),
    add column trust_reason text not null default '',
    -- The mail server that handed it over, and what that calls itself; empty when unknown.
    add column client_address text not null default '',
    add column helo text not null default '';

-- What this instance signs reply addresses and its own letters by: 244 random bits.
create table mail_keys (
    only_one boolean primary key default true check (only_one),
    secret bytea not null,
    created_at timestamptz not null default now()
);
insert into mail_keys (secret) values (
    decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
select insert_only('mail_keys');
