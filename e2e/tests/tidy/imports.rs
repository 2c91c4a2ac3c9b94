//! Who may name whom: the rooms of a service and their walls (rules 4, 7, 13; design.md §5).

use super::ratchet::{Exception, Finding, check};
use super::source::{self, File, Kind, NamedPath};
use std::collections::BTreeSet;

/// What `domain/` may name, each with a reason.
const DOMAIN_MAY_NAME: &[Exception] = &[
    ("std", "the language"),
    ("types", "our vocabulary"),
    ("chrono", "dates"),
    ("chrono_tz", "dates live in the client's zone"),
    ("rust_decimal", "exact numbers"),
    ("rust_decimal_macros", "exact numbers in code"),
    ("serde", "derive only: values are stored as JSON"),
    ("thiserror", "errors of rules"),
    ("uuid", "ids are values; they are generated elsewhere"),
];

/// Names outside of that list, as `path::crate`.
const DOMAIN_EXCEPTIONS: &[Exception] = &[
    ("tickets-svc/src/domain/reply_addresses.rs::hmac", "a signature is a value like any other"),
    ("tickets-svc/src/domain/reply_addresses.rs::sha2", "what the signature is reckoned by"),
];

/// Rooms of the own crate that a room must not name: calls go downwards only (style.md §2).
const WALLS: &[(&str, &[&str])] = &[
    ("domain", &["api", "store", "jobs", "readers", "config"]),
    ("readers", &["api", "store", "jobs", "config"]),
    ("store", &["api", "jobs", "readers", "config"]),
];

/// What reads outside bytes must stay pure.
const READERS_MUST_NOT_NAME: &[&str] = &["tokio", "sqlx", "tonic", "axum", "service", "reqwest"];

/// Files outside of `store/` that say `sqlx::query`.
const QUERYING: &[Exception] = &[];

/// External crates, by the names that code uses.
fn crates() -> BTreeSet<String> {
    let manifest: toml::Table =
        std::fs::read_to_string(source::root().join("Cargo.toml")).unwrap().parse().unwrap();
    let dependencies = manifest["workspace"]["dependencies"].as_table().unwrap();
    let named = dependencies.keys().map(|name| name.replace('-', "_"));
    named.chain(["std", "core", "alloc"].map(String::from)).collect()
}

fn external<'a>(
    paths: &'a [NamedPath],
    crates: &'a BTreeSet<String>,
) -> impl Iterator<Item = &'a NamedPath> {
    paths.iter().filter(|path| crates.contains(&path.segments[0]))
}

#[test]
fn the_domain_is_pure() {
    let crates = crates();
    let files = source::rust();
    let domain = files.iter().filter(|file| file.is_in_room("domain"));
    let found: Vec<Finding> = domain.flat_map(|file| impure(file, &crates)).collect();
    check(
        "domain/ names only its allow-list, no async, no clock (rule 4)",
        &found,
        DOMAIN_EXCEPTIONS,
    );
}

fn impure(file: &File, crates: &BTreeSet<String>) -> Vec<Finding> {
    let tokens = file.production();
    let paths = source::paths(&tokens);
    let allowed = |name: &str| DOMAIN_MAY_NAME.iter().any(|(known, _)| *known == name);
    let mut found: Vec<Finding> = external(&paths, crates)
        .filter(|path| !allowed(&path.segments[0]))
        .map(|path| named(file, &path.segments[0], path.line))
        .collect();
    found.extend(forbidden_words(file, &["async", "await", "Clock", "SystemTime", "Instant"]));
    found
}

fn named(file: &File, what: &str, line: usize) -> Finding {
    Finding::new(format!("{}::{what}", file.path), format!("line {line} names {what}"))
}

fn forbidden_words(file: &File, words: &[&str]) -> Vec<Finding> {
    let tokens = file.production();
    let hit = |kind: &Kind| match kind {
        Kind::Ident(name) => words.iter().find(|word| *word == name).copied(),
        _ => None,
    };
    tokens.iter().filter_map(|t| hit(&t.kind).map(|word| named(file, word, t.line))).collect()
}

#[test]
fn readers_are_pure() {
    let crates = crates();
    let files = source::rust();
    let readers = files.iter().filter(|file| file.is_in_room("readers"));
    let found: Vec<Finding> = readers.flat_map(|file| impure_reader(file, &crates)).collect();
    check("readers/ know no runtime, database, wire or clock (design.md §5)", &found, &[]);
}

fn impure_reader(file: &File, crates: &BTreeSet<String>) -> Vec<Finding> {
    let paths = source::paths(&file.production());
    let mut found: Vec<Finding> = external(&paths, crates)
        .filter(|path| READERS_MUST_NOT_NAME.contains(&path.segments[0].as_str()))
        .map(|path| named(file, &path.segments[0], path.line))
        .collect();
    found.extend(forbidden_words(file, &["async", "await", "Clock", "SystemTime", "Instant"]));
    found
}

#[test]
fn calls_go_downwards() {
    let files = source::rust();
    let found: Vec<Finding> = files.iter().flat_map(upwards).collect();
    check("a room names no room above it (style.md §2)", &found, &[]);
}

fn upwards(file: &File) -> Vec<Finding> {
    let Some((_, room)) = file.room() else { return Vec::new() };
    let Some((_, walls)) = WALLS.iter().find(|(name, _)| *name == room) else { return Vec::new() };
    source::paths(&file.production())
        .iter()
        .filter(|path| path.segments[0] == "crate" && walls.contains(&path.segments[1].as_str()))
        .map(|path| named(file, &path.segments[..2].join("::"), path.line))
        .collect()
}

#[test]
fn only_the_store_speaks_sql() {
    let files = source::rust();
    let elsewhere = files.iter().filter(|file| {
        // Shared crates (`service`, `launcher`) and tests hold their own SQL.
        file.room().is_some_and(|(_, room)| room != "store")
    });
    let found: Vec<Finding> = elsewhere.flat_map(queries).collect();
    check("sqlx::query stands only in store/ (rule 13)", &found, QUERYING);
}

fn queries(file: &File) -> Vec<Finding> {
    source::paths(&file.production())
        .iter()
        .filter(|path| path.segments[0] == "sqlx" && path.segments[1].starts_with("query"))
        .map(|path| Finding::new(&file.path, format!("line {} queries", path.line)))
        .collect()
}

#[test]
fn the_checks_find_what_they_look_for() {
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    let crates = crates();
    let domain = |text: &str| impure(&file("a-svc/src/domain/b.rs", text), &crates);
    assert_eq!(domain("use sqlx::PgPool;")[0].item, "a-svc/src/domain/b.rs::sqlx");
    assert_eq!(domain("fn a() { info!(tokio::spawn(b)) }").len(), 1);
    assert_eq!(domain("async fn a() { b.await }").len(), 2);
    assert_eq!(domain("use types::{Clock, Money};").len(), 1);
    assert!(domain("use types::Money; use serde::Serialize; use super::c::D;").is_empty());
    let reader = file("a-svc/src/readers/b.rs", "use encoding_rs::A; use tonic::{Status};");
    assert_eq!(impure_reader(&reader, &crates).len(), 1);
    let store = file("a-svc/src/store/b.rs", "use crate::{api::c, domain::d, store::e};");
    assert_eq!(upwards(&store)[0].item, "a-svc/src/store/b.rs::crate::api");
    let api = file("a-svc/src/api/b.rs", "fn a() { sqlx::query!(\"select 1\"); }");
    assert_eq!(queries(&api).len(), 1);
    assert_eq!(queries(&file("a.rs", "use sqlx::{PgPool, query_as};")).len(), 1);
}
