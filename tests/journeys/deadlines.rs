//! How soon the world knows, by the clock on the wall: the program itself, its own rounds, and openssl's eyes.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use segl::platform::{
    clock::{Clock as _, SystemClock},
    moment::Moment,
};
use serde_json::{Value, json};
use support::{
    peers::tools,
    pki::Certificate,
    program::Service,
    roles::Person,
    world::{Begins, EngineKind, Setup, World, on_runtime},
};

/// What stands on disk for openssl.
struct Files(tempfile::TempDir);

impl Files {
    fn put(&self, name: &str, bytes: &[u8]) -> String {
        let file = self.0.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file.display().to_string()
    }
}

/// Status of a certificate in the words of `openssl ocsp`.
async fn asked(port: u16, [issuing, leaf, root]: &[String; 3]) -> String {
    let url = format!("http://127.0.0.1:{port}/ocsp");
    let ask = ["ocsp", "-no_nonce", "-issuer", issuing, "-cert", leaf, "-url", &url, "-CAfile", root, "-verify_other", issuing];
    let said = tools::run("openssl", ask).await;
    assert!(said.words.contains("Response verify OK"), "{}", said.words);
    said.words
}

async fn fetched(service: &Service, url: &str) -> anyhow::Result<Vec<u8>> {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).context("an address")?.1;
    Ok(service.client().get(&format!("/{path}")).await?.expect(200)?.bytes)
}

fn moment(times: &Value, name: &str) -> anyhow::Result<Moment> {
    serde_json::from_value(times[name].clone()).with_context(|| format!("{name}: {times}"))
}

/// A person with a certificate, then the program alone.
async fn before(engine: EngineKind) -> anyhow::Result<(support::world::Plot, Person)> {
    let world = World::of(Setup { begins: Begins::Now, ..Setup::on(engine) }).await;
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(&world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    world.settle().await;
    Ok((world.stop(), bo))
}

async fn known_in_time(engine: EngineKind) -> anyhow::Result<()> {
    let (plot, bo) = before(engine).await?;
    let files = Files(tempfile::tempdir()?);
    let service = Service::start(plot.data(), plot.port(), &[], &files.0.path().join("log")).await?;
    let bo = Person { http: bo.http_at(&service.client()), ..bo };
    let serial = bo.certificates().await?[0]["serial"].as_str().unwrap_or_default().to_owned();
    let path = format!("/api/v1/certificates/{serial}");
    let leaf = Certificate::of_pem(&bo.http.get(&path).await?.expect(200)?.string("/pem"));
    let issuing = Certificate::of(&fetched(&service, &leaf.issuer_url()).await?);
    let root = Certificate::of(&fetched(&service, &issuing.issuer_url()).await?);
    let chain = [files.put("issuing.pem", &issuing.pem()), files.put("leaf.pem", &leaf.pem()), files.put("root.pem", &root.pem())];
    ensure!(asked(plot.port(), &chain).await.contains("leaf.pem: good"), "good at first, and kept so");
    let listed = async || -> anyhow::Result<bool> {
        let list = openssl::x509::X509Crl::from_der(&fetched(&service, &leaf.crl_url()).await?)?;
        Ok(matches!(list.get_by_cert(&leaf.0), openssl::x509::CrlStatus::Revoked(_)))
    };
    ensure!(!listed().await?, "not on the list");

    let asked_at = SystemClock.now();
    bo.http.post(&format!("{path}/revocation"), &json!({"reason": "superseded"})).await?.expect(200)?;
    let recorded = Instant::now();
    let said = asked(plot.port(), &chain).await;
    let answered = recorded.elapsed();
    ensure!(said.contains("leaf.pem: revoked") && said.contains("superseded"), "{said}");
    ensure!(answered < Duration::from_secs(1), "openssl was told after {answered:?}");
    while !listed().await? {
        ensure!(recorded.elapsed() < Duration::from_secs(60), "not on the list after a minute");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let list = files.put("list.crl", &fetched(&service, &leaf.crl_url()).await?);
    let verify = ["verify", "-crl_check", "-CRLfile", &list, "-CAfile", &chain[2], "-untrusted", &chain[0], &chain[1]];
    tools::run("openssl", verify).await.must_refuse("revoked");
    the_three_times(&bo, &path, asked_at, recorded).await
}

/// What page and API say is what was measured.
async fn the_three_times(bo: &Person, path: &str, asked_at: Moment, recorded: Instant) -> anyhow::Result<()> {
    let mut times = Value::Null;
    while times["listed_at"].is_null() || times["answered_at"].is_null() {
        ensure!(recorded.elapsed() < Duration::from_secs(60), "the times are not told after a minute: {times}");
        times = bo.http.get(path).await?.expect(200)?.json()["revocation"].clone();
    }
    let (at, answered, listed) = (moment(&times, "recorded_at")?, moment(&times, "answered_at")?, moment(&times, "listed_at")?);
    ensure!(at.since(asked_at).abs() < time::Duration::SECOND, "recorded when it was asked for: {times}");
    ensure!(answered >= at && answered.since(at) < time::Duration::SECOND, "OCSP within a second: {times}");
    ensure!(listed >= at && listed.since(at) < time::Duration::MINUTE, "the list within a minute: {times}");
    for (language, words) in [("da", ["OCSP", "På spærrelisten"]), ("en", ["OCSP", "On the revocation list"])] {
        let page = bo.browser(language).await?.get(&path.replace("/api/v1", "")).await?.expect(200)?.text();
        ensure!(words.iter().all(|word| page.contains(word)), "{page}");
        let soon = page.contains("Inden for et") || page.contains("Within a");
        ensure!(!soon, "every time stands there: {page}");
    }
    Ok(())
}

mod a_revocation_is_answered_within_a_second_and_listed_within_a_minute {
    use super::*;

    #[test]
    fn on_sqlite() {
        on_runtime(async { known_in_time(EngineKind::Sqlite).await.unwrap() });
    }

    #[test]
    fn on_postgres() {
        on_runtime(async { known_in_time(EngineKind::Postgres).await.unwrap() });
    }
}
