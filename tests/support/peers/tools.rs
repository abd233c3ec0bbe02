//! Running a foreign tool and keeping its own words.

use std::{ffi::OsStr, path::PathBuf};

/// What a tool said.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its exit code; -1 when it was killed.
    pub code: i32,
    /// Standard output and error together.
    pub words: String,
}

impl Said {
    /// Whether it exited with 0.
    pub fn is_content(&self) -> bool {
        self.code == 0
    }

    /// Checks that the tool is content and said this.
    ///
    /// # Panics
    /// With the tool's own words otherwise.
    pub fn must_say(&self, words: &str) {
        assert!(self.is_content() && self.words.contains(words), "{words:?} expected, exit {}: {}", self.code, self.words);
    }

    /// Checks that the tool is not content and said this.
    ///
    /// # Panics
    /// With the tool's own words otherwise.
    pub fn must_refuse(&self, words: &str) {
        assert!(!self.is_content() && self.words.contains(words), "a refusal with {words:?} expected, exit {}: {}", self.code, self.words);
    }
}

/// Runs a tool.
///
/// # Panics
/// When it is missing: `./dev test` installs it.
pub async fn run<A: AsRef<OsStr>>(tool: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = A>) -> Said {
    run_under(&[], tool, arguments).await
}

/// Runs a tool with these variables in its environment.
///
/// # Panics
/// As [`run`].
pub async fn run_under<A: AsRef<OsStr>>(
    environment: &[(&str, &OsStr)],
    tool: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Said {
    let name = tool.as_ref().to_string_lossy().into_owned();
    let mut command = tokio::process::Command::new(tool);
    command
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .envs(environment.iter().copied())
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    let done = command.output().await.unwrap_or_else(|error| panic!("{name}: {error}; ./dev test installs it"));
    let words = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    Said { code: done.status.code().unwrap_or(-1), words }
}

/// The interpreter of the Python environment that `./dev test` makes.
///
/// # Panics
/// When the environment does not say where it is.
#[expect(clippy::disallowed_methods, reason = "the test command tells in the environment where the tools are")]
pub fn python() -> PathBuf {
    let folder =
        std::env::var_os("SEGL_VENV").expect("SEGL_VENV is not set: run the tests by ./dev test, which installs pyHanko and pkilint");
    PathBuf::from(folder).join("bin/python")
}
