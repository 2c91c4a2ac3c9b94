//! invoicing-svc.
