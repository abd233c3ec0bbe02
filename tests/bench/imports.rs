//! 10,000 people imported from one file, and how long another administrator's writes take meanwhile: an import must not hold the database.
//!
//! The service is the program itself over loopback, on each engine, durable as in real use. The other administrator invites one person after the
//! other, first with nobody beside her, then for as long as the import runs. `./dev bench -- imports 500` imports so many instead.

use std::time::{Duration, Instant};

use serde_json::json;
use support::{
    client::Client,
    program::Service,
    roles::{Company, invitation},
    world::{Begins, EngineKind, Setup, World, on_runtime},
};

/// People in the file, unless the words say otherwise.
const PEOPLE: usize = 10_000;
/// Invitations with nobody beside.
const ALONE: usize = 200;
/// 99 of a hundred writes may take so long while the import runs.
const WRITE: Duration = Duration::from_millis(100);

/// Both engines, one after the other.
pub fn run(people: Option<usize>) {
    println!("\n| {:<58} | {:>10} | {:>10} | {:>10} |", "milliseconds for one invitation", "half", "99 %", "slowest");
    println!("|{:-<60}|{:->12}|{:->12}|{:->12}|", "", "", "", "");
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        on_runtime(measure(engine, people.unwrap_or(PEOPLE)));
    }
}

async fn measure(engine: EngineKind, people: usize) {
    let world = World::of(Setup { begins: Begins::Now, ..Setup::on(engine) }).await;
    let (_, bakery) = world.bakery().await.unwrap();
    let mut other = bakery.hire(&world, "Bo", "Bager", "bo@by.example.dk").await.unwrap();
    let anne = &bakery.administrator;
    anne.prove().await.unwrap();
    let appointed = anne.http.post(&format!("/api/v1/companies/{}/administrators", bakery.id), &json!({"employee": other.employee})).await;
    assert!(appointed.unwrap().status.is_success());
    other.log_in().await.unwrap();
    world.settle().await;
    let plot = world.stop();
    let service = Service::start(plot.data(), plot.port(), &[], &plot.data().join("log")).await.unwrap();
    let client = service.client();
    let (anne, other) = (anne.http_at(&client), other.http_at(&client));
    let mut number = 0;
    let mut spans = Vec::new();
    for _ in 0..ALONE {
        spans.push(invite(&other, &bakery, &mut number).await);
    }
    let alone = line(&format!("{engine:?}, nobody beside"), spans);
    let (import, checked) = check(&anne, &bakery, people).await;
    let begun = Instant::now();
    anne.post(&format!("{import}/start"), &json!({"way": "all"})).await.unwrap().expect(202).unwrap();
    let mut spans = Vec::new();
    while anne.get(&import).await.unwrap().string("/state") == "running" {
        for _ in 0..5 {
            spans.push(invite(&other, &bakery, &mut number).await);
        }
    }
    let imported = begun.elapsed();
    let beside = line(&format!("{engine:?}, while {people} people are imported"), spans);
    let word = if beside <= WRITE { "goal met" } else { "goal missed" };
    println!(
        "  looked through in {:.1} s, imported in {:.1} s with their mails and letters; {:.1} times as slow at 99 %; {word}: {} ms",
        checked.as_secs_f64(),
        imported.as_secs_f64(),
        beside.as_secs_f64() / alone.as_secs_f64(),
        WRITE.as_millis()
    );
    let done = anne.get(&import).await.unwrap().json();
    assert_eq!((done["state"].as_str(), done["invited"].as_u64()), (Some("done"), u64::try_from(people).ok()));
    drop(service);
}

/// Sends the file; gives where the import is, and how long it took to be looked through.
async fn check(anne: &Client, bakery: &Company, people: usize) -> (String, Duration) {
    let rows: String = (0..people).map(|number| format!("Åse;Ødegård{number};aase{number}@by.example.dk\r\n")).collect();
    let file = format!("Fornavn;Efternavn;E-mail\r\n{rows}");
    let begun = Instant::now();
    let sent = anne.post_bytes(&format!("/api/v1/companies/{}/imports", bakery.id), "text/csv", file.as_bytes()).await.unwrap();
    let sent = sent.expect(201).unwrap();
    assert_eq!(sent.json()["good"].as_u64(), u64::try_from(people).ok());
    (sent.header("location"), begun.elapsed())
}

async fn invite(other: &Client, bakery: &Company, number: &mut usize) -> Duration {
    *number += 1;
    let person = invitation("Ib", &format!("Is{number}"), &format!("ib{number}@by.example.dk"));
    let begun = Instant::now();
    other.post(&bakery.employees(), &person).await.unwrap().expect(201).unwrap();
    begun.elapsed()
}

/// Prints a line, and gives what 99 of a hundred stay below.
fn line(what: &str, mut spans: Vec<Duration>) -> Duration {
    spans.sort();
    let at = |share: usize| spans[(spans.len() * share / 100).min(spans.len() - 1)];
    let ms = |span: Duration| format!("{:.1}", span.as_secs_f64() * 1000.0);
    println!("| {what:<58} | {:>10} | {:>10} | {:>10} |", ms(at(50)), ms(at(99)), ms(at(100)));
    at(99)
}
