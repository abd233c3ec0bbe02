//! The desk in both languages and at every width: find who has come, read what lacks, record what suffices.

use crate::{
    driver::{Browser, Scripts},
    phones::look,
    story::{self, type_key},
};

#[tokio::test]
async fn an_operator_sees_documents_at_the_desk_in_danish() -> anyhow::Result<()> {
    told(
        "da",
        "skranken",
        [
            ["Det er ikke nok", "udløb den 2026-01-31"],
            ["kan udleveres med det samme", "Legitimation af"],
            ["Registreret", "Set ved skranken"],
        ],
    )
    .await
}

#[tokio::test]
async fn an_operator_sees_documents_at_the_desk_in_english() -> anyhow::Result<()> {
    told(
        "en",
        "desk",
        [
            ["This does not suffice", "expired on 2026-01-31"],
            ["can be handed over at once", "Identity of"],
            ["Recorded", "Seen at the desk"],
        ],
    )
    .await
}

async fn told(language: &str, story: &'static str, says: [[&'static str; 2]; 3]) -> anyhow::Result<()> {
    story::told(language, story, Scripts::Run, async |_, browser| tell(browser, says).await).await
}

async fn tell(browser: &mut Browser, [refused, judged, recorded]: [[&str; 2]; 3]) -> anyhow::Result<()> {
    browser.go("/help/documents").await?;
    look(browser, "documents").await?;
    browser.look_narrowest_and_dark("documents").await?;
    browser.go("/demo").await?;
    browser.click("main form:has([value=\"olga.operatoer\"]) button").await?;
    type_key(browser).await?;
    browser.click("header a[href=\"/desk\"]").await?;
    browser.fill("name", "b").await?;
    browser.send("name").await?;
    look(browser, "search-fault").await?;
    browser.fill("name", "bød").await?;
    browser.send("name").await?;
    look(browser, "found").await?;
    browser.follow("Bo Bødker").await?;
    look(browser, "person").await?;
    browser.fill("birth_date", "17-05-1984").await?;
    browser.choose("documents/0/kind", "passport").await?;
    browser.fill("documents/0/issuer", "Slagelse Kommune").await?;
    browser.fill("documents/0/expires", "31-01-2026").await?;
    browser.fill("documents/0/number", "208123456").await?;
    browser.click("main button[name=judge]").await?;
    browser.says(&refused).await?;
    look(browser, "refused").await?;
    browser.look_narrowest_and_dark("refused").await?;
    browser.fill("documents/0/expires", "31-01-2099").await?;
    browser.click("main button[name=judge]").await?;
    browser.says(&judged).await?;
    look(browser, "judged").await?;
    browser.click("main button[name=record]").await?;
    browser.says(&recorded).await?;
    look(browser, "recorded").await?;
    browser.look_narrowest_and_dark("recorded").await
}
