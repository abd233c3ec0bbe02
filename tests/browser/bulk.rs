//! An administrator imports many employees from one file: looked through, started, watched while it runs, in both languages.

use std::fmt::Write as _;

use anyhow::Context as _;

use crate::{
    driver::{Browser, Scripts, until},
    service::Service,
    story::log_in,
};

#[tokio::test]
async fn the_pages_of_an_import_work_in_both_languages() -> anyhow::Result<()> {
    let service = Service::start().await?;
    for (language, story, number) in [("da", "bulk-da", 0), ("en", "bulk-en", 1000)] {
        let mut rows = "Fornavn;Efternavn;E-mail;Sprog\r\n".to_owned();
        for number in number..number + 70 {
            write!(rows, "Åse;Ødegård{number};aase{number}@havnen.example;\r\n")?;
        }
        rows.push_str("Bo;Bager;intet;svensk\r\n;;aase0@havnen.example;\r\n");
        let good = service.keep("by.csv", rows.as_bytes())?.display().to_string();
        let bad = service.keep("bad.csv", b"Fornavn;CPR\r\nBo;1\r\n")?.display().to_string();
        let mut browser = Browser::open(&service.url, language, story, Scripts::Run).await?;
        let told = told(&mut browser, (&good, &bad), language).await;
        if told.is_err() {
            browser.picture("failed").await?;
        }
        told.with_context(|| service.log().lines().rev().take(5).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(())
}

async fn told(browser: &mut Browser, (good, bad): (&str, &str), language: &str) -> anyhow::Result<()> {
    let say = |danish: &'static str, english: &'static str| if language == "da" { danish } else { english };
    log_in(browser, "dorthe.dam").await?;
    browser.click("header a[href^=\"/companies/\"]").await?;
    browser.follow(say("Importér medarbejdere", "Import employees")).await?;
    browser.look("send").await?;
    browser.look_narrowest_and_dark("send").await?;
    browser.fill("file", bad).await?;
    browser.send("file").await?;
    browser.says(&["CPR"]).await?;
    browser.look("refused").await?;
    browser.fill("file", good).await?;
    browser.send("file").await?;
    browser.says(&[say("Uden fejl", "Without faults"), "Ødegård"]).await?;
    browser.look("checked").await?;
    browser.look_narrow("checked").await?;
    browser.follow(say("Har fejl", "Has faults")).await?;
    browser.says(&[say("Skriv dansk eller engelsk", "Write Danish or English")]).await?;
    browser.look("faults").await?;
    browser.choose("way", "good").await?;
    browser.send("way").await?;
    browser.look("running").await?;
    // The page goes on by itself.
    let done = say("er inviteret", "are invited");
    let there = &*browser;
    until("the import's end", || async move { Ok(there.text().await?.contains(done).then_some(())) }).await?;
    browser.look("done").await?;
    browser.look_narrow("done").await
}
