//! How far a letter can be believed to be from whom it says (tickets.md §5.2).
//!
//! Only an address that is proved may ask for what harms (A36): everything else is answered, and
//! asked back. What is not known proves nothing; what was found false is never forgiven.

use chrono::TimeDelta;
use types::EmailAddress;

/// Oldest letter that a signature still proves: older ones may be sent again by anybody.
pub const PROOF_AGE_MAX: TimeDelta = TimeDelta::days(7);

/// One `Authentication-Results` header (RFC 8601): what a mail system says that it found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthenticationResults {
    /// Who says so, in lower case.
    pub server: String,
    /// What it found.
    pub methods: Vec<MethodResult>,
    /// True when it stands above every `Received`, and there is one: only the last system on the
    /// way can have put it there.
    pub of_last_hop: bool,
}

/// What one method found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MethodResult {
    /// `dkim`, `spf`, `dmarc` or another, in lower case.
    pub method: String,
    /// `pass`, `fail`, `none` and so on, in lower case.
    pub result: String,
    /// Properties such as `header.d`, names in lower case.
    pub properties: Vec<(String, String)>,
    /// Comments, which say what policy the sender's domain has.
    pub comment: String,
}

impl MethodResult {
    /// The value of a property.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// True when the sender's domain asks for nothing to be done when it fails.
    fn asks_nothing(&self) -> bool {
        let policy = self.property("policy.dmarc").or_else(|| self.property("policy.p"));
        let said = self.comment.to_ascii_lowercase();
        policy.is_some_and(|policy| policy.eq_ignore_ascii_case("none"))
            || said.split([' ', ';', ',']).any(|word| word == "p=none")
    }
}

/// How far a letter is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// The profile's address, proved.
    Verified,
    /// The profile's address, neither proved nor disproved.
    Matched,
    /// A claim that was found false, or that hides who sends.
    Failed,
    /// An address on the ticket that is no client's.
    Participant,
    /// None of these.
    Unknown,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 5] =
        [Self::Verified, Self::Matched, Self::Failed, Self::Participant, Self::Unknown];

    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Matched => "matched",
            Self::Failed => "failed",
            Self::Participant => "participant",
            Self::Unknown => "unknown",
        }
    }

    /// The level of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }

    /// The letter by which staff know it.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Verified => 'V',
            Self::Matched => 'M',
            Self::Failed => 'F',
            Self::Participant => 'P',
            Self::Unknown => 'U',
        }
    }

    /// True when the letter may ask for what harms, without being asked back (A36, D13).
    #[must_use]
    pub const fn may_command(self) -> bool {
        matches!(self, Self::Verified)
    }

    /// True when the letter may join its ticket and wake it.
    #[must_use]
    pub const fn may_reply(self) -> bool {
        matches!(self, Self::Verified | Self::Matched | Self::Participant)
    }
}

/// A level, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The level.
    pub level: Level,
    /// The reason, a word that the screens translate.
    pub reason: &'static str,
}

/// What is known of a sender.
#[derive(Debug, Clone, Copy, Default)]
pub struct Claim<'a> {
    /// The one address of the one `From`.
    pub from: Option<&'a EmailAddress>,
    /// True when there are several.
    pub several: bool,
    /// True when it is one of our own mailboxes.
    pub own: bool,
    /// True when it is an address of a client.
    pub of_client: bool,
    /// True when it is the one in the client's profile, not that of a contact (A36, G49).
    pub main: bool,
    /// True when it is one of several clients', and nobody has said yet which is meant.
    pub several_clients: bool,
    /// True when it stands on the ticket.
    pub participant: bool,
    /// What we found ourselves, by DNS.
    pub checked: Option<&'a AuthenticationResults>,
    /// What mail systems say, the topmost first.
    pub results: &'a [AuthenticationResults],
    /// Whom of them we believe: names, or ends of names, of our own mail provider's systems.
    pub trusted: &'a [String],
    /// How old the letter was when it came, by its own date.
    pub age: Option<TimeDelta>,
}

/// Judges a sender.
#[must_use]
pub fn judge(claim: &Claim<'_>) -> Verdict {
    let verdict = |level, reason| Verdict { level, reason };
    if claim.several {
        return verdict(Level::Failed, "SEVERAL_SENDERS");
    }
    if claim.own {
        return verdict(Level::Failed, "OWN_ADDRESS");
    }
    let Some(from) = claim.from else { return verdict(Level::Unknown, "NO_SENDER") };
    let (proof, reason) = proof(claim, from);
    match (proof, claim.of_client) {
        (Proof::False, _) if claim.of_client || claim.participant => verdict(Level::Failed, reason),
        (Proof::True, true) if claim.age.is_some_and(|age| age > PROOF_AGE_MAX) => {
            verdict(Level::Matched, "OLD_LETTER")
        }
        (Proof::True, true) if claim.several_clients => verdict(Level::Matched, "SEVERAL_CLIENTS"),
        (Proof::True, true) if !claim.main => verdict(Level::Matched, "CONTACT"),
        (Proof::True, true) => verdict(Level::Verified, reason),
        (_, true) => verdict(Level::Matched, reason),
        (_, false) if claim.participant => verdict(Level::Participant, "ON_THE_TICKET"),
        (_, false) => verdict(Level::Unknown, "UNKNOWN_ADDRESS"),
    }
}

/// What the results come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The domain of the address vouches for the letter.
    True,
    /// It disowns the letter.
    False,
    /// Neither.
    None,
}

/// The results that count: those of our own provider. Where it wrote several headers, all that
/// stand above the first `Received`; else the topmost alone, for what stands below may have come
/// with the letter.
#[must_use]
pub fn trusted(
    results: &[AuthenticationResults],
    trusted: &[String],
) -> Option<AuthenticationResults> {
    let believed =
        |one: &&AuthenticationResults| trusted.iter().any(|name| is_of(&one.server, name));
    let mut believed = results.iter().filter(believed);
    let mut all = believed.next()?.clone();
    if all.of_last_hop {
        let others = believed.filter(|one| one.of_last_hop);
        all.methods.extend(others.flat_map(|one| one.methods.clone()));
    }
    Some(all)
}

/// True when a system's name is one that is trusted, or stands under it.
fn is_of(server: &str, name: &str) -> bool {
    let name = name.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
    let under = server.strip_suffix(&name).is_some_and(|rest| rest.ends_with('.'));
    !name.is_empty() && (server == name || under)
}

/// Weighs what is known for an address: what we found ourselves, and what our own mail provider
/// did, who saw more. A proof of either is one; without a proof, a disproof of either counts.
#[must_use]
pub fn proof(claim: &Claim<'_>, from: &EmailAddress) -> (Proof, &'static str) {
    let theirs = trusted(claim.results, claim.trusted);
    let known = claim.checked.into_iter().chain(theirs.as_ref());
    let weighed: Vec<_> = known.map(|results| weigh(results, from.domain())).collect();
    let of = |wanted| weighed.iter().find(|(proof, _)| *proof == wanted).copied();
    of(Proof::True)
        .or_else(|| of(Proof::False))
        .or_else(|| of(Proof::None))
        .unwrap_or((Proof::None, "NOT_CHECKED"))
}

/// Weighs results for a domain.
fn weigh(results: &AuthenticationResults, domain: &str) -> (Proof, &'static str) {
    let of = |method: &str| {
        let method = method.to_owned();
        results.methods.iter().filter(move |one| one.method == method)
    };
    for dmarc in of("dmarc") {
        let about = dmarc.property("header.from").is_none_or(|named| same_domain(named, domain));
        match dmarc.result.as_str() {
            "pass" if about => return (Proof::True, "DMARC_PASS"),
            "fail" | "permerror" if about && !dmarc.asks_nothing() => {
                return (Proof::False, "DMARC_FAIL");
            }
            _ => {}
        }
    }
    let lenient = of("dmarc").any(MethodResult::asks_nothing);
    if of("dkim").any(|dkim| dkim.result == "pass" && signed_by(dkim, domain)) {
        return (Proof::True, "DKIM_PASS");
    }
    if of("spf").any(|spf| spf.result == "pass" && sent_by(spf, domain)) {
        return (Proof::True, "SPF_PASS");
    }
    if of("spf").any(|spf| spf.result == "fail") && !lenient {
        return (Proof::False, "SPF_FAIL");
    }
    if of("dkim").any(|dkim| dkim.result == "fail" && signed_by(dkim, domain)) && !lenient {
        return (Proof::False, "DKIM_FAIL");
    }
    (Proof::None, "NOT_PROVED")
}

/// The signature is of the address's own domain, or of one above it.
fn signed_by(dkim: &MethodResult, domain: &str) -> bool {
    let named = dkim
        .property("header.d")
        .or_else(|| dkim.property("header.i").map(|id| id.rsplit('@').next().unwrap_or_default()));
    named.is_some_and(|signer| is_above(signer, domain))
}

/// The envelope is of the address's own domain, or of one above it.
fn sent_by(spf: &MethodResult, domain: &str) -> bool {
    let named = spf.property("smtp.mailfrom").or_else(|| spf.property("smtp.mail"));
    named.is_some_and(|sender| is_above(sender.rsplit('@').next().unwrap_or_default(), domain))
}

fn same_domain(named: &str, domain: &str) -> bool {
    named.rsplit('@').next().unwrap_or_default().trim_end_matches('.').eq_ignore_ascii_case(domain)
}

/// `company.test` may speak for `mail.company.test`; not the other way, and no bare `test`.
fn is_above(named: &str, domain: &str) -> bool {
    let named = named.trim_end_matches('.').to_ascii_lowercase();
    let under = domain.strip_suffix(&named).is_some_and(|rest| rest.ends_with('.'));
    named.contains('.') && (domain == named || under)
}

#[cfg(test)]
mod tests;
