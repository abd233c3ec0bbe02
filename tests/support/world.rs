//! A world: the whole service in this process, on a database of its own, with a clock that the test moves.
//!
//! Every journey runs twice, on SQLite and on PostgreSQL: [`journey!`](crate::journey) makes both tests.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

use actix_web::{HttpServer, dev::ServerHandle, web};
use segl::{
    app,
    authorities::{self, Names},
    config::{Config, Mode},
    employees::operators,
    platform::{
        clock::{Clock as _, SystemClock, TestClock},
        ground::Ground,
        installation,
        moment::Moment,
        password::Hashing,
        random::SystemRandom,
    },
    router,
};
use tempfile::TempDir;
use time::Duration;

use crate::{
    client::Client,
    mailbox::Mailbox,
    peers::postgres,
    roles::{Company, Operator, Person, company},
    schema,
};

/// Which engine a world stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// A database of its own in the test server.
    Postgres,
    /// One file.
    Sqlite,
}

/// When a world begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// In November 2026, whatever the day is.
    Fixed,
    /// Now: foreign tools look at the clock of the machine.
    Now,
}

/// How a world is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// On which engine.
    pub engine: EngineKind,
    /// When.
    pub begins: Begins,
    /// Demonstration or real. Certificates of a real one point at a name that only [`World::fetch`] can follow.
    pub mode: Mode,
    /// Lines of `[server]`.
    pub server: String,
    /// Lines of `[mail]`.
    pub mail: String,
    /// Lines of `[policy]`.
    pub policy: String,
    /// Lines of `[timestamps]`.
    pub timestamps: String,
    /// What a password costs: as little as may be.
    pub hashing: Hashing,
}

impl Setup {
    /// A real installation in November 2026.
    pub fn on(engine: EngineKind) -> Self {
        let timestamps = "clock = \"none\"\n".to_owned();
        Self {
            engine,
            begins: Begins::Fixed,
            mode: Mode::Real,
            server: String::new(),
            mail: String::new(),
            policy: String::new(),
            timestamps,
            hashing: Hashing { memory_kib: 8192, passes: 1, lanes: 1 },
        }
    }
}

/// A running service.
pub struct World {
    /// The ground, to work off jobs and to look into rows where only rows can tell.
    pub ground: Ground,
    /// The clock.
    pub clock: TestClock,
    /// What arrived.
    pub mailbox: Mailbox,
    /// Which engine.
    pub engine: EngineKind,
    plot: Option<Plot>,
    client: Client,
    operator_link: String,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// What stays when a world stands still: its data directory and its database.
#[derive(Debug)]
pub struct Plot {
    directory: TempDir,
    mode: Mode,
    port: u16,
    database: Option<postgres::Scratch>,
}

impl Plot {
    /// The data directory, with `segl.toml` in it.
    pub fn data(&self) -> &Path {
        self.directory.path()
    }

    /// The port that its addresses name.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of its PostgreSQL database; none on SQLite.
    pub fn postgres(&self) -> Option<String> {
        self.database.as_ref().map(postgres::Scratch::url)
    }
}

/// 2026-11-22T20:00:00Z.
const BEGIN: Moment = Moment::from_millis(1_795_377_600_000);
/// Where the certificates of a real installation point; the port follows.
const PKI_HOST: &str = "pki.segl.example.dk";

impl World {
    /// A founded service with nobody in it but an invited operator.
    pub async fn new(engine: EngineKind) -> Self {
        Self::of(Setup::on(engine)).await
    }

    /// The same, set up otherwise.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub async fn of(setup: Setup) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let plot = Plot {
            directory: tempfile::tempdir().unwrap(),
            mode: setup.mode,
            port: listener.local_addr().unwrap().port(),
            database: (setup.engine == EngineKind::Postgres).then(postgres::Scratch::migrated),
        };
        std::fs::write(plot.data().join("segl.toml"), configuration(&setup, &plot)).unwrap();
        if setup.engine == EngineKind::Sqlite {
            schema::put(&plot.data().join("segl.db"));
        }
        let begin = match setup.begins {
            Begins::Fixed => BEGIN,
            Begins::Now => now(),
        };
        let (ground, clock) = open(&plot, begin).await;
        let operator_link = found(&ground, setup.mode).await;
        let world = Self::over(plot, (ground, clock), operator_link, listener);
        world.settle().await;
        world
    }

    /// Stops serving; what stays can be resumed, or served by another process.
    ///
    /// # Panics
    /// Never: a world has its plot until it is stopped.
    pub fn stop(mut self) -> Plot {
        self.end_service();
        self.plot.take().expect("a plot")
    }

    /// Serves again, so long after now.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn resume(plot: Plot, later: Duration) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", plot.port)).unwrap();
        let (ground, clock) = open(&plot, now().plus(later)).await;
        app::begin(&ground).await.unwrap();
        Self::over(plot, (ground, clock), String::new(), listener)
    }

    fn over(plot: Plot, (ground, clock): (Ground, TestClock), operator_link: String, listener: TcpListener) -> Self {
        let client = Client::anonymous(&format!("http://{}", listener.local_addr().unwrap()));
        let mailbox = Mailbox::of(&ground.config.mail.spool);
        let (handle, thread) = serve(ground.clone(), listener);
        let engine = if plot.database.is_some() { EngineKind::Postgres } else { EngineKind::Sqlite };
        Self { ground, clock, mailbox, engine, plot: Some(plot), client, operator_link, handle, thread: Some(thread) }
    }

    /// The present moment of this world.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    fn end_service(&mut self) {
        // The returned future only waits; the stop itself is sent at once.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }

    /// A client that nobody knows.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Works off every job and round that is due: mails are sent, CRLs published, entries chained. A second passes first, so that what
    /// was told before and after has different times.
    ///
    /// # Panics
    /// When a job or round fails.
    pub async fn settle(&self) {
        self.clock.advance(Duration::SECOND);
        segl::commands::work::run_until_idle(&self.ground, &app::work()).await.unwrap();
    }

    /// Lets time pass, then settles.
    pub async fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.settle().await;
    }

    /// The first operator, activated: Olga.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn operator(&self) -> anyhow::Result<Operator> {
        Ok(Operator(Person::activate(&self.client, &self.operator_link, None, "olga.operator").await?))
    }

    /// The first operator's link, unused.
    pub fn operator_link(&self) -> &str {
        &self.operator_link
    }

    /// An operator and a company with its administrator at work.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn bakery(&self) -> anyhow::Result<(Operator, Company)> {
        let operator = self.operator().await?;
        let bakery = Company::enrolled(self, &operator, &company("Havnens Bageri ApS", "30808460")).await?;
        Ok((operator, bakery))
    }

    /// A second node over the same data and the same database, at this world's clock. It shares nothing in memory with the first.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn second_node(&self) -> Ground {
        let plot = self.plot();
        let config = Config::load(Some(&plot.data().join("segl.toml")), plot.data(), plot.mode).unwrap();
        let keystore = app::open_keystore(&config.storage.keystore).unwrap();
        let parts = app::Parts { clock: Arc::new(self.clock.clone()), random: Arc::new(SystemRandom), keystore: Arc::new(keystore) };
        app::open_with(config, parts).await.unwrap()
    }

    /// A second node that answers at an address of its own.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn second_service(&self) -> Node {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::anonymous(&format!("http://{}", listener.local_addr().unwrap()));
        let (handle, thread) = serve(self.second_node().await, listener);
        Node { client, handle, thread: Some(thread) }
    }

    /// What stands at an address that a certificate names.
    ///
    /// # Errors
    /// When nothing does.
    pub async fn fetch(&self, url: &str) -> anyhow::Result<Vec<u8>> {
        let path = url.strip_prefix(&self.ground.config.server.pki_url);
        let path = path.ok_or_else(|| anyhow::anyhow!("{url} is not below {}", self.ground.config.server.pki_url))?;
        Ok(self.client.get(path).await?.expect(200)?.bytes)
    }

    /// What stays of this world when it is stopped.
    ///
    /// # Panics
    /// Never: a world has its plot until it is stopped.
    pub fn plot(&self) -> &Plot {
        self.plot.as_ref().expect("a plot")
    }

    /// A path in the data directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.plot().data().join(name)
    }
}

/// A second node of a world; it ends when it is dropped.
pub struct Node {
    /// Somebody whom it does not know.
    pub client: Client,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// The machine's present, in whole seconds.
fn now() -> Moment {
    Moment::from_millis(SystemClock.now().millis() / 1000 * 1000)
}

async fn open(plot: &Plot, at: Moment) -> (Ground, TestClock) {
    let config = Config::load(Some(&plot.data().join("segl.toml")), plot.data(), plot.mode).unwrap();
    let clock = TestClock::at(at);
    let keystore = app::open_keystore(&config.storage.keystore).unwrap();
    let parts = app::Parts { clock: Arc::new(clock.clone()), random: Arc::new(SystemRandom), keystore: Arc::new(keystore) };
    (app::open_with(config, parts).await.unwrap(), clock)
}

/// `segl.toml`, as whoever runs the service writes it.
fn configuration(setup: &Setup, plot: &Plot) -> String {
    let port = plot.port;
    let (public_url, pki_url) = match setup.mode {
        Mode::Demonstration => (format!("http://localhost:{port}"), format!("http://localhost:{port}")),
        Mode::Real => ("https://segl.example.dk".to_owned(), format!("http://{PKI_HOST}:{port}")),
    };
    let storage = plot.postgres().map_or_else(String::new, |url| {
        let file = plot.data().join("postgres.url");
        std::fs::write(&file, url).unwrap();
        format!("[storage]\npostgres_url_file = {:?}\npostgres_connections = 12\n", file.display().to_string())
    });
    let Hashing { memory_kib, passes, lanes } = setup.hashing;
    format!(
        "[server]\npublic_url = \"{public_url}\"\npki_url = \"{pki_url}\"\nlisten = \"127.0.0.1:{port}\"\n{}\n{storage}\
         [mail]\nfrom = \"segl@segl.example.dk\"\n{}\n\
         [timestamps]\n{}\n[policy]\n{}\n[policy.hashing]\nmemory_kib = {memory_kib}\npasses = {passes}\nlanes = {lanes}\n",
        setup.server, setup.mail, setup.timestamps, setup.policy
    )
}

/// What `segl init` does: authorities, mode, the first operator's link.
async fn found(ground: &Ground, mode: Mode) -> String {
    let names = Names {
        organisation: certs::name::OrganizationName::parse("Segl Prøve").unwrap(),
        root_cn: certs::name::CommonName::parse("Segl Prøve Root CA").unwrap(),
        issuing_cn: certs::name::CommonName::parse("Segl Prøve Issuing CA 1").unwrap(),
        cvr: None,
    };
    authorities::found(ground, &names).await.unwrap();
    ground.database.write(async |unit| installation::set_once(unit, "mode", installation::mode_word(mode)).await).await.unwrap();
    app::begin(ground).await.unwrap();
    operators::invite_first(ground, "Olga Operatør", "olga@segl.example.dk").await.unwrap().reveal().clone()
}

fn serve(ground: Ground, listener: TcpListener) -> (ServerHandle, JoinHandle<()>) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let data = web::Data::new(ground);
            let who_is = app::who_is();
            let server = HttpServer::new(move || router::application(data.clone(), who_is.clone()))
                .workers(2)
                .disable_signals()
                .shutdown_timeout(1)
                .listen(listener)
                .unwrap()
                .run();
            sender.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (receiver.recv().unwrap(), thread)
}

impl Drop for World {
    fn drop(&mut self) {
        self.end_service();
    }
}

/// Runs a story in a fresh world.
///
/// # Panics
/// When the story fails.
pub fn run(engine: EngineKind, story: impl AsyncFnOnce(&World) -> anyhow::Result<()>) {
    run_in(Setup::on(engine), story);
}

/// Runs a story in a fresh world that is set up so.
///
/// # Panics
/// When the story fails.
pub fn run_in(setup: Setup, story: impl AsyncFnOnce(&World) -> anyhow::Result<()>) {
    on_runtime(async {
        let world = World::of(setup).await;
        story(&world).await.unwrap();
    });
}

/// Runs a story to its end on a runtime of its own, whose other threads go on while the story waits for a tool.
///
/// # Panics
/// When the story fails.
pub fn on_runtime(story: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, story);
}

/// Runs a story on SQLite and on PostgreSQL: `journey!(name_that_is_a_rule, async |world| { ...; Ok(()) });`
#[macro_export]
macro_rules! journey {
    ($(#[$meta:meta])* $name:ident, $story:expr) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[test]
            fn on_sqlite() {
                $crate::world::run($crate::world::EngineKind::Sqlite, $story);
            }

            #[test]
            fn on_postgres() {
                $crate::world::run($crate::world::EngineKind::Postgres, $story);
            }
        }
    };
}
