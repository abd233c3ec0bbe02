//! Times are stamped by a clock that is known to be right, with serial numbers that never repeat; everything else is refused by name.

use std::{collections::HashSet, sync::Arc};

use anyhow::{Context as _, ensure};
use certs::timestamp::{CertificateWish, Request, TokenError, accept, verify};
use segl::platform::clock::SystemClock;
use support::{
    client::Client,
    ntp::{Manner, NtpServer},
    papers::fixture,
    peers::tools::run,
    program::{Service, segl},
    world::{Begins, EngineKind, Setup, World, on_runtime, run_in},
};
use time::Duration;

const STAMPED: &[u8] = b"what is stamped";

fn request() -> Request {
    Request::new(openssl::sha::sha256(STAMPED), Some(7))
}

async fn answer(client: &Client, query: &[u8]) -> anyhow::Result<Vec<u8>> {
    Ok(client.post_bytes("/timestamp", "application/timestamp-query", query).await?.expect(200)?.bytes)
}

/// What openssl reads in an answer.
async fn read_by_openssl(answer: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answer");
    std::fs::write(&file, answer).unwrap();
    run("openssl", ["ts".as_ref(), "-reply".as_ref(), "-text".as_ref(), "-in".as_ref(), file.as_os_str()]).await.words
}

/// The clock of the service and of the server are looked at anew.
async fn asked_anew(world: &World) -> anyhow::Result<String> {
    world.clock.advance(Duration::SECOND);
    Ok(read_by_openssl(&answer(&world.client(), &request().to_der()).await?).await)
}

async fn state(world: &World) -> anyhow::Result<String> {
    Ok(world.client().get("/health/ready").await?.expect(200)?.string("/clock/state"))
}

/// A world whose clock is compared with a server that has the same time, until told otherwise.
fn with_server(story: impl AsyncFnOnce(&World, &NtpServer) -> anyhow::Result<()>) {
    let server = NtpServer::start(Arc::new(SystemClock));
    let setup = Setup { begins: Begins::Now, timestamps: server.settings(), ..Setup::on(EngineKind::Sqlite) };
    run_in(setup, async |world| {
        server.follow(Arc::new(world.clock.clone()));
        story(world, &server).await
    });
}

#[test]
fn a_time_stamp_says_how_far_the_clock_may_be_off() {
    with_server(async |world, server| {
        let text = asked_anew(world).await?;
        ensure!(text.contains("Granted.") && text.contains("Accuracy: unspecified seconds, 0x"), "{text}");
        ensure!(state(world).await? == "trusted", "the state is told");
        server.behave(Manner::Ahead(-700));
        let text = asked_anew(world).await?;
        let told = text.lines().find(|line| line.starts_with("Accuracy")).context(text.clone())?;
        let millis =
            told.split("0x").nth(1).and_then(|hex| i64::from_str_radix(hex.split(' ').next()?, 16).ok()).context(told.to_owned())?;
        ensure!((700..900).contains(&millis), "{told}");
        let metrics = world.client().get("/metrics").await?.text();
        ensure!(metrics.contains("segl_timestamps_total{kind=\"granted\"}") && metrics.contains("segl_clock_usable 1"), "{metrics}");
        Ok(())
    });
}

#[test]
fn a_clock_that_is_off_or_unknown_stamps_nothing() {
    with_server(async |world, server| {
        use Manner::{Ahead, Alarmed, Garbage, Kissing, Silent, Stranger, Unstratified};
        // The last rests the longest: who asks to be left alone is.
        let cases = [
            (Ahead(1100), "off"),
            (Ahead(-1100), "off"),
            (Ahead(86_400_000), "off"),
            (Alarmed, "unknown"),
            (Unstratified, "unknown"),
            (Garbage, "unknown"),
            (Stranger, "unknown"),
            (Silent, "unknown"),
            (Kissing, "unknown"),
        ];
        for (manner, expected) in cases {
            server.behave(Ahead(0));
            // A server that gave nothing is left alone for two seconds.
            let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
            while !asked_anew(world).await?.contains("Granted.") {
                ensure!(std::time::Instant::now() < deadline, "not granted again before {manner:?}");
            }
            server.behave(manner);
            let text = asked_anew(world).await?;
            ensure!(text.contains("Rejected.") && text.contains("the TSA's time source is not available"), "{manner:?}: {text}");
            ensure!(state(world).await? == expected, "{manner:?}: {}", state(world).await?);
        }
        let asked = server.asked();
        for _ in 0..5 {
            ensure!(!asked_anew(world).await?.contains("Granted."), "it was a kiss");
        }
        ensure!(server.asked() == asked, "asked again after a kiss-o'-death");
        ensure!(world.client().get("/metrics").await?.text().contains("kind=\"time_not_available\""), "refusals are counted");
        Ok(())
    });
}

#[test]
fn a_document_that_cannot_be_stamped_is_not_signed_and_costs_no_key() {
    with_server(async |world, server| {
        let (_, bakery) = world.bakery().await?;
        let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
        let document = bo.upload("Kontrakt", &fixture("cairo")).await?;
        let question = bo.ask_to_sign(&document).await?;
        let key = bo.card.key(&question.key_number);
        server.behave(Manner::Ahead(5000));
        world.clock.advance(Duration::SECOND);
        bo.approve(&document, &question, &key).await?.refused(503, "not-ready")?;
        server.behave(Manner::Ahead(0));
        world.clock.advance(Duration::SECOND);
        bo.approve(&document, &question, &key).await?.expect(200)?;
        Ok(())
    });
}

#[test]
fn the_kernels_word_is_asked_by_default() {
    run_in(Setup { timestamps: String::new(), ..Setup::on(EngineKind::Sqlite) }, async |world| {
        let ready = world.client().get("/health/ready").await?.expect(200)?;
        ensure!(ready.string("/clock/reference") == "kernel", "{}", ready.text());
        // Whether a time daemon keeps this machine is not ours to say; the state and the answer must agree.
        let granted = asked_anew(world).await?.contains("Granted.");
        ensure!(granted == (ready.string("/clock/state") == "trusted"), "{}", ready.text());
        let data = world.plot().data().display().to_string();
        let said = segl(["check", "--data", &data]).await;
        ensure!(said.is_content() == granted && said.words.contains("clock        kernel: "), "{}", said.words);
        Ok(())
    });
}

#[test]
fn a_clock_that_nobody_checks_is_told_of() {
    run_in(Setup::on(EngineKind::Sqlite), async |world| {
        let text = asked_anew(world).await?;
        ensure!(text.contains("Granted.") && text.contains("Accuracy: unspecified"), "{text}");
        ensure!(state(world).await? == "unchecked", "{}", state(world).await?);
        let data = world.plot().data().display().to_string();
        segl(["check", "--data", &data]).await.must_say("warn  clock        none");
        Ok(())
    });
}

#[test]
fn bad_requests_are_refused_in_the_words_of_the_protocol() {
    run_in(Setup::on(EngineKind::Sqlite), async |world| {
        let good = request().to_der();
        let mut extended = good.clone();
        extended.extend_from_slice(&[0xa0, 0x0d, 0x30, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x2a, 0x03, 0x04, 0x04, 0x02, 0x05, 0x00]);
        extended[1] += 15;
        let policy = Request { policy: Some("1.2.3.4".parse().unwrap()), ..request() }.to_der();
        let mut sha1 = good.clone();
        // 2.16.840.1.101.3.4.2.1 -> ...2.99, which is no digest.
        let at = sha1.windows(9).position(|window| window == [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]).context("sha256")?;
        sha1[at + 8] = 99;
        let short = Request { digest: vec![7; 31], ..request() }.to_der();
        let huge_nonce = Request { nonce: Some(vec![1; 65]), ..request() }.to_der();
        let mut trailing = good.clone();
        trailing.push(0);
        for (what, query, words) in [
            ("extension", &extended, "the requested extension is not supported by the TSA"),
            ("policy", &policy, "the requested TSA policy is not supported by the TSA"),
            ("digest", &sha1, "unrecognized or unsupported algorithm identifier"),
            ("length", &short, "the data submitted has the wrong format"),
            ("nonce", &huge_nonce, "transaction not permitted or supported"),
            ("trailing", &trailing, "transaction not permitted or supported"),
            ("empty", &Vec::new(), "transaction not permitted or supported"),
        ] {
            let text = read_by_openssl(&answer(&world.client(), query).await?).await;
            ensure!(text.contains("Rejected.") && text.contains(words), "{what}: {text}");
        }
        for cut in 0..good.len() {
            let text = answer(&world.client(), &good[..cut]).await?;
            ensure!(matches!(accept(&text, &request()), Err(TokenError::Refused { status: 2 })), "cut at {cut}");
        }
        let oversize = world.client().post_bytes("/timestamp", "application/timestamp-query", &vec![0x30; 200_000]).await?;
        ensure!(oversize.status.as_u16() == 413, "{}", oversize.status);
        let other = world.client().post_bytes("/timestamp", "text/plain", &good).await?;
        ensure!(other.status.as_u16() == 415, "{}", other.status);
        let without = Request { certificate: CertificateWish::LeftOut, ..request() };
        accept(&answer(&world.client(), &request().to_der()).await?, &request())?;
        ensure!(read_by_openssl(&answer(&world.client(), &without.to_der()).await?).await.contains("Granted."), "the service is up");
        Ok(())
    });
}

/// So many stamps; their serial numbers.
async fn serials(client: &Client, count: usize) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for _ in 0..count {
        let token = accept(&answer(client, &request().to_der()).await?, &request())?;
        found.push(verify(&token, &[STAMPED])?.serial);
    }
    Ok(found)
}

/// Two nodes where the database allows them, each killed as `kill -9` does and started again.
fn serials_never_repeat(engine: EngineKind) {
    on_runtime(async {
        let plot = World::of(Setup { begins: Begins::Now, ..Setup::on(engine) }).await.stop();
        let folder = tempfile::tempdir().unwrap();
        let nodes = if engine == EngineKind::Postgres { 2 } else { 1 };
        let (mut seen, mut stamped) = (HashSet::new(), 0);
        for _ in 0..3 {
            let mut services = Vec::new();
            for node in 0..nodes {
                let port = if node == 0 { plot.port() } else { support::program::free_port() };
                services.push(Service::start(plot.data(), port, &[], &folder.path().join("log")).await.unwrap());
            }
            for _ in 0..3 {
                for service in &services {
                    let found = serials(&service.client(), 4).await.unwrap();
                    stamped += found.len();
                    seen.extend(found);
                }
            }
            services.into_iter().for_each(Service::kill);
        }
        assert_eq!((seen.len(), stamped), (stamped, 36 * nodes));
    });
}

mod serial_numbers_never_repeat_across_kills_and_nodes {
    use super::*;

    #[test]
    fn on_sqlite() {
        serials_never_repeat(EngineKind::Sqlite);
    }

    #[test]
    fn on_postgres() {
        serials_never_repeat(EngineKind::Postgres);
    }
}
