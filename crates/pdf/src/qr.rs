//! Payment QR of GOST R 56042-2014: what Russian banks' apps fill a payment order from.
//!
//! The payload is the service block `ST` `0001` `2` (UTF-8) and a separator, then `Key=Value`
//! pairs: five mandatory ones in a fixed order, the others after them. The symbol is one
//! byte-mode segment without ECI at error correction level M, as the standard wants.

use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};
use rust_decimal::Decimal;
use std::fmt::Write as _;

/// Separators in order of preference; the service block has room for one byte.
const SEPARATORS: [char; 8] = ['|', '~', '^', '`', ';', '_', '\\', '&'];
/// Longest name of the payee, in characters.
const NAME_LIMIT: usize = 160;
/// Longest name of the bank, in characters.
const BANK_NAME_LIMIT: usize = 45;
/// Longest purpose of the payment, in characters.
const PURPOSE_LIMIT: usize = 210;
/// Longest sum, in digits of kopecks.
const SUM_LIMIT: usize = 18;
/// Longest block of mandatory requisites, keys and separators included, in characters. The limits
/// of the single values keep below it (299), so it is asserted, not handled.
const MANDATORY_LIMIT: usize = 300;
/// Light modules around a symbol (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;
/// Side of one printed module in hundredths of a millimetre; the standard's least is 40.64.
const MODULE_CENTIMILLIMETRES: usize = 42;

/// Why there is no QR.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// A requisite is empty or not made of the digits it must have.
    #[error("{field} must be {expected}, got {value:?}")]
    Invalid {
        /// Key of the standard, e.g. `PersonalAcc`.
        field: &'static str,
        /// What would be right.
        expected: &'static str,
        /// What came.
        value: String,
    },
    /// Every separator the standard allows occurs in some value.
    #[error("every possible separator of requisites occurs in their values")]
    NoSeparator,
    /// More data than the largest symbol holds.
    #[error("{bytes} bytes do not fit a QR symbol of level M (at most 2331)")]
    TooLarge {
        /// Length of the data.
        bytes: usize,
    },
}

/// Requisites of a payment in roubles, as the payment order will carry them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment<'a> {
    /// Name of the payee; cut to 160 characters (the account identifies it, not the name).
    pub name: &'a str,
    /// Account of the payee: 20 digits.
    pub account: &'a str,
    /// Name of the payee's bank; cut to 45 characters.
    pub bank_name: &'a str,
    /// BIC of the bank: 9 digits.
    pub bic: &'a str,
    /// Correspondent account of the bank, 20 digits; `None` prints the standard's `0`.
    pub correspondent_account: Option<&'a str>,
    /// Tax number of the payee: 10 or 12 digits.
    pub inn: &'a str,
    /// Registration reason code of the payee, 9 characters; sole traders have none.
    pub kpp: Option<&'a str>,
    /// Sum in roubles, above zero, whole in kopecks.
    pub amount: Decimal,
    /// Purpose; cut to 210 characters, so it should begin with the invoice's number.
    pub purpose: &'a str,
}

impl Payment<'_> {
    /// The payload, e.g. `ST00012|Name=ООО «Три кита»|PersonalAcc=…|…|Sum=86000|Purpose=…`.
    ///
    /// Control characters become spaces. When a value holds `|`, another separator that no value
    /// holds is taken.
    ///
    /// # Errors
    /// [`QrError::Invalid`] for a requisite of a wrong form, [`QrError::NoSeparator`].
    pub fn payload(&self) -> Result<String, QrError> {
        let mut pairs = vec![
            ("Name", text("Name", self.name, NAME_LIMIT)?),
            ("PersonalAcc", digits("PersonalAcc", self.account, &[20], "20 digits")?),
            ("BankName", text("BankName", self.bank_name, BANK_NAME_LIMIT)?),
            ("BIC", digits("BIC", self.bic, &[9], "9 digits")?),
            (
                "CorrespAcc",
                match self.correspondent_account {
                    Some(account) => digits("CorrespAcc", account, &[20], "20 digits")?,
                    None => "0".to_owned(),
                },
            ),
        ];
        let mandatory: usize =
            pairs.iter().map(|(key, value)| key.len() + value.chars().count() + 2).sum();
        debug_assert!(mandatory - 1 <= MANDATORY_LIMIT, "{mandatory}");
        pairs.push(("PayeeINN", digits("PayeeINN", self.inn, &[10, 12], "10 or 12 digits")?));
        if let Some(kpp) = self.kpp {
            pairs.push(("KPP", digits_and_letters("KPP", kpp)?));
        }
        pairs.push(("Sum", kopecks(self.amount)?));
        pairs.push(("Purpose", text("Purpose", self.purpose, PURPOSE_LIMIT)?));

        let separator = SEPARATORS
            .into_iter()
            .find(|each| pairs.iter().all(|(_, value)| !value.contains(*each)))
            .ok_or(QrError::NoSeparator)?;
        let mut payload = "ST00012".to_owned();
        for (key, value) in &pairs {
            payload.push(separator);
            payload.push_str(key);
            payload.push('=');
            payload.push_str(value);
        }
        Ok(payload)
    }
}

/// A symbol ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Picture with its quiet zone, black on white, one unit per module.
    pub svg: String,
    /// Side in millimetres, quiet zone included, at which a module is as large as the standard
    /// demands; a decimal number such as `32.34`.
    pub side_mm: Decimal,
}

/// Draws any payload as the smallest symbol of level M, as one segment of bytes.
///
/// The encoder's own choice of modes is not used: it takes UTF-8 for Shift-JIS where the bytes
/// allow it, and readers then give other letters back.
///
/// # Errors
/// [`QrError::TooLarge`].
pub fn draw(payload: &str) -> Result<Symbol, QrError> {
    let too_large = || QrError::TooLarge { bytes: payload.len() };
    let code = (1..=40)
        .find_map(|version| {
            let mut bits = Bits::new(Version::Normal(version));
            bits.push_byte_data(payload.as_bytes()).ok()?;
            bits.push_terminator(EcLevel::M).ok()?;
            QrCode::with_bits(bits, EcLevel::M).ok()
        })
        .ok_or_else(too_large)?;
    let side = code.width() + 2 * QUIET_ZONE;
    let centimillimetres = i64::try_from(side * MODULE_CENTIMILLIMETRES).unwrap_or(i64::MAX);
    Ok(Symbol { svg: svg(&code, side), side_mm: Decimal::new(centimillimetres, 2) })
}

/// One path of horizontal runs: neighbouring shapes of one path are filled without seams.
fn svg(code: &QrCode, side: usize) -> String {
    let width = code.width();
    let modules = code.to_colors();
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..].iter().take_while(|each| **each == Color::Dark).count();
            if run > 0 {
                let (left, top) = (x + QUIET_ZONE, y + QUIET_ZONE);
                // Writing to a string cannot fail.
                let _ = write!(path, "M{left} {top}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{side}\" height=\"{side}\" \
         viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path d=\"{path}\"/></svg>"
    )
}

fn invalid(field: &'static str, expected: &'static str, value: &str) -> QrError {
    QrError::Invalid { field, expected, value: value.chars().take(80).collect() }
}

/// Trims, replaces control characters and cuts to the limit.
fn text(field: &'static str, value: &str, limit: usize) -> Result<String, QrError> {
    let clean: String = value
        .trim()
        .chars()
        .map(|each| if each.is_control() { ' ' } else { each })
        .take(limit)
        .collect();
    match clean.trim_end() {
        "" => Err(invalid(field, "filled", value)),
        kept => Ok(kept.to_owned()),
    }
}

fn digits(
    field: &'static str,
    value: &str,
    lengths: &[usize],
    expected: &'static str,
) -> Result<String, QrError> {
    let right = lengths.contains(&value.len()) && value.bytes().all(|each| each.is_ascii_digit());
    if right { Ok(value.to_owned()) } else { Err(invalid(field, expected, value)) }
}

/// KPP: the fifth and sixth characters may be Latin capitals (ФНС order ММВ-7-6/435@).
fn digits_and_letters(field: &'static str, value: &str) -> Result<String, QrError> {
    let right = value.len() == 9
        && value.bytes().enumerate().all(|(index, each)| {
            each.is_ascii_digit() || (matches!(index, 4 | 5) && each.is_ascii_uppercase())
        });
    if right { Ok(value.to_owned()) } else { Err(invalid(field, "9 digits", value)) }
}

fn kopecks(amount: Decimal) -> Result<String, QrError> {
    let whole = amount.checked_mul(Decimal::ONE_HUNDRED).map(|value| value.normalize());
    match whole {
        Some(value) if value.scale() == 0 && value > Decimal::ZERO => Some(value.to_string()),
        _ => None,
    }
    .filter(|sum| sum.len() <= SUM_LIMIT)
    .ok_or_else(|| invalid("Sum", "above zero and whole in kopecks", &amount.to_string()))
}
