//! The PostgreSQL that `./dev test` starts: a database per world, dropped with it.

use std::process::Command;

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

impl Scratch {
    /// Makes one.
    pub fn create() -> Self {
        let server = server_url();
        let mut noise = [0; 8];
        openssl_noise(&mut noise);
        let name = format!("segl_{}", hex::encode(noise));
        psql(&server, &format!("CREATE DATABASE {name}"));
        Self { server, name }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        let (head, _) = self.server.rsplit_once('/').expect("the server's URL ends in /database");
        format!("{head}/{}", self.name)
    }
}

fn openssl_noise(buffer: &mut [u8]) {
    use segl::platform::random::{Random as _, SystemRandom};
    SystemRandom.fill(buffer);
}

fn psql(url: &str, statement: &str) {
    let done = Command::new("psql").args(["-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]).output().expect("psql runs");
    assert!(done.status.success(), "psql: {}", String::from_utf8_lossy(&done.stderr));
}

impl Drop for Scratch {
    fn drop(&mut self) {
        psql(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
