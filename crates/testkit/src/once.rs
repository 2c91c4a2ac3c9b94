//! A mutation that is called again is answered, not done again: each mutating RPC of a service.
//!
//! ```ignore
//! let mut once = Once::of(&harness, "clients").await;
//! let note = once.call("Notes.CreateNote", request, |r| r.note = None, async |r| {
//!     notes.clone().create_note(r).await
//! }).await;
//! …
//! once.finish();     // fails if a method of the contract that takes a request id was left out
//! ```

use crate::Harness;
use prost_reflect::{DescriptorPool, MethodDescriptor};
use sqlx::PgPool;
use std::{collections::BTreeSet, fmt::Debug};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// The mutating methods of a service that were not repeated yet.
pub struct Once<'a> {
    harness: &'a Harness,
    pool: PgPool,
    left: BTreeSet<String>,
}

impl<'a> Once<'a> {
    /// All methods of `raschet.<service>.v1` whose request has a `request_id`.
    ///
    /// # Panics
    /// When that service does not run in the harness, or has no such method.
    pub async fn of(harness: &'a Harness, service: &str) -> Self {
        let contracts = DescriptorPool::decode(proto::DESCRIPTORS).expect("our own descriptors");
        let package = format!("raschet.{service}.v1");
        let services = contracts.services().filter(|one| one.package_name() == package);
        let left: BTreeSet<String> = services
            .flat_map(|one| one.methods().collect::<Vec<_>>())
            .filter(|method| !method.is_client_streaming())
            .filter(|method| method.input().get_field_by_name("request_id").is_some())
            .map(|method| short(&method))
            .collect();
        assert!(!left.is_empty(), "{package} changes nothing");
        Self { harness, pool: harness.owner(service).await, left }
    }

    /// Makes a call three times: it is done; with the same id and body it is answered the same and
    /// writes nothing; with the same id and `other` body it is refused and writes nothing.
    ///
    /// # Panics
    /// When it is not so.
    pub async fn call<Q: Clone, R: PartialEq + Debug>(
        &mut self,
        method: &str,
        request: Q,
        other: impl FnOnce(&mut Q),
        call: impl AsyncFn(Q) -> Result<Response<R>, Status>,
    ) -> R {
        let done = self.first(method, &request, &call).await;
        let before = self.rows().await;
        let again = call(request.clone()).await.map(Response::into_inner);
        assert_eq!(again.as_ref().ok(), Some(&done), "{method} again: {again:?}");
        self.refuses_another(method, request, other, &call).await;
        assert_eq!(self.rows().await, before, "{method} wrote something when it was repeated");
        done
    }

    /// As [`Once::call`], of a method whose reply holds a secret: again, it is refused
    /// (`REPLY_NOT_KEPT`).
    ///
    /// # Panics
    /// When it is not so.
    pub async fn secret<Q: Clone, R: PartialEq + Debug>(
        &mut self,
        method: &str,
        request: Q,
        other: impl FnOnce(&mut Q),
        call: impl AsyncFn(Q) -> Result<Response<R>, Status>,
    ) -> R {
        let done = self.first(method, &request, &call).await;
        let before = self.rows().await;
        let again = call(request.clone()).await;
        assert_eq!(
            refusal(&again),
            (Code::FailedPrecondition, "REPLY_NOT_KEPT".into()),
            "{method}"
        );
        self.refuses_another(method, request, other, &call).await;
        assert_eq!(self.rows().await, before, "{method} wrote something when it was repeated");
        done
    }

    /// Ends the walk.
    ///
    /// # Panics
    /// When a method was left out.
    pub fn finish(self) {
        assert!(self.left.is_empty(), "never repeated: {:?}", self.left);
    }

    async fn first<Q: Clone, R>(
        &mut self,
        method: &str,
        request: &Q,
        call: &impl AsyncFn(Q) -> Result<Response<R>, Status>,
    ) -> R {
        assert!(self.left.remove(method), "{method} is no mutation, or was repeated already");
        match call(request.clone()).await {
            Ok(done) => done.into_inner(),
            Err(status) => panic!("{method} the first time: {status:?}"),
        }
    }

    async fn refuses_another<Q, R: Debug>(
        &self,
        method: &str,
        mut request: Q,
        other: impl FnOnce(&mut Q),
        call: &impl AsyncFn(Q) -> Result<Response<R>, Status>,
    ) {
        other(&mut request);
        let reused = call(request).await;
        let expected = (Code::InvalidArgument, "REQUEST_ID_REUSED".into());
        assert_eq!(refusal(&reused), expected, "{method} with another body: {reused:?}");
    }

    /// How many rows each table has once nothing moves any more.
    async fn rows(&self) -> Vec<(String, i64)> {
        self.harness.settle().await;
        let counts: String = sqlx::query_scalar(
            "select string_agg(format('select %L, count(*) from %I', tablename, tablename),
                               ' union all ' order by tablename)
             from pg_tables where schemaname = 'public'",
        )
        .fetch_one(&self.pool)
        .await
        .expect("lists the tables");
        let counts = sqlx::AssertSqlSafe(counts);
        sqlx::query_as(counts).fetch_all(&self.pool).await.expect("counts the rows")
    }
}

/// Such as `Notes.CreateNote`.
fn short(method: &MethodDescriptor) -> String {
    format!("{}.{}", method.parent_service().name(), method.name())
}

/// Code and reason of a refusal.
fn refusal<R: Debug>(result: &Result<Response<R>, Status>) -> (Code, String) {
    let Err(status) = result else { return (Code::Ok, String::new()) };
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    (status.code(), reason)
}
