//! `Findings`: what looks wrong before anything leaves.

use super::parse;
use crate::{
    domain::{
        billing::lint::{Fix, Severity},
        texts::Text,
    },
    flows::findings::{self, Found, Looked},
    store,
};
use proto::invoicing::v1::{
    self as pb, finding, findings_server::Findings, fix::Act, fix::Kind as Wire,
};
use service::{Failure, Frame, Locale, Scope, Violations};
use std::collections::BTreeSet;
use tonic::{Request, Response, Status};
use types::id::{ClientId, InvoiceId, SubscriptionId};

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
impl Findings for Api {
    async fn check_client(
        &self,
        request: Request<pb::CheckClientRequest>,
    ) -> Result<Response<pb::CheckClientResponse>, Status> {
        let locale = Scope::of(&request)?.locale;
        let msg = request.get_ref();
        let mut v = Violations::default();
        let client: Option<ClientId> = parse::name(&mut v, "client", &msg.client);
        let invoice: Option<InvoiceId> = parse::optional_name(&mut v, "invoice", &msg.invoice);
        v.finish()?;
        let client =
            client.ok_or_else(|| Failure::internal("a name without violations is none"))?;
        // One snapshot of all that is looked at; nothing is written.
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        let (mut found, looked) = findings::of_client(&mut tx, &self.frame, client).await?;
        if let Some(invoice) = invoice {
            let row = store::invoices::get(&mut tx, invoice).await?;
            let row = row.filter(|row| row.invoice.client == client);
            let row = row.ok_or_else(|| Failure::not_found(invoice.to_string()))?;
            let lines = row.invoice.lines.iter();
            let bills: BTreeSet<SubscriptionId> = lines.filter_map(|l| l.subscription).collect();
            found.retain(|f| match f.invoice {
                Some(of) => of == invoice,
                None => f.subscription.is_some_and(|id| bills.contains(&id)),
            });
        }
        found.sort_by_key(|f| f.finding.severity);
        let told = found.into_iter().map(|f| encode(f, &looked, locale));
        Ok(Response::new(pb::CheckClientResponse { findings: told.collect() }))
    }
}

fn said(text: Text, locale: Locale) -> String {
    match locale {
        Locale::Ru => text.ru,
        Locale::En => text.en,
    }
}

fn encode(found: Found, looked: &Looked, locale: Locale) -> pb::Finding {
    let finding = found.finding;
    let rule = finding::Rule::from_str_name(finding.rule.code()).unwrap_or_default();
    let severity = match finding.severity {
        Severity::Error => finding::Severity::Error,
        Severity::Warning => finding::Severity::Warning,
    };
    let name = |id: Option<String>| id.unwrap_or_default();
    pb::Finding {
        rule: rule.into(),
        severity: severity.into(),
        text: said(finding.text, locale),
        advice: said(found.advice, locale),
        title: found.title,
        subscription: name(found.subscription.map(|id| id.to_string())),
        invoice: name(found.invoice.map(|id| id.to_string())),
        line: name(found.line.map(|id| id.to_string())),
        fix: Some(pb::Fix { kind: Some(fix(finding.fix, looked, locale)) }),
    }
}

fn fix(fix: Fix, looked: &Looked, locale: Locale) -> Wire {
    let subscription =
        |place| looked.subscription(place).map(|id| id.to_string()).unwrap_or_default();
    match fix {
        Fix::Merge { keep, end } => {
            let (keep, end) = (subscription(keep), subscription(end));
            Wire::Merge(pb::fix::Merge { keep, end })
        }
        Fix::Price(price) => Wire::Price(price.into()),
        Fix::LastDay(day) => Wire::LastDay(day.into()),
        Fix::AccountingCode(place) => {
            Wire::Product(looked.product(place).map(|id| id.to_string()).unwrap_or_default())
        }
        Fix::Seller(place) => {
            Wire::Seller(looked.seller(place).map(|id| id.to_string()).unwrap_or_default())
        }
        Fix::Vat(rate, phrase) => Wire::Vat(pb::fix::Vat {
            rate: rate.percent().map(i32::from),
            phrase: said(phrase, locale),
        }),
        Fix::Amount(amount) => Wire::Amount(amount.into()),
        Fix::Reason => Wire::Act(Act::SayWhy.into()),
        Fix::Remove => Wire::Act(Act::Remove.into()),
        Fix::Confirm => Wire::Act(Act::Confirm.into()),
    }
}
