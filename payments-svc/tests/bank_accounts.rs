//! ListBankAccounts: own accounts with the newest statement day.

use crate::world::{ACCOUNT, World, day, wire};
use proto::payments::v1::ListBankAccountsRequest;
use proto::payments::v1::bank_accounts_client::BankAccountsClient;
use service::Role;
use tonic::Code;
use types::id::SellerId;

#[tokio::test]
async fn own_accounts_are_listed_with_their_newest_day() {
    let world = World::start(&[]).await;
    let other = SellerId::generate();
    world.seller_changed(other, "40702810900000000002", "7725381772").await;
    // A seller that changes its account keeps the old one: money still comes there.
    world.seller_changed(other, "40702810900000000003", "7725381772").await;
    let days: String = (1..=2)
        .map(|d| {
            format!(
                "СекцияРасчСчет\nДатаНачала=0{d}.02.2019\nДатаКонца=0{d}.02.2019\n\
                 РасчСчет={ACCOUNT}\nНачальныйОстаток=10{d}\nВсегоПоступило=0\nВсегоСписано=0\n\
                 КонечныйОстаток=10{d}\nКонецРасчСчет\n"
            )
        })
        .collect();
    let file = format!("1CClientBankExchange\nВерсияФормата=1.03\n{days}КонецФайла\n");
    let imported = world.import(file.as_bytes()).await.unwrap();
    assert_eq!(imported.imported, 0, "the file proves that nothing moved");
    assert!(imported.statement.unwrap().days.iter().all(|day| day.complete));

    let mut client = BankAccountsClient::new(world.harness.client_as(Role::Auditor));
    let request = ListBankAccountsRequest { page_size: 2, page_token: String::new() };
    let first = client.list_bank_accounts(request).await.unwrap().into_inner();
    assert_eq!((first.bank_accounts.len(), first.total_size), (2, 3));
    let account = &first.bank_accounts[0];
    assert_eq!((account.account.as_str(), account.currency.as_str()), (ACCOUNT, "RUB"));
    assert_eq!(account.statement_date, day("2019-02-02"));
    assert_eq!(account.balance, wire(10_200));
    let request = ListBankAccountsRequest { page_size: 2, page_token: first.next_page_token };
    let second = client.list_bank_accounts(request).await.unwrap().into_inner();
    assert_eq!(second.bank_accounts[0].account, "40702810900000000003");
    assert_eq!((second.bank_accounts.len(), second.next_page_token.as_str()), (1, ""));

    let request = ListBankAccountsRequest { page_size: -1, page_token: String::new() };
    assert_eq!(client.list_bank_accounts(request).await.unwrap_err().code(), Code::InvalidArgument);
    let mut customer = BankAccountsClient::new(world.harness.customer(world.client));
    let refused = customer.list_bank_accounts(ListBankAccountsRequest::default()).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    world.harness.finish().await;
}
