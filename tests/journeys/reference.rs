//! The clock's reference, as the program itself asks it: this machine's kernel, and a server that is off, silent or not itself in time.
//!
//! What the kernel says is ours to choose: `adjtimex` is taken by a library of the test's own that stands before libc's. What this very
//! kernel says is asked by another program.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use certs::timestamp::Request;
use segl::platform::clock::SystemClock;
use support::{
    ntp::{Manner, NtpServer},
    peers::tools::run,
    program::{Service, segl_under},
    world::{Begins, EngineKind, Plot, Setup, World, on_runtime},
};

/// An installation whose clock is compared so.
async fn plot(timestamps: String) -> Plot {
    World::of(Setup { begins: Begins::Now, timestamps, ..Setup::on(EngineKind::Sqlite) }).await.stop()
}

/// What openssl reads in the answer to a query, and the state that readiness tells.
async fn stamped(service: &Service) -> anyhow::Result<(String, String)> {
    let query = Request::new(openssl::sha::sha256(b"what is stamped"), Some(7)).to_der();
    let answer = service.client().post_bytes("/timestamp", "application/timestamp-query", &query).await?.expect(200)?.bytes;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("answer");
    std::fs::write(&file, answer)?;
    let said = run("openssl", ["ts".as_ref(), "-reply".as_ref(), "-text".as_ref(), "-in".as_ref(), file.as_os_str()]).await.words;
    let state = service.client().get("/health/ready").await?.expect(200)?.string("/clock/state");
    Ok((said, state))
}

async fn must(service: &Service, expected: &str) -> anyhow::Result<()> {
    // A server is not asked more often than every sixteen seconds.
    let begun = Instant::now();
    loop {
        let (said, state) = stamped(service).await?;
        let right = match expected {
            "trusted" => said.contains("Granted."),
            _ => said.contains("Rejected.") && said.contains("the TSA's time source is not available"),
        };
        if right && state == expected {
            return Ok(());
        }
        ensure!(begun.elapsed() < Duration::from_secs(40), "{expected} expected: {state}, {said}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[test]
fn a_server_that_is_off_stops_the_stamps_until_it_is_right_again() {
    on_runtime(async {
        let server = NtpServer::start(Arc::new(SystemClock));
        let plot = plot(server.settings()).await;
        server.behave(Manner::Ahead(2_000));
        let service = Service::start(plot.data(), plot.port(), &[], &plot.data().join("log")).await.unwrap();
        for off in [2_000, -3_600_000] {
            server.behave(Manner::Ahead(off));
            must(&service, "off").await.unwrap();
            server.behave(Manner::Ahead(0));
            must(&service, "trusted").await.unwrap();
        }
    });
}

#[test]
fn a_server_that_is_silent_or_not_in_time_itself_is_no_reference() {
    on_runtime(async {
        for manner in [Manner::Silent, Manner::Unstratified, Manner::Alarmed] {
            let server = NtpServer::start(Arc::new(SystemClock));
            let plot = plot(server.settings()).await;
            server.behave(manner);
            let service = Service::start(plot.data(), plot.port(), &[], &plot.data().join("log")).await.unwrap();
            must(&service, "unknown").await.with_context(|| format!("{manner:?}")).unwrap();
            let log = std::fs::read_to_string(plot.data().join("log")).unwrap();
            assert!(log.contains("the clock: "), "the log says so: {log}");
            server.behave(Manner::Ahead(0));
            must(&service, "trusted").await.with_context(|| format!("{manner:?}")).unwrap();
        }
    });
}

/// A kernel that says what a file says: code, status bits, greatest error in microseconds.
struct Kernel {
    folder: tempfile::TempDir,
}

const SHIM: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <sys/timex.h>
int adjtimex(struct timex *told) {
    int code = 5, status = 64;
    long error = 16000000;
    FILE *file = fopen(getenv("SEGL_TEST_KERNEL"), "r");
    if (file) { if (fscanf(file, "%d %d %ld", &code, &status, &error) != 3) code = 5; fclose(file); }
    told->status = status;
    told->maxerror = error;
    return code;
}
"#;

impl Kernel {
    fn new() -> Self {
        let kernel = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(kernel.file("shim.c"), SHIM).unwrap();
        let (source, library) = (kernel.file("shim.c"), kernel.file("shim.so"));
        let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        kernel
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn says(&self, words: &str) {
        let draft = self.file("draft");
        std::fs::write(&draft, words).unwrap();
        std::fs::rename(draft, self.file("kernel")).unwrap();
    }
}

#[test]
fn the_kernels_word_alone_decides_when_it_is_the_reference() {
    on_runtime(async {
        let kernel = Kernel::new();
        let (library, told) = (kernel.file("shim.so"), kernel.file("kernel"));
        let environment: [(&str, &OsStr); 2] = [("LD_PRELOAD", library.as_os_str()), ("SEGL_TEST_KERNEL", told.as_os_str())];
        let plot = plot("clock = \"kernel\"\n".to_owned()).await;
        kernel.says("0 8193 12345");
        let log = plot.data().join("log");
        let service = Service::start_under(&environment, plot.data(), (plot.port(), &[]), &log).await.unwrap();
        must(&service, "trusted").await.unwrap();
        for (words, state) in [
            ("5 64 16000000", "unknown"), // as a kernel that no daemon keeps
            ("0 8257 500", "unknown"),    // STA_UNSYNC
            ("0 12289 500", "unknown"),   // STA_CLOCKERR
            ("3 8209 500", "unknown"),    // a leap second
            ("0 8193 1000001", "off"),    // drifted for too long
        ] {
            kernel.says(words);
            must(&service, state).await.with_context(|| words.to_owned()).unwrap();
            let data = plot.data().display().to_string();
            segl_under(&environment, ["check", "--data", &data]).await.must_refuse("clock        kernel: ");
            kernel.says("0 8193 12345");
            must(&service, "trusted").await.with_context(|| words.to_owned()).unwrap();
        }
    });
}

/// What this kernel says, asked by Python: whether its clock is kept right within a second.
async fn this_kernel_is_kept() -> bool {
    let script = "import ctypes\nclock = ctypes.CDLL('libc.so.6')\ntold = ctypes.create_string_buffer(400)\n\
                  code = clock.adjtimex(told)\nstatus = int.from_bytes(told.raw[40:44], 'little')\n\
                  error = int.from_bytes(told.raw[24:32], 'little')\nprint('kept' if code in (0, 1, 2, 4) and not status & 0x1040 and error < 999000 else 'left')";
    let said = run("python3", ["-c", script]).await;
    assert!(said.words.contains("kept") || said.words.contains("left"), "{}", said.words);
    said.words.contains("kept")
}

#[test]
fn this_very_kernel_is_believed_as_another_program_reads_it() {
    on_runtime(async {
        let plot = plot(String::new()).await;
        let service = Service::start(plot.data(), plot.port(), &[], Path::new(&plot.data().join("log"))).await.unwrap();
        let (said, state) = stamped(&service).await.unwrap();
        let kept = this_kernel_is_kept().await;
        assert_eq!(said.contains("Granted."), kept, "{said}");
        assert_eq!(state == "trusted", kept, "{state}");
    });
}
