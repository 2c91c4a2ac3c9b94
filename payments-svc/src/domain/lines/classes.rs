//! What a line is about, by its sides and words (payments.md §4.3).

use super::State;
use crate::domain::statements::{Direction, StatementLine, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a line is about; only [`Class::CustomerPayment`] is ever allocated by the machine
/// (payments.md §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Money between our own accounts.
    OwnTransfer,
    /// Money that we paid.
    Outgoing,
    /// Our own payment came back, or money sent by mistake.
    Return,
    /// The bank takes an earlier line back.
    Reversal,
    /// Taxes and the treasury.
    Tax,
    /// Loans, capital, deposits.
    Other,
    /// The acquirer's daily sum of card payments.
    Acquirer,
    /// Interest, fees and other lines of the bank itself.
    Bank,
    /// Neither side is our account.
    Unclear,
    /// A client pays.
    CustomerPayment,
}

impl Class {
    /// As stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnTransfer => "own_transfer",
            Self::Outgoing => "outgoing",
            Self::Return => "return",
            Self::Reversal => "reversal",
            Self::Tax => "tax",
            Self::Other => "other",
            Self::Acquirer => "acquirer",
            Self::Bank => "bank",
            Self::Unclear => "unclear",
            Self::CustomerPayment => "customer_payment",
        }
    }

    /// From what is stored; people may write classes that have no rule of their own.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::OwnTransfer,
            Self::Outgoing,
            Self::Return,
            Self::Reversal,
            Self::Tax,
            Self::Other,
            Self::Acquirer,
            Self::Bank,
            Self::Unclear,
            Self::CustomerPayment,
        ]
        .into_iter()
        .find(|class| class.as_str() == text)
    }

    /// The state in which a line of the class begins: what is surely no client's money is set
    /// aside at once, what only may be none waits for a person.
    #[must_use]
    pub const fn first_state(self) -> State {
        match self {
            Self::OwnTransfer | Self::Outgoing => State::Ignored,
            Self::Return | Self::Reversal | Self::Tax | Self::Other => State::Review,
            Self::Acquirer | Self::Bank | Self::Unclear => State::Review,
            Self::CustomerPayment => State::Imported,
        }
    }
}

/// Words that mark the purpose of lines which are no client's payment, lower case.
const RETURN_WORDS: &[&str] = &[
    "возврат",
    "ошибочно перечисл",
    "ошибочно зачисл",
    "ошибочно списан",
    "ошибочно уплач",
    "ошибочный платеж",
    "излишне перечисл",
    "излишне уплач",
    "поверненн",
    "вяртанн",
    "помилково",
    "vozvrat",
    "refund",
    "returned payment",
    "возвр.",
    "возв.",
    "возвращ",
    "ошибоч",
    "излишне",
    "неверно перечисл",
    "памылков",
    "помилков",
    "надміру",
    "надмірно",
    "қайтар",
    "қате аудар",
    "oshiboch",
    "return of",
    "returned",
    "erroneous",
    "sent by mistake",
];
const REVERSAL_WORDS: &[&str] = &[
    "сторно",
    "отзыв платеж",
    "отозван",
    "отмена зачислен",
    "аннулирование операц",
    "chargeback",
    "reversal",
    "сторн",
    "отмена операц",
    "анулюван",
    "відкликан",
    "аннулирование платеж",
    "reversed",
    "recall of",
];
const ACQUIRER_WORDS: &[&str] = &[
    "по операциям с мбк",
    "по операциям с банковскими карт",
    "по операциям с картами",
    "эквайринг",
    "реестр платеж",
    "реестра платеж",
    "реестру платеж",
    "реестров платеж",
    "реестры платеж",
    "продажи с kaspi",
    "юкасса",
    "ю касса",
    "ю-касса",
    "yookassa",
    "юmoney",
    "юмани",
    "cloudpayments",
    "клаудпейментс",
    "robokassa",
    "робокасса",
    "bepaid",
    "liqpay",
    "wayforpay",
    "возмещение по терминал",
    "зачисление по терминал",
    "выручка по терминал",
    "операции по картам",
    "расчеты по картам",
    "переводы по сбп",
    "операциям сбп",
    "платежи по qr",
    "эквайр",
    "еквайр",
    "екваїр",
    "acquiring",
    "с использованием банковских карт",
    "с использованием платежных карт",
    "по банковским картам",
    "по платежным картам",
    "принятых платеж",
    "прийнятих платеж",
    "инкассац",
    "інкасац",
    "торговая выручка",
    "торгова виручка",
    "fondy",
    "portmone",
    "т-касса",
    "тинькофф касс",
    "продамус",
    "paykeeper",
    "unitpay",
    "kaspi pay",
    "переводов по сбп",
    "stripe",
    "paypal",
];
const BANK_WORDS: &[&str] = &[
    "выплата процентов",
    "проценты по договору",
    "проценты на остаток",
    "начисленные проценты",
    "процентов по депозит",
    "процентов на остаток",
    "комиссия банка",
    "возмещение комиссии",
    "начисление процентов",
    "уплата процентов",
    "проценты",
    "начисление процент",
    "начисленных процент",
    "капитализация процент",
    "нараховані відсотк",
    "нарахування відсотк",
    "відсотки за",
    "відсотки по",
    "сыйақы",
    "interest",
];
const FEE_WORDS: &[&str] =
    &["комисси", "плата за", "за ведение", "абонентская плата за рко", "проценты"];
const TAX_WORDS: &[&str] = &[
    "единый налоговый",
    "ндфл",
    "страховые взносы",
    "налог на прибыль",
    "налог на имущество",
    "налог на доходы",
    "транспортный налог",
    "взносы на травматизм",
    "уплата налога",
    "возврат налога",
    "госпошлин",
    "казначейств",
    "по решению ифнс",
    "пени по налог",
    "страховых взносов",
    "єдиний податок",
    "податок на",
    "військовий збір",
    "пдфо",
    "салық төле",
    "падатак на",
    "налоговый платеж",
    "уплата налогов",
];
const OTHER_WORDS: &[&str] = &[
    "договору займа",
    "договор займа",
    "по займу",
    "предоставление займа",
    "возврат займа",
    "заем по договору",
    "заём по договору",
    "кредитному договору",
    "выдача кредита",
    "уставный капитал",
    "уставного капитала",
    "уставной капитал",
    "вклад в имущество",
    "депозит",
    "финансовая помощь",
    "финансовой помощи",
    "дивиденд",
    "займ",
    "заема",
    "заем по",
    "позик",
    "позичк",
    "пазык",
    "қарыз",
    "погашение кредита",
    "по кредиту",
    "кредитного договора",
    "кредитним договор",
    "кредитного договору",
    "овердрафт",
    "фінансової допомог",
    "фінансова допомог",
    "статутного капіталу",
    "loan",
    "dividend",
    "deposit",
    "capital contribution",
];
const OWN_WORDS: &[&str] = &[
    "собственных средств",
    "собственных денежных",
    "собственные средства",
    "между своими счетами",
    "между собственными счетами",
    "на свой счет",
    "внутренний перевод",
    "пополнение собственного счета",
    "перевод между счетами",
    "власних коштів",
    "собственных ден",
    "собственными счетами",
    "между собственными",
    "между счетами одного",
    "між власними",
    "між своїми",
    "уласных сродк",
    "өз шоттары",
    "өз қаражат",
    "own funds",
    "own accounts",
    "sobstvenn",
];

/// Classifies a line. `own_accounts` are all accounts of all sellers, `own_tax_ids` their tax ids.
#[must_use]
pub fn classify(
    line: &StatementLine,
    own_accounts: &BTreeSet<String>,
    own_tax_ids: &BTreeSet<String>,
) -> Class {
    let other = line.counterparty();
    let ours = other.account.as_ref().is_some_and(|account| own_accounts.contains(account))
        || other.tax_id.as_ref().is_some_and(|tax_id| own_tax_ids.contains(tax_id));
    let purpose = plain(&line.purpose);
    let says = |words: &[&str]| words.iter().any(|word| purpose.contains(word));
    match line.direction {
        Direction::Unknown => return Class::Unclear,
        Direction::In | Direction::Out if line.own_transfer || ours => return Class::OwnTransfer,
        Direction::Out => return Class::Outgoing,
        Direction::In if says(OWN_WORDS) => return Class::OwnTransfer,
        Direction::In => {}
    }
    if line.status == Status::Reversal {
        return Class::Reversal;
    }
    if line.return_reason.is_some() {
        return Class::Return;
    }
    [
        (REVERSAL_WORDS, Class::Reversal),
        (OTHER_WORDS, Class::Other),
        (TAX_WORDS, Class::Tax),
        (RETURN_WORDS, Class::Return),
        (ACQUIRER_WORDS, Class::Acquirer),
        (BANK_WORDS, Class::Bank),
    ]
    .into_iter()
    .find(|(words, _)| says(words))
    .map_or(Class::CustomerPayment, |(_, class)| class)
}

/// What an outgoing line is about, for people: the machine does nothing with it.
#[must_use]
pub fn outgoing_kind(purpose: &str) -> Class {
    let purpose = plain(purpose);
    let says = |words: &[&str]| words.iter().any(|word| purpose.contains(word));
    if says(TAX_WORDS) {
        Class::Tax
    } else if says(FEE_WORDS) || says(BANK_WORDS) {
        Class::Bank
    } else if says(RETURN_WORDS) {
        Class::Return
    } else {
        Class::Other
    }
}

/// Lower case, one blank between words, `ё` = `е`; Latin look-alikes in Cyrillic words are folded.
pub fn plain(purpose: &str) -> String {
    let mut plain = String::with_capacity(purpose.len());
    for word in purpose.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        let cyrillic = word.chars().any(|c| matches!(c, 'А'..='я' | 'ё' | 'Ё'));
        for c in word.chars().flat_map(char::to_lowercase) {
            plain.push(match c {
                'ё' => 'е',
                latin if cyrillic && latin.is_ascii_alphabetic() => look_alike(latin),
                other => other,
            });
        }
    }
    plain
}

/// The Cyrillic letter that a Latin one looks like.
const fn look_alike(latin: char) -> char {
    match latin {
        'a' => 'а',
        'b' => 'в',
        'c' => 'с',
        'e' => 'е',
        'h' => 'н',
        'i' => 'і',
        'k' => 'к',
        'm' => 'м',
        'o' => 'о',
        'p' => 'р',
        't' => 'т',
        'x' => 'х',
        'y' => 'у',
        other => other,
    }
}
