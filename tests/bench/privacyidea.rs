//! privacyIDEA beside us: a script of the folder `privacyidea` sets it up and serves it, by the interpreter that `./dev bench` installed.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

/// A script that serves until it is dropped.
pub struct Script {
    process: Child,
    words: BufReader<ChildStdout>,
    _folder: TempDir,
}

impl Script {
    /// Starts the one of this name in a folder of its own, with these words after it.
    #[expect(clippy::disallowed_methods, reason = "the bench command tells in the environment where it installed it")]
    pub fn start(name: &str, words: &[String]) -> Self {
        let told = std::env::var_os("SEGL_PRIVACYIDEA").expect("./dev bench installs privacyIDEA and says where");
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/privacyidea").join(name);
        let mut command = Command::new(Path::new(&told).join("bin/python"));
        command.arg(script).arg(folder.path()).args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("./dev bench installs it");
        let words = BufReader::new(process.stdout.take().unwrap());
        Self { process, words, _folder: folder }
    }

    /// What it says next.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.words.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the script ended");
        line.trim().to_owned()
    }

    /// Tells it a line.
    pub fn tell(&mut self, line: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // Its end of input: the script stops its server and ends.
        drop(self.process.stdin.take());
        let _reaped = self.process.wait();
    }
}
