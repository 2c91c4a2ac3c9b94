//! The contracts: generated messages, clients and servers, and nothing else.
#![allow(missing_docs, clippy::all, reason = "generated code carries the comments of the .proto")]

pub mod convert;

#[cfg(test)]
#[path = "../build/roles.rs"]
mod roles;

/// Encoded `FileDescriptorSet` of all contracts: for reflection and for authority.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

pub mod google {
    pub mod r#type {
        tonic::include_proto!("google.r#type");
    }
}

pub mod raschet {
    pub mod clients {
        pub mod v1 {
            tonic::include_proto!("raschet.clients.v1");
        }
    }
    pub mod gateway {
        pub mod v1 {
            tonic::include_proto!("raschet.gateway.v1");
        }
    }
    pub mod invoicing {
        pub mod v1 {
            tonic::include_proto!("raschet.invoicing.v1");
        }
    }
    pub mod payments {
        pub mod v1 {
            tonic::include_proto!("raschet.payments.v1");
        }
    }
    pub mod system {
        pub mod v1 {
            tonic::include_proto!("raschet.system.v1");
        }
    }
    pub mod tickets {
        pub mod v1 {
            tonic::include_proto!("raschet.tickets.v1");
        }
    }
}

pub use raschet::*;
