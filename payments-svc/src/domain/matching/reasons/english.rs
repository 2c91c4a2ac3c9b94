//! The texts in English.

use super::Reason;

impl Reason {
    /// The text in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::NumberExact { text, .. } => format!("The number was found: “{text}”"),
            Self::PrefixNoise { prefix } => format!("“{prefix}#” is no part of the number"),
            Self::NumberPrefixless { text, .. } => {
                format!("The number was found without its prefix: “{text}”")
            }
            Self::NumberSpelt { text, .. } => format!("The number is spelt otherwise: “{text}”"),
            Self::NumberSlip { text, .. } => format!("The number has one slip: “{text}”"),
            Self::NumberBare { text, .. } => format!("The number stands in the text: “{text}”"),
            Self::OneOfList { count } => format!("One of {count} listed invoices"),
            Self::NumberMayBeCut => "The text is cut where the number ends".into(),
            Self::NumberMayBeSum => "The number may be the sum".into(),
            Self::VetoSiblingOneSlip { other } => {
                format!("One slip away from invoice {other} of the same amount")
            }
            Self::NumberAbsent => "The invoice is not named".into(),
            Self::DateMentioned => "The invoice's date stands in the text".into(),
            Self::OnBehalf => "The text names the client's tax id".into(),
            Self::OnBehalfDiffers => "The text names another client's tax id".into(),
            Self::OtherBranch => "The payer's branch (KPP) is another one".into(),
            Self::SumOfAnother => "The sum in the text is that of another open invoice".into(),
            Self::DateOfAnother => {
                "The date in the text is that of another invoice of this amount".into()
            }
            Self::SoftDuplicate => {
                "This payment was there already: probably a repeated line".into()
            }
            Self::NotBooked => "The bank has not booked the line yet".into(),
            Self::SumOfOpen => "The amount is the sum of several open invoices".into(),
            Self::Prepayment => "No invoice: a prepayment of the client".into(),
            Self::NumberNamesClient => "The number itself names the client".into(),
            Self::OtherInvoiceNamed { numbers } => {
                format!("Other invoices are named as well: {}", numbers.join(", "))
            }
            Self::OtherNumberNamed { text } => {
                format!("A number that no invoice has is named as well: «{text}»")
            }
            Self::NumberUnclear => "The number may be read as another one".into(),
            other => other.en_of_facts(),
        }
    }

    /// The texts about date, money, payer and state.
    fn en_of_facts(&self) -> String {
        match self {
            Self::DateAgrees => "The date agrees".into(),
            Self::DateDiffers { issued } => format!("The date differs: issued on {issued}"),
            Self::AmountEqual => "The amount is what is left to pay".into(),
            Self::AmountShort { by } => format!("\u{2212}{}", by.amount()),
            Self::AmountOver { by } => format!("+{} → credit?", by.amount()),
            Self::PayerTaxId => "The payer's tax id is the client's".into(),
            Self::PayerAccount => "The payer's account is the client's".into(),
            Self::LearnedRule { rule } => {
                format!("The payer has paid for this client before: rule No. {rule}")
            }
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
            Self::AutomaticOff => "It fits, but automatic matching is off".into(),
            Self::ShadowMode => "It fits; the machine is only compared with people yet".into(),
            Self::DailyCap => "It fits, but the daily limit of matching is used up".into(),
            Self::NoCandidate => "Neither an invoice nor a client was found".into(),
            Self::LearnedClass { rule, class } => {
                format!("Looks like no payment of a client ({class}): rule No. {rule}")
            }
            Self::NotCustomerPayment { class } => {
                format!("Probably no payment of a client ({})", class.as_str())
            }
            told => told.code().into(),
        }
    }
}
