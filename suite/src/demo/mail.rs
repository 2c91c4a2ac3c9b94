//! What clients write, and what is answered.

use super::{
    catalogue::mailbox,
    clients::Customer,
    office::{Desk, Office, request_id},
};
use anyhow::Result;
use chrono::{DateTime, Utc};
use proto::tickets::v1::{
    AddTicketNoteRequest, AssignTicketRequest, CloseTicketRequest, CreateMailboxRequest,
    IngestLetterRequest, ListTicketsRequest, Mailbox, ReplyTicketRequest, Ticket,
    letters_client::LettersClient, mailboxes_client::MailboxesClient, ticket::State,
    tickets_client::TicketsClient,
};

/// Subject, text, and the answer of support.
pub type Talk = (&'static str, &'static str, &'static str);

/// What they talk about over the years.
pub const TALKS: [Talk; 10] = [
    (
        "Не печатает принтер",
        "Здравствуйте! После обновления не печатает принтер в бухгалтерии, остальные печатают.",
        "Здравствуйте! Драйвер на сервере обновили, отправьте пробную страницу, пожалуйста.",
    ),
    (
        "Добавить пользователя",
        "Добрый день. С понедельника выходит новый сотрудник, нужен ещё один доступ.",
        "Добрый день! Подготовили расчёт, счёт придёт отдельным письмом.",
    ),
    (
        "Акт за прошлый месяц",
        "Пришлите, пожалуйста, акт за прошлый месяц: не можем закрыть период.",
        "Здравствуйте! Акт сформирован, оригинал уйдёт почтой, скан во вложении к закрытию.",
    ),
    (
        "Медленно открывается база",
        "С утра база открывается по две минуты. Вчера было нормально.",
        "Здравствуйте! Перенесли базу на другой диск, проверьте скорость, пожалуйста.",
    ),
    (
        "Забыли пароль",
        "Коллега вернулся из отпуска и не помнит пароль от рабочего стола.",
        "Добрый день! Временный пароль сообщили по телефону директору.",
    ),
    (
        "Оплатили счёт",
        "Оплатили счёт сегодня, когда всё заработает?",
        "Здравствуйте! Платёж виден, услуга продлена.",
    ),
    (
        "Шумит линия",
        "На второй линии треск, клиенты жалуются.",
        "Добрый день! Переключили линию на другой порт, послушайте, пожалуйста.",
    ),
    (
        "Смена реквизитов",
        "У нас сменился адрес, карточка во вложении. Что нужно сделать?",
        "Здравствуйте! Реквизиты обновили, со следующего счёта они новые.",
    ),
    (
        "Когда скидка?",
        "В прошлом году обещали скидку за год вперёд. Она ещё действует?",
        "Добрый день! Да, при оплате за год. Подготовить счёт?",
    ),
    (
        "Не видно отчёта",
        "Отправили отчёт, а статуса нет третий день.",
        "Здравствуйте! Протокол получен, отчёт принят, статус обновится к вечеру.",
    ),
];

/// Opens the company's mailboxes.
///
/// # Errors
/// When that is refused.
pub async fn mailboxes(office: &Office) -> Result<()> {
    let boxes = [
        ("ok", "Поддержка «Облачного причала»", "support", true),
        ("buh", "Расчёты «Облачного причала»", "billing", false),
    ];
    for (name, display, department, accept_unknown) in boxes {
        let mailbox = Mailbox {
            address: mailbox(name),
            display_name: display.into(),
            department: department.into(),
            accept_unknown,
            ..Default::default()
        };
        let request = CreateMailboxRequest { mailbox: Some(mailbox), request_id: request_id() };
        MailboxesClient::new(office.operator("tickets")).create_mailbox(request).await?;
    }
    Ok(())
}

/// A plain letter to support, as a mail program writes it.
fn letter(from: &str, name: &str, at: DateTime<Utc>, subject: &str, text: &str) -> Vec<u8> {
    letter_to("ok", from, name, at, (subject, text))
}

/// A plain letter to one of the mailboxes.
fn letter_to(
    to: &str,
    from: &str,
    name: &str,
    at: DateTime<Utc>,
    (subject, text): (&str, &str),
) -> Vec<u8> {
    let (date, to) = (at.to_rfc2822(), mailbox(to));
    let domain = from.split_once('@').map_or("demo.example", |(_, domain)| domain);
    let id = format!("{}.{}@{domain}", at.timestamp(), request_id());
    format!(
        "From: {name} <{from}>\r\nTo: <{to}>\r\nDate: {date}\r\nSubject: {subject}\r\n\
         Message-ID: <{id}>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n\r\n--\r\n{name}\r\n"
    )
    .into_bytes()
}

/// A client writes; answers the ticket.
///
/// # Errors
/// When the letter is refused.
pub async fn write(
    office: &Office,
    customer: &Customer,
    subject: &str,
    text: &str,
) -> Result<String> {
    let person = &customer.person;
    let name = format!("{} {}", person.given, person.family);
    ingest(office, letter(&person.email(), &name, office.now(), subject, text)).await
}

/// Somebody unknown writes; answers the ticket.
///
/// # Errors
/// When the letter is refused.
pub async fn write_unknown(office: &Office, subject: &str, text: &str) -> Result<String> {
    let raw = letter("mila@sosedi.example", "Мила Соседова", office.now(), subject, text);
    ingest(office, raw).await
}

/// Somebody unknown writes to the mailbox of accounts, which is for clients only: the letter waits
/// for whoever vouches for it.
///
/// # Errors
/// When the letter is refused.
pub async fn write_stranger(office: &Office, subject: &str, text: &str) -> Result<()> {
    let from = "otdel@postavka.example";
    let raw = letter_to("buh", from, "Отдел поставок", office.now(), (subject, text));
    let request = IngestLetterRequest { raw, request_id: request_id(), ..Default::default() };
    LettersClient::new(office.at(Desk::Support, "tickets")).ingest_letter(request).await?;
    Ok(())
}

async fn ingest(office: &Office, raw: Vec<u8>) -> Result<String> {
    let request = IngestLetterRequest { raw, request_id: request_id(), ..Default::default() };
    let mut letters = LettersClient::new(office.at(Desk::Support, "tickets"));
    let taken = letters.ingest_letter(request).await?.into_inner();
    anyhow::ensure!(!taken.ticket.is_empty(), "a letter became no ticket: {}", taken.reason);
    Ok(taken.ticket)
}

/// Support takes a ticket.
///
/// # Errors
/// When that is refused.
pub async fn take(office: &Office, ticket: &str, desk: Desk) -> Result<()> {
    let request = AssignTicketRequest {
        name: ticket.into(),
        assignee: office.name(desk),
        request_id: request_id(),
        ..Default::default()
    };
    TicketsClient::new(office.at(desk, "tickets")).assign_ticket(request).await?;
    Ok(())
}

/// Support answers.
///
/// # Errors
/// When that is refused.
pub async fn reply(office: &Office, ticket: &str, desk: Desk, text: &str) -> Result<()> {
    let request = ReplyTicketRequest {
        name: ticket.into(),
        text: text.into(),
        request_id: request_id(),
        ..Default::default()
    };
    TicketsClient::new(office.at(desk, "tickets")).reply_ticket(request).await?;
    Ok(())
}

/// Somebody writes down what the client must not read.
///
/// # Errors
/// When that is refused.
pub async fn note(office: &Office, ticket: &str, desk: Desk, text: &str) -> Result<()> {
    let request =
        AddTicketNoteRequest { name: ticket.into(), text: text.into(), request_id: request_id() };
    TicketsClient::new(office.at(desk, "tickets")).add_ticket_note(request).await?;
    Ok(())
}

/// Closes a ticket without a word.
///
/// # Errors
/// When that is refused.
pub async fn close(office: &Office, ticket: &str, desk: Desk) -> Result<()> {
    let request =
        CloseTicketRequest { name: ticket.into(), request_id: request_id(), ..Default::default() };
    TicketsClient::new(office.at(desk, "tickets")).close_ticket(request).await?;
    Ok(())
}

/// Open tickets of a department.
///
/// # Errors
/// When they cannot be read.
pub async fn open(office: &Office, department: &str) -> Result<Vec<Ticket>> {
    let request = ListTicketsRequest {
        department: department.into(),
        state: State::Open.into(),
        page_size: 1000,
        ..Default::default()
    };
    let mut tickets = TicketsClient::new(office.at(Desk::Support, "tickets"));
    Ok(tickets.list_tickets(request).await?.into_inner().tickets)
}
