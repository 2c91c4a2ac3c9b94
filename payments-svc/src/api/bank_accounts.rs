//! `raschet.payments.v1.BankAccounts`.

use super::total;
use crate::store;
use crate::store::bank_accounts::Covered;
use proto::payments::v1::bank_accounts_server::BankAccounts;
use proto::payments::v1::{self as pb};
use service::page::{Page, TOTAL_CAP};
use service::{Failure, Frame};
use tonic::{Request, Response, Status};

/// The service over one database.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
}

impl Api {
    /// The service of this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

#[tonic::async_trait]
impl BankAccounts for Api {
    async fn list_bank_accounts(
        &self,
        request: Request<pb::ListBankAccountsRequest>,
    ) -> Result<Response<pb::ListBankAccountsResponse>, Status> {
        let request = request.into_inner();
        let page = Page::<String>::read(request.page_size, &request.page_token, &())?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let after = page.after().map(String::as_str);
        let rows = store::bank_accounts::list(&mut conn, after, page.limit()).await?;
        let total_size = total(store::bank_accounts::count(&mut conn, TOTAL_CAP).await?);
        let (rows, next_page_token) = page.finish(rows, |row| row.bank_account.account.clone());
        let bank_accounts = rows.into_iter().map(encode).collect();
        Ok(Response::new(pb::ListBankAccountsResponse {
            bank_accounts,
            next_page_token,
            total_size,
        }))
    }
}

fn encode(row: Covered) -> pb::BankAccount {
    let account = row.bank_account;
    pb::BankAccount {
        name: account.id.to_string(),
        account: account.account,
        bic: account.bic,
        seller: account.seller.to_string(),
        currency: account.currency.code().into(),
        statement_date: row.statement_date.map(Into::into),
        balance: row.balance.map(Into::into),
    }
}
