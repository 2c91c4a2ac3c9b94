//! Letters as programs write them that we do not have: each by hand, each with what must be read in
//! it. All misses of a table are told at once.

mod machines;
mod programs;
mod replies;
mod structure;

use tickets_svc::readers::letters::inspection::{Inspection, Knowledge, inspect};

/// What is read in a letter; its lines end as they do on the wire.
fn facts(raw: &[u8]) -> Inspection {
    let trusted = ["mx.ours.test".to_owned()];
    inspect(raw, Knowledge { trusted: &trusted, own: &[] }).unwrap()
}

fn letter(raw: &str) -> Inspection {
    facts(raw.replace('\n', "\r\n").as_bytes())
}

/// Rows of a table that are not as they must be.
#[derive(Default)]
struct Misses(Vec<String>);

impl Misses {
    fn count(&mut self, what: &str, found: &str, wanted: &str) {
        if found != wanted {
            self.0.push(format!("{what}\n  found  {found:?}\n  wanted {wanted:?}"));
        }
    }

    #[track_caller]
    fn none(self) {
        assert!(self.0.is_empty(), "{} misses:\n{}", self.0.len(), self.0.join("\n"));
    }
}
