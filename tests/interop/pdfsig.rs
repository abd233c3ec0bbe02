//! pdfsig of poppler: every producer's PDF signed through the service, and broken ones refused.

use anyhow::ensure;
use support::{
    papers::{SIGNABLE, fixture, flipped, pages},
    peers::poppler::pdfsig,
};

use crate::scene;

#[test]
fn pdfsig_finds_every_signature_valid_and_the_whole_document_signed() {
    scene(async |scene| {
        let folder = tempfile::tempdir()?;
        let papers = SIGNABLE.iter().map(|name| (*name, fixture(name))).chain([("500 pages", pages(500))]);
        for (name, original) in papers {
            let signed = scene.bo.upload_and_sign(name, &original).await?;
            let file = folder.path().join("signed.pdf");
            std::fs::write(&file, &signed)?;
            let said = pdfsig(&file).await;
            let earlier = name.starts_with("signed-by") || name.starts_with("certified");
            let expected = if earlier { 2 } else { 1 };
            let valid = said.words.matches("Signature Validation: Signature is Valid.").count();
            ensure!(valid == expected && said.words.contains("Total document signed"), "{name}: {}", said.words);
            ensure!(said.words.contains("Bø Ærlig") && said.words.contains("ETSI.CAdES.detached"), "{name}: {}", said.words);
        }
        Ok(())
    });
}

#[test]
fn pdfsig_refuses_a_flipped_byte() {
    scene(async |scene| {
        let signed = scene.bo.upload_and_sign("Kontrakt", &fixture("libreoffice")).await?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("flipped.pdf");
        std::fs::write(&file, flipped(&signed))?;
        let said = pdfsig(&file).await;
        ensure!(said.words.contains("Digest Mismatch"), "{}", said.words);
        ensure!(!said.words.contains("Signature is Valid"), "{}", said.words);
        Ok(())
    });
}
