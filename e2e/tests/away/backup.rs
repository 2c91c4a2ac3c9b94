//! Backup and restore of the private cluster.

use super::world::{Refused, World};
use std::{fs, path::Path};

/// Issue 3 §6, docs/operations.md: a copy made while it runs is all databases at one instant;
/// restored, it needs no repair: cursors fit, the audit is clean, numbers go on without a gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_copy_needs_no_repair() {
    let mut world = World::new().await;
    let refused = Refused::default();
    let (first, second) = (world.held().await, world.held().await);
    world.issue(&first, &refused).await;
    world.assert_whole().await;

    let copy = world.program.home().join("copy");
    let to = copy.to_str().unwrap().to_owned();
    let before = world.known();
    let mut backup = world.program.begin(&["backup", &to]);
    while backup.try_wait().unwrap().is_none() {
        world.make_clients(1, &refused).await; // services tell each other while it is made
    }
    assert!(backup.wait().unwrap().success(), "{}", world.program.log());
    let after = world.known();
    assert!(after.0 > before.0);
    let (code, _, errors) = world.program.run(&["backup", &to]);
    assert!(code == 1 && errors.contains("is there already"), "{errors}");

    // What comes after the copy is lost with the old disk.
    world.make_clients(2, &refused).await;
    world.issue(&second, &refused).await;
    world.assert_whole().await;
    world.program.stop();

    let data = world.program.home().join("restored");
    world.program.move_to(data.clone());
    damaged_copies_are_refused(&world, &to);
    let (code, answer, errors) = world.program.run(&["restore", &to]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(answer["data"], data.to_str().unwrap());
    let (code, _, errors) = world.program.run(&["restore", &to]);
    assert!(code == 1 && errors.contains("restore into an empty directory"), "{errors}");
    world.program.restart();

    let found = world.count_clients().await;
    world.forget((found, 1));
    assert!((before.0..=after.0).contains(&found), "one instant while it was made");
    let (code, audit, errors) = world.program.run(&["audit"]);
    assert_eq!(code, 0, "{audit} {errors}");
    assert!(audit["discrepancies"].as_array().unwrap().is_empty());
    assert!(!world.program.log().contains("repair feeds"), "no cursor is refused");
    // Invoice 2 was issued in the life that is lost; here it is held, and gets the same number.
    world.issue(&second, &refused).await;
    world.make_clients(1, &refused).await;
    world.assert_whole().await;
}

/// A copy that lost or changed a file is refused, and nothing is made of it.
fn damaged_copies_are_refused(world: &World, copy: &str) {
    let file = Path::new(copy).join("postgres/data/PG_VERSION");
    let kept = fs::read(&file).unwrap();
    fs::write(&file, [&kept[..], b"\n"].concat()).unwrap();
    let (code, _, errors) = world.program.run(&["restore", copy]);
    assert!(code == 1 && errors.contains("is not a whole backup"), "{errors}");
    assert!(!world.program.data().join("postgres/data").exists());
    assert!(!world.program.data().join("secrets").exists());
    fs::write(&file, kept).unwrap();
}
