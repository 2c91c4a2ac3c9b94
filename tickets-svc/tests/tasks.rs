//! What staff are to do.

use crate::{World, client, date, fields, refused, request_id};
use prost_types::FieldMask;
use proto::tickets::v1::{
    CreateTaskRequest, ListTasksRequest, Task, UpdateTaskRequest, tasks_client::TasksClient,
};
use service::{PeerChannel, Role};
use testkit::harness::staff;
use tonic::{Code, Response, Status};

fn tasks(world: &World) -> TasksClient<PeerChannel> {
    TasksClient::new(world.harness.client_as(Role::Sales))
}

async fn create(world: &World, task: Task) -> Result<Response<Task>, Status> {
    let request = CreateTaskRequest { task: Some(task), request_id: request_id() };
    tasks(world).create_task(request).await
}

async fn change(world: &World, task: Task, paths: &[&str]) -> Result<Response<Task>, Status> {
    let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
    let request = UpdateTaskRequest {
        task: Some(task),
        update_mask: Some(FieldMask { paths }),
        request_id: request_id(),
    };
    tasks(world).update_task(request).await
}

fn due(text: &str, day: &str) -> Task {
    Task { text: text.into(), due_date: date(day), ..Default::default() }
}

/// The texts of a list, read by pages of two, and how many it says there are.
async fn listed(world: &World, mut request: ListTasksRequest) -> (Vec<String>, i32) {
    request.page_size = 2;
    let mut texts = Vec::new();
    loop {
        let page = tasks(world).list_tasks(request.clone()).await.unwrap().into_inner();
        texts.extend(page.tasks.into_iter().map(|task| task.text));
        if page.next_page_token.is_empty() {
            return (texts, page.total_size);
        }
        request.page_token = page.next_page_token;
    }
}

/// A21: items are written, soonest due first, ticked off by whoever did it, and opened again.
#[tokio::test]
async fn items_are_listed_and_ticked_off() {
    let world = World::bare().await;
    let me = staff(&[]).actor;
    create(&world, Task { text: " Когда-нибудь ".into(), ..Default::default() }).await.unwrap();
    create(&world, due("Март", "2019-03-01")).await.unwrap();
    let mine = Task {
        client: client().to_string(),
        assignee: me.clone(),
        ..due("Акт сверки", "2019-02-26")
    };
    let mine = create(&world, mine).await.unwrap().into_inner();
    assert_eq!((mine.author.as_str(), mine.assignee.as_str(), mine.done), (&*me, &*me, false));
    create(&world, due("Февраль", "2019-02-28")).await.unwrap();
    let all = ListTasksRequest::default();
    let order = ["Акт сверки", "Февраль", "Март", "Когда-нибудь"].map(str::to_owned);
    assert_eq!(listed(&world, all.clone()).await, (order.to_vec(), 4));

    let month = ListTasksRequest {
        start_date: date("2019-02-01"),
        last_day: date("2019-02-28"),
        show_done: true,
        ..all.clone()
    };
    assert_eq!(listed(&world, month.clone()).await.0, order[..2]);
    let about = ListTasksRequest { client: client().to_string(), ..all.clone() };
    assert_eq!(listed(&world, about).await.0, order[..1]);
    let other = types::id::StaffId::generate().to_string();
    let others = ListTasksRequest { assignee: other, ..all.clone() };
    assert_eq!(listed(&world, others).await.0, order[1..], "whoever comes first");

    let done = change(&world, Task { done: true, ..mine.clone() }, &["done"]).await;
    let done = done.unwrap().into_inner();
    assert_eq!((done.done, done.done_by.as_str(), done.text.as_str()), (true, &*me, "Акт сверки"));
    assert!(done.done_time.is_some());
    assert_eq!(listed(&world, all).await, (order[1..].to_vec(), 3));
    assert_eq!(listed(&world, month).await.0, ["Февраль", "Акт сверки"], "done ones last");
    let again = change(&world, Task { done: false, ..done }, &["done"]).await.unwrap();
    assert_eq!((again.get_ref().done, again.get_ref().done_by.as_str()), (false, ""));
    world.finish().await;
}

/// A21: what the mask names is changed, and taken away where nothing is given.
#[tokio::test]
async fn items_are_changed_by_their_fields() {
    let world = World::bare().await;
    let full = Task {
        client: client().to_string(),
        assignee: staff(&[]).actor,
        ..due("Позвонить", "2019-03-01")
    };
    let full = create(&world, full).await.unwrap().into_inner();
    let bare = Task { name: full.name.clone(), etag: full.etag.clone(), ..Default::default() };
    let paths = ["due_date", "client", "assignee"];
    let changed = change(&world, bare, &paths).await.unwrap().into_inner();
    assert_eq!(changed.text, "Позвонить");
    assert_eq!(
        (changed.due_date, changed.client.as_str(), changed.assignee.as_str()),
        (None, "", "")
    );

    let stale = change(&world, Task { text: "Иначе".into(), ..full }, &["text"]).await;
    refused(stale, Code::Aborted, "STALE_ETAG");
    let unknown = change(&world, changed.clone(), &["author"]).await;
    assert_eq!(fields(&unknown.unwrap_err()), ["update_mask"]);
    let empty = Task { text: " ".into(), ..changed.clone() };
    assert_eq!(fields(&change(&world, empty, &["text"]).await.unwrap_err()), ["task.text"]);
    let name = types::id::TaskId::generate().to_string();
    let missing = change(&world, Task { name, etag: String::new(), ..changed }, &["text"]).await;
    refused(missing, Code::NotFound, "NOT_FOUND");
    world.finish().await;
}

#[tokio::test]
async fn every_bad_field_of_an_item_is_named_at_once() {
    let world = World::bare().await;
    let bad = Task {
        text: "две\nстроки".into(),
        due_date: Some(proto::google::r#type::Date { year: 2019, month: 2, day: 30 }),
        client: "7583".into(),
        assignee: "я".into(),
        ..Default::default()
    };
    let named = fields(&create(&world, bad).await.unwrap_err());
    assert_eq!(named, ["task.text", "task.due_date", "task.client", "task.assignee"]);
    let long = Task { text: "x".repeat(501), ..Default::default() };
    assert_eq!(fields(&create(&world, long).await.unwrap_err()), ["task.text"]);
    let nobody = types::id::StaffId::generate().to_string();
    let nobodys = Task { assignee: nobody, ..due("Позвонить", "2019-03-01") };
    assert_eq!(fields(&create(&world, nobodys).await.unwrap_err()), ["task.assignee"]);
    let nobody = types::id::ClientId::generate().to_string();
    let nobodys = Task { client: nobody, ..due("Позвонить", "2019-03-01") };
    assert_eq!(fields(&create(&world, nobodys).await.unwrap_err()), ["task.client"]);
    let mut auditor = TasksClient::new(world.harness.client_as(Role::Auditor));
    let request =
        CreateTaskRequest { task: Some(due("Нет", "2019-03-01")), request_id: request_id() };
    assert_eq!(auditor.create_task(request).await.unwrap_err().code(), Code::PermissionDenied);
    let request = ListTasksRequest { page_size: -1, ..Default::default() };
    refused(auditor.list_tasks(request).await, Code::InvalidArgument, "INVALID_FIELDS");
    world.finish().await;
}
