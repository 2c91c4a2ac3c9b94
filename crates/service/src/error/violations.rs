//! All malformed fields of a request at once.

use super::{Failure, Violation};
use crate::Text;

/// Collects every malformed field of a request, so that the caller learns all of them at once.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Notes a field that cannot be accepted.
    pub fn field(&mut self, field: impl Into<String>, text: Text) {
        self.0.push(Violation { field: field.into(), text });
    }

    /// The value, or its violation noted and `None`.
    pub fn take<T>(&mut self, field: impl Into<String>, value: Result<T, Text>) -> Option<T> {
        value.map_err(|text| self.field(field, text)).ok()
    }

    /// True while nothing was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was noted.
    pub(super) fn into_inner(self) -> Vec<Violation> {
        self.0
    }

    /// Ends the parsing.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` with all violations when there is any.
    pub fn finish(self) -> Result<(), Failure> {
        if self.0.is_empty() { Ok(()) } else { Err(Failure::violations(self.0)) }
    }
}

/// Bytes of all violations that an answer holds: it travels in headers, and the connection is cut
/// where those are longer than the reader takes.
const ROOM: usize = 6 * 1024;
/// Characters of each text of a violation.
const LONGEST: usize = 200;

/// The violations that fit into an answer, the first ones, each at a readable length: a request may
/// have any number of wrong fields, and texts that repeat what was given.
pub(super) fn fitting(all: Vec<Violation>) -> Vec<Violation> {
    let mut room = ROOM;
    let short = all.into_iter().map(|Violation { field, text }| Violation {
        field: cut(&field),
        text: Text::new(cut(&text.ru), cut(&text.en)),
    });
    let fits = |v: &Violation| {
        let size = v.field.len() + v.text.ru.len() + v.text.en.len();
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits
    };
    short.take_while(fits).collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer that is longer than headers may be would be a lost connection instead.
    #[test]
    fn whatever_is_wrong_fits_into_an_answer() {
        let long = "я".repeat(100_000);
        let one = |n: usize| Violation {
            field: format!("readings[{n}].{long}"),
            text: Text::new(long.clone(), long.clone()),
        };
        let kept = fitting((0..1000).map(one).collect());
        let bytes: usize =
            kept.iter().map(|v| v.field.len() + v.text.ru.len() + v.text.en.len()).sum();
        assert!(!kept.is_empty() && bytes <= ROOM, "{bytes}");
        assert!(kept[0].field.starts_with("readings[0]"));
        let few = vec![Violation { field: "name".into(), text: Text::new("Нет.", "No.") }];
        assert_eq!(fitting(few)[0].text.ru, "Нет.");
    }
}
