//! Phones whose hardware attests the key, under each policy, with a maker's root of the tests' own.

use anyhow::{Context as _, ensure};
use keycard::{
    Protection,
    evidence::Evidence,
    wire::{ClaimPairing, Decided},
};
use serde_json::Value;
use support::{
    approver::typed,
    client::send,
    maker::{Boot, Maker},
    peers::tools::Said,
    phone::{Claimed, Invited, Seen, SoftPhone, begin},
    program::segl,
    roles::Person,
    visitor::between,
    world::{EngineKind, Setup, World, run_in},
};

use crate::evidence::{changed, judged};

/// The app that these services take from Apple.
const APP: &str = "A1B2C3D4E5.dk.segl.phone";

fn required(story: impl AsyncFn(&World, &Maker) -> anyhow::Result<()>) {
    under("require", story);
}

fn under(attestation: &str, story: impl AsyncFn(&World, &Maker) -> anyhow::Result<()>) {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let (maker, folder) = (Maker::new(), tempfile::tempdir().unwrap());
        let root = folder.path().join("maker.pem");
        std::fs::write(&root, maker.root_pem()).unwrap();
        let policy =
            format!("[phones]\nattestation = \"{attestation}\"\nattestation_roots = [\"{}\"]\napple_app = \"{APP}\"", root.display());
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
const IN_HARDWARE_BOTH: [&str; 2] = ["Nøglerne er beskyttet af", "The keys are guarded by"];
const IN_HARDWARE_SIGNING: [&str; 2] = ["Nøglen, der skriver under, er beskyttet af", "The signing key is guarded by"];
const IN_THE_ENCLAVE: [&str; 2] = ["(det siger appen, og Apple står inde for appen)", "(the app says so, and Apple vouches for the app)"];
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
        shown_as(person, &good, ("tee", "tee"), IN_HARDWARE_BOTH).await?;
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
        ensure!(good.code == 0 && good.words.contains("hardware       holds: tee (app not judged)"), "{good:?}");
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

/// The evidence of a login that the phone approves.
async fn evidence_of(person: &Person, phone: &SoftPhone) -> anyhow::Result<Vec<u8>> {
    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Taken);
    Ok(person.http.get(&format!("/api/v1/approvals/{}/evidence", shown.id)).await?.expect(200)?.bytes)
}

/// What the program says of it, with the maker's root and these further arguments.
async fn verified(world: &World, maker: &Maker, phone: &SoftPhone, evidence: &[u8], further: &[&str]) -> anyhow::Result<Said> {
    let (file, root) = (world.file("evidence.json"), world.file("root.pem"));
    std::fs::write(&file, evidence)?;
    std::fs::write(&root, maker.root_pem())?;
    let (file, root, identity) = (file.display().to_string(), root.display().to_string(), hex::encode(phone.identity.sec1()));
    let arguments = ["verify-approval", &file, "--identity", &identity, "--vendor-root", &root];
    Ok(segl(arguments.iter().chain(further)).await)
}

#[test]
fn a_phone_that_attests_its_signing_key_alone_is_taken_and_no_more_is_said_of_it() {
    required(async |world, maker| {
        let (_, bakery) = world.bakery().await?;
        let person = &bakery.administrator;
        let invited = person.invite_phone().await?;
        let claimed = begin(&person.http, Seen::Qr(&invited.invitation)).await?.claim_signing_attested("Ældre app", maker).await?;
        let phone = confirmed(person, &invited, claimed).await?;
        shown_as(person, &phone, ("tee", "tee"), IN_HARDWARE).await?;
        shown_as(person, &phone, ("tee", "tee"), IN_HARDWARE_SIGNING).await?;
        let evidence = evidence_of(person, &phone).await?;
        let good = verified(world, maker, &phone, &evidence, &[]).await?;
        ensure!(good.code == 0 && good.words.contains("hardware       holds: tee (the signing key; app not judged)"), "{good:?}");
        // The tests' phones do not say whose app had their keys made.
        let signer = "fac61745dc0903786fb9ede62a962b399f7348f0bb6f899b8332667591033b9c";
        let named = ["--android-package", "dk.segl.phone", "--android-signer", signer];
        let other = verified(world, maker, &phone, &evidence, &named).await?;
        ensure!(other.code == 1 && other.words.contains("hardware       fails: another app"), "{other:?}");
        let broken = ["--android-package", "dk.segl.phone", "--android-signer", "fac6"];
        ensure!(verified(world, maker, &phone, &evidence, &broken).await?.code == 64);
        Ok(())
    });
}

#[test]
fn an_iphone_is_taken_by_apples_word_for_the_app_and_its_evidence_judged_with_the_app() {
    required(async |world, maker| {
        let (_, bakery) = world.bakery().await?;
        let person = &bakery.administrator;
        let invited = person.invite_phone().await?;
        let other = begin(&person.http, Seen::Qr(&invited.invitation)).await?;
        let other = other.vouched_message("Anden app", maker, "Z9Z9Z9Z9Z9.dk.segl.phone", 4096)?;
        let claim =
            async |message: &ClaimPairing| world.client().post("/api/v1/phone/pairing/claim", &serde_json::to_value(message)?).await;
        claim(&other).await?.refused(409, "conflict")?;
        let long = begin(&person.http, Seen::Qr(&invited.invitation)).await?.vouched_message("For lang", maker, APP, 8193)?;
        claim(&long).await?.refused(422, "invalid")?;
        // As long as it may be.
        let claimed = begin(&person.http, Seen::Qr(&invited.invitation)).await?.claim_vouched("Annes iPhone", maker, APP, 8192).await?;
        let phone = confirmed(person, &invited, claimed).await?;
        shown_as(person, &phone, ("secure-enclave", "secure-enclave"), IN_THE_ENCLAVE).await?;
        shown_as(person, &phone, ("secure-enclave", "secure-enclave"), IN_HARDWARE_BOTH).await?;
        let evidence = evidence_of(person, &phone).await?;
        let unnamed = verified(world, maker, &phone, &evidence, &[]).await?;
        ensure!(unnamed.code == 0 && unnamed.words.contains("hardware       holds: secure-enclave (app not judged)"), "{unnamed:?}");
        let named = verified(world, maker, &phone, &evidence, &["--apple-app", APP]).await?;
        ensure!(named.code == 0 && named.words.contains("hardware       holds: secure-enclave"), "{named:?}");
        ensure!(!named.words.contains("not judged"), "{named:?}");
        let another = verified(world, maker, &phone, &evidence, &["--apple-app", "A1B2C3D4E5.dk.segl.another"]).await?;
        ensure!(another.code == 1 && another.words.contains("hardware       fails: another app"), "{another:?}");
        let stranger = verified(world, &Maker::new(), &phone, &evidence, &["--apple-app", APP]).await?;
        ensure!(stranger.code == 1 && stranger.words.contains("hardware       fails"), "{stranger:?}");
        for part in ["/attestation/0", "/attestation/1"] {
            for changed in changed(&evidence, part)? {
                let judged = verified(world, maker, &phone, &changed, &["--apple-app", APP]).await?;
                ensure!(judged.code == 1 && judged.words.contains("attestation    fails"), "{judged:?}");
            }
        }
        Ok(())
    });
}
