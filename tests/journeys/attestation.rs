//! Phones whose hardware attests the key, under each policy, with a maker's root of the tests' own.

use anyhow::{Context as _, ensure};
use keycard::{Protection, evidence::Evidence, wire::Decided};
use serde_json::Value;
use support::{
    approver::typed,
    client::send,
    maker::{Boot, Maker},
    phone::{Claimed, Invited, Seen, SoftPhone, begin},
    program::segl,
    roles::Person,
    visitor::between,
    world::{EngineKind, Setup, World, run_in},
};

use crate::evidence::{changed, judged};

fn required(story: impl AsyncFn(&World, &Maker) -> anyhow::Result<()>) {
    under("require", story);
}

fn under(attestation: &str, story: impl AsyncFn(&World, &Maker) -> anyhow::Result<()>) {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let (maker, folder) = (Maker::new(), tempfile::tempdir().unwrap());
        let root = folder.path().join("maker.pem");
        std::fs::write(&root, maker.root_pem()).unwrap();
        let policy = format!("[phones]\nattestation = \"{attestation}\"\nattestation_roots = [\"{}\"]", root.display());
        run_in(Setup { policy, ..Setup::on(engine) }, async |world| story(world, &maker).await);
    }
}

/// The person confirms with the key card.
async fn confirmed(person: &Person, invited: &Invited, claimed: Claimed) -> anyhow::Result<SoftPhone> {
    let number = person.asked_to_confirm(&invited.id).await?;
    person.confirm_phone(&invited.id, &person.card.key(&number)).await?.expect(200)?;
    claimed.collect().await
}

/// Pairs a phone that claims hardware: as the maker made it, or rooted.
async fn attested(person: &Person, maker: &Maker, boot: Boot, name: &str) -> anyhow::Result<SoftPhone> {
    let invited = person.invite_phone().await?;
    let claimed = begin(&person.http, Seen::Qr(&invited.invitation)).await?.claim_attested(name, maker, boot).await?;
    confirmed(person, &invited, claimed).await
}

/// The level of a phone, and the one that it claimed, as the program sees it; the level in these words, as the page says.
async fn shown_as(person: &Person, phone: &SoftPhone, (level, claimed): (&str, &str), words: [&str; 2]) -> anyhow::Result<()> {
    let listed = person.own_phone(phone.id).await?;
    ensure!(listed["protection"] == level && listed["claimed_protection"] == claimed, "{listed}");
    ensure!(phone.record.protection.word() == level, "the signed record says otherwise: {:?}", phone.record.protection);
    for (language, words) in ["da", "en"].into_iter().zip(words) {
        let page = person.browser(language).await?.get("/account/phones").await?.expect(200)?.text();
        let section = between(&page, &format!("id=\"phone-{}\"", phone.id), "</section>").context("the phone is not on the page")?;
        ensure!(section.contains(words), "{language}: {section}");
    }
    Ok(())
}

const IN_HARDWARE: [&str; 2] = ["Telefonens beskyttede område (bevist)", "trusted environment (proven)"];
const UNDER_A_PIN: [&str; 2] = ["I software (ingen sikkerhedschip er bevist)", "In software (no security chip is proven)"];

#[test]
fn where_attestation_is_preferred_it_raises_the_level_and_a_phone_without_a_good_one_is_taken_at_the_lowest() {
    under("prefer", async |world, maker| {
        let (_, bakery) = world.bakery().await?;
        let person = &bakery.administrator;
        let good = attested(person, maker, Boot::Verified, "Med bevis").await?;
        let rooted = attested(person, maker, Boot::Unverified, "Rootet").await?;
        let bare = person.pair_phone("Uden bevis").await?;
        shown_as(person, &good, ("tee", "tee"), IN_HARDWARE).await?;
        shown_as(person, &rooted, ("software-pin", "tee"), UNDER_A_PIN).await?;
        shown_as(person, &bare, ("software-pin", "software-pin"), UNDER_A_PIN).await
    });
}

#[test]
fn where_attestation_is_ignored_every_phone_is_taken_at_the_lowest_level() {
    under("ignore", async |world, maker| {
        let (_, bakery) = world.bakery().await?;
        let person = &bakery.administrator;
        let good = attested(person, maker, Boot::Verified, "Med bevis").await?;
        let bare = person.pair_phone("Uden bevis").await?;
        shown_as(person, &good, ("software-pin", "tee"), UNDER_A_PIN).await?;
        shown_as(person, &bare, ("software-pin", "software-pin"), UNDER_A_PIN).await
    });
}

#[test]
fn a_phone_without_attestation_and_a_rooted_one_are_refused_in_both_languages() {
    required(async |world, maker| {
        let (_, bakery) = world.bakery().await?;
        let person = &bakery.administrator;
        let refusals = [("da", "Denne telefon kan ikke bevise, at dens nøgler ligger sikkert"), ("en", "cannot prove that its keys")];
        for (language, said) in refusals {
            let bare = begin(&person.http, Seen::Qr(&person.invite_phone().await?.invitation)).await?.unsent("Uden bevis")?.message;
            let invited = person.invite_phone().await?;
            let rooted = begin(&person.http, Seen::Qr(&invited.invitation)).await?.attested_message("Rootet", maker, Boot::Unverified)?;
            let stranger = begin(&person.http, Seen::Qr(&invited.invitation)).await?;
            let stranger = stranger.attested_message("Fremmed rod", &Maker::new(), Boot::Verified)?;
            for message in [rooted, stranger] {
                let request = world.client().request(reqwest::Method::POST, "/api/v1/phone/pairing/claim");
                let refused = send(request.header("Accept-Language", language).json(&message)).await?;
                refused.refused(409, "conflict")?;
                ensure!(refused.string("/detail").contains(said), "{}", refused.text());
            }
            // Its invitation was replaced: so it is gone, whatever it proves.
            let gone = world.client().post("/api/v1/phone/pairing/claim", &serde_json::to_value(&bare)?).await?;
            gone.refused(410, "gone")?;
            let bare = begin(&person.http, Seen::Qr(&invited.invitation)).await?.unsent("Uden bevis")?.message;
            let request = world.client().request(reqwest::Method::POST, "/api/v1/phone/pairing/claim");
            let refused = send(request.header("Accept-Language", language).json(&bare)).await?;
            refused.refused(409, "conflict")?;
            ensure!(refused.string("/detail").contains(said), "{}", refused.text());
        }
        ensure!(person.http.get("/api/v1/phones").await?.expect(200)?.items().is_empty());
        Ok(())
    });
}

#[test]
fn an_attested_phone_is_paired_at_its_level_and_its_evidence_leads_to_the_makers_root() {
    required(async |world, maker| {
        let (_, bakery) = world.bakery().await?;
        let person = &bakery.administrator;
        let phone = attested(person, maker, Boot::Verified, "Annes telefon").await?;
        ensure!(phone.record.protection == Protection::Tee, "{:?}", phone.record);
        shown_as(person, &phone, ("tee", "tee"), IN_HARDWARE).await?;
        let begun = person.begin_by_phone().await?;
        let shown = phone.sole_request().await?;
        ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Taken);
        let bytes = person.http.get(&format!("/api/v1/approvals/{}/evidence", shown.id)).await?.expect(200)?.bytes;
        let evidence = Evidence::from_json(&bytes)?;
        ensure!(evidence.verify(&[phone.identity]).shows_approval(), "{:?}", evidence.verify(&[phone.identity]).findings);
        let (file, root, other) = (world.file("evidence.json"), world.file("root.pem"), world.file("other.pem"));
        std::fs::write(&file, &bytes)?;
        std::fs::write(&root, maker.root_pem())?;
        std::fs::write(&other, Maker::new().root_pem())?;
        let (file, identity) = (file.display().to_string(), hex::encode(phone.identity.sec1()));
        let verify = async |root: String| segl(["verify-approval", &file, "--identity", &identity, "--vendor-root", &root]).await;
        let good = verify(root.display().to_string()).await;
        ensure!(good.code == 0 && good.words.contains("hardware       holds: tee"), "{good:?}");
        let bad = verify(other.display().to_string()).await;
        ensure!(bad.code == 1 && bad.words.contains("hardware       fails"), "{bad:?}");
        ensure!(verify(world.file("none.pem").display().to_string()).await.code == 64);
        // With one changed byte in a certificate, and without the chain, the record's hash is not met.
        for changed in changed(&bytes, "/attestation/0")?.into_iter().chain(changed(&bytes, "/attestation/1")?) {
            let judged = judged(world, &phone, &changed).await?;
            ensure!(judged.code == 1 && judged.words.contains("attestation    fails"), "{judged:?}");
        }
        let mut without: Value = serde_json::from_slice(&bytes)?;
        without.as_object_mut().context("no object")?.insert("attestation".to_owned(), Value::Null);
        std::fs::write(world.file("evidence.json"), without.to_string())?;
        ensure!(verify(root.display().to_string()).await.code == 1, "evidence without its chain is believed");
        Ok(())
    });
}
