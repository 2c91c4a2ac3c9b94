//! Which invoices a payment may be meant for, and what says so: typed evidence, each with its
//! place in the purpose (payments.md §4.5, §4.6).

use super::mentions::{How, Mention};
use super::numbers::{NumberKey, squash};
use super::reasons::Reason;
use super::{Invoice, KnownBy, Payment, Preset, Snapshot};
use chrono::Datelike;
use types::id::ClientId;

/// How a text names an invoice, from the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// The number itself.
    Exact,
    /// The number behind a prefix that it has not.
    Noise,
    /// The number without its prefix.
    Prefixless,
    /// The same letters and digits with other separators.
    Spelt,
    /// One slip away; among the payer's own open invoices only.
    Slip,
    /// A number that stands somewhere.
    Bare,
    /// Nothing names it: it is an open invoice of the payer.
    None,
}

/// An invoice with what says that it is meant.
#[derive(Debug)]
pub struct Candidate<'s> {
    /// The invoice.
    pub invoice: &'s Invoice,
    /// Its number.
    pub key: NumberKey,
    /// How it is named.
    pub tier: Tier,
    /// By which mention.
    pub mention: Option<&'s Mention>,
    /// Who pays.
    pub payer: Reason,
    /// Whether the client is known as the payer.
    pub known: bool,
}

impl Candidate<'_> {
    /// Whether the written date is the invoice's; none when none is written.
    pub fn dated(&self) -> Option<bool> {
        self.mention.and_then(|m| m.date).and_then(|date| date.agrees(self.invoice.issued_on))
    }

    /// Whether the text may name something else by it: a part of a list that is no list
    /// (`12/13`), or figures that other separators make another number.
    pub fn is_unclear(&self) -> bool {
        let Some(mention) = self.mention else { return false };
        let said = &mention.key.full;
        let whole = *said == self.key.full
            || *said == self.key.tail
            || mention.key.tail == self.key.full
            || self.key.without_letters() == Some(said);
        let part = self.tier <= Tier::Prefixless && !mention.several.is_empty() && !whole;
        let marked = |number: &str| number.contains(['-', '/', '.']);
        let figures = |number: &str| squash(number).bytes().all(|b| b.is_ascii_digit());
        let spelt = self.tier == Tier::Spelt
            && self.dated() != Some(true)
            && figures(&mention.text)
            && !self.invoice.number.contains('#')
            && marked(&mention.text) != marked(&self.invoice.number)
            && !mention.key.is_with_year(&self.key.full, self.invoice.issued_on.year(), false);
        part || spelt || mention.torn
    }

    /// Whether the text names it, more or less exactly.
    pub fn is_named(&self) -> bool {
        self.tier < Tier::Slip
    }

    /// Whether money may still be set against it.
    pub fn is_open(&self) -> bool {
        self.invoice.open && self.invoice.residual.is_positive()
    }
}

/// Invoices that number or payer lead to.
pub fn candidates<'s>(
    payment: &'s Payment,
    snapshot: &'s Snapshot,
    preset: Preset,
) -> Vec<Candidate<'s>> {
    let mut all: Vec<Candidate<'s>> = snapshot
        .invoices
        .iter()
        .map(|invoice| {
            let key = NumberKey::of(&invoice.number);
            let (tier, mention) = named(payment, invoice, &key);
            let (payer, known) = payer(payment, snapshot, preset, invoice, &key, tier);
            Candidate { invoice, key, tier, mention, payer, known }
        })
        .collect();
    only_the_strongest(&mut all, payment);
    slips(&mut all, payment);
    all.retain(|candidate| {
        let named = candidate.tier != Tier::None && candidate.tier != Tier::Bare;
        named || (candidate.known && candidate.is_open())
    });
    all
}

/// The strongest way in which some mention names the invoice.
fn named<'s>(
    payment: &'s Payment,
    invoice: &Invoice,
    own: &NumberKey,
) -> (Tier, Option<&'s Mention>) {
    let strong = payment.mentions.iter().filter_map(|m| Some((tier(m, invoice, own)?, m)));
    let best = strong.min_by_key(|(tier, m)| {
        // Of equal ones that with the agreeing date.
        (*tier, m.date.and_then(|date| date.agrees(invoice.issued_on)) != Some(true))
    });
    let bare = || {
        let bare = payment.hints.bare.iter();
        let mut bare =
            bare.filter(|m| tier(m, invoice, own).is_some_and(|t| t <= Tier::Prefixless));
        bare.next().map(|m| (Tier::Bare, m))
    };
    best.or_else(bare).map_or((Tier::None, None), |(tier, mention)| (tier, Some(mention)))
}

fn tier(mention: &Mention, invoice: &Invoice, own: &NumberKey) -> Option<Tier> {
    let said = &mention.key;
    if said.full.is_empty() || own.full.is_empty() {
        return None;
    }
    if said.full == own.full {
        return (!is_short_of_zeros(&mention.text, &invoice.number)).then_some(Tier::Exact);
    }
    let year = invoice.issued_on.year();
    let dated = mention.date.and_then(|date| date.agrees(invoice.issued_on)) == Some(true);
    if said.is_with_year(&own.full, year, dated) {
        return Some(Tier::Spelt);
    }
    if mention.several.iter().any(|key| key.full == own.full) {
        return Some(Tier::Exact);
    }
    if said.prefix().is_some() && own.prefix().is_none() && said.tail == own.full {
        return Some(Tier::Noise);
    }
    let bare = said.prefix().is_none();
    let tails = [own.prefix().map(|_| own.tail.as_str()), own.without_letters()];
    let several = |tail: &str| mention.several.iter().any(|key| key.full == tail);
    if bare && tails.into_iter().flatten().any(|tail| said.full == tail || several(tail)) {
        return Some(Tier::Prefixless);
    }
    if dated && bare && own.is_but_for_series(&said.full, year) {
        return Some(Tier::Prefixless);
    }
    let squashed = squash(&mention.text);
    (squashed.len() >= 4 && squashed == squash(&invoice.number)).then_some(Tier::Spelt)
}

/// Whether a number of fixed length was written with fewer zeros, but with some: a figure may be
/// missing, `07` for `007` or for `071`.
fn is_short_of_zeros(said: &str, own: &str) -> bool {
    let figures = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let (said, own) = (figures(said), figures(own));
    said.iter()
        .rev()
        .zip(own.iter().rev())
        .any(|(said, own)| said.starts_with('0') && own.starts_with('0') && said.len() < own.len())
}

/// Whether a mention names an invoice, more or less exactly.
pub fn names(mention: &Mention, invoice: &Invoice) -> bool {
    tier(mention, invoice, &NumberKey::of(&invoice.number)).is_some()
}

/// What names one invoice exactly is no number of another that only resembles it, unless that one
/// alone is the payer's.
fn only_the_strongest(all: &mut [Candidate<'_>], payment: &Payment) {
    let strength = |c: &Candidate<'_>| (c.tier, c.mention.map(|m| m.span), c.known);
    let seller = |c: &Candidate<'_>| c.invoice.seller == payment.seller;
    let strongest: Vec<_> = all.iter().filter(|c| seller(c)).map(strength).collect();
    for candidate in all.iter_mut().filter(|c| c.tier != Tier::None) {
        let (tier, span, known) = strength(candidate);
        let beaten = strongest.iter().any(|(other, place, payers)| {
            *other < tier && tier <= Tier::Spelt && *place == span && (*payers || !known)
        });
        if beaten {
            candidate.tier = Tier::None;
            candidate.mention = None;
        }
    }
}

/// A number that names no invoice at all may be the payer's own one with one slip in it.
fn slips<'s>(all: &mut [Candidate<'s>], payment: &'s Payment) {
    for mention in &payment.mentions {
        let here =
            |c: &&Candidate<'_>| c.is_named() && c.mention.map(|m| m.span) == Some(mention.span);
        // A number of a stranger's invoice of another amount is named by chance, where a date
        // stands beside it: the payer's own one must have that very date.
        let meant = |c: &Candidate<'_>| {
            let amount = c.invoice.residual == payment.amount;
            c.known || mention.date.is_none() || (amount && c.dated() != Some(false))
        };
        if all.iter().filter(here).any(meant) {
            continue;
        }
        for candidate in all.iter_mut() {
            let own = candidate.known && candidate.is_open() && candidate.tier == Tier::None;
            let near = one_slip(&mention.key, &candidate.key)
                || spelt_one_slip(&mention.text, &candidate.invoice.number);
            // «72815-1», «72815/2» is another number, and no slip.
            let parts = parts(&mention.text);
            let whole = parts == 1 || parts == self::parts(&candidate.invoice.number);
            if own && near && whole {
                candidate.tier = Tier::Slip;
                candidate.mention = Some(mention);
            }
        }
    }
}

/// Whether one substitution, swap, missing or doubled character makes one number of another.
pub fn one_slip(said: &NumberKey, own: &NumberKey) -> bool {
    let same_prefix =
        said.prefix().is_none() || own.prefix().is_none() || said.prefix() == own.prefix();
    let digits = |key: &NumberKey| key.tail.bytes().filter(u8::is_ascii_digit).count();
    same_prefix && digits(own) >= 2 && is_one_edit(&read(&said.tail), &read(&own.tail))
}

/// The same of numbers as written, zeros and all.
pub fn spelt_one_slip(said: &str, own: &str) -> bool {
    let (said, own) = (squash(said), squash(own));
    said.len() >= 3 && said != own && is_one_edit(&read(&said), &read(&own))
}

/// How many parts a number has.
fn parts(number: &str) -> usize {
    number.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).count()
}

/// Whether two numbers follow each other: who copies a wrong one copies its neighbour.
pub fn follow(one: &NumberKey, other: &NumberKey) -> bool {
    let number = |key: &NumberKey| {
        let (head, tail) = key.full.rsplit_once(['-', '#']).unwrap_or(("", &key.full));
        tail.parse::<u64>().ok().map(|tail| (head.to_owned(), tail))
    };
    match (number(one), number(other)) {
        (Some((a, x)), Some((b, y))) => a == b && x.abs_diff(y) <= 1,
        _ => false,
    }
}

/// Letters that are read for digits.
fn read(number: &str) -> Vec<char> {
    let has_digits = number.bytes().any(|b| b.is_ascii_digit());
    let digit = |c: char| match c {
        'O' | 'О' if has_digits => '0',
        'I' | 'L' | '|' if has_digits => '1',
        'З' if has_digits => '3',
        'Б' if has_digits => '6',
        'S' if has_digits => '5',
        other => other,
    };
    number.chars().map(digit).collect()
}

fn is_one_edit(a: &[char], b: &[char]) -> bool {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    match b.len() - a.len() {
        0 => {
            // Read letters for digits, and it is the same.
            rest_a.is_empty()
                || rest_a[1..] == rest_b[1..]
                || (rest_a.len() >= 2
                    && rest_a[0] == rest_b[1]
                    && rest_a[1] == rest_b[0]
                    && rest_a[2..] == rest_b[2..])
        }
        1 => rest_a == &rest_b[1..],
        _ => false,
    }
}

/// Who pays, by what is known; and whether that is the invoice's client.
fn payer(
    payment: &Payment,
    snapshot: &Snapshot,
    preset: Preset,
    invoice: &Invoice,
    key: &NumberKey,
    tier: Tier,
) -> (Reason, bool) {
    let known = |by| snapshot.payers.contains(&(invoice.client, by));
    let another = |by| snapshot.payers.iter().any(|(_, other)| *other == by);
    if known(KnownBy::TaxId) {
        return (Reason::PayerTaxId, true);
    }
    if known(KnownBy::OnBehalf) {
        return (Reason::OnBehalf, true);
    }
    // A known tax id of another client goes to review under this preset, whatever else is known.
    if another(KnownBy::TaxId) && preset == Preset::NumberAndAmount {
        return (Reason::PayerDiffers, false);
    }
    if known(KnownBy::Account) {
        return (Reason::PayerAccount, true);
    }
    if let Some(rule) = learned(snapshot, invoice.client) {
        return (Reason::LearnedRule { rule }, true);
    }
    if another(KnownBy::TaxId) {
        return (Reason::PayerDiffers, false);
    }
    let names = key.names_client(invoice.sequence);
    if preset == Preset::NumberAndAmount && tier <= Tier::Noise && names {
        return (Reason::NumberNamesClient, false);
    }
    let unknown =
        if payment.payer_tax_id.is_some() { Reason::PayerDiffers } else { Reason::PayerUnknown };
    (unknown, false)
}

/// The rule by which the payer pays for a client, as people taught.
fn learned(snapshot: &Snapshot, client: ClientId) -> Option<i64> {
    snapshot.payers.iter().find_map(|(other, by)| match by {
        KnownBy::Learned(rule) if *other == client => Some(*rule),
        _ => None,
    })
}

/// Clients whose invoices a slip of this payer may reach: those that it is known as.
pub fn clients(snapshot: &Snapshot) -> Vec<ClientId> {
    snapshot.payers.iter().map(|(client, _)| *client).collect()
}

/// The reason that tells how the text names an invoice.
pub fn number_reason(candidate: &Candidate<'_>) -> Vec<Reason> {
    let Some(mention) = candidate.mention else { return vec![Reason::NumberAbsent] };
    let (text, span) = (mention.text.clone(), mention.span);
    match candidate.tier {
        Tier::Exact => vec![Reason::NumberExact { text, span }],
        Tier::Noise => {
            let prefix = mention.key.prefix().unwrap_or_default().to_owned();
            vec![Reason::NumberExact { text, span }, Reason::PrefixNoise { prefix }]
        }
        Tier::Prefixless => vec![Reason::NumberPrefixless { text, span }],
        Tier::Spelt => vec![Reason::NumberSpelt { text, span }],
        Tier::Slip => vec![Reason::NumberSlip { text, span }],
        Tier::Bare => vec![Reason::NumberBare { text, span }],
        Tier::None => vec![Reason::NumberAbsent],
    }
}

/// Whether a mention may be something else than a whole number.
pub fn doubts(mention: &Mention, payment: &Payment) -> Vec<Reason> {
    let mut doubts = Vec::new();
    if mention.cut {
        doubts.push(Reason::NumberMayBeCut);
    }
    let amount = payment.amount.amount().normalize().to_string();
    let plain = mention.how == How::Word && !mention.signed && mention.date.is_none();
    if plain && mention.text == amount {
        doubts.push(Reason::NumberMayBeSum);
    }
    doubts
}
