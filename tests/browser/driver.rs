//! A headless Chromium driven through chromedriver. It ends with the test, whatever happens.

use std::{
    future::Future,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::service::{Ended, free_port};

/// How long a page may take; a machine that also compiles is slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether pages may run their scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// As most people browse.
    Run,
    /// As some must.
    Off,
}

/// A browser with one window.
pub struct Browser {
    /// The WebDriver client.
    pub client: Client,
    /// The language that pages must be in.
    pub language: String,
    /// The story's name, before each picture's.
    pub story: &'static str,
    /// How many pictures were taken.
    pub shots: usize,
    base: String,
    session: String,
    port: u16,
    _driver: Ended,
    _profile: TempDir,
}

impl Drop for Browser {
    /// Chromium would outlive a killed driver: it is told to quit first.
    fn drop(&mut self) {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return };
        let _bounded = stream.set_read_timeout(Some(Duration::from_secs(10)));
        let request = format!("DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", self.session, self.port);
        let _asked = stream.write_all(request.as_bytes());
        let _answered = stream.read(&mut [0; 512]);
    }
}

/// Waits until a question about the page is answered with something.
///
/// # Errors
/// When it is not in time, or the question fails.
pub async fn until<T, F: Future<Output = anyhow::Result<Option<T>>>>(what: &str, mut ask: impl FnMut() -> F) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        let answer = ask().await;
        match answer {
            Ok(Some(found)) => return Ok(found),
            Err(error) if start.elapsed() > PATIENCE => return Err(error.context(format!("waited for {what}"))),
            Ok(None) if start.elapsed() > PATIENCE => bail!("waited in vain for {what}"),
            Ok(None) | Err(_) => tokio::time::sleep(Duration::from_millis(25)).await,
        }
    }
}

impl Browser {
    /// Opens a window upon a service.
    ///
    /// # Errors
    /// When chromedriver or Chromium are missing; ./dev tools installs them.
    pub async fn open(base: &str, language: &str, story: &'static str, scripts: Scripts) -> anyhow::Result<Self> {
        let (port, profile) = (free_port(), tempfile::tempdir()?);
        let driver = Ended::start(Path::new("chromedriver"), &[&format!("--port={port}")], &profile.path().join("driver.log"))?;
        let capabilities = capabilities(&profile.path().join("profile"), language, scripts);
        let address = format!("http://127.0.0.1:{port}");
        until("chromedriver; ./dev tools installs it", async || Ok(TcpStream::connect(("127.0.0.1", port)).ok())).await?;
        let client =
            ClientBuilder::native().capabilities(capabilities).connect(&address).await.context("Chromium; ./dev tools installs it")?;
        let session = client.session_id().await?.context("a session")?;
        let (base, language) = (base.to_owned(), language.to_owned());
        Ok(Self { client, language, story, shots: 0, base, session, port, _driver: driver, _profile: profile })
    }

    /// A command that only Chromium knows: its DevTools protocol.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn devtools(&self, command: &str, parameters: Value) -> anyhow::Result<Value> {
        self.chromium("goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    /// Those of the console's messages since the last question that tell of a page at odds with itself.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn complaints(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.chromium("se/log", json!({"type": "browser"})).await?;
        let words = entries.as_array().into_iter().flatten().filter_map(|entry| entry["message"].as_str());
        Ok(words.filter(|words| words.contains("Content Security Policy") || words.contains("Uncaught")).map(str::to_owned).collect())
    }

    async fn chromium(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        let url = format!("http://127.0.0.1:{}/session/{}/{path}", self.port, self.session);
        let mut answer: Value = reqwest::Client::new().post(url).json(&body).send().await?.json().await?;
        ensure!(answer["value"].get("error").is_none(), "{path}: {answer}");
        Ok(answer["value"].take())
    }

    /// Goes to a path of the service.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn go(&self, path: &str) -> anyhow::Result<()> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        Ok(self.client.goto(&url).await?)
    }

    /// The path where the browser is.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn path(&self) -> anyhow::Result<String> {
        Ok(self.client.current_url().await?.path().to_owned())
    }

    /// The element of a CSS selector.
    ///
    /// # Errors
    /// When it does not appear in time.
    pub async fn find(&self, css: &str) -> anyhow::Result<Element> {
        let wait = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(25));
        wait.for_element(Locator::Css(css)).await.with_context(|| format!("no element {css}"))
    }

    /// The text of an element as it stands in the document.
    ///
    /// # Errors
    /// When there is none.
    pub async fn content(&self, css: &str) -> anyhow::Result<String> {
        self.find(css).await?.prop("textContent").await?.with_context(|| format!("{css} has no text"))
    }

    /// The text of the page's main part, as it is seen.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn text(&self) -> anyhow::Result<String> {
        Ok(self.find("main").await?.text().await?)
    }

    /// Holds the page to some words.
    ///
    /// # Errors
    /// When one is not there.
    pub async fn says(&self, words: &[&str]) -> anyhow::Result<()> {
        let text = self.text().await?;
        for word in words {
            ensure!(text.contains(word), "{} does not say {word:?}, but:\n{text}", self.path().await?);
        }
        Ok(())
    }

    /// Types into the field with this name.
    ///
    /// # Errors
    /// When there is none.
    pub async fn fill(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(&format!("main [name=\"{name}\"]")).await?;
        if field.attr("type").await?.as_deref() != Some("file") {
            field.clear().await?;
        }
        field.send_keys(text).await.with_context(|| format!("type into {name}"))
    }

    /// Chooses an option: of a radio group, a checkbox or a select.
    ///
    /// # Errors
    /// When there is none.
    pub async fn choose(&self, name: &str, value: &str) -> anyhow::Result<()> {
        let css = format!("main input[name=\"{name}\"][value=\"{value}\"], main select[name=\"{name}\"] option[value=\"{value}\"]");
        self.find(&css).await?.click().await.with_context(|| format!("choose {value} of {name}"))
    }

    /// Does something that leads to another page, and waits for it.
    ///
    /// # Errors
    /// When the page does not change in time.
    pub async fn turn<F: Future<Output = anyhow::Result<()>>>(&self, act: F) -> anyhow::Result<()> {
        let before = self.find("html").await?;
        act.await?;
        until("the next page", async || Ok(before.tag_name().await.is_err().then_some(()))).await?;
        self.find("footer").await.map(drop)
    }

    /// Clicks an element and waits for the next page.
    ///
    /// # Errors
    /// When there is none.
    pub async fn click(&self, css: &str) -> anyhow::Result<()> {
        self.turn(async { self.find(css).await?.click().await.with_context(|| format!("click {css}")) }).await
    }

    /// Clicks the link of the main part with this text, and waits for the next page.
    ///
    /// # Errors
    /// When there is none.
    pub async fn follow(&self, text: &str) -> anyhow::Result<()> {
        let path = format!("//main//a[contains(normalize-space(.), \"{text}\")]");
        let link = self.client.find(Locator::XPath(&path)).await.with_context(|| format!("no link {text}"))?;
        self.turn(async { Ok(link.click().await?) }).await
    }

    /// Sends the form that holds a field, by its button.
    ///
    /// # Errors
    /// When there is none.
    pub async fn send(&self, field: &str) -> anyhow::Result<()> {
        self.click(&format!("main form:has([name=\"{field}\"]) button[type=submit]:not([name])")).await
    }

    /// Runs a script that gives a value.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, arguments).await?)
    }

    /// The bytes behind a path, fetched by the page itself with the person's session.
    ///
    /// # Errors
    /// When it cannot be fetched.
    pub async fn download(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let script = "const done = arguments[1]; fetch(arguments[0]).then(answer => answer.ok ? answer.arrayBuffer() : Promise.reject(answer.status))
            .then(bytes => { let text = ''; new Uint8Array(bytes).forEach(byte => text += String.fromCharCode(byte)); done(btoa(text)); })
            .catch(error => done('!' + error));";
        let text = self.client.execute_async(script, vec![json!(path)]).await?;
        let text = text.as_str().unwrap_or("!");
        ensure!(!text.starts_with('!'), "{path}: {text}");
        Ok(base64::engine::general_purpose::STANDARD.decode(text)?)
    }

    /// The bytes behind the link of the main part whose address ends so.
    ///
    /// # Errors
    /// When there is none, or it cannot be fetched.
    pub async fn download_linked(&self, end: &str) -> anyhow::Result<Vec<u8>> {
        let link = self.find(&format!("main a[href$=\"{end}\"]")).await?;
        self.download(&link.attr("href").await?.unwrap_or_default()).await
    }

    /// Reloads a page until a question about it is answered.
    ///
    /// # Errors
    /// When the answer does not come in time.
    pub async fn wait_on(&self, path: &str, script: &str, arguments: Vec<Value>) -> anyhow::Result<Value> {
        let found = until(path, async || {
            self.go(path).await?;
            let answer = self.run(script, arguments.clone()).await?;
            Ok((!answer.is_null()).then_some(answer))
        });
        found.await
    }
}

fn capabilities(profile: &Path, language: &str, scripts: Scripts) -> serde_json::Map<String, Value> {
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--force-prefers-reduced-motion",
        "--window-size=1200,1000",
    ];
    let mut arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--accept-lang={language}"));
    let mut preferences = json!({"intl.accept_languages": language, "credentials_enable_service": false});
    if scripts == Scripts::Off {
        preferences["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    let options = json!({"goog:chromeOptions": {"args": arguments, "prefs": preferences}, "goog:loggingPrefs": {"browser": "ALL"}});
    options.as_object().cloned().unwrap_or_default()
}
