//! Where keys rest, and what stands around them, told in both languages and at the width of a phone: carriers, key files, requests of one's own,
//! orders of a company, the archive, the directory, whom one trusts, and the operator's room.

use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::json;

use crate::{
    danish::read_card,
    driver::{Browser, Scripts},
    service::Service,
    story::told,
};

const PASSWORD: &str = "Rugbroed-2026-sol";

/// What a story says in one language.
struct Tongue {
    language: &'static str,
    story: &'static str,
    letter: &'static str,
    mail: &'static str,
    once: &'static str,
    archive: &'static str,
    own: &'static str,
    hardware: &'static str,
    seal: &'static str,
}

const DANISH: Tongue = Tongue {
    language: "da",
    story: "noegler",
    letter: "Brev",
    mail: "Mail",
    once: "Gem dette nu",
    archive: "Mine dekrypteringsnøgler",
    own: "har kun du selv",
    hardware: "På indehaverens kort eller token",
    seal: "Segl",
};

const ENGLISH: Tongue = Tongue {
    language: "en",
    story: "keys",
    letter: "Letter",
    mail: "E-mail",
    once: "Keep this now",
    archive: "My decryption keys",
    own: "only you have",
    hardware: "On a card or token of the holder's",
    seal: "Seal",
};

#[tokio::test]
async fn keys_are_chosen_handed_over_and_found_again_in_danish() -> anyhow::Result<()> {
    told(DANISH.language, DANISH.story, Scripts::Run, async |service, browser| story(service, browser, &DANISH).await).await
}

#[tokio::test]
async fn keys_are_chosen_handed_over_and_found_again_in_english() -> anyhow::Result<()> {
    told(ENGLISH.language, ENGLISH.story, Scripts::Run, async |service, browser| story(service, browser, &ENGLISH).await).await
}

async fn story(service: &Service, browser: &mut Browser, tongue: &Tongue) -> anyhow::Result<()> {
    anybody_looks(browser).await?;
    let company = the_administrator_decides(browser).await?;
    the_company_orders(browser, tongue, &company).await?;
    the_archive_is_looked_at(browser, &company).await?;
    for (given, surname) in [("Nina", "Nøglefil"), ("Ole", "Token")] {
        invite(browser, &company, given, surname).await?;
    }
    log_out(browser).await?;
    with_a_key_file(browser, tongue).await?;
    with_a_token(service, browser, tongue).await?;
    the_operator_looks(browser).await
}

/// At both widths.
async fn look(browser: &mut Browser, name: &str) -> anyhow::Result<()> {
    browser.look(name).await?;
    browser.look_narrow(name).await
}

async fn anybody_looks(browser: &mut Browser) -> anyhow::Result<()> {
    for (path, name) in [("/trust", "trust"), ("/directory/search", "directory"), ("/revoke", "revoke")] {
        browser.go(path).await?;
        look(browser, name).await?;
    }
    browser.send("code").await?;
    look(browser, "revoke-faults").await?;
    browser.go("/directory/search").await?;
    browser.fill("email", "ingen@havnensbageri.example").await?;
    browser.send("email").await?;
    look(browser, "directory-nobody").await
}

async fn the_administrator_decides(browser: &mut Browser) -> anyhow::Result<String> {
    log_in_from_the_list(browser, "anne.aadal").await?;
    browser.go("/account/directory").await?;
    look(browser, "directory-own").await?;
    browser.click("header a[href^=\"/companies/\"]").await?;
    let company = browser.path().await?;
    browser.go(&format!("{company}/key-carriers")).await?;
    look(browser, "carriers").await?;
    browser.choose("central", "yes").await?;
    browser.send("central").await?;
    look(browser, "carriers-none").await?;
    for carrier in ["central", "key_file", "own_software", "hardware"] {
        browser.choose(carrier, "yes").await?;
    }
    browser.send("central").await?;
    look(browser, "company").await?;
    Ok(company)
}

async fn the_company_orders(browser: &mut Browser, tongue: &Tongue, company: &str) -> anyhow::Result<()> {
    let form = format!("{company}/certificates/new");
    browser.go(&form).await?;
    look(browser, "order").await?;
    browser.send("purpose").await?;
    look(browser, "order-faults").await?;
    browser.choose("purpose", "seal").await?;
    browser.send("purpose").await?;
    browser.says(&[tongue.seal]).await?;
    look(browser, "seal").await?;
    browser.go(&form).await?;
    browser.choose("purpose", "function").await?;
    browser.fill("name", "Ordrekontoret").await?;
    browser.fill("email", "ordre@havnensbageri.example").await?;
    browser.send("purpose").await?;
    look(browser, "function").await
}

async fn the_archive_is_looked_at(browser: &mut Browser, company: &str) -> anyhow::Result<()> {
    for (path, name) in [("/recoveries", "recoveries"), ("/recovery-holders", "holders"), ("/key-history", "history")] {
        browser.go(path).await?;
        look(browser, name).await?;
    }
    browser.go(company).await?;
    browser.follow("Bo Bødker").await?;
    look(browser, "employee").await?;
    let employee = browser.path().await?.rsplit('/').next().context("an employee")?.to_owned();
    browser.go(&format!("/recoveries/new?employee={employee}")).await?;
    look(browser, "recovery").await?;
    browser.send("reason").await?;
    look(browser, "recovery-faults").await
}

async fn invite(browser: &mut Browser, company: &str, given: &str, surname: &str) -> anyhow::Result<()> {
    browser.go(&format!("{company}/employees/new")).await?;
    browser.fill("given_name", given).await?;
    browser.fill("surname", surname).await?;
    browser.fill("email", &format!("{}@havnensbageri.example", given.to_lowercase())).await?;
    browser.fill("birth_date", "17-05-1980").await?;
    browser.choose("email_in_certificate", "yes").await?;
    browser.choose("vouched", "by_letter").await?;
    browser.send("surname").await
}

/// Opens the activation of somebody and fills in all but the carrier.
async fn begin_activation(browser: &Browser, tongue: &Tongue, given: &str, surname: &str) -> anyhow::Result<()> {
    open_post(browser, &format!("{given} {surname}"), tongue.letter).await?;
    let text = browser.content(".segl-mail").await?;
    let code = text.lines().filter_map(|line| line.strip_prefix("    ")).find(|rest| !rest.is_empty() && !rest.contains(' '));
    let code = code.context("a temporary password")?.to_owned();
    open_post(browser, &format!("{}@havnensbageri.example", given.to_lowercase()), tongue.mail).await?;
    browser.click(".segl-mail a[href*=\"/activate/\"]").await?;
    for (name, text) in [
        ("temporary_password", code.as_str()),
        ("user_id", &format!("{}.ny", given.to_lowercase())),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ] {
        browser.fill(name, text).await?;
    }
    Ok(())
}

/// Logs in with the key of the card that was handed over just now.
async fn log_in_with_card(browser: &Browser, user_id: &str) -> anyhow::Result<()> {
    let card = read_card(&browser.download_linked("/card.txt").await?)?;
    browser.go("/login").await?;
    browser.fill("user_id", user_id).await?;
    browser.fill("password", PASSWORD).await?;
    browser.send("user_id").await?;
    let number = browser.content("#key-number").await?;
    let (_, key) = card.iter().find(|(known, _)| *known == number.trim()).context("the number is on the card")?;
    browser.fill("key", key).await?;
    browser.send("key").await
}

async fn with_a_key_file(browser: &mut Browser, tongue: &Tongue) -> anyhow::Result<()> {
    begin_activation(browser, tongue, "Nina", "Nøglefil").await?;
    look(browser, "activate").await?;
    browser.choose("carrier", "key_file").await?;
    browser.send("user_id").await?;
    browser.says(&[tongue.once, tongue.archive]).await?;
    look(browser, "key-files").await?;
    let files = browser.run("return document.querySelectorAll('main a[download$=\".p12\"]').length;", vec![]).await?;
    ensure!(files == 3, "three files: {files}");
    browser.click("main p.mt-6 a").await?;
    look(browser, "done").await?;
    log_in_with_card(browser, "nina.ny").await?;
    browser.go("/key-history").await?;
    look(browser, "history-of-a-file").await?;
    browser.fill("password", PASSWORD).await?;
    browser.send("password").await?;
    look(browser, "handed-out").await?;
    browser.go("/renewal").await?;
    look(browser, "renewal-none").await?;
    log_out(browser).await
}

async fn with_a_token(service: &Service, browser: &mut Browser, tongue: &Tongue) -> anyhow::Result<()> {
    begin_activation(browser, tongue, "Ole", "Token").await?;
    browser.choose("carrier", "hardware").await?;
    browser.fill("request", "hej").await?;
    browser.send("user_id").await?;
    look(browser, "activate-faults").await?;
    let (key, file) = (service.keep("token.key", b"")?, service.keep("token.req", b"")?);
    let new = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Ole", "-keyout"];
    let made = Command::new("openssl").args(new).arg(&key).arg("-out").arg(&file).output()?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    begin_activation(browser, tongue, "Ole", "Token").await?;
    browser.choose("carrier", "hardware").await?;
    browser.fill("request", std::fs::read_to_string(&file)?.trim()).await?;
    browser.send("user_id").await?;
    look(browser, "done-with-a-token").await?;
    log_in_with_card(browser, "ole.ny").await?;
    browser.go("/key-history").await?;
    browser.says(&[tongue.own]).await?;
    look(browser, "history-of-a-token").await?;
    browser.go("/certificates").await?;
    look(browser, "certificates").await?;
    browser.click("main tbody a").await?;
    browser.says(&[tongue.hardware]).await?;
    look(browser, "certificate-of-a-token").await?;
    log_out(browser).await
}

async fn the_operator_looks(browser: &mut Browser) -> anyhow::Result<()> {
    log_in_from_the_list(browser, "olga.operatoer").await?;
    browser.go("/operations/pki").await?;
    look(browser, "operations-pki").await
}

// --- what persons do again and again ---------------------------------------------------------------------------------------------------

async fn log_in_from_the_list(browser: &Browser, user_id: &str) -> anyhow::Result<()> {
    browser.go("/demo").await?;
    browser.click(&format!("main form:has([value=\"{user_id}\"]) button")).await?;
    let shown = browser.content("#demo-key").await?;
    browser.fill("key", &shown).await?;
    browser.send("key").await
}

async fn log_out(browser: &Browser) -> anyhow::Result<()> {
    browser.click("header form[action=\"/logout\"] button").await
}

/// Opens the newest mail or letter to somebody, as soon as it is there.
async fn open_post(browser: &Browser, to: &str, kind: &str) -> anyhow::Result<()> {
    let script = "const row = [...document.querySelectorAll('main tbody tr')].find(row => row.textContent.includes(arguments[0])
        && [...row.cells].some(cell => cell.textContent.trim() === arguments[1])); return row ? row.querySelector('a').getAttribute('href') : null;";
    let href = browser.wait_on("/demo/mail", script, vec![json!(to), json!(kind)]).await?;
    browser.click(&format!("main a[href=\"{}\"]", href.as_str().context("a link")?)).await
}
