//! `Metrics`: what programs count of services, and how much of their limits is used.

use super::parse;
use crate::{
    domain::{
        metrics::{self, Counting, MAX_COUNT, Metric},
        texts,
    },
    flows::accept,
    store::{
        self,
        metrics::{Counted, Key},
    },
};
use chrono::{Days, NaiveDate};
use chrono_tz::Europe::Moscow;
use proto::invoicing::v1::{self as pb, metrics_server::Metrics};
use service::{Failure, Frame, Text, Violations, idempotency};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};
use tonic::{Request, Response, Status};
use types::id::{ClientId, SubscriptionId};

/// Most readings of one call.
const BATCH: usize = 1000;

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
}

#[tonic::async_trait]
impl Metrics for Api {
    async fn record_readings(
        &self,
        request: Request<pb::RecordReadingsRequest>,
    ) -> Result<Response<pb::RecordReadingsResponse>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        // Whoever is furthest east has tomorrow already.
        let last = self.frame.clock.today(Moscow) + Days::new(1);
        let readings = read(&msg.readings, last)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        check(&mut tx, &msg.readings, &readings).await?;
        store::metrics::record(&mut tx, &readings, self.frame.clock.now()).await?;
        let recorded = i32::try_from(readings.len()).unwrap_or(i32::MAX);
        let reply = pb::RecordReadingsResponse { recorded };
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn list_metrics(
        &self,
        request: Request<pb::ListMetricsRequest>,
    ) -> Result<Response<pb::ListMetricsResponse>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let subscription: Option<SubscriptionId> =
            parse::optional_name(&mut v, "subscription", &msg.subscription);
        let client: Option<ClientId> = parse::optional_name(&mut v, "client", &msg.client);
        if msg.subscription.is_empty() == msg.client.is_empty() {
            let text = Text::new(
                "Укажите либо услугу, либо клиента.",
                "Give either a subscription or a client.",
            );
            v.field("subscription", text);
        }
        v.finish()?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let counted = match (subscription, client) {
            (Some(id), _) => {
                let found = store::metrics::of_subscriptions(&mut conn, &[id]).await?;
                if found.is_empty() {
                    return Err(Failure::not_found(id.to_string()).into());
                }
                found
            }
            (None, Some(client)) => store::metrics::of_client(&mut conn, client).await?,
            (None, None) => Vec::new(),
        };
        let usages = self.usages(&mut conn, &counted).await?;
        Ok(Response::new(pb::ListMetricsResponse { usages }))
    }
}

impl Api {
    async fn usages(
        &self,
        conn: &mut PgConnection,
        counted: &[Counted],
    ) -> Result<Vec<pb::Usage>, Failure> {
        let Some(first) = counted.first() else { return Ok(Vec::new()) };
        // All are of one client.
        let today = self.frame.clock.today(accept::zone(conn, first.client).await?);
        let ids: Vec<SubscriptionId> = counted.iter().map(|c| c.subscription).collect();
        let readings = store::metrics::readings(conn, &ids, metrics::month_of(today)).await?;
        let usage = |c: &Counted, metric: &Metric| {
            let of_it = readings.get(&(c.subscription, metric.code.clone()));
            let readings = of_it.map_or(&[][..], Vec::as_slice);
            let used = metrics::usage(metric, c.quantity, readings, today);
            pb::Usage {
                subscription: c.subscription.to_string(),
                metric: Some(encode(metric)),
                used: count(used.used),
                maximum: count(used.maximum),
                day: used.day.map(Into::into),
            }
        };
        Ok(counted
            .iter()
            .flat_map(|c| c.metrics.iter().map(move |m| (c, m)))
            .map(|(c, m)| usage(c, m))
            .collect())
    }
}

/// Reads what was counted, the last one of a day; every violation at once.
fn read(given: &[pb::Reading], last: NaiveDate) -> Result<BTreeMap<Key, i64>, Failure> {
    let mut v = Violations::default();
    if !(1..=BATCH).contains(&given.len()) {
        let text = Text::new(
            format!("Ожидается от 1 до {BATCH} показаний."),
            format!("1 to {BATCH} readings are expected."),
        );
        v.field("readings", text);
    }
    let mut readings = BTreeMap::new();
    for (i, reading) in given.iter().enumerate().take(BATCH) {
        let at = |field: &str| format!("readings[{i}].{field}");
        let id = parse::name(&mut v, &at("subscription"), &reading.subscription);
        let day = parse::required_date(&mut v, &at("day"), reading.day.as_ref());
        if day.is_some_and(|day| day > last) {
            let text = Text::new("Этот день ещё не наступил.", "That day has not come yet.");
            v.field(at("day"), text);
        }
        if !u64::try_from(reading.value).is_ok_and(|value| value <= MAX_COUNT) {
            let text = Text::new(
                format!("Ожидается число от 0 до {MAX_COUNT}."),
                format!("A number from 0 to {MAX_COUNT} is expected."),
            );
            v.field(at("value"), text);
        }
        if let (Some(id), Some(day)) = (id, day) {
            readings.insert((id, reading.metric.clone(), day), reading.value);
        }
    }
    v.finish()?;
    Ok(readings)
}

/// Subscriptions exist, and count what was read of them.
async fn check(
    conn: &mut PgConnection,
    given: &[pb::Reading],
    readings: &BTreeMap<Key, i64>,
) -> Result<(), Failure> {
    let mut ids: Vec<SubscriptionId> = readings.keys().map(|(id, _, _)| *id).collect();
    ids.dedup();
    let counted = store::metrics::of_subscriptions(conn, &ids).await?;
    let known: HashMap<String, &Counted> =
        counted.iter().map(|c| (c.subscription.to_string(), c)).collect();
    let mut v = Violations::default();
    for (i, reading) in given.iter().enumerate() {
        match known.get(&reading.subscription) {
            None => v.field(
                format!("readings[{i}].subscription"),
                Text::new("Такой услуги нет.", "There is no such subscription."),
            ),
            Some(c) if c.metrics.iter().all(|metric| metric.code != reading.metric) => v.field(
                format!("readings[{i}].metric"),
                Text::new(
                    "Продукт этой услуги такого не считает.",
                    "The product of this subscription does not count that.",
                ),
            ),
            Some(_) => {}
        }
    }
    v.finish()
}

/// A metric on the wire.
pub(super) fn encode(metric: &Metric) -> pb::Metric {
    let counting = pb::metric::Counting::from_str_name(metric.counting.code()).unwrap_or_default();
    pb::Metric {
        code: metric.code.clone(),
        title: metric.title.ru.clone(),
        title_en: metric.title.en.clone(),
        counting: counting.into(),
        included: count(metric.included),
    }
}

/// Reads the metrics of a product; notes every violation.
pub(super) fn decode(v: &mut Violations, given: &[pb::Metric]) -> Vec<Metric> {
    if given.len() > metrics::MAX_METRICS {
        let most = metrics::MAX_METRICS;
        let text =
            Text::new(format!("Не больше {most} метрик."), format!("At most {most} metrics."));
        v.field("product.metrics", text);
        return Vec::new();
    }
    let mut all = Vec::new();
    for (i, metric) in given.iter().enumerate() {
        let at = |field: &str| format!("product.metrics[{i}].{field}");
        let ru = parse::required_text(v, &at("title"), &metric.title, 100);
        let en = parse::text(v, &at("title_en"), &metric.title_en, 100);
        let counting = pb::metric::Counting::try_from(metric.counting).map(|c| c.as_str_name());
        let counting = parse::choice(v, &at("counting"), counting, Some(Counting::Level));
        all.push(Metric {
            code: metric.code.clone(),
            title: texts::Text::new(ru.clone(), if en.is_empty() { ru } else { en }),
            counting: counting.unwrap_or(Counting::Level),
            included: u64::try_from(metric.included).unwrap_or_default(),
        });
    }
    for (i, e) in metrics::check(&all) {
        let field = match e {
            metrics::MetricError::Included(_) => "included",
            _ => "code",
        };
        v.field(format!("product.metrics[{i}].{field}"), Text::of(&e));
    }
    all
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
