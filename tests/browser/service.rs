//! The service that the browser looks at: a demonstration of its own, ended with the test.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use tempfile::TempDir;

/// A process that is ended with the test, even with a killed one.
pub struct Ended(pub Child);

impl Ended {
    /// Starts a program.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn start(program: &Path, arguments: &[&str], log: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]).arg(program).args(arguments);
        let log = std::fs::File::create(log)?;
        Ok(Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?))
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// A demonstration service of its own.
pub struct Service {
    /// Its address.
    pub url: String,
    /// Holds its data, and what a test keeps beside.
    pub directory: TempDir,
    process: Ended,
}

/// A port that nobody uses.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The built program: as the command that runs the tests says, or beside this test.
#[expect(clippy::disallowed_methods, reason = "the test command tells in the environment where it built the program")]
fn binary() -> anyhow::Result<PathBuf> {
    if let Some(told) = std::env::var_os("SEGL_BINARY") {
        return Ok(PathBuf::from(told));
    }
    let test = std::env::current_exe()?;
    let found = test.ancestors().nth(2).context("a test lies two folders deep")?.join("segl");
    ensure!(found.exists(), "build segl first, ./dev test does");
    Ok(found)
}

impl Service {
    /// Starts the demonstration and waits for its people.
    ///
    /// # Errors
    /// When it does not come up within two minutes.
    pub async fn start() -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let (data, port) = (directory.path().join("data"), free_port());
        let data_word = data.display().to_string();
        let address = format!("127.0.0.1:{port}");
        let arguments = ["--data", &data_word, "serve", "--demo", "--listen", &address];
        let process = Ended::start(&binary()?, &arguments, &directory.path().join("log"))?;
        let mut service = Self { url: format!("http://localhost:{port}"), directory, process };
        for _ in 0..1200 {
            if data.join("demo.json").exists() {
                return Ok(service);
            }
            if service.process.0.try_wait()?.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the demonstration did not come up: {}", service.log())
    }

    /// What the service wrote.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// Writes a file that a person has, and gives its path.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.directory.path().join(name);
        std::fs::write(&path, bytes)?;
        Ok(path)
    }
}
