//! Trust from outside: whom one trusts here is told, and verdicts name it; time-stamp authorities elsewhere are used in order.

use anyhow::{Context as _, ensure};
use segl::{
    config::Mode,
    platform::clock::{Clock as _, SystemClock},
};
use support::{
    journey,
    mailbox::Mailbox,
    papers::fixture,
    peers::tools::run,
    program::{Service, free_port, segl},
    tsa::{Manner, Tsa},
    visitor::Visitor,
    world::{Begins, EngineKind, Setup, World, on_runtime, run_in},
};

journey!(whom_one_trusts_is_told_with_fingerprints_that_openssl_computes_too, async |world| {
    let facts = world.client().get("/api/v1/trust").await?.expect(200)?.json();
    ensure!(facts["operator"] == "Segl Prøve" && facts["clock_state"] == "unchecked", "{facts}");
    let authorities = facts["authorities"].as_array().context("authorities")?;
    ensure!(authorities.len() == 2 && authorities[0]["kind"] == "root", "{facts}");
    for authority in authorities {
        let name = authority["name"].as_str().context("a name")?;
        let fingerprint = authority["fingerprint_sha256"].as_str().context("a fingerprint")?;
        for (suffix, form) in [("cer", "DER"), ("pem", "PEM")] {
            let certificate = world.client().get(&format!("/pki/{name}.{suffix}")).await?.expect(200)?.bytes;
            let file = world.file("certificate");
            std::fs::write(&file, certificate)?;
            let file = file.display().to_string();
            let said = run("openssl", ["x509", "-in", &file, "-inform", form, "-noout", "-fingerprint", "-sha256", "-serial"]).await;
            said.must_say(&format!("Fingerprint={fingerprint}"));
            said.must_say(&format!("serial={}", authority["serial"].as_str().context("a serial")?.to_uppercase()));
        }
        for (visitor, steps) in [("da-DK", "Tillid"), ("en-GB", "Trusted Root Certification Authorities")] {
            let page = Visitor::new(&world.client(), visitor).get("/trust").await?.expect(200)?.text();
            ensure!(page.contains(fingerprint) && page.contains(steps) && page.contains("<ol>"), "{page}");
            ensure!(page.contains(&format!("/pki/{name}.pem")) && !page.contains(">authorities."), "{page}");
        }
    }
    let (_, bakery) = world.bakery().await?;
    let signed = bakery.administrator.certificates().await?;
    ensure!(!signed.is_empty(), "there is a certificate");
    let oids: Vec<_> = facts["policies"].as_array().context("policies")?.iter().filter_map(|policy| policy["oid"].as_str()).collect();
    ensure!(oids.iter().any(|oid| oid.ends_with(".3.2")), "the time stamps' policy: {oids:?}");
    Ok(())
});

#[test]
fn every_verdict_names_what_it_trusts() {
    run_in(Setup { begins: Begins::Now, mode: Mode::Demonstration, ..Setup::on(EngineKind::Sqlite) }, async |world| {
        let (_, bakery) = world.bakery().await?;
        let signed = bakery.administrator.upload_and_sign("Kontrakt", &fixture("cairo")).await?;
        let report = world.client().post_bytes("/api/v1/verifications", "application/pdf", &signed).await?.expect(200)?.json();
        let root = world.client().get("/pki/root1.cer").await?.expect(200)?.bytes;
        let judgement = &report["signatures"][0];
        ensure!(report["trust"] == "own_roots" && judgement["root"] == "Segl Prøve Root CA", "{report}");
        ensure!(judgement["root_sha256"] == hex::encode(openssl::sha::sha256(&root)), "{report}");
        ensure!(judgement["stamped_by"]["root"] == "Segl Prøve Root CA", "{report}");
        let put = |name: &str, bytes: &[u8]| {
            let file = world.file(name);
            std::fs::write(&file, bytes).unwrap();
            file.display().to_string()
        };
        let (file, foreign) = (put("signed.pdf", &signed), put("foreign.pdf", &fixture("signed-by-pyhanko")));
        let trust = put("root.pem", &openssl::x509::X509::from_der(&root)?.to_pem()?);
        let (data, at) = (world.plot().data().display().to_string(), world.now().rfc3339());
        segl(["verify", "--data", &data, "--at", &at, &file])
            .await
            .must_say("trusted by \"Segl Prøve Root CA\" of this installation's roots");
        let said = segl(["verify", "--trust", &trust, "--at", &at, &file]).await;
        said.must_say("trusted by \"Segl Prøve Root CA\" of the roots given by --trust");
        let said = segl(["verify", "--data", &data, "--at", &at, &foreign]).await;
        ensure!(said.words.contains("none of this installation's roots vouches for it"), "{}", said.words);
        let report = world.client().post_bytes("/api/v1/verifications", "application/pdf", &fixture("signed-by-pyhanko")).await?.json();
        ensure!(report["trust"] == "own_roots" && report["signatures"][0]["root"].is_null(), "{report}");
        Ok(())
    });
}

/// A world that asks these authorities, in this order, and trusts the roots of some.
fn with_order(order: &[String], trusted: &[&Tsa], story: impl AsyncFnOnce(&World) -> anyhow::Result<()>) {
    with_order_on(EngineKind::Sqlite, order, (trusted, None), story);
}

/// The same on an engine, where servers are believed that lead to the root of one.
fn with_order_on(
    engine: EngineKind,
    order: &[String],
    (trusted, server): (&[&Tsa], Option<&Tsa>),
    story: impl AsyncFnOnce(&World) -> anyhow::Result<()>,
) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roots.pem");
    std::fs::write(&file, trusted.iter().map(|tsa| tsa.root_pem()).collect::<String>()).unwrap();
    let timestamps = format!(
        "clock = \"none\"\norder = {order:?}\noutside_trust_file = {:?}\noutside_timeout_seconds = 5\n{}",
        file.display().to_string(),
        server.map_or_else(String::new, |server| servers(folder.path(), server))
    );
    run_in(Setup { begins: Begins::Now, timestamps, ..Setup::on(engine) }, story);
}

/// Who stamped the first signature of a document that somebody signs now; none when the time is not proven.
async fn stamper_of_a_new_signature(world: &World, signer: &support::roles::Person) -> anyhow::Result<Option<String>> {
    // Authorities elsewhere stamp the machine's time, which the world's clock is ahead of: the certificate must have begun by both.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while SystemClock.now() < world.now() {
        ensure!(std::time::Instant::now() < deadline, "the world's clock is far ahead: {}", world.now());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let signed = signer.upload_and_sign("Kontrakt", &fixture("cairo")).await?;
    let report = world.client().post_bytes("/api/v1/verifications", "application/pdf", &signed).await?.expect(200)?.json();
    ensure!(report["verdict"] == "valid", "{report}");
    Ok(report["signatures"][0]["stamped_by"]["unit"].as_str().map(str::to_owned))
}

#[test]
fn a_dead_authority_is_passed_over_and_the_next_one_stamps() {
    let tsa = Tsa::found("Elsewhere");
    let dead = format!("http://127.0.0.1:{}/tsr", free_port());
    with_order(&[dead, tsa.url(), "own".to_owned()], &[&tsa], async |world| {
        let (_, bakery) = world.bakery().await?;
        let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
        let by = stamper_of_a_new_signature(world, &bo).await?;
        ensure!(by.as_deref() == Some("Elsewhere Unit"), "{by:?}");
        world.settle().await;
        let audit = serde_json::to_string(&recorded(world).await?)?;
        ensure!(audit.contains(&tsa.url()), "the audit names who stamped: {audit}");
        Ok(())
    });
}

/// What the rows keep of who stamped.
async fn recorded(world: &World) -> anyhow::Result<Vec<Option<String>>> {
    let url = format!("sqlite://{}", world.file("segl.db").display());
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await?;
    Ok(sqlx::query_scalar("SELECT stamped_by FROM signature WHERE state = 'embedded'").fetch_all(&mut connection).await?)
}

#[test]
fn an_answer_that_is_not_right_is_not_used() {
    for manner in [Manner::Failing, Manner::Html, Manner::Huge, Manner::Replaying, Manner::Redirecting, Manner::Refusing] {
        let tsa = Tsa::found("Elsewhere");
        tsa.behave(manner);
        with_order(&[tsa.url(), "own".to_owned()], &[&tsa], async |world| {
            let (_, bakery) = world.bakery().await?;
            let by = stamper_of_a_new_signature(world, &bakery.administrator).await?;
            ensure!(by.is_some_and(|by| !by.contains("Elsewhere")), "{manner:?} was used");
            ensure!(tsa.asked() == 1 && recorded(world).await? == [Some("own".to_owned())], "{manner:?}: asked {}", tsa.asked());
            tsa.behave(Manner::Good);
            stamper_of_a_new_signature(world, &bakery.administrator).await?;
            ensure!(tsa.asked() == 1, "who failed a moment ago is passed over");
            Ok(())
        });
    }
}

#[test]
fn an_authority_that_nobody_trusts_stamps_nothing() {
    let (known, stranger) = (Tsa::found("Known"), Tsa::found("Stranger"));
    with_order(&[stranger.url(), known.url()], &[&known], async |world| {
        let (_, bakery) = world.bakery().await?;
        let by = stamper_of_a_new_signature(world, &bakery.administrator).await?;
        ensure!(by.as_deref() == Some("Known Unit") && stranger.asked() == 1, "{by:?}");
        Ok(())
    });
}

/// The setting that believes the server of one authority.
fn servers(folder: &std::path::Path, server: &Tsa) -> String {
    let file = folder.join("servers.pem");
    std::fs::write(&file, server.tls_root_pem()).unwrap();
    format!("outside_tls_file = {:?}\n", file.display().to_string())
}

fn an_authority_is_asked_over_tls(engine: EngineKind) {
    let tsa = Tsa::found("Elsewhere");
    with_order_on(engine, &[tsa.tls_url()], (&[&tsa], Some(&tsa)), async |world| {
        let (_, bakery) = world.bakery().await?;
        let by = stamper_of_a_new_signature(world, &bakery.administrator).await?;
        ensure!(by.as_deref() == Some("Elsewhere Unit") && tsa.asked() == 1, "{by:?}");
        Ok(())
    });
}

#[test]
fn an_authority_is_asked_over_tls_on_sqlite() {
    an_authority_is_asked_over_tls(EngineKind::Sqlite);
}

#[test]
fn an_authority_is_asked_over_tls_on_postgres() {
    an_authority_is_asked_over_tls(EngineKind::Postgres);
}

#[test]
fn a_server_that_misbehaves_over_tls_is_passed_over() {
    for manner in [Manner::Huge, Manner::Redirecting, Manner::Html] {
        let tsa = Tsa::found("Elsewhere");
        tsa.behave(manner);
        with_order_on(EngineKind::Sqlite, &[tsa.tls_url(), "own".to_owned()], (&[&tsa], Some(&tsa)), async |world| {
            let (_, bakery) = world.bakery().await?;
            let by = stamper_of_a_new_signature(world, &bakery.administrator).await?;
            ensure!(by.is_some_and(|by| !by.contains("Elsewhere")) && tsa.asked() == 1, "{manner:?} was used, or never asked");
            Ok(())
        });
    }
}

#[test]
fn a_server_that_leads_to_another_root_is_not_asked_and_the_log_says_so() {
    let (tsa, other) = (Tsa::found("Elsewhere"), Tsa::found("Other"));
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let (data, log, port) = (folder.path().join("data"), folder.path().join("log"), free_port());
        std::fs::create_dir_all(&data).unwrap();
        let trusted = folder.path().join("roots.pem");
        std::fs::write(&trusted, tsa.root_pem()).unwrap();
        let config = format!(
            "[server]\npublic_url = \"https://segl.example.dk\"\n[mail]\nfrom = \"segl@segl.example.dk\"\n[timestamps]\nclock = \"none\"\n\
             order = [{:?}, \"own\"]\noutside_trust_file = {:?}\n{}",
            tsa.tls_url(),
            trusted.display().to_string(),
            servers(folder.path(), &other)
        );
        std::fs::write(data.join("segl.toml"), config).unwrap();
        let said = segl(super::program::init_arguments(&data)).await;
        let link = said.words.split_whitespace().find(|word| word.contains("/activate/")).unwrap().to_owned();
        let service = Service::start(&data, port, &[], &log).await.unwrap();
        super::program::main_job(&service, &Mailbox::of(&data.join("spool")), &link).await.unwrap();
        service.kill();
        let said = std::fs::read_to_string(&log).unwrap();
        let line = said.lines().find(|line| line.contains("the next authority is asked")).unwrap_or_default();
        assert!(line.contains(&tsa.tls_url()) && line.contains("certificate verify failed"), "{said}");
        assert_eq!(tsa.asked(), 0);
    });
}
