//! Bytes to text, whatever encoding they were said to be in.
//!
//! A declared encoding is followed unless the bytes contradict it; undeclared bytes are UTF-8 where
//! they can be, else what a detector makes of them. No hint of a country is given to it: with one,
//! it misread Big5, GBK and Shift_JIS (tickets.md §1.4).

mod guess;

pub use guess::undeclared_cyrillic;

use encoding_rs::{
    Encoding, IBM866, ISO_8859_2, ISO_8859_5, ISO_8859_15, KOI8_U, UTF_8, WINDOWS_1250,
    WINDOWS_1251, WINDOWS_1252, WINDOWS_1254, X_MAC_CYRILLIC,
};
use guess::{guessed, is_macintosh};
use mail_parser::decoders::charsets::map::charset_decoder;
use std::borrow::Cow;

/// Longest stretch that the detector is fed with; more teaches it nothing and costs time.
const DETECTED_BYTES: usize = 64 * 1024;

/// Least letters beyond ASCII by which a declared encoding can be proved wrong.
const PROOF_LETTERS: usize = 8;

/// Text of bytes that nothing declares.
pub fn undeclared(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if is_torn_utf8(bytes) => String::from_utf8_lossy(bytes),
        Err(_) => guessed(bytes).decode_without_bom_handling(bytes).0,
    }
}

/// Text of bytes whose encoding is declared, unless they are plainly of another one.
pub fn declared<'b>(bytes: &'b [u8], label: &str) -> Cow<'b, str> {
    if is_utf7(label) {
        return Cow::Owned(from_utf7(bytes));
    }
    let Some(encoding) = named(label) else {
        return match charset_decoder(label.trim().as_bytes()) {
            Some(decode) if !says_nothing(label) => Cow::Owned(decode(bytes)),
            _ => undeclared(bytes),
        };
    };
    if bytes.is_ascii() && encoding.is_ascii_compatible() {
        return undeclared(bytes);
    }
    if encoding == UTF_8 {
        return undeclared(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    }
    let (text, _, wrong) = encoding.decode(bytes);
    if encoding.is_single_byte() {
        if is_utf8_by_design(bytes) {
            return undeclared(bytes);
        }
        // The beginning tells as much as the whole, and takes less.
        let start = &bytes[..bytes.len().min(DETECTED_BYTES)];
        let sample = encoding.decode_without_bom_handling(start).0;
        return match contradicted(start, encoding, &sample) {
            Some(other) => other.decode_without_bom_handling(bytes).0,
            None => text,
        };
    }
    if wrong && std::str::from_utf8(bytes).is_ok() { undeclared(bytes) } else { text }
}

/// True for the labels that only say that nothing is known.
fn says_nothing(label: &str) -> bool {
    let label = label.trim().to_ascii_lowercase();
    let nothing = ["", "binary", "default", "x-user-defined", "8bit"];
    nothing.contains(&label.as_str()) || label.contains("unknown") || label.contains("ascii")
}

/// The Cyrillic encoding of a label, if it names one: by it headers can be read that name none.
pub fn cyrillic(label: &str) -> Option<&'static Encoding> {
    named(label).filter(|encoding| {
        CYRILLIC.contains(encoding) || [encoding_rs::KOI8_R, X_MAC_CYRILLIC].contains(encoding)
    })
}

/// Text of bytes that declare nothing, in a letter that declares an encoding elsewhere.
pub fn hinted(bytes: &[u8], encoding: &'static Encoding) -> String {
    if std::str::from_utf8(bytes).is_ok() || is_torn_utf8(bytes) {
        return undeclared(bytes).into_owned();
    }
    declared(bytes, encoding.name()).into_owned()
}

/// True for the label of UTF-7.
pub fn is_utf7(label: &str) -> bool {
    let label = label.trim().to_ascii_lowercase();
    ["utf-7", "utf7", "unicode-1-1-utf-7", "csunicode11utf7"].contains(&label.as_str())
}

/// UTF-7 (RFC 2152). A sign outside the alphabet ends a run and stands for itself; `-` only ends
/// one.
fn from_utf7(bytes: &[u8]) -> String {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digits = rest.iter().map_while(|byte| digit(*byte)).count();
        let ended = rest.get(digits) == Some(&b'-');
        if byte != b'+' || digits == 0 {
            units.push(u16::from(byte));
            rest = &rest[usize::from(byte == b'+' && ended)..];
            continue;
        }
        let (mut bits, mut held) = (0_u32, 0_u32);
        for digit in rest[..digits].iter().filter_map(|byte| digit(*byte)) {
            bits = (bits << 6 | digit) & 0x3f_ffff;
            held += 6;
            if held >= 16 {
                held -= 16;
                units.push((bits >> held & 0xffff) as u16);
            }
        }
        rest = &rest[digits + usize::from(ended)..];
    }
    String::from_utf16_lossy(&units)
}

/// The encoding of a label, with the spellings that mail programs use beside the registered ones.
fn named(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    if says_nothing(&label) {
        return None;
    }
    let plain = label.replace('_', "-");
    let plain = plain.split('*').next().unwrap_or_default();
    Encoding::for_label(plain.as_bytes())
        .or_else(|| Encoding::for_label(plain.replacen("x-", "", 1).as_bytes()))
        .or_else(|| Encoding::for_label(plain.replacen("cp-", "cp", 1).as_bytes()))
        .or_else(|| Encoding::for_label(plain.replacen("win-", "windows-", 1).as_bytes()))
        .or_else(|| Encoding::for_label(plain.replacen("windows125", "windows-125", 1).as_bytes()))
        .or_else(|| Encoding::for_label(label.as_bytes()))
        .or(match plain {
            "maccyrillic" | "mac-cyrillic" | "macukrainian" => Some(X_MAC_CYRILLIC),
            "1251" | "ansi" | "windows 1251" => Some(WINDOWS_1251),
            "koi8" | "koi-8" | "koi8-ru" => Some(KOI8_U),
            "utf8mb4" | "utf-8n" | "unicode" => Some(UTF_8),
            _ => None,
        })
        .filter(|encoding| *encoding != encoding_rs::REPLACEMENT)
}

/// UTF-8 of several characters with little that is none: a letter that was cut or pasted wrongly.
fn is_torn_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good >= 4 && bad * 4 <= good
}

/// Bytes of a single-byte encoding are UTF-8 by chance hardly ever once several sequences stand.
fn is_utf8_by_design(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| text.chars().filter(|c| !c.is_ascii()).take(2).count() == 2)
}

/// The Cyrillic encodings that are taken for one another, and for Western ones.
const CYRILLIC: [&Encoding; 4] = [WINDOWS_1251, KOI8_U, IBM866, ISO_8859_5];

/// The encodings of Latin letters that programs name where they know no better.
const LATIN: [&Encoding; 5] = [WINDOWS_1252, ISO_8859_15, WINDOWS_1250, ISO_8859_2, WINDOWS_1254];

/// Another encoding, when the text makes no words in the declared one and does in that.
fn contradicted(
    bytes: &[u8],
    encoding: &'static Encoding,
    text: &str,
) -> Option<&'static Encoding> {
    let western = LATIN.contains(&encoding);
    let cyrillic = CYRILLIC.contains(&encoding) || encoding == encoding_rs::KOI8_R;
    if !western && !cyrillic {
        return None;
    }
    if is_macintosh(bytes) {
        return Some(X_MAC_CYRILLIC);
    }
    let letters = text.chars().filter(|c| !c.is_ascii() && c.is_alphabetic()).count();
    let strange = strangeness(text);
    if letters < PROOF_LETTERS || strange * 4 < letters {
        return None;
    }
    let others = CYRILLIC.into_iter().map(|other| {
        let text = other.decode_without_bom_handling(bytes).0;
        let russian = text.chars().filter(|c| ('\u{410}'..='\u{44f}').contains(c)).count();
        (strangeness(&text) + (letters - russian.min(letters)), other)
    });
    let (least, best) = others.min_by_key(|(strange, _)| *strange)?;
    (least * 10 <= letters).then_some(best)
}

/// How much of a text is no word: capital letters after a small one, strange signs within a word,
/// and words all of accented Latin letters.
fn strangeness(text: &str) -> usize {
    let mut strange = 0;
    for word in text.split(|c: char| c.is_ascii_whitespace() || c.is_ascii_punctuation()) {
        if word.is_ascii() {
            continue;
        }
        let small = word.starts_with(char::is_lowercase);
        let mut before = ' ';
        let (mut accented, mut all) = (0, 0);
        for c in word.chars() {
            strange += usize::from((small || before.is_lowercase()) && c.is_uppercase());
            strange += usize::from(!c.is_ascii() && !c.is_alphanumeric() && !is_typography(c));
            accented += usize::from(('\u{c0}'..='\u{17f}').contains(&c));
            all += 1;
            before = c;
        }
        strange += if all > 2 && accented == all { all } else { 0 };
    }
    strange + rare_letters(text)
}

/// The letters that are more than half of any text in a Cyrillic alphabet.
const COMMON: &str = "оеаинтсрвліОЕАИНТСРВЛІ";

/// Cyrillic letters of a text in which the common ones are rare: it was shifted.
fn rare_letters(text: &str) -> usize {
    let cyrillic = text.chars().filter(|c| ('\u{400}'..='\u{4ff}').contains(c));
    let (mut common, mut all) = (0, 0);
    for c in cyrillic {
        common += usize::from(COMMON.contains(c));
        all += 1;
    }
    if all >= PROOF_LETTERS && common * 100 < all * 42 { all } else { 0 }
}

fn is_typography(c: char) -> bool {
    "«»„“”‘’—–…№§©®°·•\u{a0}".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{KOI8_R, SHIFT_JIS};

    const TEXT: &str = "Прошу увеличить дисковое пространство на сервере";

    #[test]
    fn what_is_declared_is_read() {
        for (label, encoding) in [
            ("koi8-r", KOI8_R),
            ("KOI8_R", KOI8_R),
            ("cp1251", WINDOWS_1251),
            ("x-cp1251", WINDOWS_1251),
            ("windows1251", WINDOWS_1251),
            ("x-mac-cyrillic", encoding_rs::X_MAC_CYRILLIC),
            ("utf8", UTF_8),
            ("IBM866", IBM866),
            ("maccyrillic", encoding_rs::X_MAC_CYRILLIC),
        ] {
            assert_eq!(declared(&encoding.encode(TEXT).0, label), TEXT, "{label}");
        }
        for (bytes, text) in [
            ("2+AGA-3", "2`3"),
            ("+BB8EQAQ+BEgEQw +BDI-, 1 +- 2", "Прошу в, 1 + 2"),
            ("+", "+"),
            ("+ a", "+ a"),
        ] {
            assert_eq!(declared(bytes.as_bytes(), "UTF-7"), text);
        }
        let czech = "Příliš žluťoučký kůň úpěl ďábelské ódy";
        assert_eq!(declared(&WINDOWS_1250.encode(czech).0, "windows-1250"), czech);
        assert_eq!(declared(&ISO_8859_2.encode(czech).0, "iso-8859-2"), czech);
    }

    #[test]
    fn what_is_declared_wrongly_is_read_too() {
        for (label, encoding) in [
            ("iso-8859-1", WINDOWS_1251),
            ("us-ascii", WINDOWS_1251),
            ("unknown-8bit", KOI8_R),
            ("no-such-thing", KOI8_R),
            ("windows-1251", UTF_8),
            ("iso-8859-1", UTF_8),
            ("koi8-r", WINDOWS_1251),
            ("windows-1251", KOI8_R),
            ("utf-8", WINDOWS_1251),
            ("iso-8859-15", WINDOWS_1251),
            ("windows-1250", WINDOWS_1251),
            ("iso-8859-2", KOI8_R),
            ("x-user-defined", WINDOWS_1251),
            ("ansi", WINDOWS_1251),
        ] {
            assert_eq!(declared(&encoding.encode(TEXT).0, label), TEXT, "{label}");
        }
        let western = "Größe, señor, façade, naïve, Ærøskøbing: 5 °C";
        assert_eq!(declared(&WINDOWS_1252.encode(western).0, "iso-8859-1"), western);
        let shouted = "СЧЕТ НА ОПЛАТУ № 15 ОТ 26.02.2019";
        assert_eq!(declared(&WINDOWS_1251.encode(shouted).0, "windows-1251"), shouted);
    }

    /// The encoder knows no Macintosh: capital letters of 0x80, small ones of 0xe0, `я` apart.
    fn macintosh(text: &str) -> Vec<u8> {
        text.chars()
            .map(|c| match c {
                'А'..='Я' => 0x80 + (u32::from(c) - 0x410) as u8,
                'я' => 0xdf,
                'а'..='ю' => 0xe0 + (u32::from(c) - 0x430) as u8,
                c => u8::try_from(c).expect("ASCII"),
            })
            .collect()
    }

    #[test]
    fn the_macintosh_is_known() {
        for text in [TEXT, "Вопрос", "Добрый день! Пришлите, пожалуйста, акт. Яна"]
        {
            assert_eq!(X_MAC_CYRILLIC.decode(&macintosh(text)).0, text);
            assert_eq!(undeclared(&macintosh(text)), text);
            for label in ["x-mac-cyrillic", "windows-1251", "iso-8859-1"] {
                assert_eq!(declared(&macintosh(text), label), text, "{label}");
            }
        }
        let quoted = "Здравствуйте, \u{201e}Ромашка\u{201c} – это \u{201c}мы\u{201d}";
        assert_eq!(undeclared(&WINDOWS_1251.encode(quoted).0), quoted);
    }

    #[test]
    fn what_is_not_declared_is_guessed() {
        for encoding in [WINDOWS_1251, KOI8_R, UTF_8] {
            assert_eq!(undeclared(&encoding.encode(TEXT).0), TEXT, "{}", encoding.name());
        }
        for short in ["Счёт", "Вопрос", "Акт сверки", "Re: диск", "Не работает 1С"]
        {
            for encoding in [WINDOWS_1251, KOI8_R, IBM866] {
                assert_eq!(undeclared(&encoding.encode(short).0), short, "{}", encoding.name());
            }
        }
        let french = "Élève à Besançon, où déjà reçu";
        assert_eq!(undeclared(&WINDOWS_1252.encode(french).0), french);
        let japanese = "お世話になっております。請求書をお送りします。";
        assert_eq!(undeclared(&SHIFT_JIS.encode(japanese).0), japanese);
    }
}
