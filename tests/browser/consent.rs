//! The second administrator of a recovery says yes on the phone: by keyboard alone, in both languages, at both widths.

use anyhow::{Context as _, ensure};
use fantoccini::key::Key;
use serde_json::json;
use support::{
    client::Client,
    phone::{Seen, SoftPhone, begin},
};

use crate::{
    driver::{Browser, Scripts, until},
    phones::{look, press, tab_to},
    service::Service,
    story::{self, PASSWORD, type_key},
};

#[tokio::test]
async fn the_second_administrator_approves_a_recovery_by_phone_and_keyboard_in_danish() -> anyhow::Result<()> {
    told("da", "genskabelse-telefon", ["Godkendt af", "Cæcilie Sørensen"]).await
}

#[tokio::test]
async fn the_second_administrator_approves_a_recovery_by_phone_and_keyboard_in_english() -> anyhow::Result<()> {
    told("en", "recovery-phone", ["Approved by", "Cæcilie Sørensen"]).await
}

async fn told(language: &str, story: &'static str, says: [&str; 2]) -> anyhow::Result<()> {
    story::told(language, story, Scripts::Run, async |service, browser| tell(service, browser, says).await).await
}

/// Logs in as somebody of the demonstration, by the key card.
async fn log_in(browser: &Browser, user_id: &str) -> anyhow::Result<()> {
    browser.client.delete_all_cookies().await?;
    browser.go("/demo").await?;
    browser.click(&format!("main form:has([value=\"{user_id}\"]) button")).await?;
    if browser.path().await? == "/login/phone" {
        browser.click("main a[href^=\"/login/key\"]").await?;
    }
    type_key(browser).await
}

/// Anne appoints Bo a second administrator. The company's page.
async fn bo_is_appointed(browser: &Browser) -> anyhow::Result<String> {
    log_in(browser, "anne.aadal").await?;
    browser.click("header a[href^=\"/companies/\"]").await?;
    let company = browser.path().await?;
    browser.follow("Bo Bødker").await?;
    browser.choose("confirm_appointment", "yes").await?;
    browser.send("confirm_appointment").await?;
    Ok(company)
}

async fn paired(service: &Service, browser: &Browser) -> anyhow::Result<SoftPhone> {
    browser.go("/account/phones").await?;
    browser.click("main form[action=\"/account/phones\"] button").await?;
    let invitation = browser.find("#invitation").await?.attr("data-invitation").await?.context("an invitation")?;
    let claimed = begin(&Client::anonymous(&service.url), Seen::Qr(&invitation)).await?.claim("Bos telefon").await?;
    browser.click("main a.button").await?;
    browser.fill("password", PASSWORD).await?;
    browser.send("password").await?;
    type_key(browser).await?;
    claimed.collect().await
}

/// Anne asks for Cæcilie's keys, whose copies have come under both administrators' shares by her last log-in.
async fn asked(browser: &Browser, company: &str) -> anyhow::Result<String> {
    log_in(browser, "caecilie.soerensen").await?;
    log_in(browser, "anne.aadal").await?;
    browser.go(company).await?;
    browser.follow("Cæcilie Sørensen").await?;
    let employee = browser.path().await?.rsplit('/').next().context("an employee")?.to_owned();
    browser.go(&format!("/recoveries/new?employee={employee}")).await?;
    browser.fill("reason", "Cæcilie er syg, og kunden venter").await?;
    browser.send("reason").await?;
    browser.path().await
}

async fn tell(service: &Service, browser: &mut Browser, says: [&str; 2]) -> anyhow::Result<()> {
    let company = bo_is_appointed(browser).await?;
    log_in(browser, "bo.boedker").await?;
    let phone = paired(service, browser).await?;
    let recovery = asked(browser, &company).await?;
    ensure!(recovery.starts_with("/recoveries/"), "it is not asked for: {recovery}");
    log_in(browser, "bo.boedker").await?;
    browser.go(&recovery).await?;
    look(browser, "asked").await?;
    tab_to(browser, "form[action$=\"/phone\"] button").await?;
    browser.turn(press(browser, &Key::Enter.to_string())).await?;
    look(browser, "waits").await?;
    browser.look_narrowest_and_dark("waits").await?;
    let number = browser.content("#phone-number").await?;
    let spoken = browser.run("return document.querySelector('#phone-number + .sr-only').textContent;", vec![]).await?;
    ensure!(spoken == json!(apart(&number)), "the number is not read digit by digit: {spoken}");
    let shown = phone.says_yes(&number).await?;
    let lines = shown.payload.parts().lines.join("\n");
    ensure!(lines.contains("Cæcilie Sørensen") && lines.contains("Anne Ådal") && lines.contains("kunden venter"), "{lines}");
    // The page goes on by itself, to the password that opens Bo's share.
    until("the page that goes on by itself", async || {
        let asks = browser.run("return !!document.querySelector('main [name=password]');", vec![]).await?;
        Ok((asks == json!(true)).then_some(()))
    })
    .await?;
    look(browser, "password").await?;
    tab_to(browser, "[name=password]").await?;
    browser.turn(press(browser, &format!("Forkert-2026-sol{}", Key::Enter))).await?;
    look(browser, "password-wrong").await?;
    tab_to(browser, "[name=password]").await?;
    browser.turn(press(browser, &format!("{PASSWORD}{}", Key::Enter))).await?;
    ensure!(browser.path().await? == recovery, "{}", browser.path().await?);
    browser.says(&says).await?;
    browser.says(&["Bo Bødker"]).await?;
    look(browser, "approved").await
}

/// The digits apart.
fn apart(number: &str) -> String {
    number.chars().map(String::from).collect::<Vec<_>>().join(" ")
}
