//! What waits for whoever looks at the demo: the last hours before real time.

use super::{
    bank::{self, Payment},
    catalogue::{Catalogue, House},
    clients::{self, Customer},
    mail,
    months::change,
    office::{Desk, Office},
    people::Habit,
    plans, quotes, services,
};
use anyhow::Result;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proto::invoicing::v1::Invoice;
use rust_decimal::Decimal;
use std::{fs, path::Path};
use types::invented::Company;

/// Lives through the last three hours up to `end`; leaves a statement to import in a file.
///
/// # Errors
/// When a service refuses anything, or the file cannot be written.
pub async fn live(
    office: &mut Office,
    catalogue: &Catalogue,
    customers: &mut [Customer],
    end: DateTime<Utc>,
    file: &Path,
) -> Result<()> {
    let at = |minutes: i64| end - TimeDelta::minutes(minutes);
    office.advance(at(190)).await?;
    services::read(office, customers).await?;
    plans::make(office, customers).await?;
    held(office, catalogue, customers).await?;
    let late = mail::write(
        office,
        &customers[2],
        "Не открывается касса, очередь!",
        "Срочно! С утра не открывается касса, покупатели уходят. Перезвоните, пожалуйста.",
    );
    let late = late.await?;
    mail::note(office, &late, Desk::Night, "Звонил, занято. Проверить сервер 3.").await?;
    fresh(office, catalogue, customers, file).await?;

    office.advance(at(108)).await?;
    let near = mail::write(
        office,
        &customers[3],
        "Второй день пропадает звук",
        "Добрый день! На линиях 3 и 4 собеседника не слышно через минуту разговора.",
    );
    let near = near.await?;
    mail::take(office, &near, Desk::Support).await?;

    office.advance(at(47)).await?;
    let subject = "Ещё два пользователя с понедельника";
    mail::write(office, &customers[0], subject, "Сколько будет стоить до конца месяца?").await?;
    office.advance(at(25)).await?;
    let text = "Нам посоветовали вас соседи. Сколько стоит удалённый рабочий стол на пятерых?";
    mail::write_unknown(office, "Хотим к вам", text).await?;
    let text = "Просим прислать закрывающие документы за прошлый месяц на этот адрес.";
    mail::write_stranger(office, "Закрывающие документы", text).await?;
    quotes::make(office, catalogue, customers).await?;
    office.advance(at(9)).await?;
    let subject = "Оплатили, а счёт всё ещё открыт";
    let text = "Добрый день, отправили вчера платёж, проверьте, пожалуйста.";
    mail::write(office, &customers[9], subject, text).await?;
    office.advance(end).await
}

/// Changes of package and a new order, whose invoices wait to be issued.
async fn held(office: &Office, catalogue: &Catalogue, customers: &mut [Customer]) -> Result<()> {
    let mut changed = 0;
    for customer in customers.iter() {
        let users = customer.subscriptions.get("users").or(customer.subscriptions.get("sip"));
        let calm = customer.person.habit == Habit::Exact && customer.person.n > 0;
        if let Some(subscription) = users.filter(|_| calm && changed < 3) {
            let by = if changed == 2 { -1 } else { 2 };
            changed += usize::from(change(office, subscription, by).await?.is_some());
        }
    }
    let wish = [("setup", 0, 1), ("hour", 0, 3)];
    clients::order(office, catalogue, &mut customers[6], &wish).await?;
    Ok(())
}

/// This morning's statements: one is imported, and leaves doubtful and foreign lines to a person;
/// one waits in a file, for whoever wants to import it.
async fn fresh(
    office: &Office,
    catalogue: &Catalogue,
    customers: &[Customer],
    file: &Path,
) -> Result<()> {
    let Some(seller) = catalogue.sellers.get(&House::Cloud) else { return Ok(()) };
    let day = office.today();
    let mut open = bank::open(office, &seller.name).await?;
    open.retain(|invoice| {
        let known = customers.iter().find(|customer| customer.client == invoice.client);
        known.is_some_and(|c| c.person.habit != Habit::Debtor && c.person.n > 0)
    });
    let half = open.len() / 2;
    let imported = lines(&open[..half], customers, day, 80_000);
    let name = format!("kl_to_1c_{}.txt", day.format("%Y%m%d"));
    bank::import(office, &name, bank::statement(&seller.company, &imported)).await?;
    office.settle().await?;
    let waiting = lines(&open[half..], customers, day, 81_000);
    fs::write(file, bank::statement(&seller.company, &waiting))?;
    Ok(())
}

/// Payments of all sorts: certain ones, then what a person must look at.
fn lines(open: &[Invoice], customers: &[Customer], day: NaiveDate, number: u32) -> Vec<Payment> {
    let mut all = Vec::new();
    for invoice in open {
        let Some(customer) = customers.iter().find(|c| c.client == invoice.client) else {
            continue;
        };
        let (left, company) = (bank::amount(invoice), customer.person.company.clone());
        let (number, text) = (number + all.len() as u32, bank::purpose(invoice));
        let (amount, from, purpose) = match all.len() {
            // One kopeck short, rounded up, without a number, by somebody else, and for two.
            1 => (left - Decimal::new(1, 2), company, text),
            3 => (left + Decimal::from(500), company, text),
            4 => (left, company, "Оплата за услуги, НДС включён".to_owned()),
            6 => {
                let other = Company {
                    name: "ООО «Дружественная касса»".into(),
                    ..Company::number(8_999)
                };
                (left, other, format!("{text} за {}", company.name))
            }
            8 => ((left / Decimal::TWO).round_dp(2), company, format!("Аванс. {text}")),
            _ => (left, company, text),
        };
        all.push(Payment { number, date: day, amount, from, purpose });
        if all.len() == 10 {
            break;
        }
    }
    let n = number % 100 + 500 + number / 1_000;
    all.push(bank::foreign(n, day, Decimal::from(14_700), "Оплата по договору 17/Ф за мебель"));
    all.push(bank::foreign(n + 1, day, Decimal::new(99_990, 2), "Возврат излишне оплаченного"));
    all
}
