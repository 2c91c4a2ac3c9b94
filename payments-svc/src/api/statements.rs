//! `raschet.payments.v1.Statements`.

mod import;

use super::{name, total};
use crate::domain::matching::Preset;
use crate::store;
use crate::store::statements::{Day, Statement};
use proto::convert::timestamp;
use proto::payments::v1::statements_server::Statements;
use proto::payments::v1::{self as pb};
use service::page::{Page, TOTAL_CAP};
use service::{Failure, Frame, Scope};
use sqlx::PgConnection;
use std::sync::Arc;
use tokio::sync::Mutex;
use tonic::{Request, Response, Status, Streaming};
use types::id::StatementId;

/// The service over one database.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
    preset: Preset,
    /// One import at a time has a transaction; those that wait for it hold no connection.
    turn: Arc<Mutex<()>>,
}

impl Api {
    /// The service of this frame.
    #[must_use]
    pub fn new(frame: &Frame, preset: Preset) -> Self {
        Self { frame: frame.clone(), preset, turn: Arc::default() }
    }
}

#[tonic::async_trait]
impl Statements for Api {
    async fn import_statement(
        &self,
        request: Request<Streaming<pb::ImportStatementRequest>>,
    ) -> Result<Response<pb::ImportStatementResponse>, Status> {
        let scope = Scope::of(&request)?;
        let upload = import::receive(request.into_inner()).await?;
        let (frame, preset, turn) = (&self.frame, self.preset, &self.turn);
        let call = import::Call { frame, preset, scope: &scope, turn };
        let reply = call.import(upload).await?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn get_statement(
        &self,
        request: Request<pb::GetStatementRequest>,
    ) -> Result<Response<pb::Statement>, Status> {
        let id: StatementId = name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let found = store::statements::get(&mut conn, id).await?;
        let statement = found.ok_or_else(|| Failure::not_found(id.to_string()))?;
        Ok(Response::new(whole(&mut conn, statement).await?))
    }

    async fn list_statements(
        &self,
        request: Request<pb::ListStatementsRequest>,
    ) -> Result<Response<pb::ListStatementsResponse>, Status> {
        let request = request.into_inner();
        let page = Page::<StatementId>::read(request.page_size, &request.page_token, &())?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows = store::statements::list(&mut conn, page.after().copied(), page.limit()).await?;
        let total_size = total(store::statements::count(&mut conn, TOTAL_CAP).await?);
        let (rows, next_page_token) = page.finish(rows, |row| row.id);
        let ids: Vec<StatementId> = rows.iter().map(|row| row.id).collect();
        let mut days = store::statements::days(&mut conn, &ids).await?;
        let statements = rows
            .into_iter()
            .map(|row| {
                let days = days.remove(&row.id).unwrap_or_default();
                encode(row, days)
            })
            .collect();
        Ok(Response::new(pb::ListStatementsResponse { statements, next_page_token, total_size }))
    }
}

/// A statement with its days.
async fn whole(conn: &mut PgConnection, statement: Statement) -> Result<pb::Statement, Failure> {
    let mut days = store::statements::days(conn, &[statement.id]).await?;
    let days = days.remove(&statement.id).unwrap_or_default();
    Ok(encode(statement, days))
}

fn encode(statement: Statement, days: Vec<Day>) -> pb::Statement {
    let day = |day: Day| pb::StatementDay {
        account: day.account,
        from: day.from.map(Into::into),
        to: day.to.map(Into::into),
        opening: day.opening.map(Into::into),
        closing: day.closing.map(Into::into),
        complete: day.complete,
    };
    pb::Statement {
        name: statement.id.to_string(),
        filename: statement.filename,
        sha256: statement.blob.to_string(),
        format: statement.format,
        encoding: statement.encoding,
        days: days.into_iter().map(day).collect(),
        lines: statement.line_count,
        actor: statement.actor,
        create_time: Some(timestamp(statement.created_at)),
    }
}
