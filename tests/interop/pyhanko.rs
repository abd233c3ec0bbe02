//! pyHanko: PAdES-B-T of every producer's PDF, with our root alone and every list; theirs accepted, theirs broken refused.

use std::path::PathBuf;

use anyhow::ensure;
use support::{
    papers::{SIGNABLE, fixture, flipped, pages, path},
    peers::pyhanko::{self, Trust},
    pki::{Certificate, Surroundings},
};

use crate::{Scene, scene};

/// Our root and every list, as files.
async fn trust(scene: &Scene<'_>, folder: &std::path::Path, signed: &[u8]) -> anyhow::Result<Trust> {
    let around = Surroundings::of(scene.world, &Certificate::of_signer(signed)).await?;
    let put = |name: &str, bytes: &[u8]| -> PathBuf {
        let file = folder.join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    Ok(Trust {
        roots: vec![put("root.pem", &around.root.pem())],
        others: vec![put("issuing.pem", &around.issuing.pem())],
        lists: vec![put("list.crl", &around.crl), put("root.crl", &around.root_crl)],
        at: scene.world.now().rfc3339(),
    })
}

#[test]
fn pyhanko_finds_every_signature_intact_valid_trusted_and_time_stamped() {
    scene(async |scene| {
        let folder = tempfile::tempdir()?;
        let mut files = Vec::new();
        let mut last = Vec::new();
        for (name, original) in SIGNABLE.iter().map(|name| (*name, fixture(name))).chain([("500-pages", pages(500))]) {
            last = scene.bo.upload_and_sign(name, &original).await?;
            let file = folder.path().join(format!("{name}.pdf"));
            std::fs::write(&file, &last)?;
            files.push(file);
        }
        let trust = trust(scene, folder.path(), &last).await?;
        let verdicts = pyhanko::judge(&trust, &files).await?;
        let ours: Vec<_> = verdicts.iter().filter(|verdict| verdict["signer"] == "Bø Ærlig").collect();
        ensure!(ours.len() == files.len(), "{} of {} files: {verdicts:?}", ours.len(), files.len());
        for verdict in ours {
            for what in ["intact", "valid", "trusted", "timestamp", "docmdp_ok", "bottom_line"] {
                ensure!(verdict[what] == true, "{what}: {verdict}");
            }
            ensure!(verdict["coverage"] == "ENTIRE_FILE" && verdict["subfilter"] == "/ETSI.CAdES.detached", "{verdict}");
        }
        let theirs: Vec<_> = verdicts.iter().filter(|verdict| verdict["signer"] != "Bø Ærlig").collect();
        ensure!(theirs.len() == 3, "the earlier signatures are still there: {theirs:?}");
        for verdict in theirs {
            ensure!(verdict["intact"] == true && verdict["valid"] == true && verdict["docmdp_ok"] == true, "{verdict}");
        }
        Ok(())
    });
}

#[test]
fn pyhanko_refuses_what_we_revoked_and_what_was_changed() {
    scene(async |scene| {
        let folder = tempfile::tempdir()?;
        let signed = scene.bo.upload_and_sign("Kontrakt", &fixture("libreoffice")).await?;
        let put = |name: &str, bytes: &[u8]| {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            file
        };
        let files = [put("signed.pdf", &signed), put("flipped.pdf", &flipped(&signed))];
        let verdicts = pyhanko::judge(&trust(scene, folder.path(), &signed).await?, &files).await?;
        ensure!(verdicts[0]["bottom_line"] == true, "{verdicts:?}");
        ensure!(verdicts[1]["intact"] == false && verdicts[1]["bottom_line"] == false, "{verdicts:?}");
        scene.world.pass(time::Duration::minutes(1)).await;
        let path = format!("{}/{}", scene.bakery.employees(), scene.bo.employee);
        scene.bakery.administrator.http.delete(&path).await?.expect(204)?;
        scene.world.pass(time::Duration::minutes(1)).await;
        // Judged as of now, without regard to the time stamp: the certificate is revoked.
        let verdicts = pyhanko::judge(&trust(scene, folder.path(), &signed).await?, &files[..1]).await?;
        ensure!(verdicts[0]["intact"] == true && verdicts[0]["trusted"] == false && verdicts[0]["revoked"] == true, "{verdicts:?}");
        Ok(())
    });
}

#[test]
fn what_pyhanko_signed_is_read_kept_and_judged_by_us() {
    scene(async |scene| {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("theirs.pdf");
        pyhanko::sign(&path("ghostscript"), &file).await?;
        let theirs = std::fs::read(&file)?;
        let judged = async |bytes: &[u8]| -> anyhow::Result<serde_json::Value> {
            Ok(scene.world.client().post_bytes("/api/v1/verifications", "application/pdf", bytes).await?.expect(200)?.json())
        };
        let report = judged(&theirs).await?;
        ensure!(report["verdict"] == "indeterminate" && report["signatures"][0]["why"] == "unknown_signer", "{report}");
        ensure!(report["signatures"][0]["signer"]["name"] == "Frede Fremmed" && report["signatures"][0]["trusted"] == false, "{report}");
        ensure!(judged(&flipped(&theirs)).await?["verdict"] == "invalid", "one byte flipped");
        let both = scene.bo.upload_and_sign("Begge", &theirs).await?;
        ensure!(both.starts_with(&theirs), "their signature is left untouched");
        let report = judged(&both).await?;
        ensure!(report["signatures"][0]["why"] == "unknown_signer" && report["signatures"][1]["why"] == "holds", "{report}");
        std::fs::write(&file, &both)?;
        let trust = trust(scene, folder.path(), &both).await?;
        let verdicts = pyhanko::judge(&trust, std::slice::from_ref(&file)).await?;
        ensure!(verdicts.len() == 2 && verdicts[0]["valid"] == true && verdicts[0]["docmdp_ok"] == true, "{verdicts:?}");
        ensure!(verdicts[1]["bottom_line"] == true, "{verdicts:?}");
        // And the other way round: they sign upon ours, ours stays valid.
        let upon = folder.path().join("upon.pdf");
        let ours = folder.path().join("ours.pdf");
        std::fs::write(&ours, scene.bo.upload_and_sign("Vores", &fixture("cairo")).await?)?;
        pyhanko::sign(&ours, &upon).await?;
        let report = judged(&std::fs::read(&upon)?).await?;
        ensure!(report["signatures"][0]["why"] == "holds" && report["signatures"][0]["covers_whole_file"] == false, "{report}");
        let broken = [std::fs::read(&ours)?, b"\n1 0 obj\n<< /Type /Catalog >>\nendobj\n".to_vec()].concat();
        let report = judged(&broken).await?;
        ensure!(report["verdict"] != "valid", "bytes behind the signature are no signature: {report}");
        Ok(())
    });
}
