//! The one error of the suite, and the one table from errors to gRPC codes.
//!
//! A service's rules have errors of their own (`InvoiceError`); its `api/` turns them into a
//! [`Failure`], and only [`Status::from`] below turns that into what a caller sees: a text in the
//! caller's language, `google.rpc` details for programs (AIP-193), and nothing of what only a log
//! should hold.

mod database;
mod violations;

pub use database::is_transient;
pub use violations::Violations;

pub(crate) use database::Outage;

use crate::{layers, locale::Text, telemetry};
use std::{collections::HashMap, fmt, time::Duration};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, LocalizedMessage, StatusExt};

/// `ErrorInfo.domain` of every error.
pub const DOMAIN: &str = "raschet";

/// How long a caller is asked to wait before it tries again.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Why a call cannot be answered: what kind of error, a reason for programs, a text for people.
#[derive(Debug)]
pub struct Failure(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    reason: &'static str,
    text: Text,
    metadata: HashMap<String, String>,
    /// How long a caller is asked to wait.
    retry_after: Duration,
    /// What happened, for the log only.
    cause: Option<String>,
    /// Database constraint that was violated.
    constraint: Option<String>,
}

/// The kinds of errors; each is one gRPC code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Fields are malformed, all of them named: `INVALID_ARGUMENT`.
    Invalid(Vec<Violation>),
    /// The resource of this name does not exist, or is not the caller's: `NOT_FOUND`.
    NotFound(String),
    /// The name, number or reference is taken: `ALREADY_EXISTS`.
    Exists(String),
    /// Wrong state, closed period, insufficient credit: `FAILED_PRECONDITION`.
    Precondition,
    /// Stale etag: `ABORTED`.
    Aborted,
    /// The caller's roles do not allow it: `PERMISSION_DENIED`.
    Denied,
    /// No identity, or one that does not hold: `UNAUTHENTICATED`.
    Unauthenticated,
    /// A limit is reached: `RESOURCE_EXHAUSTED`.
    Exhausted,
    /// A peer or the database is away, try again: `UNAVAILABLE`.
    Unavailable,
    /// The caller's time is up: `DEADLINE_EXCEEDED`.
    Expired,
    /// No such method, or not in this form: `UNIMPLEMENTED`.
    Unimplemented,
    /// A bug: `INTERNAL`, with an opaque text and a trace id.
    Internal,
}

/// One field that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, such as `client.email`.
    pub field: String,
    /// What is wrong and what to do.
    pub text: Text,
}

impl Failure {
    fn new(kind: Kind, reason: &'static str, text: Text) -> Self {
        Self(Box::new(Inner {
            kind,
            reason,
            text,
            metadata: HashMap::new(),
            retry_after: RETRY_AFTER,
            cause: None,
            constraint: None,
        }))
    }

    /// One malformed field. Collect several with [`Violations`].
    pub fn invalid(field: impl Into<String>, text: Text) -> Self {
        let mut violations = Violations::default();
        violations.field(field, text);
        Self::violations(violations.into_inner())
    }

    fn violations(violations: Vec<Violation>) -> Self {
        let violations = violations::fitting(violations);
        let text = match violations.as_slice() {
            [one] => one.text.clone(),
            _ => Text::new("Исправьте отмеченные поля.", "Correct the fields that are marked."),
        };
        Self::new(Kind::Invalid(violations), "INVALID_FIELDS", text)
    }

    /// `INVALID_ARGUMENT` that concerns the request as a whole rather than a field.
    #[must_use]
    pub fn invalid_request(reason: &'static str, text: Text) -> Self {
        Self::new(Kind::Invalid(Vec::new()), reason, text)
    }

    /// No such resource. A foreign customer's resource is answered the same way.
    pub fn not_found(name: impl Into<String>) -> Self {
        let name = name.into();
        let text = Text::new(format!("Не найдено: {name}."), format!("Not found: {name}."));
        Self::new(Kind::NotFound(name), "NOT_FOUND", text)
    }

    /// The name, number or reference is taken by the resource `name`.
    pub fn exists(reason: &'static str, name: impl Into<String>, text: Text) -> Self {
        Self::new(Kind::Exists(name.into()), reason, text)
    }

    /// The state of things does not allow it; the text says what has to change first.
    #[must_use]
    pub fn precondition(reason: &'static str, text: Text) -> Self {
        Self::new(Kind::Precondition, reason, text)
    }

    /// Somebody else was faster.
    #[must_use]
    pub fn aborted(reason: &'static str, text: Text) -> Self {
        Self::new(Kind::Aborted, reason, text)
    }

    /// The caller may not do this.
    #[must_use]
    pub fn denied() -> Self {
        let text = Text::new("У вас нет прав на это действие.", "You are not allowed to do this.");
        Self::new(Kind::Denied, "ROLE_MISSING", text)
    }

    /// The caller is nobody we know.
    #[must_use]
    pub fn unauthenticated(reason: &'static str) -> Self {
        let text = Text::new("Войдите в систему.", "Log in first.");
        Self::new(Kind::Unauthenticated, reason, text)
    }

    /// The caller is not who it says; the text tells what to do.
    #[must_use]
    pub fn unproved(reason: &'static str, text: Text) -> Self {
        Self::new(Kind::Unauthenticated, reason, text)
    }

    /// A limit is reached; the text says which.
    #[must_use]
    pub fn exhausted(reason: &'static str, text: Text) -> Self {
        Self::new(Kind::Exhausted, reason, text)
    }

    /// There is no such method, or not in this form.
    #[must_use]
    pub fn unimplemented(reason: &'static str, text: Text) -> Self {
        Self::new(Kind::Unimplemented, reason, text)
    }

    /// Something that we need does not answer. The cause goes to the log only.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        let text = Text::new(
            "Сервис временно недоступен. Повторите через несколько секунд.",
            "The service is temporarily unavailable. Try again in a few seconds.",
        );
        Self::new(Kind::Unavailable, "UNAVAILABLE", text).cause(cause)
    }

    /// The deadline of the call has passed.
    #[must_use]
    pub fn expired() -> Self {
        let text = Text::new(
            "Запрос не успел выполниться. Повторите его.",
            "The call took too long. Repeat it.",
        );
        Self::new(Kind::Expired, "DEADLINE_EXCEEDED", text)
    }

    /// A bug. The cause goes to the log only.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let text = Text::new(
            "Внутренняя ошибка. Сообщите поддержке код запроса.",
            "Internal error. Tell support the trace id.",
        );
        Self::new(Kind::Internal, "INTERNAL", text).cause(cause)
    }

    /// Adds a fact for programs, such as `("invoice", "invoices/…")`.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.metadata.insert(key.into(), value.into());
        self
    }

    /// Asks the caller to wait this long; a moment where nothing is said.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// Adds what only the log should hold.
    #[must_use]
    fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// Replaces a database error that violated the named constraint; keeps any other error.
    #[must_use]
    pub fn on_constraint(self, name: &str, then: impl FnOnce() -> Self) -> Self {
        if self.0.constraint.as_deref() == Some(name) { then() } else { self }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// The reason for programs, such as `INVOICE_NOT_HELD`.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.0.reason
    }

    /// The text for people.
    #[must_use]
    pub fn text(&self) -> &Text {
        &self.0.text
    }

    /// True when the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.0.kind, Kind::Unavailable)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.reason, self.0.text.en)?;
        if let Kind::Invalid(violations) = &self.0.kind {
            for v in violations {
                write!(f, " {}: {}", v.field, v.text.en)?;
            }
        }
        match &self.0.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// True for answers of a peer that may be different the next time.
#[must_use]
pub fn is_transient_status(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::Cancelled
            // None of ours answers it: the connection broke in the middle of the answer.
            | Code::Unknown
            // The token may have expired on the way, or keys are being changed.
            | Code::Unauthenticated
    )
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        let locale = layers::locale();
        let Inner { kind, reason, text, mut metadata, retry_after, cause, .. } = *failure.0;
        let mut details = ErrorDetails::new();
        let code = match &kind {
            Kind::Invalid(violations) => {
                details.set_bad_request(violations.iter().map(field).collect::<Vec<_>>());
                Code::InvalidArgument
            }
            Kind::NotFound(name) => {
                details.set_resource_info(collection(name), name, "", text.en.clone());
                Code::NotFound
            }
            Kind::Exists(name) => {
                details.set_resource_info(collection(name), name, "", text.en.clone());
                Code::AlreadyExists
            }
            Kind::Precondition => {
                details.add_precondition_failure_violation(reason, "", text.en.clone());
                Code::FailedPrecondition
            }
            Kind::Aborted => Code::Aborted,
            Kind::Denied => Code::PermissionDenied,
            Kind::Unauthenticated => Code::Unauthenticated,
            Kind::Exhausted | Kind::Unavailable => {
                details.set_retry_info(Some(retry_after));
                if kind == Kind::Exhausted { Code::ResourceExhausted } else { Code::Unavailable }
            }
            Kind::Expired => Code::DeadlineExceeded,
            Kind::Unimplemented => Code::Unimplemented,
            Kind::Internal => {
                metadata.insert("trace".into(), telemetry::trace_id());
                Code::Internal
            }
        };
        if let Some(cause) = cause {
            // Logged once, here at the boundary.
            match kind {
                Kind::Internal => tracing::error!(error.reason = reason, "call failed: {cause}"),
                _ => tracing::warn!(error.reason = reason, "call failed: {cause}"),
            }
        }
        details.set_error_info(reason, DOMAIN, metadata);
        let message = text.get(locale);
        details.set_localized_message(locale.tag(), message);
        Self::with_error_details(code, message, details)
    }
}

fn field(violation: &Violation) -> FieldViolation {
    let locale = layers::locale();
    let mut field = FieldViolation::new(&violation.field, violation.text.en.clone());
    field.localized_message = Some(LocalizedMessage::new(locale.tag(), violation.text.get(locale)));
    field
}

/// Collection of a resource name: `invoices` of `invoices/…`.
fn collection(name: &str) -> &str {
    name.split('/').next().unwrap_or_default()
}
