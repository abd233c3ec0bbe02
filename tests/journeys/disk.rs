//! The disk is full: what changes something is refused and nothing is half done; what only reads is served; with room again all goes on.
//!
//! On SQLite a library of the test's own stands before libc's and refuses writes below the data directory with ENOSPC; on PostgreSQL the
//! database says what it says when its disk is full.

use std::{ffi::OsStr, path::PathBuf, process::Command};

use anyhow::{Context as _, ensure};
use serde_json::json;
use sqlx::Connection as _;
use support::{
    client::{Answer, send},
    papers::fixture,
    peers::tools::run,
    pki::Certificate,
    program::{Service, segl},
    roles::Person,
    world::{Begins, EngineKind, Setup, World, on_runtime},
};

const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
static int is_full(int fd) {
    const char *flag = getenv("SEGL_TEST_FULL"), *disk = getenv("SEGL_TEST_DISK");
    char link[64], path[4096];
    if (!flag || !disk || access(flag, F_OK)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return !strncmp(path, disk, strlen(disk));
}
#define REAL(type, name, parameters) type (*real) parameters = (type (*) parameters) dlsym(RTLD_NEXT, name)
#define REFUSE(fd) if (is_full(fd)) { errno = ENOSPC; return -1; }
ssize_t write(int fd, const void *from, size_t size) { REAL(ssize_t, "write", (int, const void *, size_t)); REFUSE(fd) return real(fd, from, size); }
ssize_t writev(int fd, const struct iovec *from, int count) { REAL(ssize_t, "writev", (int, const struct iovec *, int)); REFUSE(fd) return real(fd, from, count); }
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) { REAL(ssize_t, "pwrite", (int, const void *, size_t, off_t)); REFUSE(fd) return real(fd, from, size, at); }
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) { REAL(ssize_t, "pwrite64", (int, const void *, size_t, off64_t)); REFUSE(fd) return real(fd, from, size, at); }
int fallocate(int fd, int mode, off_t from, off_t size) { REAL(int, "fallocate", (int, int, off_t, off_t)); REFUSE(fd) return real(fd, mode, from, size); }
int fallocate64(int fd, int mode, off64_t from, off64_t size) { REAL(int, "fallocate64", (int, int, off64_t, off64_t)); REFUSE(fd) return real(fd, mode, from, size); }
"#;

/// A disk that can be full.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn new() -> Self {
        let disk = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(disk.file("shim.c"), SHIM).unwrap();
        let mut build = Command::new("cc");
        build.args(["-shared", "-fPIC", "-o"]).arg(disk.file("shim.so")).arg(disk.file("shim.c")).arg("-ldl");
        let built = build.output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        disk
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn is_full(&self, full: bool) {
        let flag = self.file("full");
        if full { std::fs::write(flag, b"").unwrap() } else { std::fs::remove_file(flag).unwrap() }
    }
}

/// What everybody reads, whatever the disk says.
async fn reading_goes_on(client: &support::client::Client, bo: &Person, leaf: &Certificate, issuing: &Certificate) -> anyhow::Result<()> {
    let mut request = openssl::ocsp::OcspRequest::new()?;
    for digest in [openssl::hash::MessageDigest::sha1(), openssl::hash::MessageDigest::sha256()] {
        request.add_id(openssl::ocsp::OcspCertId::from_cert(digest, &leaf.0, &issuing.0)?)?;
    }
    for _ in 0..2 {
        let answer = client.post_bytes("/ocsp", "application/ocsp-request", &request.to_der()?).await?.expect(200)?;
        let response = openssl::ocsp::OcspResponse::from_der(&answer.bytes)?;
        ensure!(response.status() == openssl::ocsp::OcspResponseStatus::SUCCESSFUL, "{:?}", response.status());
    }
    for path in ["/pki/issuing1/0.crl", "/pki/issuing1.cer", "/trust", "/health/ready", "/metrics"] {
        client.get(path).await?.expect(200).with_context(|| path.to_owned())?;
    }
    for path in ["/api/v1/session", "/api/v1/documents", "/api/v1/certificates"] {
        bo.http.get(path).await?.expect(200).with_context(|| path.to_owned())?;
    }
    Ok(())
}

async fn uploaded(bo: &Person) -> anyhow::Result<Answer> {
    let request = bo.http.request(reqwest::Method::POST, "/api/v1/documents?title=Kontrakt").header("content-type", "application/pdf");
    send(request.body(fixture("cairo"))).await
}

async fn documents(bo: &Person) -> anyhow::Result<usize> {
    Ok(bo.http.get("/api/v1/documents").await?.expect(200)?.items().len())
}

/// Bo's signing certificate and its serial number.
async fn signing(bo: &Person) -> anyhow::Result<(String, Certificate)> {
    let all = bo.certificates().await?;
    let serial = all.iter().find(|one| one["purpose"] == "signing").and_then(|one| one["serial"].as_str()).context("one")?.to_owned();
    let pem = bo.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?.string("/pem");
    Ok((serial, Certificate::of_pem(&pem)))
}

async fn full_and_empty_again(bo: &Person, client: &support::client::Client, full: impl AsyncFn(bool)) -> anyhow::Result<()> {
    let (serial, leaf) = signing(bo).await?;
    let issuing = Certificate::of(&client.get("/pki/issuing1.cer").await?.expect(200)?.bytes);
    uploaded(bo).await?.expect(201)?;
    let revocation = format!("/api/v1/certificates/{serial}/revocation");
    full(true).await;
    for _ in 0..3 {
        uploaded(bo).await?.refused(507, "no-space")?;
        bo.http.post(&revocation, &json!({"reason": "superseded"})).await?.refused(507, "no-space")?;
        reading_goes_on(client, bo, &leaf, &issuing).await?;
    }
    ensure!(documents(bo).await? == 1, "nothing was half stored");
    let still = bo.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
    ensure!(still.string("/state") == "active", "{}", still.text());
    full(false).await;
    uploaded(bo).await?.expect(201)?;
    bo.http.post(&revocation, &json!({"reason": "superseded"})).await?.expect(200)?;
    ensure!(documents(bo).await? == 2, "with room again it goes on");
    reading_goes_on(client, bo, &leaf, &issuing).await
}

#[test]
fn a_full_disk_under_sqlite_changes_nothing_and_stops_no_reader() {
    on_runtime(async {
        let disk = Disk::new();
        let world = World::of(Setup { begins: Begins::Now, ..Setup::on(EngineKind::Sqlite) }).await;
        let (_, bakery) = world.bakery().await.unwrap();
        let bo = bakery.hire(&world, "Bo", "Bager", "bo@bageri.example.dk").await.unwrap();
        world.settle().await;
        let plot = world.stop();
        let (library, flag, data) = (disk.file("shim.so"), disk.file("full"), plot.data().to_path_buf());
        let environment: [(&str, &OsStr); 3] =
            [("LD_PRELOAD", library.as_os_str()), ("SEGL_TEST_FULL", flag.as_os_str()), ("SEGL_TEST_DISK", data.as_os_str())];
        let service = Service::start_under(&environment, &data, (plot.port(), &[]), &disk.file("log")).await.unwrap();
        let bo = Person { http: bo.http_at(&service.client()), ..bo };
        full_and_empty_again(&bo, &service.client(), async |full| disk.is_full(full)).await.unwrap();
        service.kill();
        let database = data.join("segl.db").display().to_string();
        let script = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0])";
        run("python3", ["-c", script, &database]).await.must_say("ok");
        let data = data.display().to_string();
        segl(["audit", "verify", "--data", &data]).await.must_say("nothing was changed");
        segl(["check", "--data", &data]).await.must_say("all is well");
    });
}

/// PostgreSQL refuses every new row of these tables as it does when its disk is full (`disk_full`, 53100), or no longer.
async fn postgres_is_full(url: &str, full: bool) {
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    let words = if full {
        "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER full_disk BEFORE INSERT ON document FOR EACH ROW EXECUTE FUNCTION full_disk();
         CREATE TRIGGER full_disk BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION full_disk()"
    } else {
        "DROP TRIGGER full_disk ON document; DROP TRIGGER full_disk ON audit_entry"
    };
    sqlx::raw_sql(words).execute(&mut connection).await.unwrap();
}

#[test]
fn a_full_disk_under_postgres_changes_nothing_and_stops_no_reader() {
    on_runtime(async {
        let world = World::of(Setup { begins: Begins::Now, ..Setup::on(EngineKind::Postgres) }).await;
        let (_, bakery) = world.bakery().await.unwrap();
        let bo = bakery.hire(&world, "Bo", "Bager", "bo@bageri.example.dk").await.unwrap();
        world.settle().await;
        let url = world.plot().postgres().unwrap();
        full_and_empty_again(&bo, &world.client(), async |full| postgres_is_full(&url, full).await).await.unwrap();
    });
}
