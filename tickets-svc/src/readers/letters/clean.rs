//! Text that came from outside, made fit for SQL, logs, headers and screens.

/// Longest line kept of a header value, in bytes.
pub const LINE_BYTES_MAX: usize = 2_000;

/// Longest file name, in bytes.
pub const NAME_BYTES_MAX: usize = 200;

/// One line: controls and line breaks become spaces, runs of them one; NUL becomes U+FFFD, and
/// marks that reverse the direction of writing are dropped, for they make names lie.
#[must_use]
pub fn line(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(LINE_BYTES_MAX));
    for c in text.chars().filter(|c| !turns_writing(*c)) {
        let c = match c {
            '\0' => '\u{fffd}',
            // The wide blank of Chinese and Japanese names is a part of them.
            c if c.is_control() || (c.is_whitespace() && c != '\u{3000}') => ' ',
            c => c,
        };
        let blank = |c| matches!(c, ' ' | '\u{3000}');
        if !(blank(c) && (clean.is_empty() || clean.ends_with(blank))) {
            clean.push(c);
        }
    }
    shortened(clean.trim_end(), LINE_BYTES_MAX).to_owned()
}

/// Many lines: CR LF becomes LF, controls but tab are dropped, NUL becomes U+FFFD.
#[must_use]
pub fn text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}");
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}

/// A name that is safe as a file name everywhere and in a header; never empty.
///
/// Paths, controls and what Windows forbids are taken off; `file` when nothing is left.
#[must_use]
pub fn file_name(name: &str) -> String {
    let name = line(name);
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String =
        base.chars().map(|c| if r#"<>:"|?*"#.contains(c) { '_' } else { c }).collect();
    let safe = safe.trim_matches(|c: char| c == '.' || c == ' ');
    let stem = safe.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let device = ["con", "prn", "aux", "nul"].contains(&stem.as_str())
        || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")));
    match (safe.is_empty(), device) {
        (true, _) => "file".to_owned(),
        (false, true) => shortened(&format!("_{safe}"), NAME_BYTES_MAX).to_owned(),
        (false, false) => with_extension_kept(safe),
    }
}

/// At most `bytes` of the text, cut between characters.
#[must_use]
pub fn shortened(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn with_extension_kept(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) if name.len() > NAME_BYTES_MAX && extension.len() <= 10 => {
            format!("{}.{extension}", shortened(stem, NAME_BYTES_MAX - 1 - extension.len()))
        }
        _ => shortened(name, NAME_BYTES_MAX).to_owned(),
    }
}

/// Bidirectional controls: U+200E/F, U+202A–E, U+2066–9, U+061C.
fn turns_writing(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || c == '\u{61c}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_no_break_and_no_lie() {
        for (given, clean) in [
            ("Иван\r\nBcc: evil@x.test", "Иван Bcc: evil@x.test"),
            ("a\0b", "a\u{fffd}b"),
            ("  a \t\n b  ", "a b"),
            ("exe.\u{202e}fdp", "exe.fdp"),
            ("a\u{85}b\u{2028}c", "a b c"),
        ] {
            assert_eq!(line(given), clean);
        }
        assert!(line(&"ж".repeat(10_000)).len() <= LINE_BYTES_MAX);
    }

    #[test]
    fn names_are_safe_everywhere() {
        for (given, safe) in [
            ("../../etc/passwd", "passwd"),
            (r"C:\tmp\акт.pdf", "акт.pdf"),
            ("con.txt", "_con.txt"),
            ("COM1", "_COM1"),
            ("", "file"),
            ("...", "file"),
            ("a\r\nb.pdf", "a b.pdf"),
            ("a:b?.pdf", "a_b_.pdf"),
        ] {
            assert_eq!(file_name(given), safe, "{given:?}");
        }
        let long = file_name(&format!("{}.pdf", "ж".repeat(300)));
        assert!(long.len() <= NAME_BYTES_MAX && long.ends_with(".pdf"));
    }
}
