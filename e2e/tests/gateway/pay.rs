//! The pay page: what whoever has a link sees, and what nobody else does.

use e2e::{
    SITE, Suite,
    money::rub,
    steps::{
        bank::{Payment, cp1251, statement},
        catalogue::Catalogue,
        customers::Customer,
        done,
        letters::read,
        orders::line,
    },
    web::Answer,
};
use proto::invoicing::v1::{
    CancelInvoiceRequest, GetInvoiceRequest, Invoice, IssueInvoiceRequest, ReissueInvoiceRequest,
    invoices_client::InvoicesClient,
};
use proto::payments::v1::AllocationPart;
use std::collections::BTreeSet;

const NOW: &str = "2019-02-26T09:00:00Z";

struct World {
    suite: Suite,
    catalogue: Catalogue,
    customer: Customer,
}

impl World {
    async fn start(suite: Suite) -> Self {
        let catalogue = suite.catalogue().await;
        let customer = suite.customer(21, &catalogue).await;
        suite.settle().await;
        Self { suite, catalogue, customer }
    }

    /// A held invoice of an order.
    async fn held(&self) -> Invoice {
        let lines = vec![line(&self.catalogue.hour, &self.customer.works, 0, 1)];
        let accepted = self.suite.order(&self.customer, lines).await;
        self.get(&accepted.invoices[0]).await
    }

    async fn issued(&self) -> Invoice {
        let held = self.held().await;
        assert_eq!(held.pay_token, "", "nobody can see what staff still look at");
        self.suite.issue(&held.name).await;
        self.get(&held.name).await
    }

    fn invoices(&self) -> InvoicesClient<e2e::door::Door> {
        InvoicesClient::new(self.suite.admin.clone())
    }

    async fn get(&self, name: &str) -> Invoice {
        done(self.invoices().get_invoice(GetInvoiceRequest { name: name.into() }).await)
    }

    /// A transfer that staff say is meant for the invoice.
    async fn pay(&self, invoice: &Invoice, amount: &str) {
        let payment = Payment {
            number: amount.len().try_into().unwrap(),
            date: NOW[..10].into(),
            amount: amount.into(),
            from: self.customer.company.clone(),
            purpose: "за услуги".into(),
        };
        let number = payment.number;
        let file = cp1251(&statement(&self.catalogue.works.company, &[payment]));
        let imported = self.suite.import(&file).await;
        let line = self.suite.line(&imported, number).await;
        let part = AllocationPart {
            invoice: invoice.name.clone(),
            amount: Some(rub(amount)),
            ..Default::default()
        };
        self.suite.allocate_parts(&line.name, vec![part]).await;
        self.suite.settle().await;
    }

    async fn page(&self, invoice: &Invoice) -> Answer {
        self.suite.get(&format!("/pay/{}", invoice.pay_token), &[]).await
    }
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// Issue 4, part 4: the page, its code and its PDF, for whoever has the link, and kept by nobody.
#[tokio::test]
async fn a_link_shows_the_invoice() {
    let world = World::start(Suite::here(NOW).await).await;
    let invoice = world.issued().await;
    assert_eq!(invoice.pay_token.len(), 22);
    let page = world.page(&invoice).await;
    assert_eq!(page.status, 200, "{}", text(&page));
    assert!(text(&page).contains(&invoice.number) && text(&page).contains("К оплате"));
    for secret in [&world.customer.client.email, &world.customer.client.phone, &invoice.client] {
        assert!(!text(&page).contains(secret.as_str()), "{secret} is nobody's business");
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex, nofollow"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("vary", "accept-language"),
    ] {
        assert_eq!(page.header(name), Some(value));
    }
    let path = format!("/pay/{}", invoice.pay_token);
    let english = world.suite.get(&path, &[("Accept-Language", "en-GB,en;q=0.8")]).await;
    assert!(text(&english).contains("To pay"));
    let code = world.suite.get(&format!("{path}/code.svg"), &[]).await;
    assert_eq!((code.status, code.header("content-type")), (200, Some("image/svg+xml")));
    assert!(text(&code).contains("<svg"));
    let pdf = world.suite.get(&format!("{path}/invoice.pdf"), &[]).await;
    // It comes in chunks, each behind its length.
    assert!(text(&pdf).contains("%PDF-"), "{:?}", pdf.headers);
    assert!(pdf.header("content-disposition").unwrap().contains("filename*=UTF-8''%D0%A1"));
    let letter = read(world.suite.sink.wait(1).await.last().unwrap());
    assert!(letter.text.contains(&format!("{SITE}{path}")), "the letter leads there: {letter:?}");
}

/// Part payments and the last one: the page says what is left, then that all is paid.
#[tokio::test]
async fn money_changes_the_page() {
    let world = World::start(Suite::here(NOW).await).await;
    let invoice = world.issued().await;
    world.pay(&invoice, "900.00").await;
    let page = text(&world.page(&invoice).await);
    assert!(page.contains("Осталось оплатить") && page.contains("5\u{a0}000,00\u{a0}₽"), "{page}");
    assert!(page.contains("<progress") && page.contains("<dd>5000,00</dd>"), "{page}");
    world.pay(&invoice, "5000.00").await;
    let page = text(&world.page(&invoice).await);
    assert!(page.contains("Счёт оплачен") && !page.contains("<dd>"), "{page}");
    let path = format!("/pay/{}", invoice.pay_token);
    assert_eq!(world.suite.get(&format!("{path}/code.svg"), &[]).await.status, 404);
    assert_eq!(world.suite.get(&format!("{path}/invoice.pdf"), &[]).await.status, 200);
}

/// A token says nothing about its invoice, and no other opens anything.
#[tokio::test]
async fn an_unknown_link_says_what_to_do() {
    let world = World::start(Suite::here(NOW).await).await;
    let mut tokens = BTreeSet::new();
    for _ in 0..3 {
        tokens.insert(world.issued().await.pay_token);
    }
    let starts: BTreeSet<_> = tokens.iter().map(|token| token[..6].to_owned()).collect();
    assert_eq!(starts.len(), 3, "nothing in common: {tokens:?}");
    let own = tokens.first().unwrap();
    let mut near = own.clone();
    let last = if near.ends_with('A') { 'B' } else { 'A' };
    near.pop();
    near.push(last);
    let long = "a".repeat(5000);
    for token in ["nothing", &near, &own.to_lowercase(), "%27%20or%201=1", &long] {
        let page = world.suite.get(&format!("/pay/{token}"), &[]).await;
        assert_eq!(page.status, 404, "{token}");
        assert!(text(&page).contains("Такого счёта нет") && text(&page).contains("ответьте"));
        assert!(page.header("content-security-policy").is_some());
        for part in ["code.svg", "invoice.pdf"] {
            let part = world.suite.get(&format!("/pay/{token}/{part}"), &[]).await;
            assert_eq!(part.status, 404);
        }
    }
}

/// What was cancelled or reissued is not paid by mistake: no requisites, no code, no PDF; the new
/// one is shown once staff have let it out.
#[tokio::test]
async fn a_cancelled_one_leads_to_its_successor() {
    let world = World::start(Suite::here(NOW).await).await;
    let old = world.issued().await;
    let request = ReissueInvoiceRequest {
        name: old.name.clone(),
        reason: "опечатка".into(),
        etag: String::new(),
        request_id: e2e::request_id(),
    };
    let new = done(world.invoices().reissue_invoice(request).await);
    let page = text(&world.page(&old).await);
    assert!(page.contains("Счёт отменён") && !page.contains("<dd>") && !page.contains("опечатка"));
    assert!(!page.contains("Открыть счёт"), "the held one is nobody's business: {page}");
    let request = IssueInvoiceRequest {
        name: new.name.clone(),
        request_id: e2e::request_id(),
        ..Default::default()
    };
    let new = done(world.invoices().issue_invoice(request).await);
    let page = text(&world.page(&old).await);
    assert!(page.contains(&format!("href=\"/pay/{}\"", new.pay_token)), "{page}");
    for part in ["code.svg", "invoice.pdf"] {
        let path = format!("/pay/{}/{part}", old.pay_token);
        assert_eq!(world.suite.get(&path, &[]).await.status, 404, "{part}");
    }
    assert!(text(&world.page(&new).await).contains("К оплате"));
    let request = CancelInvoiceRequest {
        name: new.name.clone(),
        reason: "отказ".into(),
        etag: String::new(),
        request_id: e2e::request_id(),
    };
    done(world.invoices().cancel_invoice(request).await);
    let page = text(&world.page(&new).await);
    assert!(page.contains("Не оплачивайте его. Есть вопросы"), "{page}");
}

/// Whoever guesses is slowed down, with a page that says so.
#[tokio::test]
async fn guessing_is_slow() {
    let suite = Suite::here_with(NOW, |config| config.logins_per_minute = 10).await;
    let mut busy = None;
    for n in 0..60 {
        let page = suite.get(&format!("/pay/{n:0>22}"), &[]).await;
        if page.status == 429 {
            busy = Some(page);
            break;
        }
        assert_eq!(page.status, 404);
    }
    let busy = busy.expect("a limit");
    assert!(text(&busy).contains("Слишком много запросов"));
    assert!(busy.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
}
