//! Transactions whose callers go away.

use crate::harness::{bare, owner};
use futures::future::{FutureExt, join_all};
use sqlx::PgPool;

/// More than the machine answers at once, and as many as there are connections.
const CALLERS: i64 = 8;
const ROUNDS: i64 = 50;

async fn change(pool: &PgPool) {
    sqlx::query("insert into changes values (1)").execute(pool).await.expect("a change");
}

/// Issue 3: callers who go away while their transactions begin leave none open on a connection: the
/// changes of whoever comes next would be made in it, and lost.
#[tokio::test]
async fn who_goes_away_takes_nobodys_changes_along() {
    let (_suite, database, frame) = bare().await;
    let mut owner = owner(&database).await;
    sqlx::raw_sql("create table changes (n bigint); grant insert on changes to public")
        .execute(&mut owner)
        .await
        .expect("a table");
    for _ in 0..ROUNDS {
        join_all((0..CALLERS).map(|_| change(&frame.pool))).await;
        let mut callers: Vec<_> = (0..CALLERS).map(|_| Box::pin(frame.begin())).collect();
        for caller in &mut callers {
            // What has begun is rolled back at once; the others are given up on the way.
            drop(caller.now_or_never());
        }
    }
    let changes = sqlx::query_scalar::<_, i64>("select count(*) from changes");
    assert_eq!(changes.fetch_one(&mut owner).await.expect("a count"), CALLERS * ROUNDS);
}
