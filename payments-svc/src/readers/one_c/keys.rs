//! Keys and words of the format, however they are written.

/// Longest key of the format is 24 letters; anything much longer is text.
const MAX_KEY_CHARS: usize = 40;

/// A word that begins or ends something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// `СекцияРасчСчет`.
    AccountBegins,
    /// `КонецРасчСчет`.
    AccountEnds,
    /// `СекцияДокумент`.
    DocumentBegins,
    /// `КонецДокумента`.
    DocumentEnds,
    /// `КонецФайла`.
    FileEnds,
}

/// Folds a key: lower case, no spaces, `ё` = `е`, Latin look-alikes become Cyrillic.
pub fn fold(key: &str) -> String {
    let fold_one = |c: char| match c {
        'ё' => 'е',
        'a' => 'а',
        'b' => 'в',
        'c' => 'с',
        'e' => 'е',
        'h' => 'н',
        'k' => 'к',
        'm' => 'м',
        'o' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        other => other,
    };
    key.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{FEFF}')
        .flat_map(char::to_lowercase)
        .map(fold_one)
        .collect()
}

/// Whether a text before a `=` is a key.
pub fn is_key(name: &str) -> bool {
    !name.is_empty()
        && name.chars().count() <= MAX_KEY_CHARS
        && (name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ' ') || of_a_side(name))
        // Keys hold no spaces but by a slip (`Корр Счет`); text before a `=` has several.
        && name.split_whitespace().count() <= 2
}

/// `ПлательщикБИН/ИИН`: whatever a key of a side is written with.
fn of_a_side(name: &str) -> bool {
    let key = fold(name);
    let of = |side| key.strip_prefix(side).is_some_and(|rest: &str| !rest.is_empty());
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '-' | '.');
    (of("плательщик") || of("получатель")) && key.chars().all(plain)
}

/// The word of the format that this is.
pub fn section_word(name: &str) -> Option<Word> {
    if name.chars().count() > MAX_KEY_CHARS {
        return None;
    }
    match fold(name).as_str() {
        "секциярасчсчет" => Some(Word::AccountBegins),
        "конецрасчсчет" => Some(Word::AccountEnds),
        "секциядокумент" => Some(Word::DocumentBegins),
        "конецдокумента" => Some(Word::DocumentEnds),
        "конецфайла" => Some(Word::FileEnds),
        _ => None,
    }
}

impl Word {
    /// Whether a value may follow it.
    pub const fn begins(self) -> bool {
        matches!(self, Self::AccountBegins | Self::DocumentBegins)
    }
}
