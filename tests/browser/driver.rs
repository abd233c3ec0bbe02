//! A headless Chromium driven through chromedriver, and the service that it looks at. Both end with the test, whatever happens.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A process that is ended with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// A demonstration service of its own.
pub struct Service {
    /// Its address.
    pub url: String,
    /// Its data.
    pub data: TempDir,
    _process: Ended,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

#[expect(clippy::disallowed_methods, reason = "the test command tells in the environment where it built the program")]
fn binary() -> PathBuf {
    std::env::var_os("SEGL_BINARY").map_or_else(|| root().join("target/debug/segl"), PathBuf::from)
}

impl Service {
    /// Starts the demonstration and waits for its people.
    ///
    /// # Errors
    /// When it does not come up within a minute.
    pub async fn start() -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let port = free_port();
        let log = std::fs::File::create(data.path().join("log"))?;
        let process = Command::new(binary())
            .args(["--data", &data.path().join("data").display().to_string(), "serve", "--demo", "--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("segl: build it first, ./dev test does")?;
        let service = Self { url: format!("http://localhost:{port}"), data, _process: Ended(process) };
        for _ in 0..600 {
            if service.data.path().join("data/demo.json").exists() {
                return Ok(service);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the demonstration did not come up: {}", std::fs::read_to_string(service.data.path().join("log"))?)
    }
}

/// A browser with one window.
pub struct Browser {
    /// The WebDriver client.
    pub client: Client,
    base: String,
    shots: usize,
    axe: String,
    _profile: TempDir,
    _driver: Ended,
}

impl Browser {
    /// Opens a window upon a service.
    ///
    /// # Errors
    /// When chromedriver or Chromium are missing; ./dev test installs them.
    pub async fn open(base: &str, language: &str) -> anyhow::Result<Self> {
        let port = free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver; ./dev test installs it")?;
        let driver = Ended(driver);
        let profile = tempfile::tempdir()?;
        let capabilities = capabilities(profile.path(), language);
        let address = format!("http://127.0.0.1:{port}");
        for _ in 0..100 {
            if let Ok(client) = ClientBuilder::native().capabilities(capabilities.clone()).connect(&address).await {
                let axe = std::fs::read_to_string(root().join(".tools/axe.min.js")).context(".tools/axe.min.js; ./dev test fetches it")?;
                return Ok(Self { client, base: base.to_owned(), shots: 0, axe, _profile: profile, _driver: driver });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("Chromium did not start; ./dev test installs it")
    }

    /// Goes to a path of the service.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn go(&self, path: &str) -> anyhow::Result<()> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        Ok(self.client.goto(&url).await?)
    }

    /// The element of a CSS selector.
    ///
    /// # Errors
    /// When it does not appear within five seconds.
    pub async fn find(&self, css: &str) -> anyhow::Result<Element> {
        let wait = self.client.wait().at_most(Duration::from_secs(5));
        wait.for_element(Locator::Css(css)).await.with_context(|| format!("no element {css}"))
    }

    /// Types into the field with this name.
    ///
    /// # Errors
    /// When there is none.
    pub async fn fill(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(&format!("main [name=\"{name}\"]")).await?;
        field.clear().await.ok();
        Ok(field.send_keys(text).await?)
    }

    /// Clicks an element and waits for the next page.
    ///
    /// # Errors
    /// When there is none.
    pub async fn click(&self, css: &str) -> anyhow::Result<()> {
        self.find(css).await?.click().await.with_context(|| format!("click {css}"))?;
        tokio::time::sleep(Duration::from_millis(150)).await;
        Ok(())
    }

    /// Sends the form that holds a field: its submit button is clicked.
    ///
    /// # Errors
    /// When there is none.
    pub async fn send(&self, field: &str) -> anyhow::Result<()> {
        let script = "const field = document.querySelector(`main [name=\"${arguments[0]}\"]`); field.form.querySelector('button[type=submit]:not([name])').click();";
        self.client.execute(script, vec![json!(field)]).await?;
        tokio::time::sleep(Duration::from_millis(400)).await;
        self.find("main h1").await.map(drop)
    }

    /// The text of the page's main part.
    ///
    /// # Errors
    /// When the browser fails.
    pub async fn text(&self) -> anyhow::Result<String> {
        Ok(self.find("main").await?.text().await?)
    }

    /// Looks at the page: a screenshot is kept in artifacts/, and axe-core finds nothing (WCAG 2.2 A and AA).
    ///
    /// # Errors
    /// With axe's findings.
    pub async fn look(&mut self, name: &str) -> anyhow::Result<()> {
        self.shots += 1;
        let folder = root().join("artifacts/browser");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("{:02}-{name}.png", self.shots)), self.client.screenshot().await?)?;
        self.client.execute(&self.axe, vec![]).await?;
        let script = "const done = arguments[0]; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
            .then(found => done(found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' | '))))
            .catch(error => done(['axe failed: ' + error]));";
        let found: Value = self.client.execute_async(script, vec![]).await?;
        let findings: Vec<&str> = found.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        ensure!(findings.is_empty(), "{name}: axe found {findings:#?}");
        self.basics(name).await
    }

    /// What every page has: a language, a title, one h1, a main landmark, labels on all fields.
    async fn basics(&self, name: &str) -> anyhow::Result<()> {
        let script = "const unlabelled = [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]
                .filter(field => !field.labels.length && !field.getAttribute('aria-label')).map(field => field.name);
            return {language: document.documentElement.lang, title: document.title, headings: document.querySelectorAll('h1').length,
                mains: document.querySelectorAll('main').length, unlabelled};";
        let page = self.client.execute(script, vec![]).await?;
        ensure!(page["headings"] == 1 && page["mains"] == 1, "{name}: {page}");
        ensure!(page["title"].as_str().is_some_and(|title| title.len() > 5), "{name} has no title: {page}");
        ensure!(page["unlabelled"].as_array().is_some_and(Vec::is_empty), "{name}: fields without label: {page}");
        Ok(())
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
        use base64::Engine as _;
        Ok(base64::engine::general_purpose::STANDARD.decode(text)?)
    }
}

fn capabilities(profile: &Path, language: &str) -> serde_json::Map<String, Value> {
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1200,1600",
    ];
    let mut arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!("--accept-lang={language}"));
    let options = json!({"goog:chromeOptions": {"args": arguments, "prefs": {"intl.accept_languages": language}}});
    options.as_object().cloned().unwrap_or_default()
}
