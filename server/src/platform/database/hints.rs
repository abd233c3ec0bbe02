//! Hints between nodes (LISTEN and NOTIFY): sent outside every transaction, since at commit they would serialise. Whoever misses one polls.

use sqlx::postgres::{PgListener, PgPoolOptions};

use super::{Database, DatabaseError, Pools};

/// The channel of all nodes on one database.
const CHANNEL: &str = "segl_hint";

/// What other nodes tell, this one's own words among it.
pub struct Heard(PgListener);

impl Heard {
    /// The next word; none when the connection was lost and found again: something may have been missed.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn next(&mut self) -> Result<Option<String>, DatabaseError> {
        Ok(self.0.try_recv().await?.map(|told| told.payload().to_owned()))
    }
}

impl Database {
    /// Tells every node, at most 7,900 bytes. Nothing where no other can stand on the same database.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn hint(&self, words: &str) -> Result<(), DatabaseError> {
        match self.pools.as_ref() {
            Pools::Sqlite { .. } => {}
            Pools::Postgres(pool) => {
                sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(words).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Listens to the other nodes, on a connection of its own; none where there can be no other.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn hear(&self) -> Result<Option<Heard>, DatabaseError> {
        match self.pools.as_ref() {
            Pools::Sqlite { .. } => Ok(None),
            Pools::Postgres(pool) => {
                let options = pool.connect_options().as_ref().clone();
                let own = PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None).connect_lazy_with(options);
                let mut listener = PgListener::connect_with(&own).await?;
                listener.listen(CHANNEL).await?;
                Ok(Some(Heard(listener)))
            }
        }
    }
}
