//! When who is killed: chosen by the seed over all steps of the work.

use super::program::Program;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// The suite.
    Suite,
    /// The suite, and once more that many milliseconds into its next start.
    SuiteTwice(u64),
    /// PostgreSQL, which the suite starts again.
    Postgres,
    /// PostgreSQL, and the suite at once.
    Both,
}

/// One kill, or two that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kill {
    /// In which step of the work.
    pub step: usize,
    /// How far into what the step takes undisturbed; the kills of a step follow each other.
    pub permille: u32,
    pub victim: Victim,
}

/// Kills of a life, in order.
pub fn plan(seed: u64, kills: u32, steps: usize) -> Vec<Kill> {
    let mut chance = StdRng::seed_from_u64(seed ^ 0x006b_696c_6c73); // apart from the work's
    let (mut plan, mut count) = (Vec::new(), 0);
    while count < kills {
        let victim = match chance.random_range(0..20) {
            0..3 if count + 2 <= kills => Victim::SuiteTwice(chance.random_range(0..1500)),
            0..4 => Victim::Both,
            4..8 => Victim::Postgres,
            _ => Victim::Suite,
        };
        count += if matches!(victim, Victim::SuiteTwice(_)) { 2 } else { 1 };
        let (step, permille) = (chance.random_range(0..steps), chance.random_range(0..1200));
        plan.push(Kill { step, permille, victim });
    }
    plan.sort_by_key(|kill| (kill.step, kill.permille));
    plan
}

/// What hangs over the work.
#[derive(Clone)]
pub struct Threat {
    program: Arc<Mutex<Program>>,
    plan: Arc<Vec<Kill>>,
    /// What each step takes undisturbed.
    steps: Arc<Vec<Duration>>,
    /// When the suite was killed: what had left may leave once more.
    deaths: Arc<Mutex<Vec<Instant>>>,
}

impl Threat {
    pub fn new(program: Arc<Mutex<Program>>, plan: Vec<Kill>, steps: Vec<Duration>) -> Self {
        let (plan, steps) = (Arc::new(plan), Arc::new(steps));
        Self { program, plan, steps, deaths: Arc::default() }
    }

    /// When the suite was killed.
    pub fn deaths(&self) -> Vec<Instant> {
        self.deaths.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Kills what is to be killed in a step, while it is being done.
    pub async fn during(&self, step: usize) {
        let mut passed = 0;
        for kill in self.plan.iter().filter(|kill| kill.step == step) {
            let after = self.steps[step] * (kill.permille - passed) / 1000;
            passed = kill.permille;
            tokio::time::sleep(after).await; // the moment is what is being tried
            let (this, victim, began) = (self.clone(), kill.victim, Instant::now());
            tokio::task::spawn_blocking(move || this.strike(victim)).await.expect("it starts");
            eprintln!("step {step}: {victim:?} killed; up after {:?}", began.elapsed());
        }
    }

    fn strike(&self, victim: Victim) {
        let mut program = self.program.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(victim, Victim::Postgres | Victim::Both) {
            program.kill_postgres();
        }
        if victim == Victim::Postgres {
            return;
        }
        program.kill();
        self.died();
        if let Victim::SuiteTwice(after) = victim {
            program.die_young(Duration::from_millis(after));
            self.died();
        }
        program.restart();
    }

    fn died(&self) {
        self.deaths.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
    }
}

/// The same seed gives the same kills, as many as were asked for, over the whole of the work.
#[test]
fn a_seed_is_a_plan() {
    let all = plan(7, 100, 20);
    assert_eq!(all, plan(7, 100, 20));
    assert_ne!(all, plan(8, 100, 20));
    let twice = all.iter().filter(|k| matches!(k.victim, Victim::SuiteTwice(_))).count();
    assert_eq!(all.len() + twice, 100);
    let steps: std::collections::BTreeSet<usize> = all.iter().map(|k| k.step).collect();
    assert!(steps.len() > 15, "{steps:?}");
}
