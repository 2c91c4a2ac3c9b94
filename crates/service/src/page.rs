//! Pages of a list (AIP-158): opaque tokens over a keyset cursor, bound to the filter.
//!
//! ```ignore
//! let page = Page::<(NaiveDate, Uuid)>::read(msg.page_size, &msg.page_token, &(client, state))?;
//! let rows = store::invoices::list(&mut conn, &filter, page.after(), page.limit()).await?;
//! let (rows, next_page_token) = page.finish(rows, |row| (row.date, row.id));
//! ```

use crate::{Failure, Text};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// Rows of a page whose size is not given.
pub const DEFAULT_SIZE: i32 = 50;
/// Largest page; a larger wish is coerced to it.
pub const MAX_SIZE: i32 = 1000;
/// `total_size` counts up to this many rows; it means "more than 10,000".
pub const TOTAL_CAP: i64 = 10_001;
/// Longest token that is looked at.
const MAX_TOKEN: usize = 4096;

/// Which part of a list is wanted. `C` is the keyset cursor: the sort key of the last row seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<C> {
    size: usize,
    after: Option<C>,
    filter: [u8; 8],
}

#[derive(Serialize, Deserialize)]
struct Token<C> {
    after: C,
    filter: [u8; 8],
}

impl<C: Serialize + DeserializeOwned> Page<C> {
    /// Reads `page_size` and `page_token` of a list request. `filter` is everything else that
    /// decides which rows the list has and in which order.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a negative size, a damaged token, or a token of another filter.
    pub fn read(size: i32, token: &str, filter: &impl Serialize) -> Result<Self, Failure> {
        if size < 0 {
            return Err(Failure::invalid(
                "page_size",
                Text::new("Размер страницы не может быть отрицательным.", "Give 0 or more."),
            ));
        }
        let size = if size == 0 { DEFAULT_SIZE } else { size.min(MAX_SIZE) };
        let filter = fingerprint(filter)?;
        let after = if token.is_empty() { None } else { Some(decode(token, filter)?) };
        Ok(Self { size: usize::try_from(size).unwrap_or_default(), after, filter })
    }

    /// The cursor to continue after; `None` on the first page.
    pub fn after(&self) -> Option<&C> {
        self.after.as_ref()
    }

    /// How many rows to fetch: one more than the page, which tells whether there is a next one.
    pub fn limit(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX) + 1
    }

    /// Cuts the extra row off and makes `next_page_token`; empty at the end of the list.
    pub fn finish<R>(&self, mut rows: Vec<R>, cursor: impl FnOnce(&R) -> C) -> (Vec<R>, String) {
        let more = rows.len() > self.size;
        rows.truncate(self.size);
        let token = match rows.last() {
            Some(last) if more => encode(&Token { after: cursor(last), filter: self.filter }),
            _ => String::new(),
        };
        (rows, token)
    }
}

fn fingerprint(filter: &impl Serialize) -> Result<[u8; 8], Failure> {
    let bytes = serde_json::to_vec(filter).map_err(Failure::internal)?;
    let mut short = [0; 8];
    short.copy_from_slice(&Sha256::digest(bytes)[..8]);
    Ok(short)
}

fn encode<C: Serialize>(token: &Token<C>) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(token).unwrap_or_default())
}

fn decode<C: DeserializeOwned>(token: &str, filter: [u8; 8]) -> Result<C, Failure> {
    let bad = || {
        Failure::invalid(
            "page_token",
            Text::new(
                "Неверная метка страницы. Начните список сначала, с тем же фильтром.",
                "Bad page token. Start the list again, with the same filter.",
            ),
        )
    };
    if token.len() > MAX_TOKEN {
        return Err(bad());
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| bad())?;
    let token: Token<C> = serde_json::from_slice(&bytes).map_err(|_| bad())?;
    if token.filter == filter { Ok(token.after) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rows after a cursor, as a store would read them.
    fn rows(all: &[i64], page: &Page<i64>) -> Vec<i64> {
        let limit = usize::try_from(page.limit()).unwrap();
        let after = page.after().copied().unwrap_or(i64::MIN);
        all.iter().copied().filter(|row| *row > after).take(limit).collect()
    }

    proptest! {
        /// Pages together are the list: nothing twice, nothing left out, whatever their size.
        #[test]
        fn pages_cover_the_list(length in 0_i64..200, size in 0_i32..70) {
            let all: Vec<i64> = (0..length).collect();
            let (mut read, mut token, mut pages) = (Vec::new(), String::new(), 0);
            loop {
                let page = Page::read(size, &token, &"filter").unwrap();
                let (rows, next) = page.finish(rows(&all, &page), |row| *row);
                read.extend(rows);
                pages += 1;
                if next.is_empty() {
                    break;
                }
                token = next;
            }
            prop_assert_eq!(&read, &all);
            let size = i64::from(if size == 0 { DEFAULT_SIZE } else { size });
            prop_assert_eq!(pages, (length + size - 1).div_euclid(size).max(1));
        }

        /// A token is good for its own filter only, and damage is noticed or harmless.
        #[test]
        fn tokens_are_bound_to_their_filter(after: i64, at in 0_usize..200, byte: u8) {
            let page = Page::read(1, "", &("a", 1)).unwrap();
            let (_, token) = page.finish(vec![after, after], |row| *row);
            let read = Page::<i64>::read(1, &token, &("a", 1)).unwrap();
            prop_assert_eq!(read.after(), Some(&after));
            prop_assert!(Page::<i64>::read(1, &token, &("a", 2)).is_err());
            prop_assert!(Page::<String>::read(1, &token, &("a", 1)).is_err());
            let mut damaged = token.into_bytes();
            let at = at % damaged.len();
            damaged[at] = byte;
            // It may be another number now, but it must not panic.
            let _ = Page::<i64>::read(1, &String::from_utf8_lossy(&damaged), &("a", 1));
        }

        #[test]
        fn any_text_is_no_token(text in ".{1,200}") {
            prop_assert!(Page::<i64>::read(1, &text, &()).is_err());
        }
    }

    #[test]
    fn sizes_are_limited() {
        let limit = |size| Page::<i64>::read(size, "", &()).map(|page| page.limit());
        assert_eq!(limit(0).unwrap(), 51);
        assert_eq!(limit(1).unwrap(), 2);
        assert_eq!(limit(5000).unwrap(), 1001);
        assert!(limit(-1).is_err());
    }
}
