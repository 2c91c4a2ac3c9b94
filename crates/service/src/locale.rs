//! Texts for people: always in Russian and in English, chosen by `accept-language`.

use std::borrow::Cow;
use types::Bilingual;

/// A language that people are spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// Russian, the default.
    #[default]
    Ru,
    /// English.
    En,
}

impl Locale {
    /// The language tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The best of our languages for an `accept-language` header (RFC 9110 §12.5.4); Russian when
    /// the header names neither.
    #[must_use]
    pub fn negotiate(header: &str) -> Self {
        match best(header, &["ru", "en"]) {
            Some("en") => Self::En,
            _ => Self::Ru,
        }
    }

    /// Whether an `accept-language` header prefers Ukrainian, for the few texts that have it.
    #[must_use]
    pub fn prefers_ukrainian(header: &str) -> bool {
        best(header, &["ru", "en", "uk"]) == Some("uk")
    }
}

/// The language of these that a header wants most; of equal ones the first.
fn best<'l>(header: &str, languages: &[&'l str]) -> Option<&'l str> {
    // Weights are compared as thousandths: there are no floats here.
    let mut best = (0, None);
    for range in header.split(',').take(32) {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let tag = tag.split('-').next().unwrap_or_default();
        let Some(language) = languages.iter().find(|l| tag.eq_ignore_ascii_case(l)) else {
            continue;
        };
        let weight = parts.find_map(|p| p.strip_prefix("q=")).map_or(1000, thousandths);
        if weight > best.0 {
            best = (weight, Some(*language));
        }
    }
    best.1
}

/// `1`, `0.8`, `0.125` as 1000, 800, 125; anything else as 0.
fn thousandths(q: &str) -> u32 {
    let (whole, fraction) = q.split_once('.').unwrap_or((q, ""));
    let digits = format!("{fraction:0<3}");
    match (whole.parse::<u32>(), digits.get(..3).and_then(|d| d.parse::<u32>().ok())) {
        (Ok(whole), Some(fraction)) if whole <= 1 => (whole * 1000 + fraction).min(1000),
        _ => 0,
    }
}

/// One message in both languages; there is no way to write only one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Russian.
    pub ru: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A message in Russian and in English.
    pub fn new(ru: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self { ru: ru.into(), en: en.into() }
    }

    /// What an error says to people.
    #[must_use]
    pub fn of(error: &impl Bilingual) -> Self {
        Self::new(error.ru(), error.to_string())
    }

    /// The message in one language.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::Ru => &self.ru,
            Locale::En => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiates() {
        for (header, expected) in [
            ("", Locale::Ru),
            ("en", Locale::En),
            ("en-GB,en;q=0.9,ru;q=0.8", Locale::En),
            ("ru-RU,ru;q=0.9,en;q=0.8", Locale::Ru),
            ("de, en;q=0.5", Locale::En),
            ("en;q=0, ru;q=0.001", Locale::Ru),
            ("EN;q=0.7, ru; q=0.75", Locale::Ru),
            ("en;q=9, ru;q=x", Locale::Ru),
            ("fr", Locale::Ru),
        ] {
            assert_eq!(Locale::negotiate(header), expected, "{header:?}");
        }
        for (header, expected) in
            [("uk-UA,uk;q=0.9,ru;q=0.8", true), ("ru,uk", false), ("en;q=0.4,uk;q=0.5", true)]
        {
            assert_eq!(Locale::prefers_ukrainian(header), expected, "{header:?}");
        }
        assert_eq!(Locale::negotiate("uk,en;q=0.5"), Locale::En);
    }
}
