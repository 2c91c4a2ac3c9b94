//! Whole-suite tests; the library holds what they share.
