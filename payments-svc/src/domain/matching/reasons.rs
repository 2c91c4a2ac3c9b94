//! Why the machine decided as it did: data, with a text in each language (design.md, Explained).

mod english;
mod ukrainian;

use super::text::Span;
use crate::domain::lines::Class;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use types::Money;

/// One piece of evidence, for or against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// The number stands in the purpose, exactly.
    NumberExact {
        /// As written.
        text: String,
        /// Where, in characters of the purpose.
        span: Span,
    },
    /// Digits before the `#` that are no part of the invoice's number.
    PrefixNoise {
        /// The digits.
        prefix: String,
    },
    /// The number stands in the purpose without its prefix.
    NumberPrefixless {
        /// As written.
        text: String,
        /// Where, in characters of the purpose.
        span: Span,
    },
    /// The number stands in the purpose with other separators.
    NumberSpelt {
        /// As written.
        text: String,
        /// Where, in characters of the purpose.
        span: Span,
    },
    /// The number stands in the purpose with one slip.
    NumberSlip {
        /// As written.
        text: String,
        /// Where, in characters of the purpose.
        span: Span,
    },
    /// The number stands in the purpose, but not as that of an invoice.
    NumberBare {
        /// As written.
        text: String,
        /// Where, in characters of the purpose.
        span: Span,
    },
    /// One of several invoices that the purpose lists, which are paid together.
    OneOfList {
        /// How many they are.
        count: usize,
    },
    /// The bank cut the purpose where the number ends: more of it may have followed.
    NumberMayBeCut,
    /// The number may be the sum.
    NumberMayBeSum,
    /// A slip in this number leads to another open invoice of the payer, of the same amount.
    VetoSiblingOneSlip {
        /// Its number.
        other: String,
    },
    /// The purpose does not name the invoice.
    NumberAbsent,
    /// A whole date in the purpose is the invoice's.
    DateMentioned,
    /// The purpose names the tax id of the client who is paid for.
    OnBehalf,
    /// The purpose names the tax id of another client.
    OnBehalfDiffers,
    /// The payer's КПП is that of another branch.
    OtherBranch,
    /// A sum in the purpose is that of another open invoice.
    SumOfAnother,
    /// The date beside the number is that of another open invoice of this amount.
    DateOfAnother,
    /// The same payment was there already.
    SoftDuplicate,
    /// The bank has not booked the line.
    NotBooked,
    /// The sum of these open invoices is the amount; nobody said so.
    SumOfOpen,
    /// Money of a known client without an invoice.
    Prepayment,
    /// The number by itself names whose invoice it is (service code or check digit).
    NumberNamesClient,
    /// The purpose names other invoices as well.
    OtherInvoiceNamed {
        /// Their numbers.
        numbers: Vec<String>,
    },
    /// The purpose names a number that no invoice has as well.
    OtherNumberNamed {
        /// As written.
        text: String,
    },
    /// What the purpose names may be read as another number.
    NumberUnclear,
    /// The written date is the invoice's.
    DateAgrees,
    /// The written date is not the invoice's.
    DateDiffers {
        /// Date of the invoice.
        issued: NaiveDate,
    },
    /// The amount is what is left to pay.
    AmountEqual,
    /// The amount is less than what is left to pay.
    AmountShort {
        /// By how much.
        by: Money,
    },
    /// The amount is more than what is left to pay; the rest would be credit.
    AmountOver {
        /// By how much.
        by: Money,
    },
    /// The payer's tax id is the client's.
    PayerTaxId,
    /// The payer's account is the client's.
    PayerAccount,
    /// People taught that this payer pays for the client.
    LearnedRule {
        /// Number of the rule.
        rule: i64,
    },
    /// The payer's tax id belongs to another client, or to nobody known while the invoice's payer
    /// has another one.
    PayerDiffers,
    /// Nothing tells who paid.
    PayerUnknown,
    /// The money came to the seller of the invoice.
    SellerAccount,
    /// The money came to another seller (A182): never applied, whatever else agrees.
    PaidToOtherSeller,
    /// The invoice is in another currency.
    CurrencyDiffers,
    /// Nothing is left to pay: probably paid twice.
    InvoicePaid,
    /// The invoice was cancelled or expired.
    InvoiceClosed,
    /// The bank booked the money before the invoice was issued.
    IssuedLater,
    /// The money is more than 400 days younger than the invoice.
    TooOld,
    /// A person took this very match back.
    UnmatchedBefore,
    /// More than one invoice fits.
    SeveralFit,
    /// No invoice fits and no client is known.
    NoCandidate,
    /// It is certain, and the company's policy has the machine only propose.
    AutomaticOff,
    /// It is certain, and the machine allocates nothing while it is compared with people.
    ShadowMode,
    /// It is certain, and the machine has allocated enough today.
    DailyCap,
    /// Lines that look like this are no payments of clients, as people taught.
    LearnedClass {
        /// Number of the rule.
        rule: i64,
        /// The class that they gave.
        class: String,
    },
    /// The line is no payment of a client by its class.
    NotCustomerPayment {
        /// The class.
        class: Class,
    },
}

/// A language of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Russian.
    Ru,
    /// Ukrainian.
    Uk,
    /// English.
    En,
}

impl Reason {
    /// The text in a language.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Ru => self.ru(),
            Language::Uk => self.uk(),
            Language::En => self.en(),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NumberExact { .. } => "NUMBER_EXACT",
            Self::PrefixNoise { .. } => "PREFIX_NOISE",
            Self::NumberPrefixless { .. } => "NUMBER_PREFIXLESS",
            Self::NumberSpelt { .. } => "NUMBER_SPELT",
            Self::NumberSlip { .. } => "NUMBER_SLIP",
            Self::NumberBare { .. } => "NUMBER_BARE",
            Self::OneOfList { .. } => "ONE_OF_LIST",
            Self::NumberMayBeCut => "NUMBER_MAY_BE_CUT",
            Self::NumberMayBeSum => "NUMBER_MAY_BE_SUM",
            Self::VetoSiblingOneSlip { .. } => "VETO_SIBLING_ONE_SLIP",
            Self::NumberAbsent => "NUMBER_ABSENT",
            Self::DateMentioned => "DATE_MENTIONED",
            Self::OnBehalf => "ON_BEHALF",
            Self::OnBehalfDiffers => "ON_BEHALF_DIFFERS",
            Self::OtherBranch => "OTHER_BRANCH",
            Self::SumOfAnother => "SUM_OF_ANOTHER",
            Self::DateOfAnother => "DATE_OF_ANOTHER",
            Self::SoftDuplicate => "SOFT_DUPLICATE",
            Self::NotBooked => "NOT_BOOKED",
            Self::SumOfOpen => "SUM_OF_OPEN",
            Self::Prepayment => "PREPAYMENT",
            Self::NumberNamesClient => "NUMBER_NAMES_CLIENT",
            Self::OtherInvoiceNamed { .. } => "OTHER_INVOICE_NAMED",
            Self::OtherNumberNamed { .. } => "OTHER_NUMBER_NAMED",
            Self::NumberUnclear => "NUMBER_UNCLEAR",
            Self::DateAgrees => "DATE_AGREES",
            Self::DateDiffers { .. } => "DATE_DIFFERS",
            Self::AmountEqual => "AMOUNT_EQUAL",
            Self::AmountShort { .. } => "AMOUNT_SHORT",
            Self::AmountOver { .. } => "AMOUNT_OVER",
            Self::PayerTaxId => "PAYER_TAX_ID",
            Self::PayerAccount => "PAYER_ACCOUNT",
            Self::LearnedRule { .. } => "LEARNED_RULE",
            Self::PayerDiffers => "PAYER_DIFFERS",
            Self::PayerUnknown => "PAYER_UNKNOWN",
            Self::SellerAccount => "SELLER_ACCOUNT",
            Self::PaidToOtherSeller => "PAID_TO_OTHER_SELLER",
            Self::CurrencyDiffers => "CURRENCY_DIFFERS",
            Self::InvoicePaid => "INVOICE_PAID",
            Self::InvoiceClosed => "INVOICE_CLOSED",
            Self::IssuedLater => "ISSUED_LATER",
            Self::TooOld => "TOO_OLD",
            Self::UnmatchedBefore => "UNMATCHED_BEFORE",
            Self::SeveralFit => "SEVERAL_FIT",
            Self::NoCandidate => "NO_CANDIDATE",
            Self::AutomaticOff => "AUTOMATIC_OFF",
            Self::ShadowMode => "SHADOW_MODE",
            Self::DailyCap => "DAILY_CAP",
            Self::LearnedClass { .. } => "LEARNED_CLASS",
            Self::NotCustomerPayment { .. } => "NOT_CUSTOMER_PAYMENT",
        }
    }

    /// Whether it speaks against an allocation by the machine.
    #[must_use]
    pub const fn is_obstacle(&self) -> bool {
        !matches!(
            self,
            Self::NumberExact { .. }
                | Self::PrefixNoise { .. }
                | Self::NumberPrefixless { .. }
                | Self::NumberSpelt { .. }
                | Self::NumberSlip { .. }
                | Self::NumberBare { .. }
                | Self::OneOfList { .. }
                | Self::DateMentioned
                | Self::OnBehalf
                | Self::NumberNamesClient
                | Self::DateAgrees
                | Self::AmountEqual
                | Self::PayerTaxId
                | Self::PayerAccount
                | Self::LearnedRule { .. }
                | Self::SellerAccount
        )
    }

    /// Weight in the order of proposals, tenths of a decade of likelihood (payments.md §4.7). It
    /// never buys an allocation: gates do.
    #[must_use]
    pub const fn weight(&self) -> i32 {
        match self {
            Self::NumberExact { .. } => 60,
            Self::NumberPrefixless { .. } | Self::NumberSpelt { .. } | Self::AmountEqual => 40,
            Self::PayerTaxId | Self::PayerAccount | Self::OnBehalf | Self::SumOfOpen => 40,
            Self::LearnedRule { .. } => 30,
            Self::NumberSlip { .. } => 15,
            Self::NumberBare { .. } | Self::DateMentioned | Self::OneOfList { .. } => 10,
            Self::SumOfAnother => -10,
            Self::DateAgrees => 25,
            Self::NumberNamesClient => 20,
            Self::DateDiffers { .. } | Self::DateOfAnother => -60,
            Self::PayerDiffers | Self::OnBehalfDiffers => -60,
            Self::InvoicePaid | Self::InvoiceClosed => -80,
            Self::PaidToOtherSeller | Self::CurrencyDiffers => -100,
            Self::IssuedLater | Self::TooOld => -30,
            _ => 0,
        }
    }

    /// The text in Russian.
    #[must_use]
    pub fn ru(&self) -> String {
        match self {
            Self::NumberExact { text, .. } => format!("Номер найден: «{text}»"),
            Self::PrefixNoise { prefix } => format!("«{prefix}#» не часть номера"),
            Self::NumberPrefixless { text, .. } => format!("Номер найден без префикса: «{text}»"),
            Self::NumberSpelt { text, .. } => format!("Номер записан иначе: «{text}»"),
            Self::NumberSlip { text, .. } => format!("Номер с одной опиской: «{text}»"),
            Self::NumberBare { text, .. } => format!("Число стоит в тексте: «{text}»"),
            Self::OneOfList { count } => format!("Один из {count} перечисленных счетов"),
            Self::NumberMayBeCut => "Номер на обрезе текста: мог быть длиннее".into(),
            Self::NumberMayBeSum => "Номер может быть суммой".into(),
            Self::VetoSiblingOneSlip { other } => {
                format!("Одна описка отличает его от счёта {other} на ту же сумму")
            }
            Self::NumberAbsent => "Номер счёта не назван".into(),
            Self::DateMentioned => "Дата счёта есть в тексте".into(),
            Self::OnBehalf => "В тексте ИНН клиента, за которого платят".into(),
            Self::OnBehalfDiffers => "В тексте ИНН другого клиента".into(),
            Self::OtherBranch => "КПП плательщика другого филиала".into(),
            Self::SumOfAnother => "Сумма в тексте как у другого открытого счёта".into(),
            Self::DateOfAnother => "Дата в тексте как у другого счёта на ту же сумму".into(),
            Self::SoftDuplicate => "Такая оплата уже была: вероятно, повтор строки".into(),
            Self::NotBooked => "Банк ещё не провёл операцию".into(),
            Self::SumOfOpen => "Сумма равна нескольким открытым счетам".into(),
            Self::Prepayment => "Счёта нет: предоплата клиента".into(),
            Self::NumberNamesClient => "Номер сам называет клиента".into(),
            Self::OtherInvoiceNamed { numbers } => {
                format!("Названы и другие счета: {}", numbers.join(", "))
            }
            Self::OtherNumberNamed { text } => format!("Назван и номер, которого нет: «{text}»"),
            Self::NumberUnclear => "Номер можно прочесть иначе".into(),
            Self::DateAgrees => "Дата совпала".into(),
            Self::DateDiffers { issued } => {
                format!("Дата не совпала: счёт от {}", issued.format("%d.%m.%Y"))
            }
            Self::AmountEqual => "Сумма равна остатку".into(),
            Self::AmountShort { by } => format!("\u{2212}{}", comma(*by)),
            Self::AmountOver { by } => format!("+{} → в кредит?", comma(*by)),
            Self::PayerTaxId => "ИНН плательщика принадлежит клиенту".into(),
            Self::PayerAccount => "Счёт плательщика принадлежит клиенту".into(),
            Self::LearnedRule { rule } => payer_learned(*rule),
            Self::PayerDiffers => "ИНН плательщика другой".into(),
            Self::PayerUnknown => "Плательщик неизвестен".into(),
            Self::SellerAccount => "Деньги пришли на счёт продавца".into(),
            Self::PaidToOtherSeller => "Деньги пришли другому продавцу".into(),
            Self::CurrencyDiffers => "Другая валюта".into(),
            Self::InvoicePaid => "Счёт уже оплачен: вероятно, повторная оплата".into(),
            Self::InvoiceClosed => "Счёт аннулирован или истёк".into(),
            Self::IssuedLater => "Счёт выставлен позже оплаты".into(),
            Self::TooOld => "Счёт старше 400 дней".into(),
            Self::UnmatchedBefore => "Эту привязку уже отменил человек".into(),
            Self::SeveralFit => "Подходит несколько счетов".into(),
            Self::AutomaticOff => "Подходит, но автоматическая привязка выключена".into(),
            Self::ShadowMode => "Подходит; машина пока только сравнивается с людьми".into(),
            Self::DailyCap => "Подходит, но дневной предел привязок исчерпан".into(),
            Self::NoCandidate => "Ни счёт, ни клиент не найдены".into(),
            Self::LearnedClass { rule, class } => class_learned(*rule, class),
            Self::NotCustomerPayment { class } => no_payment(class.as_str()),
        }
    }
}

fn payer_learned(rule: i64) -> String {
    format!("Плательщик уже платил за этого клиента: правило № {rule}")
}

fn class_learned(rule: i64, class: &str) -> String {
    format!("{}: правило № {rule}", no_payment(class))
}

fn no_payment(class: &str) -> String {
    format!("Похоже, не оплата клиента ({class})")
}

fn comma(money: Money) -> String {
    money.amount().to_string().replace('.', ",")
}
