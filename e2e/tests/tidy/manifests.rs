//! Manifests, and what no committed file may hold.

use super::ratchet::{Exception, Finding, check};
use super::source::{self, File};

/// Dependencies that a member states itself, as `path::name`.
const OWN_VERSIONS: &[Exception] = &[];

/// Files with paths that look like a developer's machine.
const MACHINE_PATHS: &[Exception] = &[];

#[test]
fn versions_stand_once() {
    let files = source::files(&["toml"]);
    let members = files.iter().filter(|f| f.path.ends_with("/Cargo.toml"));
    let found: Vec<Finding> = members.flat_map(own_versions).collect();
    check("every version stands once, in the root manifest", &found, OWN_VERSIONS);
}

fn own_versions(file: &File) -> Vec<Finding> {
    let manifest: toml::Table = file.text.parse().unwrap();
    let mut found = Vec::new();
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(table) = manifest.get(kind).and_then(toml::Value::as_table) else { continue };
        for (name, value) in table {
            if value.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                let item = format!("{}::{name}", file.path);
                found.push(Finding::new(item, "use `workspace = true`"));
            }
        }
    }
    found
}

#[test]
fn members_share_lints_and_package_facts() {
    let files = source::files(&["toml"]);
    let members = files.iter().filter(|f| f.path.ends_with("/Cargo.toml"));
    let found: Vec<Finding> = members.filter_map(own_lints).collect();
    check(
        "every crate inherits the workspace's lints",
        &found,
        &[
            ("proto/Cargo.toml", "generated code follows no lint of ours"),
            (
                "crates/launcher/Cargo.toml",
                "the one crate that may contain unsafe code: it starts processes",
            ),
        ],
    );
}

fn own_lints(file: &File) -> Option<Finding> {
    let manifest: toml::Table = file.text.parse().unwrap();
    let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace"));
    (inherits.and_then(toml::Value::as_bool) != Some(true))
        .then(|| Finding::new(&file.path, "[lints] workspace = true is missing"))
}

#[test]
fn no_path_of_one_machine() {
    let kinds = ["rs", "toml", "md", "proto", "sql", "yaml", "yml", "ts", "tsx", "html", "typ"];
    let found: Vec<Finding> = source::files(&kinds).iter().filter_map(machine_path).collect();
    check("no committed file names a path of one machine", &found, MACHINE_PATHS);
}

fn machine_path(file: &File) -> Option<Finding> {
    // Put together here, so that this file does not find itself.
    let homes = [["/ro", "ot/"].concat(), ["/wo", "rk/"].concat(), ["/ho", "me/"].concat()];
    let starts = |line: &str, home: &String| {
        line.match_indices(home.as_str()).any(|(at, _)| {
            !line[..at].ends_with(|c: char| c.is_alphanumeric() || "-_./}".contains(c))
        })
    };
    let bad = |line: &str| homes.iter().any(|home| starts(line, home));
    let at = file.text.lines().position(bad)?;
    Some(Finding::new(&file.path, format!("line {} names such a path", at + 1)))
}

#[test]
fn the_checks_find_what_they_look_for() {
    let file = |text: &str| File { path: "a/Cargo.toml".into(), text: text.into() };
    let found = own_versions(&file("[dependencies]\na = \"1\"\nb.workspace = true\n"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].item, "a/Cargo.toml::a");
    assert!(own_lints(&file("[lints]\nworkspace = true")).is_none());
    assert!(own_lints(&file("[package]")).is_some());
    let path = ["see /ro", "ot/a"].concat();
    assert!(machine_path(&file(&path)).is_some());
    assert!(machine_path(&file(&path.replace("see ", "target"))).is_none());
}
