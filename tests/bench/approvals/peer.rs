//! privacyIDEA beside us: its own server, driven by its own script (`privacyidea.py`), measured by the processor time of its worker.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Instant,
};

use tempfile::TempDir;

use crate::measure::{Round, processor_time_of};

/// The script that serves and asks it.
pub struct Peer {
    process: Child,
    words: BufReader<ChildStdout>,
    worker: u32,
    _folder: TempDir,
}

impl Peer {
    /// Sets it up and serves it.
    #[expect(clippy::disallowed_methods, reason = "the bench command tells in the environment where it installed it")]
    pub fn start() -> Self {
        let told = std::env::var_os("SEGL_PRIVACYIDEA").expect("./dev bench installs privacyIDEA and says where");
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/privacyidea.py");
        let mut command = Command::new(Path::new(&told).join("bin/python"));
        command.arg(script).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("./dev bench installs it");
        let mut words = BufReader::new(process.stdout.take().unwrap());
        let worker = line(&mut words).parse().expect("the script says which process is measured");
        Self { process, words, worker, _folder: folder }
    }

    /// So many log-ins.
    pub fn round(&mut self, count: usize) -> Round {
        let (before, begun) = (processor_time_of(self.worker), Instant::now());
        writeln!(self.process.stdin.as_mut().unwrap(), "{count}").unwrap();
        assert_eq!(line(&mut self.words), "done");
        Round { count, elapsed: begun.elapsed(), worked: processor_time_of(self.worker).saturating_sub(before) }
    }
}

fn line(words: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    words.read_line(&mut line).unwrap();
    assert!(!line.is_empty(), "the script ended");
    line.trim().to_owned()
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Its end of input: the script stops its server and ends.
        drop(self.process.stdin.take());
        let _reaped = self.process.wait();
    }
}
