//! clients-svc as a process of its own.

fn main() -> anyhow::Result<()> {
    service::main::<clients_svc::Service>()
}
