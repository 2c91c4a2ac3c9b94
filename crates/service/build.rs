//! Migrations are embedded by a macro, which does not see by itself that one was added.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
