//! What the application itself does with a delivery: it welcomes new subscribers.

use std::path::Path;
use std::time::Duration;

use octany_core::ReferenceId;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

/// Mails that were sent, in a table of the application's own.
#[derive(Clone, Debug)]
pub struct Mails {
    pool: SqlitePool,
    delay: Duration,
}

impl Mails {
    /// Opens the table in a SQLite file. Each mail takes `delay` to send.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn open(path: &Path, delay: Duration) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::query("CREATE TABLE IF NOT EXISTS welcome_mails (reference TEXT NOT NULL)")
            .execute(&pool)
            .await?;
        Ok(Self { pool, delay })
    }

    /// Sends a mail to somebody who has just subscribed.
    ///
    /// # Errors
    ///
    /// The database's. The delivery is then refused, and Octany repeats it.
    pub async fn welcome(&self, user: &ReferenceId) -> Result<(), sqlx::Error> {
        tokio::time::sleep(self.delay).await;
        sqlx::query("INSERT INTO welcome_mails (reference) VALUES (?)")
            .bind(user.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// How many mails a user got.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn count(&self, reference: &str) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT count(*) FROM welcome_mails WHERE reference = ?")
            .bind(reference)
            .fetch_one(&self.pool)
            .await
    }

    /// Closes the connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
