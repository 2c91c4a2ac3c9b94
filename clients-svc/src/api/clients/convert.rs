//! Clients on the wire and as checked values.

use crate::domain::{
    clients::{Client, ClientFields, Kind, Language, Name, Phone},
    passwords::Password,
};
use chrono_tz::Tz;
use proto::{clients::v1 as wire, convert::timestamp};
use service::{Failure, Text, Violations, etag, mask::Mask};
use types::{email::EmailAddress, id::StaffId};

pub(super) fn parse_password(text: &str) -> Result<Option<Password>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    Password::parse(text).map(Some).map_err(|e| Failure::invalid("client.password", Text::of(&e)))
}

pub(super) fn parse(given: &wire::Client) -> Result<ClientFields, Failure> {
    let mut v = Violations::default();
    let kind = v.take(
        "client.kind",
        Kind::from_word(given.kind().as_str_name())
            .ok_or_else(|| Text::new("Укажите вид клиента.", "Choose the kind of client.")),
    );
    let required = |text: &str| Name::parse(text).map_err(|e| Text::of(&e));
    let optional = |text: &str| Name::parse_optional(text).map_err(|e| Text::of(&e));
    let given_name = v.take("client.given_name", required(&given.given_name));
    let family_name = v.take("client.family_name", required(&given.family_name));
    let company = v.take("client.company", optional(&given.company));
    let question = v.take("client.security_question", optional(&given.security_question));
    let email = EmailAddress::parse(&given.email).map_err(|e| Text::of(&e));
    let email = v.take("client.email", email);
    let phone = v.take("client.phone", Phone::parse(&given.phone).map_err(|e| Text::of(&e)));
    let language = v.take("client.language", parse_language(&given.language));
    let zone = v.take("client.zone", parse_zone(&given.zone));
    let manager = v.take("client.manager", parse_manager(&given.manager));
    v.finish()?;
    let fields = || {
        Some(ClientFields {
            kind: kind?,
            given_name: given_name?,
            family_name: family_name?,
            company: company?,
            email: email?,
            phone: phone?,
            language: language?,
            zone: zone?,
            security_question: question?,
            manager: manager?,
            never_suspend: given.never_suspend,
            no_overdue_notices: given.no_overdue_notices,
            no_late_fees: given.no_late_fees,
        })
    };
    fields().ok_or_else(|| Failure::internal("a field is neither good nor bad"))
}

fn parse_language(text: &str) -> Result<Language, Text> {
    let word = if text.is_empty() { "ru" } else { text };
    Language::from_word(word).ok_or_else(|| Text::new("Укажите ru или en.", "Give ru or en."))
}

fn parse_manager(text: &str) -> Result<Option<StaffId>, Text> {
    let expected = || {
        Text::new("Укажите сотрудника, как staff/{id}.", "Give a member of staff, as staff/{id}.")
    };
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| expected()) }
}

fn parse_zone(text: &str) -> Result<Tz, Text> {
    let zone = if text.is_empty() { "Europe/Moscow" } else { text };
    zone.parse().map_err(|_| {
        Text::new(
            "Укажите часовой пояс, например Europe/Moscow.",
            "Give an IANA time zone, such as Europe/Moscow.",
        )
    })
}

/// The stored client with the fields of the mask taken from the given one, and their names.
pub(super) fn merge(
    mut stored: wire::Client,
    given: wire::Client,
    mask: &Mask,
) -> (wire::Client, Vec<String>) {
    let mut changed = Vec::new();
    macro_rules! take {
        ($($field:ident: $populated:expr),* $(,)?) => {$(
            if mask.has(stringify!($field), $populated) {
                stored.$field = given.$field;
                changed.push(stringify!($field).to_owned());
            }
        )*};
    }
    take! {
        kind: given.kind != 0,
        given_name: !given.given_name.is_empty(),
        family_name: !given.family_name.is_empty(),
        company: !given.company.is_empty(),
        email: !given.email.is_empty(),
        phone: !given.phone.is_empty(),
        language: !given.language.is_empty(),
        zone: !given.zone.is_empty(),
        security_question: !given.security_question.is_empty(),
        manager: !given.manager.is_empty(),
        never_suspend: given.never_suspend,
        no_overdue_notices: given.no_overdue_notices,
        no_late_fees: given.no_late_fees,
    }
    (stored, changed)
}

impl From<Client> for wire::Client {
    fn from(client: Client) -> Self {
        let f = client.fields;
        Self {
            name: client.id.to_string(),
            number: client.number,
            kind: wire::client::Kind::from_str_name(f.kind.as_str()).unwrap_or_default().into(),
            given_name: f.given_name.as_str().into(),
            family_name: f.family_name.as_str().into(),
            company: f.company.as_str().into(),
            email: f.email.as_str().into(),
            phone: f.phone.as_str().into(),
            language: f.language.as_str().into(),
            zone: f.zone.name().into(),
            security_question: f.security_question.as_str().into(),
            stage: wire::client::Stage::from_str_name(client.stage.as_str())
                .unwrap_or_default()
                .into(),
            password: String::new(),
            manager: f.manager.map(|id| id.to_string()).unwrap_or_default(),
            never_suspend: f.never_suspend,
            no_overdue_notices: f.no_overdue_notices,
            no_late_fees: f.no_late_fees,
            etag: etag(client.revision),
            create_time: Some(timestamp(client.created_at)),
        }
    }
}
