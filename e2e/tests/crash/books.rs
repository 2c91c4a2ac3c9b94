//! The books of a life as lines of text without names, numbers and times: two lives of one seed
//! have the same lines, in any order.

use super::{
    post,
    work::{Member, Work},
};
use e2e::{
    Suite,
    money::{day, text},
    steps::done,
};
use proto::{
    google::r#type as wire,
    invoicing::v1::{
        GetActRequest, GetBalanceRequest, Invoice, ListActsRequest, ListSubscriptionsRequest,
        billing_client::BillingClient, ledger_client::LedgerClient,
        subscriptions_client::SubscriptionsClient,
    },
    payments::v1::{GetLineRequest, ListLinesRequest, line::Direction, lines_client::LinesClient},
    tickets::v1::{ListTicketsRequest, tickets_client::TicketsClient},
};

/// Most rows of a page.
const PAGE: i32 = 1000;

/// Everything that money, service and letters have come to.
pub async fn read(suite: &Suite, work: &Work<'_>) -> Vec<String> {
    let mut books = work.said.clone();
    for member in &work.members {
        books.extend(invoices(suite, member).await);
        books.extend(acts(suite, member).await);
        books.extend(standing(suite, work, member).await);
        books.extend(tickets(suite, member).await);
    }
    books.extend(lines(suite, work).await);
    books.extend(post::journal(suite).await);
    for letter in post::log(suite).await {
        let (to, who) = (letter.recipients.join(" "), work.label(&letter.client));
        let (template, state) = (&letter.template, letter.state().as_str_name());
        books.push(format!("{who} letter {template} to {to}: {state}"));
    }
    books.sort();
    books
}

/// Asserts that two lives have come to the same.
pub fn assert_equal(expected: &[String], found: &[String]) {
    let (lost, added) = (without(expected, found), without(found, expected));
    assert!(
        lost.is_empty() && added.is_empty(),
        "the books differ.\nOnly undisturbed:\n{}\nOnly after kills:\n{}",
        lost.join("\n"),
        added.join("\n")
    );
}

/// Lines of the one that the other lacks, each as often as it is lacking.
fn without(one: &[String], other: &[String]) -> Vec<String> {
    let (mut left, mut lost) = (other.to_vec(), Vec::new());
    for line in one {
        match left.iter().position(|l| l == line) {
            Some(at) => drop(left.swap_remove(at)),
            None => lost.push(line.clone()),
        }
    }
    lost
}

/// An invoice without its number and names: also what it is put in order by.
pub fn face(invoice: &Invoice) -> String {
    let (issued, due) = (day(invoice.issue_date.as_ref()), day(invoice.due_date.as_ref()));
    let mut lines: Vec<String> = invoice
        .lines
        .iter()
        .map(|l| {
            let quantity = l.quantity.as_ref().map_or("", |q| q.value.as_str());
            let (net, tax) = (text(l.net.as_ref()), text(l.tax.as_ref()));
            format!("[{} x{quantity}: {net} + {tax} = {}]", l.text, text(l.amount.as_ref()))
        })
        .collect();
    lines.sort();
    let kind = invoice.kind().as_str_name();
    format!("{kind} of {issued} due {due} {} {}", text(invoice.total.as_ref()), lines.join(" "))
}

async fn invoices(suite: &Suite, member: &Member) -> Vec<String> {
    let all = suite.invoices(&member.customer.client.name).await;
    let told = all.iter().map(|i| {
        let (state, paid) = (i.state().as_str_name(), i.payment_state().as_str_name());
        let (applied, left) = (text(i.applied.as_ref()), text(i.residual.as_ref()));
        let who = &member.label;
        format!("{who} invoice {}: {state} {paid}, {applied} applied, {left} left", face(i))
    });
    told.collect()
}

async fn acts(suite: &Suite, member: &Member) -> Vec<String> {
    let client = member.customer.client.name.clone();
    let request = ListActsRequest { client, page_size: PAGE, ..Default::default() };
    let mut billing = BillingClient::new(suite.admin.clone());
    let mut told = Vec::new();
    for act in done(billing.list_acts(request).await).acts {
        let act = done(billing.get_act(GetActRequest { name: act.name }).await);
        let lines = act.lines.iter().map(|l| format!("[{}: {}]", l.text, text(l.amount.as_ref())));
        let mut lines: Vec<String> = lines.collect();
        lines.sort();
        let (date, total) = (day(act.date.as_ref()), text(act.total.as_ref()));
        told.push(format!("{} act of {date} {total} {}", member.label, lines.join(" ")));
    }
    told
}

/// Subscriptions and balances.
async fn standing(suite: &Suite, work: &Work<'_>, member: &Member) -> Vec<String> {
    let (who, client) = (&member.label, member.customer.client.name.clone());
    let request =
        ListSubscriptionsRequest { client: client.clone(), page_size: PAGE, ..Default::default() };
    let mut subscriptions = SubscriptionsClient::new(suite.admin.clone());
    let listed = done(subscriptions.list_subscriptions(request).await).subscriptions;
    let mut told: Vec<String> = listed
        .iter()
        .map(|s| {
            let date = |d: &Option<wire::Date>| day(d.as_ref());
            let (start, billed) = (date(&s.start_date), date(&s.billed_through));
            let (title, state, paid) = (&s.title, s.state().as_str_name(), date(&s.paid_through));
            format!(
                "{who} has {title} x{} {state} {start}, {billed} billed, {paid} paid",
                s.quantity
            )
        })
        .collect();
    let balance = LedgerClient::new(suite.admin.clone());
    let request = GetBalanceRequest { client };
    for row in done(balance.clone().get_balance(request).await).sellers {
        let seller = work.seller(&row.seller);
        let sums = [&row.credit, &row.due, &row.advances, &row.receivable];
        let sums = sums.map(|m| text(m.as_ref())).join(" / ");
        told.push(format!("{who} with {seller}: {sums}"));
    }
    told
}

async fn tickets(suite: &Suite, member: &Member) -> Vec<String> {
    let client = member.customer.client.name.clone();
    let request = ListTicketsRequest { client, page_size: PAGE, ..Default::default() };
    let listed = done(TicketsClient::new(suite.admin.clone()).list_tickets(request).await).tickets;
    let mut told = Vec::new();
    for ticket in listed {
        let ticket = suite.ticket(&ticket.name).await;
        let messages = ticket.messages.iter().map(|m| {
            // What the suite writes itself may name the invoice's number.
            let digits = |c: char| if c.is_ascii_digit() { '#' } else { c };
            format!(
                "[{} {}]",
                m.kind().as_str_name(),
                m.text.chars().map(digits).collect::<String>()
            )
        });
        let messages: Vec<String> = messages.collect();
        let (origin, state) = (ticket.origin().as_str_name(), ticket.state().as_str_name());
        let (department, opened) = (&ticket.department, ticket.reopen_count);
        let subject: String = ticket.subject.chars().filter(|c| !c.is_ascii_digit()).collect();
        told.push(format!(
            "{} ticket {origin} {department} {subject:?}: {state}, opened again {opened}: {}",
            member.label,
            messages.join(" ")
        ));
    }
    told
}

/// What came to the bank, and what it was meant for.
async fn lines(suite: &Suite, work: &Work<'_>) -> Vec<String> {
    let request =
        ListLinesRequest { direction: Direction::In.into(), page_size: PAGE, ..Default::default() };
    let mut client = LinesClient::new(suite.admin.clone());
    let mut told = Vec::new();
    for line in done(client.list_lines(request).await).lines {
        let line = done(client.get_line(GetLineRequest { name: line.name }).await);
        let mut parts: Vec<String> = line
            .allocations
            .iter()
            .map(|a| {
                let sums = [&a.amount, &a.applied, &a.credit].map(|m| text(m.as_ref())).join("/");
                let meant = if a.invoice.is_empty() { "credit" } else { "invoice" };
                let back = if a.reversed { " back" } else { "" };
                format!("[{} {meant} {sums}{back}]", work.label(&a.client))
            })
            .collect();
        parts.sort();
        let (state, left) = (line.state().as_str_name(), text(line.unallocated.as_ref()));
        let (number, amount) = (&line.document_number, text(line.amount.as_ref()));
        told.push(format!("money {number} {amount}: {state}, {left} left {}", parts.join(" ")));
    }
    told
}
