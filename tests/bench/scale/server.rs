//! The program itself, served from a folder: how long it takes to answer, how much memory it has.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use support::{
    client::Client,
    program::{binary, free_port},
};

/// A start that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(300);

/// `segl serve`, killed when dropped.
pub struct Server {
    process: Child,
    pub client: Client,
    /// From the start of the process to its first answer that it is ready.
    pub started_in: Duration,
}

impl Server {
    pub async fn start(data: &Path) -> Self {
        let port = free_port();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(data.join("bench.log")).unwrap();
        let mut command = Command::new(binary());
        command.arg("serve").arg("--data").arg(data).arg("--listen").arg(format!("127.0.0.1:{port}"));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let begun = Instant::now();
        let mut process = command.spawn().unwrap();
        let client = Client::anonymous(&format!("http://127.0.0.1:{port}"));
        while !client.get("/health/ready").await.is_ok_and(|answer| answer.status.is_success()) {
            let log = || std::fs::read_to_string(data.join("bench.log")).unwrap();
            assert!(process.try_wait().unwrap().is_none(), "segl serve ended: {}", log());
            assert!(begun.elapsed() < PATIENCE, "segl serve does not answer: {}", log());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Self { process, client, started_in: begun.elapsed() }
    }

    /// Stops it as whoever runs it does, and waits until it has ended.
    pub fn stop(mut self) {
        let told = Command::new("kill").arg("-TERM").arg(self.process.id().to_string()).status().unwrap();
        assert!(told.success(), "kill");
        self.process.wait().unwrap();
    }

    /// Its resident memory and the most that it ever was, in megabytes of 1024 * 1024 (proc(5)).
    pub fn memory(&self) -> (f64, f64) {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
        };
        (field("VmRSS:"), field("VmHWM:"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}
