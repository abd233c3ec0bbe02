//! Who keeps a person's phone busy, and who is never kept from it by that: slots, counts, and "this was not me" of a phone that is new.

use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use keycard::{Verdict, wire::Decided};
use reqwest::Method;
use serde_json::json;
use support::{
    approver::LoggingIn,
    client::send,
    journey,
    papers::{SIGNABLE, fixture},
    phone::SoftPhone,
    roles::Person,
    world::{EngineKind, Setup, World, run_in},
};
use time::Duration;

/// A story on both engines, behind a proxy that says from which network somebody comes.
fn in_networks(story: impl AsyncFn(&World) -> anyhow::Result<()>) {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        run_in(Setup { server: "trusted_proxies = [\"127.0.0.1\"]".into(), ..Setup::on(engine) }, async |world| story(world).await);
    }
}

/// Somebody who knows the password begins to log in from an address.
async fn begin_from(person: &Person, address: &str) -> anyhow::Result<LoggingIn> {
    let body = json!({"user_id": person.user_id, "password": person.password});
    let request = person.http.without_token().request(Method::POST, "/api/v1/logins").header("X-Forwarded-For", address);
    Ok(LoggingIn::of(&send(request.json(&body)).await?.expect(201)?))
}

/// A person with a phone whose waiting time is over, just logged in.
async fn with_phone(world: &World) -> anyhow::Result<(Person, SoftPhone)> {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let phone = person.pair_phone("Annes telefon").await?;
    world.clock.advance(Duration::hours(25));
    person.log_in().await?;
    Ok((person, phone))
}

/// Whether a session that asks for a proof has the phone asked.
async fn session_asks(person: &Person) -> anyhow::Result<bool> {
    let asked = person.http.post("/api/v1/session/proof", &json!({"password": person.password})).await?.expect(201)?;
    Ok(!asked.string("/phone/number").is_empty())
}

#[test]
fn who_knows_only_the_password_fills_one_slot_and_the_owner_keeps_the_others() {
    in_networks(async |world| {
        let (person, phone) = with_phone(world).await?;
        ensure!(!begin_from(&person, "203.0.113.7").await?.number.is_empty(), "a stranger's first log-in is not asked");
        for address in ["203.0.113.8", "198.51.100.9", "2001:db8:1::1"] {
            let more = begin_from(&person, address).await?;
            ensure!(more.number.is_empty() && !more.key_number.is_empty(), "{address} has a second slot: {more:?}");
        }
        ensure!(!person.begin_by_phone().await?.number.is_empty(), "strangers keep the owner's own network out");
        ensure!(person.begin_by_phone().await?.number.is_empty(), "log-ins have the slot that sessions keep");
        ensure!(session_asks(&person).await?, "log-ins keep a session out");
        ensure!(phone.waiting().await?.len() == 3);
        Ok(())
    });
}

#[test]
fn of_twenty_at_once_no_more_wait_than_may() {
    in_networks(async |world| {
        let (person, phone) = with_phone(world).await?;
        let strange: Vec<_> = (0..20).map(|number| format!("203.0.{number}.7")).collect();
        let asked = join_all(strange.iter().map(|address| begin_from(&person, address))).await;
        let asked = asked.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        ensure!(asked.iter().filter(|one| !one.number.is_empty()).count() == 1, "{asked:?}");
        let own = join_all((0..20).map(|_| person.begin_by_phone())).await.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        ensure!(own.iter().filter(|one| !one.number.is_empty()).count() == 1, "{own:?}");
        ensure!(phone.waiting().await?.len() == 2);
        Ok(())
    });
}

#[test]
fn strangers_of_whatever_networks_ring_ever_more_seldom_and_the_owner_is_not_kept_waiting() {
    in_networks(async |world| {
        let (mut person, _) = with_phone(world).await?;
        let mut rung = 0;
        for number in 0..12 {
            let begun = begin_from(&person, &format!("203.0.{number}.7")).await?;
            rung += usize::from(!begun.number.is_empty());
            world.clock.advance(Duration::seconds(121));
        }
        ensure!((6..=9).contains(&rung), "{rung} of twelve rang, each from a network of its own");
        ensure!(!person.begin_by_phone().await?.number.is_empty(), "the owner's network waits for what strangers did");
        person.log_in().await?;
        ensure!(session_asks(&person).await?, "a session waits for what strangers did");
        Ok(())
    });
}

journey!(a_session_is_counted_by_its_own_requests_and_not_by_those_of_its_network, async |world| {
    let (person, phone) = with_phone(world).await?;
    // The log-in by card was before these.
    world.clock.advance(Duration::SECOND);
    for _ in 0..5 {
        person.begin_by_phone().await?;
        world.clock.advance(Duration::seconds(121));
    }
    ensure!(person.begin_by_phone().await?.number.is_empty(), "the network is not paused");
    ensure!(session_asks(&person).await?, "the network's pause stops a session");
    let mut asked = 1;
    for _ in 0..12 {
        asked += usize::from(session_asks(&person).await?);
    }
    ensure!((5..=7).contains(&asked), "{asked} of thirteen unanswered requests of a session rang");
    let mut elsewhere = person.clone();
    elsewhere.log_in().await?;
    ensure!(session_asks(&elsewhere).await?, "another session waits for what this one did");
    ensure!(phone.waiting().await?.len() <= 3);
    Ok(())
});

journey!(a_new_phone_says_not_me_and_that_refuses_and_is_told_but_stops_no_signing, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let document = person.upload("Lejekontrakt", &fixture(SIGNABLE[0])).await?;
    let phone = person.pair_phone("Den nye").await?;
    let begun = person.begin_by_phone().await?;
    ensure!(phone.decide(&phone.sole_request().await?, Verdict::NotMe).await? == Decided::Taken);
    ensure!(person.phone_state(&begun).await? == "not-me");
    person.finish_by_phone(&begun).await?.refused(410, "gone")?;
    world.settle().await;
    person.http.get("/api/v1/session").await?.expect(401)?;
    let mails = world.mailbox.all();
    let told = |part: &str| {
        mails
            .iter()
            .filter(|mail| mail.subject.contains(part))
            .map(|mail| mail.text.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<String>()
    };
    ensure!(told("Du har svaret: det var ikke mig").contains("kan ikke stoppe underskrifter endnu"), "the person is not told");
    ensure!(told(&format!("bruger-id {}", person.user_id)).contains("Underskrifter er ikke stoppet"), "the help desk is not told");
    let mut auditor = operator.0.clone();
    auditor.log_in().await?;
    let audit = auditor.http.get("/api/v1/audit").await?.expect(200)?.text();
    ensure!(audit.contains("approval.not_me") && !audit.contains("account.signing_stopped"), "a new phone stops signing");
    person.log_in().await?;
    person.sign(&document).await.context("signing is stopped").map(drop)
});
