-- The page on which an issued invoice is paid. Whoever has its token sees it, so a token is random
-- and says nothing. Apart from `invoices`, whose rows change with every payment: each change would
-- write an index of random values too.
create table pay_links (
    invoice_id uuid primary key references invoices,
    token text not null check (token ~ '^[A-Za-z0-9_-]{22}$'),
    constraint pay_links_token_key unique (token)
);

-- What was issued before has a page too: 128 of 244 random bits.
insert into pay_links (invoice_id, token)
select i.id, rtrim(translate(encode(substring(sha256(uuid_send(gen_random_uuid())
    || uuid_send(gen_random_uuid())) for 16), 'base64'), '+/', '-_'), '=')
from invoices i join invoice_numbers n on n.invoice_id = i.id
where i.total > 0;

select insert_only('pay_links');
