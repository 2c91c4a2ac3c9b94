//! `raschet.payments.v1.Lines`: the reconciliation queue and what people decide in it.

mod acts;
mod encode;
mod parse;

use super::{name, total};
use crate::domain::lines::{Line, State};
use crate::domain::matching::Preset;
use crate::domain::statements::Direction;
use crate::store;
use crate::store::lines::Filter;
use chrono::NaiveDate;
use proto::payments::v1::lines_server::Lines;
use proto::payments::v1::{self as pb};
use service::page::{Page, TOTAL_CAP};
use service::{Failure, Frame, Scope};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::id::LineId;

/// The service over one database.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
    preset: Preset,
}

impl Api {
    /// The service of this frame.
    #[must_use]
    pub fn new(frame: &Frame, preset: Preset) -> Self {
        Self { frame: frame.clone(), preset }
    }
}

#[tonic::async_trait]
impl Lines for Api {
    async fn get_line(
        &self,
        request: Request<pb::GetLineRequest>,
    ) -> Result<Response<pb::Line>, Status> {
        let scope = Scope::of(&request)?;
        let id: LineId = name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let found = store::lines::get(&mut conn, id).await?;
        let line = found.ok_or_else(|| Failure::not_found(id.to_string()))?;
        Ok(Response::new(whole(&mut conn, line, &scope).await?))
    }

    async fn list_lines(
        &self,
        request: Request<pb::ListLinesRequest>,
    ) -> Result<Response<pb::ListLinesResponse>, Status> {
        let scope = Scope::of(&request)?;
        let request = request.into_inner();
        let filter = filter(&request)?;
        let page =
            Page::<(NaiveDate, LineId)>::read(request.page_size, &request.page_token, &filter)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows =
            store::lines::list(&mut conn, filter, page.after().copied(), page.limit()).await?;
        let total_size = total(store::lines::count(&mut conn, filter, TOTAL_CAP).await?);
        let (rows, next_page_token) = page.finish(rows, |row| (row.booked_on, row.id));
        let ids: Vec<LineId> = rows.iter().map(|row| row.id).collect();
        let mut kept = store::allocations::of_lines(&mut conn, &ids).await?;
        let lines = rows
            .into_iter()
            .map(|row| {
                let allocations = kept.remove(&row.id).unwrap_or_default();
                encode::line(row, allocations, &scope)
            })
            .collect();
        Ok(Response::new(pb::ListLinesResponse { lines, next_page_token, total_size }))
    }

    async fn allocate_line(
        &self,
        request: Request<pb::AllocateLineRequest>,
    ) -> Result<Response<pb::Line>, Status> {
        let line = acts::allocate(&self.frame, request).await?;
        self.frame.wake();
        Ok(Response::new(line))
    }

    async fn unmatch_line(
        &self,
        request: Request<pb::UnmatchLineRequest>,
    ) -> Result<Response<pb::Line>, Status> {
        let line = acts::unmatch(&self.frame, self.preset, request).await?;
        self.frame.wake();
        Ok(Response::new(line))
    }

    async fn ignore_line(
        &self,
        request: Request<pb::IgnoreLineRequest>,
    ) -> Result<Response<pb::Line>, Status> {
        let line = acts::ignore(&self.frame, request).await?;
        self.frame.wake();
        Ok(Response::new(line))
    }
}

/// A line with its allocations.
async fn whole(conn: &mut PgConnection, line: Line, scope: &Scope) -> Result<pb::Line, Failure> {
    let mut kept = store::allocations::of_lines(conn, &[line.id]).await?;
    let allocations = kept.remove(&line.id).unwrap_or_default();
    Ok(encode::line(line, allocations, scope))
}

fn filter(request: &pb::ListLinesRequest) -> Result<Filter, Failure> {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let state = match request.state() {
        pb::line::State::Unspecified => None,
        pb::line::State::Imported => Some(State::Imported),
        pb::line::State::Review => Some(State::Review),
        pb::line::State::Matched => Some(State::Matched),
        pb::line::State::Ignored => Some(State::Ignored),
    };
    let direction = match request.direction() {
        pb::line::Direction::Unspecified => None,
        pb::line::Direction::In => Some(Direction::In),
        pb::line::Direction::Out => Some(Direction::Out),
        pb::line::Direction::Unknown => Some(Direction::Unknown),
    };
    Ok(Filter {
        state: state.map(State::as_str),
        statement: given(&request.statement).map(|s| name("statement", &s)).transpose()?,
        client: given(&request.client).map(|c| name("client", &c)).transpose()?,
        direction: direction.map(Direction::as_str),
    })
}
