-- When the minutes that a mailbox promises run: a country's working days, hours, and a zone; all
-- empty for every minute of every day.
alter table mailboxes
    add column calendar_country text not null default ''
        check (calendar_country in ('', 'RU', 'BY', 'UA', 'KZ')),
    add column working_hours text not null default '',
    add column time_zone text not null default '',
    add constraint mailboxes_calendar
        check ((calendar_country = '') = (working_hours = '')
            and (calendar_country = '') = (time_zone = ''));
