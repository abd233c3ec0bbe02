//! A real `segl serve` with an employee, and the employee's phone: the window.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use support::{
    client::Answer,
    program::{Service, free_port},
    roles::Person,
    world::{Begins, EngineKind, Plot, Setup, World, on_runtime},
};

use crate::driver::Window;

/// The PIN that is set at pairing.
pub const PIN: &str = "2718";

/// The service, the person, and the way of the phone to it.
pub struct House {
    plot: Option<Plot>,
    service: Option<Service>,
    tls: u16,
    /// Who has the phone.
    pub person: Person,
    /// What TLS must trust: the root of the service's CA.
    pub authority: String,
}

/// Tells a story on an engine, with a window of its own.
pub fn told(engine: EngineKind, name: &'static str, story: impl AsyncFnOnce(&mut House, Window) -> anyhow::Result<()>) {
    on_runtime(async {
        let mut house = House::with(engine).await.unwrap();
        let window = Window::open(name, tempfile::tempdir().unwrap());
        story(&mut house, window).await.unwrap();
    });
}

impl House {
    /// An administrator enrols by mail and letter; then the service is another process, that speaks HTTPS.
    async fn with(engine: EngineKind) -> anyhow::Result<Self> {
        let server = "workers = 1\n[phones]\nwait_hours = 0\n[tls]\nhosts = [\"127.0.0.1\"]\n".to_owned();
        let world = World::of(Setup { begins: Begins::Now, server, ..Setup::on(engine) }).await;
        let (_, bakery) = world.bakery().await?;
        let plot = Some(world.stop());
        let mut house = Self { plot, service: None, tls: free_port(), person: bakery.administrator, authority: String::new() };
        house.serve().await?;
        house.authority = house.person.http.without_token().get("/pki/root1.pem").await?.expect(200)?.text();
        Ok(house)
    }

    /// Serves, again after [`Self::kill`], at the same addresses.
    pub async fn serve(&mut self) -> anyhow::Result<()> {
        let tls = format!("127.0.0.1:{}", self.tls);
        let plot = self.plot();
        let service = Service::start(plot.data(), plot.port(), &["--listen-tls", &tls], &plot.data().join("log")).await?;
        self.person.http = self.person.http_at(&service.client());
        self.service = Some(service);
        Ok(())
    }

    fn plot(&self) -> &Plot {
        self.plot.as_ref().expect("a world has no other house")
    }

    /// Ends the service, and has this process stand on what it left, to be looked at from outside.
    pub async fn world(&mut self) -> World {
        self.kill();
        World::resume(self.plot.take().expect("asked once"), time::Duration::ZERO).await
    }

    /// Kills the service.
    pub fn kill(&mut self) {
        self.service.take().expect("it serves").kill();
    }

    /// Invites a phone, as the page does.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn invite(&self) -> anyhow::Result<Answer> {
        self.person.prove().await?;
        self.person.http.post("/api/v1/phones", &serde_json::Value::Null).await?.expect(201)
    }

    /// Has the window claim an invitation by its code, up to the six digits that both sides show.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn claim(&self, window: &Window, invited: &Answer, name: &str) -> anyhow::Result<()> {
        window.press("Dansk");
        window.says("Din telefon er nøglekortet");
        window.fill("Kode eller invitation", &invited.string("/code").to_lowercase());
        window.fill("Tjenestens adresse", &format!("127.0.0.1:{}", self.tls));
        window.press("Tjenesten har sit eget certifikat");
        window.paste("Udstederens certifikat (PEM)", &self.authority);
        window.press("Fortsæt");
        window.says("Anne Ådal");
        window.says("Havnens Bageri ApS");
        window.fill("Navn på denne telefon", name);
        window.fill("PIN-kode", PIN);
        window.fill("PIN-kode igen", PIN);
        window.press("Fortsæt");
        window.says("Sammenlign cifrene");
        let digits = self.person.pairing_digits(&invited.string("/id")).await?;
        ensure!(digits.len() == 6, "{digits}");
        window.says(&format!("{} {}", &digits[..3], &digits[3..]));
        Ok(())
    }

    /// Pairs the window by the typed code, and confirms on the page's side. Afterwards the home screen is there, unlocked. Gives the phone's id.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn pair(&self, window: &Window) -> anyhow::Result<String> {
        let invited = self.invite().await?;
        self.claim(window, &invited, "Annes telefon").await?;
        let phone = invited.string("/id");
        let number = self.person.asked_to_confirm(&phone).await?;
        self.person.confirm_phone(&phone, &self.person.card.key(&number)).await?.expect(200)?;
        window.says("Dine signaturer");
        window.says("Historik");
        Ok(phone)
    }

    /// Waits until the service says it.
    ///
    /// # Errors
    /// When it never does.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let log = std::fs::read_to_string(self.plot().data().join("log")).unwrap_or_default();
        Err(anyhow::anyhow!("{log}")).with_context(|| format!("{what} did not come"))
    }
}
