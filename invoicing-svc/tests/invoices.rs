//! `Invoices`: by hand, held, issued, cancelled, reissued, listed.

use crate::world::{World, date, day, decimal, fields, refused, request_id, rub};
use proto::invoicing::v1 as pb;
use tonic::Code;

fn line(text: &str, price: &str) -> pb::InvoiceLine {
    pb::InvoiceLine { text: text.into(), unit_price: decimal(price), ..Default::default() }
}

async fn by_hand(world: &World, lines: Vec<pb::InvoiceLine>) -> pb::Invoice {
    world.invoices().create_invoice(create(world, lines)).await.unwrap().into_inner()
}

fn create(world: &World, lines: Vec<pb::InvoiceLine>) -> pb::CreateInvoiceRequest {
    let invoice = pb::Invoice {
        client: world.client.clone(),
        contract: world.contract.clone(),
        lines,
        ..Default::default()
    };
    pb::CreateInvoiceRequest { invoice: Some(invoice), request_id: request_id() }
}

fn cancel(name: &str) -> pb::CancelInvoiceRequest {
    pb::CancelInvoiceRequest {
        name: name.into(),
        reason: "Ошибка в сумме".into(),
        etag: String::new(),
        request_id: request_id(),
    }
}

/// G51, A163, A201, G17: issuing gives a number with its check digit, a due date, one letter, one
/// event; repeated, it is answered and nothing more leaves; nothing is posted.
#[tokio::test]
async fn issuing_numbers_and_tells_once() {
    let world = World::start().await;
    let held = by_hand(&world, vec![line("Настройка", "860.00")]).await;
    assert_eq!(held.state, i32::from(pb::invoice::State::Draft));
    assert_eq!(held.tax_phrase, "В том числе НДС 20 %");
    let request = pb::IssueInvoiceRequest {
        name: held.name.clone(),
        etag: held.etag.clone(),
        request_id: request_id(),
    };
    let issued = world.invoices().issue_invoice(request.clone()).await.unwrap().into_inner();
    let again = world.invoices().issue_invoice(request).await.unwrap().into_inner();
    assert_eq!(issued, again);
    assert_eq!((issued.sequence, issued.number.as_str()), (1, "13"));
    assert_eq!(
        (day(&issued.issue_date), day(&issued.due_date)),
        ("2019-02-08".into(), "2019-02-15".into())
    );
    assert_eq!(issued.payment_state, i32::from(pb::invoice::PaymentState::Open));
    let letters: Vec<pb::LetterRequested> = world.payloads().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].key, format!("{}/issued", issued.name));
    assert_eq!(letters[0].documents, std::slice::from_ref(&issued.name));
    assert_eq!(letters[0].variables["total"], "860,00\u{a0}₽");
    assert_eq!(letters[0].variables["due_date"], "15.02.2019");
    let told: Vec<pb::InvoiceIssued> = world.payloads().await;
    assert_eq!((told.len(), rub(&told[0].residual)), (1, "860.00".into()));
    let transfers = pb::ListTransfersRequest { client: world.client.clone(), ..Default::default() };
    let transfers = world.ledger().list_transfers(transfers).await.unwrap().into_inner();
    assert!(transfers.transfers.is_empty(), "a request is no debt");
    refused(world.issue(&issued.name).await, Code::FailedPrecondition, "INVOICE_STATE");
    world.harness.finish().await;
}

/// Lines by hand are replaced while held; computed lines keep their amounts and must stay.
#[tokio::test]
async fn lines_are_edited_while_held() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    let held = world.invoice(&main).await;
    let update = |lines: Vec<pb::InvoiceLine>| pb::UpdateDraftLinesRequest {
        name: main.clone(),
        lines,
        etag: String::new(),
        request_id: request_id(),
    };
    let computed = pb::InvoiceLine { text: "Лицензии".into(), ..held.lines[0].clone() };
    let period = pb::InvoiceLine {
        start_date: date("2019-02-01"),
        last_day: date("2019-02-28"),
        ..line("Сопровождение", "100.00")
    };
    let mut calls = world.invoices();
    let after = calls.update_draft_lines(update(vec![computed.clone(), period])).await.unwrap();
    let after = after.into_inner();
    assert_eq!(rub(&after.total), "24100.00");
    assert_eq!(after.lines[0].text, "Лицензии (01.02.2019–31.07.2019)");
    assert_eq!(after.lines[1].text, "Сопровождение (01.02.2019–28.02.2019)");
    let without = calls.update_draft_lines(update(vec![line("Иное", "1.00")])).await.unwrap_err();
    assert_eq!(fields(&without), ["lines"]);
    let malformed = pb::InvoiceLine { quantity: decimal("1.5"), ..line("", "x") };
    let malformed = calls.update_draft_lines(update(vec![computed.clone(), malformed])).await;
    let mut named = fields(&malformed.unwrap_err());
    named.sort();
    assert_eq!(named, ["lines[1].quantity", "lines[1].text", "lines[1].unit_price"]);
    let stale = pb::UpdateDraftLinesRequest { etag: held.etag, ..update(vec![computed.clone()]) };
    refused(calls.update_draft_lines(stale).await, Code::Aborted, "STALE_ETAG");
    world.issue(&main).await.unwrap();
    let fixed = calls.update_draft_lines(update(vec![computed])).await;
    refused(fixed, Code::FailedPrecondition, "INVOICE_STATE");
    world.harness.finish().await;
}

/// Cancelling releases the claims: the same period can be billed again. A reissue does both in one
/// act, and the old number stays taken.
#[tokio::test]
async fn cancelling_and_reissuing_release_claims() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    let issued = world.issue(&main).await.unwrap();
    let mut calls = world.invoices();
    let reissue = pb::ReissueInvoiceRequest {
        name: main.clone(),
        reason: "Неверный адрес".into(),
        etag: issued.etag,
        request_id: request_id(),
    };
    let held = calls.reissue_invoice(reissue.clone()).await.unwrap().into_inner();
    assert_eq!(calls.reissue_invoice(reissue).await.unwrap().into_inner(), held);
    assert_eq!(
        (held.state, held.replaces.as_str()),
        (pb::invoice::State::Held.into(), main.as_str())
    );
    let old = world.invoice(&main).await;
    assert_eq!(old.state, i32::from(pb::invoice::State::Cancelled));
    assert_eq!((old.number.as_str(), old.cancel_reason.as_str()), ("13", "Неверный адрес"));
    assert_eq!(day(&world.subscription(&users).await.billed_through), "2019-08-01");
    let second = world.issue(&held.name).await.unwrap();
    assert_eq!(second.sequence, 2);
    let told: Vec<pb::InvoiceResidualChanged> = world.payloads().await;
    assert_eq!(told[0].state, "CANCELLED");

    let cancelled = calls.cancel_invoice(cancel(&second.name)).await.unwrap().into_inner();
    assert_eq!(cancelled.state, i32::from(pb::invoice::State::Cancelled));
    let unbilled = world.subscription(&users).await;
    assert_eq!(day(&unbilled.billed_through), "2019-02-01", "the run will bill it again");
    let twice = calls.cancel_invoice(cancel(&second.name)).await;
    refused(twice, Code::FailedPrecondition, "INVOICE_STATE");
    let reasonless = pb::CancelInvoiceRequest { reason: " ".into(), ..cancel(&second.name) };
    assert!(calls.cancel_invoice(reasonless).await.is_err());
    world.harness.finish().await;
}

/// A150: a draft is held for a check, and nothing leaves; it is not held again, an unknown one is
/// not found.
#[tokio::test]
async fn holding() {
    let world = World::start().await;
    let draft = by_hand(&world, vec![line("Настройка", "1.00")]).await;
    let hold = |name: &str, etag: &str| pb::HoldInvoiceRequest {
        name: name.into(),
        etag: etag.into(),
        request_id: request_id(),
    };
    let mut calls = world.invoices();
    let held = calls.hold_invoice(hold(&draft.name, &draft.etag)).await.unwrap().into_inner();
    assert_eq!((held.state(), held.number.as_str()), (pb::invoice::State::Held, ""));
    assert!(world.payloads::<pb::LetterRequested>().await.is_empty());
    let stale = calls.hold_invoice(hold(&draft.name, &draft.etag)).await;
    refused(stale, Code::Aborted, "STALE_ETAG");
    let twice = calls.hold_invoice(hold(&held.name, "")).await;
    refused(twice, Code::FailedPrecondition, "INVOICE_STATE");
    let unknown = format!("invoices/{}", uuid::Uuid::new_v4());
    let unknown = calls.hold_invoice(hold(&unknown, "")).await;
    refused(unknown, Code::NotFound, "NOT_FOUND");
    world.harness.finish().await;
}

/// A190–A193: filters by state, number, text and client; totals of what is issued.
#[tokio::test]
async fn lists_with_totals() {
    let world = World::start().await;
    for (text, price) in [("Домен primer.example", "100.00"), ("Диск", "200.00"), ("Диск", "3.00")]
    {
        let draft = by_hand(&world, vec![line(text, price)]).await;
        if price != "3.00" {
            world.issue(&draft.name).await.unwrap();
        }
    }
    let all = pb::ListInvoicesRequest { client: world.client.clone(), ..Default::default() };
    let list = |request: pb::ListInvoicesRequest| async {
        world.invoices().list_invoices(request).await.unwrap().into_inner()
    };
    let page = list(pb::ListInvoicesRequest { page_size: 2, ..all.clone() }).await;
    assert_eq!((page.invoices.len(), page.total_size), (2, 3));
    assert_eq!(rub(&page.totals[0].due), "300.00");
    assert!(page.invoices[0].lines.is_empty() && !page.invoices[0].payer_title.is_empty());
    let next =
        pb::ListInvoicesRequest { page_size: 2, page_token: page.next_page_token, ..all.clone() };
    assert_eq!(list(next).await.invoices.len(), 1);
    let draft = pb::ListInvoicesRequest { state: pb::invoice::State::Draft.into(), ..all.clone() };
    assert_eq!(list(draft).await.total_size, 1);
    let number = pb::ListInvoicesRequest { number: "21".into(), ..all.clone() };
    assert_eq!(rub(&list(number).await.invoices[0].total), "200.00");
    let text = pb::ListInvoicesRequest { line_text: "PRIMER.ex".into(), ..all.clone() };
    assert_eq!(rub(&list(text).await.invoices[0].total), "100.00");
    let wild = pb::ListInvoicesRequest { number: "%".into(), ..all };
    assert_eq!(list(wild).await.total_size, 0, "a per cent sign is no wildcard");
    world.harness.finish().await;
}

/// G32, A188, A189: a package change opens a technician's work on issue, once: "Δ 5-10".
#[tokio::test]
async fn g32_work_is_requested_on_issue() {
    let world = World::start().await;
    let disk = pb::Product {
        title: "Пакет 5 ГБ".into(),
        fulfilment: pb::product::Fulfilment::WorkOnIssue.into(),
        resource: "дисковое пространство".into(),
        factor: 5,
        activation: pb::product::Activation::OnAccept.into(),
        ..Default::default()
    };
    let product = world.product(disk, 1, "60.00").await;
    let made = world
        .order(pb::OrderLine {
            product,
            cycle_months: 1,
            start_date: date("2019-02-01"),
            ..Default::default()
        })
        .await;
    world.issue(&made.invoices[0]).await.unwrap();
    let ask = pb::PreviewQuantityChangeRequest {
        name: made.subscriptions[0].clone(),
        quantity: 2,
        effective_date: date("2019-02-08"),
    };
    let shown = world.subscriptions().preview_quantity_change(ask).await.unwrap().into_inner();
    let confirm = pb::ConfirmQuantityChangeRequest {
        name: made.subscriptions[0].clone(),
        token: shown.token,
        confirm_downgrade: false,
        request_id: request_id(),
    };
    let change = world.subscriptions().confirm_quantity_change(confirm).await.unwrap().into_inner();
    let work: Vec<pb::WorkRequested> = world.payloads().await;
    assert_eq!(work.len(), 1, "held: no work yet");
    world.issue(&change.invoice).await.unwrap();
    let work: Vec<pb::WorkRequested> = world.payloads().await;
    let told: Vec<_> = work.iter().map(|w| (w.quantity_before, w.quantity_after)).collect();
    assert_eq!(told, [(0, 5), (5, 10)]);
    assert_eq!(
        (work[1].resource.as_str(), work[1].key.as_str()),
        ("дисковое пространство", change.name.as_str())
    );
    world.harness.finish().await;
}

/// G55: tax is rounded per line and the document's is the sum of its lines: 849.55, not 849.56.
#[tokio::test]
async fn g55_tax_is_the_sum_of_the_lines() {
    let world = World::start().await;
    let lines = ["344.00", "860.00", "3893.33"].map(|price| line("Услуга", price)).to_vec();
    let invoice = by_hand(&world, lines).await;
    let taxes: Vec<String> = invoice.lines.iter().map(|l| rub(&l.tax)).collect();
    assert_eq!(taxes, ["57.33", "143.33", "648.89"]);
    assert_eq!((rub(&invoice.tax), rub(&invoice.net)), ("849.55".into(), "4247.78".into()));
    world.harness.finish().await;
}

/// An invoice of nothing, or of another client's contract, is refused with its fields.
#[tokio::test]
async fn refusals_by_hand() {
    let world = World::start().await;
    let empty = world.invoices().create_invoice(create(&world, Vec::new())).await.unwrap_err();
    assert_eq!(fields(&empty), ["lines"]);
    let (stranger, payer) = world.profiles.add(2);
    let foreign = world.create_contract_of(&stranger, &payer, "9").await.unwrap().name;
    let mut request = create(&world, vec![line("Настройка", "1.00")]);
    request.invoice.as_mut().unwrap().contract = foreign;
    refused(world.invoices().create_invoice(request).await, Code::NotFound, "NOT_FOUND");
    let request = create(&world, vec![line("Настройка", "0.001")]);
    let fine = world.invoices().create_invoice(request).await.unwrap_err();
    assert_eq!(fields(&fine), ["invoice.lines[0].unit_price"]);
    let once = create(&world, vec![line("Настройка", "1.00")]);
    let first = world.invoices().create_invoice(once.clone()).await.unwrap().into_inner();
    assert_eq!(world.invoices().create_invoice(once).await.unwrap().into_inner(), first);
    world.harness.finish().await;
}
