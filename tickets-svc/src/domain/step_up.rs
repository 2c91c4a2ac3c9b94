//! Requests that do harm when a forger makes them (A36, D13, G49): such a request of anybody but a
//! proved sender at the address in the profile is asked back there, and done by nobody until it is
//! confirmed.

use crate::domain::{templates::Language, trust::Level};

/// What would be harmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Danger {
    /// Data, or a service, are to be deleted.
    Deletion,
    /// Another owner, or a transfer.
    Ownership,
    /// A password is to be reset, or told.
    Password,
    /// Other contacts: where passwords and questions go from then on.
    Contacts,
}

/// Longest sentence that is looked at as one, in characters: verb and thing stand near each other.
const SENTENCE_MAX: usize = 300;

/// Longest text that is searched, in bytes.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Beginnings of words that say what is to be done, and to what, the worst first.
const DANGERS: [(Danger, &[&str], &[&str]); 4] = [
    (
        Danger::Deletion,
        &[
            "удали",
            "удаля",
            "удалени",
            "снес",
            "стере",
            "стира",
            "сотри",
            "сотре",
            "уничтож",
            "очист",
            "видал",
            "вилуч",
            "выдалі",
            "жой",
            "delet",
            "drop",
            "remov",
            "eras",
            "wip",
            "destroy",
            "usun",
            "usuń",
            "skasuj",
            "lösch",
            "terminat",
        ],
        &[
            "баз",
            "бд",
            "данн",
            "даних",
            "сайт",
            "сервер",
            "аккаунт",
            "акаунт",
            "учет",
            "учёт",
            "услуг",
            "домен",
            "резервн",
            "бэкап",
            "бекап",
            "копи",
            "дерек",
            "databas",
            "db",
            "data",
            "site",
            "server",
            "account",
            "service",
            "domain",
            "backup",
            "baz",
            "konto",
            "datenbank",
            "vps",
            "vds",
        ],
    ),
    (
        Danger::Ownership,
        &[
            "переоформ",
            "перевед",
            "перевест",
            "переда",
            "смен",
            "измен",
            "поменя",
            "зміни",
            "передай",
            "transfer",
            "chang",
            "zmie",
            "übertrag",
        ],
        &["владел", "собственник", "власник", "уладальнік", "owner", "właściciel", "inhaber"],
    ),
    (
        Danger::Password,
        &[
            "сброс",
            "смен",
            "измен",
            "поменя",
            "восстанов",
            "вышл",
            "выслат",
            "пришл",
            "прислат",
            "сообщ",
            "нов",
            "забы",
            "змін",
            "скин",
            "віднов",
            "надішл",
            "reset",
            "chang",
            "send",
            "recover",
            "restor",
            "new",
            "forgot",
            "zmie",
            "zmian",
            "zresetuj",
            "wyślij",
            "änder",
            "zurücksetz",
            "өзгерт",
        ],
        &["парол", "password", "passwd", "пароль", "hasł", "passwort", "kennwort", "құпиясөз"],
    ),
    (
        Danger::Contacts,
        &[
            "смен",
            "измен",
            "поменя",
            "замен",
            "укаж",
            "привяж",
            "змін",
            "замін",
            "chang",
            "updat",
            "replac",
            "zmie",
            "zmian",
            "änder",
        ],
        &[
            "контакт",
            "почт",
            "e-mail",
            "email",
            "емейл",
            "имейл",
            "телефон",
            "пошт",
            "contact",
            "phone",
            "kontakt",
            "adres",
            "telefon",
            "rufnummer",
        ],
    ),
];

/// Words that confirm, at the beginning of an answer.
const CONFIRMED: [&str; 8] = [
    "подтверждаю",
    "підтверджую",
    "пацвярджаю",
    "растаймын",
    "confirm",
    "confirmed",
    "i confirm",
    "potwierdzam",
];

impl Danger {
    /// Every danger.
    pub const ALL: [Self; 4] = [Self::Deletion, Self::Ownership, Self::Password, Self::Contacts];

    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deletion => "deletion",
            Self::Ownership => "ownership",
            Self::Password => "password",
            Self::Contacts => "contacts",
        }
    }

    /// The danger of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|danger| danger.as_str() == word)
    }

    /// What it is about, as people say it.
    #[must_use]
    pub const fn what(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Deletion, Language::Ru) => "удаление данных или услуги",
            (Self::Deletion, Language::En) => "deletion of data or of a service",
            (Self::Ownership, Language::Ru) => "смена владельца",
            (Self::Ownership, Language::En) => "a change of owner",
            (Self::Password, Language::Ru) => "пароль",
            (Self::Password, Language::En) => "a password",
            (Self::Contacts, Language::Ru) => "смена контактов",
            (Self::Contacts, Language::En) => "a change of contacts",
        }
    }
}

/// The danger of a letter: of its subject, and of what is new in it. Words alone decide; whoever
/// asks for nothing of the kind loses nothing by being asked back.
#[must_use]
pub fn danger(subject: &str, reply: &str) -> Option<Danger> {
    let mut end = reply.len().min(TEXT_BYTES_MAX);
    while !reply.is_char_boundary(end) {
        end -= 1;
    }
    let text = format!("{subject}\n{}", &reply[..end]).to_lowercase();
    let found = text.split(['.', '!', '?', '\n', ';']).filter_map(of_sentence);
    found.min_by_key(|danger| Danger::ALL.iter().position(|one| one == danger))
}

fn of_sentence(sentence: &str) -> Option<Danger> {
    let words: Vec<&str> = sentence
        .split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .filter(|word| !word.is_empty())
        .take(SENTENCE_MAX / 4)
        .collect();
    let any = |stems: &[&str]| {
        words.iter().any(|word| {
            stems.iter().any(|stem| match stem.chars().count() {
                // `бд` is a word, no beginning of one.
                0..=2 => word == stem,
                _ => word.starts_with(stem),
            })
        })
    };
    DANGERS.iter().find(|(_, verbs, things)| any(verbs) && any(things)).map(|(danger, ..)| *danger)
}

/// True when whoever is believed so far must be asked back before such a request is done.
#[must_use]
pub const fn must_ask(level: Level) -> bool {
    !level.may_command()
}

/// What is asked for, by whom, and in which words: for whoever confirms it.
#[must_use]
pub fn request(danger: Danger, asked_by: &str, reply: &str, language: Language) -> String {
    const SHOWN: usize = 500;
    let (who, what) = match language {
        Language::Ru => ("Кто просит", "О чём"),
        Language::En => ("Who asks", "What for"),
    };
    let mut words: String = reply.trim().chars().take(SHOWN).collect();
    if words.chars().count() < reply.trim().chars().count() {
        words.push('…');
    }
    let quoted: Vec<String> = words.lines().map(|line| format!("> {line}")).collect();
    let danger = danger.what(language);
    format!("{who}: {asked_by}\n{what}: {danger}\n\n{}", quoted.join("\n"))
}

/// What the ticket says of a request that is not confirmed yet.
#[must_use]
pub fn warning(danger: Danger, asked_of: Option<&str>) -> String {
    let (ru, en) = (danger.what(Language::Ru), danger.what(Language::En));
    match asked_of {
        Some(address) => format!(
            "Опасная просьба ({ru}), а отправитель не доказан. Подтверждение запрошено у \
             {address}; до него ничего не делайте.\n\
             A dangerous request ({en}) of a sender who is not proved. {address} was asked to \
             confirm it; do nothing before."
        ),
        None => format!(
            "Опасная просьба ({ru}), а отправитель не доказан, и адреса из профиля нет. Ничего не \
             делайте, пока владелец не подтвердит.\n\
             A dangerous request ({en}) of a sender who is not proved, and no address of a profile \
             to ask. Do nothing before the owner confirms it."
        ),
    }
}

/// What the ticket says once it is confirmed.
#[must_use]
pub fn confirmation(danger: Danger, by: &str) -> String {
    let (ru, en) = (danger.what(Language::Ru), danger.what(Language::En));
    format!(
        "Подтверждено с адреса из профиля, {by}: {ru}.\n\
         Confirmed from the address in the profile, {by}: {en}."
    )
}

/// True for an answer that confirms.
#[must_use]
pub fn confirms(reply: &str) -> bool {
    let lower = reply.to_lowercase();
    let first = lower.split(['\n', '.', '!', ',']).map(str::trim).find(|line| !line.is_empty());
    first.is_some_and(|first| CONFIRMED.contains(&first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dangerous_requests_are_known() {
        for (subject, text, danger_of_it) in [
            ("", "Прошу удалить базу данных «Бухгалтерия».", Some(Danger::Deletion)),
            ("Удаление базы", "см. тему", Some(Danger::Deletion)),
            ("", "Please delete the database and all backups", Some(Danger::Deletion)),
            ("", "Прошу видалити сервер", Some(Danger::Deletion)),
            ("", "Сбросьте, пожалуйста, пароль на 1С", Some(Danger::Password)),
            ("", "Забыли пароль, пришлите новый", Some(Danger::Password)),
            ("", "We forgot the password, send a new one", Some(Danger::Password)),
            ("", "Прошу сменить контактный телефон", Some(Danger::Contacts)),
            ("", "Поменяйте адрес почты на other@client.test", Some(Danger::Contacts)),
            ("", "Переоформите договор на нового владельца", Some(Danger::Ownership)),
            ("", "Просим увеличить диск на 5 ГБ", None),
            ("", "Удалось войти, спасибо. База работает", None),
            ("Счёт", "Пришлите счёт на почту", None),
            ("", "Не работает пароль", None),
            ("", "Не работает удалённый доступ к базе", None),
            ("", "", None),
        ] {
            assert_eq!(danger(subject, text), danger_of_it, "{subject} {text}");
        }
        let long = "удалить базу ".repeat(1_000_000);
        assert_eq!(danger("", &long), Some(Danger::Deletion));
    }

    #[test]
    fn a_confirmation_is_a_word() {
        for yes in ["Подтверждаю", "ПОДТВЕРЖДАЮ.\n\nИван", "\nConfirm", "подтверждаю, удаляйте"]
        {
            assert!(confirms(yes), "{yes}");
        }
        for no in ["", "Не подтверждаю", "Я не просил", "confirmation?", "Кто просит?"]
        {
            assert!(!confirms(no), "{no}");
        }
    }

    #[test]
    fn only_the_proved_are_not_asked() {
        for level in Level::ALL {
            assert_eq!(must_ask(level), level != Level::Verified);
        }
    }
}
