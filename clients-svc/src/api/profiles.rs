//! What other services project about a client.

use super::{Api, total};
use crate::{
    domain::{clients::Client, contacts::Contact, legal_entities::LegalEntity},
    store::{self, clients::Filter},
};
use proto::clients::v1 as wire;
use service::{Failure, page, page::Page};
use std::collections::HashMap;
use types::id::ClientId;

/// People or payers of one client that a profile holds; a holding may have many of both.
const PARTS_LIMIT: i64 = 1000;

impl Api {
    /// The profile of one client.
    pub(super) async fn profile(&self, id: ClientId) -> Result<wire::Profile, Failure> {
        // One snapshot: the revision must not be older than the parts that come with it.
        let mut tx = self.frame.begin().await?;
        sqlx::Executor::execute(&mut *tx, SNAPSHOT).await?;
        let client = store::clients::get(&mut tx, id).await?;
        let client = client.ok_or_else(|| Failure::not_found(id.to_string()))?;
        let contacts = store::contacts::list(&mut tx, &[id], None, PARTS_LIMIT).await?;
        let entities = store::legal_entities::list(&mut tx, &[id], None, PARTS_LIMIT).await?;
        Ok(profile(client, contacts, entities))
    }

    /// Profiles by falling number.
    pub(super) async fn profiles(
        &self,
        msg: &wire::ListProfilesRequest,
    ) -> Result<wire::ListProfilesResponse, Failure> {
        let page: Page<i64> = Page::read(msg.page_size, &msg.page_token, &())?;
        let filter = Filter::default();
        let mut tx = self.frame.begin().await?;
        sqlx::Executor::execute(&mut *tx, SNAPSHOT).await?;
        let after = page.after().copied();
        let rows = store::clients::list(&mut tx, &filter, after, page.limit()).await?;
        let count = store::clients::count(&mut tx, &filter, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |c| c.number);
        let ids: Vec<ClientId> = rows.iter().map(|c| c.id).collect();
        let most = PARTS_LIMIT * page::MAX_SIZE as i64;
        let mut contacts: HashMap<_, Vec<_>> = HashMap::new();
        for contact in store::contacts::list(&mut tx, &ids, None, most).await? {
            contacts.entry(contact.client).or_default().push(contact);
        }
        let mut entities: HashMap<_, Vec<_>> = HashMap::new();
        for entity in store::legal_entities::list(&mut tx, &ids, None, most).await? {
            entities.entry(entity.client).or_default().push(entity);
        }
        let mut parts = |client: Client| {
            let id = client.id;
            let contacts = contacts.remove(&id).unwrap_or_default();
            profile(client, contacts, entities.remove(&id).unwrap_or_default())
        };
        Ok(wire::ListProfilesResponse {
            profiles: rows.into_iter().map(&mut parts).collect(),
            next_page_token,
            total_size: total(count),
        })
    }
}

/// Reads of one transaction see one moment.
const SNAPSHOT: &str = "set transaction isolation level repeatable read, read only";

fn profile(client: Client, contacts: Vec<Contact>, entities: Vec<LegalEntity>) -> wire::Profile {
    let title = client.title();
    let revision = client.revision;
    let wire: wire::Client = client.into();
    wire::Profile {
        client: wire.name,
        revision,
        number: wire.number,
        title,
        kind: wire.kind,
        email: wire.email,
        language: wire.language,
        zone: wire.zone,
        contacts: contacts.into_iter().map(Into::into).collect(),
        legal_entities: entities.into_iter().map(Into::into).collect(),
        create_time: wire.create_time,
        never_suspend: wire.never_suspend,
        no_overdue_notices: wire.no_overdue_notices,
        no_late_fees: wire.no_late_fees,
    }
}
