//! The directory: who calls, and what ids stand for.

use e2e::{
    Suite,
    steps::{done, orders, refused},
};
use proto::{
    clients::v1::{ListStaffRequest, staff_client::StaffClient},
    gateway::v1::{GetCallerRequest, GetNamesRequest, directory_client::DirectoryClient},
    system::v1::Role,
};
use tonic::Code;

const NOW: &str = "2019-02-26T09:00:00Z";
const NOBODY: &str = "clients/01920000-0000-7000-8000-000000000000";

/// Issue 4, part 3: a screen knows who looks at it, and counts clocks from business time.
#[tokio::test]
async fn a_screen_knows_who_looks_at_it() {
    let suite = Suite::here(NOW).await;
    let request = GetCallerRequest {};
    let admin = done(DirectoryClient::new(suite.admin.clone()).get_caller(request).await);
    assert!(admin.actor.starts_with("staff/") && !admin.display_name.is_empty(), "{admin:?}");
    assert_eq!(admin.roles().collect::<Vec<_>>(), [Role::Admin]);
    assert_eq!(admin.now.map(|now| now.seconds), Some(1_551_171_600));
    assert!(admin.clock_stands);
    let operator = done(DirectoryClient::new(suite.operator.clone()).get_caller(request).await);
    assert_eq!((operator.actor.as_str(), operator.display_name.as_str()), ("operator", ""));
}

/// Clients, invoices and staff have names; what is not there is left out, what is none is refused.
#[tokio::test]
async fn ids_have_names() {
    let suite = Suite::here(NOW).await;
    let catalogue = suite.catalogue().await;
    let customer = suite.customer(7, &catalogue).await;
    suite.settle().await;
    let line = orders::line(&catalogue.users, &customer.hosting, 1, 2);
    let invoice = suite.order(&customer, vec![line]).await.invoices.remove(0);
    let list = ListStaffRequest::default();
    let staff = done(StaffClient::new(suite.admin.clone()).list_staff(list).await).staff.remove(0);

    let mut directory = DirectoryClient::new(suite.admin.clone());
    let client = customer.client.name.clone();
    let names = vec![client.clone(), invoice.clone(), staff.name.clone(), NOBODY.into(), client];
    let found = done(directory.get_names(GetNamesRequest { names }).await);
    let [client] = &found.clients[..] else { panic!("{found:?}") };
    assert_eq!((&client.title, client.number), (&customer.company.name, customer.client.number));
    let [held] = &found.invoices[..] else { panic!("{found:?}") };
    assert_eq!((&held.name, &held.payer_title), (&invoice, &customer.company.name));
    assert!(held.total.is_some() && held.lines.is_empty());
    let [member] = &found.staff[..] else { panic!("{found:?}") };
    assert_eq!(member.display_name, staff.display_name);

    let other = GetNamesRequest { names: vec!["contracts/1".into()] };
    refused(directory.get_names(other).await, Code::InvalidArgument);
    let many = GetNamesRequest { names: (0..201).map(|n| format!("clients/{n}")).collect() };
    refused(directory.get_names(many).await, Code::InvalidArgument);
}
