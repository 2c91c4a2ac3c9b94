//! `raschet billing run` and `raschet billing close`.

use super::{money, moneys, request_id};
use crate::{
    cli::{Billing, BillingCommand},
    console::{Console, Outcome},
    remote::Remote,
};
use anyhow::{Context, Result};
use chrono::NaiveDate;
use indicatif::ProgressBar;
use proto::invoicing::v1::{
    Act, BillingResult, BillingSummary, CloseMonthRequest, CloseSummary, RunBillingRequest,
    billing_client::BillingClient,
};
use serde_json::{Value, json};
use service::Text;

/// Runs either command.
///
/// # Errors
/// When the suite cannot be reached or refuses.
pub async fn run(options: Billing, console: &Console) -> Result<Outcome> {
    let client = BillingClient::new(options.server.connect(console).await?);
    match options.command {
        BillingCommand::Run { date, dry_run } => bill(client, date, dry_run, console).await,
        BillingCommand::Close { month, dry_run } => close(client, month, dry_run, console).await,
    }
}

async fn bill(
    mut client: BillingClient<Remote>,
    until: NaiveDate,
    dry_run: bool,
    console: &Console,
) -> Result<Outcome> {
    let request_id = if dry_run { String::new() } else { request_id() };
    let request = RunBillingRequest { date: Some(until.into()), dry_run, request_id };
    let mut stream = client.run_billing(request).await?.into_inner();
    let bar = console.progress(&Text::new("Выставление", "Billing"));
    let (mut results, mut summary) = (Vec::new(), None);
    while let Some(progress) = stream.message().await? {
        advance(&bar, progress.clients_done, progress.clients_total);
        for result in progress.results {
            bar.suspend(|| console.say(&result_line(&result)));
            results.push(result_json(&result));
        }
        summary = progress.summary.or(summary);
    }
    bar.finish_and_clear();
    let summary = summary.context("the run broke off; start it again, nothing is billed twice")?;
    console.say(&summary_line(&summary, dry_run));
    console.json(&json!({
        "date": until, "dry_run": dry_run, "results": results,
        "clients": summary.clients, "invoices": summary.invoices, "lines": summary.lines,
        "totals": moneys(&summary.totals), "problems": summary.problems,
    }));
    Ok(Outcome::of_problems(summary.problems > 0))
}

async fn close(
    mut client: BillingClient<Remote>,
    month: NaiveDate,
    dry_run: bool,
    console: &Console,
) -> Result<Outcome> {
    let request_id = if dry_run { String::new() } else { request_id() };
    let request = CloseMonthRequest { month: Some(month.into()), dry_run, request_id };
    let mut stream = client.close_month(request).await?.into_inner();
    let bar = console.progress(&Text::new("Закрытие", "Closing"));
    let (mut acts, mut summary) = (Vec::new(), None);
    while let Some(progress) = stream.message().await? {
        advance(&bar, progress.clients_done, progress.clients_total);
        for act in progress.acts {
            bar.suspend(|| console.say(&act_line(&act)));
            acts.push(act_json(&act));
        }
        summary = progress.summary.or(summary);
    }
    bar.finish_and_clear();
    let summary = summary.context("the close broke off; start it again, nothing is done twice")?;
    console.say(&close_line(&summary, dry_run));
    console.json(&json!({
        "month": month.format("%Y-%m").to_string(), "dry_run": dry_run, "acts": acts,
        "count": summary.acts, "totals": moneys(&summary.totals),
    }));
    Ok(Outcome::Done)
}

fn advance(bar: &ProgressBar, done: i64, total: i64) {
    bar.set_length(total.max(0).unsigned_abs());
    bar.set_position(done.max(0).unsigned_abs());
}

fn result_line(result: &BillingResult) -> Text {
    let total = money(result.total.as_ref());
    let client = &result.client;
    if !result.problem.is_empty() {
        return Text::new(
            format!("{client}: пропущен: {}", result.problem),
            format!("{client}: passed over: {}", result.problem),
        );
    }
    let (ru, en) = if result.held { (" (удержан)", " (held)") } else { ("", "") };
    let invoice = if result.invoice.is_empty() { &result.contract } else { &result.invoice };
    Text::new(
        format!("{client}: {invoice}, строк {}, {total}{ru}", result.lines),
        format!("{client}: {invoice}, lines {}, {total}{en}", result.lines),
    )
}

fn result_json(result: &BillingResult) -> Value {
    json!({
        "client": result.client, "invoice": result.invoice, "contract": result.contract,
        "lines": result.lines, "total": money(result.total.as_ref()), "held": result.held,
        "problem": result.problem,
    })
}

fn summary_line(summary: &BillingSummary, dry_run: bool) -> Text {
    let totals = moneys(&summary.totals).join(", ");
    let (ru, en) = if dry_run {
        ("Было бы сделано", "Would be made")
    } else {
        ("Сделано", "Made")
    };
    let BillingSummary { clients, invoices, lines, problems, .. } = summary;
    Text::new(
        format!(
            "{ru}: счетов {invoices}, клиентов {clients}, строк {lines}, на {totals}; \
             пропущено {problems}."
        ),
        format!(
            "{en}: invoices {invoices}, clients {clients}, lines {lines}, {totals}; \
             passed over {problems}."
        ),
    )
}

fn act_line(act: &Act) -> Text {
    let (client, number, total) = (&act.client, &act.number, money(act.total.as_ref()));
    Text::new(
        format!("{client}: акт {number}, {total}"),
        format!("{client}: act {number}, {total}"),
    )
}

fn act_json(act: &Act) -> Value {
    json!({
        "act": act.name, "number": act.number, "client": act.client, "contract": act.contract,
        "payer": act.payer, "seller": act.seller, "net": money(act.net.as_ref()),
        "tax": money(act.tax.as_ref()), "total": money(act.total.as_ref()),
    })
}

fn close_line(summary: &CloseSummary, dry_run: bool) -> Text {
    let totals = moneys(&summary.totals).join(", ");
    let (ru, en) = if dry_run {
        ("Было бы сделано", "Would be made")
    } else {
        ("Сделано", "Made")
    };
    Text::new(
        format!("{ru}: актов {}, на {totals}.", summary.acts),
        format!("{en}: acts {}, {totals}.", summary.acts),
    )
}
