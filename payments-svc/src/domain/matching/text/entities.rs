//! Entities of HTML in purposes: banks' web clients leave them there.

/// Longest entity, with its marks.
const LONGEST: usize = 8;

/// Characters with their places, entities as what they stand for.
pub(super) fn decoded(text: impl Iterator<Item = char>) -> Vec<(usize, char)> {
    let chars: Vec<char> = text.collect();
    let mut all = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() {
        let (c, length) = entity(&chars[at..]).unwrap_or((chars[at], 1));
        all.push((at, c));
        at += length;
    }
    all
}

/// The entity that stands here, and its length.
fn entity(chars: &[char]) -> Option<(char, usize)> {
    if chars.first() != Some(&'&') {
        return None;
    }
    let end = chars.iter().take(LONGEST + 1).position(|c| *c == ';')?;
    let name: String = chars[1..end].iter().collect::<String>().to_lowercase();
    let c = match name.as_str() {
        "quot" => '"',
        "apos" => '\'',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "nbsp" => ' ',
        "laquo" => '«',
        "raquo" => '»',
        "ndash" | "mdash" | "minus" => '-',
        numeric => {
            let digits = numeric.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((c, end + 1))
}
