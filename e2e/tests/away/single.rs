//! One service's database is restored by itself.

use super::world::{Refused, World, persist};
use e2e::request_id;
use proto::clients::v1::{
    Client, GetClientRequest, UpdateClientRequest, clients_client::ClientsClient,
};
use std::time::Duration;
use tonic_health::pb::health_check_response::ServingStatus;

/// Issue 3 §6, design.md §3: the others know events that its feed does not know any more: their
/// cursors are refused, with the command that heals, and are healed by it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_database_needs_the_repair() {
    let mut world = World::new().await;
    let refused = Refused::default();
    let first = world.held().await;
    world.issue(&first, &refused).await;
    world.assert_whole().await;
    let program = &world.program;
    program.tool("pg_dump", &["--format", "custom", "--file", "clients.dump", "clients"]);
    change_phone(&world, "+79000000001").await;
    world.suite.settle().await;

    // The dump takes the place of the database, under the running suite.
    program
        .superuser(
            "create database fresh owner clients_owner template template0;
             revoke all on database fresh from public;
             grant connect on database fresh to clients_owner, clients_app",
        )
        .await
        .unwrap();
    program.tool("pg_restore", &["--dbname", "fresh", "clients.dump"]);
    program
        .superuser(
            "alter database clients with allow_connections false;
             select pg_terminate_backend(pid) from pg_stat_activity where datname = 'clients';
             alter database clients rename to lost;
             alter database fresh rename to clients",
        )
        .await
        .unwrap();
    let told = tokio::time::timeout(Duration::from_secs(90), async {
        while !world.program.log().contains("repair feeds") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    told.await.expect("the log names the command that heals");

    let (code, answer, errors) = world.program.run(&["repair", "feeds"]);
    assert_eq!(code, 0, "{errors}");
    assert!(answer["cursors"].as_i64().unwrap() > 0, "{answer}");
    world.program.becomes(ServingStatus::Serving).await;
    change_phone(&world, "+79000000002").await;
    let second = world.held().await;
    world.issue(&second, &refused).await;
    world.make_clients(1, &refused).await;
    world.assert_whole().await;
}

/// An event of clients-svc whose loss changes nobody's books.
async fn change_phone(world: &World, phone: &str) {
    let admin = &world.suite.admin;
    let mut clients = ClientsClient::new(admin.clone());
    let name = world.customer.client.name.clone();
    let request = GetClientRequest { name };
    let client = clients.get_client(request).await.unwrap().into_inner();
    let request = UpdateClientRequest {
        client: Some(Client { phone: phone.into(), ..client }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["phone".into()] }),
        request_id: request_id(),
    };
    let change = || {
        let (mut clients, request) = (ClientsClient::new(admin.clone()), request.clone());
        async move { clients.update_client(request).await }
    };
    persist(&Refused::default(), change).await;
}
