//! tickets-svc as a process of its own.

fn main() -> anyhow::Result<()> {
    service::main::<tickets_svc::Service>()
}
