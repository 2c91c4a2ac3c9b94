//! `Tasks`: what staff are to do (A21).

use super::{colleagues, parse};
use crate::{
    domain::tasks::{Task, TaskText},
    jobs::profiles,
    store::{
        self,
        tasks::{After, Filter},
    },
};
use chrono::NaiveDate;
use proto::{
    convert,
    tickets::v1::{
        CreateTaskRequest, ListTasksRequest, ListTasksResponse, Task as Wire, UpdateTaskRequest,
        tasks_server::Tasks,
    },
};
use service::{
    Failure, Frame, Scope, Text, Violations, check_etag, etag, idempotency, mask::Mask, page,
};
use tonic::{Request, Response, Status};
use types::id::{ClientId, StaffId, TaskId};

/// Fields that an update may change.
const FIELDS: [&str; 5] = ["text", "due_date", "client", "assignee", "done"];

/// The gRPC service.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
}

/// What a request says of the fields that it is about.
struct Given {
    text: Option<TaskText>,
    due: Option<NaiveDate>,
    client: Option<ClientId>,
    assignee: Option<StaffId>,
}

impl Api {
    /// The service over a frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }

    async fn list(&self, request: ListTasksRequest) -> Result<ListTasksResponse, Failure> {
        let mut v = Violations::default();
        let (client, assignee) = (&request.client, &request.assignee);
        let filter = Filter {
            client: parse::optional_name(&mut v, "client", client, "clients/{client}"),
            assignee: parse::optional_name(&mut v, "assignee", assignee, "staff/{staff}"),
            done: request.show_done,
            since: parse::date(&mut v, "start_date", request.start_date.as_ref()),
            until: parse::date(&mut v, "last_day", request.last_day.as_ref()),
        };
        v.finish()?;
        let page = page::Page::read(request.page_size, &request.page_token, &filter)?;
        let mut conn = self.frame.pool.acquire().await?;
        let rows = store::tasks::list(&mut conn, &filter, page.after(), page.limit()).await?;
        let total = store::tasks::count(&mut conn, &filter, page::TOTAL_CAP).await?;
        let cursor =
            |task: &Task| After { done: task.done.is_some(), due: task.due, id: task.id.0 };
        let (rows, next_page_token) = page.finish(rows, cursor);
        Ok(ListTasksResponse {
            tasks: rows.into_iter().map(wire).collect(),
            next_page_token,
            total_size: parse::total(total),
        })
    }

    async fn create(&self, request: Request<CreateTaskRequest>) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let actor = Scope::of(&request)?.actor;
        let asked = request.into_inner().task.unwrap_or_default();
        let given = parsed(&asked, |_, _| true)?;
        self.known(&given).await?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let task = Task {
            id: TaskId::generate(),
            text: given.text.ok_or_else(unparsed)?,
            due: given.due,
            client: given.client,
            assignee: given.assignee,
            author: actor.clone(),
            done: None,
            revision: 1,
            created: now,
            updated: now,
        };
        let task = task.ticked(asked.done, &actor, now);
        store::tasks::insert(&mut tx, &task).await?;
        let reply = idempotency::finish(&mut tx, key, wire(task)).await?;
        tx.commit().await?;
        Ok(reply)
    }

    async fn update(&self, request: Request<UpdateTaskRequest>) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let actor = Scope::of(&request)?.actor;
        let request = request.into_inner();
        let asked = request.task.unwrap_or_default();
        let id: TaskId = parse::only_name("task.name", &asked.name, "tasks/{task}")?;
        let mask = Mask::read(request.update_mask.as_ref(), &FIELDS)?;
        let given = parsed(&asked, |field, populated| mask.has(field, populated))?;
        self.known(&given).await?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let task = store::tasks::lock(&mut tx, id).await?;
        let task = task.ok_or_else(|| Failure::not_found(id.to_string()))?;
        check_etag(&asked.etag, task.revision)?;
        let has = |field: &str, populated| mask.has(field, populated);
        let mut task = changed(task, given, &asked, has);
        if mask.has("done", asked.done) {
            task = task.ticked(asked.done, &actor, now);
        }
        let task = Task { revision: task.revision + 1, updated: now, ..task };
        store::tasks::update(&mut tx, &task).await?;
        let reply = idempotency::finish(&mut tx, key, wire(task)).await?;
        tx.commit().await?;
        Ok(reply)
    }

    /// Asks, before anything begins, whether there are such people.
    async fn known(&self, given: &Given) -> Result<(), Failure> {
        if let Some(staff) = given.assignee {
            colleagues::known(&self.frame, "task.assignee", staff).await?;
        }
        let Some(client) = given.client else { return Ok(()) };
        if profiles::ensure(&self.frame, client).await? {
            return Ok(());
        }
        Err(Failure::invalid(
            "task.client",
            Text::new("Такого клиента нет.", "There is no such client."),
        ))
    }
}

/// The task with those fields of the request that are to be changed.
fn changed(task: Task, given: Given, asked: &Wire, has: impl Fn(&str, bool) -> bool) -> Task {
    let due = has("due_date", asked.due_date.is_some());
    let client = has("client", !asked.client.is_empty());
    let assignee = has("assignee", !asked.assignee.is_empty());
    Task {
        text: given.text.unwrap_or(task.text),
        due: if due { given.due } else { task.due },
        client: if client { given.client } else { task.client },
        assignee: if assignee { given.assignee } else { task.assignee },
        ..task
    }
}

/// Reads the fields that a request is about; `has` tells which those are.
fn parsed(asked: &Wire, has: impl Fn(&str, bool) -> bool) -> Result<Given, Failure> {
    let mut v = Violations::default();
    let text = has("text", !asked.text.is_empty()).then(|| TaskText::parse(&asked.text));
    let text = text.transpose().map_err(|e| Text::of(&e));
    let (client, assignee) = (&asked.client, &asked.assignee);
    let given = Given {
        text: v.take("task.text", text).flatten(),
        due: parse::date(&mut v, "task.due_date", asked.due_date.as_ref()),
        client: parse::optional_name(&mut v, "task.client", client, "clients/{client}"),
        assignee: parse::optional_name(&mut v, "task.assignee", assignee, "staff/{staff}"),
    };
    v.finish()?;
    Ok(given)
}

fn unparsed() -> Failure {
    Failure::internal("a text is missing without a violation")
}

#[tonic::async_trait]
impl Tasks for Api {
    async fn list_tasks(
        &self,
        request: Request<ListTasksRequest>,
    ) -> Result<Response<ListTasksResponse>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn create_task(
        &self,
        request: Request<CreateTaskRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.create(request).await?))
    }

    async fn update_task(
        &self,
        request: Request<UpdateTaskRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.update(request).await?))
    }
}

fn wire(task: Task) -> Wire {
    let (done_by, done_at) = task.done.map(|done| (done.by, done.at)).unzip();
    Wire {
        name: task.id.to_string(),
        text: task.text.as_str().into(),
        due_date: task.due.map(Into::into),
        client: task.client.map(|client| client.to_string()).unwrap_or_default(),
        assignee: task.assignee.map(|staff| staff.to_string()).unwrap_or_default(),
        done: done_at.is_some(),
        author: task.author,
        done_by: done_by.unwrap_or_default(),
        done_time: done_at.map(convert::timestamp),
        etag: etag(task.revision),
        create_time: Some(convert::timestamp(task.created)),
        update_time: Some(convert::timestamp(task.updated)),
    }
}
