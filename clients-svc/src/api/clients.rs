//! Clients: create, read, list, update.

mod convert;

use super::{Api, name, total};
use crate::{
    domain::{
        clients::{Client, ClientFields, Stage},
        contacts::{Access, Contact, ContactFields, LetterKind},
    },
    store::{self, clients::Filter, people::NewPerson},
};
use convert::{merge, parse, parse_password};
use proto::clients::v1::{self as wire, clients_server::Clients};
use service::{Failure, Text, check_etag, idempotency, mask::Mask, page, page::Page};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::{
    email::EmailAddress,
    id::{ClientId, ContactId, PersonId, StaffId},
};

/// Fields that UpdateClient may name in its mask.
const MASK: &[&str] = &[
    "kind",
    "given_name",
    "family_name",
    "company",
    "email",
    "phone",
    "language",
    "zone",
    "security_question",
    "manager",
    "never_suspend",
    "no_overdue_notices",
    "no_late_fees",
];

/// Most clients that one call names.
const BATCH: usize = 1000;

#[tonic::async_trait]
impl Clients for Api {
    async fn get_client(
        &self,
        request: Request<wire::GetClientRequest>,
    ) -> Result<Response<wire::Client>, Status> {
        let id = name("name", &request.get_ref().name)?;
        Ok(Response::new(self.client(id).await?.into()))
    }

    async fn list_clients(
        &self,
        request: Request<wire::ListClientsRequest>,
    ) -> Result<Response<wire::ListClientsResponse>, Status> {
        Ok(Response::new(self.list(request.get_ref()).await?))
    }

    async fn batch_get_clients(
        &self,
        request: Request<wire::BatchGetClientsRequest>,
    ) -> Result<Response<wire::BatchGetClientsResponse>, Status> {
        Ok(Response::new(self.batch(&request.get_ref().names).await?))
    }

    async fn create_client(
        &self,
        request: Request<wire::CreateClientRequest>,
    ) -> Result<Response<wire::Client>, Status> {
        Ok(Response::new(self.create(&request).await?))
    }

    async fn update_client(
        &self,
        request: Request<wire::UpdateClientRequest>,
    ) -> Result<Response<wire::Client>, Status> {
        Ok(Response::new(self.update(&request).await?))
    }

    async fn get_profile(
        &self,
        request: Request<wire::GetProfileRequest>,
    ) -> Result<Response<wire::Profile>, Status> {
        let id = name("client", &request.get_ref().client)?;
        Ok(Response::new(self.profile(id).await?))
    }

    async fn list_profiles(
        &self,
        request: Request<wire::ListProfilesRequest>,
    ) -> Result<Response<wire::ListProfilesResponse>, Status> {
        Ok(Response::new(self.profiles(request.get_ref()).await?))
    }
}

impl Api {
    async fn client(&self, id: ClientId) -> Result<Client, Failure> {
        let mut conn = self.frame.pool.acquire().await?;
        let client = store::clients::get(&mut conn, id).await?;
        client.ok_or_else(|| Failure::not_found(id.to_string()))
    }

    async fn batch(&self, names: &[String]) -> Result<wire::BatchGetClientsResponse, Failure> {
        if names.len() > BATCH {
            let ru = format!("Не более {BATCH} имён за раз.");
            let text = Text::new(ru, format!("At most {BATCH} names at a time."));
            return Err(Failure::invalid("names", text));
        }
        let ids = names.iter().map(|text| name("names", text));
        let ids: Vec<ClientId> = ids.collect::<Result<_, _>>()?;
        let mut conn = self.frame.pool.acquire().await?;
        let clients = store::clients::get_all(&mut conn, &ids).await?;
        let clients = clients.into_iter().map(Into::into).collect();
        Ok(wire::BatchGetClientsResponse { clients })
    }

    async fn list(
        &self,
        msg: &wire::ListClientsRequest,
    ) -> Result<wire::ListClientsResponse, Failure> {
        let filter = Filter {
            // PostgreSQL has no text with a NUL in it.
            query: msg.query.trim().chars().filter(|c| *c != '\0').take(100).collect(),
            stage: Stage::from_word(msg.stage().as_str_name()),
        };
        let bound = (&filter.query, msg.stage);
        let page: Page<i64> = Page::read(msg.page_size, &msg.page_token, &bound)?;
        let mut conn = self.frame.pool.acquire().await?;
        let after = page.after().copied();
        let rows = store::clients::list(&mut conn, &filter, after, page.limit()).await?;
        let count = store::clients::count(&mut conn, &filter, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |c| c.number);
        Ok(wire::ListClientsResponse {
            clients: rows.into_iter().map(Into::into).collect(),
            next_page_token,
            total_size: total(count),
        })
    }

    async fn create(
        &self,
        request: &Request<wire::CreateClientRequest>,
    ) -> Result<wire::Client, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let given = msg.client.clone().unwrap_or_default();
        let fields = parse(&given)?;
        let password = parse_password(&given.password)?;
        let hash = match password {
            Some(password) => Some(self.hasher.hash(password.expose().into()).await?),
            None => None,
        };
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        refuse_taken(&mut tx, &fields.email, None).await?;
        refuse_stranger(&mut tx, fields.manager).await?;
        let client = self.insert(&mut tx, fields, hash, &actor).await?;
        let reply = idempotency::finish(&mut tx, key, client.into()).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(reply)
    }

    async fn insert(
        &self,
        tx: &mut PgConnection,
        fields: ClientFields,
        hash: Option<String>,
        actor: &str,
    ) -> Result<Client, Failure> {
        let now = self.frame.clock.now();
        let (person, has_password) = store::people::find_or_insert(
            tx,
            &NewPerson {
                id: PersonId::generate(),
                email: &fields.email,
                given_name: &fields.given_name,
                family_name: &fields.family_name,
                phone: &fields.phone,
                created_at: now,
            },
        )
        .await?;
        if let Some(hash) = hash {
            if has_password {
                return Err(Failure::invalid("client.password", password_exists()));
            }
            store::people::set_password(tx, person, &hash, false).await?;
        }
        let id = ClientId::generate();
        let main = main_contact(id, person, &fields, now);
        let number = store::clients::next_number(tx).await?;
        let client = Client {
            id,
            number,
            person,
            fields,
            stage: Stage::Sales,
            revision: 1,
            created_at: now,
        };
        store::clients::insert(tx, &client).await.map_err(taken(&client.fields.email))?;
        store::contacts::insert(tx, &main).await?;
        let created = ["created".to_owned()];
        store::history::append(tx, &id.to_string(), &created, actor, now).await?;
        self.changed(tx, id, client.revision).await?;
        // The person may have been there, with names of its own: answer what is stored.
        let stored = store::clients::get(tx, id).await?;
        stored.ok_or_else(|| Failure::not_found(id.to_string()))
    }

    async fn update(
        &self,
        request: &Request<wire::UpdateClientRequest>,
    ) -> Result<wire::Client, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let given = msg.client.clone().unwrap_or_default();
        let id: ClientId = name("client.name", &given.name)?;
        let mask = Mask::read(msg.update_mask.as_ref(), MASK)?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let client = store::clients::lock(&mut tx, id)
            .await?
            .ok_or_else(|| Failure::not_found(id.to_string()))?;
        check_etag(&given.etag, client.revision)?;
        let (merged, changed) = merge(client.clone().into(), given, &mask);
        let fields = parse(&merged)?;
        refuse_taken(&mut tx, &fields.email, Some(id)).await?;
        refuse_stranger(&mut tx, fields.manager).await?;
        let client = self.change(&mut tx, client, fields).await?;
        let now = self.frame.clock.now();
        store::history::append(&mut tx, &id.to_string(), &changed, &actor, now).await?;
        self.changed(&mut tx, id, client.revision).await?;
        let reply = idempotency::finish(&mut tx, key, client.into()).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(reply)
    }

    /// Stores new fields; another main address makes another person the main contact.
    async fn change(
        &self,
        tx: &mut PgConnection,
        before: Client,
        fields: ClientFields,
    ) -> Result<Client, Failure> {
        let now = self.frame.clock.now();
        let mut person = before.person;
        if fields.email != before.fields.email {
            let new = NewPerson {
                id: PersonId::generate(),
                email: &fields.email,
                given_name: &fields.given_name,
                family_name: &fields.family_name,
                phone: &fields.phone,
                created_at: now,
            };
            (person, _) = store::people::find_or_insert(tx, &new).await?;
            store::contacts::clear_main(tx, before.id).await?;
            match store::contacts::of_person(tx, before.id, person).await? {
                Some(contact) => {
                    let revision = contact.revision + 1;
                    let contact = Contact { main: true, revision, ..contact };
                    store::contacts::update(tx, &contact).await?;
                }
                None => {
                    let contact = main_contact(before.id, person, &fields, now);
                    store::contacts::insert(tx, &contact).await?;
                }
            }
        }
        let (given, family) = (&fields.given_name, &fields.family_name);
        store::people::update(tx, person, given, family, &fields.phone).await?;
        let revision = before.revision + 1;
        let client = Client { person, fields, revision, ..before };
        store::clients::update(tx, &client).await.map_err(taken(&client.fields.email))?;
        Ok(client)
    }
}

fn main_contact(
    client: ClientId,
    person: PersonId,
    fields: &ClientFields,
    created_at: chrono::DateTime<chrono::Utc>,
) -> Contact {
    Contact {
        id: ContactId::generate(),
        client,
        person,
        fields: ContactFields {
            email: fields.email.clone(),
            given_name: fields.given_name.clone(),
            family_name: fields.family_name.clone(),
            phone: fields.phone.clone(),
            access: Access::Owner,
            letters: vec![LetterKind::Billing, LetterKind::Support, LetterKind::General],
        },
        main: true,
        revision: 1,
        created_at,
    }
}

/// A35, G48: names the client that has the address.
async fn refuse_taken(
    conn: &mut PgConnection,
    email: &EmailAddress,
    own: Option<ClientId>,
) -> Result<(), Failure> {
    match store::clients::with_main_address(conn, email.key()).await? {
        Some((id, number)) if Some(id) != own => Err(address_taken(&id.to_string(), number)),
        _ => Ok(()),
    }
}

/// A93: who looks after a client is a colleague.
async fn refuse_stranger(conn: &mut PgConnection, manager: Option<StaffId>) -> Result<(), Failure> {
    let Some(id) = manager else { return Ok(()) };
    if store::staff::get(conn, id).await?.is_some() {
        return Ok(());
    }
    let text = Text::new("Такого сотрудника нет.", "There is no such member of staff.");
    Err(Failure::invalid("client.manager", text))
}

fn address_taken(owner: &str, number: i64) -> Failure {
    Failure::exists(
        "MAIN_ADDRESS_TAKEN",
        owner,
        Text::new(
            format!("Этот адрес – основной у клиента № {number}. Укажите другой."),
            format!("This is the main address of client No. {number}. Give another one."),
        ),
    )
    .with("number", number.to_string())
}

/// Two calls at once: the constraint decides, the text says what the check would have said.
fn taken(email: &EmailAddress) -> impl FnOnce(sqlx::Error) -> Failure {
    let email = email.as_str().to_owned();
    move |error| {
        Failure::from(error).on_constraint("clients_main_email_key", || {
            Failure::exists(
                "MAIN_ADDRESS_TAKEN",
                email,
                Text::new(
                    "Этот адрес – основной у другого клиента. Укажите другой.",
                    "This is the main address of another client. Give another one.",
                ),
            )
        })
    }
}

fn password_exists() -> Text {
    Text::new(
        "У человека с этим адресом уже есть пароль; оставьте поле пустым.",
        "The person with this address has a password already; leave the field empty.",
    )
}
