//! Damm check digits: the last digit of our invoice numbers.
//!
//! A Damm digit catches every single wrong digit and every swap of neighbours, so a payer's slip
//! is seen at once and never pays another's invoice (design.md, "Invoice states"; G37). It is
//! computed over the digits of the sequence alone: 72815 becomes `88#728156`.

/// The weakly totally anti-symmetric quasigroup of order 10 from Damm's dissertation (2004).
const TABLE: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The check digit of a sequence number.
#[must_use]
pub fn check_digit(sequence: u64) -> u8 {
    fold(&sequence.to_string()).unwrap_or(0)
}

/// The sequence number with its check digit as the last digit.
#[must_use]
pub fn append(sequence: u64) -> String {
    format!("{sequence}{}", check_digit(sequence))
}

/// True when the text is at least two decimal digits and the last one checks the others.
#[must_use]
pub fn holds(digits: &str) -> bool {
    digits.len() >= 2 && fold(digits) == Some(0)
}

/// The sequence number within digits whose check digit holds.
#[must_use]
pub fn strip(digits: &str) -> Option<u64> {
    if holds(digits) { digits[..digits.len() - 1].parse().ok() } else { None }
}

/// The state after all digits; `None` when a character is no ASCII digit.
fn fold(digits: &str) -> Option<u8> {
    digits.bytes().try_fold(0_u8, |state, byte| {
        byte.is_ascii_digit().then(|| TABLE[usize::from(state)][usize::from(byte - b'0')])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Vectors of payments.md §6.3 and design.md.
    #[test]
    fn known_vectors() {
        assert_eq!(append(572), "5724");
        assert_eq!(append(72_815), "728156");
        assert_eq!(strip("728156"), Some(72_815));
        assert!(!holds("72815") && !holds("0") && !holds("") && !holds("７２８１５６"));
    }

    proptest! {
        /// Moonshot 7: every single wrong digit is detected.
        #[test]
        fn one_wrong_digit_is_detected(sequence: u64, at in 0_usize..21, by in 1_u8..10) {
            let mut digits = append(sequence).into_bytes();
            let at = at % digits.len();
            digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
            prop_assert!(!holds(std::str::from_utf8(&digits).unwrap()));
        }

        /// Moonshot 7: every swap of two different neighbours is detected.
        #[test]
        fn a_swap_of_neighbours_is_detected(sequence: u64, at in 0_usize..20) {
            let mut digits = append(sequence).into_bytes();
            let at = at % (digits.len() - 1);
            prop_assume!(digits[at] != digits[at + 1]);
            digits.swap(at, at + 1);
            prop_assert!(!holds(std::str::from_utf8(&digits).unwrap()));
        }

        #[test]
        fn what_is_appended_holds_and_strips(sequence: u64) {
            let digits = append(sequence);
            prop_assert!(holds(&digits));
            prop_assert_eq!(strip(&digits), Some(sequence));
        }
    }
}
