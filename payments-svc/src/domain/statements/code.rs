//! Codes of currencies: statements come in any of them, the suite bills in some.

use std::fmt;
use types::Currency;

/// Three letters of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CurrencyCode([u8; 3]);

/// ISO 4217 numbers that statements and accounts carry.
const NUMBERS: [(&str, &str); 40] = [
    ("643", "RUB"),
    ("810", "RUB"),
    ("933", "BYN"),
    ("974", "BYN"),
    ("980", "UAH"),
    ("398", "KZT"),
    ("978", "EUR"),
    ("840", "USD"),
    ("156", "CNY"),
    ("826", "GBP"),
    ("756", "CHF"),
    ("392", "JPY"),
    ("985", "PLN"),
    ("203", "CZK"),
    ("348", "HUF"),
    ("752", "SEK"),
    ("578", "NOK"),
    ("208", "DKK"),
    ("949", "TRY"),
    ("784", "AED"),
    ("051", "AMD"),
    ("944", "AZN"),
    ("981", "GEL"),
    ("417", "KGS"),
    ("498", "MDL"),
    ("860", "UZS"),
    ("972", "TJS"),
    ("934", "TMT"),
    ("036", "AUD"),
    ("124", "CAD"),
    ("344", "HKD"),
    ("702", "SGD"),
    ("356", "INR"),
    ("410", "KRW"),
    ("764", "THB"),
    ("975", "BGN"),
    ("946", "RON"),
    ("941", "RSD"),
    ("376", "ILS"),
    ("986", "BRL"),
];

impl CurrencyCode {
    /// Reads letters (`RUR` is RUB, `BYR` BYN), or an ISO number; none for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let letters: [u8; 3] = text.as_bytes().try_into().ok()?;
        if letters.iter().all(u8::is_ascii_digit) {
            return NUMBERS
                .iter()
                .find(|(number, _)| *number == text)
                .and_then(|(_, c)| Self::parse(c));
        }
        let letters = letters.map(|c| c.to_ascii_uppercase());
        match &letters {
            b"RUR" => Some(Self(*b"RUB")),
            b"BYR" => Some(Self(*b"BYN")),
            letters if letters.iter().all(u8::is_ascii_uppercase) => Some(Self(*letters)),
            _ => None,
        }
    }

    /// The letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// The currency, where the suite bills in it.
    #[must_use]
    pub fn known(self) -> Option<Currency> {
        self.code().parse().ok()
    }

    /// Digits after the decimal point of the minor unit.
    #[must_use]
    pub const fn scale(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"ISK" | b"CLP" | b"VND" | b"XAF" | b"XOF" | b"PYG" | b"UGX" => 0,
            b"BHD" | b"KWD" | b"OMR" | b"JOD" | b"TND" | b"IQD" | b"LYD" => 3,
            _ => 2,
        }
    }
}

impl From<Currency> for CurrencyCode {
    fn from(currency: Currency) -> Self {
        Self::parse(currency.code()).unwrap_or(Self(*b"XXX"))
    }
}

impl fmt::Display for CurrencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_numbers_name_currencies() {
        for currency in Currency::ALL {
            assert_eq!(CurrencyCode::from(currency).known(), Some(currency));
        }
        let code = |text| CurrencyCode::parse(text).map(|code| code.to_string());
        assert_eq!(code("810").as_deref(), Some("RUB"));
        assert_eq!(code("RUR").as_deref(), Some("RUB"));
        assert_eq!(code("usd").as_deref(), Some("USD"));
        assert_eq!(code("12"), None);
        assert_eq!(code("000"), None);
    }
}
