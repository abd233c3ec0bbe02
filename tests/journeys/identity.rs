//! The service's identity key gives way to its successor, and phones follow: those that listen, and those that were away.

use anyhow::ensure;
use keycard::{
    Pins, PublicKey, Signed, Succession,
    wire::{Bounded, Decided, Identities, IdentityStep},
};
use segl::{phones::identity, platform::actor::Author};
use support::{approver::typed, journey, program::segl};

journey!(a_phone_that_was_away_follows_the_service_through_two_successions, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let mut phone = person.pair_phone("Annes telefon").await?;
    let (first, pinned) = (phone.identity, phone.pins);
    ensure!(!phone.follow().await?, "there is no step yet, and one followed");
    let old = person.begin_by_phone().await?;
    let before = phone.sole_request().await?;
    phone.decide(&before, typed(&old.number)).await?;
    // The operator's command, while the service runs; twice, so that this phone sleeps through one.
    let data = world.plot().data().display().to_string();
    let shown = segl(["phone-identity", "--data", &data]).await;
    ensure!(shown.code == 0 && shown.words.contains(&hex::encode(first.sec1())), "{shown:?}");
    for generation in ["generation 2", "generation 3"] {
        let said = segl(["phone-identity", "--succeed", "--data", &data]).await;
        ensure!(said.code == 0 && said.words.contains(generation), "{said:?}");
    }
    let begun = person.begin_by_phone().await?;
    // What the new key signs is nothing to a phone that has not followed.
    ensure!(phone.waiting().await.is_err(), "the phone believes a key that it has not pinned");
    ensure!(phone.follow().await?, "no step followed");
    ensure!(phone.identity != first && phone.pins.successor.is_some_and(|next| next != pinned.current), "{:?}", phone.pins);
    let shown = phone.sole_request().await?;
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Taken);
    person.finish_by_phone(&begun).await?.expect(201)?;
    // What was signed before is checked with the key of its time.
    let told = person.http.get("/api/v1/approvals/identity").await?.expect(200)?;
    ensure!(told.string("/public_key") == hex::encode(phone.identity.sec1()) && told.json()["former"][0] == hex::encode(first.sec1()));
    let keys = [first, phone.identity];
    for id in [&before.id, &shown.id] {
        let evidence = person.http.get(&format!("/api/v1/approvals/{id}/evidence")).await?.expect(200)?.bytes;
        ensure!(keycard::evidence::Evidence::from_json(&evidence)?.verify(&keys).shows_approval());
    }
    // A phone that is paired now pins the new key.
    let next = person.pair_phone("Den nye").await?;
    ensure!(next.identity == phone.identity && next.pins == phone.pins);
    Ok(())
});

journey!(a_false_succession_moves_no_phone, async |world| {
    let (_, bakery) = world.bakery().await?;
    let phone = bakery.administrator.pair_phone("Annes telefon").await?;
    let thief: PublicKey = phone.record.keys.sign;
    let named = phone.sign(&Succession { successor: None })?;
    // A key that nobody pinned, though it signs for itself.
    let foreign = Identities { steps: Bounded::new(vec![IdentityStep { key: thief, named: named.clone() }])? };
    ensure!(foreign.follow(&phone.pins)?.is_none(), "a foreign key is followed");
    // The pinned successor, but signed by somebody else.
    identity::succeed(&world.ground, Author::System("phone-identity")).await?;
    let told = identity::steps(&world.ground).await?;
    let step = told.steps.items()[0].clone();
    let forged = Identities { steps: Bounded::new(vec![IdentityStep { key: step.key, named }])? };
    ensure!(forged.follow(&phone.pins).is_err(), "a succession that another key signed is followed");
    // The successor itself, naming another than it signed.
    let mut bytes = step.named.bytes().to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let changed = Signed::<Succession>::from_parts(bytes, step.named.signature().clone())?;
    let forged = Identities { steps: Bounded::new(vec![IdentityStep { key: step.key, named: changed }])? };
    ensure!(forged.follow(&phone.pins).is_err(), "a changed succession is followed");
    // And a phone that pinned something else is led nowhere.
    let other = Pins { current: [1; 32], successor: Some([2; 32]) };
    ensure!(told.follow(&other)?.is_none());
    Ok(())
});

journey!(of_many_successions_at_once_each_generation_is_made_once, async |world| {
    let tries = futures_util::future::join_all((0..6).map(|_| identity::succeed(&world.ground, Author::System("phone-identity")))).await;
    let made = tries.iter().filter(|outcome| outcome.is_ok()).count();
    let told = identity::steps(&world.ground).await?;
    ensure!(made == told.steps.items().len() && made >= 1, "{made} said yes, {} steps stand", told.steps.items().len());
    let keys = identity::all(&world.ground).await?;
    ensure!(keys.len() == made + 1);
    Ok(())
});
