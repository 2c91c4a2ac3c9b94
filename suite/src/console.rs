//! What is printed: text for people (Russian or English by the locale of the shell), or one JSON
//! document; progress and errors go to standard error.

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use service::{Locale, Text};
use std::{
    env,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};
use tonic_types::StatusExt;

/// How a command ended, other than by an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it.
    Done,
    /// What could be done is done, and there is something for a person to look at.
    Problems,
    /// The input is refused; the reason was told.
    Refused,
}

impl Outcome {
    /// Problems if there are any.
    #[must_use]
    pub fn of_problems(any: bool) -> Self {
        if any { Self::Problems } else { Self::Done }
    }

    /// Exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Problems => 3,
            Self::Refused => 2,
        }
    }
}

/// Where answers go.
#[derive(Debug, Clone)]
pub struct Console {
    json: bool,
    locale: Locale,
}

impl Console {
    /// Answers as JSON, or as text in the language of the shell.
    #[must_use]
    pub fn new(json: bool) -> Self {
        let language = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
        let russian = language.is_some_and(|tag| tag.starts_with("ru"));
        Self { json, locale: if russian { Locale::Ru } else { Locale::En } }
    }

    /// The language of the shell.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// Prints a line for people; nothing when JSON is asked for.
    pub fn say(&self, text: &Text) {
        if !self.json {
            print(text.get(self.locale));
        }
    }

    /// Whether the answer is for programs.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Tells on standard error what is wrong with the input.
    pub fn complain(&self, text: &Text) {
        let _ = writeln!(io::stderr(), "{}", text.get(self.locale));
    }

    /// Prints the answer for programs; nothing unless it is asked for.
    pub fn json(&self, answer: &Value) {
        if self.json {
            print(&answer.to_string());
        }
    }

    /// A progress bar on the terminal; hidden elsewhere.
    #[must_use]
    pub fn progress(&self, what: &Text) -> ProgressBar {
        if !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(0).with_message(what.get(self.locale).to_owned());
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    /// Prints an error and answers exit code 1.
    #[must_use]
    pub fn failed(&self, error: &anyhow::Error) -> ExitCode {
        let status = error.chain().find_map(|cause| cause.downcast_ref::<tonic::Status>());
        let (text, reason) = match status {
            Some(status) => (status_text(status), status_reason(status)),
            None => (format!("{error:#}"), None),
        };
        if self.json {
            print(&json!({ "error": text, "reason": reason }).to_string());
        }
        let mut line = text;
        if let Some(reason) = reason {
            line.push_str(&format!(" [{reason}]"));
        }
        // Standard error may be closed; there is nobody left to tell.
        let _ = writeln!(io::stderr(), "{line}");
        ExitCode::FAILURE
    }
}

/// A line on standard output. A reader that went away (`| head`) is no failure of the work done.
fn print(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// What a person should read of a refusal: its message and every field that is wrong.
#[must_use]
pub fn status_text(status: &tonic::Status) -> String {
    let details = status.get_error_details();
    let message = details.localized_message().map_or(status.message(), |text| &text.message);
    let mut text = message.to_owned();
    for violation in details.bad_request().iter().flat_map(|bad| &bad.field_violations) {
        text.push_str(&format!("\n  {}: {}", violation.field, violation.description));
    }
    if text.is_empty() { status.to_string() } else { text }
}

/// The machine's word for a refusal, such as `INVOICE_NOT_HELD`.
#[must_use]
pub fn status_reason(status: &tonic::Status) -> Option<String> {
    let details = status.get_error_details();
    details.error_info().map(|info| info.reason.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use service::Failure;

    #[test]
    fn a_refusal_shows_its_fields_and_reason() {
        let text = Text::new("Укажите дату.", "Give a date.");
        let status = tonic::Status::from(Failure::invalid("date", text));
        let shown = status_text(&status);
        assert!(shown.contains("date: "), "{shown}");
        let status = tonic::Status::from(Failure::precondition(
            "CLOCK_NOT_MANUAL",
            Text::new("Часы идут сами.", "The clock runs by itself."),
        ));
        assert_eq!(status_reason(&status).as_deref(), Some("CLOCK_NOT_MANUAL"));
    }
}
