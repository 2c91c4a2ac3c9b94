//! HTML as text, in one pass: quotes begin their lines with `>`, as in letters that are text.

use super::{
    Words,
    source::{Piece, Tag},
};
use crate::readers::letters::clean;
use mail_parser::decoders::html::add_html_token;

/// Deepest quote that is shown as one.
const QUOTES_MAX: usize = 10;

/// Most places and Content-IDs that are kept.
const MARKS_MAX: usize = 1_000;

/// Longest tag that is looked into.
const TAG_BYTES_MAX: usize = 4_000;

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 32] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "details",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "pre",
    "section",
    "tr",
    "ul",
];

/// Elements with an empty line around them.
const PARAGRAPHS: [&str; 9] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"];

/// What mail programs write on the element that holds, or begins, an earlier letter.
const QUOTE_MARKS: [&str; 14] = [
    "zwchr",
    "olk_src_body_section",
    "tutanota_quote",
    "ms-outlook-mobile-reference-message",
    "gmail_attr",
    "moz-cite-prefix",
    "moz-email-headers-table",
    "divrplyfwdmsg",
    "appendonsend",
    "protonmail_quote",
    "outlookmessageheader",
    "yahoo_quoted",
    "yahooquotedheader",
    "mail-editor-reference-message",
];

/// Colours of the rule that Outlook draws above an earlier letter.
const RULES: [&str; 4] = ["#e1e1e1", "#b5c4df", "rgb(225,225,225)", "rgb(181,196,223)"];

/// What mail programs write on the element that holds a signature.
const SIGNATURE_MARKS: [&str; 9] = [
    "applemailsignature",
    "gmail_signature",
    "moz-signature",
    "protonmail_signature_block",
    "ms-outlook-mobile-signature",
    "data-signature-widget=\"container\"",
    "composer_signature",
    "id=\"signature\"",
    "linebreakatbeginningofsignature",
];

/// Elements that hold a signature, or begin one.
const SIGNED: [&str; 6] = ["div", "pre", "p", "table", "span", "br"];

/// Text of HTML without comments and raw elements.
pub fn of(html: &str) -> Words {
    let mut writer = Writer::default();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        writer.text(&rest[..start]);
        rest = &rest[start..];
        let taken = match Piece::at(rest) {
            Piece::Tag(tag) => {
                writer.tag(&tag, &rest[..tag.length]);
                tag.length
            }
            Piece::Hidden(length) => length,
            Piece::Text => {
                writer.text("<");
                1
            }
        };
        rest = &rest[taken..];
    }
    writer.text(rest);
    writer.finish()
}

#[derive(Default)]
struct Writer {
    words: Words,
    /// Line ends that must stand before the next character.
    breaks: usize,
    /// A blank that must stand before the next character, unless a line begins.
    blank: bool,
    /// A mark that stands before the next character.
    mark: bool,
    /// Open elements of the signature that is being read, and where it began.
    signature: Option<(String, usize, usize)>,
    /// For each open `blockquote`, whether it quotes.
    quotes: Vec<bool>,
    pre: usize,
}

impl Writer {
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let mut length = c.len_utf8();
            match c {
                '\n' if self.pre > 0 => self.breaks += 1,
                ' ' | '\t' | '\r' | '\n' | '\u{c}' if self.pre == 0 => self.blank = true,
                '\r' => {}
                '&' => length = self.entity(rest),
                c => self.put(c),
            }
            rest = &rest[length..];
        }
    }

    /// Writes what an entity stands for; how long it is.
    fn entity(&mut self, rest: &str) -> usize {
        let name = &rest.as_bytes()[1..rest.len().min(32)];
        let end = name.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'#');
        let Some(end) = end.filter(|end| *end > 0 && name[*end] == b';') else {
            self.put('&');
            return 1;
        };
        let token = &rest[..end + 2];
        if token.eq_ignore_ascii_case("&nbsp;") || token == "&#160;" {
            if self.pre == 0 {
                self.blank = true
            } else {
                self.put(' ')
            }
            return end + 2;
        }
        let mut meant = String::new();
        add_html_token(&mut meant, token.as_bytes(), false);
        // An entity may stand for what no text may hold, as `&#0;` does.
        let meant = clean::text(&meant);
        for c in meant.chars().filter(|c| !matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}')) {
            self.put(if c == '\u{a0}' { ' ' } else { c });
        }
        end + 2
    }

    fn put(&mut self, c: char) {
        let begins = self.words.text.is_empty();
        if !begins && self.breaks > 0 {
            for line in 0..self.breaks.min(2) {
                if line > 0 {
                    self.quote_prefix(true);
                }
                self.words.text.push('\n');
            }
        } else if self.blank && !begins {
            self.words.text.push(' ');
        }
        if begins || self.breaks > 0 {
            if self.mark && self.words.marks.quotes.len() < MARKS_MAX {
                self.words.marks.quotes.push(self.words.text.len());
            }
            self.mark = false;
            self.quote_prefix(false);
        }
        (self.breaks, self.blank) = (0, false);
        self.words.text.push(c);
    }

    fn quote_prefix(&mut self, empty: bool) {
        let depth = self.quotes.iter().filter(|quotes| **quotes).count().min(QUOTES_MAX);
        self.words.text.extend(std::iter::repeat_n('>', depth));
        if depth > 0 && !empty {
            self.words.text.push(' ');
        }
    }

    fn tag(&mut self, tag: &Tag, source: &str) {
        let name = tag.name.as_str();
        match name {
            "br" => self.breaks = if self.breaks == 0 { 1 } else { 2 },
            "td" | "th" if !tag.closing => self.blank = true,
            "pre" if tag.closing => self.pre = self.pre.saturating_sub(1),
            "pre" => self.pre += 1,
            _ => {}
        }
        if PARAGRAPHS.contains(&name) {
            self.breaks = 2;
        } else if BLOCKS.contains(&name) {
            self.breaks = self.breaks.max(1);
        }
        if name == "blockquote" {
            if tag.closing {
                self.quotes.pop();
            } else if self.quotes.len() < super::DEPTH_MAX {
                self.quotes.push(!is_indent(source));
            }
        }
        if !tag.closing && source.len() < TAG_BYTES_MAX && marks_a_quote(source) {
            self.mark = true;
            self.breaks = self.breaks.max(1);
        }
        if name == "li" && !tag.closing {
            self.put('-');
            self.blank = true;
        }
        if !tag.closing && source.len() < TAG_BYTES_MAX {
            self.images(source);
        }
        self.signature(tag, source);
    }

    /// Follows the element that a program marks as the signature to its end.
    fn signature(&mut self, tag: &Tag, source: &str) {
        match &mut self.signature {
            Some((name, open, start)) if *name == tag.name && name != "br" => {
                *open = if tag.closing { *open - 1 } else { *open + 1 };
                if *open == 0 {
                    let range = *start..self.words.text.len();
                    self.signature = None;
                    self.signed(range);
                }
            }
            // Apple marks the line end before it alone: it ends where a quote begins.
            Some((name, _, start)) if name == "br" && tag.name == "blockquote" => {
                let range = *start..self.words.text.len();
                self.signature = None;
                self.signed(range);
            }
            Some(_) => {}
            None if tag.closing || source.len() >= TAG_BYTES_MAX => {}
            None if SIGNED.contains(&tag.name.as_str()) && marks_a_signature(source) => {
                self.breaks = self.breaks.max(1);
                self.signature = Some((tag.name.clone(), 1, self.words.text.len()));
            }
            None => {}
        }
    }

    fn signed(&mut self, range: std::ops::Range<usize>) {
        if !range.is_empty() && self.words.marks.signatures.len() < MARKS_MAX {
            self.words.marks.signatures.push(range);
        }
    }

    /// Content-IDs that a tag shows: `src`, a background, or a style may name one.
    fn images(&mut self, source: &str) {
        let mut rest = source;
        while let Some(at) = rest.find([':']) {
            let (before, after) = rest.split_at(at);
            rest = &after[1..];
            let named =
                before.len() >= 3 && before.as_bytes()[at - 3..].eq_ignore_ascii_case(b"cid");
            if !named || self.words.shown_ids.len() >= MARKS_MAX {
                continue;
            }
            let end = rest.find(|c: char| c.is_whitespace() || "\"'>)<".contains(c));
            let id = &rest[..end.unwrap_or(rest.len())];
            let id = if id.contains('%') { unescaped(id) } else { id.to_owned() };
            self.words.shown_ids.push(id.replace("&amp;", "&"));
        }
    }

    fn finish(mut self) -> Words {
        if let Some((_, _, start)) = self.signature.take() {
            self.signed(start..self.words.text.len());
        }
        self.words
    }
}

/// An address of the web without its percent signs.
#[must_use]
pub fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (byte, digits.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(meant)) => {
                bytes.push(meant);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Gmail's indent is a `blockquote` that quotes nothing.
fn is_indent(source: &str) -> bool {
    let flat: String = source.to_ascii_lowercase().split_ascii_whitespace().collect();
    flat.contains("border:none") && !flat.contains("cite")
}

fn marks_a_quote(source: &str) -> bool {
    let named = source.contains('=') && source.len() > 8;
    named && {
        let source = source.to_ascii_lowercase();
        let styled =
            source.contains("class=") || source.contains("id=") || source.contains("style=");
        let ruled = || {
            let flat: String = source.split_ascii_whitespace().collect();
            flat.contains("border-top:") && RULES.iter().any(|colour| flat.contains(colour))
        };
        styled && (QUOTE_MARKS.iter().any(|mark| source.contains(mark)) || ruled())
    }
}

fn marks_a_signature(source: &str) -> bool {
    let named = source.contains('=') && source.len() > 8;
    named && {
        let source = source.to_ascii_lowercase().replace('\'', "\"");
        SIGNATURE_MARKS.iter().any(|mark| source.contains(mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_reads_like_a_letter() {
        for (html, text) in [
            ("<p>a</p><p>b<br>c</p>", "a\n\nb\nc"),
            ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
            ("a &amp; b&nbsp;&lt;c&gt; &#1080; & d", "a & b <c> и & d"),
            ("<ul><li>x</li><li>y</li></ul>", "- x\n- y"),
            (
                "a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e",
                "a\n>\n> b\n> c\n>>\n>> d\n\ne",
            ),
            ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            ("a&#0;b&#13;&#1;c", "a\u{fffd}b\nc"),
            ("<blockquote style='margin:0 0 0 40px;border:none;padding:0'>x</blockquote>", "x"),
        ] {
            assert_eq!(of(html).text, text, "{html}");
        }
    }

    #[test]
    fn earlier_letters_and_images_are_marked() {
        let html = "x<div class=\"gmail_attr\">On y</div><img alt=a SRC='cid:1@a'><img src=cid:2>";
        let words = of(html);
        assert_eq!(words.text, "x\nOn y");
        assert_eq!(words.marks.quotes, [2]);
        assert_eq!(words.shown_ids, ["1@a", "2"]);
        let signed = of("x<div class=gmail_signature><div>y</div>z</div><div>u</div>");
        assert_eq!(signed.text, "x\ny\nz\nu");
        let signatures: Vec<_> =
            signed.marks.signatures.iter().map(|at| (at.start, at.end)).collect();
        assert_eq!(signatures, [(1, 5)]);
    }
}
