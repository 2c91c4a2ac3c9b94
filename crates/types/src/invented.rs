//! Invented companies for tests and the demo: valid by every check digit, and nobody's.

/// A Russian company and its bank account. The same number always gives the same company, and
/// different numbers (below 100,000) differ in every field but the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Such as `ООО «Пример 7»`.
    pub name: String,
    /// ИНН, 10 digits.
    pub inn: String,
    /// КПП, 9 digits.
    pub kpp: String,
    /// ОГРН, 13 digits.
    pub ogrn: String,
    /// БИК of an invented bank, 9 digits.
    pub bic: String,
    /// Корреспондентский счёт of that bank, 20 digits.
    pub correspondent_account: String,
    /// Расчётный счёт, 20 digits, key by the bank's BIC.
    pub account: String,
    /// Under `.example`, which never resolves.
    pub email: String,
}

/// BIC of a bank in a region that does not exist.
const BIC: &str = "049999987";

impl Company {
    /// Company number `n`.
    #[must_use]
    pub fn number(n: u32) -> Self {
        Self {
            name: format!("ООО «Пример {n}»"),
            inn: with_keys(&format!("990{:06}", n % 1_000_000), &[&[2, 4, 10, 3, 5, 9, 4, 6, 8]]),
            kpp: format!("9901{:02}{:03}", 1, n % 1000),
            ogrn: ogrn(&format!("1209900{:05}", n % 100_000), 11),
            bic: BIC.to_owned(),
            correspondent_account: keyed(&format!("0{}", &BIC[4..6]), "301018100", "99990000987"),
            account: account("407028100", n),
            email: format!("buh@primer-{n}.example"),
        }
    }

    /// Individual entrepreneur number `n`, with no КПП, and ОГРНИП of 15 digits for ОГРН.
    #[must_use]
    pub fn sole_trader(n: u32) -> Self {
        Self {
            name: format!("ИП Примеров-{n} П. П."),
            inn: inn_of_person(n),
            kpp: String::new(),
            ogrn: ogrn(&format!("3209900000{:04}", n % 10_000), 13),
            account: account("408028100", n),
            ..Self::number(n)
        }
    }

    /// Individual number `n`: a name and an account, and no numbers of the tax office.
    #[must_use]
    pub fn individual(n: u32) -> Self {
        Self {
            name: format!("Примерова-{n} Полина Павловна"),
            inn: String::new(),
            kpp: String::new(),
            ogrn: String::new(),
            account: account("408178100", n),
            ..Self::number(n)
        }
    }
}

/// Account number `n` of a kind at the invented bank.
fn account(kind: &str, n: u32) -> String {
    keyed(&BIC[6..], kind, &format!("{:011}", 38_000_000_000 + u64::from(n)))
}

/// ИНН of an invented individual entrepreneur, 12 digits.
#[must_use]
pub fn inn_of_person(n: u32) -> String {
    let first: &[u32] = &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let second: &[u32] = &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    with_keys(&format!("9901{:06}", n % 1_000_000), &[first, second])
}

/// Appends one check digit per list of weights: weighted sum, modulo 11, modulo 10.
fn with_keys(digits: &str, keys: &[&[u32]]) -> String {
    keys.iter().fold(digits.to_owned(), |known, weights| {
        let sum: u32 = numbers(&known).zip(*weights).map(|(digit, weight)| digit * weight).sum();
        format!("{known}{}", sum % 11 % 10)
    })
}

/// Appends the rest of a division, modulo 10.
fn ogrn(digits: &str, divisor: u32) -> String {
    let rest = numbers(digits).fold(0, |rest, digit| (rest * 10 + digit) % divisor);
    format!("{digits}{}", rest % 10)
}

/// An account with the key digit (its ninth) that the bank's three digits demand.
fn keyed(bank: &str, head: &str, tail: &str) -> String {
    let head = &head[..8];
    let holds = |key: &u32| {
        let all = format!("{bank}{head}{key}{tail}");
        numbers(&all).zip([7, 1, 3].into_iter().cycle()).map(|(d, w)| d * w).sum::<u32>() % 10 == 0
    };
    // The key's weight, 3, reaches every remainder of ten.
    let key = (0..10).find(holds).unwrap_or_default();
    format!("{head}{key}{tail}")
}

fn numbers(digits: &str) -> impl Iterator<Item = u32> {
    digits.chars().filter_map(|digit| digit.to_digit(10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requisites::{
        Account, BankRequisites, Bic, CorrespondentAccount, Inn, Kpp, Ogrn, Ogrnip,
    };

    #[test]
    fn every_company_passes_our_own_checks() {
        for n in [0, 1, 7, 999, 12_345, 99_999] {
            let company = Company::number(n);
            assert!(!Inn::parse(&company.inn).unwrap().is_person());
            assert!(Inn::parse(&inn_of_person(n)).unwrap().is_person());
            Kpp::parse(&company.kpp).unwrap();
            Ogrn::parse(&company.ogrn).unwrap();
            BankRequisites::new(
                Bic::parse(&company.bic).unwrap(),
                Account::parse(&company.account).unwrap(),
                Some(CorrespondentAccount::parse(&company.correspondent_account).unwrap()),
            )
            .unwrap();
            let trader = Company::sole_trader(n);
            assert!(Inn::parse(&trader.inn).unwrap().is_person());
            Ogrnip::parse(&trader.ogrn).unwrap();
            let (bic, account) = (Bic::parse(&trader.bic), Account::parse(&trader.account));
            BankRequisites::new(bic.unwrap(), account.unwrap(), None).unwrap();
        }
    }

    #[test]
    fn numbers_tell_companies_apart() {
        let (one, two) = (Company::number(1), Company::number(2));
        assert!(one.inn != two.inn && one.account != two.account && one.email != two.email);
        assert_eq!(one, Company::number(1));
    }
}
