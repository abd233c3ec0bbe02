//! Who holds which post in a company, and who a person is: the pages of takeovers, agreements, linked signatures and CPR numbers, in both languages,
//! on the smallest screen and a usual one.

use anyhow::Context as _;

use crate::{
    driver::{Browser, Scripts},
    story::{log_in, told},
};

#[tokio::test]
async fn the_pages_of_a_takeover_work_in_danish() -> anyhow::Result<()> {
    told("da", "takeover-da", Scripts::Run, async |_, browser| the_operator(browser, true).await).await
}

#[tokio::test]
async fn the_pages_of_a_takeover_work_in_english() -> anyhow::Result<()> {
    told("en", "takeover-en", Scripts::Run, async |_, browser| the_operator(browser, false).await).await
}

#[tokio::test]
async fn the_pages_of_agreement_signatures_and_cpr_numbers_work_in_danish() -> anyhow::Result<()> {
    told("da", "posts-da", Scripts::Run, async |_, browser| the_administrator(browser, true).await).await
}

#[tokio::test]
async fn the_pages_of_agreement_signatures_and_cpr_numbers_work_in_english() -> anyhow::Result<()> {
    told("en", "posts-en", Scripts::Run, async |_, browser| the_administrator(browser, false).await).await
}

/// The administrator has left: a signatory asks without a log-in, an operator asks the signatories and records one who signed on paper.
async fn the_operator(browser: &mut Browser, danish: bool) -> anyhow::Result<()> {
    let say = |da: &'static str, en: &'static str| if danish { da } else { en };
    browser.go("/takeover").await?;
    browser.look_small_and_large("request").await?;
    browser.send("number").await?;
    browser.find("#error-summary").await?;
    browser.look_small_and_large("request-refused").await?;
    log_in(browser, "olga.operatoer").await?;
    browser.go("/successions").await?;
    browser.look_small_and_large("none").await?;
    browser.go("/companies").await?;
    browser.click("main th a[href^=\"/companies/\"]").await?;
    let company = browser.path().await?;
    browser.look_small_and_large("company").await?;
    browser.click(&format!("main a[href^=\"{company}/successions/new\"]")).await?;
    browser.look_small_and_large("new").await?;
    browser.send("reason").await?;
    browser.find("#error-summary").await?;
    browser.look_small_and_large("refused").await?;
    browser.fill("successor/given_name", "Nanna").await?;
    browser.fill("successor/surname", "Ny").await?;
    browser.fill("successor/email", "nanna@bageri.example").await?;
    let ends = browser.run("return document.querySelector('[name^=\"ends/\"]').name;", vec![]).await?;
    browser.choose(ends.as_str().context("an administrator")?, "yes").await?;
    browser.fill("reason", say("Anne er rejst", "Anne has left")).await?;
    browser.send("reason").await?;
    browser.says(&["Nanna Ny", "nanna@bageri.example"]).await?;
    let one = browser.path().await?;
    browser.look_small_and_large("asked").await?;
    browser.click("main a[href$=\"/form\"]").await?;
    browser.look_small_and_large("paper").await?;
    browser.send("signed_on").await?;
    browser.find("#error-summary").await?;
    browser.look_small_and_large("paper-refused").await?;
    browser.go("/successions").await?;
    browser.look_small_and_large("list").await?;
    browser.click(&format!("main a[href=\"{one}\"]")).await?;
    browser.click("main form[action$=\"/end\"] button").await?;
    browser.go(&one).await?;
    browser.look_small_and_large("ended").await
}

async fn the_administrator(browser: &mut Browser, danish: bool) -> anyhow::Result<()> {
    let say = |da: &'static str, en: &'static str| if danish { da } else { en };
    log_in(browser, "anne.aadal").await?;
    browser.click("header a[href^=\"/companies/\"]").await?;
    let company = browser.path().await?;
    browser.go("/mandates").await?;
    browser.look_small_and_large("no-mandates").await?;
    browser.go(&format!("{company}/agreement-change")).await?;
    browser.look_small_and_large("agreement").await?;
    browser.fill("needed", "9").await?;
    browser.send("needed").await?;
    browser.find("#error-summary").await?;
    browser.look_small_and_large("agreement-refused").await?;
    browser.go(&format!("{company}/cpr-numbers")).await?;
    browser.look_small_and_large("cpr-off").await?;
    browser.fill("ground", say("Lønindberetning", "Payroll")).await?;
    browser.send("ground").await?;
    browser.go(&format!("{company}/cpr-numbers")).await?;
    browser.look_small_and_large("cpr-on").await?;
    browser.go(&company).await?;
    browser.follow("Cæcilie Sørensen").await?;
    let employee = browser.path().await?;
    browser.go(&format!("{employee}/cpr-number")).await?;
    browser.fill("cpr", "310272-1234x").await?;
    browser.send("cpr").await?;
    browser.find("#cpr-error").await?;
    browser.look_small_and_large("cpr-refused").await?;
    browser.go("/account/signatures").await?;
    browser.look_small_and_large("signatures").await?;
    browser.click("main form[action=\"/account/signatures/link\"] button").await?;
    browser.says(&[say("signatur", "signature")]).await?;
    browser.look_small_and_large("link").await
}
