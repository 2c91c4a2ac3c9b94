//! Long files are stored in steps, whatever happens between two of them.

use crate::world::{Document, World, header, statement};
use payments_svc::domain::matching::Preset;
use payments_svc::domain::statements::StatementFile;
use payments_svc::jobs::importing::{self, STEP, file};
use payments_svc::store;
use proto::payments::v1::line::State;
use proto::payments::v1::{self as pb};
use service::Frame;
use std::time::Duration;
use types::id::{InvoiceId, LineId, StatementId};

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

/// What stops an import between two steps loses nothing: a worker goes on, and the call that comes
/// again is answered as if nothing had happened.
#[tokio::test]
async fn an_import_that_was_interrupted_goes_on() {
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
    let half = world.statements().list_statements(list).await.unwrap().into_inner().statements;
    assert!((1..lines()).contains(&half[0].lines), "{half:?}");
    crate::audit::holds(&world).await;
    sqlx::query("drop trigger refuse on lines").execute(&owner).await.unwrap();
    owner.close().await;
    let whole = world.import_as(file.as_bytes(), &call).await.unwrap();
    assert_eq!((whole.imported, whole.repeated_lines), (lines(), 0));
    assert_eq!(whole.statement.unwrap().name, half[0].name);
    world.harness.settle().await;
    assert_eq!(world.events::<pb::LineImported>().await.len(), lines() as usize);
    assert_eq!(world.events::<pb::Allocated>().await.len(), 1);
    crate::audit::holds(&world).await;
    world.harness.finish().await;
}

/// The file as the import has it before its first step.
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
        complete: true,
        actor: "staff/1".into(),
        request_id: None,
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
    let mut tx = frame.pool.begin().await.unwrap();
    let own = store::bank_accounts::all(&mut tx).await.unwrap();
    let tax_ids = store::bank_accounts::own_tax_ids(&mut tx).await.unwrap();
    let ours = file::Ours::new(kept.id, kept.created_at, own, tax_ids);
    let lines = importing::Prepared::of(&ours, file::lines(&mut file));
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
    importing::step(&mut tx, frame, Preset::Standard, kept.id, lines).await.unwrap();
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
