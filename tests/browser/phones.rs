//! A phone is paired on the pages, at both widths and in both languages: the QR, the digits, the key, the list, the mailed link. And the pages
//! that wait for it when its person logs in.

use anyhow::{Context as _, ensure};
use fantoccini::{Locator, key::Key};
use keycard::{Verdict, wire::Decided};
use serde_json::json;
use support::{
    approver::typed,
    client::Client,
    phone::{Claimed, Seen, SoftPhone, begin},
};

use crate::{
    danish::fixture,
    driver::{Browser, Scripts, until},
    service::Service,
    story::{PASSWORD, told, type_key},
};

#[tokio::test]
async fn a_phone_is_paired_and_cancelled_in_danish() -> anyhow::Result<()> {
    told("da", "telefoner", Scripts::Run, pairing).await
}

#[tokio::test]
async fn a_phone_is_paired_and_cancelled_in_english() -> anyhow::Result<()> {
    told("en", "phones", Scripts::Run, pairing).await
}

#[tokio::test]
async fn who_has_a_phone_logs_in_by_it_in_danish() -> anyhow::Result<()> {
    told("da", "telefon-logon", Scripts::Run, waiting).await
}

#[tokio::test]
async fn who_has_a_phone_logs_in_by_it_in_english() -> anyhow::Result<()> {
    told("en", "phone-login", Scripts::Run, waiting).await
}

#[tokio::test]
async fn who_has_a_phone_logs_in_by_it_without_scripts() -> anyhow::Result<()> {
    told("en", "phone-login-no-script", Scripts::Off, waiting_without_scripts).await
}

#[tokio::test]
async fn who_has_a_phone_orders_a_card_moves_and_reads_the_history_in_danish() -> anyhow::Result<()> {
    told("da", "telefonens-liv", Scripts::Run, life).await
}

#[tokio::test]
async fn who_has_a_phone_orders_a_card_moves_and_reads_the_history_in_english() -> anyhow::Result<()> {
    told("en", "phones-life", Scripts::Run, life).await
}

#[tokio::test]
async fn who_has_a_phone_signs_by_it_or_by_the_card_instead_in_danish() -> anyhow::Result<()> {
    told("da", "telefon-underskrift", Scripts::Run, signing).await
}

#[tokio::test]
async fn who_has_a_phone_signs_by_it_or_by_the_card_instead_in_english() -> anyhow::Result<()> {
    told("en", "phone-signature", Scripts::Run, signing).await
}

#[tokio::test]
async fn the_page_that_waits_for_a_signature_asks_again_without_scripts() -> anyhow::Result<()> {
    told("en", "phone-signature-no-script", Scripts::Off, signing_without_scripts).await
}

#[tokio::test]
async fn who_has_forgotten_the_password_replaces_it_by_phone_in_danish() -> anyhow::Result<()> {
    told("da", "glemt-adgangskode", Scripts::Run, forgotten).await
}

#[tokio::test]
async fn who_has_forgotten_the_password_replaces_it_by_phone_in_english() -> anyhow::Result<()> {
    told("en", "forgotten-password", Scripts::Run, forgotten).await
}

/// At both widths.
pub(crate) async fn look(browser: &mut Browser, name: &str) -> anyhow::Result<()> {
    browser.look(name).await?;
    browser.look_narrow(name).await
}

/// Anne's log-in in the demonstration, up to her second factor.
async fn begin_log_in(browser: &Browser) -> anyhow::Result<()> {
    browser.go("/demo").await?;
    browser.click("main form:has([value=\"anne.aadal\"]) button").await
}

/// The phone reads the invitation that the page shows; the page goes on to the digits.
async fn claimed(service: &Service, browser: &Browser) -> anyhow::Result<Claimed> {
    let invitation = browser.find("#invitation").await?.attr("data-invitation").await?;
    let http = Client::anonymous(&service.url);
    let phone = begin(&http, Seen::Qr(&invitation.context("an invitation")?)).await?.claim("Annes arbejdstelefon").await?;
    browser.click("main a.button").await?;
    Ok(phone)
}

async fn pairing(service: &Service, browser: &mut Browser) -> anyhow::Result<()> {
    browser.go("/demo").await?;
    browser.says(&["./dev phone"]).await?;
    begin_log_in(browser).await?;
    type_key(browser).await?;
    browser.go("/account/phones").await?;
    look(browser, "none").await?;
    browser.click("main form[action=\"/account/phones\"] button").await?;
    look(browser, "invitation").await?;
    let phone = claimed(service, browser).await?;
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

async fn paired(service: &Service, browser: &Browser) -> anyhow::Result<SoftPhone> {
    begin_log_in(browser).await?;
    type_key(browser).await?;
    browser.go("/account/phones").await?;
    browser.click("main form[action=\"/account/phones\"] button").await?;
    let phone = claimed(service, browser).await?;
    browser.fill("password", PASSWORD).await?;
    browser.send("password").await?;
    type_key(browser).await?;
    phone.collect().await
}

/// The page waits and shows the number; it goes on by itself when the phone has answered, and the card and a code serve as before.
async fn waiting(service: &Service, browser: &mut Browser) -> anyhow::Result<()> {
    let phone = paired(service, browser).await?;
    begin_log_in(browser).await?;
    ensure!(browser.path().await? == "/login/phone", "{}", browser.path().await?);
    look(browser, "waits").await?;
    let shown = phone.sole_request().await?;
    browser.turn(async { phone.decide(&shown, Verdict::Reject).await.map(drop) }).await?;
    look(browser, "rejected").await?;
    begin_log_in(browser).await?;
    browser.click("main a[href^=\"/login/code\"]").await?;
    look(browser, "code").await?;
    browser.fill("code", "000000").await?;
    browser.send("code").await?;
    look(browser, "code-wrong").await?;
    browser.go("/login/phone").await?;
    browser.click("main a[href^=\"/login/key\"]").await?;
    browser.find("#demo-key").await?;
    browser.go("/login/phone").await?;
    approve(&phone, browser).await?;
    until("the page that goes on by itself", async || Ok((browser.path().await? == "/").then_some(()))).await?;
    browser.go("/account").await?;
    look(browser, "account").await?;
    begun_over_and_over(&phone, browser).await
}

/// Whoever begins over and over takes the earlier requests back, and is told at last why the phone is not asked.
async fn begun_over_and_over(phone: &SoftPhone, browser: &mut Browser) -> anyhow::Result<()> {
    for times in 0.. {
        begin_log_in(browser).await?;
        if browser.path().await? == "/login/key" {
            break;
        }
        ensure!(times < 5 && phone.waiting().await?.len() == 1, "asked {times} times, and the earlier requests wait on");
    }
    browser.find("#not-asked").await?;
    look(browser, "not-asked").await
}

/// Without scripts the page asks again by itself, and its button goes on.
async fn waiting_without_scripts(service: &Service, browser: &mut Browser) -> anyhow::Result<()> {
    let phone = paired(service, browser).await?;
    begin_log_in(browser).await?;
    approve(&phone, browser).await?;
    let button = Locator::Css("main form[data-phone-approved] button");
    until("the page that looked again", async || Ok(browser.client.find(button).await.ok())).await?;
    browser.click("main form[data-phone-approved] button").await?;
    ensure!(browser.path().await? == "/", "{}", browser.path().await?);
    Ok(())
}

async fn approve(phone: &SoftPhone, browser: &Browser) -> anyhow::Result<()> {
    let (number, shown) = (browser.content("#phone-number").await?, phone.sole_request().await?);
    ensure!(phone.decide(&shown, typed(&number)).await? == Decided::Taken, "the number is another's");
    Ok(())
}

/// Uploads a document and asks the phone to sign it. The page that waits.
async fn asked_to_sign(browser: &Browser) -> anyhow::Result<String> {
    browser.go("/documents").await?;
    browser.fill("file", &fixture("libreoffice.pdf").display().to_string()).await?;
    browser.fill("title", "Samarbejdsaftale").await?;
    browser.send("file").await?;
    browser.fill("place", "Korsør").await?;
    browser.send("place").await?;
    browser.path().await
}

async fn approve_signing(phone: &SoftPhone, browser: &Browser) -> anyhow::Result<()> {
    let (number, shown) = (browser.content("#phone-number").await?, phone.sole_request().await?);
    ensure!(phone.approve_signing(&shown, &number).await? == Decided::Taken, "the number is another's");
    Ok(())
}

/// The page that waits for a signature shows the number and the QR, goes on by itself, and gives the card instead.
async fn signing(service: &Service, browser: &mut Browser) -> anyhow::Result<()> {
    let phone = paired(service, browser).await?;
    let waits = asked_to_sign(browser).await?;
    ensure!(waits.contains("/signatures/"), "{waits}");
    browser.find("svg.segl-qr").await?;
    look(browser, "sign-waits").await?;
    browser.look_narrowest_and_dark("sign-waits").await?;
    approve_signing(&phone, browser).await?;
    let document = waits.split("/signatures/").next().unwrap_or_default().to_owned();
    until("the page that goes on by itself", async || Ok((browser.path().await? == document).then_some(()))).await?;
    look(browser, "signed-by-phone").await?;
    browser.find("#signed li").await?;
    let form = browser.find("main [name=reason]").await?;
    ensure!(!form.is_displayed().await?, "signing once more is offered before the document is read");
    browser.find("main details:has([name=reason]) > summary").await?.click().await?;
    ensure!(form.is_displayed().await?, "it cannot be signed once more");
    look(browser, "sign-once-more").await?;
    let waits = asked_to_sign(browser).await?;
    browser.click("main form[action$=\"/card\"] button").await?;
    ensure!(phone.waiting().await?.is_empty(), "the phone goes on asking");
    browser.find("[name=\"key\"]").await?;
    look(browser, "card-instead").await?;
    browser.look_narrowest_and_dark("card-instead").await?;
    browser.go(&waits).await?;
    look(browser, "taken-back").await?;
    asked_to_sign(browser).await?;
    let shown = phone.sole_request().await?;
    browser.turn(async { phone.decide(&shown, Verdict::Reject).await.map(drop) }).await?;
    look(browser, "sign-refused").await
}

async fn signing_without_scripts(service: &Service, browser: &mut Browser) -> anyhow::Result<()> {
    let phone = paired(service, browser).await?;
    let waits = asked_to_sign(browser).await?;
    browser.picture("sign-waits").await?;
    approve_signing(&phone, browser).await?;
    let document = waits.split("/signatures/").next().unwrap_or_default().to_owned();
    until("the page that looked again", async || Ok((browser.path().await? == document).then_some(()))).await
}

/// A card by a yes on the phone, a move to a new phone, and what the pages then tell of both.
async fn life(service: &Service, browser: &mut Browser) -> anyhow::Result<()> {
    let phone = paired(service, browser).await?;
    browser.go("/account").await?;
    browser.click("main form[action=\"/account/card-order\"] button").await?;
    look(browser, "card-waits").await?;
    approve(&phone, browser).await?;
    until("the card that is ordered", async || Ok((browser.path().await? == "/account").then_some(()))).await?;
    browser.go("/account/phones").await?;
    look(browser, "list-with-move").await?;
    browser.click("main form[action$=\"/move\"] button").await?;
    let page = browser.path().await?;
    let new = claimed(service, browser).await?;
    look(browser, "move-digits").await?;
    browser.fill("password", PASSWORD).await?;
    browser.send("password").await?;
    look(browser, "move-waits").await?;
    approve(&phone, browser).await?;
    until("the page that goes on by itself", async || Ok((browser.path().await? == page).then_some(()))).await?;
    look(browser, "moved").await?;
    let new = new.collect().await?;
    new.time_ms().await?;
    ensure!(phone.time_ms().await.is_err(), "the phone that was moved from is still known");
    blocked_in_two_presses(&new, browser).await?;
    browser.go("/account/approvals").await?;
    look(browser, "history").await?;
    browser.fill("minutes", "99").await?;
    browser.send("minutes").await?;
    look(browser, "history-wrong-limit").await
}

/// By keyboard alone: one press opens the question, the next one blocks.
async fn blocked_in_two_presses(phone: &SoftPhone, browser: &mut Browser) -> anyhow::Result<()> {
    browser.go("/account/phones").await?;
    tab_to(browser, &format!("#lost-{} summary", phone.id)).await?;
    press(browser, &Key::Enter.to_string()).await?;
    look(browser, "list-lost").await?;
    phone.time_ms().await?;
    tab_to(browser, &format!("#lost-{} button:not([name])", phone.id)).await?;
    browser.turn(press(browser, &Key::Enter.to_string())).await?;
    ensure!(phone.time_ms().await.is_err(), "the lost phone is not blocked");
    look(browser, "list-blocked").await
}

/// Moves the keyboard to an element of the page, by Tab alone.
pub(crate) async fn tab_to(browser: &Browser, css: &str) -> anyhow::Result<()> {
    for _ in 0..80 {
        browser.client.active_element().await?.send_keys(&Key::Tab.to_string()).await?;
        let there = browser.run("return document.activeElement?.matches(arguments[0]) ?? false;", vec![json!(css)]).await?;
        if there == json!(true) {
            return Ok(());
        }
    }
    anyhow::bail!("the keyboard does not come to {css}")
}

pub(crate) async fn press(browser: &Browser, keys: &str) -> anyhow::Result<()> {
    Ok(browser.client.active_element().await?.send_keys(keys).await?)
}

/// A new password in place of a forgotten one: the user id, the mailed link, the two digits, by keyboard alone.
async fn forgotten(service: &Service, browser: &mut Browser) -> anyhow::Result<()> {
    const NEW: &str = "Havregroed-2026-maane";
    let phone = paired(service, browser).await?;
    browser.client.delete_all_cookies().await?;
    browser.go("/login").await?;
    look(browser, "login").await?;
    tab_to(browser, "a[href=\"/password/forgotten\"]").await?;
    browser.turn(press(browser, &Key::Enter.to_string())).await?;
    look(browser, "user-id").await?;
    tab_to(browser, "[name=user_id]").await?;
    browser.turn(press(browser, &format!("anne.aadal{}", Key::Enter))).await?;
    look(browser, "sent").await?;
    let script = "const row = [...document.querySelectorAll('main tbody tr')].find(row => /Choose a new password|Vælg en ny adgangskode/.test(row.textContent));
        return row ? row.querySelector('a').getAttribute('href') : null;";
    let href = browser.wait_on("/demo/mail", script, vec![json!("")]).await?;
    browser.go(href.as_str().context("no mail")?).await?;
    let find = "return (document.body.innerText.match(/\\/password\\/new\\/[\\w-]+/) || [null])[0];";
    let link = browser.run(find, vec![]).await?.as_str().map(str::to_owned).context("no link")?;
    browser.go(&link).await?;
    look(browser, "choose").await?;
    tab_to(browser, "[name=new_password]").await?;
    press(browser, NEW).await?;
    tab_to(browser, "[name=repeated]").await?;
    browser.turn(press(browser, &format!("Noget-andet-7{}", Key::Enter))).await?;
    look(browser, "choose-unlike").await?;
    for field in ["new_password", "repeated"] {
        tab_to(browser, &format!("[name={field}]")).await?;
        press(browser, NEW).await?;
    }
    browser.turn(press(browser, &Key::Enter.to_string())).await?;
    ensure!(browser.path().await? == "/password/phone", "{}", browser.path().await?);
    look(browser, "waits").await?;
    let number = browser.content("#phone-number").await?;
    let shown = phone.sole_request().await?;
    let message = phone.approval_with_releases(&shown, &number)?;
    phone.send_decision(&shown.id, &message).await?.expect(200)?;
    until("the page that goes on by itself", async || {
        let done = browser.run("return !!document.querySelector('main a[href=\"/login\"]');", vec![]).await?;
        Ok((done == json!(true)).then_some(()))
    })
    .await?;
    look(browser, "done").await?;
    tab_to(browser, "main a[href=\"/login\"]").await?;
    browser.turn(press(browser, &Key::Enter.to_string())).await?;
    tab_to(browser, "[name=user_id]").await?;
    press(browser, "anne.aadal").await?;
    tab_to(browser, "[name=password]").await?;
    browser.turn(press(browser, &format!("{NEW}{}", Key::Enter))).await?;
    ensure!(browser.path().await? == "/login/phone", "the new password does not log in: {}", browser.path().await?);
    Ok(())
}
