//! Series of document numbers: a gapless sequence and the number printed for it, kept apart.
//!
//! A format is literal text with placeholders:
//!
//! | placeholder | prints |
//! |---|---|
//! | `{service}` | the service code of the subscription group; the series then counts per code |
//! | `{sequence}` or `{sequence:3}` | the sequence, padded with zeros to a width of 1–12 |
//! | `{check}` | the Damm digit over the digits of the sequence alone; always the last |
//!
//! `88#{sequence}{check}` prints 72815 as `88#728156`; `HOR-{service}-{sequence:3}` prints the
//! seventh of 11111 as `HOR-11111-007` (G37).

use std::{fmt, str::FromStr};
use types::{
    damm::check_digit,
    id::{SellerId, SeriesId},
};

/// Longest number that a format may print, in characters.
pub const MAX_NUMBER: usize = 40;
const MAX_WIDTH: usize = 12;
/// Digits that the longest sequence (2^63 − 1) needs.
const MAX_SEQUENCE: usize = 19;

/// A series of numbers of one seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberSeries {
    /// Identity.
    pub id: SeriesId,
    /// Whose documents it numbers.
    pub seller: SellerId,
    /// How a number is printed.
    pub format: NumberFormat,
}

impl NumberSeries {
    /// Key of the counter row that an invoice takes its sequence from: the service code where the
    /// format holds one (the series then counts per code), else the empty text.
    ///
    /// # Errors
    /// [`NumberError::NoService`] when the format needs a code and none is given.
    pub fn counter_key<'a>(&self, service: Option<&'a str>) -> Result<&'a str, NumberError> {
        if self.format.counts_per_service() { checked_service(service) } else { Ok("") }
    }
}

/// A parsed format of numbers; prints, and counts per service code where it holds one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberFormat(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Service,
    Sequence { width: usize },
    Check,
}

/// Why a text is not a format of numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A brace without its partner.
    #[error("format: brace at character {0} has no partner")]
    Brace(usize),
    /// A placeholder nobody knows.
    #[error("format: unknown placeholder {{{0}}}; {{service}}, {{sequence}}, {{check}} exist")]
    Placeholder(String),
    /// A width out of range.
    #[error("format: width {0:?} is not a number from 1 to {MAX_WIDTH}")]
    Width(String),
    /// No sequence, or more than one of a placeholder.
    #[error("format: {{{placeholder}}} stands {count} times; once is expected")]
    Count {
        /// The placeholder.
        placeholder: &'static str,
        /// How often it stands.
        count: usize,
    },
    /// The check digit is not the last thing printed.
    #[error("format: {{check}} must be last")]
    CheckNotLast,
    /// Two runs of digits would touch and could not be told apart.
    #[error("format: a digit or {{service}} touches {{sequence}}; put a separator between")]
    Touching,
    /// A control character or white space at an end.
    #[error("format: control characters and outer spaces are not allowed")]
    Character,
    /// Numbers could become too long.
    #[error("format: numbers would be longer than {MAX_NUMBER} characters")]
    TooLong,
}

/// Why a number cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Sequences start at 1.
    #[error("sequence: {0} is not positive")]
    Sequence(i64),
    /// The format needs a service code.
    #[error("the number format needs a service code; give the subscription group one")]
    NoService,
    /// The service code does not print well.
    #[error("service code {0:?}: 1 to 12 letters or digits are expected")]
    Service(String),
}

impl NumberFormat {
    /// The default of new series: prefix, sequence, check digit.
    ///
    /// # Errors
    /// [`FormatError`] of the prefix.
    pub fn with_prefix(prefix: &str) -> Result<Self, FormatError> {
        if prefix.contains(['{', '}']) {
            return Err(FormatError::Character);
        }
        format!("{prefix}{{sequence}}{{check}}").parse()
    }

    /// True when every service code has its own count (G37).
    #[must_use]
    pub fn counts_per_service(&self) -> bool {
        self.0.contains(&Part::Service)
    }

    /// True when the last digit of a number checks the others.
    #[must_use]
    pub fn has_check_digit(&self) -> bool {
        self.0.contains(&Part::Check)
    }

    /// Prints the number of a sequence.
    ///
    /// # Errors
    /// [`NumberError`] for a sequence below 1, or a service code that is missing or malformed.
    pub fn print(&self, sequence: i64, service: Option<&str>) -> Result<String, NumberError> {
        if sequence < 1 {
            return Err(NumberError::Sequence(sequence));
        }
        let digits = sequence.to_string();
        let mut number = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(text) => number.push_str(text),
                Part::Service => number.push_str(checked_service(service)?),
                Part::Sequence { width } => {
                    number.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
                    number.push_str(&digits);
                }
                Part::Check => number.push(char::from(b'0' + check_digit(sequence.unsigned_abs()))),
            }
        }
        Ok(number)
    }

    fn check(self) -> Result<Self, FormatError> {
        let count = |wanted: &dyn Fn(&Part) -> bool| self.0.iter().filter(|p| wanted(p)).count();
        let sequences = count(&|p| matches!(p, Part::Sequence { .. }));
        if sequences != 1 {
            return Err(FormatError::Count { placeholder: "sequence", count: sequences });
        }
        for (placeholder, part) in [("service", Part::Service), ("check", Part::Check)] {
            let count = count(&|p| *p == part);
            if count > 1 {
                return Err(FormatError::Count { placeholder, count });
            }
        }
        if self.has_check_digit() && self.0.last() != Some(&Part::Check) {
            return Err(FormatError::CheckNotLast);
        }
        for pair in self.0.windows(2) {
            let touching = match (&pair[0], &pair[1]) {
                (Part::Service, Part::Sequence { .. } | Part::Check)
                | (Part::Sequence { .. }, Part::Service) => true,
                (Part::Literal(text), Part::Sequence { .. }) => {
                    text.ends_with(|c: char| c.is_ascii_digit())
                }
                (Part::Sequence { .. }, Part::Literal(text)) => {
                    text.starts_with(|c: char| c.is_ascii_digit())
                }
                _ => false,
            };
            if touching {
                return Err(FormatError::Touching);
            }
        }
        let longest: usize = self
            .0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.chars().count(),
                Part::Service => 12,
                Part::Sequence { width } => (*width).max(9),
                Part::Check => 1,
            })
            .sum();
        if longest > MAX_NUMBER - (MAX_SEQUENCE - 9) {
            return Err(FormatError::TooLong);
        }
        Ok(self)
    }
}

impl FromStr for NumberFormat {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        if text.trim() != text || text.chars().any(char::is_control) {
            return Err(FormatError::Character);
        }
        if text.len() > 256 {
            return Err(FormatError::TooLong);
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = text.len() - rest.len() + 1;
            let literal = rest.find(['{', '}']).unwrap_or(rest.len());
            if literal > 0 {
                parts.push(Part::Literal(rest[..literal].into()));
                rest = &rest[literal..];
                continue;
            }
            let inner = rest.strip_prefix('{').ok_or(FormatError::Brace(at))?;
            let (name, tail) = inner.split_once('}').ok_or(FormatError::Brace(at))?;
            parts.push(placeholder(name)?);
            rest = tail;
        }
        Self(parts).check()
    }
}

fn placeholder(name: &str) -> Result<Part, FormatError> {
    match name.split_once(':') {
        None if name == "service" => Ok(Part::Service),
        None if name == "check" => Ok(Part::Check),
        None if name == "sequence" => Ok(Part::Sequence { width: 1 }),
        Some(("sequence", width)) => match width.parse() {
            Ok(width @ 1..=MAX_WIDTH) => Ok(Part::Sequence { width }),
            _ => Err(FormatError::Width(width.into())),
        },
        _ => Err(FormatError::Placeholder(name.into())),
    }
}

fn checked_service(service: Option<&str>) -> Result<&str, NumberError> {
    let code = service.ok_or(NumberError::NoService)?;
    let good = (1..=12).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if good { Ok(code) } else { Err(NumberError::Service(code.into())) }
}

impl fmt::Display for NumberFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Literal(text) => f.write_str(text),
            Part::Service => f.write_str("{service}"),
            Part::Sequence { width: 1 } => f.write_str("{sequence}"),
            Part::Sequence { width } => write!(f, "{{sequence:{width}}}"),
            Part::Check => f.write_str("{check}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn format(text: &str) -> NumberFormat {
        text.parse().unwrap()
    }

    /// design.md §2: 72815 → `88#728156`, the digit over the sequence alone, printed last.
    #[test]
    fn check_digit_is_over_the_sequence_and_printed_last() {
        let default = NumberFormat::with_prefix("88#").unwrap();
        assert_eq!(default.print(72815, None).unwrap(), "88#728156");
        assert_eq!(format("{sequence}{check}").print(572, None).unwrap(), "5724");
        let padded = format("X-{sequence:8}{check}");
        assert_eq!(padded.print(72815, None).unwrap(), "X-000728156");
        let apart = format("{sequence:3}/{service}-{check}");
        assert_eq!(apart.print(572, Some("A1")).unwrap(), "572/A1-4");
    }

    /// G37: HOR-11111-007, -008, -1000; a format with a service code counts per code.
    #[test]
    fn g37_width_and_service_code() {
        let f = format("HOR-{service}-{sequence:3}");
        assert!(f.counts_per_service());
        for (n, printed) in [(7, "HOR-11111-007"), (8, "HOR-11111-008"), (1000, "HOR-11111-1000")] {
            assert_eq!(f.print(n, Some("11111")).unwrap(), printed);
        }
        let series =
            NumberSeries { id: SeriesId::generate(), seller: SellerId::generate(), format: f };
        assert_eq!(series.counter_key(Some("11111")).unwrap(), "11111");
        assert_eq!(series.counter_key(None), Err(NumberError::NoService));
        let plain =
            NumberSeries { format: format("A{sequence}".replace('A', "A-").as_str()), ..series };
        assert_eq!(plain.counter_key(Some("11111")).unwrap(), "");
    }

    #[test]
    fn bad_formats_say_why() {
        use FormatError as E;
        let count = |placeholder, count| E::Count { placeholder, count };
        let cases = [
            ("", count("sequence", 0)),
            ("88#", count("sequence", 0)),
            ("{sequence}-{sequence}", count("sequence", 2)),
            ("{service}-{service}-{sequence}", count("service", 2)),
            ("{check}{sequence}", E::CheckNotLast),
            ("{sequence}{check}-A", E::CheckNotLast),
            ("№{sequence", E::Brace(4)),
            ("a}{sequence}", E::Brace(2)),
            ("{number}", E::Placeholder("number".into())),
            ("{sequence:0}", E::Width("0".into())),
            ("{sequence:13}", E::Width("13".into())),
            ("{sequence:x}", E::Width("x".into())),
            ("7{sequence}", E::Touching),
            ("{sequence}7", E::Touching),
            ("{service}{sequence}", E::Touching),
            (" {sequence}", E::Character),
            ("a\u{7}{sequence}", E::Character),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{sequence}", E::TooLong),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<NumberFormat>(), Err(error), "{text:?}");
        }
        assert!(NumberFormat::with_prefix("{x").is_err());
    }

    #[test]
    fn bad_numbers_are_refused() {
        let f = format("HOR-{service}-{sequence:3}");
        assert_eq!(f.print(0, Some("1")), Err(NumberError::Sequence(0)));
        assert_eq!(f.print(1, None), Err(NumberError::NoService));
        assert_eq!(f.print(1, Some("a b")), Err(NumberError::Service("a b".into())));
    }

    proptest! {
        /// Different sequences print different numbers, and a format prints back as it was read.
        #[test]
        fn numbers_are_unique(a in 1i64..10_000_000, b in 1i64..10_000_000, width in 1usize..10) {
            let text = format!("A-{{sequence:{width}}}{{check}}").replace(":1}", "}");
            let f = format(&text);
            prop_assert_eq!(f.to_string(), text);
            prop_assert_eq!(a == b, f.print(a, None).unwrap() == f.print(b, None).unwrap());
        }

        #[test]
        fn parser_never_panics(text in ".{0,60}") {
            let _ = text.parse::<NumberFormat>();
        }
    }
}
