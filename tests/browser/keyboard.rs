//! The whole enrolment by keyboard alone: from the mailed link to a signed-in employee with nothing but tabulator, Enter, the space bar and letters.
//! Each place where the keyboard stands is seen.

use anyhow::{Context as _, ensure};
use fantoccini::key::Key;

use crate::{
    danish::{letter, log_out, open_post, read_card},
    driver::{Browser, Scripts},
    english::{REST, press, tab_to},
    service::Service,
};

const DEMO: &str = "Havnen-demo-2026";
const PASSWORD: &str = "Rugbroed-2026-sol";
const USER_ID: &str = "kaj.tast";

#[tokio::test]
async fn somebody_enrols_and_logs_in_by_keyboard_alone() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let mut browser = Browser::open(&service.url, "da", "keyboard", Scripts::Run).await?;
    let told = story(&mut browser).await;
    if told.is_err() {
        browser.picture("failed").await?;
    }
    told.with_context(|| service.log().lines().rev().take(5).collect::<Vec<_>>().join("\n"))
}

async fn story(browser: &mut Browser) -> anyhow::Result<()> {
    somebody_is_invited(browser).await?;
    let code = letter(browser, "Kaj Tast").await?;
    open_post(browser, "kaj@havnensbageri.example", "Mail").await?;
    let link = browser.find(".segl-mail a[href*=\"/activate/\"]").await?.attr("href").await?.context("a link")?;
    browser.go(&link).await?;
    the_form_is_sent_empty_and_its_summary_leads_to_the_field(browser).await?;
    the_form_is_filled(browser, &code).await?;
    browser.says(&["Din signatur er aktiv"]).await?;
    // The sheet is on paper by now.
    let card = read_card(&browser.download_linked("/card.txt").await?)?;
    browser.run(REST, vec![]).await?;
    tab_to(browser, "/login").await?;
    browser.turn(enter(browser)).await?;
    browser.run(REST, vec![]).await?;
    typed(browser, "user_id", USER_ID).await?;
    typed(browser, "password", PASSWORD).await?;
    browser.turn(enter(browser)).await?;
    let number = browser.content("#key-number").await?;
    let (_, key) = card.iter().find(|(known, _)| *known == number.trim()).with_context(|| format!("{number} is not on the card"))?;
    browser.run(REST, vec![]).await?;
    typed(browser, "key", key).await?;
    browser.turn(enter(browser)).await?;
    let who = browser.content("header .user").await?;
    ensure!(who.contains("Kaj Tast"), "nobody is logged in: {who}");
    browser.look("logged-in").await
}

/// What others did before.
async fn somebody_is_invited(browser: &mut Browser) -> anyhow::Result<()> {
    browser.go("/login").await?;
    browser.fill("user_id", "anne.aadal").await?;
    browser.fill("password", DEMO).await?;
    browser.send("user_id").await?;
    let key = browser.content("#demo-key").await?;
    browser.fill("key", &key).await?;
    browser.send("key").await?;
    browser.click("header a[href^=\"/companies/\"]").await?;
    browser.click("main a[href$=\"/employees/new\"]").await?;
    for (name, text) in [("given_name", "Kaj"), ("surname", "Tast"), ("email", "kaj@havnensbageri.example"), ("birth_date", "17-05-1980")] {
        browser.fill(name, text).await?;
    }
    browser.choose("vouched", "by_letter").await?;
    browser.send("surname").await?;
    browser.says(&["Kaj Tast", "Inviteret"]).await?;
    log_out(browser).await
}

async fn enter(browser: &Browser) -> anyhow::Result<()> {
    press(browser, &Key::Enter.to_string()).await
}

/// Goes to a field and types.
async fn typed(browser: &Browser, name: &str, text: &str) -> anyhow::Result<()> {
    tab_to(browser, name).await?;
    press(browser, text).await
}

async fn the_form_is_sent_empty_and_its_summary_leads_to_the_field(browser: &mut Browser) -> anyhow::Result<()> {
    browser.run(REST, vec![]).await?;
    // The skip link leads past the header, whose buttons are others.
    tab_to(browser, "#content").await?;
    enter(browser).await?;
    tab_to(browser, "temporary_password").await?;
    tab_to(browser, "password_again").await?;
    tab_to(browser, "submit").await?;
    // A button is pressed by the space bar too.
    browser.turn(press(browser, " ")).await?;
    let here = browser.client.active_element().await?.attr("id").await?;
    ensure!(here.as_deref() == Some("error-summary"), "the faults are not where the keyboard is: {here:?}");
    browser.look("refused").await?;
    browser.run(REST, vec![]).await?;
    tab_to(browser, "#temporary_password").await?;
    enter(browser).await?;
    let here = browser.client.active_element().await?.attr("name").await?;
    ensure!(here.as_deref() == Some("temporary_password"), "the fault's link does not lead to its field: {here:?}");
    Ok(())
}

/// The keyboard stands in the first field.
async fn the_form_is_filled(browser: &mut Browser, code: &str) -> anyhow::Result<()> {
    press(browser, code).await?;
    typed(browser, "user_id", USER_ID).await?;
    typed(browser, "password", PASSWORD).await?;
    typed(browser, "password_again", PASSWORD).await?;
    typed(browser, "telephone", "+298 123456").await?;
    tab_to(browser, "submit").await?;
    browser.turn(enter(browser)).await
}
