//! clients-svc.
