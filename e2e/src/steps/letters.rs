//! Letters out as the SMTP server got them, letters in, and their tickets.

use super::done;
use crate::{Suite, request_id};
use mail_parser::{MessageParser, MimeHeaders};
use proto::tickets::v1::{
    CloseTicketRequest, CreateMailboxRequest, GetTicketRequest, InboundLetter, IngestLetterRequest,
    ListTicketsRequest, Mailbox, ReplyTicketRequest, Ticket, letters_client::LettersClient,
    mailboxes_client::MailboxesClient, tickets_client::TicketsClient,
};
use testkit::smtp::SinkLetter;

/// Address of the support mailbox.
pub const SUPPORT: &str = "ok@raschet.example";

/// A letter as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Envelope recipients.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Message-ID, without brackets.
    pub message_id: String,
    /// The Message-ID that it answers; empty when it answers none.
    pub in_reply_to: String,
    /// Name and bytes of each attachment.
    pub attachments: Vec<(String, Vec<u8>)>,
}

/// Decodes a letter.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn read(letter: &SinkLetter) -> Read {
    let message = MessageParser::default().parse(&letter.raw).expect("a letter");
    let attachments = message.attachments().map(|part| {
        let name = part.attachment_name().unwrap_or_default().to_owned();
        (name, part.contents().to_vec())
    });
    Read {
        to: letter.to.clone(),
        subject: message.subject().unwrap_or_default().into(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        message_id: message.message_id().unwrap_or_default().into(),
        in_reply_to: message.in_reply_to().as_text().unwrap_or_default().into(),
        attachments: attachments.collect(),
    }
}

/// A plain letter of a customer, as its mail program writes it.
#[must_use]
pub fn letter(from: &str, id: &str, answers: &str, subject: &str, text: &str) -> Vec<u8> {
    let answers = match answers {
        "" => String::new(),
        id => format!("In-Reply-To: <{id}>\r\nReferences: <{id}>\r\n"),
    };
    format!(
        "From: <{from}>\r\nTo: <{SUPPORT}>\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\n\
         {answers}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

impl Suite {
    /// Opens the support mailbox.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn mailbox(&self) {
        let mailbox = Mailbox {
            address: SUPPORT.into(),
            display_name: "Поддержка".into(),
            department: "support".into(),
            ..Default::default()
        };
        let request = CreateMailboxRequest { mailbox: Some(mailbox), request_id: request_id() };
        done(MailboxesClient::new(self.admin.clone()).create_mailbox(request).await);
    }

    /// Hands a letter in.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn ingest(&self, raw: Vec<u8>) -> InboundLetter {
        let request = IngestLetterRequest { raw, request_id: request_id(), ..Default::default() };
        let letters = LettersClient::new(self.admin.clone());
        self.change(&letters, &request, |mut c, r| async move { c.ingest_letter(r).await }).await
    }

    /// A ticket with its messages.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn ticket(&self, name: &str) -> Ticket {
        let request = GetTicketRequest { name: name.into() };
        done(TicketsClient::new(self.admin.clone()).get_ticket(request).await)
    }

    /// Tickets of a client with this subject, with their messages.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn tickets_about(&self, client: &str, subject: &str) -> Vec<Ticket> {
        let request =
            ListTicketsRequest { client: client.into(), page_size: 1000, ..Default::default() };
        let listed = done(TicketsClient::new(self.admin.clone()).list_tickets(request).await);
        let mut found = Vec::new();
        for ticket in listed.tickets.into_iter().filter(|t| t.subject == subject) {
            found.push(self.ticket(&ticket.name).await);
        }
        found
    }

    /// Answers the client.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn reply(&self, ticket: &str, text: &str) -> Ticket {
        let request = ReplyTicketRequest {
            name: ticket.into(),
            text: text.into(),
            request_id: request_id(),
            ..Default::default()
        };
        let tickets = TicketsClient::new(self.admin.clone());
        self.change(&tickets, &request, |mut c, r| async move { c.reply_ticket(r).await }).await
    }

    /// Closes a ticket without a word.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn close_ticket(&self, ticket: &str) -> Ticket {
        let request = CloseTicketRequest {
            name: ticket.into(),
            request_id: request_id(),
            ..Default::default()
        };
        let tickets = TicketsClient::new(self.admin.clone());
        self.change(&tickets, &request, |mut c, r| async move { c.close_ticket(r).await }).await
    }
}
