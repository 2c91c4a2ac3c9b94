//! `Billing`: the run and the month close as streams of progress, and acts.

use super::parse;
use crate::{
    jobs::{
        billing_run::Billing as BillingTask,
        month_close::{self, Close},
        runs::{Asked, Driver, Step, Task},
    },
    store::{self, acts::Filter},
};
use chrono::{Days, NaiveDate};
use futures::{Stream, StreamExt, stream};
use proto::invoicing::v1::{
    self as pb, BillingProgress, BillingSummary, CloseProgress, CloseSummary,
    billing_server::Billing,
};
use service::{
    Failure, Frame, Scope, Text, Violations, idempotency,
    page::{Page, TOTAL_CAP},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
};
use tonic::{Request, Response, Status};
use types::{
    Currency, Money,
    id::{ActId, ClientId},
    period::{first_of_month, next_month},
};
use uuid::Uuid;

/// Days after today up to which a run makes sense; a later date is a slip of the pen.
const HORIZON: Days = Days::new(366);
/// Most acts in one message: they come with their lines.
const ACTS: usize = 50;

/// The service.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
}

impl Api {
    /// A service over this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }

    fn today(&self) -> NaiveDate {
        self.frame.clock.today(chrono_tz::Europe::Moscow)
    }

    /// Starts what was asked for.
    async fn drive<T: Task, M: prost::Message>(
        &self,
        request: &Request<M>,
        date: NaiveDate,
        (dry_run, request_id): (bool, &str),
    ) -> Result<Driver<T>, Failure> {
        if dry_run {
            return Driver::dry(&self.frame, date).await;
        }
        let actor = Scope::of(request)?.actor;
        let key = Some(idempotency::Key::of(request, request_id)?);
        Driver::run(&self.frame, date, Asked { actor, key }).await
    }
}

type Answers<P> = Pin<Box<dyn Stream<Item = Result<P, Status>> + Send>>;

#[tonic::async_trait]
impl Billing for Api {
    type RunBillingStream = Answers<BillingProgress>;
    type CloseMonthStream = Answers<CloseProgress>;

    async fn run_billing(
        &self,
        request: Request<pb::RunBillingRequest>,
    ) -> Result<Response<Self::RunBillingStream>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let date = parse::required_date(&mut v, "date", msg.date.as_ref());
        if date.is_some_and(|date| date > self.today() + HORIZON) {
            v.field("date", too_far());
        }
        v.finish()?;
        let date = date.ok_or_else(|| Failure::internal("no date and no violation"))?;
        let how = (msg.dry_run, msg.request_id.as_str());
        let driver = self.drive::<BillingTask, _>(&request, date, how).await?;
        let told = |step: Step<BillingProgress>| vec![billing_step(step)];
        Ok(Response::new(answers(driver, told, Sums::default())))
    }

    async fn close_month(
        &self,
        request: Request<pb::CloseMonthRequest>,
    ) -> Result<Response<Self::CloseMonthStream>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let month = parse::required_date(&mut v, "month", msg.month.as_ref());
        if month.is_some_and(|day| first_of_month(day) != day) {
            v.field("month", Text::new("Укажите первое число месяца.", "Give its first day."));
        }
        v.finish()?;
        let month = month.ok_or_else(|| Failure::internal("no month and no violation"))?;
        if next_month(month) > self.today() {
            return Err(not_over(month).into());
        }
        let how = (msg.dry_run, msg.request_id.as_str());
        let driver = self.drive::<Close, _>(&request, month, how).await?;
        Ok(Response::new(answers(driver, close_step, Sums::default())))
    }

    async fn list_acts(
        &self,
        request: Request<pb::ListActsRequest>,
    ) -> Result<Response<pb::ListActsResponse>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let client: Option<ClientId> = parse::optional_name(&mut v, "client", &msg.client);
        let month = parse::date(&mut v, "month", msg.month.as_ref()).map(first_of_month);
        v.finish()?;
        let bound = ("acts", client, month);
        let page = Page::<(NaiveDate, Uuid)>::read(msg.page_size, &msg.page_token, &bound)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let filter = Filter { client, month };
        let after = page.after().copied();
        let rows = store::acts::list(&mut conn, filter, after, page.limit()).await?;
        let (rows, next_page_token) = page.finish(rows, |r| (r.month, r.id.0));
        let total = store::acts::total(&mut conn, filter, TOTAL_CAP).await?;
        Ok(Response::new(pb::ListActsResponse {
            acts: rows.iter().map(month_close::encode).collect(),
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn get_act(
        &self,
        request: Request<pb::GetActRequest>,
    ) -> Result<Response<pb::Act>, Status> {
        let id: ActId = parse::only_name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let act = store::acts::get(&mut conn, id).await?;
        let act = act.ok_or_else(|| Failure::not_found(id.to_string()))?;
        Ok(Response::new(month_close::encode(&act)))
    }
}

fn too_far() -> Text {
    Text::new(
        "Дата больше чем на год позже сегодняшней. Проверьте её.",
        "The date is more than a year after today. Check it.",
    )
}

fn not_over(month: NaiveDate) -> Failure {
    let from = next_month(month).format("%d.%m.%Y");
    Failure::precondition(
        "MONTH_NOT_OVER",
        Text::new(
            format!("Месяц ещё не закончился. Закройте его с {from}."),
            format!("The month is not over. Close it from {from} on."),
        ),
    )
}

/// What a stream adds up for its last message.
trait Add<P>: Default + Send + 'static {
    /// Counts a message in.
    fn add(&mut self, message: &P) -> Result<(), Failure>;
    /// The last message.
    fn last(&self, done: i64, total: i64) -> P;
}

/// Sums of a stream.
#[derive(Debug, Default)]
struct Sums {
    clients: BTreeSet<String>,
    problems: BTreeSet<String>,
    documents: i64,
    lines: i64,
    totals: BTreeMap<&'static str, Money>,
}

impl Sums {
    fn total(&mut self, given: Option<&proto::google::r#type::Money>) -> Result<(), Failure> {
        let Some(given) = given else { return Ok(()) };
        let amount = Money::try_from(given).map_err(Failure::internal)?;
        let currency: Currency = amount.currency();
        let sum = self.totals.entry(currency.code()).or_insert_with(|| Money::zero(currency));
        *sum = sum.checked_add(amount).map_err(Failure::internal)?;
        Ok(())
    }
}

impl Add<BillingProgress> for Sums {
    fn add(&mut self, message: &BillingProgress) -> Result<(), Failure> {
        for result in &message.results {
            if !result.problem.is_empty() {
                self.problems.insert(result.client.clone());
                continue;
            }
            self.clients.insert(result.client.clone());
            self.documents += 1;
            self.lines += i64::from(result.lines);
            self.total(result.total.as_ref())?;
        }
        Ok(())
    }

    fn last(&self, done: i64, total: i64) -> BillingProgress {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let summary = Some(BillingSummary {
            clients: count(self.clients.len()),
            invoices: self.documents,
            lines: self.lines,
            totals: self.totals.values().map(|sum| (*sum).into()).collect(),
            problems: count(self.problems.len()),
        });
        let results = Vec::new();
        BillingProgress { clients_done: done, clients_total: total, results, summary }
    }
}

impl Add<CloseProgress> for Sums {
    fn add(&mut self, message: &CloseProgress) -> Result<(), Failure> {
        for act in &message.acts {
            self.documents += 1;
            self.total(act.total.as_ref())?;
        }
        Ok(())
    }

    fn last(&self, done: i64, total: i64) -> CloseProgress {
        let totals = self.totals.values().map(|sum| (*sum).into()).collect();
        let summary = Some(CloseSummary { acts: self.documents, totals });
        CloseProgress { clients_done: done, clients_total: total, acts: Vec::new(), summary }
    }
}

fn billing_step(step: Step<BillingProgress>) -> BillingProgress {
    BillingProgress { clients_done: step.done, clients_total: step.total, ..step.made }
}

fn close_step(step: Step<CloseProgress>) -> Vec<CloseProgress> {
    let (clients_done, clients_total) = (step.done, step.total);
    let told = |acts: &[pb::Act]| CloseProgress {
        clients_done,
        clients_total,
        acts: acts.to_vec(),
        summary: None,
    };
    if step.made.acts.is_empty() {
        return vec![told(&[])];
    }
    step.made.acts.chunks(ACTS).map(told).collect()
}

/// Streams a run: it goes on as the caller reads, and stops between two chunks when nobody does.
fn answers<T: Task, S: Add<T::Progress>>(
    driver: Driver<T>,
    told: impl Fn(Step<T::Progress>) -> Vec<T::Progress> + Copy + Send + 'static,
    sums: S,
) -> Answers<T::Progress> {
    let steps = stream::try_unfold(Some((driver, sums, 0, 0)), move |state| async move {
        let Some((mut driver, mut sums, done, total)) = state else { return Ok(None) };
        let Some(step) = driver.next().await? else {
            return Ok(Some((vec![sums.last(done, total)], None)));
        };
        sums.add(&step.made)?;
        let (done, total) = (step.done, step.total);
        Ok::<_, Status>(Some((told(step), Some((driver, sums, done, total)))))
    });
    let flat = steps.flat_map(|step| {
        stream::iter(match step {
            Ok(messages) => messages.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(status) => vec![Err(status)],
        })
    });
    Box::pin(flat)
}
