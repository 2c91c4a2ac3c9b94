-- What is in flight is asked for by client: the invoice of an allocation is one of that client.
drop index allocations_in_flight;
create index allocations_in_flight on allocations (client_id, invoice_id)
    where reversed_at is null and not settled;

-- Of a client's open invoices one is asked for by what is left to pay.
drop index invoices_open;
create index invoices_open on invoices (client_id, residual) where state = 'ISSUED' and residual > 0;
