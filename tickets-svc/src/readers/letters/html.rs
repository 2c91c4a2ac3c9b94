//! HTML from outside: sanitised behind a wall that keeps what would take too long away.
//!
//! The sanitiser is quadratic in nesting: half a megabyte of `<div>` takes it 25 seconds. A linear
//! pass over the source counts what makes it slow; over a limit the text alone is shown.

mod source;

use ammonia::{Builder, UrlRelative};
use mail_parser::decoders::html::html_to_text;
use std::collections::HashSet;

pub use source::{ATTRIBUTES_MAX, DEPTH_MAX, HTML_BYTES_MAX, TAGS_MAX};

/// Width at which HTML becomes text: wide, for narrow columns make the converter give up.
const TEXT_WIDTH: usize = 200;

/// Most readings until one changes nothing. Letters need two or three.
const READINGS_MAX: usize = 5;

/// What may be shown of HTML.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown {
    /// Without active content, remote images and forms.
    Safe {
        /// Sanitised HTML.
        html: String,
        /// The same as text.
        text: String,
    },
    /// A limit was met: text alone.
    TextOnly {
        /// Text without tags.
        text: String,
        /// The limit, in words.
        limit: String,
    },
}

/// Decides and sanitises.
#[must_use]
pub fn shown(source: &str) -> Shown {
    match source::checked(source) {
        Err(limit) => {
            let start = super::clean::shortened(source, HTML_BYTES_MAX);
            Shown::TextOnly { text: html_to_text(start), limit }
        }
        Ok(plain) => {
            let Some(html) = settled(&plain) else {
                let limit = "the HTML reads differently each time".to_owned();
                return Shown::TextOnly { text: html_to_text(&plain), limit };
            };
            let text = html2text::from_read(html.as_bytes(), TEXT_WIDTH)
                .unwrap_or_else(|_| html_to_text(&html));
            Shown::Safe { html, text }
        }
    }
}

/// Sanitises until nothing changes any more. Links within links, and what stands in a table beside
/// its cells, are moved by each reading: what a browser makes of the result would be something else
/// than what was sanitised.
fn settled(source: &str) -> Option<String> {
    let sanitizer = sanitizer();
    let mut html = sanitizer.clean(source).to_string();
    for _ in 0..READINGS_MAX {
        let again = sanitizer.clean(&html).to_string();
        if again == html {
            return Some(html);
        }
        html = again;
    }
    None
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
            ("img", "src") if !value.starts_with("cid:") => None,
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
            assert!(matches!(shown(&bomb), Shown::TextOnly { .. }), "{:.60}", bomb);
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
