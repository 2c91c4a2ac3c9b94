//! Which fields an update changes (AIP-134).

use crate::{Failure, Text};
use prost_types::FieldMask;

/// The fields named by an `update_mask`; without a mask, all populated ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask(Option<Vec<String>>);

impl Mask {
    /// Reads the mask of a request. `known` are the fields that may be changed; `*` means all.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a path that is none of them.
    pub fn read(mask: Option<&FieldMask>, known: &[&str]) -> Result<Self, Failure> {
        let Some(mask) = mask.filter(|m| !m.paths.is_empty()) else { return Ok(Self(None)) };
        if mask.paths.iter().any(|p| p == "*") {
            return Ok(Self(Some(known.iter().map(|&p| p.to_owned()).collect())));
        }
        if let Some(unknown) = mask.paths.iter().find(|p| !known.contains(&p.as_str())) {
            let all = known.join(", ");
            return Err(Failure::invalid(
                "update_mask",
                Text::new(
                    format!("Поле «{unknown}» так не меняется. Можно: {all}."),
                    format!("{unknown:?} cannot be changed this way. Possible: {all}."),
                ),
            ));
        }
        Ok(Self(Some(mask.paths.clone())))
    }

    /// True when the field is to be changed; `populated` tells whether the request sets it.
    #[must_use]
    pub fn has(&self, path: &str, populated: bool) -> bool {
        match &self.0 {
            None => populated,
            Some(paths) => paths.iter().any(|p| p == path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(paths: &[&str]) -> Option<FieldMask> {
        Some(FieldMask { paths: paths.iter().map(|&p| p.to_owned()).collect() })
    }

    #[test]
    fn names_fields_or_means_the_populated_ones() {
        let known = ["title", "kpp"];
        let named = Mask::read(mask(&["kpp"]).as_ref(), &known).unwrap();
        assert!(named.has("kpp", false) && !named.has("title", true));
        let absent = Mask::read(None, &known).unwrap();
        assert!(absent.has("title", true) && !absent.has("title", false));
        let all = Mask::read(mask(&["*"]).as_ref(), &known).unwrap();
        assert!(all.has("title", false));
        let unknown = Mask::read(mask(&["state"]).as_ref(), &known).unwrap_err();
        assert_eq!(unknown.reason(), "INVALID_FIELDS");
    }
}
