-- An invoice that is issued while a line is being decided must find that line too: it waits from
-- the moment it is imported.
drop index lines_waiting_tax_id;
drop index lines_waiting_account;
drop index lines_waiting_numbers;
create index lines_waiting_tax_id on lines (payer_tax_id) where state in ('imported', 'review');
create index lines_waiting_account on lines (payer_account) where state in ('imported', 'review');
create index lines_waiting_numbers on lines using gin (number_keys)
    where state in ('imported', 'review');
