//! `Overviews`: counts and sums for the first screens of staff.

use super::parse;
use crate::{
    domain::calendars::BankingCalendar,
    flows::accept,
    store::{
        self,
        overviews::{InvoiceSum, ServiceSum},
    },
};
use chrono::{Datelike, NaiveDate};
use chrono_tz::Europe::Moscow;
use proto::invoicing::v1::{self as pb, invoice_sum::Standing, overviews_server::Overviews};
use service::{Failure, Frame, Violations, page::TOTAL_CAP};
use tonic::{Request, Response, Status};
use types::id::ClientId;

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
impl Overviews for Api {
    async fn get_overview(
        &self,
        request: Request<pb::GetOverviewRequest>,
    ) -> Result<Response<pb::Overview>, Status> {
        let mut v = Violations::default();
        let month = parse::date(&mut v, "month", request.get_ref().month.as_ref());
        v.finish()?;
        let today = self.frame.clock.today(Moscow);
        let late = BankingCalendar::default().last_overdue(today);
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let waiting = store::overviews::waiting(&mut conn, late, TOTAL_CAP).await?;
        let last = last_of_month(month.unwrap_or(today));
        let renewals = store::overviews::renewals(&mut conn, last).await?;
        Ok(Response::new(pb::Overview {
            today: Some(today.into()),
            held_invoices: count(waiting.held),
            overdue_invoices: count(waiting.overdue),
            pending_orders: count(waiting.orders),
            renewals: renewals
                .into_iter()
                .map(|renewals| pb::RenewalDay {
                    date: Some(renewals.day.into()),
                    subscriptions: renewals.all,
                    addons: renewals.addons,
                    domains: renewals.domains,
                })
                .collect(),
            suspended_subscriptions: count(waiting.suspended),
        }))
    }

    async fn get_client_overview(
        &self,
        request: Request<pb::GetClientOverviewRequest>,
    ) -> Result<Response<pb::ClientOverview>, Status> {
        let client: ClientId = parse::only_name("client", &request.get_ref().client)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let today = self.frame.clock.today(accept::zone(&mut conn, client).await?);
        let late = BankingCalendar::default().last_overdue(today);
        let invoices = store::overviews::invoices(&mut conn, client, late).await?;
        let services = store::overviews::services(&mut conn, client).await?;
        let (quotes_accepted, quotes) = store::quotes::counts(&mut conn, client).await?;
        Ok(Response::new(pb::ClientOverview {
            invoices: invoices.into_iter().map(invoice_sum).collect(),
            services: services.into_iter().map(service_sum).collect(),
            quotes_accepted,
            quotes,
        }))
    }
}

fn count(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn last_of_month(day: NaiveDate) -> NaiveDate {
    let days = u32::from(day.num_days_in_month());
    day.with_day(days).unwrap_or(day)
}

fn invoice_sum(sum: InvoiceSum) -> pb::InvoiceSum {
    pb::InvoiceSum {
        standing: Standing::from_str_name(&sum.standing).unwrap_or_default().into(),
        count: sum.count,
        total: Some(sum.total.into()),
        applied: Some(sum.applied.into()),
        residual: Some(sum.residual.into()),
    }
}

fn service_sum(sum: ServiceSum) -> pb::ServiceSum {
    pb::ServiceSum {
        product: sum.product.to_string(),
        title: sum.title,
        title_en: sum.title_en,
        active: sum.active,
        count: sum.count,
    }
}
