//! SQL: lowercase migrations, and business time as a parameter (rule 13; design.md §2).

use super::ratchet::{Exception, Finding, check};
use super::source::{self, File, Kind};

/// Migrations with capitals, each with a reason.
const LOUD: &[Exception] = &[];

/// Words by which SQL reads the machine's clock.
const CLOCKS: [&str; 8] = [
    "now()",
    "current_timestamp",
    "current_date",
    "current_time",
    "localtimestamp",
    "clock_timestamp()",
    "statement_timestamp()",
    "transaction_timestamp()",
];

#[test]
fn migrations_are_lowercase() {
    let found: Vec<Finding> = source::files(&["sql"]).iter().filter_map(loud).collect();
    check("SQL is lowercase (rule 13)", &found, LOUD);
}

/// The first line with a capital outside of comments, strings and quoted names.
fn loud(file: &File) -> Option<Finding> {
    let plain = without_quotes(&file.text);
    let line = plain.lines().position(|line| line.chars().any(char::is_uppercase))?;
    Some(Finding::new(&file.path, format!("line {} has capitals", line + 1)))
}

/// The text with `-- …`, `/* … */`, `'…'` and `"…"` blanked; lines stay where they are.
fn without_quotes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = match c {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            '\'' | '"' => rest[1..].find(c).map_or(rest.len(), |at| at + 2),
            _ => {
                plain.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        plain.extend(rest[..end].chars().filter(|c| *c == '\n'));
        rest = &rest[end..];
    }
    plain
}

#[test]
fn stores_take_time_as_a_parameter() {
    let files = source::rust();
    let stores = files.iter().filter(|file| file.is_in_room("store"));
    let found: Vec<Finding> = stores.flat_map(clocks).collect();
    check("stores read no clock: pass the business instant (design.md §2)", &found, &[]);
}

fn clocks(file: &File) -> Vec<Finding> {
    let told = |text: &str| {
        let plain = without_comments(text).to_lowercase().replace(" (", "(");
        CLOCKS.into_iter().find(|clock| has_word(&plain, clock))
    };
    let tokens = file.tokens();
    let literals = tokens.iter().enumerate().filter_map(|(at, token)| match &token.kind {
        // Documentation is a literal too: `#[doc = "…"]`.
        Kind::Literal(text) if text.contains('"') && !is_documentation(&tokens, at) => {
            told(text).map(|clock| (token.line, clock))
        }
        _ => None,
    });
    literals
        .map(|(line, clock)| Finding::new(&file.path, format!("line {line} says {clock}")))
        .collect()
}

fn is_documentation(tokens: &[source::Token], at: usize) -> bool {
    at >= 2 && tokens[at - 2].kind == Kind::Ident("doc".into())
}

fn without_comments(sql: &str) -> String {
    sql.lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// True when the word stands in the text and is not the end of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
            && !text[at + word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn the_checks_find_what_they_look_for() {
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    let sql = "-- A note.\n/* B */ create table a (\n  b text default 'C', \"D\" INT\n);";
    assert_eq!(loud(&file("a.sql", sql)).unwrap().wrong, "line 3 has capitals");
    assert!(loud(&file("a.sql", &sql.replace("INT", "int"))).is_none());
    let store = |sql: &str| clocks(&file("a-svc/src/store/b.rs", &format!("f!(r#\"{sql}\"#);")));
    assert_eq!(store("select now()").len(), 1);
    assert_eq!(store("insert into a values (Current_Date)").len(), 1);
    assert!(store("select known(), a.now_paid -- now()").is_empty());
    assert!(clocks(&file("a-svc/src/store/b.rs", "/// Never now().\nfn a() {}")).is_empty());
}
