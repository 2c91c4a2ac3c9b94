//! Files and functions: size, names, opening words (rules 2, 3, 20).

use super::ratchet::{Exception, Finding, check};
use super::source::{self, File, Kind};
use syn::spanned::Spanned;
use syn::visit::Visit;

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;
const COLUMNS: usize = 100;

/// Longer files.
const LONG_FILES: &[Exception] = &[];

/// Longer functions, as `path::function`.
const LONG_FUNCTIONS: &[Exception] = &[];

/// Files with wider lines.
const WIDE_FILES: &[Exception] = &[];

/// Files that silence a lint for good.
const ALLOWING: &[Exception] =
    &[("proto/src/lib.rs", "generated code: nothing would fulfil an expectation reliably")];

#[test]
fn files_fit_in_one_sitting() {
    let found: Vec<Finding> = source::rust().iter().filter_map(long_file).collect();
    check("a file has at most 400 lines (style.md, rule 3)", &found, LONG_FILES);
}

fn long_file(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    (lines > FILE_LINES).then(|| Finding::new(&file.path, format!("{lines} lines")))
}

#[test]
fn functions_fit_on_a_screen() {
    let found: Vec<Finding> = source::rust().iter().flat_map(long_functions).collect();
    check("a function has at most 60 lines (style.md, rule 3)", &found, LONG_FUNCTIONS);
}

fn long_functions(file: &File) -> Vec<Finding> {
    let mut visitor = Functions { path: &file.path, found: Vec::new() };
    visitor.visit_file(&file.syntax());
    visitor.found
}

struct Functions<'a> {
    path: &'a str,
    found: Vec<Finding>,
}

impl Functions<'_> {
    /// From `fn` to the closing brace: comments and attributes above do not count.
    fn measure(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let first = signature.fn_token.span().start().line;
        let lines = body.brace_token.span.close().end().line - first + 1;
        if lines > FUNCTION_LINES {
            let item = format!("{}::{}", self.path, signature.ident);
            self.found.push(Finding::new(item, format!("{lines} lines from line {first}")));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig, &item.block);
        syn::visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig, &item.block);
        syn::visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(body) = &item.default {
            self.measure(&item.sig, body);
        }
        syn::visit::visit_trait_item_fn(self, item);
    }
}

#[test]
fn lines_fit_side_by_side() {
    let found: Vec<Finding> = source::rust().iter().filter_map(wide_line).collect();
    check("a line has at most 100 columns (style.md, rule 3)", &found, WIDE_FILES);
}

fn wide_line(file: &File) -> Option<Finding> {
    let mut widths = file.text.lines().map(|line| line.chars().count()).enumerate();
    let (index, width) = widths.find(|(_, width)| *width > COLUMNS)?;
    Some(Finding::new(&file.path, format!("line {} has {width} columns", index + 1)))
}

#[test]
fn modules_are_named_and_introduced() {
    let found: Vec<Finding> = source::rust().iter().flat_map(strangers).collect();
    check("no mod.rs, no utils.rs; every module opens with //! (rules 2, 20)", &found, &[]);
}

fn strangers(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    let name = file.path.rsplit('/').next().unwrap_or_default();
    if ["mod.rs", "util.rs", "utils.rs", "helpers.rs", "common.rs", "misc.rs"].contains(&name) {
        found.push(Finding::new(&file.path, "name the file for what it holds: foo.rs + foo/"));
    }
    let first = file.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if !first.starts_with("//! ") {
        found.push(Finding::new(&file.path, "open with //! and say what the module is for"));
    }
    found
}

#[test]
fn lints_are_expected_not_allowed() {
    let found: Vec<Finding> = source::rust().iter().filter_map(allowing).collect();
    check("#[expect(…, reason)] instead of #[allow] (rule 20)", &found, ALLOWING);
}

fn allowing(file: &File) -> Option<Finding> {
    let tokens = file.tokens();
    let allow = |kind: &Kind| matches!(kind, Kind::Ident(name) if name == "allow");
    let line = tokens.windows(2).enumerate().find_map(|(at, pair)| {
        let opens = pair[1].kind == Kind::Open('(') && allow(&pair[0].kind);
        // Inside of `#[…]`, directly or in `cfg_attr`.
        let before = tokens[..at].iter().rev().take(24);
        let attribute = before
            .take_while(|t| !matches!(t.kind, Kind::Punct(';') | Kind::Close('}')))
            .collect::<Vec<_>>()
            .windows(2)
            .any(|two| {
                two[0].kind == Kind::Open('[')
                    && matches!(two[1].kind, Kind::Punct('#') | Kind::Punct('!'))
            });
        (opens && attribute).then_some(pair[0].line)
    })?;
    Some(Finding::new(&file.path, format!("line {line} allows a lint")))
}

/// Files where money or rules live: the vocabulary and every domain.
fn is_exact(file: &File) -> bool {
    file.path.starts_with("crates/types/src/") || file.is_in_room("domain")
}

#[test]
fn no_floats_where_money_lives() {
    let files = source::rust();
    let found: Vec<Finding> =
        files.iter().filter(|file| is_exact(file)).filter_map(floats).collect();
    check("no f32 or f64 in crates/types and domain/ (rule 8)", &found, &[]);
}

fn floats(file: &File) -> Option<Finding> {
    let token = file.tokens().into_iter().find(|token| match &token.kind {
        Kind::Ident(name) => matches!(name.as_str(), "f32" | "f64"),
        Kind::Literal(text) => {
            text.starts_with(|c: char| c.is_ascii_digit())
                && (text.ends_with("f32") || text.ends_with("f64"))
                && !text.starts_with("0x")
        }
        _ => false,
    })?;
    Some(Finding::new(&file.path, format!("line {} has a float", token.line)))
}

#[test]
fn the_checks_find_what_they_look_for() {
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    let lines = "let _ = 1;\n".repeat(59);
    let long = format!("//! M.\nimpl A {{\n  /// D.\n  fn a(&self) {{\n{lines}}}\n}}");
    assert_eq!(long_functions(&file("a.rs", &long))[0].item, "a.rs::a");
    let fits = long.replacen("let _ = 1;\n", "", 1);
    assert!(long_functions(&file("a.rs", &fits)).is_empty());
    assert!(long_file(&file("a.rs", &"\n".repeat(401))).is_some());
    assert!(long_file(&file("a.rs", &"\n".repeat(400))).is_none());
    assert!(wide_line(&file("a.rs", &"ж".repeat(101))).is_some());
    assert!(wide_line(&file("a.rs", &"ж".repeat(100))).is_none());
    assert_eq!(strangers(&file("a/mod.rs", "// M.")).len(), 2);
    assert!(strangers(&file("a.rs", "\n//! M.")).is_empty());
    for bad in ["#[allow(dead_code)] fn a() {}", "#![cfg_attr(test, allow(dead_code))]"] {
        assert!(allowing(&file("a.rs", bad)).is_some(), "{bad}");
    }
    assert!(allowing(&file("a.rs", "fn a() { allow(1); x[allow(2)]; }")).is_none());
    assert!(floats(&file("a.rs", "fn a() { x!(1 as f64) }")).is_some());
    assert!(floats(&file("a.rs", "fn a() { 1f32; }")).is_some());
    assert!(floats(&file("a.rs", "fn a() { 0x1f32; \"f64\"; }")).is_none());
}
