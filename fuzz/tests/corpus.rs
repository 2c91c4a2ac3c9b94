//! Issue 3, §5: the corpora as ordinary tests: every file as it stands, and changed at random.
//! Genuine files too, where they are at hand.

use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Longest that one input may take, unoptimised and on a busy machine; a hang takes for ever.
const LONGEST: Duration = Duration::from_secs(10);

/// Changed inputs of each target.
const CHANGED: u32 = 2_000;

/// Inputs to be held against one target.
struct Corpus {
    target: fn(&[u8]),
    files: Vec<(PathBuf, Vec<u8>)>,
    changed: u32,
}

impl Corpus {
    fn of(name: &str, target: fn(&[u8])) -> Self {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let corpus = Self { target, files: files(&dir), changed: CHANGED };
        assert!(!corpus.files.is_empty(), "{} is empty", dir.display());
        corpus
    }

    /// Every file holds, in time.
    fn replay(&self) {
        for (path, bytes) in &self.files {
            let began = Instant::now();
            let run = || (self.target)(bytes);
            assert!(std::panic::catch_unwind(run).is_ok(), "{}: see above", path.display());
            assert!(began.elapsed() < LONGEST, "{}: {:?}", path.display(), began.elapsed());
        }
    }

    /// So does every file with bytes changed, cut out, and put in from another one.
    fn mutate(&self) {
        let changes = (
            any::<prop::sample::Index>(),
            vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
            any::<(prop::sample::Index, prop::sample::Index)>(),
            any::<(prop::sample::Index, prop::sample::Index, prop::sample::Index)>(),
        );
        let config = ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(self.changed)
        };
        let run = TestRunner::new(config).run(&changes, |(file, flips, cut, graft)| {
            let mut bytes = file.get(&self.files).1.clone();
            let other = &graft.0.get(&self.files).1;
            let place = |index: &prop::sample::Index, length: usize| index.index(length + 1);
            let (from, to) = (place(&cut.0, bytes.len()), place(&cut.1, bytes.len()));
            bytes.drain(from.min(to)..from.max(to).min(from.min(to) + 40));
            let piece = &other[place(&graft.1, other.len())..];
            let at = place(&graft.2, bytes.len());
            bytes.splice(at..at, piece[..piece.len().min(60)].to_vec());
            for (at, byte) in flips {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
            }
            (self.target)(&bytes);
            Ok(())
        });
        run.unwrap_or_else(|e| panic!("{e}"));
    }
}

fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> =
        paths.collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn statements_hold() {
    let mut corpus = Corpus::of("statement", fuzz::statement);
    corpus.replay();
    if let Some(dir) = testkit::samples() {
        corpus
            .files
            .extend(files(&dir.join("bank")).into_iter().filter(|(_, bytes)| bytes.len() < 65_536));
    }
    corpus.mutate();
}

/// Each reader alone, on files of its own kind and of all others.
#[test]
fn readers_hold() {
    let of_all = Corpus::of("statement", fuzz::statement).files;
    for (name, target) in fuzz::READERS {
        let mut corpus = Corpus::of(name, *target);
        corpus.changed = 200;
        corpus.mutate();
        corpus.files.extend(of_all.iter().cloned());
        corpus.replay();
    }
}

#[test]
fn letters_hold() {
    let corpus = Corpus::of("letter", fuzz::letter);
    corpus.replay();
    corpus.mutate();
}

#[test]
fn requests_hold() {
    let mut corpus = Corpus::of("request", fuzz::request);
    // One for every method, of those too that have no file yet.
    corpus.files.extend(fuzz::seeds().map(|(method, bytes)| (method.into(), bytes)));
    corpus.replay();
    corpus.mutate();
}
