//! `raschet prorate`: what a change of quantity costs by each convention, without a running suite.

use crate::{
    cli::Prorate,
    console::{Console, Outcome},
};
use anyhow::{Result, anyhow};
use invoicing_svc::domain::quotes::{Question, Quote, QuoteError, quote};
use serde_json::{Value, json};
use service::Text;
use types::Bilingual;

/// Answers.
///
/// # Errors
/// When the numbers do not make a change within a cycle.
pub fn run(options: &Prorate, console: &Console) -> Result<Outcome> {
    let question = Question {
        price: options.price,
        months: options.months,
        change: options.quantity,
        day: options.change_on,
        period: options.period,
        discount: options.discount,
        vat: options.vat,
    };
    let quotes: Result<Vec<Quote>, QuoteError> =
        options.convention.0.iter().map(|convention| quote(&question, *convention)).collect();
    let quotes = quotes.map_err(|error| {
        let text = Text::new(error.ru(), error.to_string());
        anyhow!(text.get(console.locale()).to_owned())
    })?;
    for quote in &quotes {
        console.say(&line(quote));
    }
    console.json(&quotes.iter().map(answer).collect());
    Ok(Outcome::Done)
}

fn line(quote: &Quote) -> Text {
    let head = format!(
        "{:<9}  {:>14}  {}",
        quote.trace.convention.code(),
        quote.amounts.gross.amount(),
        quote.formula()
    );
    let text = quote.explanation();
    Text::new(format!("{head}\n    {}", text.ru), format!("{head}\n    {}", text.en))
}

fn answer(quote: &Quote) -> Value {
    let text = quote.explanation();
    let amounts = quote.amounts;
    json!({
        "convention": quote.trace.convention,
        // What is paid, VAT included.
        "amount": amounts.gross.amount().to_string(),
        "formula": quote.formula(),
        "explanation_ru": text.ru,
        "explanation_en": text.en,
        "net": amounts.net.amount().to_string(),
        "vat": amounts.tax.amount().to_string(),
        "flags": quote.trace.flags,
        // Of what is given back, with the sign of a charge.
        "trace": quote.trace,
    })
}
