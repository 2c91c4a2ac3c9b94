//! What each line of a letter is. Every rule looks at a bounded piece of text.

use super::{
    closings::{CLOSINGS, CLOSINGS_EN, CLOSINGS_ON, CLOSINGS_RU, DISCLAIMERS, GREETINGS, MOBILE},
    phrases::{
        FORWARDS, FROM_KEYS, LETTER_NOUNS, OPENERS, OTHER_KEYS, QUOTING, WROTE, WROTE_THEN_NAME,
    },
};

/// Longest line, or lines joined, that may introduce an earlier letter, in bytes.
const INTRODUCTION_MAX: usize = 700;

/// A line that begins with a mark of quoting.
pub fn is_quote(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with('>') || line == "|" || line.starts_with("| ") {
        return true;
    }
    // `Ivan> as some programs quote`.
    let word = line.bytes().take_while(u8::is_ascii_alphabetic).count();
    (1..=10).contains(&word)
        && line[word..].starts_with('>')
        && line[word + 1..].chars().next().is_none_or(|c| c == ' ' || c == '>')
}

/// A line of signs only, such as `--` or `____`.
pub fn is_delimiter(line: &str) -> bool {
    let line = line.trim();
    let signs = |c: char| "-_=+~#*—–―".contains(c);
    let mut chars = line.chars();
    let Some(first) = chars.next() else { return false };
    if first == 'ᐧ' {
        return chars.next().is_none();
    }
    let count = 1 + chars.clone().count();
    signs(first)
        && (count >= 2 || matches!(first, '—' | '–'))
        && line.len() < 200
        && chars.all(|c| c == first)
}

/// The signature mark of RFC 3676 §4.3, with or without its blank.
pub fn is_signature_mark(line: &str) -> bool {
    matches!(line.trim_end_matches('\r'), "-- " | "--" | "—" | "–")
        || line.starts_with("-- ") && line.len() < 60
}

/// A line that a telephone or a mail program adds by itself.
pub fn is_mobile(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 160 || line.is_empty() {
        return false;
    }
    let lower = without_link(line).to_lowercase();
    let known = MOBILE.iter().any(|start| lower.starts_with(start));
    let words = lower.split_whitespace().count();
    (known && words <= 9 && !lower.contains(", ") && !lower.ends_with('.'))
        || (words == 3 && lower.ends_with(" from mobile"))
        || (words <= 4 && lower.ends_with(" жіберілді"))
        || lower == "sent with proton mail secure email."
        || (words <= 8 && lower.starts_with("von mein") && lower.ends_with("gesendet"))
        || (lower.starts_with("diese nachricht wurde von ") && lower.contains("gesendet"))
}

fn without_link(line: &str) -> &str {
    let end = line.find("<http").or_else(|| line.find("](http")).unwrap_or(line.len());
    line[..end].trim_start_matches('[').trim_end()
}

/// The kind of header field that a line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Who wrote.
    From,
    /// Any other.
    Other,
}

/// The field of a quoted letter's header that a line shows.
pub fn field(line: &str) -> Option<Field> {
    let line = line.trim_start_matches([' ', '\t', '*', '\u{a0}']);
    let end = line.char_indices().take(30).find(|(_, c)| matches!(c, ':' | '：'))?.0;
    let key = line[..end].trim_matches([' ', '*', '\u{a0}']).to_lowercase();
    if FROM_KEYS.contains(&key.as_str()) {
        Some(Field::From)
    } else {
        OTHER_KEYS.contains(&key.as_str()).then_some(Field::Other)
    }
}

/// True when lines, joined by blanks, introduce an earlier letter.
pub fn introduces(joined: &str) -> bool {
    if joined.len() > INTRODUCTION_MAX || joined.len() < 6 {
        return false;
    }
    let lower = joined.to_lowercase();
    let head = lower.trim_start_matches([' ', '\t', '>', '<', '*', '-', '_', '|', '"', '\u{a0}']);
    forwards(&lower, head) || names_a_writer(head)
}

/// `---- Forwarded message ----` and its like.
fn forwards(line: &str, head: &str) -> bool {
    if FORWARDS.iter().any(|start| head.starts_with(start)) {
        return head.len() < 120;
    }
    let ruled = line.trim_matches([' ', '*', '>', '\u{a0}', '\t']);
    let inner = ruled.trim_matches(['-', '_', '=']);
    let rules = ruled.starts_with("--") || ruled.starts_with("__") || ruled.starts_with("==");
    rules
        && ruled.len() > inner.len() + 2
        && ruled.ends_with(['-', '_', '='])
        && inner.split_whitespace().count() <= 5
        && LETTER_NOUNS.iter().any(|noun| inner.contains(noun))
}

/// `On 5 May, X <a@b> wrote:` and its like.
fn names_a_writer(head: &str) -> bool {
    let tail = head.trim_end_matches([' ', '\t', '*', '-', '_', '.', '\u{a0}', '\r']);
    let colon = tail.ends_with([':', '：']);
    let stem = tail.trim_end_matches([':', '：', ' ', '\u{a0}']);
    let digits = head.bytes().filter(u8::is_ascii_digit).count();
    let opener = OPENERS.iter().any(|word| head.starts_with(word));
    let dated = digits >= 3;
    if WROTE.iter().any(|verb| ends_with_word(stem, verb)) {
        let named = has_address(stem) || stem.contains(" via ");
        return (colon && (named || dated)) || (opener && digits > 0);
    }
    if colon && has_address(stem) && QUOTING.iter().any(|word| head.starts_with(word)) {
        return true;
    }
    let apple = head.starts_with("wiadomość napisana przez ") && colon;
    if stem.ends_with("volgende geschreven") || (apple && has_address(stem)) {
        return true;
    }
    let bracketed = stem.ends_with('>') || stem.ends_with(')');
    // `2 марта 2026 г., 10:15, от i@client.test:`
    let by = [" от ", " від ", " von "].iter().find_map(|word| stem.rsplit_once(word));
    let begins_dated = head.starts_with(|c: char| c.is_ascii_digit()) || head.contains(" 20");
    if colon && dated && begins_dated && by.is_some_and(|(_, name)| is_address(name)) {
        return true;
    }
    // Mutt: `* X (a@b.test) [260302 10:15]:`
    if colon && dated && stem.ends_with(']') && has_address(stem) && stem.contains(" [") {
        return true;
    }
    if colon && dated {
        let middle = WROTE_THEN_NAME.iter().any(|verb| stem.contains(verb));
        return middle || (bracketed && has_address(stem) && field(head).is_none());
    }
    let begins = head.starts_with(|c: char| c.is_ascii_digit());
    let open = stem.rfind('<').is_some_and(|at| !stem[at..].contains('>'));
    let gmt = begins && !open && head.get(17..20).is_some_and(|zone| zone == "gmt");
    dated && begins && (gmt || (bracketed && has_address(stem)))
}

/// `Ivan wrote:` introduces a quote that follows it at once, though it names no day.
pub fn says(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    let Some(stem) = lower.strip_suffix(':').map(str::trim_end) else { return false };
    line.len() < 160
        && (2..=8).contains(&stem.split_whitespace().count())
        && WROTE.iter().any(|verb| ends_with_word(stem, verb))
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let Some(before) = text.strip_suffix(word) else { return false };
    // `<a@b>wrote` is seen; `rewrote` is no `wrote`.
    !before.ends_with(char::is_alphabetic) || !word.is_ascii()
}

/// True when the text is one word that looks like an address.
fn is_address(text: &str) -> bool {
    let text = text.trim_matches(['<', '>', '"', ' ']);
    !text.contains(char::is_whitespace) && has_address(text)
}

/// True when something like an address stands in the text.
pub fn has_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let before = text[..at].ends_with(|c: char| c.is_alphanumeric() || "._-+'".contains(c));
        before && text[at + 1..].starts_with(|c: char| c.is_alphanumeric())
    })
}

/// Which words close a letter in the line, if any: Russian ones or others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// `С уважением, Иван`.
    Russian,
    /// `Regards,`.
    English,
    /// `Viele Grüße`.
    Other,
}

/// Words that close a letter.
pub fn closing(line: &str) -> Option<Closing> {
    if line.len() > 160 {
        return None;
    }
    let lower = line.trim().to_lowercase();
    if CLOSINGS_RU.iter().any(|words| lower.strip_prefix(words).is_some_and(names_only)) {
        return Some(Closing::Russian);
    }
    // `Best regards / С уважением,`
    if let Some((one, other)) = lower.split_once(" / ") {
        let second = closing(other);
        return closing(one).and(second).map(|_| Closing::Russian);
    }
    let bare = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let other = CLOSINGS.contains(&bare).then_some(Closing::Other);
    other.or_else(|| CLOSINGS_EN.contains(&bare).then_some(Closing::English))
}

/// True when nothing but a name, or more of the closing, follows the words that close a letter:
/// `С уважением отнеслись бы к ответу` is a sentence.
fn names_only(rest: &str) -> bool {
    let said = rest.trim_start();
    let sentence = said.len() < rest.len() && said.starts_with(char::is_alphabetic);
    let more = CLOSINGS_ON.iter().any(|word| said.starts_with(word));
    !sentence || more || said.split_whitespace().count() <= 3
}

/// True for a line that only says what a letter is not for, as firms have put below each.
pub fn disclaims(line: &str) -> bool {
    let start: String = line.chars().take(1_000).collect::<String>().to_lowercase();
    DISCLAIMERS.iter().any(|word| start.contains(word))
}

/// True for a line that only greets.
pub fn greets(line: &str) -> bool {
    let lower = line.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    line.len() < 120 && GREETINGS.contains(&first) && words.count() <= 4
}
