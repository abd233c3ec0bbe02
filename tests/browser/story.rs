//! How a story is told: a demonstration of its own, a browser, and a picture of where it ended when it failed. And how its people log in.

use anyhow::Context as _;

use crate::{
    driver::{Browser, Scripts},
    service::Service,
};

/// The password of everybody in the demonstration.
pub const PASSWORD: &str = "Havnen-demo-2026";

/// Tells a story, named as its pictures are.
///
/// # Errors
/// With what failed, and the service's last words.
pub async fn told(
    language: &str,
    story: &'static str,
    scripts: Scripts,
    tell: impl AsyncFnOnce(&Service, &mut Browser) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let service = Service::start().await?;
    let mut browser = Browser::open(&service.url, language, story, scripts).await?;
    let told = tell(&service, &mut browser).await;
    if told.is_err() {
        browser.picture("failed").await?;
    }
    told.with_context(|| service.log().lines().rev().take(5).collect::<Vec<_>>().join("\n"))
}

/// Shows user id and password, and leaves the page that asks for a key open.
///
/// # Errors
/// When the browser fails.
pub async fn begin_log_in(browser: &Browser, user_id: &str) -> anyhow::Result<()> {
    browser.go("/login").await?;
    browser.fill("user_id", user_id).await?;
    browser.fill("password", PASSWORD).await?;
    browser.send("user_id").await
}

/// Types the key that the demonstration shows.
///
/// # Errors
/// When it shows none.
pub async fn type_key(browser: &Browser) -> anyhow::Result<()> {
    let shown = browser.content("#demo-key").await?;
    browser.fill("key", &shown).await?;
    browser.send("key").await
}

/// Logs somebody of the demonstration in.
///
/// # Errors
/// When a page refuses.
pub async fn log_in(browser: &Browser, user_id: &str) -> anyhow::Result<()> {
    begin_log_in(browser, user_id).await?;
    type_key(browser).await
}
