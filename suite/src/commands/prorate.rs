//! `raschet prorate`: what a change of quantity costs by each convention, without a running suite.

use crate::{
    cli::Prorate,
    console::{Console, Outcome},
};
use anyhow::{Result, anyhow};
use invoicing_svc::domain::estimates::{Estimate, EstimateError, Question, estimate};
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
    let estimates: Result<Vec<Estimate>, EstimateError> =
        options.convention.0.iter().map(|convention| estimate(&question, *convention)).collect();
    let estimates = estimates.map_err(|error| {
        let text = Text::new(error.ru(), error.to_string());
        anyhow!(text.get(console.locale()).to_owned())
    })?;
    for estimate in &estimates {
        console.say(&line(estimate));
    }
    console.json(&estimates.iter().map(answer).collect());
    Ok(Outcome::Done)
}

fn line(estimate: &Estimate) -> Text {
    let head = format!(
        "{:<9}  {:>14}  {}",
        estimate.trace.convention.code(),
        estimate.amounts.gross.amount(),
        estimate.formula()
    );
    let text = estimate.explanation();
    Text::new(format!("{head}\n    {}", text.ru), format!("{head}\n    {}", text.en))
}

fn answer(estimate: &Estimate) -> Value {
    let text = estimate.explanation();
    let amounts = estimate.amounts;
    json!({
        "convention": estimate.trace.convention,
        // What is paid, VAT included.
        "amount": amounts.gross.amount().to_string(),
        "formula": estimate.formula(),
        "explanation_ru": text.ru,
        "explanation_en": text.en,
        "net": amounts.net.amount().to_string(),
        "vat": amounts.tax.amount().to_string(),
        "flags": estimate.trace.flags,
        // Of what is given back, with the sign of a charge.
        "trace": estimate.trace,
    })
}
