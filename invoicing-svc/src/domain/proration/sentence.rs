//! A trace in one sentence, in Russian and in English.

use super::{ChargeTrace, CreditTrace, Flag, Formula, Trace};
use crate::domain::texts::Text;
use types::{Currency, Money};

/// An amount as Russian texts write it: `3893,33 ₽`.
fn ru(money: Money) -> String {
    let amount = money.amount().to_string().replace('.', ",");
    match money.currency() {
        Currency::Rub => format!("{amount} ₽"),
        other => format!("{amount} {other}"),
    }
}

pub(super) fn of(trace: &Trace) -> Text {
    let (mut text, flags) = match trace {
        Trace::Charge(t) => (charge(t), t.flags.as_slice()),
        Trace::Credit(t) => (credit(t), t.flags.as_slice()),
        Trace::Once(t) => (
            Text::new(
                format!(
                    "{} × {} = {}, разовая услуга.",
                    ru(t.unit_price),
                    t.quantity,
                    ru(t.amount)
                ),
                format!("{} × {} = {}, charged once.", t.unit_price, t.quantity, t.amount),
            ),
            [].as_slice(),
        ),
        Trace::Override(t) => (
            Text::new(
                format!("Сумма {} указана вручную: {}.", ru(t.amount), t.reason),
                format!("The amount {} was set by hand: {}.", t.amount, t.reason),
            ),
            [].as_slice(),
        ),
    };
    for flag in flags {
        let note = note(*flag);
        text.ru = format!("{} {}", text.ru, note.ru);
        text.en = format!("{} {}", text.en, note.en);
    }
    text
}

fn charge(t: &ChargeTrace) -> Text {
    let price = (
        format!("{} за {} мес. × {}", ru(t.unit_price), t.price_months, t.quantity),
        format!("{} per {} month(s) × {}", t.unit_price, t.price_months, t.quantity),
    );
    let (part, en) = match t.formula {
        Formula::Whole => (
            format!("за весь период {} ({} мес.)", t.period, t.full_months),
            format!("for the whole period {} ({} months)", t.period, t.full_months),
        ),
        Formula::Thirtieths => {
            let first = t.pieces.first().map_or(30, |p| p.weight);
            let months = t.pieces.len();
            let (months, en) = if first == 30 {
                (format!("{months} мес."), format!("{months} month(s)"))
            } else {
                let rest = months - 1;
                (format!("{first}/30 + {rest} мес."), format!("{first}/30 + {rest} month(s)"))
            };
            (
                format!(
                    "за {}: {months} = {}/{} цены (в месяце считается 30 дней)",
                    t.period, t.numerator, t.denominator
                ),
                format!(
                    "for {}: {en} = {}/{} of the price (a month counts 30 days)",
                    t.period, t.numerator, t.denominator
                ),
            )
        }
        Formula::Days => (
            format!("за {}: {} из {} дней", t.period, t.period.days(), t.full.days()),
            format!("for {}: {} of {} days", t.period, t.period.days(), t.full.days()),
        ),
    };
    Text::new(
        format!("{} {part}. Округлено один раз: {}.", price.0, ru(t.amount)),
        format!("{} {en}. Rounded once: {}.", price.1, t.amount),
    )
}

fn credit(t: &CreditTrace) -> Text {
    Text::new(
        format!(
            "Возврат {} ед. из {} за {}: {} × {}/{} = {}.",
            t.units,
            t.quantity,
            t.period,
            ru(t.billed),
            t.numerator,
            t.denominator,
            ru(t.amount)
        ),
        format!(
            "Credit of {} of {} unit(s) for {}: {} × {}/{} = {}.",
            t.units, t.quantity, t.period, t.billed, t.numerator, t.denominator, t.amount
        ),
    )
}

fn note(flag: Flag) -> Text {
    match flag {
        Flag::MinimumOneThirtieth => Text::new(
            "Начало 30-го или 31-го числа: взята одна тридцатая, проверьте.",
            "Starts on day 30 or 31: one thirtieth is taken, please check.",
        ),
        Flag::EndOnThirtieth => Text::new(
            "Конец 30-го числа взят за конец месяца, проверьте.",
            "An end on day 30 is taken for the end of the month, please check.",
        ),
        Flag::MoreThirtiethsThanDays => Text::new(
            "Последний день февраля стоит больше одной тридцатой, проверьте.",
            "The last day of February costs more than one thirtieth, please check.",
        ),
        Flag::EndInsideMonth => Text::new(
            "Период кончается не в конце месяца: посчитано по дням.",
            "The period ends inside a month: counted by days.",
        ),
        Flag::Capped => Text::new(
            "Ограничено тем, что ещё не возвращено по строке.",
            "Cut down to what is not yet credited on the line.",
        ),
    }
}
