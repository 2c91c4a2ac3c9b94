//! Contacts: link people to clients, change and end the links.

use super::{Api, name, total};
use crate::{
    domain::{
        clients::{Name, Phone},
        contacts::{Access, Contact, ContactFields, LetterKind},
    },
    store::{self, people::NewPerson},
};
use proto::{
    clients::v1::{self as wire, contacts_server::Contacts},
    convert::timestamp,
};
use service::{
    Failure, Text, Violations, check_etag, etag, idempotency, mask::Mask, page, page::Page,
};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::{
    email::EmailAddress,
    id::{ClientId, ContactId, PersonId},
};
use uuid::Uuid;

/// Fields that UpdateContact may name in its mask.
const MASK: &[&str] = &["given_name", "family_name", "phone", "access", "letters", "email"];

#[tonic::async_trait]
impl Contacts for Api {
    async fn get_contact(
        &self,
        request: Request<wire::GetContactRequest>,
    ) -> Result<Response<wire::Contact>, Status> {
        let id: ContactId = name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let contact = store::contacts::get(&mut conn, id).await.map_err(Failure::from)?;
        let contact = contact.ok_or_else(|| Failure::not_found(id.to_string()))?;
        Ok(Response::new(contact.into()))
    }

    async fn list_contacts(
        &self,
        request: Request<wire::ListContactsRequest>,
    ) -> Result<Response<wire::ListContactsResponse>, Status> {
        Ok(Response::new(self.list_links(request.get_ref()).await?))
    }

    async fn create_contact(
        &self,
        request: Request<wire::CreateContactRequest>,
    ) -> Result<Response<wire::Contact>, Status> {
        Ok(Response::new(self.link(&request).await?))
    }

    async fn update_contact(
        &self,
        request: Request<wire::UpdateContactRequest>,
    ) -> Result<Response<wire::Contact>, Status> {
        Ok(Response::new(self.change_link(&request).await?))
    }

    async fn delete_contact(
        &self,
        request: Request<wire::DeleteContactRequest>,
    ) -> Result<Response<wire::Contact>, Status> {
        Ok(Response::new(self.unlink(&request).await?))
    }
}

impl Api {
    async fn list_links(
        &self,
        msg: &wire::ListContactsRequest,
    ) -> Result<wire::ListContactsResponse, Failure> {
        let client: ClientId = name("client", &msg.client)?;
        let page: Page<Uuid> = Page::read(msg.page_size, &msg.page_token, &msg.client)?;
        let mut conn = self.frame.pool.acquire().await?;
        let after = page.after().copied();
        let rows = store::contacts::list(&mut conn, &[client], after, page.limit()).await?;
        let count = store::contacts::count(&mut conn, client, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |c| c.id.0);
        Ok(wire::ListContactsResponse {
            contacts: rows.into_iter().map(Into::into).collect(),
            next_page_token,
            total_size: total(count),
        })
    }

    async fn link(
        &self,
        request: &Request<wire::CreateContactRequest>,
    ) -> Result<wire::Contact, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let given = msg.contact.clone().unwrap_or_default();
        let client: ClientId = name("contact.client", &given.client)?;
        let fields = parse(&given)?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        store::clients::lock(&mut tx, client)
            .await?
            .ok_or_else(|| Failure::not_found(client.to_string()))?;
        let new = NewPerson {
            id: PersonId::generate(),
            email: &fields.email,
            given_name: &fields.given_name,
            family_name: &fields.family_name,
            phone: &fields.phone,
            created_at: now,
        };
        let (person, _) = store::people::find_or_insert(&mut tx, &new).await?;
        let id = ContactId::generate();
        let contact =
            Contact { id, client, person, fields, main: false, revision: 1, created_at: now };
        store::contacts::insert(&mut tx, &contact).await.map_err(|e| {
            let email = contact.fields.email.as_str().to_owned();
            Failure::from(e).on_constraint("contacts_person_key", || linked_already(email))
        })?;
        let revision = store::clients::touch(&mut tx, client).await?;
        store::history::append(&mut tx, &id.to_string(), &["created".into()], &actor, now).await?;
        self.changed(&mut tx, client, revision).await?;
        let stored = stored(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, stored.into()).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(reply)
    }

    async fn change_link(
        &self,
        request: &Request<wire::UpdateContactRequest>,
    ) -> Result<wire::Contact, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let given = msg.contact.clone().unwrap_or_default();
        let id: ContactId = name("contact.name", &given.name)?;
        let mask = Mask::read(msg.update_mask.as_ref(), MASK)?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        // The client's row is locked before its link is read, so that no change is lost.
        let client = stored(&mut tx, id).await?.client;
        store::clients::lock(&mut tx, client).await?;
        let contact = stored(&mut tx, id).await?;
        check_etag(&given.etag, contact.revision)?;
        let (merged, changed) = merge(contact.clone().into(), given, &mask);
        let person = contact.person;
        let fields = parse(&merged)?;
        let contact =
            contact.change(fields).map_err(|e| Failure::invalid("contact.email", Text::of(&e)))?;
        let contact = Contact { revision: contact.revision + 1, ..contact };
        let f = &contact.fields;
        store::people::update(&mut tx, person, &f.given_name, &f.family_name, &f.phone).await?;
        store::contacts::update(&mut tx, &contact).await?;
        // A person's name shows on every client that the person acts for.
        for (client, revision) in store::clients::touch_of_person(&mut tx, person).await? {
            self.changed(&mut tx, client, revision).await?;
        }
        let now = self.frame.clock.now();
        store::history::append(&mut tx, &id.to_string(), &changed, &actor, now).await?;
        let reply = idempotency::finish(&mut tx, key, contact.into()).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(reply)
    }

    async fn unlink(
        &self,
        request: &Request<wire::DeleteContactRequest>,
    ) -> Result<wire::Contact, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let id: ContactId = name("name", &msg.name)?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let client = stored(&mut tx, id).await?.client;
        store::clients::lock(&mut tx, client).await?;
        let contact = stored(&mut tx, id).await?;
        check_etag(&msg.etag, contact.revision)?;
        contact.remove().map_err(|e| Failure::precondition("MAIN_CONTACT_STAYS", Text::of(&e)))?;
        store::contacts::delete(&mut tx, id, now).await?;
        let revision = store::clients::touch(&mut tx, client).await?;
        store::history::append(&mut tx, &id.to_string(), &["deleted".into()], &actor, now).await?;
        self.changed(&mut tx, client, revision).await?;
        let reply = idempotency::finish(&mut tx, key, contact.into()).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(reply)
    }
}

async fn stored(conn: &mut PgConnection, id: ContactId) -> Result<Contact, Failure> {
    let contact = store::contacts::get(conn, id).await?;
    contact.ok_or_else(|| Failure::not_found(id.to_string()))
}

fn linked_already(email: String) -> Failure {
    Failure::exists(
        "CONTACT_EXISTS",
        email,
        Text::new(
            "Человек с этим адресом уже среди контактов клиента.",
            "The person with this address is among the client's contacts already.",
        ),
    )
}

fn parse(given: &wire::Contact) -> Result<ContactFields, Failure> {
    let mut v = Violations::default();
    let email = EmailAddress::parse(&given.email).map_err(|e| Text::of(&e));
    let email = v.take("contact.email", email);
    let name = Name::parse(&given.given_name).map_err(|e| Text::of(&e));
    let given_name = v.take("contact.given_name", name);
    let name = Name::parse_optional(&given.family_name).map_err(|e| Text::of(&e));
    let family_name = v.take("contact.family_name", name);
    let phone = v.take("contact.phone", Phone::parse(&given.phone).map_err(|e| Text::of(&e)));
    let letters: Option<Vec<LetterKind>> =
        given.letters().map(|kind| LetterKind::from_word(kind.as_str_name())).collect();
    let letters = letters.ok_or_else(|| Text::new("Неизвестный вид писем.", "Unknown kind."));
    let letters = v.take("contact.letters", letters);
    v.finish()?;
    let access = Access::from_word(given.access().as_str_name()).unwrap_or(Access::NoAccess);
    let fields = || {
        Some(ContactFields {
            email: email?,
            given_name: given_name?,
            family_name: family_name?,
            phone: phone?,
            access,
            letters: letters?,
        })
    };
    fields().ok_or_else(|| Failure::internal("a field is neither good nor bad"))
}

/// The stored contact with the fields of the mask taken from the given one, and their names.
fn merge(
    mut stored: wire::Contact,
    given: wire::Contact,
    mask: &Mask,
) -> (wire::Contact, Vec<String>) {
    let mut changed = Vec::new();
    macro_rules! take {
        ($($field:ident: $populated:expr),* $(,)?) => {$(
            if mask.has(stringify!($field), $populated) {
                stored.$field = given.$field;
                changed.push(stringify!($field).to_owned());
            }
        )*};
    }
    take! {
        given_name: !given.given_name.is_empty(),
        family_name: !given.family_name.is_empty(),
        phone: !given.phone.is_empty(),
        access: given.access != 0,
        letters: !given.letters.is_empty(),
        email: !given.email.is_empty(),
    }
    (stored, changed)
}

impl From<Contact> for wire::Contact {
    fn from(contact: Contact) -> Self {
        let f = contact.fields;
        let letter = |kind: &LetterKind| {
            wire::contact::LetterKind::from_str_name(kind.as_str()).unwrap_or_default().into()
        };
        Self {
            name: contact.id.to_string(),
            client: contact.client.to_string(),
            person: contact.person.to_string(),
            email: f.email.as_str().into(),
            given_name: f.given_name.as_str().into(),
            family_name: f.family_name.as_str().into(),
            phone: f.phone.as_str().into(),
            access: wire::contact::Access::from_str_name(f.access.as_str())
                .unwrap_or_default()
                .into(),
            letters: f.letters.iter().map(letter).collect(),
            main: contact.main,
            etag: etag(contact.revision),
            create_time: Some(timestamp(contact.created_at)),
        }
    }
}
