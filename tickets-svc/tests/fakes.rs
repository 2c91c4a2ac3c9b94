//! The peers of tickets-svc, with canned answers.

use proto::{
    clients::v1::{self as clients, clients_server, contact::LetterKind, staff_server},
    invoicing::v1::{self as invoicing, invoices_server},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use testkit::Harness;
use tonic::{Request, Response, Status, service::Routes};
use types::id::ClientId;

/// What the peers know.
#[derive(Clone, Default)]
pub struct Fakes {
    profiles: Arc<Mutex<HashMap<String, clients::Profile>>>,
}

impl Fakes {
    /// Takes the places of clients-svc and invoicing-svc.
    pub fn serve(&self, harness: &mut Harness) {
        let routes = Routes::new(clients_server::ClientsServer::new(self.clone()))
            .add_service(staff_server::StaffServer::new(self.clone()));
        harness.fake("clients", routes);
        harness.fake("invoicing", Routes::new(invoices_server::InvoicesServer::new(self.clone())));
    }

    /// A client with these addresses, the main one first, who get invoices and answers.
    pub fn client(&self, client: ClientId, addresses: &[&str]) -> i64 {
        let mut profiles = self.profiles.lock().unwrap();
        let revision = profiles.get(&client.to_string()).map_or(1, |known| known.revision + 1);
        let contacts = addresses.iter().enumerate().map(|(n, email)| clients::Contact {
            email: (*email).into(),
            main: n == 0,
            letters: vec![LetterKind::Billing.into(), LetterKind::Support.into()],
            ..clients::Contact::default()
        });
        let profile = clients::Profile {
            client: client.to_string(),
            revision,
            title: "ООО «Пример»".into(),
            email: addresses[0].into(),
            language: "ru".into(),
            zone: "Europe/Moscow".into(),
            contacts: contacts.collect(),
            ..clients::Profile::default()
        };
        profiles.insert(client.to_string(), profile);
        revision
    }
}

fn nobody<T>() -> Result<Response<T>, Status> {
    Err(Status::not_found("nobody"))
}

fn unasked<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("the tests ask no such thing"))
}

#[tonic::async_trait]
impl clients_server::Clients for Fakes {
    async fn get_profile(
        &self,
        request: Request<clients::GetProfileRequest>,
    ) -> Result<Response<clients::Profile>, Status> {
        let known = self.profiles.lock().unwrap().get(&request.into_inner().client).cloned();
        known.map_or_else(nobody, |profile| Ok(Response::new(profile)))
    }

    async fn get_client(
        &self,
        _: Request<clients::GetClientRequest>,
    ) -> Result<Response<clients::Client>, Status> {
        unasked()
    }

    async fn list_clients(
        &self,
        _: Request<clients::ListClientsRequest>,
    ) -> Result<Response<clients::ListClientsResponse>, Status> {
        unasked()
    }

    async fn create_client(
        &self,
        _: Request<clients::CreateClientRequest>,
    ) -> Result<Response<clients::Client>, Status> {
        unasked()
    }

    async fn update_client(
        &self,
        _: Request<clients::UpdateClientRequest>,
    ) -> Result<Response<clients::Client>, Status> {
        unasked()
    }

    async fn batch_get_clients(
        &self,
        _: Request<clients::BatchGetClientsRequest>,
    ) -> Result<Response<clients::BatchGetClientsResponse>, Status> {
        unasked()
    }

    async fn list_profiles(
        &self,
        _: Request<clients::ListProfilesRequest>,
    ) -> Result<Response<clients::ListProfilesResponse>, Status> {
        unasked()
    }
}

#[tonic::async_trait]
impl staff_server::Staff for Fakes {
    /// The member whom the harness acts for is the only one.
    async fn get_staff_member(
        &self,
        request: Request<clients::GetStaffMemberRequest>,
    ) -> Result<Response<clients::StaffMember>, Status> {
        let name = request.into_inner().name;
        if name != testkit::harness::staff(&[]).actor {
            return nobody();
        }
        Ok(Response::new(clients::StaffMember { name, ..clients::StaffMember::default() }))
    }

    async fn list_staff(
        &self,
        _: Request<clients::ListStaffRequest>,
    ) -> Result<Response<clients::ListStaffResponse>, Status> {
        unasked()
    }

    async fn create_staff_member(
        &self,
        _: Request<clients::CreateStaffMemberRequest>,
    ) -> Result<Response<clients::StaffLogin>, Status> {
        unasked()
    }

    async fn update_staff_member(
        &self,
        _: Request<clients::UpdateStaffMemberRequest>,
    ) -> Result<Response<clients::StaffMember>, Status> {
        unasked()
    }

    async fn reset_staff_password(
        &self,
        _: Request<clients::ResetStaffPasswordRequest>,
    ) -> Result<Response<clients::StaffLogin>, Status> {
        unasked()
    }
}

#[tonic::async_trait]
impl invoices_server::Invoices for Fakes {
    async fn get_invoice_document(
        &self,
        request: Request<invoicing::GetInvoiceDocumentRequest>,
    ) -> Result<Response<invoicing::InvoiceDocument>, Status> {
        let content = format!("%PDF-1.7 {}", request.into_inner().name).into_bytes();
        Ok(Response::new(invoicing::InvoiceDocument {
            filename: "Счёт 88#728156.pdf".into(),
            content_type: "application/pdf".into(),
            content,
            sha256: String::new(),
        }))
    }

    async fn get_invoice(
        &self,
        _: Request<invoicing::GetInvoiceRequest>,
    ) -> Result<Response<invoicing::Invoice>, Status> {
        unasked()
    }

    async fn list_invoices(
        &self,
        _: Request<invoicing::ListInvoicesRequest>,
    ) -> Result<Response<invoicing::ListInvoicesResponse>, Status> {
        unasked()
    }

    async fn create_invoice(
        &self,
        _: Request<invoicing::CreateInvoiceRequest>,
    ) -> Result<Response<invoicing::Invoice>, Status> {
        unasked()
    }

    async fn update_draft_lines(
        &self,
        _: Request<invoicing::UpdateDraftLinesRequest>,
    ) -> Result<Response<invoicing::Invoice>, Status> {
        unasked()
    }

    async fn hold_invoice(
        &self,
        _: Request<invoicing::HoldInvoiceRequest>,
    ) -> Result<Response<invoicing::Invoice>, Status> {
        unasked()
    }

    async fn issue_invoice(
        &self,
        _: Request<invoicing::IssueInvoiceRequest>,
    ) -> Result<Response<invoicing::Invoice>, Status> {
        unasked()
    }

    async fn cancel_invoice(
        &self,
        _: Request<invoicing::CancelInvoiceRequest>,
    ) -> Result<Response<invoicing::Invoice>, Status> {
        unasked()
    }

    async fn reissue_invoice(
        &self,
        _: Request<invoicing::ReissueInvoiceRequest>,
    ) -> Result<Response<invoicing::Invoice>, Status> {
        unasked()
    }
}
