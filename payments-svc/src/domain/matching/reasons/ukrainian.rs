//! The texts in Ukrainian.

use super::{Reason, comma};

impl Reason {
    /// The text in Ukrainian.
    #[must_use]
    pub fn uk(&self) -> String {
        match self {
            Self::NumberExact { text, .. } => format!("Номер знайдено: «{text}»"),
            Self::PrefixNoise { prefix } => format!("«{prefix}#» не є частиною номера"),
            Self::NumberPrefixless { text, .. } => format!("Номер знайдено без префікса: «{text}»"),
            Self::NumberSpelt { text, .. } => format!("Номер записано інакше: «{text}»"),
            Self::NumberSlip { text, .. } => format!("Номер з однією опискою: «{text}»"),
            Self::NumberBare { text, .. } => format!("Число є в тексті: «{text}»"),
            Self::OneOfList { count } => format!("Один із {count} перелічених рахунків"),
            Self::NumberMayBeCut => "Номер на краю обрізаного тексту: міг бути довшим".into(),
            Self::NumberMayBeSum => "Номер може бути сумою".into(),
            Self::VetoSiblingOneSlip { other } => {
                format!("Одна описка відрізняє його від рахунку {other} на ту саму суму")
            }
            Self::NumberAbsent => "Номер рахунку не названо".into(),
            Self::DateMentioned => "Дата рахунку є в тексті".into(),
            Self::OnBehalf => "У тексті код клієнта, за якого платять".into(),
            Self::OnBehalfDiffers => "У тексті код іншого клієнта".into(),
            Self::OtherBranch => "КПП платника належить іншій філії".into(),
            Self::SumOfAnother => "Сума в тексті як в іншого відкритого рахунку".into(),
            Self::DateOfAnother => "Дата в тексті як в іншого рахунку на ту саму суму".into(),
            Self::SoftDuplicate => "Такий платіж уже був: імовірно, повтор рядка".into(),
            Self::NotBooked => "Банк ще не провів операцію".into(),
            Self::SumOfOpen => "Сума дорівнює кільком відкритим рахункам".into(),
            Self::Prepayment => "Рахунку немає: передоплата клієнта".into(),
            Self::NumberNamesClient => "Номер сам називає клієнта".into(),
            Self::OtherInvoiceNamed { numbers } => {
                format!("Названо й інші рахунки: {}", numbers.join(", "))
            }
            Self::OtherNumberNamed { text } => {
                format!("Названо й номер, якого немає: «{text}»")
            }
            Self::NumberUnclear => "Номер можна прочитати інакше".into(),
            other => other.uk_of_facts(),
        }
    }

    /// The texts about date, money, payer and state.
    fn uk_of_facts(&self) -> String {
        match self {
            Self::DateAgrees => "Дата збіглася".into(),
            Self::DateDiffers { issued } => {
                format!("Дата не збіглася: рахунок від {}", issued.format("%d.%m.%Y"))
            }
            Self::AmountEqual => "Сума дорівнює залишку".into(),
            Self::AmountShort { by } => format!("\u{2212}{}", comma(*by)),
            Self::AmountOver { by } => format!("+{} → у кредит?", comma(*by)),
            Self::PayerTaxId => "Код платника належить клієнту".into(),
            Self::PayerAccount => "Рахунок платника належить клієнту".into(),
            Self::LearnedRule { rule } => {
                format!("Платник уже платив за цього клієнта: правило № {rule}")
            }
            Self::PayerDiffers => "Код платника інший".into(),
            Self::PayerUnknown => "Платник невідомий".into(),
            Self::SellerAccount => "Гроші надійшли на рахунок продавця".into(),
            Self::PaidToOtherSeller => "Гроші надійшли іншому продавцю".into(),
            Self::CurrencyDiffers => "Інша валюта".into(),
            Self::InvoicePaid => "Рахунок уже сплачено: імовірно, повторна оплата".into(),
            Self::InvoiceClosed => "Рахунок скасовано або прострочено".into(),
            Self::IssuedLater => "Рахунок виставлено пізніше за оплату".into(),
            Self::TooOld => "Рахунок старший за 400 днів".into(),
            Self::UnmatchedBefore => "Цю прив'язку вже скасувала людина".into(),
            Self::SeveralFit => "Підходить кілька рахунків".into(),
            Self::AutomaticOff => "Підходить, але автоматичну прив’язку вимкнено".into(),
            Self::ShadowMode => "Підходить; машину поки лише порівнюють із людьми".into(),
            Self::DailyCap => "Підходить, але денну межу прив’язок вичерпано".into(),
            Self::NoCandidate => "Ні рахунку, ні клієнта не знайдено".into(),
            Self::LearnedClass { rule, class } => {
                format!("Схоже, не платіж клієнта ({class}): правило № {rule}")
            }
            Self::NotCustomerPayment { class } => {
                format!("Схоже, це не оплата клієнта ({})", class.as_str())
            }
            told => told.code().into(),
        }
    }
}
