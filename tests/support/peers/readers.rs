//! Two readers of other people, agreeing on a signed PDF.

use anyhow::{Context as _, ensure};

use super::{
    poppler::pdfsig,
    pyhanko::{self, Trust},
};
use crate::{
    pki::{Certificate, Surroundings},
    world::World,
};

/// pdfsig and pyHanko accept it, whole, as this signer's.
///
/// # Errors
/// With their words when they do not.
pub async fn judged(world: &World, signed: &[u8], signer: &str) -> anyhow::Result<()> {
    world.settle().await;
    let folder = tempfile::tempdir()?;
    let put = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).map(|()| file)
    };
    let file = put("signed.pdf", signed)?;
    let said = pdfsig(&file).await;
    ensure!(said.words.contains("Signature is Valid.") && said.words.contains("Total document signed"), "{}", said.words);
    ensure!(said.words.contains(signer), "{}", said.words);
    let around = Surroundings::of(world, &Certificate::of_signer(signed)).await?;
    let trust = Trust {
        roots: vec![put("root.pem", &around.root.pem())?],
        others: vec![put("issuing.pem", &around.issuing.pem())?],
        lists: vec![put("list.crl", &around.crl)?, put("root.crl", &around.root_crl)?],
        at: world.now().rfc3339(),
    };
    let verdict = pyhanko::judge(&trust, &[file]).await?.pop().context("a verdict")?;
    ensure!(verdict["bottom_line"] == true && verdict["coverage"] == "ENTIRE_FILE", "{verdict}");
    Ok(())
}
