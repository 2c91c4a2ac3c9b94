-- Every event about an invoice asks which waiting lines name it: entries in a pending list, which
-- such a question would read from end to end after an import, are not worth it.
alter index lines_waiting_numbers set (fastupdate = off);
