//! One seed lived twice: undisturbed, and killed.

use super::{
    books,
    moments::{self, Threat},
    post,
    program::Program,
    work::Work,
};
use e2e::{Suite, patience::Patience, steps::laws};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use testkit::SmtpSink;

/// Where business time begins.
const BEGIN: &str = "2019-01-15T09:00:00Z";

/// Asserts that kills leave no trace in the books of a seed.
pub async fn survives(seed: u64, kills: u32) {
    eprintln!("to play this life again: make crash KILLS={kills} SEED={seed}");
    let began = Instant::now();
    let patience = Patience::default();
    let suite = Suite::here(BEGIN).await.patient(&patience);
    let mut work = Work::new(&suite, seed, None);
    work.live().await;
    let expected = books::read(&suite, &work).await;
    work.assert_something_happened(&expected);
    laws::assert_no_letter_twice(&suite);
    let steps = work.steps();
    drop(suite);
    let undisturbed = began.elapsed();

    let began = Instant::now();
    let sink = SmtpSink::faulty(seed);
    let program = Program::start(BEGIN, sink.port());
    let (address, token) = (program.address(), program.operator_token());
    let program = Arc::new(Mutex::new(program));
    let plan = moments::plan(seed, kills, steps.len());
    let threat = Threat::new(Arc::clone(&program), plan, steps);
    let suite = Suite::elsewhere(address, token, sink).await.patient(&patience);
    let mut work = Work::new(&suite, seed, Some(threat.clone()));
    work.live().await;
    let found = books::read(&suite, &work).await;
    books::assert_equal(&expected, &found);
    work.assert_laws().await;
    let again = post::assert_letters(&suite, &threat.deaths()).await;
    let repeated = patience.repeated();
    eprintln!(
        "seed {seed}: {kills} kills; undisturbed in {undisturbed:?}, killed in {:?}; calls \
         repeated: {repeated:?}; letters that left again: {again}",
        began.elapsed()
    );
    let log = program.lock().unwrap_or_else(PoisonError::into_inner).last_words();
    assert!(!log.contains("panicked"), "{log}");
}
