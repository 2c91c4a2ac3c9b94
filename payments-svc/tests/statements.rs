//! ImportStatement, GetStatement, ListStatements.

use crate::readers::G28;
use crate::world::{ACCOUNT, Document, World, fields, header, reason, statement, stream, wire};
use encoding_rs::WINDOWS_1251;
use proto::payments::v1::statements_client::StatementsClient;
use proto::payments::v1::{self as pb};
use service::Role;
use tonic::Code;
use types::id::StatementId;

const PURPOSE: &str = "Оплата по счету 88#72815 от 09.02.19";

/// A230, G28: each line is stored once; the same file, the same payment in another file and in
/// another encoding add nothing; two genuine equal payments stay apart.
#[tokio::test]
async fn each_line_is_stored_once() {
    let world = World::start(&[]).await;
    let cp1251 = WINDOWS_1251.encode(G28).0.into_owned();
    let first = world.import(&cp1251).await.unwrap();
    assert_eq!((first.imported, first.repeated_lines), (1, 0));
    let kept = first.statement.unwrap();
    assert_eq!((kept.lines, kept.encoding.as_str()), (1, "windows-1251"));

    let again = world.import(&cp1251).await.unwrap();
    assert_eq!((again.imported, again.repeated_lines), (0, 1));
    assert_eq!(again.statement.unwrap().name, kept.name);
    assert_eq!(again.warnings[0].code, "ALREADY_IMPORTED");

    let utf8 = world.import(G28.as_bytes()).await.unwrap();
    assert_eq!((utf8.imported, utf8.repeated_lines), (0, 1));
    assert_ne!(utf8.statement.unwrap().name, kept.name);
    assert!(utf8.warnings.iter().any(|warning| warning.code == "ENCODING_LABEL_WRONG"));

    let twice = statement(&[Document::new(5, "10.00", "а"), Document::new(5, "10.00", "а")]);
    assert_eq!(world.import(twice.as_bytes()).await.unwrap().imported, 2);
    let once = statement(&[Document::new(5, "10.00", "А")]);
    assert_eq!(world.import(once.as_bytes()).await.unwrap().imported, 0);
    let told = world.events::<pb::LineImported>().await;
    assert_eq!(told.len(), 3);
    assert_eq!(
        (told[0].amount.clone(), told[0].seller.clone()),
        (wire(86_000), world.seller.to_string())
    );
    world.harness.finish().await;
}

/// Two imports of overlapping files at once store each line once.
#[tokio::test]
async fn concurrent_imports_store_each_line_once() {
    let world = World::start(&[]).await;
    let documents: Vec<_> = (0..30).map(|n| Document::new(n, "10.00", "аванс")).collect();
    let (a, b) = (statement(&documents[..20]), statement(&documents[10..]));
    let (a, b) = tokio::join!(world.import(a.as_bytes()), world.import(b.as_bytes()));
    assert_eq!(a.unwrap().imported + b.unwrap().imported, 30);
    assert_eq!(world.events::<pb::LineImported>().await.len(), 30);
    world.harness.finish().await;
}

/// The same request id answers the same; with another file it is an error.
#[tokio::test]
async fn a_repeated_request_is_answered_not_repeated() {
    let world = World::start(&[]).await;
    let header = header("a.txt");
    let first = world.import_as(G28.as_bytes(), &header).await.unwrap();
    assert_eq!(world.import_as(G28.as_bytes(), &header).await.unwrap(), first);
    let other = statement(&[Document::new(5, "10.00", "а")]);
    let refused = world.import_as(other.as_bytes(), &header).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::InvalidArgument, "REQUEST_ID_REUSED")
    );
    world.harness.finish().await;
}

/// Issue 2, bad input: what cannot be taken imports nothing and says what to do.
#[tokio::test]
async fn what_cannot_be_taken_imports_nothing() {
    let world = World::start(&[]).await;
    let foreign = G28.replace("РасчСчет=4070281050208", "РасчСчет=4070281099999");
    let truncated = G28.replace("КонецФайла", "");
    let cases = [
        ("Номер;Сумма?\n", "STATEMENT_FORMAT_UNKNOWN", Code::InvalidArgument),
        ("", "STATEMENT_FORMAT_UNKNOWN", Code::InvalidArgument),
        (&foreign, "STATEMENT_OF_ANOTHER_ACCOUNT", Code::FailedPrecondition),
        (&truncated, "STATEMENT_TRUNCATED", Code::FailedPrecondition),
        (&statement(&[Document::new(1, "1.234", "а")]), "STATEMENT_EMPTY", Code::InvalidArgument),
    ];
    for (file, want, code) in cases {
        let refused = world.import(file.as_bytes()).await.unwrap_err();
        assert_eq!((reason(&refused).as_str(), refused.code()), (want, code));
    }
    let empty = world.import(statement(&[Document::new(1, "1.234", "а")]).as_bytes()).await;
    assert!(empty.unwrap_err().message().contains("Сумма"), "the bad document is named");
    let list = pb::ListStatementsRequest::default();
    let none = world.statements().list_statements(list).await.unwrap().into_inner();
    assert_eq!(none.total_size, 0);
    // A person confirms: the same cut file is taken.
    let header = pb::ImportHeader { accept_truncated: true, ..header("cut.txt") };
    let taken = world.import_as(truncated.as_bytes(), &header).await.unwrap();
    assert_eq!(taken.imported, 1);
    world.harness.finish().await;
}

/// Bad documents are listed with line and field, the rest is committed.
#[tokio::test]
async fn bad_documents_are_listed_and_the_rest_is_kept() {
    let world = World::start(&[]).await;
    let file = statement(&[
        Document::new(1, "1.234", "а"),
        Document::new(2, "10.00", "б"),
        Document::new(3, "", "в"),
    ]);
    let taken = world.import(file.as_bytes()).await.unwrap();
    assert_eq!(taken.imported, 1);
    let bad: Vec<_> = taken.bad_documents.iter().map(|b| (b.line, b.field.as_str())).collect();
    assert_eq!(bad, [(8, "Сумма"), (29, "Сумма")]);
    world.harness.finish().await;
}

/// Values that no bank writes hold nobody up: what is too long for an account or a number is text.
#[tokio::test]
async fn absurd_values_do_not_stop_an_import() {
    let world = World::start(&[]).await;
    let mut absurd = Document::new(1, "10.00", &format!("Оплата по счету {}", "7".repeat(3_900)));
    absurd.account = "4".repeat(9_000);
    absurd.tax_id = "9".repeat(9_000);
    let file = statement(&[absurd, Document::new(2, "10.00", "б\0в\u{1}\u{202E}г")]);
    let lines = world.matched(&file).await;
    assert_eq!(lines.len(), 2);
    let odd = lines.iter().find(|line| line.document_number == "1").unwrap();
    let payer = odd.payer.clone().unwrap();
    assert_eq!((payer.account.as_str(), payer.tax_id.as_str()), ("", ""));
    world.harness.finish().await;
}

/// The stream must begin with a good header, hold one, and keep to its limits.
#[tokio::test]
async fn a_stream_of_another_shape_is_refused() {
    let world = World::start(&[]).await;
    let send = async |messages: Vec<pb::ImportStatementRequest>| {
        let answer = world.statements().import_statement(futures::stream::iter(messages)).await;
        answer.unwrap_err()
    };
    let chunk = |n: usize| pb::ImportStatementRequest { header: None, chunk: vec![b' '; n] };
    let with = |header| pb::ImportStatementRequest { header: Some(header), chunk: Vec::new() };
    assert_eq!(fields(&send(vec![]).await), ["header"]);
    assert_eq!(fields(&send(vec![chunk(1)]).await), ["header"]);
    assert_eq!(fields(&send(vec![with(header("a")), with(header("a"))]).await), ["header"]);
    assert_eq!(fields(&send(vec![with(header("")), chunk(1)]).await), ["header.filename"]);
    let bad_id = pb::ImportHeader { request_id: "7".into(), ..header("a") };
    assert_eq!(fields(&send(vec![with(bad_id), chunk(1)]).await), ["request_id"]);
    let large = send(vec![with(header("a")), chunk(1024 * 1024 + 1)]).await;
    assert!(large.message().contains("1048576"), "{}", large.message());
    let mut long = vec![with(header("a"))];
    long.extend(vec![chunk(1024 * 1024); 33]);
    let long = send(long).await;
    assert!(long.message().contains("33554432"), "{}", long.message());

    let mut support = StatementsClient::new(world.harness.client_as(Role::Support));
    let refused = support.import_statement(stream(G28.as_bytes(), &header("a"))).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    world.harness.finish().await;
}

#[tokio::test]
async fn statements_are_read_back_newest_first() {
    let world = World::start(&[]).await;
    let mut names = Vec::new();
    for n in 0..3 {
        let file = statement(&[Document::new(n, "10.00", PURPOSE)]);
        names.push(world.import(file.as_bytes()).await.unwrap().statement.unwrap().name);
    }
    let mut client = StatementsClient::new(world.harness.client_as(Role::Auditor));
    let request = pb::ListStatementsRequest { page_size: 2, page_token: String::new() };
    let first = client.list_statements(request).await.unwrap().into_inner();
    assert_eq!((first.statements.len(), first.total_size), (2, 3));
    assert_eq!(first.statements[0].name, names[2]);
    let request = pb::ListStatementsRequest { page_size: 2, page_token: first.next_page_token };
    let second = client.list_statements(request).await.unwrap().into_inner();
    assert_eq!(
        (second.statements[0].name.as_str(), second.next_page_token.as_str()),
        (names[0].as_str(), "")
    );

    let get = pb::GetStatementRequest { name: names[0].clone() };
    let kept = client.get_statement(get).await.unwrap().into_inner();
    assert_eq!((kept.filename.as_str(), kept.lines), ("kl_to_1c.txt", 1));
    assert_eq!(kept.sha256.len(), 64);
    let unknown = pb::GetStatementRequest { name: StatementId::generate().to_string() };
    assert_eq!(client.get_statement(unknown).await.unwrap_err().code(), Code::NotFound);
    let bad = pb::GetStatementRequest { name: "x".into() };
    assert_eq!(fields(&client.get_statement(bad).await.unwrap_err()), ["name"]);
    world.harness.finish().await;
}

/// Transfers between own accounts and what we paid are set aside at once, and never told as money
/// that came.
#[tokio::test]
async fn what_is_no_clients_money_is_set_aside() {
    let world = World::start(&[]).await;
    let mut own = Document::new(1, "10.00", "Пополнение");
    own.tax_id = "7709983032".into();
    let out = format!(
        "СекцияДокумент=Платежное поручение\nНомер=9\nДата=25.02.2019\nСумма=5.00\n\
         ПлательщикСчет={ACCOUNT}\nПолучательСчет=40702810000000000999\nКонецДокумента\nКонецФайла"
    );
    let file = statement(&[own]).replace("КонецФайла", &out);
    let lines = world.matched(&file).await;
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.state() == pb::line::State::Ignored), "{lines:?}");
    let mut classes: Vec<_> = lines.iter().map(|line| line.class.as_str()).collect();
    classes.sort_unstable();
    assert_eq!(classes, ["outgoing", "own_transfer"]);
    assert!(world.events::<pb::LineImported>().await.is_empty());
    world.harness.finish().await;
}
