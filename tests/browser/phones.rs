//! A phone is paired on the pages, at both widths and in both languages: the QR, the digits, the key, the list, the mailed link, the help desk.

use anyhow::{Context as _, ensure};
use serde_json::json;
use support::{
    client::Client,
    phone::{Seen, begin},
};

use crate::{
    driver::{Browser, Scripts},
    service::Service,
};

const PASSWORD: &str = "Havnen-demo-2026";

#[tokio::test]
async fn a_phone_is_paired_and_cancelled_in_danish() -> anyhow::Result<()> {
    told("da", "telefoner").await
}

#[tokio::test]
async fn a_phone_is_paired_and_cancelled_in_english() -> anyhow::Result<()> {
    told("en", "phones").await
}

async fn told(language: &str, story: &'static str) -> anyhow::Result<()> {
    let service = Service::start().await?;
    let mut browser = Browser::open(&service.url, language, story, Scripts::Run).await?;
    let told = pairing(&service, &mut browser).await;
    if told.is_err() {
        browser.picture("failed").await?;
    }
    told.with_context(|| service.log().lines().rev().take(5).collect::<Vec<_>>().join("\n"))
}

/// At both widths.
async fn look(browser: &mut Browser, name: &str) -> anyhow::Result<()> {
    browser.look(name).await?;
    browser.look_narrow(name).await
}

async fn pairing(service: &Service, browser: &mut Browser) -> anyhow::Result<()> {
    browser.go("/demo").await?;
    browser.click("main form:has([value=\"anne.aadal\"]) button").await?;
    let shown = browser.content("#demo-key").await?;
    browser.fill("key", &shown).await?;
    browser.send("key").await?;
    browser.go("/account/phones").await?;
    look(browser, "none").await?;
    browser.click("main form[action=\"/account/phones\"] button").await?;
    look(browser, "invitation").await?;
    let invitation = browser.run("return document.getElementById('invitation').dataset.invitation;", vec![]).await?;
    let http = Client::anonymous(&service.url);
    let phone = begin(&http, Seen::Qr(invitation.as_str().context("an invitation")?)).await?.claim("Annes arbejdstelefon").await?;
    browser.click("main a.button").await?;
    ensure!(browser.content("#digits").await? == phone.digits, "the screens show different digits");
    look(browser, "digits").await?;
    browser.fill("password", "Forkert-2026-sol").await?;
    browser.send("password").await?;
    look(browser, "digits-wrong-password").await?;
    browser.fill("password", PASSWORD).await?;
    browser.send("password").await?;
    look(browser, "key").await?;
    let shown = browser.content("#demo-key").await?;
    let wrong = shown.strip_prefix('0').map_or_else(|| format!("0{}", &shown[1..]), |rest| format!("1{rest}"));
    browser.fill("key", &wrong).await?;
    browser.send("key").await?;
    look(browser, "key-wrong").await?;
    browser.fill("key", &shown).await?;
    browser.send("key").await?;
    look(browser, "done").await?;
    let phone = phone.collect().await?;
    phone.time_ms().await?;
    browser.go("/account/phones").await?;
    look(browser, "list").await?;
    cancelled(browser).await?;
    ensure!(phone.time_ms().await.is_err(), "a cancelled phone is still known");
    browser.go("/account/phones").await?;
    look(browser, "list-ended").await
}

async fn cancelled(browser: &mut Browser) -> anyhow::Result<()> {
    let script =
        "const row = [...document.querySelectorAll('main tbody tr')].find(row => row.textContent.includes('Annes arbejdstelefon'));
        return row ? row.querySelector('a').getAttribute('href') : null;";
    let href = browser.wait_on("/demo/mail", script, vec![json!("")]).await?;
    browser.click(&format!("main a[href=\"{}\"]", href.as_str().context("a link")?)).await?;
    let find = "return (document.body.innerText.match(/\\/phones\\/cancel\\/[\\w-]+/) || [null])[0];";
    let link = browser.run(find, vec![]).await?;
    browser.go(link.as_str().context("no link that cancels")?).await?;
    look(browser, "cancel").await?;
    browser.click("main form button").await?;
    look(browser, "cancelled").await
}
