//! tickets.md §5.4: long random lives of letters and tickets, against a small model. Four clients,
//! a vacation responder, a stranger and a forger write; staff do what staff do; letters come twice
//! and late. After every step the invariants hold. Nothing here needs a database.

mod world;

use proptest::{prelude::*, test_runner::Config};
use world::{Act, By, World};

/// Ten thousand steps in all.
const CASES: u32 = 50;
const STEPS: usize = 200;

fn acts() -> impl Strategy<Value = Act> {
    let by = prop_oneof![
        8 => (0_usize..4).prop_map(By::Client),
        2 => (0_usize..4).prop_map(By::Contact),
        2 => (0_usize..4).prop_map(By::Robot),
        2 => Just(By::Stranger),
        2 => (0_usize..4).prop_map(By::Forger),
    ];
    let ticket = 0_usize..64;
    prop_oneof![
        4 => by.clone().prop_map(Act::New),
        6 => (by.clone(), ticket.clone()).prop_map(|(by, t)| Act::AnswerOurs(by, t)),
        2 => (by.clone(), ticket.clone()).prop_map(|(by, t)| Act::AnswerTheirs(by, t)),
        3 => (by.clone(), ticket.clone()).prop_map(|(by, t)| Act::Tag(by, t)),
        2 => (by, ticket.clone()).prop_map(|(by, t)| Act::SignedAddress(by, t)),
        3 => (0_usize..256).prop_map(Act::Again),
        3 => ticket.clone().prop_map(Act::Take),
        4 => ticket.clone().prop_map(Act::Reply),
        2 => ticket.clone().prop_map(Act::Note),
        3 => ticket.clone().prop_map(Act::Close),
        2 => (ticket.clone(), 1_i64..600).prop_map(|(t, minutes)| Act::Hold(t, minutes)),
        1 => ticket.clone().prop_map(Act::Spam),
        2 => ticket.clone().prop_map(Act::Restore),
        2 => (ticket.clone(), ticket).prop_map(|(a, b)| Act::Merge(a, b)),
        6 => (1_i64..300).prop_map(Act::Wait),
    ]
}

#[test]
fn long_lives_keep_the_invariants() {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    proptest!(config, |(acts in prop::collection::vec(acts(), STEPS..=STEPS))| {
        let mut world = World::default();
        for act in acts {
            world.act(&act);
            world.check();
        }
    });
}
