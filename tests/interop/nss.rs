//! NSS takes our list of all up, judges by it, and refuses a changed one. Shards it does not take: it knows no issuing distribution point.

use support::{
    peers::{nss, openssl::Desk},
    pki::Certificate,
};

use crate::{Scene, gnutls::revoke, scene};

/// The list of all, as it stands.
async fn all(scene: &Scene<'_>) -> anyhow::Result<Vec<u8>> {
    Ok(scene.world.client().get("/pki/issuing1/full.crl").await?.expect(200)?.bytes)
}

/// A certificate that NSS judges as a mail signer's.
async fn mail(scene: &Scene<'_>) -> anyhow::Result<Certificate> {
    crate::gnutls::of_purpose(scene, "mail").await
}

/// The world's present as vfychain wants it.
fn present(scene: &Scene<'_>) -> String {
    let now = scene.world.now().rfc3339();
    format!("{}{}{}{}{}Z", &now[2..4], &now[5..7], &now[8..10], &now[11..13], &now[14..16])
}

#[test]
fn nss_takes_our_list_of_all_and_refuses_the_certificate_that_stands_on_it() {
    scene(async |scene| {
        let certificate = mail(scene).await?;
        let desk = Desk::lay(scene.world, &certificate).await?;
        nss::database(&desk).await.must_say("");
        desk.put("before.crl", &all(scene).await?);
        nss::import_list(&desk, "before.crl").await.must_say("");
        // A minute later: vfychain counts whole minutes.
        scene.world.pass(time::Duration::minutes(1)).await;
        nss::verify(&desk, &present(scene)).await.must_say("Chain is good");
        revoke(scene, &certificate).await?;
        scene.world.pass(time::Duration::minutes(1)).await;
        desk.put("after.crl", &all(scene).await?);
        nss::import_list(&desk, "after.crl").await.must_say("");
        scene.world.pass(time::Duration::minutes(1)).await;
        nss::verify(&desk, &present(scene)).await.must_refuse("Chain is bad");
        Ok(())
    });
}

#[test]
fn nss_refuses_a_list_that_was_changed_and_takes_no_shards() {
    scene(async |scene| {
        let certificate = mail(scene).await?;
        let desk = Desk::lay(scene.world, &certificate).await?;
        nss::database(&desk).await.must_say("");
        let mut list = all(scene).await?;
        let last = list.len() - 1;
        list[last] ^= 1;
        desk.put("broken.crl", &list);
        nss::import_list(&desk, "broken.crl").await.must_refuse("unable to import CRL");
        // Known: RFC 5280 section 5.2.5 makes the extension critical, and NSS does not read it. The list of all is there for it.
        desk.put("shard.crl", &scene.world.fetch(&certificate.crl_url()).await?);
        nss::import_list(&desk, "shard.crl").await.must_refuse("SEC_ERROR_CRL_UNKNOWN_CRITICAL_EXTENSION");
        Ok(())
    });
}
