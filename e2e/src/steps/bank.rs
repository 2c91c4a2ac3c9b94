//! What came to the bank: statements as files, lines, and what they are meant for.

use super::done;
use crate::{Suite, request_id};
use encoding_rs::WINDOWS_1251;
use proto::{
    invoicing::v1::{GetBalanceRequest, SellerBalance, ledger_client::LedgerClient},
    payments::v1::{
        AllocateLineRequest, AllocationPart, GetLineRequest, ImportHeader, ImportStatementRequest,
        ImportStatementResponse, Line, ListLinesRequest, UnmatchLineRequest, line::State,
        lines_client::LinesClient, statements_client::StatementsClient,
    },
};
use std::fmt::Write;
use testkit::Company;

/// One payment order that the bank booked.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Number of the order.
    pub number: u32,
    /// Booked, as `YYYY-MM-DD`.
    pub date: String,
    /// Such as `860.00`.
    pub amount: String,
    /// Who paid.
    pub from: Company,
    /// Purpose.
    pub purpose: String,
}

/// A statement of an account in 1CClientBankExchange 1.03, as text.
///
/// # Panics
/// Never: text takes all that is written.
#[must_use]
pub fn statement(own: &Company, payments: &[Payment]) -> String {
    let mut text = format!(
        "1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\nРасчСчет={}\r\n",
        own.account
    );
    for payment in payments {
        let (from, date) = (&payment.from, dotted(&payment.date));
        write!(
            text,
            "СекцияДокумент=Платежное поручение\r\nНомер={}\r\nДата={date}\r\nСумма={}\r\n\
             ДатаПоступило={date}\r\nПлательщикСчет={}\r\nПлательщикИНН={}\r\nПлательщикКПП={}\r\n\
             Плательщик1={}\r\nПлательщикБИК={}\r\nПлательщикКорсчет={}\r\nПолучательСчет={}\r\n\
             ПолучательИНН={}\r\nПолучательБИК={}\r\nНазначениеПлатежа={}\r\nКонецДокумента\r\n",
            payment.number,
            payment.amount,
            from.account,
            from.inn,
            from.kpp,
            from.name,
            from.bic,
            from.correspondent_account,
            own.account,
            own.inn,
            own.bic,
            payment.purpose
        )
        .expect("text takes it");
    }
    text.push_str("КонецФайла\r\n");
    text
}

/// The statement as the bank's Windows program writes it.
#[must_use]
pub fn cp1251(text: &str) -> Vec<u8> {
    WINDOWS_1251.encode(text).0.into_owned()
}

/// `2019-02-25` as `25.02.2019`.
fn dotted(date: &str) -> String {
    let mut parts: Vec<&str> = date.split('-').collect();
    parts.reverse();
    parts.join(".")
}

impl Suite {
    /// Imports a file, in two chunks, and waits until its lines are matched.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn import(&self, file: &[u8]) -> ImportStatementResponse {
        let header = ImportHeader {
            filename: "kl_to_1c.txt".into(),
            request_id: request_id(),
            ..Default::default()
        };
        let (head, tail) = file.split_at(file.len() / 2);
        let messages = [
            ImportStatementRequest { header: Some(header), chunk: head.into() },
            ImportStatementRequest { header: None, chunk: tail.into() },
        ];
        let statements = StatementsClient::new(self.admin.clone());
        let imported = self
            .change(&statements, &messages, |mut c, messages| async move {
                c.import_statement(tokio_stream::iter(messages)).await
            })
            .await;
        self.settle().await;
        imported
    }

    /// Lines in a state, newest first.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn lines(&self, state: State) -> Vec<Line> {
        let request =
            ListLinesRequest { state: state.into(), page_size: 1000, ..Default::default() };
        done(LinesClient::new(self.admin.clone()).list_lines(request).await).lines
    }

    /// The line of a statement whose payment order has this number.
    ///
    /// # Panics
    /// When there is none.
    pub async fn line(&self, statement: &ImportStatementResponse, number: u32) -> Line {
        let statement = statement.statement.as_ref().expect("a statement").name.clone();
        let request = ListLinesRequest { statement, page_size: 1000, ..Default::default() };
        let mut client = LinesClient::new(self.admin.clone());
        let lines = done(client.list_lines(request).await).lines;
        let found = lines.into_iter().find(|l| l.document_number == number.to_string());
        self.line_named(&found.expect("a line with that number").name).await
    }

    /// A line with all that is known of it.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn line_named(&self, name: &str) -> Line {
        let request = GetLineRequest { name: name.into() };
        done(LinesClient::new(self.admin.clone()).get_line(request).await)
    }

    /// Says by hand that a line is meant for an invoice, or for a client's credit, and waits.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn allocate(&self, line: &Line, invoice: &str, client: &str) -> Line {
        let part = AllocationPart {
            invoice: invoice.into(),
            client: client.into(),
            amount: line.unallocated.clone(),
        };
        self.allocate_parts(&line.name, vec![part]).await;
        self.settle().await;
        self.line_named(&line.name).await
    }

    /// Says by hand what the parts of a line are meant for.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn allocate_parts(&self, line: &str, parts: Vec<AllocationPart>) -> Line {
        let request = AllocateLineRequest {
            name: line.into(),
            parts,
            request_id: request_id(),
            ..Default::default()
        };
        let lines = LinesClient::new(self.admin.clone());
        self.change(&lines, &request, |mut c, r| async move { c.allocate_line(r).await }).await
    }

    /// Takes all allocations of a line back.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn unmatch(&self, line: &str) -> Line {
        let request = UnmatchLineRequest {
            name: line.into(),
            reason: "не тот счёт".into(),
            request_id: request_id(),
            ..Default::default()
        };
        let lines = LinesClient::new(self.admin.clone());
        self.change(&lines, &request, |mut c, r| async move { c.unmatch_line(r).await }).await;
        self.settle().await;
        self.line_named(line).await
    }

    /// Balances of a client with a seller; none before anything happened between them.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn balance(&self, client: &str, seller: &str) -> Option<SellerBalance> {
        let request = GetBalanceRequest { client: client.into() };
        let balance = done(LedgerClient::new(self.admin.clone()).get_balance(request).await);
        balance.sellers.into_iter().find(|row| row.seller == seller)
    }
}
