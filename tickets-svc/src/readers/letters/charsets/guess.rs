//! What encoding bytes are of that declare none.

use super::{COMMON, CYRILLIC, DETECTED_BYTES, cyrillic, is_torn_utf8, strangeness};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, KOI8_U, WINDOWS_1251, X_MAC_CYRILLIC};

/// What the detector makes of the bytes. It knows no Macintosh, and takes a few Cyrillic letters
/// for Western ones.
pub fn guessed(bytes: &[u8]) -> &'static Encoding {
    let bytes = &bytes[..bytes.len().min(DETECTED_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Allow);
    if !guess.is_single_byte() {
        return guess;
    }
    if is_macintosh(bytes) {
        return X_MAC_CYRILLIC;
    }
    let text = guess.decode_without_bom_handling(bytes).0;
    if is_all_accents(&text) {
        return least_strange(bytes).unwrap_or(guess);
    }
    less_shouted(bytes, guess, &text).unwrap_or(guess)
}

/// KOI8 and windows-1251 have each other's capital letters for small ones: of a few letters, that
/// with the more common ones is meant.
fn less_shouted(bytes: &[u8], guess: &'static Encoding, text: &str) -> Option<&'static Encoding> {
    let cyrillic = |c: &char| ('\u{400}'..='\u{4ff}').contains(c);
    let shouted = !text.chars().any(|c| cyrillic(&c) && c.is_lowercase());
    let other = if guess == WINDOWS_1251 { KOI8_U } else { WINDOWS_1251 };
    let known = [WINDOWS_1251, KOI8_U, encoding_rs::KOI8_R].contains(&guess);
    if !(known && shouted) {
        return None;
    }
    let common = |text: &str| text.chars().filter(|c| COMMON.contains(*c)).count();
    let meant = other.decode_without_bom_handling(bytes).0;
    (common(&meant) > common(text) && strangeness(&meant) == 0).then_some(other)
}

/// The Cyrillic encoding of bytes that declare none, if they are of one.
pub fn undeclared_cyrillic(bytes: &[u8]) -> Option<&'static Encoding> {
    if std::str::from_utf8(bytes).is_ok() || is_torn_utf8(bytes) {
        return None;
    }
    cyrillic(guessed(bytes).name())
}

/// True for words of accented Latin letters alone, which no language writes.
fn is_all_accents(text: &str) -> bool {
    let latin = |c: char| ('\u{c0}'..='\u{24f}').contains(&c);
    let (mut solid, mut other) = (0, 0);
    for word in text.split(|c: char| c.is_ascii() && !c.is_ascii_alphabetic()) {
        let letters = word.chars().filter(|c| latin(*c)).count();
        let whole = word.chars().filter(|c| c.is_alphabetic()).all(latin);
        match letters {
            3.. if whole => solid += letters,
            // A word of one or two letters tells nothing.
            1..=2 if whole => {}
            _ => other += letters,
        }
    }
    solid > 0 && other * 10 <= solid
}

/// The Cyrillic encoding in which the bytes look most like words.
fn least_strange(bytes: &[u8]) -> Option<&'static Encoding> {
    let written = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let strange = CYRILLIC.into_iter().map(|encoding| {
        let text = encoding.decode_without_bom_handling(bytes).0;
        let cyrillic = text.chars().filter(|c| ('\u{400}'..='\u{491}').contains(c)).count();
        // Of equals, the one with the more common letters.
        let rare = text.chars().filter(|c| !c.is_ascii() && !COMMON.contains(*c)).count();
        (strangeness(&text) + (written - cyrillic.min(written)), rare, encoding)
    });
    let (least, _, best) = strange.min_by_key(|(strange, rare, _)| (*strange, *rare))?;
    (least * 4 <= written).then_some(best)
}

/// True for Cyrillic text of a Macintosh: small letters are those of windows-1251, but capital ones
/// stand where that has signs.
pub fn is_macintosh(bytes: &[u8]) -> bool {
    const SMALL: std::ops::RangeInclusive<u8> = 0xe0..=0xfe;
    let (mut small, mut all) = (0, 0);
    let (mut macintosh, mut windows) = (0, 0);
    let mut before = b' ';
    for (byte, after) in bytes.iter().zip(bytes.iter().skip(1).chain(b" ")) {
        all += usize::from(!byte.is_ascii());
        small += usize::from(SMALL.contains(byte));
        if before.is_ascii() && !before.is_ascii_alphanumeric() && SMALL.contains(after) {
            match byte {
                // What windows-1251 has there may stand before a word: quotes and dashes.
                0x84 | 0x85 | 0x8b | 0x91..=0x97 | 0x9b => {}
                0x80..=0x9f => macintosh += 1,
                // The same the other way round.
                0xc7 | 0xd2 | 0xd4 | 0xd7 => {}
                0xc0..=0xde => windows += 1,
                _ => {}
            }
        }
        before = *byte;
    }
    macintosh > 2 * windows && small * 100 >= all * 65
}
