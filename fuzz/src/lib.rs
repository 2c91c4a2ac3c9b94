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
pub use statements::{reader, statement};

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

macro_rules! readers {
    ($($name:ident $format:literal $what:literal)*) => {
        $(#[doc = $what]
        pub fn $name(bytes: &[u8]) {
            reader($format, bytes);
        })*

        /// The targets of single readers, by the names of their corpora.
        pub const READERS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name)),*];
    };
}

readers! {
    one_c "1c-client-bank-exchange" "1CClientBankExchange alone."
    belarus "by-client-bank" "The Belarusian text alone."
    camt "camt" "ISO 20022 alone."
    direct_bank "1c-directbank" "1C:DirectBank alone."
    mt940 "mt940" "MT940 and MT942 alone."
    ofx "ofx" "OFX alone."
    json "json" "JSON of banks alone."
    table "csv" "Tables of text alone."
    dbf "dbf" "dBASE tables alone."
}

/// What a database takes as text.
#[track_caller]
fn storable(text: &str) {
    assert!(!text.contains('\0'), "NUL in {text:?}");
}
