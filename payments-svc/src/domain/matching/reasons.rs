//! Why the machine decided as it did: data, with a text in both languages (design.md, Explained).

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
    /// The purpose does not name the invoice.
    NumberAbsent,
    /// The number by itself names whose invoice it is (service code or check digit).
    NumberNamesClient,
    /// The purpose names other invoices as well.
    OtherInvoiceNamed {
        /// Their numbers.
        numbers: Vec<String>,
    },
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
    /// The line is no payment of a client by its class.
    NotCustomerPayment {
        /// The class.
        class: Class,
    },
}

impl Reason {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NumberExact { .. } => "NUMBER_EXACT",
            Self::PrefixNoise { .. } => "PREFIX_NOISE",
            Self::NumberPrefixless { .. } => "NUMBER_PREFIXLESS",
            Self::NumberAbsent => "NUMBER_ABSENT",
            Self::NumberNamesClient => "NUMBER_NAMES_CLIENT",
            Self::OtherInvoiceNamed { .. } => "OTHER_INVOICE_NAMED",
            Self::DateAgrees => "DATE_AGREES",
            Self::DateDiffers { .. } => "DATE_DIFFERS",
            Self::AmountEqual => "AMOUNT_EQUAL",
            Self::AmountShort { .. } => "AMOUNT_SHORT",
            Self::AmountOver { .. } => "AMOUNT_OVER",
            Self::PayerTaxId => "PAYER_TAX_ID",
            Self::PayerAccount => "PAYER_ACCOUNT",
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
                | Self::NumberNamesClient
                | Self::DateAgrees
                | Self::AmountEqual
                | Self::PayerTaxId
                | Self::PayerAccount
                | Self::SellerAccount
        )
    }

    /// Weight in the order of proposals, tenths of a decade of likelihood (payments.md §4.7). It
    /// never buys an allocation: gates do.
    #[must_use]
    pub const fn weight(&self) -> i32 {
        match self {
            Self::NumberExact { .. } => 60,
            Self::NumberPrefixless { .. } | Self::AmountEqual => 40,
            Self::PayerTaxId | Self::PayerAccount => 40,
            Self::DateAgrees => 25,
            Self::NumberNamesClient => 20,
            Self::DateDiffers { .. } | Self::PayerDiffers => -60,
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
            Self::NumberAbsent => "Номер счёта не назван".into(),
            Self::NumberNamesClient => "Номер сам называет клиента".into(),
            Self::OtherInvoiceNamed { numbers } => {
                format!("Названы и другие счета: {}", numbers.join(", "))
            }
            Self::DateAgrees => "Дата совпала".into(),
            Self::DateDiffers { issued } => {
                format!("Дата не совпала: счёт от {}", issued.format("%d.%m.%Y"))
            }
            Self::AmountEqual => "Сумма равна остатку".into(),
            Self::AmountShort { by } => format!("\u{2212}{}", comma(*by)),
            Self::AmountOver { by } => format!("+{} → в кредит?", comma(*by)),
            Self::PayerTaxId => "ИНН плательщика принадлежит клиенту".into(),
            Self::PayerAccount => "Счёт плательщика принадлежит клиенту".into(),
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
            Self::NoCandidate => "Ни счёт, ни клиент не найдены".into(),
            Self::NotCustomerPayment { class } => {
                format!("Похоже, не оплата клиента ({})", class.as_str())
            }
        }
    }

    /// The text in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::NumberExact { text, .. } => format!("The number was found: “{text}”"),
            Self::PrefixNoise { prefix } => format!("“{prefix}#” is no part of the number"),
            Self::NumberPrefixless { text, .. } => {
                format!("The number was found without its prefix: “{text}”")
            }
            Self::NumberAbsent => "The invoice is not named".into(),
            Self::NumberNamesClient => "The number itself names the client".into(),
            Self::OtherInvoiceNamed { numbers } => {
                format!("Other invoices are named as well: {}", numbers.join(", "))
            }
            Self::DateAgrees => "The date agrees".into(),
            Self::DateDiffers { issued } => format!("The date differs: issued on {issued}"),
            Self::AmountEqual => "The amount is what is left to pay".into(),
            Self::AmountShort { by } => format!("\u{2212}{}", by.amount()),
            Self::AmountOver { by } => format!("+{} → credit?", by.amount()),
            Self::PayerTaxId => "The payer's tax id is the client's".into(),
            Self::PayerAccount => "The payer's account is the client's".into(),
            Self::PayerDiffers => "The payer's tax id differs".into(),
            Self::PayerUnknown => "The payer is unknown".into(),
            Self::SellerAccount => "The money came to the seller's account".into(),
            Self::PaidToOtherSeller => "The money came to another seller".into(),
            Self::CurrencyDiffers => "Another currency".into(),
            Self::InvoicePaid => "The invoice is paid already: probably paid twice".into(),
            Self::InvoiceClosed => "The invoice was cancelled or has expired".into(),
            Self::IssuedLater => "The invoice was issued after the payment".into(),
            Self::TooOld => "The invoice is older than 400 days".into(),
            Self::UnmatchedBefore => "A person took this match back before".into(),
            Self::SeveralFit => "More than one invoice fits".into(),
            Self::NoCandidate => "Neither an invoice nor a client was found".into(),
            Self::NotCustomerPayment { class } => {
                format!("Probably no payment of a client ({})", class.as_str())
            }
        }
    }
}

fn comma(money: Money) -> String {
    money.amount().to_string().replace('.', ",")
}
