//! Request ids: a mutation that is repeated is answered, not repeated.
//!
//! The row commits with the effect: a call that failed leaves nothing behind and may be tried
//! again with the same id. Two calls with one id at the same time wait for each other on the
//! primary key, and the second is answered what the first was.

use crate::{Failure, Scope, Text, layers};
use prost::Message;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use types::Clock;
use uuid::Uuid;

/// What makes a call the same call: who, which method, which id; and the hash of its body.
#[derive(Debug, Clone)]
pub struct Key {
    actor: String,
    method: String,
    request_id: Uuid,
    body: [u8; 32],
}

impl Key {
    /// The key of a request that went through the layers.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` unless `request_id` is a UUID; `UNAUTHENTICATED` without a scope.
    pub fn of<M: Message>(request: &tonic::Request<M>, request_id: &str) -> Result<Self, Failure> {
        let scope = Scope::of(request)?;
        let method = layers::method(request.extensions());
        Self::new(&scope.actor, method, request_id, request.get_ref())
    }

    /// The key of an act that did not come as a call of its own.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` unless `request_id` is a UUID.
    pub fn new(
        actor: &str,
        method: &str,
        request_id: &str,
        body: &impl Message,
    ) -> Result<Self, Failure> {
        let request_id = Uuid::try_parse(request_id).map_err(|_| {
            Failure::invalid(
                "request_id",
                Text::new(
                    "Укажите UUID запроса: его создаёт вызывающая сторона до первой попытки.",
                    "Give the UUID of the request, made by the caller before its first attempt.",
                ),
            )
        })?;
        let body = Sha256::digest(body.encode_to_vec()).into();
        Ok(Self { actor: actor.into(), method: method.into(), request_id, body })
    }
}

/// Claims a request id in the transaction of the effect; answers the saved reply when the same call
/// was answered before.
///
/// # Errors
/// `INVALID_ARGUMENT` with reason `REQUEST_ID_REUSED` when the id came with another body;
/// `FAILED_PRECONDITION` with reason `REPLY_NOT_KEPT` when the reply held a secret.
pub async fn claim<R: Message + Default>(
    conn: &mut PgConnection,
    key: &Key,
) -> Result<Option<R>, Failure> {
    let inserted = sqlx::query(
        "insert into request_ids (actor, method, request_id, body_sha256, created_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(&key.actor)
    .bind(&key.method)
    .bind(key.request_id)
    .bind(&key.body[..])
    .bind(Clock::system_now())
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(None);
    }
    let saved = find(conn, key).await?;
    saved.map(Some).ok_or_else(|| Failure::unavailable("a request id was forgotten meanwhile"))
}

/// The reply saved for a request id, if the same call was answered before; claims nothing.
///
/// # Errors
/// Those of [`claim`].
pub async fn find<R: Message + Default>(
    conn: &mut PgConnection,
    key: &Key,
) -> Result<Option<R>, Failure> {
    let row: Option<(Vec<u8>, Option<Vec<u8>>)> = sqlx::query_as(
        "select body_sha256, reply from request_ids
         where actor = $1 and method = $2 and request_id = $3",
    )
    .bind(&key.actor)
    .bind(&key.method)
    .bind(key.request_id)
    .fetch_optional(conn)
    .await?;
    let Some((body, reply)) = row else { return Ok(None) };
    if body != key.body {
        return Err(Failure::invalid_request(
            "REQUEST_ID_REUSED",
            Text::new(
                "Этот request_id уже использован для другого запроса. Создайте новый.",
                "This request_id was used for another request. Make a new one.",
            ),
        ));
    }
    let reply = reply.ok_or_else(|| {
        Failure::precondition(
            "REPLY_NOT_KEPT",
            Text::new(
                "Запрос уже выполнен; его ответ содержал секрет и не сохранён.",
                "The request was done already; its reply held a secret and was not kept.",
            ),
        )
    })?;
    R::decode(reply.as_slice()).map(Some).map_err(Failure::internal)
}

/// Saves the reply of a request that nobody claimed, in the transaction of its effect, and hands it
/// back: one write where [`claim`] and [`finish`] are two. For callers whom something else keeps
/// from having the effect twice. A call of the same id that ended meanwhile counts instead: then
/// this transaction must not be committed, and `false` says so.
///
/// # Errors
/// Those of [`claim`].
pub async fn answer<R: Message + Default>(
    conn: &mut PgConnection,
    key: &Key,
    reply: R,
) -> Result<(R, bool), Failure> {
    let inserted = sqlx::query(
        "insert into request_ids (actor, method, request_id, body_sha256, created_at, reply)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(&key.actor)
    .bind(&key.method)
    .bind(key.request_id)
    .bind(&key.body[..])
    .bind(Clock::system_now())
    .bind(reply.encode_to_vec())
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok((reply, true));
    }
    let saved = find(conn, key).await?;
    let saved =
        saved.ok_or_else(|| Failure::unavailable("a request id was forgotten meanwhile"))?;
    Ok((saved, false))
}

/// Saves the reply of a claimed request in the same transaction, and hands it back.
///
/// # Errors
/// Those of the database.
pub async fn finish<R: Message>(conn: &mut PgConnection, key: Key, reply: R) -> Result<R, Failure> {
    sqlx::query(
        "update request_ids set reply = $4
         where actor = $1 and method = $2 and request_id = $3",
    )
    .bind(&key.actor)
    .bind(&key.method)
    .bind(key.request_id)
    .bind(reply.encode_to_vec())
    .execute(conn)
    .await?;
    Ok(reply)
}
