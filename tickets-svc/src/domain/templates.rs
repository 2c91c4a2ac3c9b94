//! Letters that the suite writes by itself or for staff, in Russian and in English.
//!
//! A template is text with `{names}`; each is replaced once by its value, and values are never
//! looked through for names: what a client writes cannot pull a value out.

use std::collections::BTreeMap;

/// Language of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Russian, which everybody gets who asked for nothing else.
    Ru,
    /// English.
    En,
}

impl Language {
    /// The language of a tag such as `ru`, `en` or `en-GB`.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("en") { Self::En } else { Self::Ru }
    }
}

/// Who of a client gets a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Contacts who get invoices.
    Billing,
    /// Contacts who get what tickets are about.
    Support,
    /// Contacts who get everything else.
    General,
}

impl Audience {
    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Billing => "billing",
            Self::Support => "support",
            Self::General => "general",
        }
    }
}

/// A template in one language.
struct Wording {
    subject: &'static str,
    text: &'static str,
}

/// A template: its name, whom it is for, and its words.
pub struct Template {
    /// Name, such as `invoice_issued`.
    pub name: &'static str,
    /// Who of the client gets it when nobody is named.
    pub audience: Audience,
    /// True when no person presses a button for it: marked as automatic in its headers.
    pub automatic: bool,
    ru: Wording,
    en: Wording,
}

/// What a template says with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Subject: one line.
    pub subject: String,
    /// Text.
    pub text: String,
}

/// A template needs a value that was not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template {template} needs the value {variable}")]
pub struct MissingValue {
    /// Template.
    pub template: &'static str,
    /// Name of the value.
    pub variable: String,
}

/// Answers of staff.
pub const TICKET_REPLY: &str = "ticket_reply";
/// Acknowledgement of a new ticket.
pub const TICKET_RECEIVED: &str = "ticket_received";
/// Last words of a closed ticket.
pub const TICKET_CLOSED: &str = "ticket_closed";

/// Asks the address in the profile whether a dangerous request is meant (G49).
pub const TICKET_CONFIRM: &str = "ticket_confirm";
/// Tells the address in the profile that somebody wrote in its name and was not believed.
pub const SENDER_DOUBTED: &str = "sender_doubted";

/// Asks whoever writes for several clients which one is meant.
pub const TICKET_WHICH_CLIENT: &str = "ticket_which_client";

static TEMPLATES: [Template; 9] = [
    Template {
        name: "invoice_issued",
        audience: Audience::Billing,
        automatic: true,
        ru: Wording {
            subject: "Счёт № {number} от {issue_date}",
            text: "Здравствуйте!\n\n\
                   {seller} выставляет вам счёт № {number} от {issue_date} на сумму {total}.\n\
                   Оплатите его до {due_date}: счёт с реквизитами и QR-кодом \
                   приложен к письму.\n{pay}\n\
                   В назначении платежа укажите номер счёта — так деньги зачтутся сразу.\n\
                   На вопросы мы ответим, если вы ответите на это письмо.\n",
        },
        en: Wording {
            subject: "Invoice No. {number} of {issue_date}",
            text: "Hello,\n\n\
                   {seller} has issued invoice No. {number} of {issue_date} for {total}.\n\
                   Please pay it by {due_date}: the invoice with bank details and a QR code is \
                   attached.\n{pay}\n\
                   Name the invoice number in the payment, so that it is recognised at once.\n\
                   If you have a question, reply to this letter.\n",
        },
    },
    Template {
        name: "invoice_overdue",
        audience: Audience::Billing,
        automatic: true,
        ru: Wording {
            subject: "Напоминание: счёт № {number} от {issue_date} не оплачен",
            text: "Здравствуйте!\n\n\
                   Мы пока не видим оплаты счёта № {number} от {issue_date} ({seller}). Его нужно \
                   было оплатить до {due_date}, осталось {residual}.\n\
                   Счёт с реквизитами и QR-кодом приложен ещё раз.\n{pay}\n\
                   Если вы уже заплатили, ничего делать не нужно: деньги от банка идут до трёх \
                   рабочих дней.\n\
                   Если со счётом что-то не так, ответьте на это письмо.\n",
        },
        en: Wording {
            subject: "Reminder: invoice No. {number} of {issue_date} is not paid",
            text: "Hello,\n\n\
                   We have not seen the payment of invoice No. {number} of {issue_date} ({seller}) \
                   yet. It was due on {due_date}; {residual} is left to pay.\n\
                   The invoice with bank details and a QR code is attached once more.\n{pay}\n\
                   If you have paid already, nothing is to be done: a bank takes up to three \
                   working days.\n\
                   If something is wrong with the invoice, reply to this letter.\n",
        },
    },
    Template {
        name: "quote_sent",
        audience: Audience::General,
        automatic: false,
        ru: Wording {
            subject: "Коммерческое предложение № {number}{subject}",
            text: "Здравствуйте!\n\n\
                   {seller} предлагает вам услуги на сумму {total} за первый период: что именно и \
                   по каким ценам, написано в приложенном предложении № {number}.\n\
                   Оно действительно по {valid_until}.\n{accept}\n\
                   Если предложение вам подходит или есть вопросы, ответьте на это письмо.\n",
        },
        en: Wording {
            subject: "Quote No. {number}{subject}",
            text: "Hello,\n\n\
                   {seller} offers you services for {total} for the first period: what exactly, \
                   and at which prices, is in the attached quote No. {number}.\n\
                   It is valid through {valid_until}.\n{accept}\n\
                   If it suits you, or you have a question, reply to this letter.\n",
        },
    },
    Template {
        name: TICKET_REPLY,
        audience: Audience::Support,
        automatic: false,
        ru: Wording { subject: "Re: {subject}", text: "{text}\n\n-- \n{signature}\n" },
        en: Wording { subject: "Re: {subject}", text: "{text}\n\n-- \n{signature}\n" },
    },
    Template {
        name: TICKET_WHICH_CLIENT,
        audience: Audience::Support,
        automatic: true,
        ru: Wording {
            subject: "Re: {subject}",
            text: "Здравствуйте!\n\n\
                   Мы получили ваше письмо, заявка № {number}. С вашего адреса пишут от имени \
                   нескольких клиентов:\n\n{text}\n\n\
                   Ответьте, пожалуйста, от кого из них это письмо: до этого мы ничего не \
                   меняем.\n\n-- \n{signature}\n",
        },
        en: Wording {
            subject: "Re: {subject}",
            text: "Hello,\n\n\
                   We have received your letter, request No. {number}. Your address writes for \
                   several customers:\n\n{text}\n\n\
                   Please reply for which of them this letter is: until then we change \
                   nothing.\n\n-- \n{signature}\n",
        },
    },
    Template {
        name: TICKET_CONFIRM,
        audience: Audience::Support,
        automatic: true,
        ru: Wording {
            subject: "Re: {subject}",
            text: "Здравствуйте!\n\n\
                   В заявке № {number} просят о том, чего не вернуть или что опасно в чужих \
                   руках:\n\n{text}\n\n\
                   Если это ваша просьба, ответьте на это письмо словом ПОДТВЕРЖДАЮ. Если нет, \
                   напишите нам об этом: без подтверждения мы ничего не сделаем.\n\n\
                   -- \n{signature}\n",
        },
        en: Wording {
            subject: "Re: {subject}",
            text: "Hello,\n\n\
                   Request No. {number} asks for what cannot be undone, or is dangerous in wrong \
                   hands:\n\n{text}\n\n\
                   If you want it, reply to this letter with the word CONFIRM. If not, please tell \
                   us: without a confirmation we do nothing.\n\n-- \n{signature}\n",
        },
    },
    Template {
        name: SENDER_DOUBTED,
        audience: Audience::Support,
        automatic: true,
        ru: Wording {
            subject: "Письмо от вашего имени не прошло проверку",
            text: "Здравствуйте!\n\n\
                   На {mailbox} пришло письмо «{subject}» с адреса {address}, но почтовая система \
                   этого адреса не подтвердила, что письмо от неё. Мы его отложили и ничего по \
                   нему не делаем.\n\n\
                   Если его написали вы, ответьте на это письмо, и мы посмотрим. Если нет, делать \
                   ничего не нужно.\n\n-- \n{signature}\n",
        },
        en: Wording {
            subject: "A letter in your name failed a check",
            text: "Hello,\n\n\
                   A letter \"{subject}\" from {address} came to {mailbox}, but the mail system of \
                   that address did not confirm that it sent it. We have put it aside and do \
                   nothing about it.\n\n\
                   If you wrote it, reply to this letter and we shall look. If not, nothing is to \
                   be done.\n\n-- \n{signature}\n",
        },
    },
    Template {
        name: TICKET_RECEIVED,
        audience: Audience::Support,
        automatic: true,
        ru: Wording {
            subject: "Re: {subject}",
            text: "Здравствуйте!\n\n\
                   Мы получили ваше письмо, заявка № {number}. Ответим не позднее {due_time}.\n\
                   Если хотите что-то добавить, ответьте на это письмо.\n\n-- \n{signature}\n",
        },
        en: Wording {
            subject: "Re: {subject}",
            text: "Hello,\n\n\
                   We have received your letter, request No. {number}. You will hear from us by \
                   {due_time}.\nTo add anything, reply to this letter.\n\n-- \n{signature}\n",
        },
    },
    Template {
        name: TICKET_CLOSED,
        audience: Audience::Support,
        automatic: false,
        ru: Wording {
            subject: "Re: {subject}",
            text: "{text}\n\n\
                   Заявка № {number} закрыта. Если что-то осталось, ответьте на это письмо, и она \
                   откроется снова.\n\n-- \n{signature}\n",
        },
        en: Wording {
            subject: "Re: {subject}",
            text: "{text}\n\n\
                   Request No. {number} is closed. If anything is left, reply to this letter and \
                   it will be open again.\n\n-- \n{signature}\n",
        },
    },
];

/// The paragraph `{pay}` of a letter with an invoice: its page, when it has one and customers can
/// reach us.
#[must_use]
pub fn pay_paragraph(language: Language, site: Option<&str>, token: &str) -> String {
    let Some(site) = site.filter(|_| !token.is_empty()) else { return String::new() };
    let site = site.trim_end_matches('/');
    match language {
        Language::Ru => format!("Страница счёта, всегда с остатком к оплате: {site}/pay/{token}\n"),
        Language::En => format!("Its page always shows what is left to pay: {site}/pay/{token}\n"),
    }
}

/// The paragraph `{accept}` of a letter with a quote, when customers can reach us.
#[must_use]
pub fn quote_paragraph(language: Language, site: Option<&str>) -> String {
    let Some(site) = site.map(|site| site.trim_end_matches('/')) else { return String::new() };
    match language {
        Language::Ru => format!("Принять его можно в личном кабинете: {site}/cabinet/quotes\n"),
        Language::En => format!("Accept it in the client area: {site}/cabinet/quotes\n"),
    }
}

/// The template of a name.
#[must_use]
pub fn template(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}

/// Names of all templates.
pub fn names() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().map(|template| template.name)
}

impl Template {
    /// Fills the template in.
    ///
    /// # Errors
    /// [`MissingValue`] for the first name without a value; values that no name asks for are
    /// passed over.
    pub fn render(
        &'static self,
        language: Language,
        values: &BTreeMap<String, String>,
    ) -> Result<Rendered, MissingValue> {
        let wording = match language {
            Language::Ru => &self.ru,
            Language::En => &self.en,
        };
        let subject = self.filled(wording.subject, values)?;
        Ok(Rendered {
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            text: self.filled(wording.text, values)?,
        })
    }

    fn filled(
        &'static self,
        wording: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<String, MissingValue> {
        let mut filled = String::with_capacity(wording.len());
        let mut rest = wording;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            let missing = || MissingValue { template: self.name, variable: name.to_owned() };
            let value = values.get(name).ok_or_else(missing)?;
            filled.extend(value.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')));
            rest = tail;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

#[cfg(test)]
mod tests;
