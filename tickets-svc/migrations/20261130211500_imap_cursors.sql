-- Up to which letter a folder of an IMAP server was read. It moves in the transaction that journals
-- the letter.
create table imap_cursors (
    -- Who, where, which folder.
    account text primary key,
    uidvalidity bigint not null,
    last_uid bigint not null check (last_uid >= 0)
);
