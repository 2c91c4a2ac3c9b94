//! Crash (issue 3, §1; design.md §6): `raschet up` is killed with SIGKILL at seeded moments of a
//! seeded workload, its PostgreSQL with it or instead of it, while SMTP rejects, delays and cuts.
//! After each kill it is started again on the same data, and the client repeats what got no answer.
//! In the end the audit is clean, and the books equal those of a life that nothing has disturbed.
//!
//! `KILLS` and `SEED` (or `make crash KILLS=1000 SEED=7`) ask for more, or for another life; each
//! life prints how to play it again. The program must be built: `cargo build --workspace`.

mod books;
mod life;
mod moments;
mod months;
mod post;
mod program;
mod work;

/// Kills without being told otherwise; with `CI=true`.
const KILLS: [u32; 2] = [25, 100];
/// Most kills of one life: more would leave too little time to work between them.
const LIFE: u32 = 100;
/// First seed unless another one is asked for.
const SEED: u64 = 2019;

fn asked<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name)
        .ok()
        .filter(|v| !v.is_empty())
        .map(|v| v.parse().unwrap_or_else(|_| panic!("{name}={v} is no number")))
}

/// Lives of one of the two tests, which share the kills: seed and kills of each. A seed that is
/// asked for with no more kills than a life has is that one life, as it prints itself.
fn lives(half: u64) -> Vec<(u64, u32)> {
    let ci = std::env::var_os("CI").is_some_and(|v| v == "true");
    let all = asked("KILLS").unwrap_or(KILLS[usize::from(ci)]);
    let seed = asked("SEED");
    if let Some(seed) = seed.filter(|_| all <= LIFE) {
        return if half == 0 { vec![(seed, all)] } else { Vec::new() };
    }
    let seed = seed.unwrap_or(SEED);
    let mine = if half == 0 { all.div_ceil(2) } else { all / 2 };
    let count = mine.div_ceil(LIFE);
    let kills = |n| mine / count + u32::from(n < mine % count);
    (0..count).map(|n| (seed + 2 * u64::from(n) + half, kills(n))).collect()
}

/// Half of the kills; the tests run side by side on two cores.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_lives_even() {
    for (seed, kills) in lives(0) {
        life::survives(seed, kills).await;
    }
}

/// The other half.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_lives_odd() {
    for (seed, kills) in lives(1) {
        life::survives(seed, kills).await;
    }
}
