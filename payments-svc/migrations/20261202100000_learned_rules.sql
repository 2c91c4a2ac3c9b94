-- What people taught the matcher by what they did: whose account or tax id pays for which client,
-- and what lines of a class look like. Tax ids and accounts of the clients' own are `payers`.
create table learned_rules (
    id uuid primary key,
    -- What people call it by.
    number bigint generated always as identity,
    kind text not null check (kind in ('payer_account', 'payer_tax_id', 'purpose_class')),
    key text not null,
    client_id uuid,
    class text,
    -- The payer, or the purpose, as last written.
    title text not null,
    state text not null check (state in ('proposed', 'active', 'suspended', 'retired')),
    -- A person confirmed it: its examples need not be two.
    remembered boolean not null,
    -- It has counted, and reasons of decisions may name it.
    activated boolean not null,
    -- The line that last spoke against it, and whether that is why it is suspended.
    conflict_line_id uuid,
    conflict_at timestamptz,
    conflict_suspends boolean not null default false,
    hits bigint not null default 0,
    last_hit_at timestamptz,
    revision bigint not null default 1,
    created_at timestamptz not null,
    constraint learned_rules_number unique (number),
    constraint learned_rules_target check (
        (kind = 'purpose_class') = (client_id is null) and (client_id is null) <> (class is null)
    ),
    constraint learned_rules_conflict check (
        (conflict_line_id is null) = (conflict_at is null)
        and (conflict_line_id is not null or not conflict_suspends)
    )
);
-- The matcher probes it by kind and key, in order of clients.
create unique index learned_rules_key on learned_rules (kind, key, client_id, class)
    nulls not distinct;
create index learned_rules_client on learned_rules (client_id, number desc);
create index learned_rules_state on learned_rules (state, number desc);

-- Lines that people decided about by hand, as a rule says.
create table learned_rule_examples (
    rule_id uuid not null references learned_rules on delete cascade,
    line_id uuid not null,
    actor text not null,
    created_at timestamptz not null,
    primary key (rule_id, line_id)
);

-- States of rules, with who made them so.
create table learned_rule_changes (
    id bigint generated always as identity primary key,
    rule_id uuid not null,
    state text not null,
    actor text not null,
    reason text not null,
    line_id uuid,
    created_at timestamptz not null
);
create index learned_rule_changes_rule on learned_rule_changes (rule_id, id desc);
select insert_only('learned_rule_changes');
