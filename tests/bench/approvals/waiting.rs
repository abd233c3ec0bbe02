//! 5,000 phones wait on streams: the memory that the server has for each, and how long a wake-up takes while they do. On SQLite at one node; on
//! PostgreSQL the phones wait at one node and are asked at another.
//!
//! A wake-up's time begins with the request that asks, its password's hash included, and ends when the phone has read "look".

use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _};
use keycard::wire::Bearer;
use segl::{
    execute,
    platform::{
        database::DatabaseError,
        id::{AccountId, Id as _, PhoneId},
        random::{self, SystemRandom},
    },
};
use support::{
    approver::{events, typed},
    phone::SoftPhone,
    program::{Service, free_port},
    roles::Person,
    world::{EngineKind, World},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::Crew;

const PHONES: usize = 5000;
/// So many open before memory is looked at first: what the first streams cost the server is not theirs.
const FIRST: usize = 200;
const WAKES: usize = 200;
/// The goals of issue 4.
const KILOBYTES: f64 = 20.0;
const WAKE: Duration = Duration::from_millis(100);

/// People with a phone each, as rows: copies of one that is paired. Nobody ever logs in as one of them.
async fn fill(world: &World, model: &SoftPhone) -> Vec<String> {
    let model = PhoneId::from_uuid(uuid::Uuid::from_bytes(*model.id.bytes()));
    let mut bearers = Vec::with_capacity(PHONES);
    let now = world.now();
    for _ in 0..PHONES / 500 {
        let made: Vec<_> = (0..500)
            .map(|_| {
                let (account, phone) = (AccountId::fresh(now, &SystemRandom), PhoneId::fresh(now, &SystemRandom));
                let token = keycard::Secret::new(random::bytes(&SystemRandom));
                (account, phone, Bearer { phone: keycard::PhoneId(phone.uuid().into_bytes()), token })
            })
            .collect();
        let written = world.ground.database.write(async |unit| {
            for (account, phone, bearer) in &made {
                execute!(
                    unit,
                    sqlx::query(
                        "INSERT INTO account (id, kind, name, roles, state, created_at, changed_at)
                         SELECT $1, kind, name, roles, state, created_at, changed_at FROM account
                         WHERE id = (SELECT account_id FROM phone WHERE id = $2)"
                    )
                    .bind(*account)
                    .bind(model)
                )?;
                execute!(
                    unit,
                    sqlx::query(
                        "INSERT INTO phone (id, account_id, name, state, sign_key, agree_key, protection, claimed_protection, record,
                                            record_signature, token_hash, wrong_pins, offline_step, wrong_offline, language, paired_at, signs_from)
                         SELECT $1, $2, name, state, sign_key, agree_key, protection, claimed_protection, record, record_signature, $3, 0, 0, 0,
                                language, paired_at, signs_from
                         FROM phone WHERE id = $4"
                    )
                    .bind(*phone)
                    .bind(*account)
                    .bind(bearer.hash().as_slice())
                    .bind(model)
                )?;
            }
            Ok::<_, DatabaseError>(())
        });
        written.await.unwrap();
        bearers.extend(made.iter().map(|(_, _, bearer)| bearer.text().to_string()));
    }
    bearers
}

/// A phone that waits: its stream is open and has said so.
async fn wait(address: &str, bearer: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = format!("GET /api/v1/phone/events HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {bearer}\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    while !text.windows(6).any(|window| window == b": here") {
        let mut part = [0; 1024];
        let read = stream.read(&mut part).await.unwrap();
        assert!(read > 0, "the stream is not opened: {}", String::from_utf8_lossy(&text));
        text.extend_from_slice(&part[..read]);
    }
    stream
}

async fn open(address: &str, bearers: &[String]) -> Vec<TcpStream> {
    stream::iter(bearers).map(|bearer| wait(address, bearer)).buffer_unordered(64).collect().await
}

fn resident_kilobytes(service: &Service) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", service.id())).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// From the request that asks at one node to the event at another (or the same).
async fn wakes(asked: &Service, waited: &Service, crew: &Crew) -> Vec<Duration> {
    let mut took = Vec::with_capacity(WAKES);
    let mut streams = Vec::new();
    for (_, phone) in &crew.people {
        streams.push(events(&phone.http.at(waited.client().base()), None).await.unwrap());
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    for turn in 0..WAKES {
        let (at, stream) = (turn % crew.people.len(), &mut streams[turn % crew.people.len()]);
        let (person, phone) = &crew.people[at];
        let person = Person { http: person.http.at(asked.client().base()), ..person.clone() };
        let begun_at = Instant::now();
        let (begun, told) = tokio::join!(person.begin_by_phone(), stream.next());
        assert_eq!(told.unwrap(), Some(keycard::wire::Event::Look));
        took.push(begun_at.elapsed());
        let begun = begun.unwrap();
        phone.decide(&phone.sole_request().await.unwrap(), typed(&begun.number)).await.unwrap();
        person.finish_by_phone(&begun).await.unwrap().expect(201).unwrap();
        assert!(matches!(stream.next().await.unwrap(), Some(keycard::wire::Event::Ended { .. })));
    }
    took.sort_unstable();
    took
}

fn verdict(met: bool) -> &'static str {
    if met { "goal met" } else { "goal missed" }
}

/// Prints the lines of one engine.
pub async fn run(engine: EngineKind) {
    let (crew, bearers) = Crew::found(engine, fill).await;
    let asked = crew.serve(crew.plot.port()).await;
    let other = if engine == EngineKind::Postgres { Some(crew.serve(free_port()).await) } else { None };
    let waited = other.as_ref().unwrap_or(&asked);
    let base = waited.client().base().trim_start_matches("http://").to_owned();
    let mut streams = open(&base, &bearers[..FIRST]).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = resident_kilobytes(waited);
    streams.extend(open(&base, &bearers[FIRST..]).await);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let each = (resident_kilobytes(waited) - before) / (PHONES - FIRST) as f64;
    let took = wakes(&asked, waited, &crew).await;
    let nodes = if other.is_some() { "asked at another node, PostgreSQL" } else { "one node, SQLite" };
    let (half, p99) = (took[took.len() / 2], took[took.len() * 99 / 100]);
    println!("| {:<58} | {each:>7.1} kB | {:>14} |", format!("{} phones wait ({nodes}), each", streams.len()), verdict(each <= KILOBYTES));
    println!(
        "| {:<58} | {:>7.1} ms | {:>14} |",
        format!("a wake-up meanwhile, p99 of {WAKES} (median {:.1} ms)", half.as_secs_f64() * 1e3),
        p99.as_secs_f64() * 1e3,
        verdict(p99 <= WAKE)
    );
}
