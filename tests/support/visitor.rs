//! A person's browser without script: pages, forms with the session's token, cookies kept.

use std::{collections::BTreeMap, sync::Mutex};

use anyhow::{Context as _, ensure};
use reqwest::{Method, RequestBuilder, header};

use crate::{
    client::{Answer, Client, send},
    roles::Person,
};

/// A browser.
#[derive(Debug)]
pub struct Visitor {
    client: Client,
    language: &'static str,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Visitor {
    /// A fresh browser of somebody who reads this language (`da`, `en`).
    pub fn new(client: &Client, language: &'static str) -> Self {
        Self { client: client.without_token(), language, cookies: Mutex::default() }
    }

    /// The value of a cookie.
    ///
    /// # Panics
    /// When another thread panicked.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Takes over somebody's cookie.
    ///
    /// # Panics
    /// When another thread panicked.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// A request as browsers send it for a person.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).header(header::ACCEPT, "text/html,application/xhtml+xml;q=0.9")
    }

    /// A request with the browser's cookies, as a script sends it.
    ///
    /// # Panics
    /// When another thread panicked.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<String> = self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.client.request(method, path).header(header::ACCEPT_LANGUAGE, self.language);
        if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies.join("; ")) }
    }

    /// Sends, and keeps the cookies that come back.
    ///
    /// # Errors
    /// When nobody answers.
    ///
    /// # Panics
    /// When another thread panicked.
    pub async fn send(&self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let answer = send(request).await?;
        let mut cookies = self.cookies.lock().unwrap();
        for value in answer.headers.get_all(header::SET_COOKIE) {
            let value = value.to_str().unwrap_or_default();
            let (name, value) = value.split(';').next().and_then(|pair| pair.split_once('=')).unwrap_or_default();
            if value.is_empty() {
                cookies.remove(name)
            } else {
                cookies.insert(name.to_owned(), value.to_owned())
            };
        }
        drop(cookies);
        Ok(answer)
    }

    /// Opens a page.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(self.request(Method::GET, path).header("Sec-Fetch-Site", "none")).await
    }

    /// Sends a form as our own page does: with the token that stands in `page`.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn submit(&self, page: &Answer, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let token = hidden(&page.text(), "csrf").unwrap_or_default();
        let mut fields: Vec<(&str, &str)> = fields.to_vec();
        fields.push(("csrf", &token));
        self.send(self.request(Method::POST, path).header("Sec-Fetch-Site", "same-origin").form(&fields)).await
    }

    /// Logs in through the pages.
    ///
    /// # Errors
    /// When a page refuses.
    pub async fn log_in(&self, person: &Person) -> anyhow::Result<()> {
        let page = self.get("/login").await?.expect(200)?;
        self.submit(&page, "/login", &[("user_id", &person.user_id), ("password", &person.password)]).await?.expect(303)?;
        let page = self.get("/login/key").await?.expect(200)?;
        let number = between(&page.text(), "id=\"key-number\">", "<").context("the page asks for no key")?;
        self.submit(&page, "/login/key", &[("key", &person.card.key(&number))]).await?.expect(303)?;
        ensure!(self.cookie("__Host-segl").is_some(), "no session came");
        Ok(())
    }
}

/// The value of a hidden field.
pub fn hidden(page: &str, name: &str) -> Option<String> {
    between(page, &format!("name=\"{name}\" value=\""), "\"")
}

/// What stands between two texts, for the first time.
pub fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found.trim().to_owned())
}
