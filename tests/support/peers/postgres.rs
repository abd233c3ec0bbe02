//! The PostgreSQL that `./dev test` starts: a database per world, dropped with it.

use std::sync::OnceLock;

use segl::platform::{
    database::{Settings, migrate},
    random::{self, SystemRandom},
};
use sqlx::{Connection as _, Executor as _, PgConnection};

/// A database of its own.
#[derive(Debug)]
pub struct Scratch {
    server: String,
    name: String,
}

/// The server's URL, from the environment of `./dev test`.
#[expect(clippy::disallowed_methods, reason = "the test command tells in the environment where it started the server")]
pub fn server_url() -> String {
    std::env::var("SEGL_TEST_POSTGRES").expect("SEGL_TEST_POSTGRES is not set: run the tests by ./dev test, which starts a PostgreSQL")
}

/// The schema of this program, made once for all worlds of this process. It goes with the server.
static SCHEMA: OnceLock<Scratch> = OnceLock::new();

impl Scratch {
    /// Makes an empty one.
    pub fn create() -> Self {
        Self::of("")
    }

    /// Makes one that has the schema already, as a copy: its steps take longer than many a story.
    ///
    /// # Panics
    /// When the schema cannot be made.
    pub fn migrated() -> Self {
        let schema = SCHEMA.get_or_init(|| {
            let schema = Self::create();
            migrate::run(&Settings::postgres(&schema.url(), 1).unwrap()).unwrap();
            schema
        });
        Self::of(&format!(" TEMPLATE {}", schema.name))
    }

    fn of(template: &str) -> Self {
        let server = server_url();
        let name = format!("segl_{}", hex::encode(random::bytes::<8>(&SystemRandom)));
        tell(&server, format!("CREATE DATABASE {name}{template}"));
        Self { server, name }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        let (head, _) = self.server.rsplit_once('/').expect("the server's URL ends in /database");
        format!("{head}/{}", self.name)
    }
}

/// On a thread of its own: worlds are made and dropped inside runtimes too.
fn tell(server: &str, statement: String) {
    let server = server.to_owned();
    let told = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&server).await?;
            connection.execute(sqlx::AssertSqlSafe(statement)).await?;
            connection.close().await
        })
    });
    told.join().expect("the thread ends").expect("PostgreSQL does as it is told");
}

impl Drop for Scratch {
    fn drop(&mut self) {
        tell(&self.server, format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
