//! An administrator imports a certificate of somebody else and comes to the seal: in both languages, on a large and a small screen.

use anyhow::Context as _;
use support::elsewhere::{Elsewhere, FILE_PASSPHRASE, SEAL};

use crate::{
    driver::{Browser, Scripts},
    service::{Service, root},
    story::log_in,
};

#[tokio::test]
async fn the_pages_of_imports_and_seals_work_in_both_languages() -> anyhow::Result<()> {
    let shop = Elsewhere::found();
    shop.certify("seal", "sub", SEAL);
    let (file, old) = (shop.pack("seal", &[]), shop.pack("seal", &["-legacy"]));
    let service = Service::start().await?;
    for (language, story) in [("da", "imported-da"), ("en", "imported-en")] {
        let files = (service.keep("seal.p12", &file)?.display().to_string(), service.keep("old.p12", &old)?.display().to_string());
        let mut browser = Browser::open(&service.url, language, story, Scripts::Run).await?;
        let told = told(&mut browser, (&files.0, &files.1), language).await;
        if told.is_err() {
            browser.picture("failed").await?;
        }
        told.with_context(|| service.log().lines().rev().take(5).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(())
}

async fn told(browser: &mut Browser, (file, old): (&str, &str), language: &str) -> anyhow::Result<()> {
    let is_danish = language == "da";
    let say = |danish: &'static str, english: &'static str| if is_danish { danish } else { english };
    log_in(browser, "dorthe.dam").await?;
    browser.click("header a[href=\"/certificates\"]").await?;
    browser.follow(say("Forsegl dokument", "Seal a document")).await?;
    browser.look("no-seal").await?;
    browser.go("/certificates").await?;
    browser.follow(say("Bestil segl eller funktionscertifikat", "Order a seal or function certificate")).await?;
    browser.says(&[say("(skal udfyldes til en funktion)", "(must be filled for a function)")]).await?;
    browser.look("order").await?;
    browser.look_narrow("order").await?;
    browser.go("/certificates").await?;
    browser.follow(say("Importér certifikat", "Import a certificate")).await?;
    browser.look("import").await?;
    browser.look_narrow("import").await?;
    browser.fill("file", old).await?;
    browser.choose("purpose", "seal").await?;
    browser.fill("passphrase", FILE_PASSPHRASE).await?;
    browser.send("passphrase").await?;
    browser.says(&["RC2"]).await?;
    browser.look("import-refused").await?;
    browser.fill("file", file).await?;
    browser.fill("passphrase", FILE_PASSPHRASE).await?;
    browser.send("passphrase").await?;
    browser.says(&[say("Udstedt et andet sted af", "Issued elsewhere by"), "Elsewhere sub"]).await?;
    browser.look("certificates").await?;
    browser.look_narrow("certificates").await?;
    browser.follow(say("Forsegl dokument", "Seal a document")).await?;
    browser.look("seal").await?;
    browser.look_narrow("seal").await?;
    browser.fill("file", &root().join("tests/Cargo.toml").display().to_string()).await?;
    browser.send("file").await?;
    browser.says(&["PDF"]).await?;
    browser.look("seal-refused").await?;
    browser.go("/certificates").await?;
    browser.click("main form[action$=\"/end\"] button").await?;
    browser.look("removed").await
}
