//! invoicing-svc as a process of its own.

fn main() -> anyhow::Result<()> {
    service::main::<invoicing_svc::Service>()
}
