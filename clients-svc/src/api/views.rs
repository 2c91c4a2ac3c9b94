//! Lists as members of staff like to look at them: each sees and changes one's own only.

use super::{Api, name, total};
use crate::{
    domain::views::{Place, Title, VIEWS_LIMIT, View},
    store,
};
use proto::{
    clients::v1::{self as wire, views_server::Views},
    convert::timestamp,
};
use service::{Failure, Scope, Text, Violations, idempotency, page::Page};
use tonic::{Request, Response, Status};
use types::id::{StaffId, ViewId};

#[tonic::async_trait]
impl Views for Api {
    async fn list_views(
        &self,
        request: Request<wire::ListViewsRequest>,
    ) -> Result<Response<wire::ListViewsResponse>, Status> {
        // A program has none.
        let Ok(staff) = Scope::of(&request)?.actor.parse::<StaffId>() else {
            return Ok(Response::new(wire::ListViewsResponse::default()));
        };
        Ok(Response::new(self.views_of(staff, request.get_ref()).await?))
    }

    async fn create_view(
        &self,
        request: Request<wire::CreateViewRequest>,
    ) -> Result<Response<wire::View>, Status> {
        Ok(Response::new(self.keep_view(&request).await?))
    }

    async fn delete_view(
        &self,
        request: Request<wire::DeleteViewRequest>,
    ) -> Result<Response<wire::View>, Status> {
        Ok(Response::new(self.remove_view(&request).await?))
    }
}

impl Api {
    async fn views_of(
        &self,
        staff: StaffId,
        msg: &wire::ListViewsRequest,
    ) -> Result<wire::ListViewsResponse, Failure> {
        let page: Page<String> = Page::read(msg.page_size, &msg.page_token, &("views", staff))?;
        let mut conn = self.frame.pool.acquire().await?;
        let after = page.after().map(String::as_str);
        let rows = store::views::list(&mut conn, staff, after, page.limit()).await?;
        let count = store::views::count(&mut conn, staff).await?;
        let (rows, next_page_token) = page.finish(rows, |view| view.title.as_str().to_owned());
        Ok(wire::ListViewsResponse {
            views: rows.into_iter().map(Into::into).collect(),
            next_page_token,
            total_size: total(count),
        })
    }

    async fn keep_view(
        &self,
        request: &Request<wire::CreateViewRequest>,
    ) -> Result<wire::View, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let staff = owner(&actor)?;
        let given = msg.view.clone().unwrap_or_default();
        let mut v = Violations::default();
        let title = v.take("view.title", Title::parse(&given.title).map_err(|e| Text::of(&e)));
        let place = v.take("view.place", Place::parse(&given.place).map_err(|e| Text::of(&e)));
        v.finish()?;
        let (Some(title), Some(place)) = (title, place) else {
            return Err(Failure::internal("a field is neither good nor bad"));
        };
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        if store::views::count(&mut tx, staff).await? >= VIEWS_LIMIT {
            return Err(too_many());
        }
        let created_at = self.frame.clock.now();
        let view = View { id: ViewId::generate(), staff, title, place, created_at };
        let stored = store::views::insert(&mut tx, &view).await.map_err(Failure::from);
        stored.map_err(|e| e.on_constraint("views_title_key", || taken(&view)))?;
        let reply = idempotency::finish(&mut tx, key, view.into()).await?;
        tx.commit().await?;
        Ok(reply)
    }

    async fn remove_view(
        &self,
        request: &Request<wire::DeleteViewRequest>,
    ) -> Result<wire::View, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let staff = owner(&actor)?;
        let id: ViewId = name("name", &msg.name)?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let view = store::views::delete(&mut tx, id, staff).await?;
        let view = view.ok_or_else(|| Failure::not_found(id.to_string()))?;
        let reply = idempotency::finish(&mut tx, key, view.into()).await?;
        tx.commit().await?;
        Ok(reply)
    }
}

/// Views are of people: a program keeps none.
fn owner(actor: &str) -> Result<StaffId, Failure> {
    actor.parse().map_err(|_| Failure::denied())
}

fn too_many() -> Failure {
    Failure::precondition(
        "TOO_MANY_VIEWS",
        Text::new(
            format!("Сохранено уже {VIEWS_LIMIT} видов. Удалите ненужный."),
            format!("There are {VIEWS_LIMIT} views already. Delete one that you do not need."),
        ),
    )
}

fn taken(view: &View) -> Failure {
    let title = view.title.as_str();
    Failure::exists(
        "VIEW_EXISTS",
        title,
        Text::new(
            format!("Вид «{title}» уже есть. Назовите иначе."),
            format!("There is a view “{title}” already. Give another title."),
        ),
    )
}

impl From<View> for wire::View {
    fn from(view: View) -> Self {
        Self {
            name: view.id.to_string(),
            title: view.title.as_str().into(),
            place: view.place.as_str().into(),
            create_time: Some(timestamp(view.created_at)),
        }
    }
}
