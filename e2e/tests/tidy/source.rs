//! The workspace's files, and a flat view of Rust tokens that sees into macros.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::path::{Path, PathBuf};
use std::{fmt, fs, str::FromStr};

/// A text file, by its path from the root of the workspace, with `/` on every system.
pub struct File {
    pub path: String,
    pub text: String,
}

/// Directories that hold no source of ours.
const SKIPPED: [&str; 4] = ["target", "node_modules", "data", "dist"];

/// Every file of the workspace with one of the extensions, sorted by path.
pub fn files(extensions: &[&str]) -> Vec<File> {
    let root = root();
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let wanted = |path: &PathBuf| {
        path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e))
    };
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let relative = path.strip_prefix(&root).unwrap().to_str().unwrap();
        File { path: relative.replace('\\', "/"), text }
    };
    paths.into_iter().filter(wanted).map(read).collect()
}

/// Every Rust file.
pub fn rust() -> Vec<File> {
    let files = files(&["rs"]);
    assert!(files.len() > 50, "only {} Rust files; the walk is broken", files.len());
    files
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn collect(dir: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            if !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
                collect(&entry.path(), paths);
            }
        } else {
            paths.push(entry.path());
        }
    }
}

impl File {
    /// The room of a service that the file belongs to: `invoicing-svc/src/store/invoices.rs` is
    /// in `("invoicing-svc", "store")`, and so is `invoicing-svc/src/store.rs`.
    pub fn room(&self) -> Option<(&str, &str)> {
        let (service, rest) = self.path.split_once("/src/")?;
        let room = rest.split_once('/').map_or(rest.strip_suffix(".rs"), |(room, _)| Some(room));
        let is_service = service.ends_with("-svc") || ["gateway", "suite"].contains(&service);
        is_service.then_some((service, room?))
    }

    pub fn is_in_room(&self, room: &str) -> bool {
        self.room().is_some_and(|(_, found)| found == room)
    }

    pub fn tokens(&self) -> Vec<Token> {
        tokens(&self.text).unwrap_or_else(|error| panic!("{}: {error}", self.path))
    }

    /// The tokens that are not only for tests: what dev-dependencies cannot reach.
    pub fn production(&self) -> Vec<Token> {
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            return Vec::new();
        }
        let mut kept = Vec::new();
        let mut tokens = self.tokens().into_iter();
        while let Some(token) = tokens.next() {
            kept.push(token);
            let only_for_tests = kept.len() >= TEST_ATTRIBUTE.len()
                && kept[kept.len() - TEST_ATTRIBUTE.len()..]
                    .iter()
                    .map(|token| token.kind.to_string())
                    .eq(TEST_ATTRIBUTE);
            if only_for_tests {
                skip_item(&mut tokens);
            }
        }
        kept
    }

    pub fn syntax(&self) -> syn::File {
        syn::parse_file(&self.text).unwrap_or_else(|error| panic!("{}: {error}", self.path))
    }
}

/// `#[cfg(test)]`, laid flat.
const TEST_ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];

/// Drops the item that follows: up to its `;` or its closing brace.
fn skip_item(tokens: &mut impl Iterator<Item = Token>) {
    let mut depth = 0_usize;
    for token in tokens {
        match token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(close) => {
                depth = depth.saturating_sub(1);
                if depth == 0 && close == '}' {
                    return;
                }
            }
            Kind::Punct(';') if depth == 0 => return,
            _ => {}
        }
    }
}

/// A token, with groups laid flat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Ident(String),
    Punct(char),
    Open(char),
    Close(char),
    Literal(String),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ident(text) | Self::Literal(text) => f.write_str(text),
            Self::Punct(c) | Self::Open(c) | Self::Close(c) => write!(f, "{c}"),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Token {
    pub kind: Kind,
    pub line: usize,
}

pub fn tokens(text: &str) -> Result<Vec<Token>, proc_macro2::LexError> {
    let mut flat = Vec::new();
    flatten(TokenStream::from_str(text)?, &mut flat);
    Ok(flat)
}

fn flatten(stream: TokenStream, flat: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let mut push = |kind| flat.push(Token { kind, line });
        match tree {
            TokenTree::Ident(ident) => push(Kind::Ident(ident.to_string())),
            TokenTree::Punct(punct) => push(Kind::Punct(punct.as_char())),
            TokenTree::Literal(literal) => push(Kind::Literal(literal.to_string())),
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ('{', '}'),
                    Delimiter::Bracket => ('[', ']'),
                    Delimiter::Parenthesis => ('(', ')'),
                    Delimiter::None => (' ', ' '),
                };
                push(Kind::Open(open));
                flatten(group.stream(), flat);
                flat.push(Token { kind: Kind::Close(close), line });
            }
        }
    }
}

/// A path as written, from its first segment: `use a::{b, c::d}` gives `a::b` and `a::c::d`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    pub segments: Vec<String>,
    pub line: usize,
}

/// Every path of two segments or more, in imports, code and macros alike.
pub fn paths(tokens: &[Token]) -> Vec<NamedPath> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts = matches!(tokens[at].kind, Kind::Ident(_)) && separator(tokens, at + 1);
        if starts {
            at = path(tokens, at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found
}

fn separator(tokens: &[Token], at: usize) -> bool {
    let colon = |i: usize| tokens.get(i).is_some_and(|t| t.kind == Kind::Punct(':'));
    colon(at) && colon(at + 1)
}

/// Reads the path that starts at a segment; returns where it ends.
fn path(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<NamedPath>) -> usize {
    let mut segments = before.to_vec();
    let line = tokens[at].line;
    while let Some(Kind::Ident(name)) = tokens.get(at).map(|t| &t.kind) {
        segments.push(name.clone());
        at += 1;
        if !separator(tokens, at) {
            break;
        }
        at += 2;
        if tokens.get(at).map(|t| &t.kind) == Some(&Kind::Open('{')) {
            return group(tokens, at + 1, &segments, found);
        }
    }
    if segments.len() > 1 {
        found.push(NamedPath { segments, line });
    }
    at
}

/// Reads the elements of `{…}` in an import; returns what follows the brace.
fn group(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<NamedPath>) -> usize {
    while at < tokens.len() {
        match tokens[at].kind {
            Kind::Close('}') => return at + 1,
            // The new name in `a as b` is no path.
            Kind::Ident(ref name) if name == "as" => at += 2,
            Kind::Ident(_) => at = path(tokens, at, before, found),
            _ => at += 1,
        }
    }
    at
}

#[test]
fn paths_are_seen_in_imports_code_and_macros() {
    let text = "use a::{b, c::{d, e as f}}; use g::*; fn h() { x!(i::j(k::l::m)); n.o(); p: Q }";
    let found: Vec<String> =
        paths(&tokens(text).unwrap()).iter().map(|p| p.segments.join("::")).collect();
    assert_eq!(found, ["a::b", "a::c::d", "a::c::e", "i::j", "k::l::m"].map(String::from));
}

#[test]
fn rooms_of_services() {
    let room = |path: &str| {
        let file = File { path: path.into(), text: String::new() };
        file.room().map(|(service, room)| format!("{service} {room}"))
    };
    assert_eq!(room("invoicing-svc/src/store.rs").as_deref(), Some("invoicing-svc store"));
    assert_eq!(room("gateway/src/api/a/b.rs").as_deref(), Some("gateway api"));
    assert_eq!(room("crates/types/src/money.rs"), None);
    assert_eq!(room("invoicing-svc/tests/main.rs"), None);
}

#[test]
fn what_is_only_for_tests_is_left_out() {
    let text = "use a::b; #[cfg(test)] use c::d; #[cfg(test)] mod tests { use e::f; g::h(); } \
                #[cfg(test)] mod more; #[test] fn i() { j::k(); }";
    let file = |path: &str| File { path: path.into(), text: text.into() };
    let found = paths(&file("x.rs").production());
    let heads: Vec<&str> = found.iter().map(|path| path.segments[0].as_str()).collect();
    assert_eq!(heads, ["a", "j"]);
    assert!(file("x/tests.rs").production().is_empty());
}
