//! What outside bytes may do to the suite: be refused, or become facts that hold what is promised
//! of them. Never a panic, never more than a moment.
//!
//! Each function here takes whatever bytes. `make fuzz` has libFuzzer invent them (nightly); the
//! tests replay `corpus/` and mutate it (stable); `cargo run --bin statement -- FILE` replays one.

mod invent;
mod letters;
mod requests;
mod statements;

pub use letters::letter;
pub use requests::{request, seeds};
pub use statements::statement;

use std::{env, fs, panic, process::ExitCode};

/// Before the first input. libFuzzer would die at a panic that is caught on purpose, as that of a
/// parsing crate is; one that nobody catches still ends the run.
pub fn begin() {
    panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
}

/// Gives the files that the command line names to a target.
pub fn replay(target: fn(&[u8])) -> ExitCode {
    for path in env::args().skip(1) {
        match fs::read(&path) {
            Ok(bytes) => target(&bytes),
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::FAILURE;
            }
        }
        eprintln!("{path}: held");
    }
    ExitCode::SUCCESS
}

/// What a database takes as text.
#[track_caller]
fn storable(text: &str) {
    assert!(!text.contains('\0'), "NUL in {text:?}");
}
