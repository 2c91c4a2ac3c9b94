-- A company is found by any word of its name: nobody types the legal form and the quotes first.
create index clients_company_words on clients using gin (to_tsvector('simple', company));
