//! Addresses that we sign for one writer and one ticket, and the mark of our own letters.
//!
//! `ok+t.123.<16 letters>@company.test` is told to one person in one letter. It lets that person's
//! answer into ticket 123, whatever became of its subject and ids; in anybody else's hands it opens
//! nothing. 80 bits of HMAC-SHA256 over ticket and address: nobody guesses one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use types::{EmailAddress, id::OutboundLetterId};
use uuid::Uuid;

/// What a tag begins with.
const MARK: &str = "t.";

/// What the detail of a return address begins with.
const RETURN_MARK: &str = "b.";

/// Signs of an id in a return address: 128 bits of five each.
const ID_SIGNS: usize = 26;

/// Bytes of a signature that are kept.
const SIGNATURE_BYTES: usize = 10;

/// The signs of base32 (RFC 4648), small: mail programs change the case of addresses.
const SIGNS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What one instance of the suite signs by.
#[derive(Clone)]
pub struct LetterKey(Vec<u8>);

impl std::fmt::Debug for LetterKey {
    /// A key is shown to nobody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LetterKey")
    }
}

/// A signed tag within an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Number of the ticket.
    pub number: i64,
    /// Signature.
    pub signature: String,
}

impl LetterKey {
    /// The key of a secret.
    #[must_use]
    pub const fn of(secret: Vec<u8>) -> Self {
        Self(secret)
    }

    /// What our letters carry in a header, so that we know them when they come back, though a relay
    /// gave them another Message-ID. One that another instance sends is none of ours.
    #[must_use]
    pub fn loop_mark(&self) -> String {
        self.sign("loop")
    }

    /// The address by which somebody answers on a ticket; `None` when it would be too long.
    #[must_use]
    pub fn address(
        &self,
        mailbox: &EmailAddress,
        number: i64,
        writer: &EmailAddress,
    ) -> Option<EmailAddress> {
        let (local, domain) = mailbox.as_str().rsplit_once('@')?;
        let signature = self.signature(number, writer);
        EmailAddress::parse(&format!("{local}+{MARK}{number}.{signature}@{domain}")).ok()
    }

    /// True when the tag was signed for the writer.
    #[must_use]
    pub fn signed_for(&self, tag: &Tag, writer: &EmailAddress) -> bool {
        same(&self.signature(tag.number, writer), &tag.signature)
    }

    /// The envelope's sender of one letter, by which a report of its fate finds it, whatever the
    /// report says (`ok+b.<letter>.<signature>@company.test`); `None` when it would be too long.
    #[must_use]
    pub fn return_address(
        &self,
        mailbox: &EmailAddress,
        letter: OutboundLetterId,
    ) -> Option<EmailAddress> {
        let (local, domain) = mailbox.as_str().rsplit_once('@')?;
        let id = base32(letter.0.as_u128(), ID_SIGNS);
        let signature = self.sign(&format!("return {id}"));
        let detail = format!("{RETURN_MARK}{id}.{signature}");
        EmailAddress::parse(&format!("{local}+{detail}@{domain}")).ok()
    }

    /// The letter of a return address, when it is one that we signed.
    #[must_use]
    pub fn returned(&self, address: &EmailAddress) -> Option<OutboundLetterId> {
        let (local, _) = address.as_str().rsplit_once('@')?;
        let detail = local.split_once('+')?.1.to_ascii_lowercase();
        let (id, signature) = detail.strip_prefix(RETURN_MARK)?.split_once('.')?;
        let bits = id.bytes().try_fold(0_u128, |bits, sign| {
            let five = SIGNS.iter().position(|one| *one == sign)?;
            Some(bits << 5 | u128::try_from(five).ok()?)
        })?;
        let whole = id.len() == ID_SIGNS && base32(bits, ID_SIGNS) == id;
        let own = self.sign(&format!("return {id}"));
        (whole && same(&own, signature)).then(|| Uuid::from_u128(bits).into())
    }

    fn signature(&self, number: i64, writer: &EmailAddress) -> String {
        self.sign(&format!("ticket {number} {}", writer.key()))
    }

    fn sign(&self, what: &str) -> String {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(what.as_bytes());
        let signature = mac.finalize().into_bytes();
        let bits = signature
            .iter()
            .take(SIGNATURE_BYTES)
            .fold(0_u128, |all, byte| all << 8 | u128::from(*byte));
        base32(bits, SIGNATURE_BYTES * 8 / 5)
    }
}

/// Bits as so many signs.
fn base32(bits: u128, signs: usize) -> String {
    let sign = |place: usize| {
        let five = usize::try_from(bits >> (5 * place) & 31).unwrap_or_default();
        char::from(SIGNS[five])
    };
    (0..signs).rev().map(sign).collect()
}

/// True for equal signatures; in constant time, though a mail server in between leaves little to
/// measure.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// An address without what stands after a plus, and the signed tag there, if it is one.
#[must_use]
pub fn split(address: &EmailAddress) -> (Option<EmailAddress>, Option<Tag>) {
    let Some((local, domain)) = address.as_str().rsplit_once('@') else { return (None, None) };
    let Some((base, detail)) = local.split_once('+') else { return (None, None) };
    let base = EmailAddress::parse(&format!("{base}@{domain}")).ok();
    (base, tag(&detail.to_ascii_lowercase()))
}

fn tag(detail: &str) -> Option<Tag> {
    let (number, signature) = detail.strip_prefix(MARK)?.split_once('.')?;
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let number = number.parse().ok().filter(|_| digits)?;
    Some(Tag { number, signature: signature.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).expect("an address")
    }

    /// tickets.md §0 (5), §5.5 (10): what is signed for one is nobody else's.
    #[test]
    fn an_address_is_of_one_writer_and_one_ticket() {
        let key = LetterKey::of(vec![7; 32]);
        let (mailbox, writer) = (address("ok@company.test"), address("Buh@client.test"));
        let signed = key.address(&mailbox, 123, &writer).expect("an address");
        let (base, tag) = split(&signed);
        let tag = tag.expect("a tag");
        assert_eq!((base, tag.number, tag.signature.len()), (Some(mailbox.clone()), 123, 16));
        assert!(key.signed_for(&tag, &address("buh@CLIENT.test")));
        assert!(!key.signed_for(&tag, &address("evil@client.test")));
        assert!(!key.signed_for(&Tag { number: 124, ..tag.clone() }, &writer));
        assert!(!LetterKey::of(vec![8; 32]).signed_for(&tag, &writer));
        let shouted = address(&signed.as_str().to_uppercase());
        assert_eq!(split(&shouted).1, Some(tag));
        let long = address(&format!("{}@company.test", "x".repeat(60)));
        assert_eq!(key.address(&long, 123, &writer), None);
    }

    /// tickets.md §5.5 (13): only a return address that we signed names a letter.
    #[test]
    fn a_report_finds_its_letter() {
        let key = LetterKey::of(vec![7; 32]);
        let (mailbox, letter) = (address("ok@company.test"), OutboundLetterId::generate());
        let signed = key.return_address(&mailbox, letter).expect("an address");
        assert_eq!(key.returned(&signed), Some(letter));
        assert_eq!(split(&signed), (Some(mailbox.clone()), None));
        let shouted = address(&signed.as_str().to_uppercase());
        assert_eq!(key.returned(&shouted), Some(letter));
        assert_eq!(LetterKey::of(vec![8; 32]).returned(&signed), None);
        let other = key.return_address(&mailbox, OutboundLetterId::generate()).expect("another");
        let id = "ok+b.".len() + ID_SIGNS;
        let mixed = format!("{}{}", &other.as_str()[..id], &signed.as_str()[id..]);
        for bad in
            [mixed.as_str(), "ok+b.x.y@company.test", "ok+b.x@company.test", "b@company.test"]
        {
            assert_eq!(key.returned(&address(bad)), None, "{bad}");
        }
    }

    #[test]
    fn other_details_are_no_tags() {
        for plain in ["ok@company.test", "ok+sales@company.test", "ok+t.x.y@company.test"] {
            assert_eq!(split(&address(plain)).1, None, "{plain}");
        }
        let based = split(&address("ok+sales@company.test")).0;
        assert_eq!(based, Some(address("ok@company.test")));
        assert_ne!(LetterKey::of(vec![1]).loop_mark(), LetterKey::of(vec![2]).loop_mark());
    }
}
