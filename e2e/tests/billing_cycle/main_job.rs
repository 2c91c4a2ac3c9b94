//! The main job from the first client to the closed month.

use super::{bank, cabinet, mail, opening, quantity, renewal};
use e2e::{Suite, steps::laws};

/// A Friday morning in Moscow.
pub const START: &str = "2019-02-01T06:00:00Z";

/// A33–A205, A213–A244, G1–G8, G21, G22, G28, G31, G32, G51, G53, G55: a half-year from the first
/// client to the renewal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_job_in_one_process() {
    let suite = Suite::here(START).await;
    let world = a_quarter(&suite).await;
    renewal::comes(&suite, &world).await;
    laws_hold(&suite, &world).await;
    suite.stop();
}

/// The same again over five processes, for a quarter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quarter_in_five_processes() {
    let suite = Suite::processes(START).await;
    a_quarter(&suite).await;
    suite.stop();
}

/// Steps 1 to 10, from 1 February to 1 April 2019.
async fn a_quarter(suite: &Suite) -> opening::World {
    let mut world = opening::clients_and_orders(suite).await;
    opening::nothing_leaves_while_held(suite, &world).await;
    cabinet::shows_nothing_held(suite, &world).await;
    opening::invoices_leave(suite, &mut world).await;
    cabinet::shows_what_to_pay(suite, &world).await;
    suite.advance("2019-02-08T09:00:00Z").await;
    opening::a_disk_is_added(suite, &mut world).await;
    suite.advance("2019-02-11T09:00:00Z").await;
    bank::what_is_certain_is_allocated(suite, &world).await;
    suite.advance("2019-02-13T09:00:00Z").await;
    bank::what_is_doubtful_waits(suite, &world).await;
    laws_hold(suite, &world).await;
    suite.advance("2019-03-01T09:00:00Z").await;
    renewal::february_closes_once(suite, &world).await;
    laws_hold(suite, &world).await;
    suite.advance("2019-03-04T09:00:00Z").await;
    quantity::five_become_six(suite, &world).await;
    mail::a_letter_becomes_a_ticket(suite, &world).await;
    suite.advance("2019-04-01T09:00:00Z").await;
    suite.close("2019-03-01", false).await;
    laws_hold(suite, &world).await;
    world
}

async fn laws_hold(suite: &Suite, world: &opening::World) {
    let catalogue = &world.catalogue;
    let customers = [world.customer.clone(), world.other.clone()];
    suite.assert_laws(&customers, &[&catalogue.hosting, &catalogue.works]).await;
    laws::assert_no_letter_twice(suite);
}
