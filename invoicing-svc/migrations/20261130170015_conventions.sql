-- A version of a price says how parts of its cycle are counted; null as its product says.
alter table prices add column convention text
    check (convention in ('SEED30', 'ACT_MONTH', 'ACT_CYCLE', 'NONE', 'FULL'));

-- A change may give back several spans of days of one billed line.
drop index billed_periods_change;
create unique index billed_periods_change on billed_periods (change_id, billed_line_id, period)
    where kind = 'CHANGE' and not released;
