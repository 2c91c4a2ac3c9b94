-- The matcher takes what a key leads to in order of ids, as far as a limit: without a sort for
-- each of the thousands of keys of a step.
drop index payers_tax_id;
create index payers_tax_id on payers (tax_id, client_id);
drop index invoices_number_full;
create index invoices_number_full on invoices (number_full, invoice_id);
drop index invoices_number_tail;
create index invoices_number_tail on invoices (number_tail, invoice_id);
