//! Requisites of a payer, from the wire to checked values.

use crate::domain::{
    clients::{Kind, Name},
    legal_entities::{ACCOUNTS_LIMIT, ADDRESS_LIMIT, BankAccount, LegalEntityFields},
};
use proto::clients::v1 as wire;
use service::{Failure, Text, Violations};
use types::{
    Bilingual, Country,
    requisites::{
        Account, BankRequisites, Bic, CorrespondentAccount, Iban, Inn, Kpp, Ogrn, Ogrnip, TaxId,
        repairs,
    },
};

/// Checks all fields of a payer of a client of this kind.
pub(super) fn parse(given: &wire::LegalEntity, kind: Kind) -> Result<LegalEntityFields, Failure> {
    let mut v = Violations::default();
    let title = Name::parse(&given.title).map_err(|e| Text::of(&e));
    let title = v.take("legal_entity.title", title);
    let country = v.take("legal_entity.country", parse_country(&given.country));
    let rules = country.unwrap_or(Country::RU);
    let tax_id = v.take("legal_entity.tax_id", parse_tax_id(rules, &given.tax_id, kind));
    let kpp = v.take("legal_entity.kpp", parse_kpp(rules, given));
    let ogrn = v.take("legal_entity.ogrn", parse_ogrn(rules, &given.ogrn));
    let address = v.take("legal_entity.address", parse_address(&given.address));
    let accounts = parse_accounts(&mut v, rules, &given.accounts);
    v.finish()?;
    let fields = || {
        Some(LegalEntityFields {
            title: title?,
            country: country?,
            tax_id: tax_id?,
            kpp: kpp?,
            ogrn: ogrn?,
            address: address?,
            accounts,
        })
    };
    fields().ok_or_else(|| Failure::internal("a field is neither good nor bad"))
}

fn parse_country(text: &str) -> Result<Country, Text> {
    if text.is_empty() {
        return Ok(Country::RU);
    }
    text.parse().map_err(|_| {
        Text::new("Укажите две буквы страны, например RU.", "Give two letters, such as RU.")
    })
}

/// A53: required of everybody but individuals and foreign companies.
fn parse_tax_id(country: Country, text: &str, kind: Kind) -> Result<Option<TaxId>, Text> {
    if text.trim().is_empty() && matches!(kind, Kind::Individual | Kind::Foreign) {
        return Ok(None);
    }
    TaxId::parse(country, text).map(Some).map_err(|e| Text::of(&e))
}

/// A54: Russian companies have one, people never do.
fn parse_kpp(country: Country, given: &wire::LegalEntity) -> Result<Option<String>, Text> {
    if given.kpp.trim().is_empty() {
        return Ok(None);
    }
    let person = Inn::parse(&given.tax_id).is_ok_and(|inn| inn.is_person());
    if country != Country::RU || person {
        return Err(Text::new(
            "КПП бывает только у российских организаций; оставьте поле пустым.",
            "Only Russian companies have a KPP; leave the field empty.",
        ));
    }
    Kpp::parse(&given.kpp).map(|k| Some(k.to_string())).map_err(|e| Text::of(&e))
}

fn parse_ogrn(country: Country, text: &str) -> Result<Option<String>, Text> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if country != Country::RU {
        return Err(Text::new(
            "ОГРН бывает только в России; оставьте поле пустым.",
            "Only Russia has an OGRN; leave the field empty.",
        ));
    }
    // 15 digits are a sole trader's; everything else is measured by the company's 13.
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let parsed = if digits == 15 {
        Ogrnip::parse(text).map(|o| o.to_string())
    } else {
        Ogrn::parse(text).map(|o| o.to_string())
    };
    parsed.map(Some).map_err(|e| Text::of(&e))
}

fn parse_address(text: &str) -> Result<String, Text> {
    let text = text.trim();
    if text.chars().count() > ADDRESS_LIMIT || text.chars().any(char::is_control) {
        return Err(Text::new(
            format!("Адрес должен быть одной строкой до {ADDRESS_LIMIT} знаков."),
            format!("Give the address in one line of {ADDRESS_LIMIT} characters or less."),
        ));
    }
    Ok(text.into())
}

fn parse_accounts(
    v: &mut Violations,
    country: Country,
    given: &[wire::BankAccount],
) -> Vec<BankAccount> {
    if given.len() > ACCOUNTS_LIMIT {
        v.field(
            "legal_entity.accounts",
            Text::new(
                format!("Не больше {ACCOUNTS_LIMIT} счетов."),
                format!("At most {ACCOUNTS_LIMIT} accounts."),
            ),
        );
        return Vec::new();
    }
    let mut accounts: Vec<BankAccount> = Vec::with_capacity(given.len());
    for (i, one) in given.iter().enumerate() {
        let field = format!("legal_entity.accounts[{i}]");
        let parsed = parse_account(country, one);
        let Some(account) = v.take(&field, parsed) else { continue };
        if accounts.iter().any(|a| a.account == account.account) {
            let text = Text::new("Этот счёт указан дважды.", "This account is given twice.");
            v.field(field, text);
            continue;
        }
        accounts.push(account);
    }
    accounts
}

/// G26, G27: in Russia both account keys and the tail rule hold, else the text says which number
/// is probably wrong and what was meant.
fn parse_account(country: Country, given: &wire::BankAccount) -> Result<BankAccount, Text> {
    let bank = Name::parse_optional(&given.bank).map_err(|e| Text::of(&e))?;
    if country != Country::RU {
        let account = Iban::parse(&given.account).map_err(|e| Text::of(&e))?.to_string();
        let bic = given.bic.trim().to_owned();
        return Ok(BankAccount { account, bic, correspondent_account: String::new(), bank });
    }
    let account = Account::parse(&given.account).map_err(|e| Text::of(&e))?;
    let bic = Bic::parse(&given.bic).map_err(|e| Text::of(&e))?;
    let correspondent = match given.correspondent_account.trim() {
        "" => None,
        text => Some(CorrespondentAccount::parse(text).map_err(|e| Text::of(&e))?),
    };
    let proposals = repairs(&bic, &account, correspondent.as_ref());
    let checked = BankRequisites::new(bic, account, correspondent).map_err(|e| {
        let mut text = Text::of(&e);
        if let Some(repair) = proposals.first() {
            text =
                Text::new(format!("{} {}", text.ru, repair.ru()), format!("{} {repair}", text.en));
        }
        text
    })?;
    let correspondent = checked.correspondent().map(ToString::to_string);
    Ok(BankAccount {
        account: checked.account().to_string(),
        bic: checked.bic().to_string(),
        correspondent_account: correspondent.unwrap_or_default(),
        bank,
    })
}
