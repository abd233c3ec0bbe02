//! The program itself, as whoever installs it runs it: one process, its words, its exit code.

use std::{
    ffi::OsStr,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::ensure;

use crate::{
    client::Client,
    peers::tools::{self, Said},
};

/// Where the program is: as the test command says, else beside this test.
///
/// # Panics
/// When it was not built.
#[expect(clippy::disallowed_methods, reason = "the test command tells in the environment which program it built")]
pub fn binary() -> PathBuf {
    let told = std::env::var_os("SEGL_BINARY").map(PathBuf::from);
    let beside = || {
        let this = std::env::current_exe().unwrap();
        this.ancestors().nth(2).unwrap().join("segl")
    };
    let found = told.unwrap_or_else(beside);
    assert!(found.exists(), "{} is not built: run the tests by ./dev test, or `cargo build --bin segl` first", found.display());
    found
}

/// Runs one command of the program to its end.
pub async fn segl<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Said {
    tools::run(binary(), arguments).await
}

/// Runs one command of the program with these variables in its environment.
pub async fn segl_under<A: AsRef<OsStr>>(environment: &[(&str, &OsStr)], arguments: impl IntoIterator<Item = A>) -> Said {
    tools::run_under(environment, binary(), arguments).await
}

/// A port that was free a moment ago.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A `segl serve` that runs until it is dropped.
#[derive(Debug)]
pub struct Service {
    process: Child,
    port: u16,
}

impl Service {
    /// Starts it on a data directory that is set up, its words into `log`, and waits until it answers.
    ///
    /// # Errors
    /// When it ends instead, or does not answer in time.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub async fn start(data: &Path, port: u16, more: &[&str], log: &Path) -> anyhow::Result<Self> {
        Self::start_under(&[], data, (port, more), log).await
    }

    /// The same with these variables in its environment.
    ///
    /// # Errors
    /// As [`Service::start`].
    ///
    /// # Panics
    /// As [`Service::start`].
    pub async fn start_under(
        environment: &[(&str, &OsStr)],
        data: &Path,
        (port, more): (u16, &[&str]),
        log: &Path,
    ) -> anyhow::Result<Self> {
        let words = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(binary());
        command.arg("serve").arg("--data").arg(data).arg("--listen").arg(format!("127.0.0.1:{port}")).args(more);
        command.envs(environment.iter().copied()).stdin(Stdio::null()).stdout(words.try_clone()?).stderr(words);
        let mut service = Self { process: command.spawn()?, port };
        for _ in 0..600 {
            if let Some(status) = service.process.try_wait()? {
                ensure!(false, "segl serve ended with {status}: {}", std::fs::read_to_string(log)?);
            }
            if service.client().get("/health/ready").await.is_ok_and(|answer| answer.status.is_success()) {
                return Ok(service);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("segl serve does not answer: {}", std::fs::read_to_string(log)?)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// A client that it does not know.
    pub fn client(&self) -> Client {
        Client::anonymous(&format!("http://127.0.0.1:{}", self.port))
    }

    /// Kills it as `kill -9` does.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}
