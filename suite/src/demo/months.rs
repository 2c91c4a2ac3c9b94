//! The history: months of weeks, each with those who come, what they pay, write and change.

use super::{
    bank::{self, Unpaid},
    catalogue::{self, Catalogue},
    chance::Chance,
    clients::{self, Customer},
    mail::{self, TALKS},
    office::{Desk, Office, day_of, request_id},
    people::{Line, Person},
    services,
};
use anyhow::Result;
use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};
use proto::invoicing::v1::{
    CloseMonthRequest, ConfirmQuantityChangeRequest, GetSubscriptionRequest,
    PreviewQuantityChangeRequest, billing_client::BillingClient, subscription::State,
    subscriptions_client::SubscriptionsClient,
};
use rust_decimal::Decimal;

/// Days of a month on which people work at the history.
const DAYS: [u32; 4] = [2, 9, 16, 23];
/// Months before the end since which debtors pay no more.
const DEBT_MONTHS: u32 = 3;
/// Months before the end in which a price goes up.
const DEARER: u32 = 10;

/// The days on which the history stops, each at ten in the morning of Moscow.
#[must_use]
pub fn stops(begin: DateTime<Utc>, end: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let ten = NaiveTime::from_hms_opt(7, 0, 0).unwrap_or_default();
    let first = day_of(begin).with_day(1).unwrap_or_default();
    let months = (0..).map_while(|m| first.checked_add_months(Months::new(m)));
    months
        .take_while(|month| *month <= day_of(end))
        .flat_map(|month| DAYS.into_iter().filter_map(move |day| month.with_day(day)))
        .map(|day| day.and_time(ten).and_utc())
        .filter(|stop| *stop > begin && day_of(*stop) < day_of(end))
        .collect()
}

/// The whole history up to yesterday, told month by month.
pub struct History<'a> {
    /// Who makes it.
    pub office: &'a mut Office,
    /// What is sold.
    pub catalogue: &'a Catalogue,
    /// Who is there so far.
    pub customers: Vec<Customer>,
    /// Who is to come.
    people: Vec<Person>,
    /// Login of the cabinet: address and password.
    login: (String, String),
    chance: Chance,
    payments: usize,
}

impl<'a> History<'a> {
    /// A history in which nothing happened yet.
    #[must_use]
    pub fn new(
        office: &'a mut Office,
        catalogue: &'a Catalogue,
        people: Vec<Person>,
        login: (String, String),
    ) -> Self {
        let (customers, chance) = (Vec::new(), Chance::of(2_026));
        Self { office, catalogue, customers, people, login, chance, payments: 0 }
    }

    /// Lives through it; `tell` hears of each month: the month, clients and payments so far.
    ///
    /// # Errors
    /// When a service refuses anything.
    pub async fn live(
        &mut self,
        stops: &[DateTime<Utc>],
        end: NaiveDate,
        tell: impl Fn(NaiveDate, usize, usize),
    ) -> Result<()> {
        let unpaid = Unpaid {
            debts_since: end - Months::new(DEBT_MONTHS),
            fresh_since: end - Months::new(1),
        };
        let mut month = None;
        for (i, stop) in stops.iter().enumerate() {
            let first = day_of(*stop).with_day(1);
            if first != month {
                if let Some(over) = month {
                    tell(over, self.customers.len(), self.payments);
                }
                month = first;
            }
            self.office.advance(*stop).await?;
            self.come(i, stops.len()).await?;
            if day_of(*stop).day() == DAYS[0] && i > 0 {
                self.close_month().await?;
                self.dearer(end).await?;
            }
            // In the second week of each quarter.
            if i % 12 == 1 {
                clients::add_on(self.office, self.catalogue, &mut self.customers).await?;
            }
            self.week(i, unpaid).await?;
            if i + 1 == stops.len() {
                services::stop(self.office, self.catalogue, &self.customers).await?;
            }
        }
        if let Some(over) = month {
            tell(over, self.customers.len(), self.payments);
        }
        Ok(())
    }

    /// Those whose time has come.
    async fn come(&mut self, stop: usize, stops: usize) -> Result<()> {
        let here = self.customers.len();
        let more = self.people[here..].iter().take_while(|p| joins(p.n, stops) <= stop).count();
        let (email, password) = (self.login.0.as_str(), self.login.1.as_str());
        let come = &self.people[here..here + more];
        let login = Some((email, password));
        self.customers.extend(clients::join(self.office, self.catalogue, come, login).await?);
        Ok(())
    }

    /// Money, letters, changes and works of a week.
    async fn week(&mut self, stop: usize, unpaid: Unpaid) -> Result<()> {
        let day = self.office.today();
        let stranger = self.chance.percent(20).then(|| {
            let n = u32::try_from(stop).unwrap_or_default() + 1;
            bank::foreign(n, day, Decimal::from(self.chance.between(5, 90) * 100), "За услуги")
        });
        let (office, catalogue) = (&*self.office, self.catalogue);
        self.payments += bank::pay(office, catalogue, &self.customers, unpaid, stranger).await?;
        bank::look_through(office).await?;
        self.change(stop).await?;
        self.talk(stop).await?;
        for work in mail::open(self.office, "technicians").await? {
            mail::close(self.office, &work.name, Desk::Technician).await?;
        }
        // The clock settles what is left before it moves.
        Ok(())
    }

    /// Shops' quantities move each month; others change their minds now and then.
    async fn change(&mut self, stop: usize) -> Result<()> {
        for i in 0..self.customers.len() {
            let customer = &self.customers[i];
            let (code, chance) = match customer.person.line {
                Line::Hosting => ("users", 4),
                Line::Telecom => ("sip", 4),
                Line::Shop if stop % 4 == 1 => ("shop-orders", 80),
                Line::Once => {
                    if stop % 18 == customer.person.n % 18 {
                        let wish = [clients::once(customer.person.n + stop)];
                        let customer = &mut self.customers[i];
                        let held =
                            clients::order(self.office, self.catalogue, customer, &wish).await?;
                        for invoice in held {
                            clients::issue(self.office, &invoice).await?;
                        }
                    }
                    continue;
                }
                _ => continue,
            };
            if self.chance.percent(chance)
                && let Some(subscription) = customer.subscriptions.get(code)
                && let Some(invoice) =
                    change(self.office, subscription, self.chance.between(-1, 2)).await?
            {
                clients::issue(self.office, &invoice).await?;
            }
        }
        Ok(())
    }

    /// A letter or two, answered within the two hours more often than not.
    async fn talk(&mut self, stop: usize) -> Result<()> {
        let mut open = Vec::new();
        for letter in 0..self.chance.between(0, 2) {
            let last = i32::try_from(self.customers.len()).unwrap_or_default() - 1;
            let who = usize::try_from(self.chance.between(0, last)).unwrap_or_default();
            // The customer who may log in has something to read, too.
            let who = if letter == 0 && stop % 4 == 2 { 0 } else { who };
            let (subject, text, answer) = self.chance.pick(&TALKS);
            let ticket = mail::write(self.office, &self.customers[who], subject, text).await?;
            open.push((ticket, answer));
        }
        if open.is_empty() {
            return Ok(());
        }
        let minutes = if self.chance.percent(15) { 140 } else { self.chance.between(8, 90) };
        self.office.wait(i64::from(minutes)).await?;
        let desk = self.chance.pick(&[Desk::Support, Desk::Support, Desk::Night]);
        for (ticket, answer) in open {
            mail::take(self.office, &ticket, desk).await?;
            mail::reply(self.office, &ticket, desk, answer).await?;
            mail::close(self.office, &ticket, desk).await?;
        }
        Ok(())
    }

    /// Acts of the month that is over.
    async fn close_month(&self) -> Result<()> {
        let month = self.office.today().with_day(1).map(|first| first - Months::new(1));
        let request = CloseMonthRequest {
            month: month.map(Into::into),
            request_id: request_id(),
            ..Default::default()
        };
        let mut billing = BillingClient::new(self.office.at(Desk::Accountant, "invoicing"));
        let mut progress = billing.close_month(request).await?.into_inner();
        while progress.message().await?.is_some() {}
        Ok(())
    }

    /// Once, a price goes up from the next month on.
    async fn dearer(&self, end: NaiveDate) -> Result<()> {
        let today = self.office.today();
        let next = today.with_day(1).map(|first| first + Months::new(1));
        let when = end.with_day(1).map(|first| first - Months::new(DEARER));
        let (Some(from), true) = (next, today.with_day(1) == when) else { return Ok(()) };
        let prices = [(1, "850.00"), (3, "2550.00"), (6, "5100.00"), (12, "10200.00")];
        for (months, price) in prices {
            let users = self.catalogue.product("users");
            catalogue::reprice(self.office, &users, months, price, from).await?;
        }
        Ok(())
    }
}

/// The stop at which a person comes: two fifths at once, the others over three quarters.
fn joins(n: usize, stops: usize) -> usize {
    n.saturating_sub(23) * stops * 3 / 4 / 37
}

/// Changes the quantity of a subscription that works by so many units, not below one; answers the
/// held invoice, if there is one.
///
/// # Errors
/// When that is refused.
pub async fn change(office: &Office, subscription: &str, by: i32) -> Result<Option<String>> {
    let mut subscriptions = SubscriptionsClient::new(office.at(Desk::Care, "invoicing"));
    let request = GetSubscriptionRequest { name: subscription.into() };
    let now = subscriptions.get_subscription(request).await?.into_inner();
    let quantity = (now.quantity + by).max(1);
    if now.state() != State::Active || quantity == now.quantity {
        return Ok(None);
    }
    let request =
        PreviewQuantityChangeRequest { name: subscription.into(), quantity, effective_date: None };
    let preview = subscriptions.preview_quantity_change(request).await?.into_inner();
    let request = ConfirmQuantityChangeRequest {
        name: subscription.into(),
        token: preview.token,
        confirm_downgrade: preview.downgrade,
        request_id: request_id(),
    };
    let change = subscriptions.confirm_quantity_change(request).await?.into_inner();
    Ok(Some(change.invoice).filter(|invoice| !invoice.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_are_before_the_last_day_and_everybody_comes() {
        let (begin, end) = ("2024-11-30T06:00:00Z", "2026-11-30T10:00:00Z");
        let all = stops(begin.parse().unwrap(), end.parse().unwrap());
        assert_eq!(all.len(), 24 * 4);
        assert_eq!(all[0].to_rfc3339(), "2024-12-02T07:00:00+00:00");
        assert!(all.is_sorted());
        let early = stops(begin.parse().unwrap(), "2024-12-09T06:00:00Z".parse().unwrap());
        assert_eq!(early.len(), 1, "not on the last day itself");
        for stops in [8, 12, 100] {
            assert!(joins(59, stops) < stops, "{stops}");
            assert_eq!(joins(0, stops), 0);
        }
    }
}
