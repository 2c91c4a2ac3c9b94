//! Letters to measure with: typical ones of many clients, and the worst known.

use crate::{door::request_id, stage::Stage};
use anyhow::Result;
use proto::tickets::v1::{CreateMailboxRequest, Mailbox, mailboxes_client::MailboxesClient};
use sqlx::PgPool;
use uuid::Uuid;

/// Clients who write by turns: no one opens so many tickets at once that it looks like a robot.
pub const CLIENTS: usize = 4_000;

/// A mailbox, and clients with an address each.
///
/// # Errors
/// When the service or its database refuses.
pub async fn arrange(stage: &Stage, pool: &PgPool) -> Result<()> {
    let mailbox = Mailbox {
        address: "ok@company.example".into(),
        display_name: "Поддержка".into(),
        department: "support".into(),
        ..Mailbox::default()
    };
    let request = CreateMailboxRequest { mailbox: Some(mailbox), request_id: request_id() };
    MailboxesClient::new(stage.channel("tickets")).create_mailbox(request).await?;
    let ids: Vec<Uuid> = (0..CLIENTS).map(|_| Uuid::now_v7()).collect();
    let addresses: Vec<String> = (0..CLIENTS).map(address).collect();
    sqlx::query(
        "with given as (
            select * from unnest($1::uuid[], $2::text[]) as g (id, address)
        ), known as (
            insert into clients (id, revision, title, language, zone)
            select id, 1, address, 'ru', 'Europe/Moscow' from given
        )
        insert into client_addresses (client_id, address_key, address, main, audiences)
        select id, address, address, true, '{}' from given",
    )
    .bind(ids)
    .bind(addresses)
    .execute(pool)
    .await?;
    sqlx::query("vacuum analyze").execute(pool).await?;
    Ok(())
}

/// The address of a client.
#[must_use]
pub fn address(client: usize) -> String {
    format!("buh@client-{client}.example")
}

/// A letter of about two kilobytes, as an accountant writes it.
#[must_use]
pub fn letter(n: usize) -> String {
    let from = address(n % CLIENTS);
    let lines: String = (1..=20)
        .map(|line| format!("{line}. Просим добавить рабочее место и 5 ГБ диска с 1 числа.\r\n"))
        .collect();
    format!(
        "Received: from mx.client.example by mx.company.example; Thu, 1 Jan 2026 12:00:00 +0300\r\n\
         From: \"Бухгалтерия\" <{from}>\r\nTo: ok@company.example\r\nSubject: Заявка {n}\r\n\
         Message-ID: <{n}@client.example>\r\nDate: Thu, 1 Jan 2026 12:00:00 +0300\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\nДобрый день!\r\n\r\n{lines}\r\n-- \r\n\
         С уважением, бухгалтерия, заявка {n}\r\n"
    )
}

/// Letters made to take long.
#[must_use]
pub fn worst() -> [(&'static str, String); 7] {
    let html = |body: String| format!("From: a@b.example\nContent-Type: text/html\n\n{body}");
    let part = |head: &str, body: String| {
        let mixed = "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n";
        format!("{mixed}{head}{body}\nx\n--b--\n")
    };
    let fields = || "X-A: b\n".repeat(4_000_000);
    let nested = "Content-Type: message/rfc822\n\n";
    [
        ("100,000 nested tags", html("<div>".repeat(100_000))),
        ("60,000 entities", html("&amp;".repeat(60_000))),
        ("HTML of 10 MB of blanks", html(" ".repeat(10 * 1024 * 1024))),
        ("4 million headers", format!("From: a@b.example\n{}\nx", fields())),
        ("4 million headers of a part", part("", fields())),
        ("4 million headers of a letter within", part(nested, fields())),
        ("30 MB of text", format!("From: a@b.example\n\n{}", "я".repeat(15_000_000))),
    ]
}
