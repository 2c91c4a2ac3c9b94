//! Roles and databases of the services, with the passwords of the secrets directory.

use crate::{
    cli::DbCreate,
    console::{Console, Outcome},
};
use anyhow::{Context, Result};
use launcher::provision::{self, Passwords};
use serde_json::json;
use service::{Text, run::SERVICES, secrets};
use sqlx::postgres::PgConnectOptions;
use std::path::Path;

/// `raschet db create`.
///
/// # Errors
/// When the administrator cannot connect or lacks rights.
pub async fn create_command(options: &DbCreate, console: &Console) -> Result<Outcome> {
    secrets::create(&options.secrets)?;
    create(&provision::parse(&options.admin_url)?, &options.secrets).await?;
    console.say(&Text::new(
        format!("Роли и базы готовы: {}.", SERVICES.join(", ")),
        format!("Roles and databases are ready: {}.", SERVICES.join(", ")),
    ));
    console.json(&json!({ "databases": SERVICES, "secrets": options.secrets }));
    Ok(Outcome::Done)
}

/// Makes sure of every service's roles and database.
///
/// # Errors
/// When the administrator cannot connect or lacks rights.
pub async fn create(admin: &PgConnectOptions, secrets: &Path) -> Result<()> {
    for name in SERVICES {
        let password = |role: &str| {
            let role = format!("{name}_{role}");
            let found = secrets::database_password(secrets, &role)?;
            found.with_context(|| format!("no password of {role}: run `raschet init` first"))
        };
        let passwords = Passwords { owner: password("owner")?, app: password("app")? };
        provision::service(admin, name, &passwords).await?;
    }
    Ok(())
}
