//! Who is shut out after wrong passwords, and who never is: known devices, card or phone before the password, mails, and what the help desk sees.

use anyhow::{Context as _, ensure};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use support::{
    client::{Answer, Client, send},
    journey,
    roles::Person,
    visitor::{Visitor, between},
    world::{EngineKind, Setup, World, run_in},
};
use time::Duration;

const BO: &str = "bo@bageri.example.dk";
const WRONG: &str = "Forkert-2026-sol";

/// A story on both engines, behind a proxy that says from which network somebody comes.
fn in_networks(story: impl AsyncFn(&World) -> anyhow::Result<()>) {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        run_in(Setup { server: "trusted_proxies = [\"127.0.0.1\"]".into(), ..Setup::on(engine) }, async |world| story(world).await);
    }
}

/// What is sent to log in; more of it where more is known.
fn typed(user_id: &str, password: &str) -> Value {
    json!({"user_id": user_id, "password": password})
}

/// A log-in that begins at an address.
async fn from(client: &Client, address: &str, body: &Value) -> anyhow::Result<Answer> {
    send(client.without_token().request(Method::POST, "/api/v1/logins").header("X-Forwarded-For", address).json(body)).await
}

/// What somebody does at the door.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// Types a wrong password.
    Wrong,
    /// Types the right one.
    Right,
    /// A wrong key first, then the right password.
    WrongKeyFirst,
    /// The key that is asked for first, then a wrong password.
    KeyFirstThenWrong,
    /// The key that is asked for first, then the right password.
    KeyFirst,
}

/// Where.
#[derive(Clone, Copy, Debug)]
enum At {
    /// At a device that nobody knows, from this address.
    New(&'static str),
    /// At the owner's device, wherever it is.
    Known(&'static str),
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// So often, somebody does something somewhere, and each time is told this.
    Try(u32, At, Does, u16, &'static str),
    /// Four wrong passwords from each of five networks: twenty.
    Twenty,
    /// Hours pass.
    Hours(i64),
}
use At::{Known, New};
use Does::{KeyFirst, KeyFirstThenWrong, Right, Wrong, WrongKeyFirst};
use Step::{Hours, Try, Twenty};

const NOT_RIGHT: &str = "not-right";
const CLOSED: &str = "too-many-tries";
const FIRST: &str = "answer-first";

/// The rules of lockout, each with what happens under it. Between two of them 33 hours pass: nothing counts any more, what is known stays known.
const TABLE: &[(&str, &[Step])] = &[
    (
        "a network is an IPv4 /24 or an IPv6 /56",
        &[
            Try(3, New("203.0.113.1"), Wrong, 403, NOT_RIGHT),
            Try(2, New("203.0.113.254"), Wrong, 403, NOT_RIGHT),
            Try(1, New("203.0.113.77"), Right, 429, CLOSED),
            Try(1, New("203.0.112.1"), Right, 201, ""),
            Try(3, New("2001:db8:1:200::1"), Wrong, 403, NOT_RIGHT),
            Try(2, New("2001:db8:1:2ff::1"), Wrong, 403, NOT_RIGHT),
            Try(1, New("2001:db8:1:234::9"), Right, 429, CLOSED),
            Try(1, New("2001:db8:1:300::1"), Right, 201, ""),
        ],
    ),
    (
        "five wrong in a row close that network for eight hours, fewer do not",
        &[
            Try(4, New("203.0.113.1"), Wrong, 403, NOT_RIGHT),
            Try(1, New("203.0.113.1"), Right, 201, ""),
            Try(5, New("203.0.113.1"), Wrong, 403, NOT_RIGHT),
            Try(3, New("203.0.113.1"), Right, 429, CLOSED),
            Hours(8),
            Try(1, New("203.0.113.1"), Right, 201, ""),
        ],
    ),
    (
        "twenty wrong within a day: an unknown device answers before its password is looked at, for a day",
        &[
            Twenty,
            Try(2, New("198.51.100.1"), Wrong, 403, FIRST),
            Try(2, New("198.51.100.1"), Right, 403, FIRST),
            Try(1, New("198.51.100.1"), WrongKeyFirst, 403, FIRST),
            Try(1, New("198.51.100.1"), KeyFirstThenWrong, 403, NOT_RIGHT),
            Try(2, New("198.51.100.1"), KeyFirst, 201, ""),
            Try(1, New("198.51.100.1"), Right, 403, FIRST),
            Hours(25),
            Try(1, New("198.51.100.1"), Right, 201, ""),
        ],
    ),
    (
        "a known device keeps a count of its own: colleagues and strangers do not shut it out, and it shuts nobody else out",
        &[
            Try(5, New("192.0.2.1"), Wrong, 403, NOT_RIGHT),
            Try(1, New("192.0.2.1"), Right, 429, CLOSED),
            Try(1, Known("192.0.2.1"), Right, 201, ""),
            Twenty,
            Try(1, Known("198.51.100.1"), Right, 201, ""),
            Try(5, Known("192.0.2.1"), Wrong, 403, NOT_RIGHT),
            Try(1, Known("198.51.100.1"), Right, 429, CLOSED),
            Try(1, New("198.51.100.1"), KeyFirst, 201, ""),
            Hours(8),
            Try(1, Known("192.0.2.1"), Right, 201, ""),
        ],
    ),
    (
        "wrong keys before the password are counted by network like wrong passwords, and never against the card",
        &[
            Twenty,
            Try(5, New("198.51.100.1"), WrongKeyFirst, 403, FIRST),
            Try(1, New("198.51.100.1"), KeyFirst, 429, CLOSED),
            Try(5, New("198.51.101.1"), WrongKeyFirst, 403, FIRST),
            Try(5, New("198.51.102.1"), WrongKeyFirst, 403, FIRST),
            Try(5, New("198.51.103.1"), WrongKeyFirst, 403, FIRST),
            Try(1, New("198.51.104.1"), KeyFirst, 201, ""),
        ],
    ),
];

async fn does(client: &Client, bo: &Person, at: At, does: Does) -> anyhow::Result<Answer> {
    let (address, device) = match at {
        New(address) => (address, None),
        Known(address) => (address, bo.device.clone()),
    };
    let wrong = matches!(does, Wrong | KeyFirstThenWrong);
    let mut body = typed(&bo.user_id, if wrong { WRONG } else { &bo.password });
    body["device"] = json!(device);
    if matches!(does, WrongKeyFirst | KeyFirst | KeyFirstThenWrong) {
        let asked = from(client, address, &body).await?;
        let number = asked.string("/key_number");
        if asked.status == 403 {
            let key = if matches!(does, WrongKeyFirst) { bo.card.wrong_key(&number) } else { bo.card.key(&number) };
            body["answer"] = json!(key);
        }
    }
    from(client, address, &body).await
}

#[test]
fn the_table_of_lockout_holds_behind_a_proxy() {
    in_networks(async |world| {
        let (_, bakery) = world.bakery().await?;
        let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
        for (rule, steps) in TABLE {
            world.clock.advance(Duration::hours(33));
            for (line, step) in steps.iter().enumerate() {
                match *step {
                    Hours(hours) => world.clock.advance(Duration::hours(hours)),
                    Twenty => {
                        for network in 0..20 {
                            let address = format!("203.0.{}.7", network % 5);
                            from(&world.client(), &address, &typed(&bo.user_id, WRONG)).await?.expect(403)?;
                        }
                    }
                    Try(times, at, what, status, problem) => {
                        for time in 0..times {
                            let told = does(&world.client(), &bo, at, what).await?;
                            let as_it_says = told.status == status && told.problem() == problem;
                            ensure!(as_it_says, "{rule}, line {line}, time {time}: {step:?} is told {} {}", told.status, told.text());
                        }
                    }
                }
            }
        }
        let cards = bo.http.get("/api/v1/keycards").await?;
        ensure!(cards.status == 401, "the session has ended");
        let mut bo = bo;
        bo.log_in().await?;
        let card = bo.http.get("/api/v1/keycards").await?.items().remove(0);
        ensure!(card["state"] == "active", "twenty wrong keys before the password have touched the card: {card}");
        Ok(())
    });
}

journey!(without_a_trusted_proxy_nobody_says_from_where_he_comes, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    for network in 0..5 {
        from(&world.client(), &format!("203.0.{network}.7"), &typed(&bo.user_id, WRONG)).await?.refused(403, NOT_RIGHT)?;
    }
    from(&world.client(), "198.51.100.7", &typed(&bo.user_id, &bo.password)).await?.refused(429, CLOSED)?;
    // Whoever is logged in is counted apart, and so is his device.
    bo.prove().await?;
    bo.begin_log_in().await.map(drop)
});

journey!(of_many_tries_at_once_five_are_looked_at_for_whichever_user_id, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    for user_id in [bo.user_id.as_str(), "findes.ikke", "findes.heller.ikke"] {
        let (client, body) = (world.client(), typed(user_id, WRONG));
        let tries = (0..16).map(|_| client.post("/api/v1/logins", &body));
        let answers = futures_util::future::try_join_all(tries).await?;
        let looked = answers.iter().filter(|answer| answer.problem() == NOT_RIGHT).count();
        let closed = answers.iter().filter(|answer| answer.problem() == CLOSED).count();
        ensure!((looked, closed) == (5, 11), "{user_id}: {looked} were looked at, {closed} not");
    }
    Ok(())
});

/// Five wrong passwords from each of fifty networks, for whichever user id.
async fn flood(world: &World, user_id: &str) -> anyhow::Result<()> {
    for network in 0..50 {
        for _ in 0..5 {
            from(&world.client(), &format!("203.0.{network}.7"), &typed(user_id, WRONG)).await?;
        }
    }
    Ok(())
}

/// What a browser sends from an address, over the proxy's TLS.
fn visits(browser: &Visitor, address: &str, method: Method, path: &str) -> RequestBuilder {
    let request = browser.request(method, path).header("Sec-Fetch-Site", "same-origin");
    request.header("X-Forwarded-For", address).header("X-Forwarded-Proto", "https")
}

/// A form of the log-in.
async fn submit(browser: &Visitor, address: &str, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
    browser.send(visits(browser, address, Method::POST, path).form(fields)).await
}

/// The page without what is asked: the digits, the user id and the reference differ.
fn without_digits(page: &str, user_id: &str) -> anyhow::Result<(String, String, String)> {
    let ending = between(page, "id=\"card-ending\">", "<").context("no card is shown")?;
    let number = between(page, "id=\"key-number\">", "<").context("no number is asked for")?;
    let reference = between(page, "Reference ", ":").context("no reference is shown")?;
    let bare = page.replace(&format!(">{ending}<"), "><").replace(&format!(">{number}<"), "><");
    Ok((bare.replace(user_id, "").replace(&reference, ""), ending, number))
}

#[test]
fn a_flood_from_fifty_networks_neither_shuts_the_owner_out_nor_fills_the_mailbox() {
    in_networks(async |world| {
        let (_, bakery) = world.bakery().await?;
        let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
        flood(world, &bo.user_id).await?;
        flood(world, "findes.ikke").await?;
        world.settle().await;
        let told = |world: &World, subject: &str| world.mailbox.mails_to(BO).iter().filter(|mail| mail.subject == subject).count();
        let (closed, first) = ("Din adgang er lukket midlertidigt", "Mange forkerte adgangskoder for dit bruger-id");
        ensure!((told(world, closed), told(world, first)) == (1, 1), "{} and {}", told(world, closed), told(world, first));

        // At a new device in a new network: the same page for Bo and for nobody, with digits that stay the same.
        let browser = Visitor::new(&world.client(), "da");
        let address = "198.51.100.7";
        let mut pages = Vec::new();
        for user_id in [&bo.user_id, "findes.ikke"] {
            let fields = [("user_id", user_id), ("password", bo.password.as_str()), ("next", "")];
            let page = submit(&browser, address, "/login", &fields).await?.expect(403)?.text();
            let again = submit(&browser, address, "/login", &fields).await?.expect(403)?.text();
            ensure!(page == again, "what is shown changes");
            pages.push(without_digits(&page, user_id)?);
        }
        ensure!(pages[0].0 == pages[1].0, "the page tells who exists");
        let (_, ending, number) = &pages[0];
        let card = bo.http.get("/api/v1/keycards").await?.string("/items/0/number");
        ensure!(card.ends_with(ending) && ending.len() == 2, "{ending} is no end of the card's number");
        let (key, wrong) = (bo.card.key(number), bo.card.wrong_key(number));
        for (user_id, answer) in [(bo.user_id.as_str(), wrong.as_str()), ("findes.ikke", key.as_str())] {
            let fields = [("user_id", user_id), ("password", &bo.password), ("answer", answer), ("next", "")];
            let page = submit(&browser, address, "/login", &fields).await?.expect(403)?.text();
            ensure!(page.contains("Nøglen eller koden er ikke rigtig"), "{page}");
        }
        let fields = [("user_id", bo.user_id.as_str()), ("password", &bo.password), ("answer", &key), ("next", "")];
        submit(&browser, address, "/login", &fields).await?.expect(303)?;
        let asked = browser.send(visits(&browser, address, Method::GET, "/login/key")).await?.expect(200)?;
        let next = between(&asked.text(), "id=\"key-number\">", "<").context("the page asks for no key")?;
        ensure!(next != *number, "the key before the password is asked again after it");
        let page = submit(&browser, address, "/login/key", &[("key", &bo.card.key(&next)), ("next", "")]).await?.expect(303)?;
        ensure!(page.headers.get_all("set-cookie").iter().count() == 3, "session, device, and the log-in's end");
        ensure!(browser.cookie("__Host-segl-device").is_some_and(|token| token.len() > 20), "the browser keeps nothing");

        // The browser is known from now on: nothing is asked first, and a used key answers nobody.
        let later = Visitor::new(&world.client(), "da");
        later.set_cookie("__Host-segl-device", &browser.cookie("__Host-segl-device").context("a device")?);
        submit(&later, address, "/login", &[("user_id", &bo.user_id), ("password", &bo.password), ("next", "")]).await?.expect(303)?;
        let mut spent = typed(&bo.user_id, &bo.password);
        spent["answer"] = json!(key);
        from(&world.client(), "198.51.101.7", &spent).await?.refused(403, FIRST)?;

        world.pass(Duration::hours(33)).await;
        flood(world, &bo.user_id).await?;
        world.settle().await;
        ensure!((told(world, closed), told(world, first)) == (2, 2), "the next day is told again, once");
        Ok(())
    });
}

#[test]
fn a_code_of_the_phone_answers_first_and_no_phone_is_woken_for_it() {
    in_networks(async |world| {
        let (_, bakery) = world.bakery().await?;
        let mut bo = bakery.administrator.clone();
        let mut phone = bo.pair_phone("Annes telefon").await?;
        phone.fetch_offline().await?;
        world.clock.advance(Duration::hours(25));
        bo.log_in().await?;
        flood(world, &bo.user_id).await?;
        let mut body = typed(&bo.user_id, &bo.password);
        from(&world.client(), "198.51.100.7", &body).await?.refused(403, FIRST)?;
        for _ in 0..4 {
            body["answer"] = json!("000000");
            from(&world.client(), "198.51.100.7", &body).await?.refused(403, FIRST)?;
        }
        ensure!(phone.waiting().await?.is_empty(), "the phone is asked before the password");
        let code = phone.offline_code(phone.time_ms().await?)?;
        body["answer"] = json!(code);
        let started = from(&world.client(), "198.51.100.7", &body).await?.expect(201)?;
        ensure!(phone.waiting().await?.len() == 1 && !started.string("/phone/number").is_empty(), "after the password it is");
        from(&world.client(), "198.51.100.7", &body).await?.refused(403, FIRST)
    });
}

/// The devices that a person's page lists.
async fn devices(person: &Person) -> anyhow::Result<Vec<Value>> {
    Ok(person.http.get("/api/v1/devices").await?.expect(200)?.items())
}

journey!(ten_devices_are_known_the_eleventh_forgets_the_oldest_and_each_can_be_forgotten, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let mut last = bo.clone();
    let mut tokens = vec![bo.device.clone().context("a device")?];
    for _ in 0..10 {
        world.clock.advance(Duration::SECOND);
        last = Person { device: None, ..bo.clone() };
        last.log_in().await?;
        tokens.push(last.device.clone().context("a device")?);
    }
    ensure!(devices(&last).await?.len() == 10, "{:?}", devices(&last).await?);
    // What opens nothing is no secret of the rows either.
    let begin = |device: String| typed_at(&bo, device, WRONG);
    for _ in 0..5 {
        world.client().post("/api/v1/logins", &begin(tokens[1].clone())).await?.refused(403, NOT_RIGHT)?;
    }
    world.client().post("/api/v1/logins", &typed_at(&bo, tokens[1].clone(), &bo.password)).await?.refused(429, CLOSED)?;
    for _ in 0..5 {
        world.client().post("/api/v1/logins", &begin(tokens[0].clone())).await?.refused(403, NOT_RIGHT)?;
    }
    world
        .client()
        .post("/api/v1/logins", &typed(&bo.user_id, &bo.password))
        .await?
        .refused(429, CLOSED)
        .context("the forgotten one is unknown")?;
    last.begin_log_in().await.context("a known one is not shut out by the forgotten one")?;

    let stranger = &bakery.administrator;
    let id = devices(&last).await?[0]["id"].as_str().context("an id")?.to_owned();
    stranger.http.delete(&format!("/api/v1/devices/{id}")).await?.refused(404, "not-found")?;
    last.http.delete(&format!("/api/v1/devices/{id}")).await?.expect(204)?;
    last.http.delete(&format!("/api/v1/devices/{id}")).await?.refused(404, "not-found")?;
    ensure!(devices(&last).await?.len() == 9);
    world
        .client()
        .post("/api/v1/logins", &typed_at(&bo, last.device.clone().context("a device")?, &bo.password))
        .await?
        .refused(429, CLOSED)?;

    // On the page, in a browser that is known beside them.
    let browser = Visitor::new(&world.client(), "da");
    browser.set_cookie("__Host-segl-device", &tokens[5]);
    browser.log_in(&bo).await?;
    ensure!(browser.cookie("__Host-segl-device").as_ref() == Some(&tokens[5]), "a token of ours is kept");
    let page = browser.get("/account").await?.expect(200)?;
    let forget = between(&page.text(), "action=\"/account/devices/", "\"").context("nothing to press")?;
    browser.submit(&page, &format!("/account/devices/{forget}"), &[]).await?.expect(303)?;
    ensure!(devices(&last).await?.len() == 8);
    // Nobody makes us know a token that we did not give this person.
    for foreign in ["AAAAAAAAAAAAAAAAAAAAAA".to_owned(), stranger.device.clone().context("another person's token")?] {
        let begun = Person { device: Some(tokens[6].clone()), ..bo.clone() }.begin_log_in().await?;
        let answer = json!({"login": begun.about, "key": bo.card.key(&begun.key_number), "carrier": "program", "device": foreign});
        let opened = world.client().post("/api/v1/logins/answer", &answer).await?.expect(201)?;
        ensure!(opened.string("/device").len() > 20 && opened.string("/device") != foreign, "{}", opened.text());
    }
    Ok(())
});

fn typed_at(person: &Person, device: String, password: &str) -> Value {
    json!({"user_id": person.user_id, "password": password, "device": device})
}

/// What the help desk sees under the reference of a refusal.
async fn under(desk: &Person, refused: &Answer) -> anyhow::Result<Answer> {
    let reference = refused.string("/reference");
    ensure!(reference.len() == 9, "no reference: {}", refused.text());
    desk.http.get(&format!("/api/v1/refusals/{reference}")).await?.expect(200)
}

/// Everything of a refusal that whoever is refused can see, but for the two numbers that differ each time.
fn seen(refused: &Answer) -> Value {
    let mut body = refused.json();
    body["reference"] = Value::Null;
    body["instance"] = Value::Null;
    json!([refused.status.as_u16(), body])
}

journey!(every_refusal_looks_alike_and_its_reference_tells_the_help_desk_the_true_reason, async |world| {
    let (mut operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let per = bakery.hire(world, "Per", "Post", "per@bageri.example.dk").await?;
    let (client, anne) = (world.client(), bakery.administrator.clone());
    // A question first: without a card there is none.
    let question = bo.begin_log_in().await?;
    let wrong_key = bo.answer_log_in(&question, &bo.card.wrong_key(&question.key_number)).await?;
    wrong_key.refused(403, NOT_RIGHT)?;
    bo.http.delete(&format!("/api/v1/keycards/{}", bo.keycard)).await?.expect(204)?;
    anne.http.delete(&format!("{}/{}", bakery.employees(), ea.employee)).await?.expect(204)?;
    let wrong = client.post("/api/v1/logins", &typed(&bo.user_id, WRONG)).await?;
    let unknown = client.post("/api/v1/logins", &typed("findes.ikke", &bo.password)).await?;
    let no_factor = client.post("/api/v1/logins", &typed(&bo.user_id, &bo.password)).await?;
    let left = client.post("/api/v1/logins", &typed(&ea.user_id, &ea.password)).await?;
    for one in [&unknown, &no_factor, &left] {
        ensure!(seen(one) == seen(&wrong), "{} is told otherwise than {}", one.text(), wrong.text());
    }
    for _ in 0..5 {
        client.post("/api/v1/logins", &typed(&bo.user_id, WRONG)).await?.expect(403)?;
    }
    let closed = client.post("/api/v1/logins", &typed(&bo.user_id, &bo.password)).await?;
    closed.refused(429, CLOSED)?;
    let again = client.post("/api/v1/logins", &typed(&bo.user_id, WRONG)).await?;
    ensure!(again.string("/reference") == closed.string("/reference"), "a closed door is written down once");

    let desk = &mut operator.0;
    desk.log_in().await?;
    let reasons = [
        (&wrong, "wrong_password", Some("Bo Bager")),
        (&unknown, "unknown_user_id", None),
        (&no_factor, "no_factor", Some("Bo Bager")),
        (&left, "blocked", Some("Ea Eng")),
        (&closed, "network_closed", Some("Bo Bager")),
        (&wrong_key, "wrong_key", Some("Bo Bager")),
    ];
    for (refused, reason, name) in reasons {
        let seen = under(desk, refused).await?;
        ensure!(seen.string("/reason") == reason && seen.json()["person"]["name"].as_str() == name, "{reason}: {}", seen.text());
        ensure!(seen.string("/network") == "127.0.0.0/24" && !seen.text().contains("findes.ikke"), "{}", seen.text());
        let refused = anne.http.get(&format!("/api/v1/refusals/{}", refused.string("/reference"))).await?;
        refused.refused(403, "forbidden")?;
    }
    for made_up in ["AAAA-AAAA", "x", "%00"] {
        desk.http.get(&format!("/api/v1/refusals/{made_up}")).await?.refused(404, "not-found")?;
    }

    // The page: typed as it was heard, and the block beside it.
    let browser = desk.browser("da").await?;
    let reference = wrong.string("/reference");
    let heard = reference.to_lowercase().replace('-', "%20");
    let page = browser.get(&format!("/operations/help?reference={heard}")).await?.expect(200)?;
    for part in ["Adgangskoden var forkert.", "Bo Bager", "Havnens Bageri ApS", &bo.user_id, &reference] {
        ensure!(page.text().contains(part), "{part} is missing");
    }
    let nothing = browser.get("/operations/help?reference=AAAA-AAAA").await?.expect(404)?;
    ensure!(nothing.text().contains("Referencen findes ikke"), "{}", nothing.text());
    let per_wrong = client.post("/api/v1/logins", &typed(&per.user_id, WRONG)).await?;
    let done = browser.submit(&page, "/operations/help/block", &[("reference", &per_wrong.string("/reference"))]).await?.expect(200)?;
    ensure!(done.text().contains("Spærret: 1 nøglekort og 0 telefoner.") && done.text().contains("Per Post"), "{}", done.text());
    per.http.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    world.settle().await;
    let told = world.mailbox.mails_to("per@bageri.example.dk");
    ensure!(told.iter().filter(|mail| mail.subject == "Dit nøglekort er spærret").count() == 1, "he is not told");
    let no_factor = client.post("/api/v1/logins", &typed(&per.user_id, &per.password)).await?;
    ensure!(under(desk, &no_factor).await?.string("/reason") == "no_factor");
    let path = format!("/api/v1/refusals/{}/block", per_wrong.string("/reference"));
    ensure!(desk.http.post(&path, &json!({})).await?.expect(200)?.json() == json!({"cards": 0, "phones": 0}), "blocking again is no error");
    anne.http.post(&path, &json!({})).await?.refused(403, "forbidden")?;
    world.pass(Duration::days(91)).await;
    desk.log_in().await?;
    desk.http.get(&format!("/api/v1/refusals/{reference}")).await?.refused(404, "not-found")
});

journey!(a_person_changes_the_user_id_after_a_fresh_proof_and_keeps_everything_else, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (mut bo, anne) = (bakery.hire(world, "Bo", "Bager", BO).await?, &bakery.administrator);
    let change = |user_id: &str, password: &str| json!({"user_id": user_id, "password": password});
    let path = "/api/v1/session/user-id";
    world.clock.advance(Duration::minutes(6));
    bo.http.post(path, &change("bo.den.nye", &bo.password)).await?.refused(403, "prove-again")?;
    bo.prove().await?;
    bo.http.post(path, &change("bo.den.nye", WRONG)).await?.refused(403, NOT_RIGHT)?;
    for broken in ["bo", "0101701234", &anne.user_id.to_uppercase()] {
        let refused = bo.http.post(path, &change(broken, &bo.password)).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == ["/user_id"], "{broken}: {:?}", refused.pointers());
    }
    let inside = bo.http.post(path, &change(&bo.password[..8], &bo.password)).await?;
    inside.refused(422, "invalid")?;
    ensure!(inside.pointers() == ["/password"], "a password that holds the user id: {}", inside.text());
    bo.http.post(path, &change("Bo.Den.Nye", &bo.password)).await?.expect(204)?;
    world.client().post("/api/v1/logins", &typed(&bo.user_id, &bo.password)).await?.refused(403, NOT_RIGHT)?;
    bo.user_id = "bo.den.nye".to_owned();
    bo.log_in().await?;
    world.settle().await;
    ensure!(world.mailbox.mails_to(BO).iter().any(|mail| mail.subject == "Dit bruger-id er skiftet"), "nobody told him");

    let browser = bo.browser("en").await?;
    let page = browser.get("/account/user-id").await?.expect(200)?;
    let refused = browser.submit(&page, "/account/user-id", &[("user_id", "bo"), ("password", &bo.password)]).await?.expect(422)?;
    ensure!(refused.text().contains("user_id-error"), "told beside the field");
    let done = browser.submit(&page, "/account/user-id", &[("user_id", "bo.igen"), ("password", &bo.password)]).await?.expect(200)?;
    ensure!(done.text().contains("The user ID is changed"), "{}", done.text());
    bo.user_id = "bo.igen".to_owned();
    bo.log_in().await
});
