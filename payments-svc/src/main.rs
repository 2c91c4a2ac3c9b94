//! payments-svc as a process of its own.

fn main() -> anyhow::Result<()> {
    service::main::<payments_svc::Service>()
}
