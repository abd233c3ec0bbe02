//! API keys and webhooks on the pages: an administrator makes a key, has an address told, sends a test, in both languages, on a large and a
//! small screen. The demonstration tells programs on this very machine in clear; here nobody listens.

use crate::{
    driver::{Browser, Scripts},
    story::{log_in, told},
};

#[tokio::test]
async fn the_pages_of_keys_and_webhooks_work_in_danish() -> anyhow::Result<()> {
    told("da", "own-management-da", Scripts::Run, async |_, browser| story_of(browser, true).await).await
}

#[tokio::test]
async fn the_pages_of_keys_and_webhooks_work_in_english() -> anyhow::Result<()> {
    told("en", "own-management-en", Scripts::Run, async |_, browser| story_of(browser, false).await).await
}

/// At both widths.
async fn look(browser: &mut Browser, name: &str) -> anyhow::Result<()> {
    browser.look_small_and_large(name).await
}

async fn story_of(browser: &mut Browser, danish: bool) -> anyhow::Result<()> {
    let say = |da: &'static str, en: &'static str| if danish { da } else { en };
    log_in(browser, "anne.aadal").await?;
    browser.click("header a[href^=\"/companies/\"]").await?;
    let company = browser.path().await?;
    browser.follow(say("Virksomhedens API-nøgler", "The company's API keys")).await?;
    look(browser, "keys-empty").await?;
    browser.send("name").await?;
    browser.says(&[say("Vælg mindst én", "Choose one at least")]).await?;
    look(browser, "keys-refused").await?;
    browser.fill("name", say("Lønsystemet", "The payroll system")).await?;
    browser.choose("scope_employees_read", "yes").await?;
    browser.send("name").await?;
    browser.says(&["segl_org_", say("Lønsystemet", "The payroll system")]).await?;
    look(browser, "keys-shown").await?;

    browser.go(&company).await?;
    browser.click("main a[href$=\"/webhooks\"]").await?;
    look(browser, "webhooks-empty").await?;
    browser.fill("url", "http://127.0.0.1:9/in").await?;
    browser.choose("kind_employee_left", "yes").await?;
    browser.send("url").await?;
    browser.says(&["whsec_", "http://127.0.0.1:9/in"]).await?;
    look(browser, "webhooks-shown").await?;
    browser.follow("http://127.0.0.1:9/in").await?;
    browser.click("main form[action$=\"/test\"] button").await?;
    browser.says(&[say("Prøven er på vej", "The test is on its way")]).await?;
    look(browser, "webhook").await?;
    browser.click("main form[action$=\"/secret\"] button").await?;
    browser.says(&["whsec_"]).await?;
    look(browser, "webhook-rotated").await?;
    browser.click("main form[action$=\"/removal\"] button").await?;
    browser.says(&[say("Adressen er slettet", "The address is deleted")]).await
}
