//! A trace in one sentence, in Russian and in English.

use super::{
    ChargeTrace, CreditTrace, Flag, Formula, Trace,
    formula::{Term, factor, terms},
};
use crate::domain::{discounts::Discount, tax::Taxed, texts::Text};
use chrono::Datelike;
use types::{Currency, Money, period::days_in_month, plural::Forms};

/// After «из»: 181 дня, 150 дней.
const OF_DAYS: Forms = Forms::new("дня", "дней", "дней");
const MONTHS: Forms = Forms::new("месяц", "месяца", "месяцев");
const WHOLE_MONTHS: Forms = Forms::new("полный месяц", "полных месяца", "полных месяцев");
const UNITS: Forms = Forms::new("единицу", "единицы", "единиц");
/// After «из»: 1 единицы, 5 единиц.
const UNITS_OF: Forms = Forms::new("единицы", "единиц", "единиц");

/// A change of quantity that a charge is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Units before.
    pub before: u32,
    /// Units after.
    pub after: u32,
}

/// What a sentence says about VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VatNote {
    /// Nothing.
    Silent,
    /// There is none.
    None,
    /// It is inside the amount.
    Within(u8, Taxed),
    /// It comes on top.
    OnTop(u8, Taxed),
}

/// An amount as Russian texts write it: `3893,33 ₽`.
#[must_use]
pub fn ru(money: Money) -> String {
    let amount = money.amount().to_string().replace('.', ",").replace('-', "−");
    match money.currency() {
        Currency::Rub => format!("{amount} ₽"),
        other => format!("{amount} {other}"),
    }
}

fn en_plural(count: u64, noun: &str) -> String {
    if count == 1 { format!("{count} {noun}") } else { format!("{count} {noun}s") }
}

fn ru_count(count: u64, forms: Forms) -> String {
    format!("{count} {}", forms.of(count))
}

pub(super) fn of(trace: &Trace) -> Text {
    match trace {
        Trace::Charge(t) => of_charge(t, None, VatNote::Silent),
        Trace::Credit(t) => credit(t),
        Trace::Once(t) => Text::new(
            format!("{} × {} = {}, разовая услуга.", ru(t.unit_price), t.quantity, ru(t.amount)),
            format!("{} × {} = {}, charged once.", t.unit_price, t.quantity, t.amount),
        ),
        Trace::Override(t) => Text::new(
            format!("Сумма {} указана вручную: {}.", ru(t.amount), t.reason),
            format!("The amount {} was set by hand: {}.", t.amount, t.reason),
        ),
    }
}

/// A charge, or with fewer units after a change what is given back, in one sentence; amounts are
/// those of a charge.
#[must_use]
pub fn of_charge(t: &ChargeTrace, change: Option<Change>, vat: VatNote) -> Text {
    let back = change.is_some_and(|c| c.after < c.before);
    let amount = t.amount;
    let (verb, en_verb) = if back {
        ("Возвращается", "Credited")
    } else {
        ("Начислено", "Charged")
    };
    let (units, en_units) = units(t, change);
    let (price, en_price) = price(t);
    let rule = rule(t);
    let (rounding, en_rounding) = rounding(t.amount.currency());
    let (start, last) = (t.period.start().format("%d.%m.%Y"), t.period.last().format("%d.%m.%Y"));
    let (factor, vat) = (factor(t), note_of_vat(vat));
    // Whoever compares conventions wants their names; on an invoice they are jargon.
    let (by, en_by) = match change {
        Some(_) => (format!(" по правилу {}", t.convention), format!(" by {}", t.convention)),
        None => (String::new(), String::new()),
    };
    let notes = notes(&t.flags);
    let factor_ru = factor.replace('.', ",");
    Text::new(
        format!(
            "{verb} {} за {units} с {start} по {last}{by}: {price}{factor_ru}, \
             то есть {}, {rounding}{}{}.",
            ru(amount),
            rule.ru,
            vat.ru,
            notes.ru
        ),
        format!(
            "{en_verb} {amount} for {en_units} from {start} to {last}{en_by}: \
             {en_price}{factor}, that is {}, {en_rounding}{}{}.",
            rule.en, vat.en, notes.en
        ),
    )
}

fn units(t: &ChargeTrace, change: Option<Change>) -> (String, String) {
    let count = u64::from(t.quantity);
    let (ru, en) = (ru_count(count, UNITS), en_plural(count, "unit"));
    match change {
        Some(Change { before, after }) => {
            (format!("{ru} ({before} → {after})"), format!("{en} ({before} → {after})"))
        }
        None => (ru, en),
    }
}

/// `800,00 ₽ в месяц × 2`, `4560,00 ₽ за 6 месяцев`, with the discount that applies to it.
fn price(t: &ChargeTrace) -> (String, String) {
    let months = u64::from(t.price_months);
    let (mut text, mut en) = if months == 1 {
        (format!("{} в месяц", ru(t.unit_price)), format!("{} per month", t.unit_price))
    } else {
        (
            format!("{} за {}", ru(t.unit_price), ru_count(months, MONTHS)),
            format!("{} per {}", t.unit_price, en_plural(months, "month")),
        )
    };
    if t.discount != Discount::NONE {
        let percent = t.discount.to_string();
        let number = percent.trim_end_matches('%');
        text.push_str(&format!(" со скидкой {} %", number.replace('.', ",")));
        en.push_str(&format!(" less {percent}"));
    }
    if let Some(reason) = &t.price_reason {
        text.push_str(&format!(" (цена задана вручную: {reason})"));
        en.push_str(&format!(" (price set by hand: {reason})"));
    }
    if t.quantity != 1 {
        text.push_str(&format!(" × {}", t.quantity));
        en.push_str(&format!(" × {}", t.quantity));
    }
    (text, en)
}

/// Which days or months are counted.
fn rule(t: &ChargeTrace) -> Text {
    let (days, full) = (t.period.days().unsigned_abs(), t.full.days().unsigned_abs());
    let part = Text::new(
        format!("{} из {}", days, ru_count(full, OF_DAYS)),
        format!("{days} of {}", en_plural(full, "day")),
    );
    let months = u64::from(t.full_months);
    let whole = Text::new(
        format!("весь расчётный период, {}", ru_count(months, MONTHS)),
        format!("the whole billing period, {}", en_plural(months, "month")),
    );
    match t.formula {
        Formula::Whole if t.period == t.full => whole,
        Formula::Whole => Text::new(
            format!("{}, без пересчёта, хотя остаётся {}", whole.ru, part.ru),
            format!("{}, unprorated, though {} are left", whole.en, part.en),
        ),
        Formula::Days => Text::new(
            format!("{} расчётного периода", part.ru),
            format!("{} of the billing period", part.en),
        ),
        Formula::Nothing => Text::new(
            format!(
                "остаток периода ({}) не оплачивается, новое количество войдёт в следующее \
                 продление",
                part.ru
            ),
            format!(
                "the rest of the period ({}) is not charged and the new quantity is billed from \
                 the next renewal",
                part.en
            ),
        ),
        Formula::Thirtieths | Formula::Months => by_months(t),
    }
}

fn by_months(t: &ChargeTrace) -> Text {
    let terms = terms(t);
    let last = terms.len() - 1;
    let mut texts = Vec::new();
    for (i, term) in terms.iter().enumerate() {
        let (of_ru, of_en) = match i {
            _ if last == 0 => ("месяца", "the month"),
            0 => ("первого месяца", "the first month"),
            _ => ("последнего месяца", "the last month"),
        };
        texts.push(match term {
            Term::Months(n) => Text::new(
                ru_count(*n, WHOLE_MONTHS),
                if *n == 1 { "1 full month".into() } else { format!("{n} full months") },
            ),
            Term::Part(p) if t.formula == Formula::Thirtieths => {
                let day = p.period.start().day();
                let why = if i == 0 && p.weight == 30 - u64::from(day.min(30)) {
                    format!(" (30 − {day})")
                } else {
                    String::new()
                };
                Text::new(
                    format!("{}/30 {of_ru}{why}", p.weight),
                    format!("{}/30 of {of_en}{why}", p.weight),
                )
            }
            Term::Part(p) => {
                let length = u64::from(days_in_month(p.period.start()));
                Text::new(
                    format!("{} из {} {of_ru}", p.days, ru_count(length, OF_DAYS)),
                    format!("{} of {length} days of {of_en}", p.days),
                )
            }
        });
    }
    let ru: Vec<&str> = texts.iter().map(|t| t.ru.as_str()).collect();
    let en: Vec<&str> = texts.iter().map(|t| t.en.as_str()).collect();
    let (thirty, en_thirty) = match t.formula {
        Formula::Thirtieths => (" (в месяце считается 30 дней)", " (a month counts 30 days)"),
        _ => ("", ""),
    };
    Text::new(format!("{}{thirty}", ru.join(" и ")), format!("{}{en_thirty}", en.join(" and ")))
}

fn rounding(currency: Currency) -> (&'static str, &'static str) {
    match currency {
        Currency::Rub => ("округлено один раз до копейки", "rounded once to the kopeck"),
        _ => ("округлено один раз до сотых", "rounded once to the minor unit"),
    }
}

fn note_of_vat(vat: VatNote) -> Text {
    match vat {
        VatNote::Silent => Text::new("", ""),
        VatNote::None => Text::new(", НДС нет", ", no VAT"),
        VatNote::Within(rate, t) => Text::new(
            format!(", в том числе НДС {rate} % – {}", ru(t.tax)),
            format!(", VAT of {rate}% included: {}", t.tax),
        ),
        VatNote::OnTop(rate, t) => Text::new(
            format!(", сверху НДС {rate} % – {}, всего {}", ru(t.tax), ru(t.gross)),
            format!(", VAT of {rate}% on top: {}, in all {}", t.tax, t.gross),
        ),
    }
}

fn credit(t: &CreditTrace) -> Text {
    let notes = notes(&t.flags);
    let (start, last) = (t.period.start().format("%d.%m.%Y"), t.period.last().format("%d.%m.%Y"));
    let (units, quantity) = (t.units, t.quantity);
    // All units of a line, or all of its days, are no fraction worth telling.
    let part = |n: u64, of: u64| if n == of { String::new() } else { format!(" × {n}/{of}") };
    let factor =
        format!("{}{}", part(units.into(), quantity.into()), part(t.numerator, t.denominator));
    let of_units = UNITS_OF.of(quantity.into());
    let (rounding, en_rounding) = rounding(t.amount.currency());
    Text::new(
        format!(
            "Возвращается {} за {units} из {quantity} {of_units} с {start} по {last}: {} по строке\
             {factor}, {rounding}{}.",
            ru(t.amount),
            ru(t.billed),
            notes.ru
        ),
        format!(
            "Credited {} for {units} of {} from {start} to {last}: {} of the line{factor}, \
             {en_rounding}{}.",
            t.amount,
            en_plural(quantity.into(), "unit"),
            t.billed,
            notes.en
        ),
    )
}

fn notes(flags: &[Flag]) -> Text {
    let mut text = Text::new("", "");
    for flag in flags {
        let note = note(*flag);
        text.ru = format!("{}; {}", text.ru, note.ru);
        text.en = format!("{}; {}", text.en, note.en);
    }
    text
}

fn note(flag: Flag) -> Text {
    match flag {
        Flag::MinimumOneThirtieth => Text::new(
            "проверьте: начало 30-го или 31-го числа, взята одна тридцатая",
            "please check: a start on day 30 or 31 counts one thirtieth",
        ),
        Flag::EndOnThirtieth => Text::new(
            "проверьте: конец 30-го числа взят за конец месяца",
            "please check: an end on day 30 is taken for the end of the month",
        ),
        Flag::MoreThirtiethsThanDays => Text::new(
            "проверьте: последний день февраля стоит больше одной тридцатой",
            "please check: the last day of February costs more than one thirtieth",
        ),
        Flag::EndInsideMonth => Text::new(
            "проверьте: период кончается не в конце месяца и посчитан по дням",
            "please check: the period ends inside a month and is counted by days",
        ),
        Flag::CutAtTheWhole => Text::new(
            "взят весь период, потому что месяцы разной длины дали бы больше",
            "the whole is taken, because months of different length would make more",
        ),
        Flag::PeriodIsNotTheCycle => Text::new(
            "проверьте: период не равен числу месяцев цикла",
            "please check: the period is not the cycle's number of months",
        ),
        Flag::Capped => Text::new(
            "ограничено тем, что ещё не возвращено по строке",
            "cut down to what is not yet credited on the line",
        ),
    }
}
