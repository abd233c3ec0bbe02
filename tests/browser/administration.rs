//! What an administrator and an operator do for others, on the pages: what waits, a telephone, a suspension, a forgotten password, one's own log, the
//! operators themselves. In both languages, on the smallest screen and a usual one.

use crate::{
    driver::{Browser, Scripts},
    story::{log_in, told},
};

#[tokio::test]
async fn the_pages_of_an_administrators_help_work_in_danish() -> anyhow::Result<()> {
    told("da", "administration-da", Scripts::Run, async |_, browser| the_administrator_helps(browser, true).await).await
}

#[tokio::test]
async fn the_pages_of_an_administrators_help_work_in_english() -> anyhow::Result<()> {
    told("en", "administration-en", Scripts::Run, async |_, browser| the_administrator_helps(browser, false).await).await
}

#[tokio::test]
async fn the_pages_of_operators_work_in_danish() -> anyhow::Result<()> {
    told("da", "operators-da", Scripts::Run, async |_, browser| the_operators(browser, true).await).await
}

#[tokio::test]
async fn the_pages_of_operators_work_in_english() -> anyhow::Result<()> {
    told("en", "operators-en", Scripts::Run, async |_, browser| the_operators(browser, false).await).await
}

async fn the_administrator_helps(browser: &mut Browser, danish: bool) -> anyhow::Result<()> {
    let say = |da: &'static str, en: &'static str| if danish { da } else { en };
    log_in(browser, "anne.aadal").await?;
    browser.click("header a[href^=\"/companies/\"]").await?;
    let company = browser.path().await?;
    browser.look_small_and_large("company").await?;
    browser.follow(say("Venter på dig", "Waits for you")).await?;
    browser.says(&[say("Der er ikke noget, der venter på dig.", "Nothing waits for you.")]).await?;
    browser.look_small_and_large("nothing-waits").await?;

    browser.go(&company).await?;
    browser.follow("Cæcilie Sørensen").await?;
    let employee = browser.path().await?;
    browser.follow(say("Skift telefonnummer", "Change the telephone number")).await?;
    browser.fill("telephone", "1234").await?;
    browser.send("telephone").await?;
    browser.find("#telephone-error").await?;
    browser.look_small_and_large("telephone-refused").await?;
    browser.fill("telephone", "+45 12 34 56 78").await?;
    browser.send("telephone").await?;
    browser.says(&[say("Telefonnummeret er gemt", "The telephone number is saved")]).await?;

    browser.send("reason").await?;
    browser.find("#error-summary").await?;
    browser.look_small_and_large("suspension-refused").await?;
    browser.fill("reason", say("Orlov", "Leave")).await?;
    browser.choose("confirm_suspension", "yes").await?;
    browser.send("reason").await?;
    browser.says(&[say("Orlov", "Leave")]).await?;
    browser.look_small_and_large("suspended").await?;
    browser.click("main form[action$=\"/suspension/end\"] button").await?;
    browser.look_small_and_large("lifted").await?;
    browser.go(&employee).await?;
    a_password_is_forgotten(browser, danish, &company).await?;

    browser.go("/account/history").await?;
    browser.look_small_and_large("history").await?;
    browser.choose("kind", "logins").await?;
    browser.send("kind").await?;
    browser.says(&[say("Logget på", "Logged in")]).await?;
    browser.look_small_and_large("history-logins").await
}

async fn a_password_is_forgotten(browser: &mut Browser, danish: bool, company: &str) -> anyhow::Result<()> {
    let say = |da: &'static str, en: &'static str| if danish { da } else { en };
    browser.click("main a[href^=\"/reissues/new\"]").await?;
    browser.look_small_and_large("reissue-new").await?;
    browser.click("main form[action=\"/reissues\"] button").await?;
    let reissue = browser.path().await?;
    browser.says(&["Cæcilie Sørensen"]).await?;
    browser.look_small_and_large("reissue").await?;
    browser.go("/reissues").await?;
    browser.says(&["Cæcilie Sørensen"]).await?;
    browser.look_small_and_large("reissues").await?;
    // Anne administers alone: what she asked for waits for herself.
    browser.go(company).await?;
    browser.follow(say("Nye adgangskoder, du kan sende: 1", "New passwords that you can send: 1")).await?;
    browser.says(&[say("Send link og midlertidig adgangskode til Cæcilie", "Send link and temporary password to Cæcilie")]).await?;
    browser.look_small_and_large("waits").await?;
    browser.click(&format!("main a[href=\"{reissue}\"]")).await?;
    browser.click("main form[action$=\"/withdrawal\"] button").await?;
    browser.go(&reissue).await?;
    browser.look_small_and_large("reissue-stopped").await
}

async fn the_operators(browser: &mut Browser, danish: bool) -> anyhow::Result<()> {
    let say = |da: &'static str, en: &'static str| if danish { da } else { en };
    log_in(browser, "olga.operatoer").await?;
    browser.go("/operators").await?;
    browser.says(&["Olga Operatør"]).await?;
    browser.look_small_and_large("operators").await?;
    browser.click("main a[href=\"/operators/new\"]").await?;
    browser.look_small_and_large("operator-new").await?;
    browser.send("name").await?;
    browser.find("#error-summary").await?;
    browser.look_small_and_large("operator-refused").await?;
    browser.fill("name", "Rita Revisor").await?;
    browser.fill("email", "rita@segl.example").await?;
    browser.choose("language", say("da", "en")).await?;
    browser.choose("security", "yes").await?;
    browser.send("name").await?;
    browser.look_small_and_large("operator-asked").await?;
    browser.go("/operators").await?;
    browser.says(&["Rita Revisor"]).await?;
    browser.look_small_and_large("operators-asked").await?;
    browser.follow("Olga Operatør").await?;
    browser.look_small_and_large("operator").await
}
