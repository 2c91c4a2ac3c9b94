//! tickets-svc: what clients say, and what is said to them.

pub mod api;
pub mod audit;
pub mod config;
pub mod domain;
pub mod jobs;
pub mod readers;
pub mod store;

use config::Settings;
use jobs::post::Post;
use proto::tickets::v1::{
    calendar_events_server::CalendarEventsServer, client_tickets_server::ClientTicketsServer,
    letters_server::LettersServer, mailboxes_server::MailboxesServer,
    notepads_server::NotepadsServer, tasks_server::TasksServer, tickets_server::TicketsServer,
};
use readers::letters::LETTER_BYTES_MAX;
use service::{App, Frame};
use sqlx::migrate::Migrator;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Room of a call that brings a letter, beside the letter.
const CALL_BYTES: usize = 64 * 1024;

/// The service.
#[derive(Debug)]
pub struct Service;

impl service::Service for Service {
    const NAME: &'static str = "tickets";

    type Settings = Settings;

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn app(frame: Frame, settings: Settings) -> anyhow::Result<App> {
        let post = Post::open(&settings)?;
        let imap = jobs::imap::Imap::open(&settings)?;
        let lmtp = jobs::lmtp::Lmtp::new(&settings);
        let letters = LettersServer::new(api::letters::Api::new(&frame, post.clone()))
            .max_decoding_message_size(LETTER_BYTES_MAX + CALL_BYTES);
        Ok(App::new(&frame)
            .rpc(TicketsServer::new(api::tickets::Api::new(&frame, post.clone())))
            .rpc(ClientTicketsServer::new(api::client_tickets::Api::new(&frame)))
            .rpc(letters)
            .rpc(MailboxesServer::new(api::mailboxes::Api::new(&frame)))
            .rpc(NotepadsServer::new(api::notepads::Api::new(&frame)))
            .rpc(TasksServer::new(api::tasks::Api::new(&frame)))
            .rpc(CalendarEventsServer::new(api::calendar_events::Api::new(&frame)))
            .follow("clients", jobs::clients_follower::ClientsFollower::new(&frame))
            .follow("invoicing", {
                jobs::invoicing_follower::InvoicingFollower::new(&frame, post.clone())
            })
            .task("imap", move |frame, stop| imap.clone().run(frame, stop))
            .task("lmtp", move |frame, stop| lmtp.clone().run(frame, stop))
            .worker(jobs::waking::Waking::new(&frame))
            .worker(jobs::intake::Intake::new(&frame, post.clone()))
            .worker(jobs::outbox::Outbox::new(&frame, post))
            .gauges(store::gauges::read)
            .audit(audit::checks))
    }
}
