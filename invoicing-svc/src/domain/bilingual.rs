//! What the rules answer to people in Russian; the English text is `Display`.

use crate::domain::{
    billing::BillingError,
    changes::ChangeError,
    contracts::ContractError,
    cycles::MAX_MONTHS,
    estimates::EstimateError,
    invoices::{InvoiceError, InvoiceState},
    metrics::{MAX_COUNT, MetricError},
    orders::{AcceptError, OrderError},
    periods::PeriodViolation,
    pricing::PricingError,
    products::{MAX_QUANTITY, ProductError},
    proration::ProrationError,
    quotes::{MAX_DAYS, QuoteError},
    subscriptions::{SubscriptionState, SubscriptionStateError},
    tax::TaxError,
    tax_exemptions::ExemptionError,
};
use chrono::NaiveDate;
use types::Bilingual;

fn day(day: &NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

fn violations<'a>(violations: impl Iterator<Item = &'a PeriodViolation>) -> String {
    violations.map(|v| v.text().ru).collect::<Vec<_>>().join("; ")
}

impl Bilingual for ContractError {
    fn ru(&self) -> String {
        match self {
            Self::Number => "number: ожидается от 1 до 64 символов".into(),
            Self::DueDays(n) => format!("due_days: ожидается от 0 до 365 дней, указано {n}"),
        }
    }
}

impl Bilingual for ProductError {
    fn ru(&self) -> String {
        match self {
            Self::Code(code) => {
                format!(
                    "code: ожидается от 1 до 64 символов a-z, 0-9, «-», «_», «.»; указано {code:?}"
                )
            }
            Self::Name(language) => format!("name.{language}: ожидается от 1 до 200 символов"),
            Self::Fulfilment => "fulfilment: укажите ресурс и множитель не меньше 1".into(),
            Self::Amount(amount) => {
                format!("amount: ожидается от 0 до 1 000 000 000.00; указано {amount}")
            }
            Self::NotFree(amount) => {
                format!("amount: у бесплатного цикла цена должна быть 0.00; указано {amount}")
            }
            Self::Quantity(n) => {
                format!("quantity: ожидается от 1 до {MAX_QUANTITY}; указано {n}")
            }
        }
    }
}

impl Bilingual for OrderError {
    fn ru(&self) -> String {
        match self {
            Self::Lines(n) => format!("lines: ожидается от 1 до 500 строк; указано {n}"),
            Self::Product { line, source } => format!("lines[{line}].{}", source.ru()),
            Self::Reason { line } => format!(
                "lines[{line}].price_override.reason: поясните, почему цена другая \
                 (от 1 до 500 символов)"
            ),
            Self::TooLong { line, field } => {
                format!("lines[{line}].{field}: не больше 200 символов")
            }
            Self::State { .. } => "заказ в этом состоянии так изменить нельзя".into(),
        }
    }
}

impl Bilingual for AcceptError {
    fn ru(&self) -> String {
        match self {
            Self::OtherSeller { .. } => {
                "contract: продукт продаёт другое юрлицо; выберите договор с ним".into()
            }
            Self::Closed { number, since } => {
                format!("contract: договор {number} закрыт с {}", day(since))
            }
            Self::NotOnSale(code) => format!("product: {code} больше не продаётся"),
            Self::NoPrice { code, cycle, currency, day: on } => format!(
                "product: у {code} нет цены для цикла {cycle} в {currency} на {}; \
                 заведите цену или укажите другую",
                day(on)
            ),
            Self::OverrideCurrency(currency) => {
                format!("price_override: договор в валюте {currency}")
            }
            Self::NoMainPeriod(on) => {
                format!("main: у основной услуги нет периода, который содержит {}", day(on))
            }
            Self::Period(broken) => violations(broken.iter()),
            Self::Schedule(_) => "schedule: день 1–31 и от 1 до 120 месяцев".into(),
            Self::Billing(e) => e.ru(),
        }
    }
}

impl Bilingual for ProrationError {
    fn ru(&self) -> String {
        match self {
            Self::Outside { part, full } => {
                format!("период {part} не лежит внутри расчётного периода {full}")
            }
            Self::NotPositive => "число месяцев должно быть больше нуля".into(),
            Self::Money(e) => e.ru(),
        }
    }
}

impl Bilingual for QuoteError {
    fn ru(&self) -> String {
        match self {
            Self::ValidUntil(last) => format!(
                "valid_until: ожидается день не раньше сегодняшнего и не позже чем через \
                 {MAX_DAYS} дней; указан {}",
                day(last)
            ),
            Self::OtherContract(i) => {
                format!("lines[{i}].contract: все строки – по договору предложения")
            }
            Self::State { .. } => "предложение в этом состоянии так изменить нельзя".into(),
        }
    }
}

impl Bilingual for ExemptionError {
    fn ru(&self) -> String {
        match self {
            Self::InsideMonth(on) => {
                format!("ожидается первое число месяца; указано {}", day(on))
            }
            Self::Past(on) => format!("месяц уже прошёл: {}", day(on)),
            Self::BeforeStart(from) => {
                format!("освобождение начинается {}: раньше оно закончиться не может", day(from))
            }
            Self::Ended(ended) => format!("освобождение уже закончилось {}", day(ended)),
        }
    }
}

impl Bilingual for EstimateError {
    fn ru(&self) -> String {
        match self {
            Self::Day { day: on, period } => {
                format!("change-on: {} не входит в период {period}", day(on))
            }
            Self::Months(n) => format!("months: ожидается от 1 до {MAX_MONTHS}; указано {n}"),
            Self::Quantity(n) => {
                format!("quantity: ожидается от 0 до {MAX_QUANTITY}; указано {n}")
            }
            Self::Price(e) => format!("price: {}", e.ru()),
            Self::Proration(e) => e.ru(),
            Self::Money(e) => e.ru(),
        }
    }
}

impl Bilingual for TaxError {
    fn ru(&self) -> String {
        match self {
            Self::BeforeTables(on) => {
                format!("ставки НДС известны с 01.01.2004; дата услуги {}", day(on))
            }
            Self::NoRegime { regime, day: on } => {
                format!("режима {regime} на {} не существует", day(on))
            }
        }
    }
}

impl Bilingual for PricingError {
    fn ru(&self) -> String {
        match self {
            Self::Proration(e) => e.ru(),
            Self::Tax(e) => e.ru(),
            Self::Money(e) => e.ru(),
        }
    }
}

impl Bilingual for MetricError {
    fn ru(&self) -> String {
        match self {
            Self::Code => "code: от 1 до 64 знаков a-z, 0-9, '-', '_', '.'".into(),
            Self::Twice => "code: уже есть у другой метрики".into(),
            Self::Included(n) => format!("included: от 1 до {MAX_COUNT}; получено {n}"),
        }
    }
}

impl Bilingual for BillingError {
    fn ru(&self) -> String {
        match self {
            Self::NoPrice { product, cycle, day: on } => {
                format!("у {product} нет цены для цикла {cycle} на {}", day(on))
            }
            Self::Packs { product, pack, resource, offered } => {
                format!("{product} продаётся по {pack}; {resource} не делится, возьмите {offered}")
            }
            Self::Grid { subscription } => {
                format!("{subscription}: ожидается день от 1 до 31 и цикл от 1 до 120 месяцев")
            }
            Self::Main { subscription } => {
                format!("{subscription}: у основной услуги нет своих периодов")
            }
            Self::TooMany { subscription, max } => format!(
                "{subscription}: не выставлено больше {max} периодов; проверьте начало и дату"
            ),
            Self::Pricing(e) => e.ru(),
            Self::Money(e) => e.ru(),
        }
    }
}

const fn subscription_state(state: SubscriptionState) -> &'static str {
    match state {
        SubscriptionState::Pending => "ожидает",
        SubscriptionState::Active => "работает",
        SubscriptionState::Suspended => "приостановлена",
        SubscriptionState::Terminated => "завершена",
    }
}

impl Bilingual for SubscriptionStateError {
    fn ru(&self) -> String {
        format!("услуга {}; так её изменить нельзя", subscription_state(self.state))
    }
}

impl Bilingual for ChangeError {
    fn ru(&self) -> String {
        match self {
            Self::Quantity(e) => e.ru(),
            Self::Same(n) => format!("quantity: сейчас и так {n}; укажите новое общее количество"),
            Self::ConfirmDowngrade { before, after } => {
                format!("quantity: {after} меньше, чем {before}; подтвердите уменьшение")
            }
            Self::State(state) => format!(
                "услуга {}; менять можно работающую или ожидающую",
                subscription_state(*state)
            ),
            Self::Day(on) => format!("effective_date: {} услуга не работает", day(on)),
            Self::NotRecurring => {
                "продукт не выставляется по периодам; закажите его ещё раз".into()
            }
            Self::Stale => {
                "token: изменение уже не такое, как в расчёте; рассчитайте его снова".into()
            }
            Self::Billing(e) => e.ru(),
            Self::Money(e) => e.ru(),
        }
    }
}

const fn invoice_state(state: InvoiceState) -> &'static str {
    match state {
        InvoiceState::Draft => "ещё черновик",
        InvoiceState::Held => "удержан",
        InvoiceState::Issued => "выпущен",
        InvoiceState::Expired => "истёк",
        InvoiceState::Cancelled => "отменён",
    }
}

impl Bilingual for InvoiceError {
    fn ru(&self) -> String {
        match self {
            Self::State { state, .. } => {
                format!("счёт {}; это действие для него невозможно", invoice_state(*state))
            }
            Self::NoLines => "lines: в счёте должна быть хотя бы одна строка".into(),
            Self::LineCurrency { line, currency } => {
                format!("lines[{line}]: договор в валюте {currency}")
            }
            Self::Periods(broken) => violations(broken.iter().map(|(_, v)| v)),
            Self::NoNumber => "серия не дала номера".into(),
            Self::HasMoney => "на счёт отнесены деньги; сначала отвяжите платёж".into(),
            Self::NoReason => "reason: укажите причину (от 1 до 500 символов)".into(),
            Self::StillValid(until) => format!("счёт можно оплатить до {}", day(until)),
            Self::NoValidity => "у счёта нет срока действия".into(),
            Self::Paid => "счёт оплачен".into(),
            Self::TooLate(until) => {
                format!("счёт можно было оплатить до {}; деньги остаются авансом", day(until))
            }
            Self::PeriodsTaken => {
                "эти периоды выставлены другим счётом; деньги остаются авансом".into()
            }
            Self::Money(e) => e.ru(),
        }
    }
}
