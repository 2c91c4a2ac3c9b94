//! Numbers of invoices: their canonical form.

use types::damm;

/// Canonical form of a number, equal for all ways people type it (G37): upper case, look-alike
/// letters folded to Latin, one separator, no leading zeros in numeric parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NumberKey {
    /// The whole number, such as `88#72815` or `HOR-11111-7`.
    pub full: String,
    /// What stands after the prefix: `72815`; the whole number when it has none.
    pub tail: String,
}

impl NumberKey {
    /// The key of a number as printed or typed.
    #[must_use]
    pub fn of(number: &str) -> Self {
        let folded: String = number.chars().flat_map(char::to_uppercase).filter_map(fold).collect();
        let canonical = |part: &str| {
            let parts: Vec<&str> =
                part.split('-').filter(|p| !p.is_empty()).map(without_zeros).collect();
            parts.join("-")
        };
        match folded.split_once('#') {
            Some((prefix, tail)) if !prefix.is_empty() => {
                let tail = canonical(tail);
                Self { full: format!("{}#{tail}", canonical(prefix)), tail }
            }
            _ => {
                let full = canonical(folded.trim_start_matches('#'));
                Self { tail: full.clone(), full }
            }
        }
    }

    /// A key from its parts, as an index stores them.
    #[must_use]
    pub const fn from_parts(full: String, tail: String) -> Self {
        Self { full, tail }
    }

    /// What remains without leading letters: `11111-7` of `HOR-11111-7`.
    #[must_use]
    pub fn without_letters(&self) -> Option<&str> {
        let (letters, rest) = self.full.split_once('-')?;
        let bare = letters.chars().all(char::is_alphabetic);
        let enough = rest.bytes().filter(u8::is_ascii_digit).count() >= 3;
        (bare && enough).then_some(rest)
    }

    /// Whether a text drops the letters or the year of this number and says the rest: `12` of
    /// `A-12`, `12/2026`, `26-12`.
    #[must_use]
    pub fn is_but_for_series(&self, said: &str, year: i32) -> bool {
        let series = |part: &str| {
            part.chars().all(char::is_alphabetic) || is_year(part, year) && part != said
        };
        let ends = [self.full.split_once(['-', '/']), self.full.rsplit_once(['-', '/'])];
        let [first, last] = ends;
        first.is_some_and(|(head, rest)| rest == said && series(head))
            || last.is_some_and(|(rest, end)| rest == said && series(end))
    }

    /// Whether this is another number with its year behind it: `12/2026` of `12`. Two figures may
    /// be the number of another invoice, unless the date agrees.
    #[must_use]
    pub fn is_with_year(&self, number: &str, year: i32, dated: bool) -> bool {
        self.full.rsplit_once(['-', '/']).is_some_and(|(head, end)| {
            head == number && is_year(end, year) && (dated || end.len() == 4)
        })
    }

    /// What stands before the `#`.
    #[must_use]
    pub fn prefix(&self) -> Option<&str> {
        self.full.split_once('#').map(|(prefix, _)| prefix)
    }

    /// What numbers of one series begin with: `88`, `HOR`.
    #[must_use]
    pub fn series(&self) -> &str {
        self.prefix()
            .or_else(|| self.full.split_once('-').map(|(head, _)| head))
            .unwrap_or_default()
    }

    /// Whether a number by itself names whose invoice it is (§1.9 item 9): it holds a service code
    /// (`HOR-11111-007`), or a valid check digit over its sequence.
    #[must_use]
    pub fn names_client(&self, sequence: u64) -> bool {
        let parts: Vec<&str> = self.full.split('-').collect();
        let numeric = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
        let service_code = parts.len() == 3
            && parts[0].bytes().all(|b| b.is_ascii_alphabetic())
            && parts[1..].iter().all(numeric);
        service_code || (sequence > 0 && self.tail == damm::append(sequence))
    }
}

/// Letters and digits alone, folded: equal for numbers whose separators differ.
#[must_use]
pub fn squash(number: &str) -> String {
    let folded = number.chars().flat_map(char::to_uppercase).filter_map(fold);
    folded.filter(|c| c.is_alphanumeric()).collect()
}

/// One character of a canonical number; none for what is dropped.
fn fold(c: char) -> Option<char> {
    Some(match c {
        'А' => 'A',
        'В' => 'B',
        'Е' | 'Ё' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'О' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'У' => 'Y',
        'Х' => 'X',
        'І' => 'I',
        '-' | '–' | '—' | '‑' | '−' | '_' | ' ' | '\u{A0}' | '.' => '-',
        '#' | '/' => c,
        other if other.is_alphanumeric() => other,
        _ => return None,
    })
}

/// Whether a part of a number is that year, whole or its last two figures.
fn is_year(part: &str, year: i32) -> bool {
    part.parse() == Ok(year) || (part.len() == 2 && part.parse() == Ok(year % 100))
}

fn without_zeros(part: &str) -> &str {
    if !part.bytes().all(|b| b.is_ascii_digit()) {
        return part;
    }
    let trimmed = part.trim_start_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }
}

#[cfg(test)]
mod tests;
