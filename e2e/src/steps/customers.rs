//! Who is billed: a client with people, a payer, a note, and a contract with each seller.

use super::{catalogue::Catalogue, done};
use crate::{Suite, door::Door, money::date, request_id};
use proto::{
    clients::v1::{
        BankAccount, Client, Contact, CreateClientRequest, CreateContactRequest,
        CreateLegalEntityRequest, CreateNoteRequest, LegalEntity, Note, client::Kind,
        clients_client::ClientsClient, contact, contacts_client::ContactsClient,
        legal_entities_client::LegalEntitiesClient, notes_client::NotesClient,
    },
    gateway::v1::{LoginRequest, sessions_client::SessionsClient},
    invoicing::v1::{Contract, CreateContractRequest, contract, contracts_client::ContractsClient},
};
use testkit::Company;

/// Password of every customer of the tests.
pub const PASSWORD: &str = "пароль клиента";

/// A client and what was made with it.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The client.
    pub client: Client,
    /// Requisites of its payer.
    pub company: Company,
    /// Its payer. Format: legalEntities/{legal_entity}
    pub payer: String,
    /// Contract with the seller of hosting. Format: contracts/{contract}
    pub hosting: String,
    /// Contract with the seller of works. Format: contracts/{contract}
    pub works: String,
}

impl Suite {
    /// Makes a client of an invented company, with a payer and two contracts.
    ///
    /// # Panics
    /// When a part of it is refused.
    pub async fn customer(&self, n: u32, catalogue: &Catalogue) -> Customer {
        let company = Company::number(n);
        let client = Client {
            kind: Kind::Company.into(),
            given_name: "Пётр".into(),
            family_name: format!("Примеров-{n}"),
            company: company.name.clone(),
            email: company.email.clone(),
            phone: "+79000000000".into(),
            password: PASSWORD.into(),
            ..Default::default()
        };
        let request = CreateClientRequest { client: Some(client), request_id: request_id() };
        let client = done(ClientsClient::new(self.admin.clone()).create_client(request).await);
        let payer = self.payer(&client.name, &company).await;
        let hosting = self.contract(&client.name, &payer, &catalogue.hosting.name).await;
        let works = self.contract(&client.name, &payer, &catalogue.works.name).await;
        Customer { client, company, payer, hosting, works }
    }

    /// Gives a client a payer with these requisites.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn payer(&self, client: &str, company: &Company) -> String {
        let payer = LegalEntity {
            client: client.into(),
            title: company.name.clone(),
            tax_id: company.inn.clone(),
            kpp: company.kpp.clone(),
            ogrn: company.ogrn.clone(),
            address: "г. Примерск, ул. Новая, д. 2".into(),
            accounts: vec![BankAccount {
                account: company.account.clone(),
                bic: company.bic.clone(),
                correspondent_account: company.correspondent_account.clone(),
                bank: "Банк «Пример»".into(),
            }],
            ..Default::default()
        };
        let request =
            CreateLegalEntityRequest { legal_entity: Some(payer), request_id: request_id() };
        let mut payers = LegalEntitiesClient::new(self.admin.clone());
        done(payers.create_legal_entity(request).await).name
    }

    /// Makes a contract.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn contract(&self, client: &str, payer: &str, seller: &str) -> String {
        let contract = Contract {
            client: client.into(),
            payer: payer.into(),
            seller: seller.into(),
            date: Some(date("2019-01-15")),
            kind: contract::Kind::Offer.into(),
            payment: contract::Payment::Prepaid.into(),
            ..Default::default()
        };
        let request = CreateContractRequest { contract: Some(contract), request_id: request_id() };
        done(ContractsClient::new(self.admin.clone()).create_contract(request).await).name
    }

    /// Links a person who gets invoices, and may log in, to a client.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn contact(&self, client: &str, email: &str) -> Contact {
        let contact = Contact {
            client: client.into(),
            email: email.into(),
            given_name: "Анна".into(),
            family_name: "Счетоводова".into(),
            access: contact::Access::Accountant.into(),
            letters: vec![contact::LetterKind::Billing.into()],
            ..Default::default()
        };
        let request = CreateContactRequest { contact: Some(contact), request_id: request_id() };
        done(ContactsClient::new(self.admin.clone()).create_contact(request).await)
    }

    /// Writes an important note about a client.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn note(&self, client: &str, text: &str) -> Note {
        let note = Note {
            client: client.into(),
            text: text.into(),
            important: true,
            ..Default::default()
        };
        let request = CreateNoteRequest { note: Some(note), request_id: request_id() };
        done(NotesClient::new(self.admin.clone()).create_note(request).await)
    }

    /// Logs a customer in; its calls.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn log_in_as(&self, customer: &Customer) -> Door {
        let request =
            LoginRequest { login: customer.client.email.clone(), password: PASSWORD.into() };
        let session = done(SessionsClient::new(self.door("")).login(request).await);
        assert_eq!(session.client, customer.client.name);
        self.door(&session.token)
    }
}
