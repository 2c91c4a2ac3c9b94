-- Who the clients are, who acts for them, who pays, and who works here.
--
-- Values about people stand in people, legal_entities, notes and staff: rows that can be erased.
-- Events and the audit trail hold ids and field names only.

-- Human numbers are sequential: taken from this row last in the transaction.
create table client_counter (
    singleton boolean primary key default true check (singleton),
    last bigint not null
);
insert into client_counter (last) values (0);

-- One row per human being, known by address; the same accountant may act for many clients.
create table people (
    id uuid primary key,
    email text not null,
    -- Lower case, domain in punycode: what is compared (G48).
    email_key text not null constraint people_email_key unique,
    given_name text not null,
    family_name text not null,
    phone text not null,
    password_hash text,
    must_change_password boolean not null default false,
    created_at timestamptz not null
);

create table clients (
    id uuid primary key,
    number bigint not null constraint clients_number_key unique,
    kind text not null
        check (kind in ('COMPANY', 'SOLE_TRADER', 'INDIVIDUAL', 'STATE', 'FOREIGN')),
    company text not null,
    main_person_id uuid not null references people,
    -- The main address is unique among main addresses (A35, features.md §1.9 item 3).
    main_email_key text not null constraint clients_main_email_key unique,
    language text not null check (language in ('ru', 'en')),
    zone text not null,
    security_question text not null,
    stage text not null check (stage in ('SALES', 'CARE', 'CLOSED')),
    -- Grows with every change of the client, its people or its payers.
    revision bigint not null,
    created_at timestamptz not null
);
-- Search by the beginning of a name, whatever the case.
create index clients_company on clients (lower(company) text_pattern_ops);
create index people_family_name on people (lower(family_name) text_pattern_ops);
create index people_email_prefix on people (email_key text_pattern_ops);

create table contacts (
    id uuid primary key,
    client_id uuid not null references clients,
    person_id uuid not null references people,
    access text not null
        check (access in ('NO_ACCESS', 'OWNER', 'ADMINISTRATOR', 'ACCOUNTANT', 'TECHNICAL')),
    letters text[] not null,
    main boolean not null,
    revision bigint not null,
    created_at timestamptz not null,
    deleted_at timestamptz
);
create unique index contacts_person_key on contacts (client_id, person_id)
    where deleted_at is null;
create unique index contacts_main_key on contacts (client_id) where main and deleted_at is null;
create index contacts_of_person on contacts (person_id) where deleted_at is null;

create table legal_entities (
    id uuid primary key,
    client_id uuid not null references clients,
    title text not null,
    country text not null,
    tax_id text,
    kpp text,
    ogrn text,
    address text not null,
    revision bigint not null,
    created_at timestamptz not null
);
create index legal_entities_of_client on legal_entities (client_id, id);
create index legal_entities_tax_id on legal_entities (tax_id text_pattern_ops);

create table legal_entity_accounts (
    legal_entity_id uuid not null references legal_entities,
    position integer not null,
    account text not null,
    bic text not null,
    correspondent_account text not null,
    bank text not null,
    primary key (legal_entity_id, position),
    constraint legal_entity_accounts_account_key unique (legal_entity_id, account)
);

-- What held before (A54: «старый КПП …»); erased with the entity.
create table previous_requisites (
    id uuid primary key,
    legal_entity_id uuid not null references legal_entities,
    field text not null,
    value text not null,
    replaced_at timestamptz not null,
    actor text not null
);
create index previous_requisites_of_entity
    on previous_requisites (legal_entity_id, replaced_at desc, id desc);

create table notes (
    id uuid primary key,
    client_id uuid not null references clients,
    text text not null,
    important boolean not null,
    author text not null,
    revision bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index notes_of_client on notes (client_id, important desc, id desc);

create table staff (
    id uuid primary key,
    email text not null,
    email_key text not null constraint staff_email_key unique,
    display_name text not null,
    roles text[] not null,
    department text not null,
    password_hash text,
    must_change_password boolean not null,
    disabled boolean not null,
    revision bigint not null,
    created_at timestamptz not null
);

-- Sessions of staff and people. Expiry is system time: it goes on while business time stands.
create table sessions (
    id uuid primary key,
    -- SHA-256 of the bearer token; the token itself is stored nowhere.
    token_hash bytea not null constraint sessions_token_key unique,
    staff_id uuid references staff,
    person_id uuid references people,
    client_id uuid references clients,
    must_change_password boolean not null,
    remote_address text not null,
    user_agent text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    closed_at timestamptz,
    check ((staff_id is null) <> (person_id is null))
);
create index sessions_of_staff on sessions (staff_id) where closed_at is null;
create index sessions_of_person on sessions (person_id) where closed_at is null;
create index sessions_age on sessions (expires_at);

-- Failed logins of the last minutes, by what was typed (hashed: it may be a password).
create table login_failures (
    login_hash bytea not null,
    failed_at timestamptz not null
);
create index login_failures_recent on login_failures (login_hash, failed_at);

-- Who changed which fields of whose data, without the values.
create table changes (
    id uuid primary key,
    subject text not null,
    fields text[] not null,
    actor text not null,
    changed_at timestamptz not null
);
select insert_only('changes');
create index changes_of_subject on changes (subject, id);
