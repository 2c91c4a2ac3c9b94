//! PostgreSQL stands still, is down, takes no changes, has too few connections.

use super::world::{Refused, World, outage};
use std::time::{Duration, Instant};
use tokio::time::sleep;
use tonic_health::pb::health_check_response::ServingStatus;

/// How long an outage lasts.
fn while_away() -> Duration {
    let minute = std::env::var_os("CI").is_some_and(|v| v == "true");
    Duration::from_secs(if minute { 60 } else { 7 })
}

/// Issue 3 §6: it hangs with all its connections open, then it is killed and stays down. Calls at
/// hand and new ones are answered UNAVAILABLE within seconds, health says NOT_SERVING, the log
/// names the cause; then services, followers, workers and the sequencer are back by themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_hangs_and_it_dies() {
    let mut world = World::new().await;
    for how in ["hangs", "dies"] {
        let held = world.held().await;
        let refused = Refused::default();
        let before = Instant::now();
        match how {
            "hangs" => world.program.freeze(),
            _ => world.program.take_down(),
        }
        // Called at once, when nobody has noticed yet.
        let status = world.read().await.expect_err("it is away");
        outage(&status);
        assert!(before.elapsed() < Duration::from_secs(20), "{how}: {:?}", before.elapsed());
        world.program.becomes(ServingStatus::NotServing).await;
        let noticed = Instant::now();
        assert_eq!(outage(&world.read().await.expect_err("it is away")).0, "DATABASE_AWAY");
        assert!(noticed.elapsed() < Duration::from_secs(4), "refused at once");
        sleep(while_away()).await; // the outage itself
        assert_eq!(world.program.health("tickets").await, ServingStatus::NotServing);
        match how {
            "hangs" => world.program.thaw(),
            _ => world.program.bring_back(),
        }
        // Work begins while services still find out that it is back.
        world.issue(&held, &refused).await;
        world.make_clients(2, &refused).await;
        world.program.becomes(ServingStatus::Serving).await;
        world.assert_whole().await;
        eprintln!("{how}: refused {:?}", refused.borrow());
    }
    let log = world.program.log();
    assert!(log.contains("the database is away: no answer within"), "{log}");
    assert!(log.contains("the database is back after"), "{log}");
    assert!(log.contains("PostgreSQL ended unexpectedly; starting it again"), "{log}");
}

/// Issue 3 §6: as a standby, or set so by somebody, it takes no changes: reads are answered, health
/// stays SERVING, changes are refused and made afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_takes_no_changes_or_has_no_connections() {
    let mut world = World::new().await;
    let (held, refused) = (world.held().await, Refused::default());
    let set = |sql: &'static str| world.program.superuser(sql);
    set("alter system set default_transaction_read_only = on; select pg_reload_conf()")
        .await
        .unwrap();
    let read_only = async {
        sleep(while_away()).await; // the outage itself
        world.read().await.expect("reads are answered");
        for service in service::run::SERVICES {
            assert_eq!(world.program.health(service).await, ServingStatus::Serving, "{service}");
        }
        assert!(world.program.log().contains("the database takes no changes"));
        set("alter system reset default_transaction_read_only; select pg_reload_conf()").await
    };
    read_only.await.unwrap();
    world.issue(&held, &refused).await;
    world.assert_whole().await;

    // The services may use 72 in all; now there are 27 for them, and who came first holds them.
    let (held, refused) = (world.held().await, Refused::default());
    set_connections(&world, 30).await;
    // Fewer than one session may have at a time.
    let reads = (0..120).map(|_| world.read());
    for answer in futures::future::join_all(reads).await {
        if let Err(status) = answer {
            outage(&status);
        }
    }
    set_connections(&world, 100).await;
    world.issue(&held, &refused).await;
    world.make_clients(2, &refused).await;
    world.program.becomes(ServingStatus::Serving).await;
    world.assert_whole().await;
}

/// Sets PostgreSQL's limit; it is started anew for that.
async fn set_connections(world: &World, most: u32) {
    let sql = format!("alter system set max_connections = {most}");
    world.program.superuser(&sql).await.unwrap();
    world.program.take_down();
    world.program.bring_back();
    let began = Instant::now();
    // As many as there may be: this one has a place that is kept for superusers.
    while let Err(error) = world.program.superuser("select 1").await {
        assert!(began.elapsed() < Duration::from_secs(90), "{error}");
        sleep(Duration::from_millis(50)).await;
    }
    world.program.becomes(ServingStatus::Serving).await;
}
