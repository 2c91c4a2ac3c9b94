-- Requests that do harm when a forger makes them, and whether the address in the client's profile has
-- confirmed them (G49).
create table ticket_confirmations (
    message_id uuid primary key references messages,
    ticket_id uuid not null references tickets,
    danger text not null check (danger in ('deletion', 'ownership', 'password', 'contacts')),
    -- The address that was asked, and the id of the letter that asked it; null when there is none.
    asked_of text,
    msgid text,
    asked_at timestamptz not null,
    -- The message that confirmed it.
    confirmed_by uuid references messages,
    confirmed_at timestamptz,
    check ((asked_of is null) = (msgid is null)),
    check ((confirmed_by is null) = (confirmed_at is null))
);
create index ticket_confirmations_ticket on ticket_confirmations (ticket_id);
