//! What `:86:` says: German `?20`, SEPA `SVWZ+`, Dutch and Hungarian `/REMI/`, Polish `TYT.:`,
//! free text, and MULTICASH `:NS:`.

use crate::domain::statements::Party;
use crate::readers::values;
use std::collections::BTreeMap;

/// Full length of a piece of `?20`; a word that does not fit is cut there.
const PIECE: usize = 27;
/// Full length of a line of text.
const LINE: usize = 65;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// Purpose.
    pub purpose: String,
    /// The other side.
    pub party: Party,
    /// Reference from end to end.
    pub end_to_end_id: Option<String>,
    /// Whom the payer pays for.
    pub on_behalf: Option<String>,
    /// Why an earlier payment came back.
    pub return_reason: Option<String>,
    /// The rest.
    pub raw: BTreeMap<String, String>,
}

/// Reads the lines of a `:86:`.
pub fn read(lines: &[String]) -> Details {
    if let Some((separator, code)) = structured(lines) {
        return german(&glued(lines), separator, code);
    }
    let joined = join(lines, LINE);
    if let Some(details) = slashes(&lines.concat()) {
        return details;
    }
    if let Some(details) = polish(&joined) {
        return details;
    }
    free(lines, joined)
}

/// Joins pieces: a full one goes on without a blank.
fn join<S: AsRef<str>>(pieces: &[S], full: usize) -> String {
    let mut text = String::new();
    let mut glued = true;
    for piece in pieces.iter().map(AsRef::as_ref) {
        if !glued {
            text.push(' ');
        }
        text.push_str(piece);
        glued = piece.chars().count() >= full;
    }
    values::one_line(&text)
}

/// Lines of a structured field end anywhere, and one that ends a character early lost a blank.
fn glued(lines: &[String]) -> String {
    let blank = |line: &String| line.chars().count() == LINE - 1;
    let line = |line: &String| format!("{line}{}", if blank(line) { " " } else { "" });
    lines.iter().map(line).collect::<String>().trim_start().to_owned()
}

/// `166?00…`, `?20…`: the separator, and the code before it.
fn structured(lines: &[String]) -> Option<(char, String)> {
    let first = lines.first()?.trim_start();
    let digits: String = first.chars().take_while(char::is_ascii_digit).collect();
    if !matches!(digits.len(), 0 | 3) {
        return None;
    }
    let mut rest = first[digits.len()..].chars();
    let separator = rest.next()?;
    let code: String = rest.take(2).collect();
    let known = ["00", "10", "20", "21", "30", "31", "32"].contains(&code.as_str());
    let mark = !separator.is_alphanumeric() && !separator.is_whitespace() && separator != '/';
    (known && mark && (digits.len() == 3 || separator == '?')).then_some((separator, digits))
}

fn german(text: &str, separator: char, code: String) -> Details {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut rest = &text[code.len()..];
    while let Some(at) = rest.find(separator) {
        let after = &rest[at + separator.len_utf8()..];
        let key = after.get(..2).filter(|k| k.bytes().all(|b| b.is_ascii_digit()));
        // A separator that no code follows is text.
        let Some(key) = key else {
            let end = at + separator.len_utf8();
            if let Some((_, value)) = fields.last_mut() {
                value.push_str(&rest[..end]);
            }
            rest = &rest[end..];
            continue;
        };
        if let Some((_, value)) = fields.last_mut() {
            value.push_str(&rest[..at]);
        }
        fields.push((key.to_owned(), String::new()));
        rest = &after[2..];
    }
    if let Some((_, value)) = fields.last_mut() {
        value.push_str(rest);
    }
    let pieces = |wanted: fn(u32) -> bool| -> Vec<&str> {
        let all = fields.iter().filter(|(key, _)| key.parse().is_ok_and(wanted));
        all.map(|(_, value)| value.as_str()).collect()
    };
    let one = |key: &str| fields.iter().find(|(k, _)| k == key).and_then(|(_, v)| values::some(v));
    let text = join(&pieces(|key| matches!(key, 20..=29 | 60..=63)), PIECE);
    let mut details = sepa(&text);
    let party = &mut details.party;
    party.name = join(&pieces(|key| matches!(key, 32 | 33)), PIECE);
    party.bank_id =
        one("30").and_then(|id| values::plausible_account(&id)).or(party.bank_id.take());
    // An IBAN says more than the number in it.
    let iban = one("38").map(|a| values::account(&a)).filter(|a| is_iban(a));
    let account = one("31").and_then(|a| values::plausible_account(&a));
    party.account = iban.or(account).or(party.account.take());
    let posting = one("00").unwrap_or_default();
    let upper = posting.to_uppercase();
    let returned = ["108", "109", "159", "181", "182", "183", "184"].contains(&code.as_str())
        || upper.contains("RETOURE")
        || upper.contains("RUECKLASTSCHRIFT")
        || upper.contains("RÜCKLASTSCHRIFT");
    if returned {
        details.return_reason = Some(one("34").unwrap_or_else(|| posting.clone()));
    }
    let more = [("gvc", Some(code)), ("posting", Some(posting)), ("primanota", one("10"))];
    let more =
        more.into_iter().filter_map(|(k, v)| Some((k.to_owned(), v.filter(|v| !v.is_empty())?)));
    details.raw.extend(more);
    details
}

const SEPA: [&str; 14] = [
    "EREF+", "KREF+", "MREF+", "CRED+", "DEBT+", "SVWZ+", "ABWA+", "ABWE+", "IBAN+", "BIC+",
    "COAM+", "OAMT+", "PURP+", "RREF+",
];

/// Cuts a text at these marks: what stands before the first one, and each with its value.
fn cut<'t>(text: &'t str, marks: &[&'t str]) -> (&'t str, Vec<(&'t str, &'t str)>) {
    let mut places: Vec<(usize, &str)> =
        marks.iter().flat_map(|mark| text.match_indices(mark).map(|(at, _)| (at, *mark))).collect();
    places.sort_unstable_by_key(|(at, mark)| (*at, std::cmp::Reverse(mark.len())));
    places.dedup_by_key(|(at, _)| *at);
    let end = |next: usize| places.get(next).map_or(text.len(), |(at, _)| *at);
    let parts = places.iter().enumerate();
    let parts =
        parts.filter_map(|(i, (at, mark))| Some((*mark, text.get(at + mark.len()..end(i + 1))?)));
    (&text[..end(0)], parts.collect())
}

fn real(text: &str) -> Option<String> {
    values::some(text).filter(|text| !["NOTPROVIDED", "NONREF"].contains(&text.as_str()))
}

fn sepa(text: &str) -> Details {
    let (before, parts) = cut(text, &SEPA);
    let one = |mark: &str| parts.iter().find(|(m, _)| *m == mark).and_then(|(_, v)| real(v));
    let purpose = one("SVWZ+").or_else(|| real(before)).unwrap_or_else(|| values::one_line(text));
    let raw = parts
        .iter()
        .filter(|(mark, _)| !["SVWZ+", "EREF+", "ABWA+"].contains(mark))
        .filter_map(|(mark, value)| Some((mark.trim_end_matches('+').to_owned(), real(value)?)))
        .collect();
    Details {
        purpose,
        end_to_end_id: one("EREF+"),
        on_behalf: one("ABWA+"),
        party: Party {
            account: one("IBAN+").and_then(|a| values::plausible_account(&a)),
            bank_id: one("BIC+").and_then(|a| values::plausible_account(&a)),
            ..Party::default()
        },
        raw,
        ..Details::default()
    }
}

const SLASHES: [&str; 22] = [
    "/TRTP/", "/IBAN/", "/BIC/", "/NAME/", "/REMI/", "/EREF/", "/BENM/", "/ORDP/", "/CNTP/",
    "/MARF/", "/CSID/", "/KREF/", "/PREF/", "/ISDT/", "/RTRN/", "/UDTR/", "/UCRD/", "/PURP/",
    "/SVCL/", "/TRCD/", "/ADDR/", "/ID/",
];

/// `/TRTP/SEPA OVERBOEKING/IBAN/NL…/BIC/…/NAME/…/REMI/…/EREF/…`.
fn slashes(text: &str) -> Option<Details> {
    let text = text.trim();
    let tag = text.strip_prefix('/')?.split('/').next()?;
    if !SLASHES.contains(&format!("/{tag}/").as_str()) {
        return None;
    }
    // Tags share their slashes with each other: `/BENM//NAME/…`.
    let doubled = text.replace("//", "/ /");
    let (_, parts) = cut(&doubled, &SLASHES);
    let one = |mark: &str| {
        let value = parts.iter().find(|(m, v)| *m == mark && real(v.trim_matches('/')).is_some());
        value.and_then(|(_, v)| real(v.trim_matches(['/', ' '])))
    };
    let party = one("/CNTP/").map(|party| {
        let mut parts = party.split('/');
        let account = parts.next().and_then(values::plausible_account);
        let bank_id = parts.next().and_then(values::plausible_account);
        let name = parts.next().map(values::one_line).unwrap_or_default();
        Party { account, bank_id, name, ..Party::default() }
    });
    let party = party.unwrap_or_else(|| Party {
        account: one("/IBAN/").and_then(|a| values::plausible_account(&a)),
        bank_id: one("/BIC/").and_then(|a| values::plausible_account(&a)),
        name: one("/NAME/").unwrap_or_default(),
        ..Party::default()
    });
    let remittance = one("/REMI/").unwrap_or_default();
    let purpose = remittance
        .strip_prefix("USTD/ /")
        .or_else(|| remittance.strip_prefix("STRD/"))
        .unwrap_or(&remittance);
    let raw = parts.iter().filter_map(|(mark, v)| {
        Some((mark.trim_matches('/').to_owned(), real(v.trim_matches('/'))?))
    });
    Some(Details {
        purpose: values::one_line(&purpose.replace("/ /", "//")),
        party,
        end_to_end_id: one("/EREF/"),
        on_behalf: one("/UDTR/"),
        return_reason: one("/RTRN/"),
        raw: raw.filter(|(mark, _)| mark != "REMI").collect(),
    })
}

const POLISH: [&str; 7] = ["Z RACH.:", "NA RACH.:", "OD:", "DLA:", "TYT.:", "TNR:", "ID IPH:"];

/// `911 TRANSAKCJA COLLECT; Z RACH.: …; OD: …; TYT.: …; TNR: …`.
fn polish(text: &str) -> Option<Details> {
    let (_, parts) = cut(text, &POLISH);
    let one = |mark: &str| {
        let value = parts.iter().find(|(m, _)| *m == mark)?.1;
        real(value.trim_matches([' ', ';']))
    };
    let purpose = one("TYT.:")?;
    let account = one("Z RACH.:").or_else(|| one("NA RACH.:"));
    let raw = ["TNR:", "ID IPH:"]
        .iter()
        .filter_map(|m| Some((m.trim_end_matches(':').to_owned(), one(m)?)));
    Some(Details {
        purpose,
        party: Party {
            name: one("OD:").or_else(|| one("DLA:")).unwrap_or_default(),
            account: account.and_then(|a| values::plausible_account(&a)),
            ..Party::default()
        },
        raw: raw.collect(),
        ..Details::default()
    })
}

fn is_iban(word: &str) -> bool {
    let bytes = word.as_bytes();
    matches!(word.len(), 15..=34)
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric)
}

/// Free text; an IBAN at its head is the other side's, and a name may follow it on that line.
fn free(lines: &[String], joined: String) -> Details {
    let first = lines.first().map(|line| line.trim()).unwrap_or_default();
    let (word, name) = first.split_once(' ').unwrap_or((first, ""));
    if !is_iban(word) || lines.len() < 2 {
        return Details { purpose: joined, ..Details::default() };
    }
    let party =
        Party { account: Some(word.to_owned()), name: values::one_line(name), ..Party::default() };
    Details { purpose: join(&lines[1..], LINE), party, ..Details::default() }
}

/// `:NS:` of MULTICASH: two digits, then text.
pub fn multicash(lines: &[String]) -> Details {
    let pieces = |wanted: fn(u32) -> bool| -> Vec<&str> {
        let keyed =
            lines.iter().filter_map(|line| Some((line.get(..2)?.parse().ok()?, line.get(2..)?)));
        keyed.filter(|(key, _)| wanted(*key)).map(|(_, text)| text).collect()
    };
    let one = |wanted| pieces(wanted).first().and_then(|text| values::some(text));
    Details {
        purpose: values::one_line(&pieces(|key| (1..=14).contains(&key)).join(" ")),
        party: Party {
            name: join(&pieces(|key| matches!(key, 15 | 16)), PIECE),
            bank_id: one(|key| key == 33),
            account: one(|key| key == 34).and_then(|a| values::plausible_account(&a)),
            ..Party::default()
        },
        ..Details::default()
    }
}
