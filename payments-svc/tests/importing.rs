//! Long files are stored at once, or not at all.

use crate::world::{Document, World, header, request_id, statement, wire};
use payments_svc::domain::matching::Preset;
use payments_svc::domain::statements::StatementFile;
use payments_svc::jobs::importing::{self, STEP, file};
use payments_svc::store;
use proto::payments::v1::line::State;
use proto::payments::v1::{self as pb};
use service::Frame;
use std::time::Duration;
use types::id::{ClientId, InvoiceId, LegalEntityId, LineId, StatementId};

const PURPOSE: &str = "Оплата по счету 88#72815 от 09.02.19";

/// Two steps and a half of advances, and a payment of an invoice booked with them.
fn long() -> String {
    let count = u32::try_from(STEP * 5 / 2).unwrap();
    let mut documents: Vec<_> = (1..count).map(|n| Document::new(n, "10.00", "аванс")).collect();
    documents.push(Document::new(count, "860.00", PURPOSE));
    statement(&documents)
}

fn lines() -> i32 {
    i32::try_from(STEP * 5 / 2).unwrap()
}

/// A file of several steps is stored once, told once and answered the same as often as its call
/// comes; to another call it is known.
#[tokio::test]
async fn a_long_file_is_stored_once() {
    let world = World::start(&[]).await;
    world.invoice("88#72815", 86_000).await;
    let (file, call) = (long(), header("a.txt"));
    let first = world.import_as(file.as_bytes(), &call).await.unwrap();
    assert_eq!((first.imported, first.repeated_lines), (lines(), 0));
    assert_eq!(first.statement.clone().unwrap().lines, lines());
    assert_eq!(world.import_as(file.as_bytes(), &call).await.unwrap(), first);
    let again = world.import(file.as_bytes()).await.unwrap();
    assert_eq!((again.imported, again.repeated_lines), (0, lines()));
    assert_eq!(again.warnings[0].code, "ALREADY_IMPORTED");
    // Another file that holds all of them, and one more.
    let more = file.replace("КонецФайла", &Document::new(9_999, "10.00", "аванс").text());
    let more = world.import(format!("{more}КонецФайла\n").as_bytes()).await.unwrap();
    assert_eq!((more.imported, more.repeated_lines), (1, lines()));
    assert_eq!(world.events::<pb::LineImported>().await.len(), lines() as usize + 1);
    assert_eq!(world.events::<pb::Allocated>().await.len(), 1);
    crate::audit::holds(&world).await;
    world.harness.finish().await;
}

/// C10: an invoice that is paid twice in one file, steps apart, is paid once; the second payment
/// waits for a person, whichever of them is stored when it is decided.
#[tokio::test]
async fn an_invoice_paid_twice_in_a_long_file_is_paid_once() {
    let world = World::start(&[]).await;
    let invoice = world.invoice("88#72815", 86_000).await;
    let count = u32::try_from(STEP * 5 / 2).unwrap();
    let paid = [1, 150, 250, 1_500, count];
    let documents = (1..=count).map(|n| match paid.contains(&n) {
        true => Document::new(n, "860.00", PURPOSE),
        false => Document::new(n, "10.00", "аванс"),
    });
    let documents: Vec<_> = documents.collect();
    world.import(statement(&documents).as_bytes()).await.unwrap();
    let told = world.events::<pb::Allocated>().await;
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(told.invoice, invoice.to_string());
    crate::audit::holds(&world).await;
    world.harness.finish().await;
}

/// The same long file sent at once by two calls, by one of them twice: one import, and each call
/// has its answer.
#[tokio::test]
async fn a_long_file_that_comes_twice_at_once_is_stored_once() {
    let world = World::start(&[]).await;
    let (file, call) = (long(), header("a.txt"));
    let (a, b, c) = tokio::join!(
        world.import_as(file.as_bytes(), &call),
        world.import_as(file.as_bytes(), &call),
        world.import(file.as_bytes()),
    );
    let (a, b, c) = (a.unwrap(), b.unwrap(), c.unwrap());
    assert_eq!(a, b, "one call");
    assert_eq!(a.imported + c.imported, lines());
    assert_eq!(world.events::<pb::LineImported>().await.len(), lines() as usize);
    world.harness.finish().await;
}

/// Issue 2, bad input: the lines of a file are committed in one step. What stops an import half-way
/// leaves nothing of it, and the call that comes again is answered as if nothing had happened.
#[tokio::test]
async fn an_import_that_was_interrupted_leaves_nothing() {
    let world = World::start(&[]).await;
    world.invoice("88#72815", 86_000).await;
    let owner = world.harness.owner("payments").await;
    for damage in [
        "create function refuse() returns trigger language plpgsql as $$
             begin raise exception 'not now'; end $$",
        "create trigger refuse before insert on lines for each row
             when (new.doc_no = '999') execute function refuse()",
    ] {
        sqlx::query(damage).execute(&owner).await.unwrap();
    }
    let (file, call) = (long(), header("a.txt"));
    world.import_as(file.as_bytes(), &call).await.unwrap_err();
    let list = pb::ListStatementsRequest::default();
    let left = world.statements().list_statements(list).await.unwrap().into_inner().statements;
    assert_eq!(left, [], "nothing of it is stored");
    world.harness.settle().await;
    assert_eq!(world.events::<pb::LineImported>().await.len(), 0);
    crate::audit::holds(&world).await;
    sqlx::query("drop trigger refuse on lines").execute(&owner).await.unwrap();
    owner.close().await;
    let whole = world.import_as(file.as_bytes(), &call).await.unwrap();
    assert_eq!((whole.imported, whole.repeated_lines), (lines(), 0));
    assert_eq!(whole.statement.unwrap().lines, lines());
    world.harness.settle().await;
    assert_eq!(world.events::<pb::LineImported>().await.len(), lines() as usize);
    assert_eq!(world.events::<pb::Allocated>().await.len(), 1);
    crate::audit::holds(&world).await;
    world.harness.finish().await;
}

/// The file as the import has it before its first lines.
async fn read(frame: &Frame, text: &str) -> (store::statements::Statement, StatementFile) {
    let (bytes, file) = file::read(text.into(), false).await.unwrap();
    let statement = store::statements::Statement {
        id: StatementId::generate(),
        blob: service::blobs::BlobId::of(&bytes),
        filename: "a.txt".into(),
        format: file.format.into(),
        encoding: file.encoding.into(),
        line_count: 0,
        repeated_count: 0,
        actor: "staff/1".into(),
        created_at: frame.clock.now(),
    };
    (statement, file)
}

/// An invoice that comes to be known while a line that names it is decided, and not stored yet,
/// finds that line.
#[tokio::test]
async fn an_invoice_told_meanwhile_finds_the_line() {
    let world = World::start(&[]).await;
    let frame = world.harness.frame();
    let (kept, mut file) = read(frame, &statement(&[Document::new(1, "860.00", PURPOSE)])).await;
    let beside = frame.pool.acquire().await.unwrap();
    let mut tx = frame.begin().await.unwrap();
    let own = store::bank_accounts::all(&mut tx).await.unwrap();
    let tax_ids = store::bank_accounts::own_tax_ids(&mut tx).await.unwrap();
    let ours = file::Ours::new(kept.id, kept.created_at, own, tax_ids);
    let lines = file::lines(std::mem::take(&mut file.lines));
    let details = store::statements::Details {
        version: None,
        declared_encoding: None,
        sender: None,
        from: None,
        to: None,
        accounts: &file.accounts,
        documents: 1,
        warnings: &[],
        bad: &[],
        accept_truncated: false,
    };
    assert!(store::statements::insert(&mut tx, &kept, &details).await.unwrap());
    importing::all(&mut tx, beside, frame, Preset::Standard, ours, lines).await.unwrap();
    let id = sqlx::query_scalar("select id from lines").fetch_one(&mut *tx).await.unwrap();

    let issued = world.issued(InvoiceId::generate(), "88#72815", 86_000);
    let told = world.invoicing(Some(world.client), &issued);
    let commit = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        tx.commit().await.unwrap();
    };
    tokio::join!(async { told.await.unwrap() }, commit);
    world.harness.settle().await;
    assert_eq!(world.line(&LineId(id).to_string()).await.state(), State::Matched);
    crate::audit::holds(&world).await;
    world.harness.finish().await;
}

/// An import locks clients as it comes to them; a person who pays for two clients at once waits for
/// its end before the first lock, instead of holding one that the import needs for the other. Who
/// pays for one does not wait.
#[tokio::test]
async fn who_needs_two_clients_waits_for_an_import() {
    let mut world = World::start(&[]).await;
    let documents = [Document::new(1, "10.00", "аванс"), Document::new(2, "10.00", "аванс")];
    let lines = world.matched(&statement(&documents)).await;
    let other = ClientId::generate();
    world.client_changed(other, LegalEntityId::generate(), "7814695160", &[]).await;
    let pay = |line: &pb::Line, clients: &[ClientId]| pb::AllocateLineRequest {
        name: line.name.clone(),
        parts: clients
            .iter()
            .map(|client| pb::AllocationPart {
                client: client.to_string(),
                amount: wire(100),
                ..Default::default()
            })
            .collect(),
        request_id: request_id(),
        ..Default::default()
    };
    let pool = &world.harness.frame().pool;
    let mut import = world.harness.frame().begin().await.unwrap();
    store::matching::keep_still(&mut import).await.unwrap();
    world.lines().allocate_line(pay(&lines[0], &[other])).await.unwrap();

    let (mut client, both) = (world.lines(), pay(&lines[1], &[world.client, other]));
    let paying = tokio::spawn(async move { client.allocate_line(both).await });
    let waits = "select count(*) from pg_locks l join pg_database d on d.oid = l.database
        where datname = current_database() and locktype = 'advisory' and not granted";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(pool).await.unwrap() == 0 {
        assert!(!paying.is_finished(), "it has to wait");
    }
    let clients = [world.client, other];
    store::accounts::lock(&mut import, &clients).await.expect("nobody holds one of them");
    import.commit().await.unwrap();
    paying.await.unwrap().unwrap();
    world.harness.finish().await;
}

/// A230, G28: what comes twice in a file under the id that its bank gave it is one line. (An id
/// that stands over different lines is none: the reader sees to that.)
#[tokio::test]
async fn a_line_that_its_bank_sends_twice_is_stored_once() {
    let world = World::start(&[]).await;
    let text = include_str!("../../fuzz/corpus/statement/tbank.json");
    let (head, rest) = text.split_once("\"operation\":[").unwrap();
    let line = rest.trim().trim_end_matches("]}");
    let line = line.replacen('{', r#"{"operationId":"A1","#, 1);
    let file = format!("{}\"operation\":[{line},{line}]}}", head.replace("860.0", "1720.0"));
    let first = world.import(file.as_bytes()).await.unwrap();
    assert_eq!((first.imported, first.repeated_lines), (1, 1), "{first:?}");
    let again = world.import(format!("{file}\n").as_bytes()).await.unwrap();
    assert_eq!((again.imported, again.repeated_lines), (0, 2), "{again:?}");
    crate::audit::holds(&world).await;
    world.harness.finish().await;
}
