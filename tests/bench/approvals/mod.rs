//! Log-ins by phone, whole: password, request, the phone's look at it, its signed yes, session. Per processor second of the server's process, beside
//! privacyIDEA's push token in the same run; and 5,000 phones that wait.
//!
//! What is compared: both serve over HTTP on loopback from one SQLite database, one process each, and only that process's time counts (privacyIDEA's
//! is its one gunicorn worker). Of ours the password's hash is measured beside and taken off, since privacyIDEA's challenge is triggered without a
//! password; everything else of a log-in stays in: six requests of ours (ask, list, request, time, decision, session) against its four (trigger,
//! poll, confirm, check).

mod peer;
mod waiting;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use keycard::wire::Decided;
use segl::platform::{
    clock::{Clock as _, SystemClock},
    password::{Hashing, Passwords},
    secret::Secret,
};
use support::{
    approver::typed,
    client::Client,
    phone::SoftPhone,
    program::Service,
    roles::Person,
    world::{Begins, EngineKind, Plot, Setup, World},
};

use crate::measure::{ROUNDS, Round, goal, per_processor_second, processor_time_of, report};

/// So many people log in at once.
const PEOPLE: usize = 8;
/// So many times each, in a round.
const TIMES: usize = 25;
/// So many log-ins of privacyIDEA's in a round.
const THEIRS: usize = 40;
/// The goal of issue 4.
const TIMES_BETTER: f64 = 20.0;

/// People with a phone each, in a world that stands still.
struct Crew {
    plot: Plot,
    people: Vec<(Person, SoftPhone)>,
}

impl Crew {
    /// Founds a service, hires people and pairs their phones.
    async fn found<T>(engine: EngineKind, prepare: impl AsyncFnOnce(&World, &SoftPhone) -> T) -> (Self, T) {
        let world = World::of(Setup { begins: Begins::Now, ..Setup::on(engine) }).await;
        let (_, bakery) = world.bakery().await.unwrap();
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            let email = format!("person{number}@30808460.example.dk");
            let person = bakery.hire(&world, "Mette", "Hansen", &email).await.unwrap();
            let phone = person.pair_phone("Mettes telefon").await.unwrap();
            people.push((person, phone));
        }
        let prepared = prepare(&world, &people[0].1).await;
        // The world's clock was set forward to let things happen: the machine's must have come so far.
        let ahead = world.now().since(SystemClock.now());
        let plot = world.stop();
        if ahead.is_positive() {
            tokio::time::sleep(ahead.unsigned_abs() + Duration::from_secs(1)).await;
        }
        (Self { plot, people }, prepared)
    }

    /// Serves it by the program, as a process of its own.
    async fn serve(&self, port: u16) -> Service {
        let log = self.plot.data().join(format!("bench-{port}.log"));
        Service::start(self.plot.data(), port, &[], &log).await.unwrap()
    }
}

/// A whole log-in by phone. Gives how long the phone's yes was on its way, from the request that asks to the session.
async fn log_in(service: &Client, (person, phone): &(Person, SoftPhone)) -> Duration {
    let person = Person { http: person.http.at(service.base()), ..person.clone() };
    let begun_at = Instant::now();
    let begun = person.begin_by_phone().await.unwrap();
    let shown = phone.sole_request().await.unwrap();
    assert_eq!(phone.decide(&shown, typed(&begun.number)).await.unwrap(), Decided::Taken);
    person.finish_by_phone(&begun).await.unwrap().expect(201).unwrap();
    begun_at.elapsed()
}

/// What the password's hash costs, with the costs of the bench's people.
async fn hash_time() -> Duration {
    let hashing = Hashing { memory_kib: 8192, passes: 1, lanes: 1 };
    let passwords = Passwords::new(1, hashing);
    let (password, before) = (Secret::new("Havnens-bageri-2026".to_owned()), processor_time_of(std::process::id()));
    const HASHES: u32 = 200;
    for _ in 0..HASHES {
        passwords.stretch(&password, b"bench bench bench", hashing).await.unwrap();
    }
    processor_time_of(std::process::id()).saturating_sub(before) / HASHES
}

/// One round of ours: everybody logs in so many times.
async fn round(service: &Service, crew: &Crew) -> Round {
    let (client, before, begun) = (service.client(), processor_time_of(service.id()), Instant::now());
    let client = &client;
    let each = crew.people.iter().map(|person| async move {
        for _ in 0..TIMES {
            log_in(client, person).await;
        }
    });
    join_all(each).await;
    Round { count: PEOPLE * TIMES, elapsed: begun.elapsed(), worked: processor_time_of(service.id()).saturating_sub(before) }
}

/// Prints the lines of this part.
pub async fn run() {
    let most = rlimit::increase_nofile_limit(u64::from(u16::MAX)).unwrap();
    assert!(most >= 12_000, "{most} descriptors are too few for 5,000 phones and those who answer them: ulimit -n 65535");
    let (crew, ()) = Crew::found(EngineKind::Sqlite, async |_: &World, _: &SoftPhone| {}).await;
    let service = crew.serve(crew.plot.port()).await;
    let mut peer = peer::Peer::start();
    round(&service, &crew).await;
    let (mut ours, mut bare, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let one = round(&service, &crew).await;
        let hashes = hash_time().await * u32::try_from(one.count).unwrap();
        bare.push(Round { worked: one.worked.saturating_sub(hashes), ..one });
        ours.push(one);
        theirs.push(peer.round(THEIRS));
    }
    drop(service);
    report("log-ins by phone, password's hash included", &ours);
    report("log-ins by phone, without the password's hash", &bare);
    report("log-ins by privacyIDEA's push, polled, no password", &theirs);
    let ratio = per_processor_second(&bare) / per_processor_second(&theirs);
    goal("log-ins by phone, beside privacyIDEA's push", ratio, TIMES_BETTER);
    waiting::run(EngineKind::Sqlite).await;
    waiting::run(EngineKind::Postgres).await;
}
