//! The bank: who pays what and when, and the statement that says so.

use super::{
    catalogue::{Catalogue, House},
    chance::Chance,
    clients::Customer,
    office::{Desk, Office, request_id},
    people::Habit,
};
use anyhow::{Context, Result};
use chrono::{Days, NaiveDate};
use encoding_rs::WINDOWS_1251;
use proto::{
    invoicing::v1::{
        Invoice, ListInvoicesRequest,
        invoice::{PaymentState, State},
        invoices_client::InvoicesClient,
    },
    payments::v1::{
        AllocateLineRequest, AllocationPart, GetLineRequest, IgnoreLineRequest, ImportHeader,
        ImportStatementRequest, Line, ListLinesRequest, line, lines_client::LinesClient,
        statements_client::StatementsClient,
    },
};
use rust_decimal::Decimal;
use std::fmt::Write;
use types::{Money, invented::Company};

/// Most rows of a page.
const PAGE: i32 = 1000;
/// Where requisites of strangers begin.
const STRANGERS: u32 = 9_000;

/// One payment order that the bank booked.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Number of the order.
    pub number: u32,
    /// Booked.
    pub date: NaiveDate,
    /// Roubles.
    pub amount: Decimal,
    /// Who paid.
    pub from: Company,
    /// Purpose.
    pub purpose: String,
}

/// A statement of an account in 1CClientBankExchange 1.03, as the bank's program writes it.
#[must_use]
pub fn statement(own: &Company, payments: &[Payment]) -> Vec<u8> {
    let mut text = format!(
        "1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\nРасчСчет={}\r\n",
        own.account
    );
    for payment in payments {
        let (from, date) = (&payment.from, payment.date.format("%d.%m.%Y"));
        // Text takes whatever is written to it.
        let _ = write!(
            text,
            "СекцияДокумент=Платежное поручение\r\nНомер={}\r\nДата={date}\r\nСумма={:.2}\r\n\
             ДатаПоступило={date}\r\nПлательщикСчет={}\r\nПлательщикИНН={}\r\nПлательщикКПП={}\r\n\
             Плательщик1={}\r\nПлательщикБИК={}\r\nПлательщикКорсчет={}\r\nПолучательСчет={}\r\n\
             ПолучательИНН={}\r\nПолучательБИК={}\r\nНазначениеПлатежа={}\r\nКонецДокумента\r\n",
            payment.number,
            payment.amount,
            from.account,
            from.inn,
            from.kpp,
            from.name,
            from.bic,
            from.correspondent_account,
            own.account,
            own.inn,
            own.bic,
            payment.purpose
        );
    }
    text.push_str("КонецФайла\r\n");
    WINDOWS_1251.encode(&text).0.into_owned()
}

/// Imports a statement; its lines are matched once everything is settled.
///
/// # Errors
/// When it is refused.
pub async fn import(office: &Office, name: &str, file: Vec<u8>) -> Result<()> {
    let header =
        ImportHeader { filename: name.into(), request_id: request_id(), ..Default::default() };
    let message = ImportStatementRequest { header: Some(header), chunk: file };
    let mut statements = StatementsClient::new(office.at(Desk::Treasury, "payments"));
    let answer = statements.import_statement(tokio_stream::iter([message])).await?.into_inner();
    if let Some(bad) = answer.bad_documents.first() {
        anyhow::bail!("{name}, line {}: {}", bad.line, bad.text);
    }
    Ok(())
}

/// Issued invoices of a seller with something left to pay, oldest first.
///
/// # Errors
/// When they cannot be read.
pub async fn open(office: &Office, seller: &str) -> Result<Vec<Invoice>> {
    let mut client = InvoicesClient::new(office.at(Desk::Treasury, "invoicing"));
    let mut all = Vec::new();
    for payment_state in [PaymentState::Open, PaymentState::PartiallyPaid] {
        let request = ListInvoicesRequest {
            seller: seller.into(),
            state: State::Issued.into(),
            payment_state: payment_state.into(),
            page_size: PAGE,
            ..Default::default()
        };
        all.extend(client.list_invoices(request).await?.into_inner().invoices);
    }
    all.retain(|invoice| amount(invoice).is_sign_positive() && !amount(invoice).is_zero());
    all.sort_by_key(|invoice| invoice.sequence);
    Ok(all)
}

/// What is left to pay.
#[must_use]
pub fn amount(invoice: &Invoice) -> Decimal {
    let money = invoice.residual.as_ref().and_then(|money| Money::try_from(money).ok());
    money.map(Money::amount).unwrap_or_default()
}

/// Day of issue.
fn issued(invoice: &Invoice) -> Option<NaiveDate> {
    let date = invoice.issue_date.as_ref()?;
    NaiveDate::from_ymd_opt(date.year, date.month.try_into().ok()?, date.day.try_into().ok()?)
}

/// What a payment order says it is for.
#[must_use]
pub fn purpose(invoice: &Invoice) -> String {
    let date = issued(invoice).map(|day| day.format("%d.%m.%Y").to_string()).unwrap_or_default();
    format!("Оплата по счету № {} от {date}", invoice.number)
}

/// Issued from these days on, some is not paid before the history ends.
#[derive(Debug, Clone, Copy)]
pub struct Unpaid {
    /// Of debtors.
    pub debts_since: NaiveDate,
    /// Of the customer who may log in: there shall be something to pay.
    pub fresh_since: NaiveDate,
}

/// What the clients pay of the open invoices of a seller by a day.
#[must_use]
pub fn payments(
    house: House,
    open: &[Invoice],
    customers: &[Customer],
    day: NaiveDate,
    unpaid: Unpaid,
) -> Vec<Payment> {
    let mut all = Vec::new();
    for invoice in open {
        let Some(customer) = customers.iter().find(|c| c.client == invoice.client) else {
            continue;
        };
        let sequence = u64::try_from(invoice.sequence).unwrap_or_default();
        let mut chance = Chance::of(sequence * 2 + u64::from(house == House::Works));
        if let Some(made) = pays(invoice, customer, day, unpaid, &mut chance) {
            all.push(made);
        }
    }
    all
}

/// The payment of an invoice on a day, if the client's habit makes one.
fn pays(
    invoice: &Invoice,
    customer: &Customer,
    day: NaiveDate,
    unpaid: Unpaid,
    chance: &mut Chance,
) -> Option<Payment> {
    let (person, left, since) = (&customer.person, amount(invoice), issued(invoice)?);
    let again = invoice.payment_state() == PaymentState::PartiallyPaid;
    let delay = match person.habit {
        Habit::Late => chance.between(26, 48),
        Habit::Debtor if since >= unpaid.debts_since => return None,
        _ if person.n == 0 && since >= unpaid.fresh_since => return None,
        _ => chance.between(1, 16),
    };
    let due = since + Days::new(u64::from(delay.unsigned_abs()) + if again { 10 } else { 0 });
    if day < due {
        return None;
    }
    let (mut paid, mut from, mut text) = (left, person.company.clone(), purpose(invoice));
    match person.habit {
        Habit::Halves if !again && chance.percent(60) => {
            paid = (left / Decimal::TWO).round_dp(2).max(Decimal::ONE);
        }
        Habit::Over if chance.percent(45) => {
            let thousand = Decimal::ONE_THOUSAND;
            paid = ((left / thousand).floor() + Decimal::ONE) * thousand;
        }
        Habit::Wordless if chance.percent(50) => text = "Оплата за программу и доступ".into(),
        Habit::Friend if chance.percent(50) => {
            from = Company {
                name: "ООО «Сестринская компания»".into(),
                ..Company::number(STRANGERS)
            };
            let name = &person.company.name;
            text = format!("{text} за {name} по письму");
        }
        _ => {}
    }
    let number =
        u32::try_from(invoice.sequence).unwrap_or_default() + if again { 5_000 } else { 100 };
    Some(Payment { number, date: day, amount: paid, from, purpose: text })
}

/// Money of somebody who is no client: nobody can say what it is for.
#[must_use]
pub fn foreign(n: u32, day: NaiveDate, amount: Decimal, purpose: &str) -> Payment {
    let company = Company::number(STRANGERS + n);
    let name = format!("ООО «Посторонняя фирма {n}»");
    Payment {
        number: 70_000 + n,
        date: day,
        amount,
        from: Company { name, ..company },
        purpose: purpose.into(),
    }
}

/// Imports what the clients pay on a day to both sellers.
///
/// # Errors
/// When that is refused.
pub async fn pay(
    office: &Office,
    catalogue: &Catalogue,
    customers: &[Customer],
    unpaid: Unpaid,
    stranger: Option<Payment>,
) -> Result<usize> {
    let (day, mut lines, mut stranger) = (office.today(), 0, stranger);
    for (house, seller) in &catalogue.sellers {
        let open = open(office, &seller.name).await?;
        let mut made = payments(*house, &open, customers, day, unpaid);
        made.extend(stranger.take());
        if !made.is_empty() {
            lines += made.len();
            let name = format!("kl_to_1c_{}_{}.txt", day.format("%Y%m%d"), &seller.company.inn);
            import(office, &name, statement(&seller.company, &made)).await?;
        }
    }
    // Both statements are matched together.
    if lines > 0 {
        office.settle().await?;
    }
    Ok(lines)
}

/// The treasurer looks through what the machine was not certain of.
///
/// # Errors
/// When that is refused.
pub async fn look_through(office: &Office) -> Result<()> {
    let mut lines = LinesClient::new(office.at(Desk::Treasury, "payments"));
    let request = ListLinesRequest {
        state: line::State::Review.into(),
        page_size: PAGE,
        ..Default::default()
    };
    let waiting = lines.list_lines(request).await?.into_inner().lines;
    let none = waiting.is_empty();
    for line in waiting {
        let line = lines.get_line(GetLineRequest { name: line.name }).await?.into_inner();
        match line.proposals.first().and_then(|proposal| proposal.invoices.first()) {
            Some(invoice) => allocate(office, &line, invoice).await?,
            None => ignore(office, &line).await?,
        }
    }
    if none { Ok(()) } else { office.settle().await }
}

async fn allocate(office: &Office, line: &Line, invoice: &str) -> Result<()> {
    let part = AllocationPart {
        invoice: invoice.into(),
        amount: line.unallocated.clone(),
        ..Default::default()
    };
    let request = AllocateLineRequest {
        name: line.name.clone(),
        parts: vec![part],
        request_id: request_id(),
        ..Default::default()
    };
    let mut lines = LinesClient::new(office.at(Desk::Treasury, "payments"));
    lines.allocate_line(request).await.context("a proposal is not taken")?;
    Ok(())
}

async fn ignore(office: &Office, line: &Line) -> Result<()> {
    let request = IgnoreLineRequest {
        name: line.name.clone(),
        class: "other".into(),
        reason: "не наш клиент, деньги возвращены".into(),
        request_id: request_id(),
        ..Default::default()
    };
    LinesClient::new(office.at(Desk::Treasury, "payments")).ignore_line(request).await?;
    Ok(())
}
