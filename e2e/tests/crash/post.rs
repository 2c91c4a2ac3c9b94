//! What the SMTP server saw against what the suite says it has sent.

use e2e::{
    Suite,
    steps::{done, letters::read},
};
use proto::tickets::v1::{
    ListInboundLettersRequest, ListOutboundLettersRequest, OutboundLetter, inbound_letter,
    letters_client::LettersClient, outbound_letter::State,
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use testkit::smtp::SinkLetter;

/// The server may note a letter a moment after its sender has died: the bytes were on their way.
const NOTED: Duration = Duration::from_secs(1);
/// Who is refused for good by the SMTP server.
pub const REFUSED: &str = "reject@";

/// The delivery log.
pub async fn log(suite: &Suite) -> Vec<OutboundLetter> {
    let request = ListOutboundLettersRequest { page_size: 1000, ..Default::default() };
    let mut letters = LettersClient::new(suite.admin.clone());
    let page = done(letters.list_outbound_letters(request).await);
    assert!(page.next_page_token.is_empty(), "more than a page");
    page.letters
}

/// Each letter that is noted as sent came, none came that is not; the same one came again only
/// when its sender was left without an answer, by the server's cut or by its own death. Answers
/// how many came again.
pub async fn assert_letters(suite: &Suite, deaths: &[Instant]) -> usize {
    let log = log(suite).await;
    let mut came: BTreeMap<String, Vec<SinkLetter>> = BTreeMap::new();
    for letter in suite.sink.letters() {
        came.entry(read(&letter).message_id).or_default().push(letter);
    }
    for letter in &log {
        let refused = letter.recipients.iter().any(|r| r.starts_with(REFUSED));
        let id = letter.message_id.trim_matches(['<', '>']);
        match letter.state() {
            State::Sent => assert!(!refused && came.contains_key(id), "did not come: {letter:?}"),
            State::Failed => assert!(refused && !came.contains_key(id), "given up: {letter:?}"),
            _ => panic!("still waits: {letter:?}"),
        }
    }
    let sent = log.iter().filter(|l| l.state() == State::Sent).count();
    assert_eq!(came.len(), sent, "each that came is in the log");
    let mut again = 0;
    for (id, copies) in &came {
        for pair in copies.windows(2) {
            let (first, second) = (&pair[0], &pair[1]);
            assert_eq!(first.raw, second.raw, "{id} is not the same letter again");
            let between = first.at - NOTED..=second.at;
            let died = deaths.iter().any(|at| between.contains(at));
            let since = |at: &Instant| first.at.saturating_duration_since(*at);
            let ages: Vec<_> = deaths.iter().map(since).collect();
            assert!(first.cut || died, "{id} came twice for no reason; deaths before: {ages:?}");
            again += 1;
        }
    }
    again
}

/// The journal of letters in: Message-ID, end state and reason of each.
pub async fn journal(suite: &Suite) -> Vec<String> {
    let request = ListInboundLettersRequest { page_size: 1000, ..Default::default() };
    let mut letters = LettersClient::new(suite.admin.clone());
    let page = done(letters.list_inbound_letters(request).await);
    assert!(page.next_page_token.is_empty(), "more than a page");
    let told = page.letters.iter().map(|letter| {
        assert_ne!(letter.state(), inbound_letter::State::Received, "no end state: {letter:?}");
        let state = letter.state().as_str_name();
        format!(
            "letter in {} {} {}: {state} {}",
            letter.from, letter.message_id, letter.subject, letter.reason
        )
    });
    told.collect()
}
