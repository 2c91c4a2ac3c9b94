//! Which lines of a letter are its reply.

use super::{
    Fate, Kind, Line,
    lines::{self, Closing, disclaims},
};
use std::ops::Range;

/// Most lines of a signature after a mark that is none by standard.
const SIGNATURE_LINES: usize = 12;

/// Most lines of text below a quote that still are taken for a signature.
const BELOW_MAX: usize = 6;

/// Lines of each kind.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    texts: usize,
    quotes: usize,
    leads: usize,
}

/// Decides what becomes of each line.
pub struct Folding<'l, 't> {
    lines: &'l [Line<'t>],
    fates: Vec<Fate>,
    /// For each line, how many of each kind stand before it.
    before: Vec<Counts>,
    /// For each line, the next from it on that is no part of a quote.
    next_own: Vec<usize>,
    /// The first line of text that does more than greet.
    first_words: usize,
    /// Lines from here on are decided.
    end: usize,
    /// True when something was cut off as quoted.
    cut: bool,
}

impl<'l, 't> Folding<'l, 't> {
    /// Counts once what the rules ask again and again, so that they stay linear.
    pub fn of(lines: &'l [Line<'t>]) -> Self {
        let mut before = vec![Counts::default()];
        for line in lines {
            let mut counts = before.last().copied().unwrap_or_default();
            match line.kind {
                Kind::Text => counts.texts += 1,
                Kind::Quote => counts.quotes += 1,
                Kind::Introduction | Kind::Header => counts.leads += 1,
                _ => {}
            }
            before.push(counts);
        }
        let mut next_own = vec![lines.len(); lines.len() + 1];
        for (at, line) in lines.iter().enumerate().rev() {
            let own = matches!(line.kind, Kind::Text | Kind::Mobile | Kind::Delimiter);
            next_own[at] = if own { at } else { next_own[at + 1] };
        }
        let words = |line: &Line<'_>| line.kind == Kind::Text && !lines::greets(line.text);
        Self {
            lines,
            fates: vec![Fate::Reply; lines.len()],
            before,
            next_own,
            first_words: lines.iter().position(words).unwrap_or(lines.len()),
            end: lines.len(),
            cut: false,
        }
    }

    /// What becomes of each line.
    pub fn fates(mut self) -> Vec<Fate> {
        if self.texts(0..self.end) == 0 {
            return self.fates;
        }
        self.cut_signature_mark();
        self.cut_last_letter();
        self.cut_headers();
        self.fold_quote_above();
        self.drop_introductions();
        self.cut_tail();
        self.cut_closing();
        self.cut_dash_name();
        self.cut_tail();
        self.fates
    }

    fn kind(&self, at: usize) -> Kind {
        self.lines[at].kind
    }

    fn texts(&self, range: Range<usize>) -> usize {
        self.before[range.end].texts - self.before[range.start].texts
    }

    fn quotes(&self, range: Range<usize>) -> bool {
        self.before[range.end].quotes > self.before[range.start].quotes
    }

    fn leads(&self, range: Range<usize>) -> bool {
        self.before[range.end].leads > self.before[range.start].leads
    }

    /// Gives all from a line to the end to quotes, or to the signature up to the next quote.
    fn cut_at(&mut self, at: usize, fate: Fate) {
        let quoted = (at..self.end)
            .find(|at| matches!(self.kind(*at), Kind::Introduction | Kind::Header | Kind::Quote));
        let turn = if fate == Fate::Quote { at } else { quoted.unwrap_or(self.end) };
        self.fates[at..turn].fill(Fate::Signature);
        self.fates[turn..self.end].fill(Fate::Quote);
        self.cut |= turn < self.end;
        self.end = at;
    }

    /// `-- ` ends the letter; other rules do when little follows.
    fn cut_signature_mark(&mut self) {
        let mut texts = 0;
        for at in 0..self.end {
            match self.kind(at) {
                Kind::Text => texts += 1,
                Kind::Delimiter if texts > 0 => {
                    let next = (at + 1..self.end).find(|next| self.kind(*next) != Kind::Empty);
                    let leads = next.is_some_and(|next| {
                        matches!(self.kind(next), Kind::Header | Kind::Introduction)
                    });
                    let below = self.texts(at + 1..self.end);
                    let quoted = self.quotes(at + 1..self.end);
                    let sign = lines::is_signature_mark(self.lines[at].text);
                    if leads {
                        continue;
                    }
                    if sign || (below <= SIGNATURE_LINES && !quoted) {
                        self.cut_at(at, Fate::Signature);
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    /// A place where an earlier letter begins and after which nothing new comes.
    fn cut_last_letter(&mut self) {
        let last_quote = (0..self.end).rev().find(|at| self.kind(*at) == Kind::Quote);
        for at in 0..self.end {
            if self.kind(at) != Kind::Introduction || !self.follows_text(at) {
                continue;
            }
            if last_quote.is_none_or(|quote| quote < at) || self.ends_with_quote(at) {
                self.cut_at(self.without_rule(at), Fate::Quote);
                return;
            }
        }
    }

    /// The line that counts before this one is text.
    fn follows_text(&self, at: usize) -> bool {
        let quiet = [Kind::Empty, Kind::Mobile, Kind::Delimiter];
        let before = (0..at).rev().map(|n| self.kind(n)).find(|kind| !quiet.contains(kind));
        before == Some(Kind::Text)
    }

    /// After the introduction come quotes, then nothing that could be an answer.
    fn ends_with_quote(&self, at: usize) -> bool {
        let below = self.next_own[at].min(self.end);
        if self.quotes(below..self.end) || self.leads(below..self.end) {
            return false;
        }
        let texts = self.texts(below..self.end);
        texts == 0 || (texts <= BELOW_MAX && self.first_words < at)
    }

    /// The rule above an introduction belongs to it.
    fn without_rule(&self, at: usize) -> usize {
        let above = (0..at).rev().find(|n| self.kind(*n) != Kind::Empty);
        above.filter(|n| self.kind(*n) == Kind::Delimiter).unwrap_or(at)
    }

    fn cut_headers(&mut self) {
        let starts = (0..self.end).find(|at| {
            let kinds = [Kind::Empty, Kind::Quote, Kind::Mobile, Kind::Delimiter];
            let mut before = (0..*at).rev().map(|n| self.kind(n));
            self.kind(*at) == Kind::Header
                && before.find(|kind| !kinds.contains(kind)) == Some(Kind::Text)
        });
        if let Some(at) = starts {
            self.cut_at(self.without_rule(at), Fate::Quote);
        }
    }

    /// One letter quoted in one piece, with its introduction, and the answer below: nothing of it
    /// is answered piece by piece.
    fn fold_quote_above(&mut self) {
        let is = |at: &usize, kind| self.kind(*at) == kind;
        let Some(lead) = (0..self.end).find(|at| is(at, Kind::Introduction)) else { return };
        let Some(start) = (lead..self.end).find(|at| is(at, Kind::Quote)) else { return };
        let end = self.next_own[start].min(self.end);
        let one = !self.quotes(0..start) && !self.quotes(end..self.end);
        let other = self.leads(end..self.end) || self.texts(lead..start) > 0;
        let above = self.first_words < lead;
        if one && !other && !above && self.texts(end..self.end) > 0 {
            self.fates[lead..end].fill(Fate::Quote);
        }
    }

    /// What introduces the quotes that stay is no answer either.
    fn drop_introductions(&mut self) {
        for at in 0..self.end {
            if matches!(self.kind(at), Kind::Introduction | Kind::Header) {
                self.fates[at] = Fate::Quote;
            }
        }
    }

    /// Quotes, telephones' lines and rules at the end.
    fn cut_tail(&mut self) {
        while self.end > 0 {
            let fate = match self.kind(self.end - 1) {
                Kind::Text => return,
                Kind::Mobile | Kind::Delimiter => Fate::Signature,
                Kind::Quote | Kind::Introduction | Kind::Header => Fate::Quote,
                Kind::Empty => self.fates.get(self.end).copied().unwrap_or(Fate::Reply),
            };
            if self.texts(0..self.end - 1) == 0 {
                return;
            }
            self.end -= 1;
            self.fates[self.end] = fate;
        }
    }

    /// `Regards,` and a few short lines.
    fn cut_closing(&mut self) {
        let start = self.end.saturating_sub(2 * SIGNATURE_LINES);
        for at in start..self.end {
            if self.kind(at) != Kind::Text || self.texts(0..at) == 0 {
                continue;
            }
            let Some(closing) = lines::closing(self.lines[at].text) else { continue };
            let after = &self.lines[at + 1..self.end];
            let texts = after.iter().filter(|line| line.kind == Kind::Text).count();
            let short =
                after.iter().all(|line| line.text.chars().count() <= 80 || disclaims(line.text));
            let quiet = !after.iter().any(|line| line.kind == Kind::Quote);
            let names = match closing {
                Closing::Russian => true,
                Closing::Other => texts > 0,
                Closing::English => !self.cut && texts > 0,
            };
            if names && quiet && short && texts <= SIGNATURE_LINES {
                self.cut_at(at, Fate::Signature);
                return;
            }
        }
    }

    /// `-Ivan` alone in the last paragraph of a letter that quotes nothing.
    fn cut_dash_name(&mut self) {
        let Some(at) = self.end.checked_sub(1).filter(|_| !self.cut) else { return };
        let text = self.lines[at].text.trim_end();
        let name = text.strip_prefix('-').is_some_and(|name| {
            name.starts_with(char::is_alphabetic) && name.split_whitespace().count() <= 3
        });
        let apart = at > 1 && self.kind(at - 1) == Kind::Empty;
        if name && apart && text.len() <= 60 && self.texts(0..at) > 0 {
            self.cut_at(at, Fate::Signature);
        }
    }
}
