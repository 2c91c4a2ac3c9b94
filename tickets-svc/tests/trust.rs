//! tickets.md §5.2: how far senders are believed, from the raw bytes to the ticket. Signatures are
//! real, and what their domains publish comes from a name server of the tests' own.

use crate::{World, client, letter, names::Names, read, request_id};
use base64::{Engine, prelude::BASE64_STANDARD};
use mail_auth::{
    common::{crypto::Ed25519Key, headers::HeaderWriter},
    dkim::DkimSigner,
};
use proto::tickets::v1::{self as wire, IngestLetterRequest, inbound_letter::State, ticket::Trust};
use types::id::ClientId;
use uuid::Uuid;

/// The key pair of RFC 8463, appendix A.
const SECRET: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// A letter with a signature of a domain before it.
fn signed(raw: &str, domain: &str) -> String {
    let bytes = |text: &str| BASE64_STANDARD.decode(text).unwrap();
    let key = Ed25519Key::from_seed_and_public_key(&bytes(SECRET), &bytes(PUBLIC)).unwrap();
    let signer = DkimSigner::from_key(key).domain(domain).selector("s");
    let signature = signer.headers(["From", "To", "Subject", "Date"]).sign(raw.as_bytes());
    format!("{}{raw}", signature.unwrap().to_header())
}

/// Both domains publish the key; the client's asks for what fails to be refused, and sends from
/// 192.0.2.0/24 alone.
fn names() -> Names {
    let key = format!("v=DKIM1; k=ed25519; p={PUBLIC}");
    let texts = [
        ("s._domainkey.client.example", key.as_str()),
        ("s._domainkey.evil.example", key.as_str()),
        ("_dmarc.client.example", "v=DMARC1; p=reject; rua=mailto:d@client.example"),
        ("client.example", "v=spf1 ip4:192.0.2.0/24 -all"),
        ("evil.example", "v=spf1 +all"),
    ];
    Names::serve(texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into())
}

async fn world(names: &Names, more: &[&str]) -> World {
    let address = names.address();
    let mut options = vec!["--mail-dns", address.as_str(), "--mail-trust", "mx.ours.example"];
    options.extend(more);
    let world = World::with(&options).await;
    world.mailbox("ok@company.example", |_| {}).await;
    world
}

impl World {
    async fn handed(&self, raw: String, from: &str, address: &str) -> wire::InboundLetter {
        let request = IngestLetterRequest {
            raw: raw.into(),
            envelope_from: from.into(),
            client_address: address.into(),
            helo: "mx.client.example".into(),
            request_id: request_id(),
            ..IngestLetterRequest::default()
        };
        self.letters().ingest_letter(request).await.unwrap().into_inner()
    }
}

/// §5.5 (7, 8), G49: what the domain signs is verified; what it disowns waits for a person; a
/// signature of another domain proves nothing.
#[tokio::test]
async fn senders_are_proved_by_their_domains() {
    let names = names();
    let world = world(&names, &[]).await;
    let from = "buh@client.example";
    let plain = |id: &str| letter(id, "", "текст");
    let changed = signed(&plain("3"), "client.example").replace("текст", "другой");
    let ours = "Authentication-Results: mx.ours.example; dkim=pass header.d=client.example\r\n";
    for (raw, sender, address, trust, reason) in [
        (signed(&plain("1"), "client.example"), "", "", Trust::Verified, "DMARC_PASS"),
        (signed(&plain("2"), "evil.example"), "", "", Trust::Matched, "NOT_PROVED"),
        (changed, "", "", Trust::Failed, "DMARC_FAIL"),
        (plain("4"), "", "", Trust::Matched, "NOT_PROVED"),
        (plain("5"), from, "192.0.2.7", Trust::Verified, "DMARC_PASS"),
        (plain("6"), from, "198.51.100.7", Trust::Failed, "DMARC_FAIL"),
        // SPF of the envelope's own domain says nothing of the address that people see.
        (plain("7"), "x@evil.example", "198.51.100.7", Trust::Failed, "DMARC_FAIL"),
        (format!("{ours}{}", plain("8")), "", "", Trust::Verified, "DKIM_PASS"),
        (
            format!("{}{}", ours.replace("mx.ours", "mx.evil"), plain("9")),
            "",
            "",
            Trust::Matched,
            "NOT_PROVED",
        ),
    ] {
        let done = world.handed(raw, sender, address).await;
        assert_eq!((done.trust(), done.trust_reason.as_str()), (trust, reason), "{done:?}");
        let failed = trust == Trust::Failed;
        let state = if failed { State::Quarantined } else { State::Processed };
        assert_eq!(done.state(), state, "{done:?}");
        if failed {
            assert_eq!(done.reason, reason);
            continue;
        }
        let ticket = world.ticket(&done.ticket).await;
        assert_eq!((ticket.trust(), ticket.messages[0].trust()), (trust, trust));
        assert_eq!(ticket.messages[0].trust_reason, reason);
    }
    // A contact proves who it is, which is not the address in the profile.
    let contact = plain("10").replace("buh@client", "tech@client");
    let done = world.handed(signed(&contact, "client.example"), "", "").await;
    assert_eq!((done.trust(), done.trust_reason.as_str()), (Trust::Matched, "CONTACT"));
    world.finish().await;
}

/// Issue 7 (2): a person of several clients is asked which one, and authorises nothing until then.
#[tokio::test]
async fn a_person_of_several_clients_is_asked_which() {
    let names = names();
    let world = world(&names, &[]).await;
    let other = ClientId(Uuid::from_u128(7584));
    world.fakes.client(other, &["buh@client.example"]);
    world.know(other).await;
    let done = world.handed(signed(&letter("1", "", "x"), "client.example"), "", "").await;
    assert_eq!((done.trust(), done.trust_reason.as_str()), (Trust::Matched, "SEVERAL_CLIENTS"));
    let ticket = world.ticket(&done.ticket).await;
    assert_eq!((ticket.client.as_str(), ticket.candidate_clients.len()), ("", 2));
    assert!(ticket.candidate_clients.contains(&client().to_string()));
    world.harness.settle().await;
    let asked = world.sink.letters().pop().expect("a question");
    let asked = read(&asked.raw);
    assert!(asked.text.contains("нескольких клиентов"), "{}", asked.text);
    world.finish().await;
}

/// tickets.md §0 (5), §5.5 (10, 12): the signed address lets its holder in and nobody else, and
/// what comes back by a relay that changes ids is known as ours.
#[tokio::test]
async fn answers_come_to_signed_addresses() {
    let names = names();
    let world = world(&names, &["--reply-addresses"]).await;
    world.mailbox("loud@company.example", |mailbox| mailbox.acknowledge = true).await;
    let request = IngestLetterRequest {
        raw: letter("1", "", "x").into(),
        mailbox: "loud@company.example".into(),
        request_id: request_id(),
        ..IngestLetterRequest::default()
    };
    let opened = world.letters().ingest_letter(request).await.unwrap().into_inner();
    world.harness.settle().await;
    let sent = world.sink.letters().pop().expect("an acknowledgement");
    let raw = String::from_utf8(sent.raw).unwrap();
    let address = raw.lines().find_map(|line| line.strip_prefix("Reply-To: ")).expect("Reply-To");
    let address = address.rsplit(['<', ' ']).next().unwrap().trim_end_matches('>').to_owned();
    assert!(address.starts_with("loud+t."), "{address}");

    let answer = |from: &str| {
        format!("From: {from}\r\nTo: {address}\r\nSubject: other\r\n\r\nanswer of {from}\r\n")
    };
    let joined = world.ingest(answer("buh@client.example")).await;
    assert_eq!((joined.state(), &joined.ticket), (State::Processed, &opened.ticket));
    let stolen = world.ingest(answer("evil@x.example")).await;
    let quarantined = (State::Quarantined, "REPLY_ADDRESS_OF_ANOTHER");
    assert_eq!((stolen.state(), stolen.reason.as_str()), quarantined);
    let none = "loud+t.1.aaaaaaaaaaaaaaaa@company.example";
    let guessed = answer("evil@x.example").replace(&address, none).replace("answer", "guess");
    assert_eq!(world.ingest(guessed).await.reason, "UNKNOWN_SENDER");

    // Our own letter, with the id and the sender that a relay gave it.
    let id = read(raw.as_bytes()).msgid.expect("an id").to_string();
    let relayed = raw.replace(&id, "<relay@x.example>").replace("From: ", "X-From: ");
    let back = world.ingest(format!("From: relay@x.example\r\n{relayed}")).await;
    assert_eq!((back.state(), back.reason.as_str()), (State::Ignored, "OWN_LOOP"));
    world.finish().await;
}
