//! pkilint: every kind of certificate, every list and every kind of OCSP answer of a running service.

use anyhow::{Context as _, ensure};
use openssl::x509::X509;
use support::{
    papers::fixture,
    peers::{
        pkilint::{ANSWER, AUTHORITIES, Docket, Linter, MAILBOX, NATURAL, PLAIN, SHARD, SPONSORED},
        tools::run,
    },
    pki::{Certificate, Surroundings},
    roles::{Company, association},
};

use crate::{Scene, scene};

/// Which linters judge a certificate for this purpose. The baseline requirements for mail know no local identifiers: those of associations
/// are judged by the others.
fn linters(purpose: &str, subject: &str) -> anyhow::Result<&'static [Linter]> {
    Ok(match purpose {
        "mail" | "encryption" if !subject.contains("NTRDK-") => &[NATURAL, PLAIN],
        "signing" => &[NATURAL, PLAIN],
        "mail" | "encryption" => &[SPONSORED, NATURAL, PLAIN],
        "notice" => &[MAILBOX, PLAIN],
        "responder" | "timestamp" => &[PLAIN],
        other => anyhow::bail!("no linter is named for {other}"),
    })
}

async fn answers(scene: &Scene<'_>, docket: &mut Docket, certificate: &Certificate, around: &Surroundings) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(file("issuing.pem"), around.issuing.pem())?;
    for (name, serial) in [("known", certificate.serial()), ("unknown", "1234567890".to_owned())] {
        let serial = format!("0x{serial}");
        let ask = ["ocsp", "-issuer", &file("issuing.pem"), "-sha256", "-serial", &serial, "-reqout", &file("request")];
        run("openssl", ask).await.must_say("");
        let request = std::fs::read(file("request"))?;
        let answer = scene.world.client().post_bytes("/ocsp", "application/ocsp-request", &request).await?.expect(200)?;
        docket.add(&format!("OCSP answer, {name}"), &[ANSWER], &answer.bytes);
    }
    Ok(())
}

#[test]
fn pkilint_finds_no_fault_in_anything_that_the_service_signed() {
    scene(async |scene| {
        let sailors =
            Company::enrolled(scene.world, &scene.operator, &association("Sejlforeningen Nordhavn", "nordhavn.example.dk")).await?;
        let ea = sailors.hire(scene.world, "Ea", "Sejler", "ea@nordhavn.example.dk").await?;
        let signed = ea.upload_and_sign("Referat", &fixture("cairo")).await?;
        let certificate = Certificate::of_signer(&signed);
        let mut docket = Docket::default();
        let around = Surroundings::of(scene.world, &certificate).await?;
        answers(scene, &mut docket, &certificate, &around).await?;
        docket.add("list without entries", &[SHARD], &around.crl);
        let body = serde_json::json!({"reason": "superseded"});
        ea.http.post(&format!("/api/v1/certificates/{}/revocation", certificate.serial()), &body).await?.expect(200)?;
        scene.world.settle().await;
        let around = Surroundings::of(scene.world, &certificate).await?;
        ensure!(around.lists(&certificate), "the list has an entry");
        answers(scene, &mut docket, &certificate, &around).await?;
        docket.add("list", &[SHARD], &around.crl);
        scene.world.pass(time::Duration::minutes(1)).await;
        let all = scene.world.client().get("/pki/issuing1/full.crl").await?.expect(200)?;
        ensure!(openssl::x509::X509Crl::from_der(&all.bytes)?.get_revoked().is_some(), "the list of all has the entry too");
        docket.add("list of all", &[SHARD], &all.bytes);
        docket.add("list of the root", &[AUTHORITIES], &around.root_crl);
        docket.add("root", &[PLAIN], &around.root.der());
        docket.add("issuing", &[PLAIN], &around.issuing.der());
        let mut purposes = std::collections::BTreeSet::new();
        for item in scene.operator.0.certificates().await? {
            let (serial, purpose) = (item["serial"].as_str().context("a serial")?, item["purpose"].as_str().context("a purpose")?);
            let whole = scene.operator.0.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
            let der = X509::from_pem(whole.string("/pem").as_bytes())?.to_der()?;
            docket.add(&format!("{purpose} of {}", item["subject"]), linters(purpose, &item["subject"].to_string())?, &der);
            purposes.insert(purpose.to_owned());
        }
        ensure!(
            purposes.iter().map(String::as_str).eq(["encryption", "mail", "notice", "responder", "signing", "timestamp"]),
            "{purposes:?}"
        );
        let said = docket.judge().await;
        ensure!(said.is_content(), "{}", said.words);
        ensure!(said.words.matches(": 0 finding(s)").count() >= 25, "everything was judged: {}", said.words);
        Ok(())
    });
}

#[test]
fn pkilint_is_really_asked() {
    scene(async |scene| {
        let root = scene.world.client().get("/pki/root1.cer").await?.expect(200)?;
        let mut docket = Docket::default();
        docket.add("a root is no certificate for mail", &[SPONSORED], &root.bytes);
        docket.judge().await.must_refuse("cabf.smime.");
        Ok(())
    });
}
