//! tickets-svc over real gRPC, PostgreSQL and SMTP.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod adversarial;
mod audit;
mod calendar_events;
mod complaints;
mod fakes;
mod feeds;
mod histories;
mod imap;
mod imap_hostile;
mod inbound;
mod joining;
mod lmtp;
mod mailboxes;
mod names;
mod notepads;
mod outages;
mod outbound;
mod parking;
mod repetition;
mod returns;
mod samples;
mod stepping_up;
mod tasks;
mod tickets;
mod trust;
mod variety;

use fakes::Fakes;
use proto::tickets::v1::{
    self as wire, letters_client::LettersClient, mailboxes_client::MailboxesClient,
    tickets_client::TicketsClient,
};
use service::Role;
use testkit::{Harness, SmtpSink};
use tickets_svc::Service;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;
use types::id::ClientId;
use uuid::Uuid;

/// 26.02.2019 14:13 in Moscow (G30).
const NOW: &str = "2019-02-26T11:13:00Z";

/// Client of the tests, whose main address is `buh@client.example`.
fn client() -> ClientId {
    ClientId(Uuid::from_u128(7583))
}

fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// A service with a real SMTP server, a mailbox `ok@company.example`, and one client.
struct World {
    harness: Harness,
    sink: SmtpSink,
    fakes: Fakes,
}

impl World {
    async fn start() -> Self {
        let world = Self::bare().await;
        world.mailbox("ok@company.example", |_| {}).await;
        world
    }

    /// Without a mailbox.
    async fn bare() -> Self {
        Self::with(&[]).await
    }

    /// Without a mailbox, with settings.
    async fn with(more: &[&str]) -> Self {
        let sink = SmtpSink::start();
        let url = format!("smtp://127.0.0.1:{}", sink.port());
        let mut harness =
            Harness::start::<Service>(NOW, &[&["--smtp-url", &url], more].concat()).await;
        let fakes = Fakes::default();
        fakes.serve(&mut harness);
        let world = Self { harness, sink, fakes };
        world.fakes.client(client(), &["buh@client.example", "tech@client.example"]);
        world.know(client()).await;
        world
    }

    /// Has the service learn of a client.
    async fn know(&self, client: ClientId) {
        let known = tickets_svc::jobs::profiles::ensure(self.harness.frame(), client).await;
        assert!(known.unwrap());
    }

    async fn mailbox(&self, address: &str, change: impl FnOnce(&mut wire::Mailbox)) {
        let mut mailbox = wire::Mailbox {
            address: address.into(),
            display_name: "Поддержка".into(),
            department: "support".into(),
            ..wire::Mailbox::default()
        };
        change(&mut mailbox);
        let mut mailboxes = MailboxesClient::new(self.harness.client_as(Role::Admin));
        let request =
            wire::CreateMailboxRequest { mailbox: Some(mailbox), request_id: request_id() };
        mailboxes.create_mailbox(request).await.unwrap();
    }

    fn letters(&self) -> LettersClient<service::PeerChannel> {
        LettersClient::new(self.harness.client_as(Role::Support))
    }

    fn tickets(&self) -> TicketsClient<service::PeerChannel> {
        TicketsClient::new(self.harness.client_as(Role::Support))
    }

    async fn ingest(&self, raw: impl Into<Vec<u8>>) -> wire::InboundLetter {
        let request = wire::IngestLetterRequest {
            raw: raw.into(),
            request_id: request_id(),
            ..wire::IngestLetterRequest::default()
        };
        self.letters().ingest_letter(request).await.unwrap().into_inner()
    }

    async fn ticket(&self, name: &str) -> wire::Ticket {
        let request = wire::GetTicketRequest { name: name.into() };
        self.tickets().get_ticket(request).await.unwrap().into_inner()
    }

    /// Waits for rest; fails if anything is parked or any invariant broken.
    async fn finish(self) {
        self.harness.settle().await;
        let checks = tickets_svc::audit::checks(self.harness.frame().clone()).await.unwrap();
        assert_eq!(checks.len(), 7);
        for check in checks {
            assert!(check.discrepancies.is_empty(), "{}: {:?}", check.name, check.discrepancies);
        }
        self.harness.finish().await;
    }
}

/// A letter of the client.
fn letter(id: &str, more: &str, text: &str) -> String {
    format!(
        "From: \"Бухгалтер\" <buh@client.example>\r\nTo: ok@company.example\r\n\
         Subject: disk\r\nMessage-ID: <{id}@client.example>\r\n\
         Date: Tue, 26 Feb 2019 14:13:00 +0300\r\n{more}\r\n{text}\r\n"
    )
}

/// A day such as 2019-02-26.
fn date(day: &str) -> Option<proto::google::r#type::Date> {
    day.parse::<chrono::NaiveDate>().ok().map(Into::into)
}

/// The refusal, with its code and its reason.
#[track_caller]
fn refused<T: std::fmt::Debug>(
    result: Result<Response<T>, Status>,
    code: Code,
    reason: &str,
) -> Status {
    let status = result.unwrap_err();
    let found = status.get_details_error_info().map(|info| info.reason);
    assert_eq!((status.code(), found.as_deref()), (code, Some(reason)), "{status:?}");
    status
}

/// Fields that a refusal names.
fn fields(status: &Status) -> Vec<String> {
    let details = status.get_details_bad_request();
    let violations = details.map(|details| details.field_violations).unwrap_or_default();
    violations.into_iter().map(|violation| violation.field).collect()
}

/// What our own reader makes of a letter that left.
fn read(raw: &[u8]) -> tickets_svc::domain::letters::Letter {
    tickets_svc::readers::letters::read(raw).unwrap()
}
