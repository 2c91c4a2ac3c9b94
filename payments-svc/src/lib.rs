//! payments-svc.
