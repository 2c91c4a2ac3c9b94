//! `raschet repair feeds`: after a restore, which makes cursors unknown to their producers.

use super::request_id;
use crate::{
    cli::{Repair, RepairCommand},
    console::{Console, Outcome},
};
use anyhow::Result;
use proto::gateway::v1::{RepairFeedsRequest, operations_client::OperationsClient};
use serde_json::json;
use service::Text;

/// Sets cursors back to the start.
///
/// # Errors
/// When the suite cannot be reached or refuses.
pub async fn run(options: Repair, console: &Console) -> Result<Outcome> {
    let mut client = OperationsClient::new(options.server.connect(console).await?);
    let RepairCommand::Feeds { service } = options.command;
    let request =
        RepairFeedsRequest { service: service.unwrap_or_default(), request_id: request_id() };
    let cursors = client.repair_feeds(request).await?.into_inner().cursors;
    console.say(&Text::new(
        format!("Ленты читаются с начала: {cursors}."),
        format!("Feeds that are read from the start: {cursors}."),
    ));
    console.json(&json!({ "cursors": cursors }));
    Ok(Outcome::Done)
}
