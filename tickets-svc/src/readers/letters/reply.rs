//! What of a letter is new: the reply, apart from what it quotes and the signature.
//!
//! Nothing is deleted: each line belongs to one of the three. Where a quote is answered piece by
//! piece, all of it is the reply, for nobody could understand the rest; where nothing but a quote
//! is there, that is the reply (tickets.md §1.4). Linear in the length of the text.

mod closings;
mod folding;
mod lines;
mod phrases;

use super::html::Marks;
use crate::domain::letters::Ranges;
use folding::Folding;
use lines::Field;

/// Most lines that an introduction of an earlier letter is broken into.
const INTRODUCTION_LINES: usize = 4;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Empty,
    Text,
    Quote,
    /// It introduces an earlier letter.
    Introduction,
    /// A field of an earlier letter's header.
    Header,
    Delimiter,
    /// A line that a telephone adds.
    Mobile,
}

/// Where a line ends up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Reply,
    Quote,
    Signature,
}

/// A line of the text.
struct Line<'t> {
    start: usize,
    text: &'t str,
    kind: Kind,
}

/// The ranges of a text, of which markup may say something.
pub fn ranges(text: &str, marks: &Marks) -> Ranges {
    let mut lines = split(text);
    classify(&mut lines, marks);
    let fates = Folding::of(&lines).fates();
    let mut found = Ranges::default();
    let mut start = 0;
    for (at, fate) in fates.iter().enumerate() {
        let end = lines.get(at + 1).map_or(text.len(), |next| next.start);
        if fates.get(at + 1) != Some(fate) {
            let part = match fate {
                Fate::Reply => &mut found.reply,
                Fate::Quote => &mut found.quotes,
                Fate::Signature => &mut found.signatures,
            };
            part.push(start..end);
            start = end;
        }
    }
    found
}

fn split(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        lines.push(Line { start, text: line, kind: Kind::Text });
        start += line.len() + 1;
    }
    lines
}

fn classify(lines: &mut [Line<'_>], marks: &Marks) {
    let mut fenced = false;
    for line in lines.iter_mut() {
        let fence = line.text.trim_start().starts_with("```");
        line.kind = if fence || fenced {
            Kind::Text
        } else if line.text.trim().is_empty() {
            Kind::Empty
        } else if lines::is_quote(line.text) {
            Kind::Quote
        } else if lines::is_delimiter(line.text) || lines::is_signature_mark(line.text) {
            Kind::Delimiter
        } else if lines::is_mobile(line.text) {
            Kind::Mobile
        } else {
            Kind::Text
        };
        fenced ^= fence;
        let marked = marks.quotes.binary_search(&line.start).is_ok();
        if marked && line.kind == Kind::Text {
            line.kind = Kind::Introduction;
        }
    }
    introductions(lines);
    headers(lines);
    signatures(lines, marks);
}

/// Lines that the markup calls a signature are like what a telephone adds, wherever they stand;
/// unless all of the letter is there.
fn signatures(lines: &mut [Line<'_>], marks: &Marks) {
    let within = |line: &Line<'_>| {
        let after = marks.signatures.partition_point(|range| range.end <= line.start);
        // The line end before a signature is counted to it.
        marks.signatures.get(after).is_some_and(|range| range.start <= line.start)
    };
    let own = |line: &Line<'_>| line.kind == Kind::Text && !within(line);
    if !lines.iter().any(own) {
        return;
    }
    for line in lines.iter_mut() {
        if line.kind == Kind::Text && within(line) {
            line.kind = Kind::Mobile;
        }
    }
}

/// Finds introductions, of one line or broken into several.
fn introductions(lines: &mut [Line<'_>]) {
    let mut at = 0;
    while at < lines.len() {
        let taken = match lines[at].kind {
            Kind::Text | Kind::Delimiter => introduction(&lines[at..]),
            _ => 0,
        };
        for line in &mut lines[at..at + taken] {
            line.kind = Kind::Introduction;
        }
        at += taken.max(1);
    }
}

/// How many lines introduce an earlier letter; 0 when none does. Yandex writes above it to whom it
/// went, and about what.
fn introduction(lines: &[Line<'_>]) -> usize {
    let first = lines[0].text.trim();
    let fields = lines.iter().take(3).take_while(|line| {
        line.text.trim_end().ends_with(';') && lines::field(line.text) == Some(Field::Other)
    });
    let fields = fields.count();
    if let Some(next) = lines.get(fields).filter(|_| fields > 0) {
        return if lines::introduces(next.text.trim()) { fields + 1 } else { 0 };
    }
    if lines::introduces(first) {
        return 1;
    }
    let next = lines.iter().skip(1).take(3).find(|line| line.kind != Kind::Empty);
    if next.is_some_and(|next| next.kind == Kind::Quote) && lines::says(first) {
        return 1;
    }
    if first.len() > 300 || !first.bytes().any(|b| b.is_ascii_digit()) {
        return 0;
    }
    let mut joined = first.to_owned();
    for (count, line) in lines.iter().enumerate().take(INTRODUCTION_LINES).skip(1) {
        let next = line.text.trim_matches([' ', '\t', '\r']);
        let next =
            if line.kind == Kind::Quote { next.trim_start_matches(['>', ' ']) } else { next };
        if next.is_empty() || next.len() > 300 || line.kind == Kind::Delimiter {
            return 0;
        }
        joined.push(' ');
        joined.push_str(next);
        if lines::introduces(&joined) {
            // The nearest line that it can begin with is the one that it begins with.
            let later = (1..=count).any(|from| introduction_of(&lines[from..], count + 1 - from));
            return if later { 0 } else { count + 1 };
        }
    }
    0
}

/// True when so many lines, joined, introduce an earlier letter.
fn introduction_of(lines: &[Line<'_>], count: usize) -> bool {
    let trimmed: Vec<&str> = lines[..count].iter().map(|line| line.text.trim()).collect();
    trimmed[0].bytes().any(|b| b.is_ascii_digit()) && lines::introduces(&trimmed.join(" "))
}

/// Finds header blocks of earlier letters: three fields, or two of which one says who wrote.
fn headers(lines: &mut [Line<'_>]) {
    let mut at = 0;
    while at < lines.len() {
        let taken = if lines[at].kind == Kind::Text { header_block(&lines[at..]) } else { 0 };
        for line in &mut lines[at..at + taken] {
            line.kind = Kind::Header;
        }
        at += taken.max(1);
    }
}

/// How many lines are the header of an earlier letter; 0 when they are none.
fn header_block(lines: &[Line<'_>]) -> usize {
    let Some(first) = lines::field(lines[0].text) else { return 0 };
    let (mut fields, mut last, mut odd) = (1, 0, 0);
    let mut from = first == Field::From;
    let mut addressed = lines::has_address(lines[0].text);
    for (at, line) in lines.iter().enumerate().take(16).skip(1) {
        match (line.kind, lines::field(line.text)) {
            (Kind::Text, Some(field)) => {
                fields += 1;
                from |= field == Field::From;
                addressed |= lines::has_address(line.text);
                (last, odd) = (at, 0);
            }
            // A value may be broken into two lines, and fields may stand apart.
            (Kind::Text, None) if odd == 0 => odd += 1,
            (Kind::Empty, None) if at == last + 1 => {}
            _ => break,
        }
    }
    // A value that is broken after the last field ends at an empty line.
    let block =
        fields >= 3 || (fields >= 2 && from && addressed) || (from && angled(lines[0].text));
    if block && (from || fields >= 3) { last + 1 } else { 0 }
}

/// `From: X <a@b>` alone is a header already.
fn angled(line: &str) -> bool {
    let bracket = line.find(['<', '[']).is_some_and(|at| line[at..].contains('@'));
    bracket && line.trim_end().ends_with(['>', ']'])
}

#[cfg(test)]
mod tests;
