//! How a page looks: its picture, what axe-core says of it, and what every page has.

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use serde_json::{Value, json};

use crate::{driver::Browser, service::root};

/// Everything axe-core knows of WCAG 2.2, A and AA, and good practice.
const AXE: &str = "const done = arguments[0]; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']})
    .then(found => done(found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | '))))
    .catch(error => done(['axe failed: ' + error]));";

/// What a page tells of itself.
const BASICS: &str = r"const root = document.documentElement;
    const text = document.title + ' ' + document.body.innerText;
    return {
        language: root.lang, title: document.title, headings: document.querySelectorAll('h1').length, mains: document.querySelectorAll('main').length,
        unlabelled: [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]
            .filter(field => !field.labels.length && !field.getAttribute('aria-label')).map(field => field.name),
        unexplained: [...document.querySelectorAll('main [aria-invalid]')].filter(field => !(field.getAttribute('aria-describedby') || '').split(' ')
            .some(id => id.endsWith('-error') && document.getElementById(id))).map(field => field.name),
        untold: text.match(/\b(accounts|agendas|api_keys|audit|authorities|certificates|companies|cpr_numbers|demo|directory|documents|employees|help|histories|keycards|letters|logins|mandates|notices|operations|operators|persons|phones|problems|proofing|recoveries|reissues|resets|shared|successions|tokens|webhooks)\.[a-z][a-z_]*|\{[a-z_]+\}/g) || [],
        broken: [...document.images].filter(image => image.complete && !image.naturalWidth).map(image => image.src),
        wide: root.scrollWidth - innerWidth,
    };";

impl Browser {
    /// Looks at the page: its picture is kept, axe-core finds nothing, and it has what every page has.
    ///
    /// # Errors
    /// With the findings.
    pub async fn look(&mut self, name: &str) -> anyhow::Result<()> {
        self.picture(name).await?;
        let axe = std::fs::read_to_string(root().join(".tools/axe.min.js")).context(".tools/axe.min.js: run ./dev tools")?;
        self.run(&axe, vec![]).await?;
        let found: Value = self.client.execute_async(AXE, vec![]).await?;
        ensure!(found == json!([]), "{name}: axe found {found:#}");
        self.basics(name).await
    }

    /// The same at the width of a small phone.
    ///
    /// # Errors
    /// With the findings.
    pub async fn look_narrow(&mut self, name: &str) -> anyhow::Result<()> {
        self.look_at(name, 400, "narrow").await
    }

    /// The same at the least width that must do (WCAG 2.2, 1.4.10), and for whoever wants it dark.
    ///
    /// # Errors
    /// With the findings.
    pub async fn look_narrowest_and_dark(&mut self, name: &str) -> anyhow::Result<()> {
        self.look_at(name, 320, "narrowest").await?;
        let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
        self.devtools("Emulation.setEmulatedMedia", dark).await?;
        self.look(&format!("{name}-dark")).await?;
        self.devtools("Emulation.setEmulatedMedia", json!({"features": []})).await.map(drop)
    }

    /// The same at the least width that must do (WCAG 2.2, 1.4.10), and at that of a usual screen.
    ///
    /// # Errors
    /// With the findings.
    pub async fn look_small_and_large(&mut self, name: &str) -> anyhow::Result<()> {
        self.look_at(name, 320, "small").await?;
        self.look_at(name, 1280, "large").await
    }

    async fn look_at(&mut self, name: &str, wide: u32, called: &str) -> anyhow::Result<()> {
        self.devtools("Emulation.setDeviceMetricsOverride", json!({"width": wide, "height": 800, "deviceScaleFactor": 1, "mobile": false}))
            .await?;
        let width = self.run("return innerWidth;", vec![]).await?;
        ensure!(width == wide, "the window is {width} wide");
        self.look(&format!("{name}-{called}")).await?;
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await.map(drop)
    }

    /// Keeps a picture of the whole page.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub async fn picture(&mut self, name: &str) -> anyhow::Result<()> {
        self.shots += 1;
        let folder = root().join("artifacts/browser");
        std::fs::create_dir_all(&folder)?;
        let size = self
            .run("const root = document.documentElement; return [root.scrollWidth, Math.max(root.scrollHeight, innerHeight)];", vec![])
            .await?;
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let taken = self.devtools("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true, "clip": clip})).await?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(taken["data"].as_str().context("a picture")?)?;
        Ok(std::fs::write(folder.join(format!("{}-{:02}-{name}.png", self.story, self.shots)), bytes)?)
    }

    /// A language, a title, one h1, a main landmark, labels, translated words, whole pictures, nothing wider than the window.
    async fn basics(&self, name: &str) -> anyhow::Result<()> {
        let page = self.run(BASICS, vec![]).await?;
        ensure!(page["headings"] == 1 && page["mains"] == 1, "{name}: {page}");
        ensure!(page["language"] == json!(self.language), "{name} is in another language: {page}");
        ensure!(page["title"].as_str().is_some_and(|title| title.len() > 7), "{name} has no title: {page}");
        for fault in ["unlabelled", "unexplained", "untold", "broken"] {
            ensure!(page[fault] == json!([]), "{name}: {fault}: {page}");
        }
        ensure!(page["wide"].as_i64().is_some_and(|more| more <= 0), "{name} scrolls sideways: {page}");
        let complaints = self.complaints().await?;
        ensure!(complaints.is_empty(), "{name}: the console says {complaints:#?}");
        Ok(())
    }
}
