//! Which phone opens which key, and how one that opens none comes to it: the password is typed once more.

use anyhow::ensure;
use keycard::wire::Decided;
use serde_json::json;
use support::{
    approver::typed,
    papers::fixture,
    phone::SoftPhone,
    roles::Person,
    visitor::Visitor,
    world::{EngineKind, Setup, World, run_in},
};

use crate::faults;

/// A story on both engines, where a new phone may sign at once.
fn at_once(story: impl AsyncFn(&World) -> anyhow::Result<()>) {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        run_in(Setup { policy: "[phones]\nwait_hours = 0".to_owned(), ..Setup::on(engine) }, &story);
    }
}

/// Somebody with a phone that opens no key, with the browsers, one a language, that were logged in before, and a document.
struct Story {
    person: Person,
    phone: SoftPhone,
    browsers: [Visitor; 2],
    document: String,
}

const REFUSED: [&str; 2] = ["Din telefon kan endnu ikke åbne din underskriftsnøgle", "Your phone cannot open your signing key yet"];

/// The secret of the key is renewed between the password, when the new phone's opener was sealed, and the key of the card that confirms it: an
/// older phone was removed, and the password was typed elsewhere.
async fn paired_without_openers(world: &World) -> anyhow::Result<Story> {
    let (_, bakery) = world.bakery().await?;
    let person = bakery.administrator;
    let old = person.pair_phone("Den gamle").await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let browsers = [person.browser("da").await?, person.browser("en").await?];
    let invited = person.invite_phone().await?;
    let claimed = person.claimed(&invited, "Den nye").await?;
    let number = person.asked_to_confirm(&invited.id).await?;
    person.http.delete(&format!("/api/v1/phones/{}", old.id)).await?.expect(204)?;
    person.begin_log_in().await?;
    person.confirm_phone(&invited.id, &person.card.key(&number)).await?.expect(200)?;
    let phone = claimed.collect().await?;
    ensure!(faults::count(world, "phone_opener").await? == 0, "the phone has an opener");
    let story = Story { person, phone, browsers, document };
    refused(&story).await?;
    Ok(story)
}

/// The phone is not asked to sign; program and page say why, and what to do.
async fn refused(story: &Story) -> anyhow::Result<()> {
    let Story { person, phone, browsers, document } = story;
    let answer = person.http.post(&format!("/api/v1/documents/{document}/phone-signatures"), &json!({})).await?;
    answer.refused(409, "conflict")?;
    ensure!(answer.string("/detail").contains(REFUSED[1]), "{}", answer.text());
    for (browser, said) in browsers.iter().zip(REFUSED) {
        let page = browser.get(&format!("/documents/{document}")).await?.expect(200)?.text();
        ensure!(page.contains(said), "the page does not say so: {page}");
    }
    ensure!(phone.waiting().await?.is_empty(), "a phone that cannot open the key is asked");
    Ok(())
}

/// The phone signs, and the page offers it.
async fn signs(story: &Story) -> anyhow::Result<()> {
    let Story { person, phone, browsers, document } = story;
    let page = browsers[0].get(&format!("/documents/{document}")).await?.expect(200)?.text();
    ensure!(page.contains("Godkend på telefonen") && !page.contains(REFUSED[0]), "{page}");
    person.sign_by_phone(document, phone).await.map(drop)
}

#[test]
fn a_phone_without_openers_logs_in_by_the_password_and_signs_from_then_on() {
    at_once(async |world| {
        let story = paired_without_openers(world).await?;
        let begun = story.person.begin_by_phone().await?;
        let shown = story.phone.sole_request().await?;
        ensure!(story.phone.decide(&shown, typed(&begun.number)).await? == Decided::Taken);
        story.person.finish_by_phone(&begun).await?.expect(201)?;
        signs(&story).await
    });
}

#[test]
fn a_phone_without_openers_signs_once_the_person_has_signed_with_the_key_card() {
    at_once(async |world| {
        let story = paired_without_openers(world).await?;
        story.person.sign(&story.document).await?;
        signs(&story).await
    });
}
