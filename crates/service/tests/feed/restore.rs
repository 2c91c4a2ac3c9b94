//! A producer's database that was restored: from a dump elsewhere, or to what it was before.

use super::{
    pair::{Pair, emit},
    parked::reset,
};
use crate::harness::{Producer, eventually, feed_status};
use proto::system::v1::FollowRequest;
use tonic::Code;

impl Pair {
    /// Follows from where the consumer stands, as it does itself.
    async fn follow_on(&self) -> Result<(), tonic::Status> {
        let cursor: (Option<uuid::Uuid>, i64, Option<uuid::Uuid>) =
            sqlx::query_as("select feed, position, event_id from feed_cursors")
                .fetch_one(&self.consumer.frame.pool)
                .await
                .expect("has a cursor");
        let text = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let (feed, position, event) = (text(cursor.0), cursor.1, text(cursor.2));
        let mut producer =
            proto::system::v1::feed_client::FeedClient::new(self.channel::<Producer>());
        producer.follow(FollowRequest { feed, position, event }).await.map(|_| ())
    }

    /// Asserts that the consumer's cursor is refused, and that setting it back heals.
    async fn assert_repaired(&self, expected: &[&str]) {
        let refused = self.follow_on().await.expect_err("the feed does not know the cursor");
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(refused.message().contains("raschet repair feeds"), "{}", refused.message());
        self.feed().reset_cursors(reset("clients")).await.expect("resets");
        eventually("it follows again", || async { self.told().await.len() >= expected.len() })
            .await;
        self.drained().await;
        assert_eq!(self.told().await, expected, "each once");
        self.follow_on().await.expect("the feed knows the cursor");
    }
}

/// Issue 3 §3, dump and restore: pg_dump, and pg_restore into another cluster, make another feed.
/// Its followers' cursors are refused, never taken for its own; setting them back has the feed read
/// again, and what was known already changes nothing.
#[tokio::test]
async fn a_feed_restored_elsewhere_is_another_one() {
    let mut pair = Pair::new().await;
    for text in ["one", "two"] {
        emit(&pair.producer.frame, None, text).await;
    }
    pair.drained().await;
    let before = feed_status(pair.channel::<Producer>()).await;
    pair.producer.stop().await.expect("stops");
    pair.producer = pair.suite.start::<Producer>(&pair.databases[0], |app| app).await;
    assert_eq!(
        feed_status(pair.channel::<Producer>()).await.feed,
        before.feed,
        "a restart is none"
    );

    pair.producer.stop().await.expect("stops");
    pair.databases[0] = pair.databases[0].restored_elsewhere().await;
    pair.producer = pair.suite.start::<Producer>(&pair.databases[0], |app| app).await;
    let after = feed_status(pair.channel::<Producer>()).await;
    assert_ne!(after.feed, before.feed);
    assert_eq!(after.position, 2, "nothing was lost");
    emit(&pair.producer.frame, None, "three").await;
    pair.assert_repaired(&["one", "two", "three"]).await;
    pair.stop().await;
}

/// Issue 3 §3, dump and restore: a database set back in its own cluster keeps its feed's name, and
/// a cursor beyond what it knows is refused all the same, also once that position is taken again.
#[tokio::test]
async fn a_feed_set_back_refuses_what_it_has_forgotten() {
    let pair = Pair::new().await;
    for text in ["one", "two"] {
        emit(&pair.producer.frame, None, text).await;
    }
    pair.drained().await;
    let mut owner = crate::harness::owner(&pair.databases[0]).await;
    for forget in [
        "delete from feed_positions where position = 2",
        "delete from events where not exists (select 1 from feed_positions where event_id = id)",
        "update feed_state set position = 1",
    ] {
        sqlx::query(forget).execute(&mut owner).await.expect("forgets");
    }
    let refused = pair.follow_on().await.expect_err("position 2 is not there");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    emit(&pair.producer.frame, None, "another two").await;
    eventually("position 2 is taken again", || async {
        feed_status(pair.channel::<Producer>()).await.position == 2
    })
    .await;
    pair.assert_repaired(&["one", "two", "another two"]).await;
    pair.stop().await;
}
