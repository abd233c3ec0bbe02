//! Code tokens on the pages: imported by the operator, allowed and given by the administrator, activated and used by the employee, in both
//! languages, on a large and a small screen.

use support::token::HandToken;

use crate::{
    driver::{Browser, Scripts},
    service::{Service, root},
    story::{begin_log_in, log_in, told},
};

#[tokio::test]
async fn the_pages_of_code_tokens_work_in_danish() -> anyhow::Result<()> {
    told("da", "code-tokens-da", Scripts::Run, async |service, browser| story_of(service, browser, true).await).await
}

#[tokio::test]
async fn the_pages_of_code_tokens_work_in_english() -> anyhow::Result<()> {
    told("en", "code-tokens-en", Scripts::Run, async |service, browser| story_of(service, browser, false).await).await
}

/// At both widths.
async fn look(browser: &mut Browser, name: &str) -> anyhow::Result<()> {
    browser.look(name).await?;
    browser.look_narrow(name).await
}

async fn log_out(browser: &Browser) -> anyhow::Result<()> {
    browser.click("header form[action=\"/logout\"] button").await
}

async fn story_of(service: &Service, browser: &mut Browser, danish: bool) -> anyhow::Result<()> {
    let say = |da: &'static str, en: &'static str| if danish { da } else { en };
    let mut token = HandToken::new("NV-7001");
    let file = service.keep("tokens.csv", format!("serial,seed_hex,kind\n{}", token.line("hotp")).as_bytes())?;
    log_in(browser, "olga.operatoer").await?;
    browser.click("header a[href=\"/operations/tokens\"]").await?;
    look(browser, "stock-empty").await?;
    browser.click("main a[href=\"/operations/tokens/import\"]").await?;
    browser.choose("format", "pskc").await?;
    browser.fill("file", &root().join("tests/fixtures/pskc/rfc6030-figure6.xml").display().to_string()).await?;
    browser.send("format").await?;
    browser.says(&[say("Filen er krypteret", "The file is encrypted")]).await?;
    look(browser, "import-refused").await?;
    browser.choose("format", "csv").await?;
    browser.fill("file", &file.display().to_string()).await?;
    browser.send("format").await?;
    browser.says(&["NV-7001", say("På lager", "In stock")]).await?;
    look(browser, "stock").await?;
    log_out(browser).await?;

    log_in(browser, "anne.aadal").await?;
    browser.click("header a[href^=\"/companies/\"]").await?;
    let company = browser.path().await?;
    browser.follow(say("Hvordan medarbejderne logger på", "How employees log in")).await?;
    look(browser, "factors").await?;
    browser.choose("token", "yes").await?;
    browser.send("token").await?;
    browser.says(&[say("Valget er gemt", "The choice is saved")]).await?;
    browser.go(&company).await?;
    browser.follow("Bo Bødker").await?;
    browser.fill("serial", "nv-7001").await?;
    browser.send("serial").await?;
    browser.says(&["NV-7001", say("Venter på at blive aktiveret", "Waits to be activated")]).await?;
    look(browser, "employee").await?;
    log_out(browser).await?;

    log_in(browser, "bo.boedker").await?;
    browser.go("/account/code-token").await?;
    look(browser, "own").await?;
    for (name, code) in [("first", token.press()), ("second", token.press())] {
        browser.fill(name, &code).await?;
    }
    browser.send("first").await?;
    browser.says(&[say("Nøgleviseren er i brug", "The code token is in use")]).await?;
    look(browser, "own-active").await?;
    log_out(browser).await?;
    begin_log_in(browser, "bo.boedker").await?;
    browser.follow(say("Brug din nøgleviser", "Use your code token")).await?;
    look(browser, "log-in").await?;
    browser.fill("token_code", "000000").await?;
    browser.send("token_code").await?;
    look(browser, "log-in-refused").await?;
    browser.fill("token_code", &token.press()).await?;
    browser.send("token_code").await?;
    browser.go("/account/code-token").await?;
    browser.click("main form[action$=\"/block\"] button").await?;
    browser
        .says(&[say("Nøgleviseren er spærret", "The code token is blocked"), say("Vis først at det er dig", "First show that it is you")])
        .await?;
    look(browser, "own-blocked").await
}
