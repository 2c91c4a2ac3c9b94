//! Who is believed, and who is not.

use super::*;
use crate::readers::letters;
use proptest::prelude::*;

const VICTIM: &str = "buh@client.test";

/// The verdict on a letter with such headers, to the mailbox of a client's provider.
fn verdict(headers: &str, claim: Claim<'_>) -> (char, &'static str) {
    let letter = letters::read(format!("{headers}\r\nFrom: {VICTIM}\r\n\r\nx").as_bytes());
    let letter = letter.expect("a letter");
    let trusted = ["mx.ours.test".to_owned(), "*.yandex.test".to_owned()];
    let found = judge(&Claim {
        from: letter.from.as_ref().map(|from| &from.address),
        several: letter.several_senders,
        results: &letter.authentication,
        trusted: &trusted,
        ..claim
    });
    (found.level.letter(), found.reason)
}

const CLIENT: Claim<'static> = Claim {
    from: None,
    several: false,
    own: false,
    of_client: true,
    main: true,
    several_clients: false,
    checked: None,
    participant: false,
    results: &[],
    trusted: &[],
    age: None,
};

/// tickets.md §5.2, §5.5 (7, 8): only what our own provider found counts, and only for the domain
/// of the address.
#[test]
fn only_our_own_provider_is_believed() {
    for (results, level, reason) in [
        ("mx.ours.test; dmarc=pass header.from=client.test", 'V', "DMARC_PASS"),
        ("MX.ours.test 1; (c) dmarc = pass (p=REJECT) header.from=client.test", 'V', "DMARC_PASS"),
        ("mx.ours.test; dkim=pass header.d=client.test", 'V', "DKIM_PASS"),
        ("mx.ours.test; dkim=pass header.i=@client.test", 'V', "DKIM_PASS"),
        ("node17.mail.yandex.test; dkim=pass header.d=client.test", 'V', "DKIM_PASS"),
        ("mx.ours.test; spf=pass smtp.mailfrom=buh@client.test", 'V', "SPF_PASS"),
        ("mx.ours.test; dkim=pass header.d=evil.test", 'M', "NOT_PROVED"),
        ("mx.ours.test; dkim=pass header.d=evil.client.test", 'M', "NOT_PROVED"),
        ("mx.ours.test; dkim=pass header.d=test", 'M', "NOT_PROVED"),
        ("mx.ours.test; notdkim=pass header.d=client.test", 'M', "NOT_PROVED"),
        ("mx.ours.test; x-dkim=pass header.d=client.test", 'M', "NOT_PROVED"),
        ("mx.ours.test; dkim=none (dkim=pass header.d=client.test)", 'M', "NOT_PROVED"),
        ("mx.ours.test; dmarc=pass header.from=evil.test", 'M', "NOT_PROVED"),
        ("mx.ours.test; none", 'M', "NOT_PROVED"),
        ("mx.evil.test; dkim=pass header.d=client.test", 'M', "NOT_CHECKED"),
        ("evilmx.ours.test; dkim=pass header.d=client.test", 'M', "NOT_CHECKED"),
        ("mx.ours.test.evil.test; dkim=pass header.d=client.test", 'M', "NOT_CHECKED"),
        ("(mx.ours.test;) evil.test; dkim=pass header.d=client.test", 'M', "NOT_CHECKED"),
        ("\"mx.ours.test; \"evil.test; dkim=pass header.d=client.test", 'M', "NOT_CHECKED"),
        ("evilyandex.test; dkim=pass header.d=client.test", 'M', "NOT_CHECKED"),
        ("", 'M', "NOT_CHECKED"),
        ("mx.ours.test; dmarc=fail (p=REJECT) header.from=client.test", 'F', "DMARC_FAIL"),
        ("mx.ours.test; dmarc=fail (p=NONE sp=NONE) header.from=client.test", 'M', "NOT_PROVED"),
        ("mx.ours.test; spf=fail smtp.mailfrom=client.test", 'F', "SPF_FAIL"),
        ("mx.ours.test; spf=softfail smtp.mailfrom=client.test", 'M', "NOT_PROVED"),
        ("mx.ours.test; dkim=fail header.d=client.test", 'F', "DKIM_FAIL"),
    ] {
        let header = format!("Authentication-Results: {results}");
        assert_eq!(verdict(&header, CLIENT), (level, reason), "{results}");
    }
}

/// tickets.md §5.5 (7): a block that came with the letter stands below the true one.
#[test]
fn forged_results_below_the_true_ones_are_not_read() {
    let forged = "Authentication-Results: mx.ours.test; dkim=pass header.d=client.test";
    let truth = "Authentication-Results: mx.ours.test; dkim=none";
    let received = "Received: from evil.test by mx.ours.test";
    assert_eq!(verdict(&format!("{truth}\r\n{received}\r\n{forged}"), CLIENT).0, 'M');
    assert_eq!(verdict(&format!("{truth}\r\n{forged}"), CLIENT).0, 'M');
    assert_eq!(verdict(&format!("{received}\r\n{truth}\r\n{forged}"), CLIENT).0, 'M');
    // A provider that writes a header for each method writes them above its `Received`.
    let bimi = "Authentication-Results: bimi.mx.ours.test; bimi=skipped";
    assert_eq!(verdict(&format!("{bimi}\r\n{forged}\r\n{received}"), CLIENT).0, 'V');
    let foreign = forged.replace("mx.ours", "mx.theirs");
    assert_eq!(verdict(&format!("{foreign}\r\n{truth}"), CLIENT).0, 'M');
}

/// tickets.md §5.2: what we find ourselves counts beside what our provider says.
#[test]
fn our_own_look_counts_too() {
    let found = |method: &str, result: &str, property: (&str, &str)| AuthenticationResults {
        server: "us".into(),
        methods: vec![MethodResult {
            method: method.into(),
            result: result.into(),
            properties: vec![(property.0.into(), property.1.into())],
            comment: String::new(),
        }],
        of_last_hop: true,
    };
    let theirs = |result: &str| {
        format!("Authentication-Results: mx.ours.test; dmarc={result} header.from=client.test")
    };
    let dkim = |result: &str, domain: &str| found("dkim", result, ("header.d", domain));
    for (checked, header, level, reason) in [
        (dkim("pass", "client.test"), "X: y".into(), 'V', "DKIM_PASS"),
        (dkim("pass", "evil.test"), "X: y".into(), 'M', "NOT_PROVED"),
        (dkim("fail", "client.test"), "X: y".into(), 'F', "DKIM_FAIL"),
        (dkim("fail", "client.test"), theirs("pass"), 'V', "DMARC_PASS"),
        (dkim("none", "client.test"), theirs("fail"), 'F', "DMARC_FAIL"),
        (dkim("none", "client.test"), theirs("pass"), 'V', "DMARC_PASS"),
    ] {
        let claim = Claim { checked: Some(&checked), ..CLIENT };
        assert_eq!(verdict(&header, claim), (level, reason), "{checked:?} {header}");
    }
}

/// G49, A36: what the address is decides what the proof is worth.
#[test]
fn a_proof_is_worth_what_the_address_is() {
    let pass = "Authentication-Results: mx.ours.test; dkim=pass header.d=client.test";
    let old = Claim { age: Some(TimeDelta::days(8)), ..CLIENT };
    assert_eq!(verdict(pass, old), ('M', "OLD_LETTER"));
    let stranger = Claim { of_client: false, ..CLIENT };
    assert_eq!(verdict(pass, stranger), ('U', "UNKNOWN_ADDRESS"));
    let participant = Claim { participant: true, ..stranger };
    assert_eq!(verdict(pass, participant), ('P', "ON_THE_TICKET"));
    let contact = Claim { main: false, ..CLIENT };
    assert_eq!(verdict(pass, contact), ('M', "CONTACT"));
    let several = Claim { several_clients: true, ..CLIENT };
    assert_eq!(verdict(pass, several), ('M', "SEVERAL_CLIENTS"));
    let own = Claim { own: true, ..CLIENT };
    assert_eq!(verdict(pass, own), ('F', "OWN_ADDRESS"));
    let fail = "Authentication-Results: mx.ours.test; dmarc=fail header.from=client.test";
    assert_eq!(verdict(fail, participant), ('F', "DMARC_FAIL"));
    for from in ["From: evil@x.test", "From : evil@x.test", "from: buh@client.test"] {
        assert_eq!(
            verdict(&format!("{from}\r\n{pass}"), CLIENT),
            ('F', "SEVERAL_SENDERS"),
            "{from}"
        );
    }
    assert!(Level::Verified.may_command() && !Level::Matched.may_command());
    assert!(!Level::Failed.may_reply() && !Level::Unknown.may_reply());
}

proptest! {
    /// A36: without a pass of a trusted system for the very domain nobody is verified, whatever
    /// else is written.
    #[test]
    fn nobody_is_verified_without_a_trusted_pass(
        servers in proptest::collection::vec(
            (0_usize..4, "(dkim|spf|dmarc)=(pass|none|fail)", 0_usize..3), 0..5,
        ),
    ) {
        let names = ["mx.evil.test", "ours.test", "mx.ours.test.x", "xmx.ours.test"];
        let domains = ["header.d", "header.from", "smtp.mailfrom"];
        let header = "Authentication-Results:";
        let headers: Vec<String> = servers
            .iter()
            .map(|(name, result, domain)| {
                let (name, domain) = (names[*name], domains[*domain]);
                format!("{header} {name}; {result} {domain}=client.test")
            })
            .chain(["X: y".to_owned()])
            .collect();
        prop_assert_ne!(verdict(&headers.join("\r\n"), CLIENT).0, 'V');
    }
}
