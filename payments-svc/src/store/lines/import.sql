-- Many columns are many arrays: one statement for any number of lines, in the order given.
insert into lines (id, statement_id, place, bank_account_id, seller_id, direction, state,
    class, amount, currency, allocated, booked_on, doc_no, doc_date, doc_kind, uip,
    bank_unique_id, fingerprint, occurrence, payer_name, payer_tax_id, payer_kpp, payer_account,
    payer_bank_id, payer_bank_name, payee_name, payee_tax_id, payee_kpp, payee_account,
    payee_bank_id, payee_bank_name, purpose, raw, number_keys, reasons, proposals, created_at)
select id, $1, place, bank_account_id, seller_id, direction, state, class, amount,
    currency, allocated, booked_on, doc_no, doc_date, doc_kind, uip, bank_unique_id, fingerprint,
    occurrence, payer_name, payer_tax_id, payer_kpp, payer_account, payer_bank_id,
    payer_bank_name, payee_name, payee_tax_id, payee_kpp, payee_account, payee_bank_id,
    payee_bank_name, purpose, raw, string_to_array(number_keys, ' '), reasons, proposals, $2
from unnest($3::uuid[], $4::int[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
    $9::text[], $10::numeric[], $11::text[], $12::numeric[], $13::date[], $14::text[],
    $15::date[], $16::text[], $17::text[], $18::text[], $19::bytea[], $20::int[], $21::text[],
    $22::text[], $23::text[], $24::text[], $25::text[], $26::text[], $27::text[],
    $28::text[], $29::text[], $30::text[], $31::text[], $32::text[], $33::text[],
    $34::jsonb[], $35::text[], $36::jsonb[], $37::jsonb[])
    as given (id, place, bank_account_id, seller_id, direction, state, class, amount,
        currency, allocated, booked_on, doc_no, doc_date, doc_kind, uip, bank_unique_id,
        fingerprint, occurrence, payer_name, payer_tax_id, payer_kpp, payer_account,
        payer_bank_id, payer_bank_name, payee_name, payee_tax_id, payee_kpp, payee_account,
        payee_bank_id, payee_bank_name, purpose, raw, number_keys, reasons, proposals)
