//! The pages around the main job, told in English: refusals, help, the operator's rooms, small screens, the keyboard, no scripts.

use anyhow::{Context as _, ensure};
use fantoccini::key::Key;
use serde_json::json;
use support::visitor::between;

use crate::{
    driver::{Browser, Scripts},
    service::{Service, root},
};

const PASSWORD: &str = "Havnen-demo-2026";

#[tokio::test]
async fn the_pages_around_the_job_work_for_everybody() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let mut browser = Browser::open(&service.url, "en", "english", Scripts::Run).await?;
    let told = story(&mut browser, &service).await;
    if told.is_err() {
        browser.picture("failed").await?;
    }
    told.with_context(|| service.log().lines().rev().take(5).collect::<Vec<_>>().join("\n"))?;
    drop(browser);
    let mut browser = Browser::open(&service.url, "en", "no-script", Scripts::Off).await?;
    without_scripts(&mut browser).await
}

async fn story(browser: &mut Browser, service: &Service) -> anyhow::Result<()> {
    everybody_reads(browser).await?;
    let reference = a_wrong_password_is_refused(browser).await?;
    an_unknown_device_is_asked_first(browser, service).await?;
    what_is_no_pdf_is_refused(browser).await?;
    by_keyboard_alone(browser).await?;
    the_operator_looks_around(browser).await?;
    the_help_desk_sees_why(browser, &reference).await?;
    the_language_is_changed(browser).await
}

async fn everybody_reads(browser: &mut Browser) -> anyhow::Result<()> {
    for (path, name) in [
        ("/", "home"),
        ("/help", "help"),
        ("/problems", "problems"),
        ("/demo", "people"),
        ("/demo/mail", "mail"),
        ("/verify", "verify"),
        ("/trust", "trust"),
        ("/directory/search", "directory"),
        ("/login", "login"),
    ] {
        browser.go(path).await?;
        browser.look(name).await?;
        browser.look_narrow(name).await?;
    }
    browser.go("/problems").await?;
    browser.click("main tbody a").await?;
    browser.look("one-problem").await?;
    browser.go("/accessibility").await?;
    browser.look("accessibility").await?;
    for (path, name) in [("/no/such/page", "404"), ("/documents", "not-logged-in"), ("/agreement/0000000000000000000000", "no-such-link")] {
        browser.go(path).await?;
        browser.look(name).await?;
    }
    Ok(())
}

/// Gives the reference of the refusal.
async fn a_wrong_password_is_refused(browser: &mut Browser) -> anyhow::Result<String> {
    browser.go("/login").await?;
    browser.fill("user_id", "erik.oestergaard").await?;
    browser.fill("password", "wrong-password-1").await?;
    browser.send("user_id").await?;
    let alert = browser.content("#error-summary").await?;
    ensure!(alert.to_lowercase().contains("password"), "{alert}");
    browser.look("login-refused").await?;
    let typed = browser.find("#user_id").await?.prop("value").await?;
    ensure!(typed.as_deref() == Some("erik.oestergaard"), "what was typed is gone: {typed:?}");
    let secret = browser.find("#password").await?.prop("value").await?;
    ensure!(secret.as_deref() == Some(""), "the password came back");
    between(&alert, "Reference ", ":").context("no reference")
}

/// Twenty wrong passwords from five networks: each loopback /24 is one.
async fn an_unknown_device_is_asked_first(browser: &mut Browser, service: &Service) -> anyhow::Result<()> {
    for network in 1..=5 {
        let from = std::net::IpAddr::from([127, 0, network, 1]);
        let http = reqwest::Client::builder().local_address(from).tls_built_in_root_certs(false).build()?;
        for _ in 0..4 {
            let body = json!({"user_id": "fie.holm", "password": "wrong-password-1"});
            let told = http.post(format!("{}/api/v1/logins", service.url)).json(&body).send().await?;
            ensure!(told.status() == 403, "{}", told.status());
        }
    }
    browser.go("/login").await?;
    browser.fill("user_id", "fie.holm").await?;
    browser.fill("password", PASSWORD).await?;
    browser.send("user_id").await?;
    browser.says(&["Answer with your key card first"]).await?;
    browser.look("asked-first").await?;
    browser.look_narrow("asked-first").await?;
    browser.look_narrowest_and_dark("asked-first").await?;
    browser.fill("answer", "000000").await?;
    browser.fill("password", PASSWORD).await?;
    browser.send("answer").await?;
    browser.says(&["The key or code is not right"]).await
}

async fn the_help_desk_sees_why(browser: &mut Browser, reference: &str) -> anyhow::Result<()> {
    browser.go("/operations/help").await?;
    browser.fill("reference", &reference.to_lowercase()).await?;
    browser.send("reference").await?;
    browser.says(&["The password was wrong.", "Erik Østergård", "Sejlforeningen Nordhavn"]).await?;
    browser.look("help-desk").await?;
    browser.look_narrow("help-desk").await?;
    browser.go("/account").await?;
    browser.says(&["Devices that are known"]).await?;
    browser.look("account").await?;
    browser.go("/account/user-id").await?;
    browser.look("user-id").await
}

async fn what_is_no_pdf_is_refused(browser: &mut Browser) -> anyhow::Result<()> {
    browser.go("/verify").await?;
    browser.fill("file", &root().join("tests/Cargo.toml").display().to_string()).await?;
    browser.send("file").await?;
    browser.find("#error-summary").await?;
    browser.says(&["PDF"]).await?;
    browser.look("verify-no-pdf").await
}

/// Where the keyboard stands.
const HERE: &str = "const one = document.activeElement, style = getComputedStyle(one);
    const look = style => [style.outlineStyle + style.outlineWidth + style.outlineColor, style.boxShadow, style.borderColor].join();
    const rest = window.seglRest.get(one);
    return {name: one.name || one.getAttribute('href') || one.type || one.tagName, seen: rest !== undefined && rest !== look(style),
        inside: (box => box.width > 0 && box.right > 0 && box.bottom > 0)(one.getBoundingClientRect())};";

/// How everything that can be focused looks before.
pub const REST: &str = "const look = style => [style.outlineStyle + style.outlineWidth + style.outlineColor, style.boxShadow, style.borderColor].join();
    window.seglRest = new WeakMap([...document.querySelectorAll('a, button, input, select, textarea, [tabindex]')].map(one => [one, look(getComputedStyle(one))]));";

/// Presses the tabulator until something is reached; each station is seen.
pub async fn tab_to(browser: &Browser, name: &str) -> anyhow::Result<Vec<String>> {
    let mut stations = Vec::new();
    for _ in 0..40 {
        browser.client.active_element().await?.send_keys(&Key::Tab.to_string()).await?;
        let here = browser.run(HERE, vec![]).await?;
        ensure!(here["seen"] == true && here["inside"] == true, "the focus is not seen: {here}");
        stations.push(here["name"].as_str().unwrap_or_default().to_owned());
        if here["name"] == name {
            return Ok(stations);
        }
    }
    anyhow::bail!("{name} is not reached: {stations:?}")
}

pub async fn press(browser: &Browser, keys: &str) -> anyhow::Result<()> {
    Ok(browser.client.active_element().await?.send_keys(keys).await?)
}

async fn by_keyboard_alone(browser: &mut Browser) -> anyhow::Result<()> {
    browser.go("/login").await?;
    browser.run(REST, vec![]).await?;
    let stations = tab_to(browser, "submit").await?;
    let order = ["#content", "/demo", "/", "/verify", "/help", "user_id", "password", "submit"];
    let mut rest = stations.iter();
    for one in order {
        ensure!(rest.any(|station| station == one), "{one} is not reached in order: {stations:?}");
    }
    browser.go("/login").await?;
    browser.run(REST, vec![]).await?;
    tab_to(browser, "#content").await?;
    browser.picture("skip-link").await?;
    press(browser, &Key::Enter.to_string()).await?;
    let stations = tab_to(browser, "user_id").await?;
    ensure!(stations.len() == 1, "the skip link does not skip: {stations:?}");
    browser.picture("focused-field").await?;
    press(browser, "olga.operatoer").await?;
    tab_to(browser, "password").await?;
    browser.turn(press(browser, &format!("{PASSWORD}{}", Key::Enter))).await?;
    let key = browser.content("#demo-key").await?;
    browser.run(REST, vec![]).await?;
    tab_to(browser, "key").await?;
    browser.turn(press(browser, &format!("{key}{}", Key::Enter))).await?;
    browser.says(&["Olga Operatør"]).await
}

async fn the_operator_looks_around(browser: &mut Browser) -> anyhow::Result<()> {
    for (path, name) in [
        ("/operations", "operations"),
        ("/operations/letters", "letters"),
        ("/account/keycards/preferences", "card-preferences"),
        ("/audit", "audit"),
        ("/certificates", "certificates"),
        ("/companies", "companies"),
        ("/companies/new", "register"),
    ] {
        browser.go(path).await?;
        browser.look(name).await?;
        browser.look_narrow(name).await?;
    }
    browser.go("/companies").await?;
    browser.follow("Havnens Bageri ApS").await?;
    browser.look("company").await?;
    browser.follow("Bo Bødker").await?;
    browser.look("employee").await?;
    browser.look_narrow("employee").await?;
    browser.go("/documents").await?;
    browser.look("not-allowed").await?;
    browser.go("/account/password").await?;
    browser.send("repeated").await?;
    browser.look("password-missing").await
}

async fn the_language_is_changed(browser: &mut Browser) -> anyhow::Result<()> {
    browser.go("/help").await?;
    browser.click("header a[hreflang=da]").await?;
    browser.go("/help").await?;
    browser.language = "da".to_owned();
    browser.says(&["Hjælp"]).await?;
    browser.look("help-in-danish").await
}

async fn without_scripts(browser: &mut Browser) -> anyhow::Result<()> {
    browser.go("/login").await?;
    browser.fill("user_id", "bo.boedker").await?;
    browser.fill("password", "wrong-password-1").await?;
    browser.send("user_id").await?;
    let focused = browser.client.active_element().await?.attr("id").await?;
    ensure!(focused.as_deref() != Some("error-summary"), "scripts run");
    browser.fill("password", PASSWORD).await?;
    browser.send("user_id").await?;
    let key = browser.content("#demo-key").await?;
    browser.fill("key", &key).await?;
    browser.send("key").await?;
    browser.click("header a[href=\"/documents\"]").await?;
    browser.fill("file", &root().join("tests/fixtures/pdf/cairo.pdf").display().to_string()).await?;
    browser.fill("title", "Without scripts").await?;
    browser.send("file").await?;
    browser.says(&["Without scripts", "Not signed"]).await?;
    browser.picture("uploaded").await?;
    browser.click("header form[action=\"/logout\"] button").await
}
