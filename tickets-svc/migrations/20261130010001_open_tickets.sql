-- Open tickets are few among all: they are counted without looking at the rest.
create index tickets_open on tickets (id) where state <> 'closed';
