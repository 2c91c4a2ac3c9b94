-- What came from a client, newest first.
create index allocations_client on allocations (client_id, line_id) where not reversed;
