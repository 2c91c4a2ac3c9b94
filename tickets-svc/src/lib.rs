//! tickets-svc.
