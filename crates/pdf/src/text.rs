//! Texts of outside origin made fit to be set: bounded, and with nothing hidden in them.

use crate::PdfError;

/// Longest text of any field, in characters.
const TEXT_LIMIT: usize = 1000;
/// Longest number, code or account, in characters.
const CODE_LIMIT: usize = 64;
/// Widest word that any column surely holds; a capital counts twice.
const WORD_LIMIT: usize = 30;
/// A place to break a word without a hyphen.
const ZERO_WIDTH_SPACE: char = '\u{200b}';

/// A text that must say something.
pub(crate) fn required(field: &str, value: &str) -> Result<String, PdfError> {
    match optional(field, value)? {
        text if text.is_empty() => Err(PdfError::field(field, "must be filled")),
        text => Ok(text),
    }
}

/// A text that may be empty. Words wider than a column get places to break.
pub(crate) fn optional(field: &str, value: &str) -> Result<String, PdfError> {
    let clean = clean(field, value, TEXT_LIMIT)?;
    let mut text = String::with_capacity(clean.len());
    let mut width = 0;
    for each in clean.chars() {
        let own = if each.is_lowercase() || each.is_ascii_digit() { 1 } else { 2 };
        width = if each.is_whitespace() { 0 } else { width + own };
        if width > WORD_LIMIT {
            text.push(ZERO_WIDTH_SPACE);
            width = own;
        }
        text.push(each);
    }
    Ok(text)
}

/// A number, code or account: people copy it from the page, so that nothing is added to it.
pub(crate) fn code(field: &str, value: &str) -> Result<String, PdfError> {
    match clean(field, value, CODE_LIMIT)? {
        text if text.is_empty() => Err(PdfError::field(field, "must be filled")),
        text => Ok(text),
    }
}

/// Trims; turns control characters into spaces; drops what reorders the reading of a line
/// (bidirectional overrides), since a page must not read otherwise than its text.
fn clean(field: &str, value: &str, limit: usize) -> Result<String, PdfError> {
    let value = value.trim();
    let length = value.chars().count();
    if length > limit {
        let problem = format!("{length} characters; at most {limit} are printed");
        return Err(PdfError::field(field, problem));
    }
    let text: String = value
        .chars()
        .filter(|each| !matches!(each, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .map(|each| if each.is_control() { ' ' } else { each })
        .collect();
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_stays() {
        let text = |value| optional("x", value).unwrap();
        assert_eq!(text(" a\nb\u{0}c\u{202e}d\u{2066} "), "a b cd");
        assert_eq!(text("\u{202e}\n"), "");
        assert!(required("x", "\u{202e}\n").is_err());
    }

    #[test]
    fn only_words_break_and_codes_never() {
        let text = |value: &str| optional("x", value).unwrap();
        let fits = "научно-производственн-ого слова";
        assert_eq!(text(fits), fits);
        assert_eq!(text(&"a".repeat(31)), format!("{}\u{200b}a", "a".repeat(30)));
        assert_eq!(text(&"Щ".repeat(16)), format!("{}\u{200b}Щ", "Щ".repeat(15)));
        let iban = "BY13NBRB3600900000002Z00AB0012345678";
        assert_eq!(code("x", iban).unwrap(), iban);
        let error = code("bank.account", &"1".repeat(65)).unwrap_err().to_string();
        assert_eq!(error, "bank.account: 65 characters; at most 64 are printed");
    }
}
