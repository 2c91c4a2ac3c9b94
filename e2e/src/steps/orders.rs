//! From an order to an issued invoice, and changes of quantity.

use super::{customers::Customer, done};
use crate::{Suite, request_id};
use proto::invoicing::v1::{
    AcceptOrderRequest, AcceptOrderResponse, CancelInvoiceRequest, Change, ChangePreview,
    ConfirmQuantityChangeRequest, CreateOrderRequest, CreateQuoteRequest,
    GetInvoiceDocumentRequest, GetInvoiceRequest, GetSubscriptionRequest, Invoice,
    IssueInvoiceRequest, ListInvoicesRequest, Order, OrderLine, PreviewQuantityChangeRequest,
    Product, Quote, ReissueInvoiceRequest, SendQuoteRequest, Subscription, invoice,
    invoices_client::InvoicesClient, orders_client::OrdersClient, quotes_client::QuotesClient,
    subscriptions_client::SubscriptionsClient,
};

/// One line of an order: so many units for cycles of so many months.
#[must_use]
pub fn line(product: &Product, contract: &str, months: i32, quantity: i32) -> OrderLine {
    OrderLine {
        product: product.name.clone(),
        contract: contract.into(),
        cycle_months: months,
        quantity,
        ..Default::default()
    }
}

impl Suite {
    /// Creates an order and accepts it.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn order(&self, customer: &Customer, lines: Vec<OrderLine>) -> AcceptOrderResponse {
        let orders = OrdersClient::new(self.admin.clone());
        let client = customer.client.name.clone();
        let order = Order { client, lines, ..Default::default() };
        let request = CreateOrderRequest { order: Some(order), request_id: request_id() };
        let order =
            self.change(&orders, &request, |mut c, r| async move { c.create_order(r).await }).await;
        let request =
            AcceptOrderRequest { name: order.name, etag: order.etag, request_id: request_id() };
        self.change(&orders, &request, |mut c, r| async move { c.accept_order(r).await }).await
    }

    /// A quote that the customer was sent, good through a day such as `2019-03-15`.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn sent_quote(
        &self,
        customer: &Customer,
        offered: OrderLine,
        valid_until: &str,
    ) -> Quote {
        let mut quotes = QuotesClient::new(self.admin.clone());
        let quote = Quote {
            client: customer.client.name.clone(),
            contract: offered.contract.clone(),
            lines: vec![offered],
            valid_until: valid_until.parse::<chrono::NaiveDate>().ok().map(Into::into),
            ..Default::default()
        };
        let request = CreateQuoteRequest { quote: Some(quote), request_id: request_id() };
        let Quote { name, etag, .. } = done(quotes.create_quote(request).await);
        let request = SendQuoteRequest { name, etag, request_id: request_id() };
        done(quotes.send_quote(request).await)
    }

    /// An invoice with its lines.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn invoice(&self, name: &str) -> Invoice {
        let request = GetInvoiceRequest { name: name.into() };
        done(InvoicesClient::new(self.admin.clone()).get_invoice(request).await)
    }

    /// Every invoice of a client with its lines, newest first.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn invoices(&self, client: &str) -> Vec<Invoice> {
        let request =
            ListInvoicesRequest { client: client.into(), page_size: 1000, ..Default::default() };
        let mut invoices = InvoicesClient::new(self.admin.clone());
        let listed = done(invoices.list_invoices(request).await).invoices;
        let mut whole = Vec::new();
        for invoice in listed {
            whole.push(self.invoice(&invoice.name).await);
        }
        whole
    }

    /// The PDF of an invoice.
    ///
    /// # Panics
    /// When it cannot be had.
    pub async fn document(&self, name: &str) -> Vec<u8> {
        let request = GetInvoiceDocumentRequest { name: name.into() };
        let mut invoices = InvoicesClient::new(self.admin.clone());
        let document = done(invoices.get_invoice_document(request).await);
        assert_eq!(document.content_type, "application/pdf");
        document.content
    }

    /// Issues a held invoice.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn issue(&self, name: &str) -> Invoice {
        let request = IssueInvoiceRequest {
            name: name.into(),
            request_id: request_id(),
            ..Default::default()
        };
        let invoices = InvoicesClient::new(self.admin.clone());
        let issued = self
            .change(&invoices, &request, |mut c, r| async move { c.issue_invoice(r).await })
            .await;
        assert_eq!(issued.state(), invoice::State::Issued);
        issued
    }

    /// Cancels an invoice.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn cancel(&self, name: &str) -> Invoice {
        let request = CancelInvoiceRequest {
            name: name.into(),
            reason: "выставлен по ошибке".into(),
            request_id: request_id(),
            ..Default::default()
        };
        let invoices = InvoicesClient::new(self.admin.clone());
        self.change(&invoices, &request, |mut c, r| async move { c.cancel_invoice(r).await }).await
    }

    /// Cancels an invoice and makes its held successor, which is answered.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn reissue(&self, name: &str) -> Invoice {
        let request = ReissueInvoiceRequest {
            name: name.into(),
            reason: "не те реквизиты".into(),
            request_id: request_id(),
            ..Default::default()
        };
        let invoices = InvoicesClient::new(self.admin.clone());
        self.change(&invoices, &request, |mut c, r| async move { c.reissue_invoice(r).await }).await
    }

    /// A subscription.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn subscription(&self, name: &str) -> Subscription {
        let request = GetSubscriptionRequest { name: name.into() };
        done(SubscriptionsClient::new(self.admin.clone()).get_subscription(request).await)
    }

    /// What a new total quantity would cost.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn preview(&self, subscription: &str, quantity: i32) -> ChangePreview {
        let request = PreviewQuantityChangeRequest {
            name: subscription.into(),
            quantity,
            effective_date: None,
        };
        let mut subscriptions = SubscriptionsClient::new(self.admin.clone());
        done(subscriptions.preview_quantity_change(request).await)
    }

    /// Does what a preview showed.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn confirm(&self, subscription: &str, preview: &ChangePreview) -> Change {
        let request = ConfirmQuantityChangeRequest {
            name: subscription.into(),
            token: preview.token.clone(),
            confirm_downgrade: preview.downgrade,
            request_id: request_id(),
        };
        let subscriptions = SubscriptionsClient::new(self.admin.clone());
        self.change(&subscriptions, &request, |mut c, r| async move {
            c.confirm_quantity_change(r).await
        })
        .await
    }
}
