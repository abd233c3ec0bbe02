//! `./dev bench -- scale`: a service with 10,000 companies and a million certificates, filled as three years would fill it, then asked by
//! everybody for everything. What takes longer than it may is named at the end; nothing is judged.
//!
//! The times are a client's, one request after the other over loopback, on a machine whose file cache is warm. `./dev bench -- scale postgres`
//! does the same on PostgreSQL.

mod ask;
mod fill;
mod rows;
mod server;
mod town;

use std::time::{Duration, Instant};

use segl::{
    app, authorities, certificates,
    config::{Config, Mode},
    platform::{
        clock::{Clock as _, SystemClock},
        ground::Ground,
    },
    status::{
        FULL,
        publish::{Outcome, publish},
    },
};
use serde_json::json;
use support::{
    program,
    roles::Person,
    visitor::Visitor,
    world::{Begins, EngineKind, Plot, Setup, World, on_runtime},
};

use self::{
    ask::{Known, Line, Role, line, measure},
    rows::Filler,
    server::Server,
    town::Town,
};

/// A start may take so long.
const START: Duration = Duration::from_secs(5);
/// 99 of a hundred answers may take so long, and a list to be built.
const ANSWER: Duration = Duration::from_millis(50);
/// An idle service may have so much memory.
const MEMORY_MB: f64 = 80.0;
/// How long the service is watched after a revocation.
const WATCHED: Duration = Duration::from_secs(15);

/// Everybody whom the bench lets ask.
struct People {
    operator: Person,
    administrator: Person,
    employee: Person,
}

/// What is printed: lines, and those among them that are too slow or too large.
#[derive(Default)]
struct Table {
    missed: Vec<String>,
}

impl Table {
    fn head(&self) {
        println!("\n| {:<96} | {:>10} | {:>10} | {:>10} |", "milliseconds", "half", "99 %", "slowest");
        println!("|{:-<98}|{:->12}|{:->12}|{:->12}|", "", "", "", "");
    }

    fn row(&mut self, line: &Line, most: Duration) {
        let ms = |span: Duration| format!("{:.1}", span.as_secs_f64() * 1000.0);
        let what: String = line.what.chars().take(96).collect();
        println!("| {what:<96} | {:>10} | {:>10} | {:>10} |", ms(line.median), ms(line.p99), ms(line.slowest));
        if line.p99 > most {
            self.missed.push(format!("{}: {} ms", line.what, ms(line.p99)));
        }
    }

    fn once(&mut self, what: &str, span: Duration, most: Duration) {
        self.row(&line(what, vec![span]), most);
    }

    fn memory(&mut self, what: &str, server: &Server, most: f64) {
        let (now, peak) = server.memory();
        println!("| {:<96} | {now:>7.1} MB | {peak:>7.1} MB | {:>10} |", format!("{what}: resident, and the most it was"), "");
        if now > most {
            self.missed.push(format!("{what}: {now:.1} MB"));
        }
    }
}

/// All of it, on one engine.
pub fn run(engine: EngineKind) {
    on_runtime(async {
        let mut table = Table::default();
        println!("\n{engine:?}");
        idle(engine, &mut table).await;
        let (plot, town, people) = filled(engine).await;
        lists(&plot, &town, &mut table).await;
        let server = starts(&plot, &mut table).await;
        asked(&server, &town, &people, &plot, &mut table).await;
        revoked(&server, &town, &people, &mut table).await;
        table.memory("after all of this", &server, f64::MAX);
        server.stop();
        verified(&plot).await;
        match table.missed.as_slice() {
            [] => println!("\nnothing misses its mark"),
            missed => println!("\nmissed:\n  {}", missed.join("\n  ")),
        }
    });
}

fn setup(engine: EngineKind) -> Setup {
    Setup { begins: Begins::Now, server: "trusted_proxies = [\"127.0.0.1\"]\n".to_owned(), ..Setup::on(engine) }
}

/// A service that was just founded, before anybody asks for anything.
async fn idle(engine: EngineKind, table: &mut Table) {
    let plot = World::of(setup(engine)).await.stop();
    let server = Server::start(plot.data()).await;
    table.head();
    table.once("start of a founded service without people", server.started_in, START);
    tokio::time::sleep(Duration::from_secs(3)).await;
    table.memory("idle", &server, MEMORY_MB);
}

async fn filled(engine: EngineKind) -> (Plot, Town, People) {
    let world = World::of(setup(engine)).await;
    let (operator, bakery) = world.bakery().await.unwrap();
    let employee = bakery.hire(&world, "Bo", "Bager", "bo@bageri.example.dk").await.unwrap();
    world.settle().await;
    let id = employee.employee.parse().unwrap();
    let patterns = certificates::read::of_employee(&mut world.ground.database.read().await.unwrap(), id).await.unwrap();
    let town = Town::of(world.now(), bakery.id.parse().unwrap(), patterns);
    let plot = world.stop();
    let begun = Instant::now();
    let mut filler = Filler::open(&plot).await;
    let tail = filler.audit_tail().await;
    fill::fill(&mut filler, &town, employee.employee.parse().unwrap(), tail).await;
    filler.settle().await;
    println!(
        "filled in {:.0} s: {} companies, {} people, {} certificates",
        begun.elapsed().as_secs_f64(),
        town.companies.len(),
        town.people.len(),
        town.certificates.len()
    );
    (plot, town, People { operator: operator.0, administrator: bakery.administrator, employee })
}

async fn open(plot: &Plot) -> Ground {
    app::open(Config::load(Some(&plot.data().join("segl.toml")), plot.data(), Mode::Real).unwrap()).await.unwrap()
}

/// Builds every list, from the first look at the rows until it is stored.
async fn lists(plot: &Plot, town: &Town, table: &mut Table) {
    let ground = open(plot).await;
    let authority = authorities::by_id(&ground, town.authority).await.unwrap();
    let mut spans = Vec::new();
    table.head();
    for shard in town.shard(0)..=town.shard(town.certificates.len() - 1) {
        let begun = Instant::now();
        assert_eq!(publish(&ground, authority.clone(), shard).await.unwrap(), Outcome::Published);
        spans.push(begun.elapsed());
        if shard == town::FULL_SHARD {
            table.once("the list of a shard of which everything is revoked", begun.elapsed(), Duration::MAX);
        }
    }
    table.row(&line("the list of a shard, 2,000 certificates, 40 revoked", spans), ANSWER);
    for what in ["the list of all, about 22,000 entries, for the first time", "the list of all once more"] {
        let begun = Instant::now();
        assert_eq!(publish(&ground, authority.clone(), FULL).await.unwrap(), Outcome::Published);
        table.once(what, begun.elapsed(), Duration::MAX);
    }
}

/// Starts it as it stands, and once more when it stood still for two days and every list has ended.
async fn starts(plot: &Plot, table: &mut Table) -> Server {
    Server::start(plot.data()).await.stop();
    let server = Server::start(plot.data()).await;
    table.once("start of the filled service", server.started_in, START);
    server.stop();
    let mut filler = Filler::open(plot).await;
    filler.run("UPDATE crl SET this_update = this_update - 172800000, next_update = next_update - 172800000 WHERE shard > 0").await;
    drop(filler);
    let server = Server::start(plot.data()).await;
    table.once("start after two days of standing still: every list has ended", server.started_in, START);
    let begun = Instant::now();
    let yesterday = SystemClock.now().plus(-time::Duration::DAY).millis();
    let ended = format!("SELECT count(*) FROM crl WHERE shard > 0 AND this_update < {yesterday}");
    let mut filler = Filler::open(plot).await;
    while filler.count(&ended).await > 0 && begun.elapsed() < Duration::from_secs(120) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    table.once("until all of them were made anew, while it serves", begun.elapsed(), Duration::MAX);
    table.memory("filled, nobody asks", &server, f64::MAX);
    server
}

/// The person, before this server.
async fn role(name: &'static str, person: &Person, server: &Server) -> Role {
    let mut person = person.clone();
    person.http = person.http_at(&server.client);
    person.log_in().await.unwrap();
    let browser = person.browser("da").await.unwrap();
    Role { name, browser, program: person.http }
}

async fn asked(server: &Server, town: &Town, people: &People, plot: &Plot, table: &mut Table) {
    let ground = open(plot).await;
    let authority = authorities::by_id(&ground, town.authority).await.unwrap();
    let issuer = authority.issuer.certificate_der().to_vec();
    let known = Known { town, issuer, issuer_name: authority.name.clone() };
    drop(ground);
    let stranger = Role { name: "stranger", browser: Visitor::new(&server.client, "da"), program: server.client.clone() };
    let all = [
        (role("administrator", &people.administrator, server).await, known.of_administrator()),
        (role("operator", &people.operator, server).await, known.of_operator()),
        (role("employee", &people.employee, server).await, known.of_employee()),
        (stranger, known.of_stranger()),
    ];
    table.head();
    for (role, targets) in all {
        for target in targets {
            let line = measure(&role, &target).await;
            table.row(&line, ANSWER);
        }
    }
}

/// Revokes one certificate, and watches the service until its list and the list of all are there.
async fn revoked(server: &Server, town: &Town, people: &People, table: &mut Table) {
    let administrator = role("administrator", &people.administrator, server).await;
    let at = (0..town::IN_FIRST).find(|at| !town.is_revoked(*at)).unwrap();
    let path = format!("/api/v1/certificates/{}", town.certificates[at].serial);
    let begun = Instant::now();
    administrator.program.post(&format!("{path}/revocation"), &json!({"reason": "superseded"})).await.unwrap().expect(200).unwrap();
    table.once("administrator revokes a certificate", begun.elapsed(), ANSWER);
    let (mut listed, mut spans) = (None, Vec::new());
    while begun.elapsed() < WATCHED {
        let asked_at = Instant::now();
        server.client.get("/health/ready").await.unwrap().expect(200).unwrap();
        spans.push(asked_at.elapsed());
        let one = administrator.program.get(&path).await.unwrap().expect(200).unwrap().json();
        spans.push(asked_at.elapsed());
        if listed.is_none() && one["revocation"]["listed_at"].is_string() {
            listed = Some(begun.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    table.once("until it stands on the list of its shard", listed.unwrap_or(Duration::MAX), Duration::from_secs(60));
    table.row(&line("ready, and that certificate, while lists are made", spans), ANSWER);
}

/// What was filled in is a chain as the service makes it: its own auditor says so.
async fn verified(plot: &Plot) {
    let begun = Instant::now();
    let data = plot.data().display().to_string();
    let said = program::segl(["audit", "verify", "--data", &data]).await;
    println!("\nsegl audit verify, {:.0} s: {}", begun.elapsed().as_secs_f64(), said.words.trim());
}
