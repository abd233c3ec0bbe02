//! GnuTLS reads our lists and answers, asks our responder, and refuses what we broke; we answer what it asks.

use anyhow::{Context as _, ensure};
use openssl::x509::{X509, X509Crl};
use support::{
    peers::{gnutls, openssl::Desk},
    pki::{Certificate, Surroundings},
};

use crate::{Scene, scene};

/// The signing certificate of the scene's employee.
async fn signing(scene: &Scene<'_>) -> anyhow::Result<Certificate> {
    of_purpose(scene, "signing").await
}

/// The certificate of the scene's employee for a purpose.
pub async fn of_purpose(scene: &Scene<'_>, purpose: &str) -> anyhow::Result<Certificate> {
    let all = scene.bo.certificates().await?;
    let one = all.iter().find(|one| one["purpose"] == purpose).context("a certificate for this")?;
    let whole = scene.bo.http.get(&format!("/api/v1/certificates/{}", one["serial"].as_str().unwrap_or_default())).await?.expect(200)?;
    Ok(Certificate(X509::from_pem(whole.string("/pem").as_bytes())?))
}

/// Revokes it, and lets the list be published.
pub async fn revoke(scene: &Scene<'_>, certificate: &Certificate) -> anyhow::Result<()> {
    let body = serde_json::json!({"reason": "keyCompromise"});
    scene.bo.http.post(&format!("/api/v1/certificates/{}/revocation", certificate.serial()), &body).await?.expect(200)?;
    scene.world.settle().await;
    Ok(())
}

#[test]
fn certtool_accepts_our_shards_and_the_list_of_all_and_refuses_a_changed_one() {
    scene(async |scene| {
        let certificate = signing(scene).await?;
        let full = scene.world.client().get("/pki/issuing1/full.crl").await?.expect(200)?.bytes;
        revoke(scene, &certificate).await?;
        let desk = Desk::lay(scene.world, &certificate).await?;
        let shard = scene.world.fetch(&certificate.crl_url()).await?;
        ensure!(Surroundings::of(scene.world, &certificate).await?.lists(&certificate), "the shard has an entry");
        for (name, der) in [("shard.pem", &shard), ("full.pem", &full)] {
            desk.put(name, &X509Crl::from_der(der)?.to_pem()?);
            gnutls::verify_list(&desk, name).await.must_say("Verified");
            let mut broken = der.clone();
            // The year in which certificates began to be kept.
            let is_time = |at: &[u8]| at.starts_with(b"20") && at.ends_with(b"Z") && at[..14].iter().all(u8::is_ascii_digit);
            let at = broken.windows(15).rposition(is_time).context("a year")?;
            broken[at + 3] ^= 1;
            desk.put("broken.pem", &X509Crl::from_der(&broken)?.to_pem()?);
            gnutls::verify_list(&desk, "broken.pem").await.must_refuse("Not verified");
        }
        Ok(())
    });
}

#[test]
fn ocsptool_asks_with_and_without_nonce_believes_us_and_refuses_a_changed_answer() {
    scene(async |scene| {
        let certificate = signing(scene).await?;
        let desk = Desk::lay(scene.world, &certificate).await?;
        for nonce in [false, true] {
            gnutls::request(&desk, "request.der", nonce).await.must_say("");
            let request = std::fs::read(desk.file("request.der"))?;
            let answer = scene.world.client().post_bytes("/ocsp", "application/ocsp-request", &request).await?.expect(200)?;
            desk.put("answer.der", &answer.bytes);
            gnutls::verify_answer(&desk, "answer.der").await.must_say("Success");
            gnutls::read_answer(&desk, "answer.der").await.must_say("Certificate Status: good");
        }
        revoke(scene, &certificate).await?;
        let request = std::fs::read(desk.file("request.der"))?;
        let answer = scene.world.client().post_bytes("/ocsp", "application/ocsp-request", &request).await?.expect(200)?;
        desk.put("revoked.der", &answer.bytes);
        gnutls::verify_answer(&desk, "revoked.der").await.must_say("Success");
        gnutls::read_answer(&desk, "revoked.der").await.must_say("Certificate Status: revoked");
        let serial = hex::decode(certificate.serial())?;
        let mut broken = answer.bytes.clone();
        let at = broken.windows(serial.len()).position(|window| window == serial).context("the serial")?;
        broken[at + 3] ^= 1;
        desk.put("broken.der", &broken);
        let said = gnutls::verify_answer(&desk, "broken.der").await;
        ensure!(said.words.contains("Signature failure"), "{}", said.words);
        Ok(())
    });
}
