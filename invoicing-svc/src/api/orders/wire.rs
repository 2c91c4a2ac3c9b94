//! Orders on the wire.

use super::parse;
use crate::{
    domain::{
        cycles::Cycle,
        orders::{OrderLine, OrderState, PriceOverride},
    },
    flows::accept::Priced,
    store::{
        self,
        orders::{OrderRow, PricedLine},
    },
};
use chrono::NaiveDate;
use proto::{convert, invoicing::v1 as pb};
use rust_decimal::Decimal;
use service::{Failure, Text, Violations, etag};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use types::{
    Currency, Money,
    id::{ClientId, ContractId, ProductId, SubscriptionId},
};

/// An order as it was asked for.
pub(in crate::api) struct Draft {
    /// The field that it came in: order or quote.
    pub field: &'static str,
    pub client: ClientId,
    pub lines: Vec<DraftLine>,
}

/// A line as it was asked for; what is left out is filled in by [`Draft::resolve`].
pub(in crate::api) struct DraftLine {
    product: ProductId,
    contract: ContractId,
    cycle_months: i32,
    quantity: u32,
    price_override: Option<Decimal>,
    override_reason: String,
    start: Option<NaiveDate>,
    main: Option<SubscriptionId>,
    text: String,
    domain: String,
    domain_registration: String,
    duplicate_reason: String,
}

/// Reads an order that came in this field; every violation at once.
pub(in crate::api) fn read(
    field: &'static str,
    client: &str,
    lines: &[pb::OrderLine],
) -> Result<Draft, Failure> {
    let mut v = Violations::default();
    let client = parse::name(&mut v, &format!("{field}.client"), client);
    let each = lines.iter().enumerate();
    let lines: Vec<_> = each
        .filter_map(|(i, line)| read_line(&mut v, &format!("{field}.lines[{i}]"), line))
        .collect();
    v.finish()?;
    let client = client.ok_or_else(|| Failure::internal("an order without a client"))?;
    Ok(Draft { field, client, lines })
}

fn read_line(v: &mut Violations, at: &str, line: &pb::OrderLine) -> Option<DraftLine> {
    let field = |name: &str| format!("{at}.{name}");
    let product = parse::name(v, &field("product"), &line.product);
    let contract = parse::name(v, &field("contract"), &line.contract);
    let quantity = parse::number(v, &field("quantity"), line.quantity, (1, 1_000_000), Some(1));
    if !(0..=120).contains(&line.cycle_months) {
        let text = Text::new("Ожидается от 0 до 120 месяцев.", "0 to 120 months are expected.");
        v.field(field("cycle_months"), text);
    }
    let price_override = parse::decimal(v, &field("price_override"), line.price_override.as_ref());
    let override_reason = parse::text(v, &field("override_reason"), &line.override_reason, 500);
    if price_override.is_some() && override_reason.is_empty() {
        let text = Text::new(
            "Напишите, почему цена отличается от каталога.",
            "Say why the price differs from the catalogue's.",
        );
        v.field(field("override_reason"), text);
    }
    let start = parse::date(v, &field("start_date"), line.start_date.as_ref());
    let main = parse::optional_name(v, &field("main_subscription"), &line.main_subscription);
    let text = parse::text(v, &field("text"), &line.text, 200);
    let domain = parse::text(v, &field("domain"), &line.domain, 200);
    let duplicate_reason = parse::text(v, &field("duplicate_reason"), &line.duplicate_reason, 500);
    let registration = pb::order_line::DomainRegistration::try_from(line.domain_registration);
    Some(DraftLine {
        product: product?,
        contract: contract?,
        cycle_months: line.cycle_months,
        quantity,
        price_override,
        override_reason,
        start,
        main,
        text,
        domain,
        domain_registration: registration.unwrap_or_default().as_str_name().into(),
        duplicate_reason,
    })
}

impl Draft {
    /// The line as the rules know it: the day of start, the cycle and the service code filled in.
    pub(super) async fn resolve(
        &self,
        conn: &mut PgConnection,
        line: &DraftLine,
        today: NaiveDate,
        actor: &str,
    ) -> Result<OrderLine, Failure> {
        let product = store::products::get(conn, line.product).await?;
        let product = product.ok_or_else(|| Failure::not_found(line.product.to_string()))?;
        let contract = store::contracts::get(conn, line.contract).await?;
        let contract = contract.map(|c| c.contract).filter(|c| c.client == self.client);
        let contract = contract.ok_or_else(|| Failure::not_found(line.contract.to_string()))?;
        let start = line.start.unwrap_or(today);
        let cycle = match u32::try_from(line.cycle_months) {
            Ok(months) if months > 0 => Cycle::months(months).map_err(Failure::internal)?,
            _ => {
                let prices = store::products::prices(conn, &[line.product]).await?;
                let once = prices.iter().any(|p| p.cycle == Cycle::Once);
                if once { Cycle::Once } else { Cycle::Free }
            }
        };
        let price_override = match line.price_override {
            Some(amount) => Some(PriceOverride {
                unit_price: self.override_price(amount, contract.currency)?,
                reason: line.override_reason.clone(),
                author: actor.into(),
            }),
            None => None,
        };
        let filled = |text: &String| (!text.is_empty()).then(|| text.clone());
        Ok(OrderLine {
            product: line.product,
            contract: line.contract,
            cycle,
            quantity: line.quantity,
            price_override,
            period_text: filled(&line.text),
            domain: filled(&line.domain),
            start,
            main: line.main,
            service_code: filled(&product.service_code),
        })
    }

    fn override_price(&self, amount: Decimal, currency: Currency) -> Result<Money, Failure> {
        let field = format!("{}.lines.price_override", self.field);
        Money::new(amount, currency).map_err(|e| Failure::invalid(field, Text::of(&e)))
    }

    /// Product of each line, and why another of its family is right.
    pub(super) fn families(&self) -> Vec<(ProductId, String)> {
        self.lines.iter().map(|line| (line.product, line.duplicate_reason.clone())).collect()
    }
}

/// What a line costs, for storage.
pub(super) fn priced(line: &DraftLine, made: &Priced) -> PricedLine {
    made.stored(&line.domain_registration, &line.duplicate_reason)
}

/// The state that a list is limited to.
pub(super) fn state_filter(v: &mut Violations, state: i32) -> Option<OrderState> {
    if state == 0 {
        return None;
    }
    let state = pb::order::State::try_from(state).map(|s| s.as_str_name());
    parse::choice(v, "state", state, None)
}

/// An order on the wire.
pub(super) fn encode(row: &OrderRow) -> pb::Order {
    let order = &row.order;
    let mut sums: BTreeMap<Currency, (Decimal, Decimal)> = BTreeMap::new();
    for line in &row.lines {
        let sum = sums.entry(line.amounts.gross.currency()).or_default();
        sum.0 += line.amounts.net.amount();
        sum.1 += line.amounts.gross.amount();
    }
    let money = |amount: Decimal, currency: Currency| types::money::round(amount, currency).into();
    let state = pb::order::State::from_str_name(order.state.code()).unwrap_or_default();
    pb::Order {
        name: order.id.to_string(),
        number: row.number,
        client: order.client.to_string(),
        lines: order.lines.iter().zip(&row.lines).map(|(l, p)| encode_line(l, p)).collect(),
        state: state.into(),
        subtotals: sums.iter().map(|(c, (net, _))| money(*net, *c)).collect(),
        totals: sums.iter().map(|(c, (_, gross))| money(*gross, *c)).collect(),
        etag: etag(row.revision),
        create_time: Some(convert::timestamp(row.created_at)),
    }
}

pub(in crate::api) fn encode_line(line: &OrderLine, priced: &PricedLine) -> pb::OrderLine {
    let months = |n: Option<u32>| n.map_or(0, |n| i32::try_from(n).unwrap_or(i32::MAX));
    let by_hand = line.price_override.as_ref();
    let registration =
        pb::order_line::DomainRegistration::from_str_name(&priced.domain_registration);
    pb::OrderLine {
        product: line.product.to_string(),
        contract: line.contract.to_string(),
        cycle_months: months(line.cycle.recurring()),
        quantity: i32::try_from(line.quantity).unwrap_or(i32::MAX),
        price_override: by_hand.map(|o| o.unit_price.amount().into()),
        override_reason: by_hand.map(|o| o.reason.clone()).unwrap_or_default(),
        start_date: Some(line.start.into()),
        main_subscription: line.main.map(|id| id.to_string()).unwrap_or_default(),
        text: line.period_text.clone().unwrap_or_default(),
        domain_registration: registration.unwrap_or_default().into(),
        duplicate_reason: priced.duplicate_reason.clone(),
        unit_price: Some(priced.price.unit_price.amount().into()),
        amount: Some(priced.amounts.gross.into()),
        domain: line.domain.clone().unwrap_or_default(),
        period_months: months(priced.period_months),
        title: priced.name.ru.clone(),
        title_en: priced.name.en.clone(),
    }
}
