//! Revocation lists of authorities elsewhere, below a root that whoever runs the service added: fetched once, kept, never waited for long,
//! whatever their server does.

use std::time::{Duration, Instant};

use anyhow::ensure;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::{
    elsewhere::{Elsewhere, FILE_PASSPHRASE, Manner, SEAL},
    papers::fixture,
    visitor::Visitor,
    world::{Begins, EngineKind, Setup, World, run_in},
};

/// A verdict that waits for a server takes no longer, on a busy machine too. A slow server takes sixty seconds for one list.
const LONGEST: Duration = Duration::from_secs(30);

/// A document that was sealed below the added root.
async fn sealed(world: &World, shop: &Elsewhere) -> anyhow::Result<Vec<u8>> {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let wish = json!({"purpose": "seal", "pkcs12": STANDARD.encode(shop.pack("seal", &[])), "passphrase": FILE_PASSPHRASE});
    anne.prove().await?;
    anne.http.post(&format!("/api/v1/companies/{}/imported-certificates", bakery.id), &wish).await?.expect(201)?;
    anne.prove().await?;
    let place = format!("/api/v1/companies/{}/sealed-documents", bakery.id);
    Ok(anne.http.post_bytes(&place, "application/pdf", &fixture("cairo")).await?.expect(200)?.bytes)
}

async fn judged(world: &World, pdf: &[u8]) -> anyhow::Result<Value> {
    Ok(world.client().post_bytes("/api/v1/verifications", "application/pdf", pdf).await?.expect(200)?.json())
}

/// Why, of the one signature.
fn why(report: &Value) -> &str {
    report["signatures"][0]["why"].as_str().unwrap_or_default()
}

async fn page(world: &World, language: &'static str, pdf: &[u8]) -> anyhow::Result<String> {
    let visitor = Visitor::new(&world.client(), language);
    let form = reqwest::multipart::Form::new().part("file", reqwest::multipart::Part::bytes(pdf.to_vec()).file_name("sealed.pdf"));
    let request = visitor.request(reqwest::Method::POST, "/verify").header("Sec-Fetch-Site", "same-origin").multipart(form);
    Ok(visitor.send(request).await?.expect(200)?.text())
}

async fn kept(world: &World, shop: &Elsewhere) -> anyhow::Result<()> {
    let pdf = sealed(world, shop).await?;
    let before = shop.asked();
    for report in join_all((0..6).map(|_| judged(world, &pdf))).await {
        ensure!(report?["verdict"] == "valid", "six at once");
    }
    ensure!(shop.asked() == before + 2, "the leaf's list and the authority's, once each: {} times", shop.asked() - before);
    // The list is asked for again after ten minutes: until then, what was revoked elsewhere is not known here.
    shop.revoke("seal");
    ensure!(judged(world, &pdf).await?["verdict"] == "valid" && shop.asked() == before + 2, "kept");
    world.clock.advance(time::Duration::minutes(11));
    let report = judged(world, &pdf).await?;
    ensure!(why(&report) == "holds_revoked_later" || why(&report).starts_with("revoked"), "{report}");
    ensure!(report["signatures"][0]["revoked_at"].is_string(), "{report}");
    // A server that is away takes nothing back: the lists are current for thirty days, and then nobody can tell.
    shop.answers(Manner::Rubbish);
    world.clock.advance(time::Duration::minutes(11));
    ensure!(judged(world, &pdf).await?["signatures"][0]["revoked_at"].is_string(), "the kept list is current");
    world.clock.advance(time::Duration::days(31));
    let report = judged(world, &pdf).await?;
    ensure!(why(&report) == "revocation_unknown", "{report}");
    Ok(())
}

async fn bad_servers(world: &World, shop: &Elsewhere) -> anyhow::Result<()> {
    let pdf = sealed(world, shop).await?;
    let before = shop.asked();
    shop.answers(Manner::Slow);
    let begun = Instant::now();
    let verdicts = async { (join_all((0..2).map(|_| judged(world, &pdf))).await, Instant::now()) };
    let ((reports, judged_at), others) = tokio::join!(verdicts, async {
        while shop.asked() == before && begun.elapsed() < LONGEST {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        world.client().get("/health/ready").await?.expect(200)?;
        anyhow::Ok(Instant::now())
    });
    ensure!(others? < judged_at, "everybody else is served meanwhile");
    // Ten seconds for all the lists of one verdict, and one fetch for all verdicts. (Strangers have two seats: a third would wait for one.)
    ensure!(judged_at - begun < LONGEST, "{:?}", judged_at - begun);
    for report in reports {
        let report = report?;
        let judgement = &report["signatures"][0];
        ensure!(why(&report) == "revocation_too_slow" && report["verdict"] == "indeterminate", "{report}");
        ensure!(judgement["sub_indication"] == "TRY_LATER", "{report}");
        ensure!(judgement["detail"].as_str().is_some_and(|detail| detail.contains(".crl did not come within 10 s")), "{report}");
    }
    ensure!(shop.asked() <= before + 2, "two verdicts asked {} times", shop.asked() - before);
    for manner in [Manner::Huge, Manner::Redirecting, Manner::Rubbish] {
        shop.answers(manner);
        world.clock.advance(time::Duration::minutes(1));
        let (begun, before) = (Instant::now(), shop.asked());
        let report = judged(world, &pdf).await?;
        ensure!(why(&report) == "revocation_unknown" && report["verdict"] == "indeterminate", "{manner:?}: {report}");
        ensure!(begun.elapsed() < LONGEST, "{manner:?}: {:?}", begun.elapsed());
        ensure!(shop.asked() == before + 2, "{manner:?}: both lists were asked for, and no other place");
    }
    // What just failed is not asked for again at once.
    let before = shop.asked();
    judged(world, &pdf).await?;
    ensure!(shop.asked() == before, "asked again at once");
    shop.answers(Manner::Good);
    world.clock.advance(time::Duration::seconds(6));
    ensure!(judged(world, &pdf).await?["verdict"] == "valid", "and when its server is well again, all is well");
    Ok(())
}

async fn slow_in_words(world: &World, shop: &Elsewhere) -> anyhow::Result<()> {
    let pdf = sealed(world, shop).await?;
    shop.answers(Manner::Slow);
    let (danish, english) = tokio::join!(page(world, "da", &pdf), page(world, "en", &pdf));
    ensure!(danish?.contains("Udstederens spærreliste kom ikke i tide"), "in Danish");
    ensure!(english?.contains("revocation list did not come in time"), "in English");
    Ok(())
}

fn told_on(engine: EngineKind, story: impl AsyncFnOnce(&World, &Elsewhere) -> anyhow::Result<()>) {
    let shop = Elsewhere::found();
    shop.certify("seal", "sub", SEAL);
    let setup = Setup { begins: Begins::Now, ..Setup::on(engine) };
    // The timestamps' lines are followed by another section.
    let root = shop.file("root.pem").display().to_string();
    let setup = Setup { timestamps: format!("{}[trust]\nroots = [{root:?}]\n", setup.timestamps), ..setup };
    run_in(setup, async |world| story(world, &shop).await);
}

macro_rules! story {
    ($name:ident, $story:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn on_sqlite() {
                told_on(EngineKind::Sqlite, $story);
            }

            #[test]
            fn on_postgres() {
                told_on(EngineKind::Postgres, $story);
            }
        }
    };
}

story!(lists_elsewhere_are_fetched_once_and_kept_while_they_are_current, kept);
story!(a_server_of_lists_that_is_slow_or_answers_nonsense_holds_nobody_up, bad_servers);
story!(whoever_waits_for_a_slow_list_in_vain_is_told_so, slow_in_words);
