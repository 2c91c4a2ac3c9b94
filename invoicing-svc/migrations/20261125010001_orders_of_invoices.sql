-- An order of one-time products is complete when its invoices are paid.
create index invoices_order on invoices (order_id) where order_id is not null;
