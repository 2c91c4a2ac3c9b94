//! HTML from outside: sanitised behind a wall that keeps what would take too long away.
//!
//! The sanitiser is quadratic in nesting: half a megabyte of `<div>` takes it 25 seconds. A linear
//! pass over the source counts what makes it slow; over a limit the text alone is shown.

mod source;
mod words;

use ammonia::{Builder, UrlRelative};
use std::{collections::HashSet, ops::Range, sync::LazyLock};

pub use words::unescaped;

pub use source::{ATTRIBUTES_MAX, DEPTH_MAX, HTML_BYTES_MAX, TAGS_MAX};

/// Most readings until one changes nothing. Letters need one or two.
const READINGS_MAX: usize = 5;

/// What may be shown of HTML.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown {
    /// Without active content, remote images and forms.
    Safe {
        /// Sanitised HTML.
        html: String,
        /// The same as text.
        words: Words,
    },
    /// A limit was met: text alone.
    TextOnly {
        /// Text without tags.
        words: Words,
        /// The limit, in words.
        limit: String,
    },
}

/// HTML as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The text; quotes begin their lines with `>`.
    pub text: String,
    /// What the markup says of places in the text.
    pub marks: Marks,
    /// Content-IDs of the images that it shows.
    pub shown_ids: Vec<String>,
}

/// What markup says of places in its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Where an earlier letter begins.
    pub quotes: Vec<usize>,
    /// Where a signature stands: from, and up to.
    pub signatures: Vec<Range<usize>>,
}

impl Shown {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.words().text
    }

    /// What the markup says of places in it.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.words().marks
    }

    /// The limit that was met.
    #[must_use]
    pub fn limit(&self) -> Option<&str> {
        match self {
            Self::Safe { .. } => None,
            Self::TextOnly { limit, .. } => Some(limit),
        }
    }

    /// The HTML that is safe, and the Content-IDs that the source shows.
    #[must_use]
    pub fn into_html(self) -> (Option<String>, Vec<String>) {
        match self {
            Self::Safe { html, words } => (Some(html), words.shown_ids),
            Self::TextOnly { words, .. } => (None, words.shown_ids),
        }
    }

    fn words(&self) -> &Words {
        match self {
            Self::Safe { words, .. } | Self::TextOnly { words, .. } => words,
        }
    }
}

/// Decides and sanitises.
#[must_use]
pub fn shown(source: &str) -> Shown {
    let plain = source::plain(source);
    let words = words::of(&plain.html);
    if let Some(limit) = plain.limit {
        return Shown::TextOnly { words, limit };
    }
    match settled(&plain.html) {
        Some(html) => Shown::Safe { html, words },
        None => {
            let limit = "the HTML reads differently each time".to_owned();
            Shown::TextOnly { words, limit }
        }
    }
}

/// The text alone, without a sanitising.
#[must_use]
pub fn text(source: &str) -> String {
    words::of(&source::plain(source).html).text
}

/// Sanitises until nothing changes any more. Links within links, and what stands in a table beside
/// its cells, are moved by each reading: what a browser makes of the result would be something else
/// than what was sanitised.
fn settled(source: &str) -> Option<String> {
    let mut html = SANITIZER.clean(source).to_string();
    for _ in 0..READINGS_MAX {
        let again = SANITIZER.clean(&html).to_string();
        if again == html {
            return Some(html);
        }
        html = again;
    }
    None
}

/// Made once: its lists are long.
static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(sanitizer);

/// Takes the images out whose file is not among those of the letter: they could only show somebody
/// else's, or nothing. Text may look like such an image, and reach into the tag behind it: so what
/// is left is sanitised once more; none when that never settles.
#[must_use]
pub fn without_foreign_images(html: String, known: impl Fn(&str) -> bool) -> Option<String> {
    const START: &str = " src=\"cid:";
    if !html.contains(START) {
        return Some(html);
    }
    let mut kept = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some(at) = rest.find(START) {
        let id_start = at + START.len();
        let id = rest[id_start..].split('"').next().unwrap_or_default();
        let end = (id_start + id.len() + 1).min(rest.len());
        kept.push_str(if known(id) { &rest[..end] } else { &rest[..at] });
        rest = &rest[end..];
    }
    kept.push_str(rest);
    if kept == html { Some(html) } else { settled(&kept) }
}

/// Allows what letters need to be read; images by `cid:` and `data:` only, for a remote one tells
/// its sender that the letter was opened.
fn sanitizer() -> Builder<'static> {
    let mut builder = Builder::default();
    builder
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => {
                let (scheme, id) = value.split_at_checked(4)?;
                scheme.eq_ignore_ascii_case("cid:").then(|| format!("cid:{id}").into())
            }
            _ => Some(value.into()),
        });
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(source: &str) -> String {
        match shown(source) {
            Shown::Safe { html, .. } => html,
            Shown::TextOnly { limit, .. } => panic!("{limit}"),
        }
    }

    #[test]
    fn nothing_active_is_left() {
        for source in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href='javascript:alert(1)'>a</a>",
            "<svg onload=alert(1)>",
            "<form action=https://evil.test><input name=password></form>",
            "<img src='https://tracker.test/p.gif'>",
            "<iframe src='https://evil.test'></iframe>",
            "<p style='position:fixed'>x</p>",
            "<scr<script></script>ipt>alert(1)</scr</script>ipt>",
        ] {
            let html = safe(source);
            for bad in [
                "<script",
                "onerror",
                "onload",
                "javascript:",
                "<form",
                "<input",
                "tracker",
                "<iframe",
                "style=",
            ] {
                assert!(!html.contains(bad), "{source} -> {html}");
            }
        }
        // Text that looks like an image of ours does not reach into the tag behind it.
        let torn = safe("&lt; src=\"cid:x<a title='<script>alert(1)</script>'>y</a>");
        let torn = without_foreign_images(torn, |_| false).unwrap();
        assert!(!torn.contains("<script"), "{torn}");
        assert_eq!(safe(&torn), torn);
        assert_eq!(
            safe("<b>да</b> <img src='cid:a@b' alt='x'>"),
            "<b>да</b> <img src=\"cid:a@b\" alt=\"x\">"
        );
    }

    #[test]
    fn bombs_become_text() {
        let attributes: String = (0..50_000).map(|n| format!(" a{n}=1")).collect();
        for bomb in [
            "<div>".repeat(100_000),
            "<b><i><u><font>".repeat(20_000),
            format!("<p{attributes}>"),
            format!("<title><a x=\"</title><div{attributes}>"),
            "<div><object></div></object>".repeat(300),
            "x".repeat(HTML_BYTES_MAX + 1),
        ] {
            let began = std::time::Instant::now();
            assert!(matches!(shown(&bomb), Shown::TextOnly { .. }), "{:.60}", bomb);
            assert!(began.elapsed().as_millis() < 2_000, "{:.60}", bomb);
        }
        assert!(matches!(shown(&"<p>a<br>".repeat(5_000)), Shown::Safe { .. }));
    }

    /// Found by fuzzing: each reading moved something.
    #[test]
    fn what_is_shown_stands_still() {
        for source in [
            "<a href='http://a.test'><table><tr><td><a href='http://b.test'>x</a></table>y</a>",
            "<a href='http://a.test'>x<table><tr><td><a href='http://b.test'>y<br>z",
            "<table><tr><td><a href='http://a.test'>x<table><td><a href='http://b.test'>y",
            "<table><a href='http://a.test'>x<td><b><table><i>y<td></b><a>z</i>",
        ] {
            let once = safe(source);
            assert_eq!(safe(&once), once, "{source}");
        }
    }

    proptest::proptest! {
        /// Invariant 9: the sanitiser is idempotent and at most four times as long as its input.
        #[test]
        fn sanitising_twice_changes_nothing(source in "[<>/a-cpbdivscrt =\"'&;!-]{0,200}") {
            let once = safe(&source);
            proptest::prop_assert_eq!(&safe(&once), &once);
            proptest::prop_assert!(once.len() <= 4 * source.len() + 64);
        }
    }
}
