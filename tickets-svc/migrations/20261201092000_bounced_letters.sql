-- A letter that left can come back: then a report says why it will not arrive.
alter table outbound_letters
    drop constraint outbound_letters_state_check,
    drop constraint outbound_letters_sent,
    add constraint outbound_letters_state_check
        check (state in ('queued', 'sent', 'failed', 'bounced')),
    add constraint outbound_letters_sent
        check ((state in ('sent', 'bounced')) = (sent_at is not null));
