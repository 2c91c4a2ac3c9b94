//! Lists as members of staff like to look at them.

use crate::{fields, refused, request_id, start};
use proto::{
    clients::v1::{self as wire, views_client::ViewsClient},
    system::v1::Role,
};
use service::{Identity, PeerChannel};
use testkit::Harness;
use tonic::{Code, Status};

fn views(harness: &Harness) -> ViewsClient<PeerChannel> {
    ViewsClient::new(harness.client_as(Role::Sales))
}

/// Somebody else.
fn colleague(harness: &Harness) -> ViewsClient<PeerChannel> {
    let actor = types::id::StaffId::generate().to_string();
    let identity = Identity { actor, roles: vec![Role::Sales], client: None };
    ViewsClient::new(harness.acting("clients", identity))
}

async fn keep(
    mut calls: ViewsClient<PeerChannel>,
    title: &str,
    place: &str,
) -> Result<wire::View, Status> {
    let view = wire::View { title: title.into(), place: place.into(), ..Default::default() };
    let request = wire::CreateViewRequest { view: Some(view), request_id: request_id() };
    calls.create_view(request).await.map(tonic::Response::into_inner)
}

/// The titles, read by pages of two.
async fn titles(mut calls: ViewsClient<PeerChannel>) -> Vec<String> {
    let mut request = wire::ListViewsRequest { page_size: 2, ..Default::default() };
    let mut all = Vec::new();
    loop {
        let page = calls.list_views(request.clone()).await.unwrap().into_inner();
        all.extend(page.views.into_iter().map(|view| view.title));
        if page.next_page_token.is_empty() {
            assert_eq!(usize::try_from(page.total_size).unwrap(), all.len());
            return all;
        }
        request.page_token = page.next_page_token;
    }
}

/// Each has one's own, by title, and nobody else sees or removes them.
#[tokio::test]
async fn views_are_ones_own() {
    let harness = start().await;
    let made = keep(views(&harness), " Должники ", "/invoices?overdue=true").await.unwrap();
    assert_eq!((&*made.title, &*made.place), ("Должники", "/invoices?overdue=true"));
    keep(views(&harness), "Акты", "/billing?view=acts").await.unwrap();
    keep(views(&harness), "Ящик", "/tickets").await.unwrap();
    assert_eq!(titles(views(&harness)).await, ["Акты", "Должники", "Ящик"]);
    assert_eq!(titles(colleague(&harness)).await, Vec::<String>::new());
    keep(colleague(&harness), "Должники", "/invoices").await.unwrap();

    let again = keep(views(&harness), "Должники", "/orders").await;
    refused(again, Code::AlreadyExists, "VIEW_EXISTS");
    let gone = |request_id| wire::DeleteViewRequest { name: made.name.clone(), request_id };
    let others = colleague(&harness).delete_view(gone(request_id())).await;
    refused(others, Code::NotFound, "NOT_FOUND");
    views(&harness).delete_view(gone(request_id())).await.unwrap();
    refused(views(&harness).delete_view(gone(request_id())).await, Code::NotFound, "NOT_FOUND");
    assert_eq!(titles(views(&harness)).await, ["Акты", "Ящик"]);
    harness.finish().await;
}

#[tokio::test]
async fn views_are_refused_with_their_reasons() {
    let harness = start().await;
    let bad = keep(views(&harness), " ", "https://elsewhere.example").await.unwrap_err();
    assert_eq!(fields(&bad), ["view.title", "view.place"]);
    for n in 0..50 {
        keep(views(&harness), &format!("Вид {n}"), "/invoices").await.unwrap();
    }
    let many = keep(views(&harness), "Ещё один", "/invoices").await;
    refused(many, Code::FailedPrecondition, "TOO_MANY_VIEWS");
    let mut auditor = ViewsClient::new(harness.client_as(Role::Auditor));
    let listed = auditor.list_views(wire::ListViewsRequest::default()).await.unwrap_err();
    assert_eq!(listed.code(), Code::PermissionDenied);
    let mut program = ViewsClient::new(harness.acting(
        "clients",
        Identity { actor: "operator".into(), roles: vec![Role::Admin], client: None },
    ));
    let listed = program.list_views(wire::ListViewsRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().views.len(), 0, "a program has none");
    let kept = keep(program, "Вид", "/invoices").await.unwrap_err();
    assert_eq!(kept.code(), Code::PermissionDenied);
    harness.finish().await;
}
