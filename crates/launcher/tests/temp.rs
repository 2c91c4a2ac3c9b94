//! A directory for one test, and connections.

use sqlx::{Connection, PgConnection};
use std::{
    fs::{self, Permissions},
    ops::Deref,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Removed when the test ends.
pub struct Temp(PathBuf);

impl Temp {
    pub fn new() -> Self {
        let name = format!("raschet-launcher-{}", launcher::secret::generate());
        let dir = std::env::temp_dir().join(name);
        fs::create_dir(&dir).unwrap();
        fs::set_permissions(&dir, Permissions::from_mode(0o755)).unwrap();
        Self(dir.canonicalize().unwrap())
    }
}

impl Deref for Temp {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs statements as the superuser; answers the first column of the last query, as text.
pub fn query(url: &str, sql: &'static str) -> Result<String, sqlx::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await?;
        let answer = sqlx::query_scalar(sql).fetch_optional(&mut connection).await?;
        connection.close().await?;
        Ok(answer.unwrap_or_default())
    })
}
