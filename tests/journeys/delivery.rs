//! How a phone learns that somebody asks: by its stream, by looking, and after whatever got between.

use anyhow::{Context as _, ensure};
use keycard::{
    ServiceClock,
    wire::{Decided, Event, TimeTold, read},
};
use serde_json::{Value, json};
use support::{
    approver::{Events, events, typed},
    client::Answer,
    journey,
    phone::SoftPhone,
    roles::Person,
    visitor::Visitor,
    world::{Begins, EngineKind, Setup, World, on_runtime},
};
use time::Duration;

/// The stream says that the phone is blocked, and ends: at once, not with a sign of life.
async fn ends_at_once(stream: &mut Events) -> anyhow::Result<()> {
    let begun = std::time::Instant::now();
    ensure!(stream.next().await? == Some(Event::Blocked), "the phone is not told");
    ensure!(stream.next().await?.is_none(), "the stream goes on");
    ensure!(begun.elapsed() < std::time::Duration::from_secs(5), "after {:?}", begun.elapsed());
    Ok(())
}

journey!(the_streams_of_a_blocked_and_of_a_removed_phone_end_at_once_at_every_node, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let other = world.second_service().await;
    let ways = ["block", "remove", "by itself"];
    for way in ways {
        let phone = person.pair_phone("Annes telefon").await?;
        let mut here = phone.events(None).await?;
        let mut there = events(&phone.http.at(other.client.base()), None).await?;
        let listed = person.http.get("/api/v1/phones").await?.expect(200)?.items();
        let active = listed.iter().find(|one| one["state"] == "active").context("no phone serves")?;
        let id = active["id"].as_str().context("no id")?;
        match way {
            "block" => person.http.post(&format!("/api/v1/phones/{id}/block"), &Value::Null).await?.expect(204)?,
            "remove" => person.http.delete(&format!("/api/v1/phones/{id}")).await?.expect(204)?,
            _ => phone.remove_itself().await?.expect(204)?,
        };
        ends_at_once(&mut here).await.context(way)?;
        ends_at_once(&mut there).await.context(way)?;
        phone.http.get("/api/v1/phone/events").await?.expect(401)?;
    }
    Ok(())
});

journey!(whoever_leaves_hears_nothing_more, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = bakery.hire(world, "Mette", "Hansen", "mette@30808460.example.dk").await?;
    let phone = person.pair_phone("Mettes telefon").await?;
    let mut stream = phone.events(None).await?;
    bakery.administrator.prove().await?;
    bakery.administrator.http.delete(&format!("{}/{}", bakery.employees(), person.employee)).await?.expect(204)?;
    ends_at_once(&mut stream).await
});

journey!(a_phone_without_a_stream_looks_and_finds_the_same, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    ensure!(phone.waiting().await?.is_empty());
    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    world.clock.advance(Duration::seconds(60));
    let later = phone.extend(&shown).await?;
    ensure!(phone.sole_request().await?.id == later.id, "the list holds what took the place of the first");
    ensure!(phone.decide(&later, typed(&begun.number)).await? == Decided::Taken);
    ensure!(phone.waiting().await?.is_empty());
    Ok(())
});

/// What a phone believes whose own clock shows another day: it learns the service's time, and counts from there on a clock that nobody sets.
async fn learned(phone: &SoftPhone, nonce: [u8; 16]) -> anyhow::Result<u64> {
    let asked = phone.http.post("/api/v1/phone/time", &json!({"nonce": hex_of(nonce)})).await?.expect(200)?;
    let told: TimeTold = read(&asked.bytes, keycard::wire::TO_PHONE_BYTES)?;
    Ok(ServiceClock::learn(&told.time, &phone.identity, &nonce, 0, 1)?.now_ms(1)?)
}

fn hex_of(nonce: [u8; 16]) -> Value {
    serde_json::to_value(keycard::wire::Exact(nonce)).unwrap()
}

journey!(a_phone_whose_clock_is_a_day_off_shows_and_answers_what_waits, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    let day = 24 * 60 * 60 * 1000;
    let service = u64::try_from(world.now().millis())?;
    for wrong in [service - day, service + day] {
        ensure!(shown.signed.verify(&phone.identity, wrong).is_err(), "its own clock would have shown it");
    }
    let time = learned(&phone, [7; 16]).await?;
    ensure!(time.abs_diff(service) < 10_000 && shown.signed.verify(&phone.identity, time).is_ok());
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Taken);
    person.finish_by_phone(&begun).await?.expect(201)?;
    Ok(())
});

/// The service stops while a phone waits and another request is on its way; both go on where they were.
async fn restarted(engine: EngineKind) -> anyhow::Result<()> {
    let world = World::of(Setup { begins: Begins::Now, ..Setup::on(engine) }).await;
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let mut stream = phone.events(None).await?;
    let begun = person.begin_by_phone().await?;
    ensure!(stream.next().await? == Some(Event::Look));
    let (shown, last) = (phone.sole_request().await?, stream.last.clone());
    let plot = world.stop();
    let end = stream.next().await;
    ensure!(matches!(end, Err(_) | Ok(None)), "{end:?}");
    // This world's clock was ahead of the machine's.
    let world = World::resume(plot, Duration::MINUTE).await;
    // Told before: it is not told again. What comes now is.
    let mut stream = phone.events(last.as_deref()).await?;
    world.clock.advance(Duration::SECOND);
    let next = person.begin_by_phone().await?;
    ensure!(stream.next().await? == Some(Event::Look) && stream.last != last);
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Taken);
    ensure!(matches!(stream.next().await?, Some(Event::Ended { id }) if id.to_string() == shown.id));
    person.finish_by_phone(&begun).await?.expect(201)?;
    ensure!(person.phone_state(&next).await? == "waiting");
    drop(world);
    Ok(())
}

#[test]
fn phones_that_wait_go_on_when_the_service_comes_back_on_sqlite() {
    on_runtime(async { restarted(EngineKind::Sqlite).await.unwrap() });
}

#[test]
fn phones_that_wait_go_on_when_the_service_comes_back_on_postgres() {
    on_runtime(async { restarted(EngineKind::Postgres).await.unwrap() });
}

/// Types user id and password on the log-in page of this browser; where it goes.
async fn begun_in(browser: &Visitor, person: &Person) -> anyhow::Result<Answer> {
    let page = browser.get("/login").await?;
    browser.submit(&page, "/login", &[("user_id", &person.user_id), ("password", &person.password), ("next", "")]).await
}

journey!(a_browser_that_begins_anew_takes_its_own_earlier_request_back_and_nobody_elses, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let (mine, other) = (Visitor::new(&world.client(), "da"), Visitor::new(&world.client(), "da"));
    ensure!(begun_in(&mine, person).await?.header("location") == "/login/phone");
    let first = phone.sole_request().await?;
    world.clock.advance(Duration::SECOND);
    // Devices where the person never logged in have one place among them.
    ensure!(begun_in(&other, person).await?.header("location") == "/login/key");
    world.clock.advance(Duration::SECOND);
    // It is taken, and yet there is room: the browser's own one leaves it.
    ensure!(begun_in(&mine, person).await?.header("location") == "/login/phone");
    ensure!(phone.sole_request().await?.id != first.id);
    ensure!(phone.decide(&first, typed("00")).await? == Decided::Replaced);
    // Another person's log-in in the same browser leaves it alone.
    let colleague = bakery.hire(world, "Mette", "Hansen", "mette@30808460.example.dk").await?;
    begun_in(&mine, &colleague).await?;
    ensure!(phone.waiting().await?.len() == 1, "somebody else's log-in took it back");
    Ok(())
});

journey!(whoever_begins_over_and_over_is_paused_and_the_page_says_why, async |world| {
    let (_, bakery) = world.bakery().await?;
    // One person each: what nobody answered counts against unknown devices for a day, whichever of them began it.
    let mette = bakery.hire(world, "Mette", "Hansen", "mette@30808460.example.dk").await?;
    let phones = [bakery.administrator.pair_phone("Annes telefon").await?, mette.pair_phone("Mettes telefon").await?];
    for (phone, person, language, full, paused) in [
        (&phones[0], &bakery.administrator, "da", "Der venter allerede så mange anmodninger", "Ingen har svaret på de seneste anmodninger"),
        (&phones[1], &mette, "en", "As many requests as can be wait", "Nobody answered the latest requests"),
    ] {
        let browser = Visitor::new(&world.client(), language);
        let mut times = 0;
        while begun_in(&browser, person).await?.header("location") == "/login/phone" {
            times += 1;
            ensure!(times <= 4, "asked {times} times within seconds");
            world.clock.advance(Duration::SECOND);
        }
        ensure!(times == 3, "{times}");
        let page = browser.get("/login/key").await?.expect(200)?.text();
        ensure!(page.contains("id=\"not-asked\"") && page.contains(paused), "{page}");
        ensure!(phone.waiting().await?.is_empty(), "what was taken back still waits");
        // The card goes on, and forgives the network.
        let mut owner = person.clone();
        owner.log_in().await?;
        world.clock.advance(Duration::minutes(10));
        let [one, two] = [Visitor::new(&world.client(), language), Visitor::new(&world.client(), language)];
        ensure!(begun_in(&one, person).await?.header("location") == "/login/phone");
        ensure!(begun_in(&two, person).await?.header("location") == "/login/key");
        let page = two.get("/login/key").await?.expect(200)?.text();
        ensure!(page.contains(full), "{page}");
        // It lapses; what the card answers is forgiven.
        world.clock.advance(Duration::minutes(10));
        owner.log_in().await?;
        world.clock.advance(Duration::SECOND);
    }
    Ok(())
});
