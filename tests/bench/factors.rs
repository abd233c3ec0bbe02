//! One code or card key checked, durable, and whole log-ins: privacyIDEA beside us in the same run, under gunicorn and over PostgreSQL as we are, with
//! the same clients, all over loopback.
//!
//! *A check* is privacyIDEA's `POST /validate/check` with user and code, its defaults, no PIN; and our `POST /api/v1/session/proof/answer`, the narrowest
//! public way that checks one: it finds the session and whether its person still stands, counts the try, burns code or key, and notes the proof, in two
//! commits for a code and one for a key, with their audit. No password is hashed in either. What is asked beforehand, by password, is not measured.
//! *A whole log-in* is one `/validate/check` with password (as the PIN) and code, and our two requests, with a session and a known device at their end.
//!
//! Processor time is that of the processes that answer, until a second after the last answer, so that our audit's chain is in it as their signed audit
//! is; PostgreSQL's is in neither. Clients and servers share the machine, so that what is done per second says less.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder};
use segl::platform::{
    clock::{Clock as _, SystemClock},
    password::Hashing,
};
use serde_json::{Value, json};
use support::{
    client::{Answer, Client, send},
    peers::postgres::Scratch,
    program::Service,
    roles::{Company, Operator, PASSWORD, Person, invitation, post_for},
    token::HandToken,
    world::{Begins, EngineKind, Plot, Setup, World},
};

use crate::{
    measure::{ROUNDS, Round, goal, per_processor_second, per_second, processor_time_of, report},
    privacyidea::Script,
};

/// So many clients at once.
const CLIENTS: usize = 8;
/// So many people with a card and a code token each, and so many users of privacyIDEA with a token.
const PEOPLE: usize = 64;
/// So many codes of each of them in a round of ours; of theirs one.
const CODES: usize = 4;
/// So many of them log in, in a round.
const LOG_INS: usize = 16;
/// What an answer leaves to be done is done by then: the audit is chained each second.
const AFTERWARDS: Duration = Duration::from_millis(1200);
/// The goals of issue 5.
const CHECKS_BETTER: f64 = 40.0;
const LOG_INS_BETTER: f64 = 5.0;

/// Measures what so many clients do, by the processor time of these processes.
async fn measured(processes: &[u32], count: usize, work: impl Future) -> Round {
    let worked = || processes.iter().map(|process| processor_time_of(*process)).sum::<Duration>();
    let (before, begun) = (worked(), Instant::now());
    work.await;
    let elapsed = begun.elapsed();
    tokio::time::sleep(AFTERWARDS).await;
    Round { count, elapsed, worked: worked().saturating_sub(before) }
}

/// Sends what each client has ready, one after the other.
async fn load(processes: &[u32], clients: Vec<Vec<RequestBuilder>>, is_right: fn(&Answer) -> bool) -> Round {
    let count = clients.iter().map(Vec::len).sum();
    let work = join_all(clients.into_iter().map(|requests| async move {
        for request in requests {
            let answer = send(request).await.unwrap();
            assert!(is_right(&answer), "{}: {}", answer.status, answer.text());
        }
    }));
    measured(processes, count, work).await
}

/// With what a proof is answered.
#[derive(Clone, Copy)]
enum Factor {
    Card,
    Token,
}

/// Our service, as a process of its own.
struct Ours {
    service: Service,
    people: Vec<(Person, HandToken)>,
    _plot: Plot,
}

impl Ours {
    async fn found(engine: EngineKind, hashing: Hashing, count: usize) -> Self {
        let world = World::of(Setup { begins: Begins::Now, hashing, ..Setup::on(engine) }).await;
        let (operator, bakery) = world.bakery().await.unwrap();
        let hired = hire(&world, &bakery, count).await;
        let mut people: Vec<_> =
            hired.into_iter().enumerate().map(|(at, person)| (person, HandToken::new(&format!("FA-{at:04}")))).collect();
        give_tokens(&operator, &bakery, &mut people).await;
        world.settle().await;
        // The world's clock was set forward to let things happen: the machine's must have come so far.
        let ahead = world.now().since(SystemClock.now());
        let plot = world.stop();
        if ahead.is_positive() {
            tokio::time::sleep(ahead.unsigned_abs() + Duration::from_secs(1)).await;
        }
        let service = Service::start(plot.data(), plot.port(), &[], &plot.data().join("bench.log")).await.unwrap();
        for (person, _) in &mut people {
            person.http = person.http_at(&service.client());
        }
        Self { service, people, _plot: plot }
    }

    /// Each person proves so many times: the password is asked before, and what it leaves to be done is done.
    async fn proofs(&mut self, factor: Factor, times: usize) -> Round {
        let share = self.people.len().div_ceil(CLIENTS);
        let asked = join_all(self.people.chunks_mut(share).map(|people| ask(people, factor, times))).await;
        tokio::time::sleep(AFTERWARDS).await;
        load(&[self.service.id()], asked, |answer| answer.status == 204).await
    }

    async fn log_ins(&mut self) -> Round {
        let work = self.people[..LOG_INS].chunks_mut(LOG_INS / CLIENTS).map(|people| async move {
            for (person, token) in people {
                log_in(person, token).await;
            }
        });
        measured(&[self.service.id()], LOG_INS, join_all(work)).await
    }
}

/// Invites all and lets them activate.
async fn hire(world: &World, bakery: &Company, count: usize) -> Vec<Person> {
    let letter = |at: usize| char::from(b'a' + u8::try_from(at % 26).unwrap());
    // Names that no other one begins with: letters are found by them.
    let invited: Vec<_> =
        (0..count).map(|at| (format!("B{}{}sen", letter(at / 26), letter(at)), format!("person{at:04}@30808460.example.dk"))).collect();
    for (surname, email) in &invited {
        bakery.invite(&invitation("Mette", surname, email)).await.unwrap().expect(201).unwrap();
    }
    world.settle().await;
    let mut people = Vec::with_capacity(count);
    for (surname, email) in &invited {
        let (link, temporary) = post_for(world, email, &format!("Mette {surname}")).unwrap();
        people.push(Person::activate(&world.client(), &link, Some(&temporary), &email.replace('@', ".")).await.unwrap());
    }
    world.settle().await;
    people
}

/// Allows code tokens, imports them, gives one to each and activates it.
async fn give_tokens(operator: &Operator, bakery: &Company, people: &mut [(Person, HandToken)]) {
    let anne = &bakery.administrator;
    anne.prove().await.unwrap();
    let factors = format!("/api/v1/companies/{}/factors", bakery.id);
    let allowed = send(anne.http.request(Method::PUT, &factors).json(&json!({"phone": true, "token": true}))).await;
    allowed.unwrap().expect(204).unwrap();
    operator.0.prove().await.unwrap();
    let lines: String = people.iter().map(|(_, token)| token.line("hotp")).collect();
    let file = json!({"format": "csv", "file": format!("serial,seed_hex,kind\n{lines}")});
    operator.0.http.post("/api/v1/code-tokens", &file).await.unwrap().expect(201).unwrap();
    for (person, token) in people {
        let path = format!("/api/v1/companies/{}/employees/{}/code-token", bakery.id, person.employee);
        anne.http.post(&path, &json!({"serial": token.serial})).await.unwrap().expect(201).unwrap();
        person.prove().await.unwrap();
        let own = person.http.get("/api/v1/own-code-tokens").await.unwrap().expect(200).unwrap().items();
        let id = own[0]["id"].as_str().unwrap();
        let codes = json!({"first": token.press(), "second": token.press()});
        person.http.post(&format!("/api/v1/own-code-tokens/{id}/activation"), &codes).await.unwrap().expect(204).unwrap();
    }
}

/// Shows the passwords, and makes the answers ready.
async fn ask(people: &mut [(Person, HandToken)], factor: Factor, times: usize) -> Vec<RequestBuilder> {
    let mut answers = Vec::new();
    for _ in 0..times {
        for (person, token) in &mut *people {
            let asked = person.http.post("/api/v1/session/proof", &json!({"password": person.password})).await;
            let asked = asked.unwrap().expect(201).unwrap();
            let challenge = asked.string("/challenge");
            let answer = match factor {
                Factor::Card => json!({"challenge": challenge, "key": person.card.key(&asked.string("/key_number"))}),
                Factor::Token => json!({"challenge": challenge, "token_code": token.press()}),
            };
            answers.push(person.http.request(Method::POST, "/api/v1/session/proof/answer").json(&answer));
        }
    }
    answers
}

async fn log_in(person: &Person, token: &mut HandToken) {
    let http = person.http.without_token();
    let begin = json!({"user_id": person.user_id, "password": person.password, "device": person.device});
    let begun = http.post("/api/v1/logins", &begin).await.unwrap().expect(201).unwrap();
    let code = token.press();
    let answer = json!({"login": begun.string("/login"), "token_code": code, "carrier": "program", "device": person.device});
    http.post("/api/v1/logins/answer", &answer).await.unwrap().expect(201).unwrap();
}

/// privacyIDEA, with as many workers as there are processors.
struct Theirs {
    // Ends before its database goes.
    _script: Script,
    _database: Scratch,
    client: Client,
    processes: Vec<u32>,
    plain: Vec<HandToken>,
    people: Vec<HandToken>,
}

impl Theirs {
    /// With so many users without a PIN, and those who log in by passwords that cost so much.
    fn start(plain: usize, hashing: Hashing) -> Self {
        let (database, workers) = (Scratch::create(), std::thread::available_parallelism().unwrap());
        let Hashing { memory_kib, passes, lanes } = hashing;
        let costs = [memory_kib, passes, lanes].map(|cost| cost.to_string());
        let words = [database.url(), workers.to_string(), plain.to_string(), LOG_INS.to_string(), PASSWORD.to_owned()];
        let mut script = Script::start("factors.py", &[words.as_slice(), costs.as_slice()].concat());
        let told: Vec<u32> = script.line().split(' ').map(|word| word.parse().expect("a port and processes")).collect();
        let (port, processes) = told.split_first().expect("a port");
        let tokens = |kind: &str, count: usize| (0..count).map(|at| HandToken::new(&format!("{kind}{at}"))).collect();
        Self {
            client: Client::anonymous(&format!("http://127.0.0.1:{port}")),
            processes: processes.to_vec(),
            plain: tokens("plain", plain),
            people: tokens("person", LOG_INS),
            _script: script,
            _database: database,
        }
    }

    async fn checks(&mut self) -> Round {
        checked(&self.client, &self.processes, &mut self.plain, "").await
    }

    async fn log_ins(&mut self) -> Round {
        checked(&self.client, &self.processes, &mut self.people, PASSWORD).await
    }
}

/// One code of each token, after its PIN.
async fn checked(client: &Client, processes: &[u32], tokens: &mut [HandToken], pin: &str) -> Round {
    let share = tokens.len().div_ceil(CLIENTS);
    let requests = |tokens: &mut [HandToken]| {
        let request = |token: &mut HandToken| {
            let pass = format!("{pin}{}", token.press());
            client.request(Method::POST, "/validate/check").form(&[
                ("user", token.serial.as_str()),
                ("realm", "corp"),
                ("pass", pass.as_str()),
            ])
        };
        tokens.iter_mut().map(request).collect::<Vec<_>>()
    };
    let ready = tokens.chunks_mut(share).map(requests).collect();
    load(processes, ready, |answer| answer.json().pointer("/result/value") == Some(&Value::Bool(true))).await
}

/// Prints a ratio by processor time, and one by the clock.
fn goals(what: &str, ours: &[Round], theirs: &[Round], at_least: f64) {
    goal(&format!("{what}, per CPU second"), per_processor_second(ours) / per_processor_second(theirs), at_least);
    goal(&format!("{what}, per second"), per_second(ours) / per_second(theirs), at_least);
}

/// Prints the lines of this part.
pub async fn run() {
    let costs = [Hashing::default(), Hashing { memory_kib: 8192, passes: 1, lanes: 1 }];
    let mut sqlite = Ours::found(EngineKind::Sqlite, costs[0], PEOPLE).await;
    let mut postgres = Ours::found(EngineKind::Postgres, costs[0], PEOPLE).await;
    let mut cheap = Ours::found(EngineKind::Postgres, costs[1], LOG_INS).await;
    let (mut theirs, mut their_cheap) = (Theirs::start(PEOPLE, costs[0]), Theirs::start(0, costs[1]));
    let mut rounds: [Vec<Round>; 9] = Default::default();
    // The first round warms up.
    for turn in 0..=ROUNDS {
        let round = [
            postgres.proofs(Factor::Token, CODES).await,
            postgres.proofs(Factor::Card, 1).await,
            sqlite.proofs(Factor::Token, CODES).await,
            sqlite.proofs(Factor::Card, 1).await,
            theirs.checks().await,
            postgres.log_ins().await,
            theirs.log_ins().await,
            cheap.log_ins().await,
            their_cheap.log_ins().await,
        ];
        if turn > 0 {
            rounds.iter_mut().zip(round).for_each(|(all, round)| all.push(round));
        }
    }
    let [codes, keys, codes_on_sqlite, keys_on_sqlite, checks, log_ins, their_log_ins, cheap_log_ins, their_cheap_log_ins] = rounds;
    report("HOTP codes checked, PostgreSQL", &codes);
    report("card keys checked, PostgreSQL", &keys);
    report("HOTP codes checked, SQLite", &codes_on_sqlite);
    report("card keys checked, SQLite", &keys_on_sqlite);
    report("HOTP codes checked by privacyIDEA, PostgreSQL, no PIN", &checks);
    goals("HOTP codes, PostgreSQL", &codes, &checks, CHECKS_BETTER);
    goals("card keys, PostgreSQL", &keys, &checks, CHECKS_BETTER);
    goals("HOTP codes, SQLite", &codes_on_sqlite, &checks, CHECKS_BETTER);
    goals("card keys, SQLite", &keys_on_sqlite, &checks, CHECKS_BETTER);
    for (costs, ours, theirs) in [(costs[0], &log_ins, &their_log_ins), (costs[1], &cheap_log_ins, &their_cheap_log_ins)] {
        let word = costs.word().replace(';', " ");
        report(&format!("log-ins, PostgreSQL, {word}"), ours);
        report(&format!("privacyIDEA's, {word}"), theirs);
        goals("log-ins beside privacyIDEA's", ours, theirs, LOG_INS_BETTER);
    }
}
