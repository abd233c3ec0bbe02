//! A person signs by phone: what the phone shows is what is signed, and nothing opens the key but the phone or the password.

use anyhow::{Context as _, ensure};
use keycard::wire::{Decide, Decided};
use reqwest::Method;
use segl::{
    certificates::{CertificateError, Opening, sign_with},
    platform::{
        clock::{Clock as _, SystemClock},
        id::{AccountId, CertificateId, Id as _},
    },
};
use serde_json::json;
use support::{
    approver::{SigningByPhone, typed},
    journey,
    papers::fixture,
    peers::readers::judged,
    phone::SoftPhone,
    program::Service,
    roles::{Person, Question},
    visitor::{Visitor, between},
    world::{Begins, EngineKind, Setup, World, on_runtime},
};
use time::Duration;

use crate::{crash::Holder, faults};

/// A person whose phone may sign already, logged in.
async fn with_phone(world: &World, mut person: Person) -> anyhow::Result<(Person, SoftPhone)> {
    let phone = person.pair_phone("Min telefon").await?;
    world.clock.advance(Duration::hours(25));
    person.log_in().await?;
    Ok((person, phone))
}

/// Asked at a node that ends before the phone answers: the secret is released to a process that is gone.
pub async fn released_in_vain(world: &World, person: &Person, phone: &SoftPhone, document: &str) -> anyhow::Result<SigningByPhone> {
    let other = world.second_service().await;
    let there = Person { http: person.http.at(other.client.base()), ..person.clone() };
    let asked = there.ask_phone_to_sign(document).await?;
    drop(other);
    let shown = phone.sole_request().await?;
    let message = phone.approval_with_release(&shown, &asked.number)?;
    ensure!(phone.send_decision(&shown.id, &message).await?.expect(200)?.string("/state") == "taken");
    Ok(asked)
}

journey!(a_document_is_approved_on_the_phone_and_signed_as_others_judge, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let original = fixture("cairo");
    let document = person.upload("Lejekontrakt", &original).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    let parts = shown.payload.parts();
    let digest = openssl::sha::sha256(&original);
    ensure!(parts.title == "Lejekontrakt" && parts.content == Some(digest) && parts.plan.is_some(), "{parts:?}");
    ensure!(parts.release_key.is_some() && parts.certificate.is_some() && shown.opener.is_some(), "nothing to open with");
    for expected in ["Anne Ådal", "Havnens Bageri ApS", "Sider: 2", &hex::encode(digest)] {
        ensure!(parts.lines.iter().any(|line| line.contains(expected)), "{expected} is not shown: {:?}", parts.lines);
    }
    ensure!(person.signing_state(&asked).await? == "waiting");
    ensure!(phone.approve_signing(&shown, &asked.number).await? == Decided::Taken);
    ensure!(person.signing_ends(&asked).await? == "signed");
    let signed = person.content(&document).await?;
    ensure!(signed.starts_with(&original), "the bytes that were shown are not those that were signed");
    judged(world, &signed, "Anne Ådal").await
});

journey!(a_phone_reads_in_the_language_of_its_screens_and_of_two_the_one_that_asked_last_decides, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (mut person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let other = person.pair_phone("Min tavle").await?;
    world.clock.advance(Duration::hours(25));
    person.log_in().await?;
    let document = person.upload("Lejekontrakt", &fixture("cairo")).await?;
    let shows = async |phone: &SoftPhone, language: &str| {
        world.clock.advance(Duration::minutes(4));
        for code in [language, "fr"] {
            phone.http.request(Method::GET, "/api/v1/phone/requests").header("accept-language", code).send().await?.error_for_status()?;
        }
        person.ask_phone_to_sign(&document).await?;
        let waiting = phone.waiting().await?;
        let last = waiting.last().context("nothing waits")?;
        Ok::<_, anyhow::Error>(last.payload.parts().lines.join("; "))
    };
    let danish = shows(&phone, "da-DK,en;q=0.5").await?;
    ensure!(danish.contains("Sider: 2"), "{danish}");
    let english = shows(&other, "en-GB,da;q=0.5").await?;
    ensure!(english.contains("Pages: 2"), "{english}");
    let again = shows(&phone, "da").await?;
    ensure!(again.contains("Sider: 2"), "{again}");
    Ok(())
});

journey!(the_same_answer_sent_twice_signs_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    let message = phone.approval_with_release(&shown, &asked.number)?;
    let answers = futures_util::future::join_all((0..5).map(|_| phone.send_decision(&shown.id, &message))).await;
    for answer in answers {
        ensure!(answer?.expect(200)?.string("/state") == "taken");
    }
    ensure!(person.signing_ends(&asked).await? == "signed");
    ensure!(phone.send_decision(&shown.id, &message).await?.expect(200)?.string("/state") == "taken");
    let now = person.http.get(&format!("/api/v1/documents/{document}")).await?.expect(200)?.json();
    ensure!(now["newest_revision"] == 1, "{now}");
    Ok(())
});

journey!(a_release_opens_for_its_own_request_only, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let (first, second) = (person.upload("Første", &fixture("cairo")).await?, person.upload("Anden", &fixture("cairo")).await?);
    let asked = person.ask_phone_to_sign(&first).await?;
    let shown = phone.sole_request().await?;
    let spent = phone.approval_with_release(&shown, &asked.number)?;
    ensure!(phone.send_decision(&shown.id, &spent).await?.expect(200)?.string("/state") == "taken");
    ensure!(person.signing_ends(&asked).await? == "signed");
    let asked = person.ask_phone_to_sign(&second).await?;
    let shown = phone.sole_request().await?;
    // The whole answer of before, replayed to this request.
    phone.send_decision(&shown.id, &spent).await?.refused(403, "not-right")?;
    let good = phone.approval_with_release(&shown, &asked.number)?;
    // The secret of before beside an answer to this request: the answer binds another one.
    let exchanged = Decide { release: spent.release.clone(), ..good.clone() };
    phone.send_decision(&shown.id, &exchanged).await?.refused(403, "not-right")?;
    // The same, and the answer binds it: it opens for the other request alone.
    let rebound = phone.approval_with(&shown, &asked.number, spent.release.clone())?;
    phone.send_decision(&shown.id, &rebound).await?.refused(403, "not-right")?;
    // A yes without a secret, a secret beside a no.
    phone.send_decision(&shown.id, &phone.decision(&shown, typed(&asked.number))?).await?.refused(403, "not-right")?;
    let no = Decide { release: good.release.clone(), ..phone.decision(&shown, keycard::Verdict::Reject)? };
    phone.send_decision(&shown.id, &no).await?.refused(403, "not-right")?;
    ensure!(person.signing_state(&asked).await? == "waiting", "what does not hold claims nothing");
    ensure!(phone.send_decision(&shown.id, &good).await?.expect(200)?.string("/state") == "taken");
    ensure!(person.signing_ends(&asked).await? == "signed");
    Ok(())
});

journey!(a_session_without_the_phone_signs_nothing, async |world| {
    let (_, bakery) = world.bakery().await?;
    let other = bakery.hire(world, "Bo", "Bager", "bo@havnens.example.dk").await?.pair_phone("Bos telefon").await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let original = fixture("cairo");
    let document = person.upload("Kontrakt", &original).await?;
    // A thief with the session: neither his own phone, nor the token of the person's phone, nor guesses help.
    let asked = person.ask_phone_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    let message = other.decision(&shown, typed(&asked.number))?;
    other.send_decision(&shown.id, &message).await?.refused(404, "not-found")?;
    other.http.get(&format!("/api/v1/phone/requests/{}", shown.id)).await?.refused(404, "not-found")?;
    phone.send_decision(&shown.id, &message).await?.refused(403, "not-right")?;
    let path = asked.path.strip_suffix("/phone").context("a path")?;
    let guessed = json!({"password": "Rugbroed-2026-so", "key": "123456"});
    person.http.post(&format!("{path}/approval"), &guessed).await?.refused(403, "not-right")?;
    person.http.post("/api/v1/phones", &json!(null)).await?.expect(201)?;
    world.clock.advance(Duration::minutes(6));
    person.http.post("/api/v1/phones", &json!(null)).await?.refused(403, "prove-again")?;
    ensure!(person.signing_state(&asked).await? == "lapsed" && person.content(&document).await? == original, "something was signed");
    Ok(())
});

journey!(no_and_not_me_sign_nothing_and_not_me_stops_signing, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (mut person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let original = fixture("cairo");
    let document = person.upload("Kontrakt", &original).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    phone.decide(&phone.sole_request().await?, keycard::Verdict::Reject).await?;
    ensure!(person.signing_state(&asked).await? == "rejected");
    let asked = person.ask_phone_to_sign(&document).await?;
    phone.decide(&phone.sole_request().await?, keycard::Verdict::NotMe).await?;
    ensure!(person.signing_state(&asked).await? == "not-me");
    let again = person.http.post(&format!("/api/v1/documents/{document}/phone-signatures"), &json!({})).await?;
    ensure!(again.status == 409 || again.status == 401, "{}", again.text());
    world.settle().await;
    person.log_in().await?;
    ensure!(person.content(&document).await? == original, "something was signed");
    // Who has shown password and card since may sign again.
    person.sign_by_phone(&document, &phone).await?;
    Ok(())
});

journey!(a_new_phone_signs_only_after_its_waiting_time_and_the_card_at_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Ny telefon").await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let refused = person.http.post(&format!("/api/v1/documents/{document}/phone-signatures"), &json!({})).await?;
    refused.refused(409, "conflict")?;
    ensure!(refused.string("/detail").contains("only after"), "{}", refused.text());
    ensure!(phone.waiting().await?.is_empty());
    person.sign(&document).await.map(drop)
});

journey!(a_phone_in_its_waiting_time_gets_no_opener_of_what_another_is_asked, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let newer = person.pair_phone("Ny telefon").await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    let shown = newer.sole_request().await?;
    ensure!(shown.opener.is_none(), "it could open the key before its time");
    let refused = newer.send_decision(&shown.id, &newer.decision(&shown, typed(&asked.number))?).await?;
    refused.refused(409, "conflict")?;
    ensure!(refused.string("/detail").contains("only after"), "{}", refused.text());
    let shown = phone.sole_request().await?;
    ensure!(phone.approve_signing(&shown, &asked.number).await? == Decided::Taken);
    ensure!(person.signing_ends(&asked).await? == "signed");
    Ok(())
});

/// Certificate and account behind a serial number.
async fn key_of(world: &World, serial: &[u8]) -> anyhow::Result<(CertificateId, AccountId)> {
    let statement = "SELECT id, account_id FROM certificate WHERE serial = $1";
    let (certificate, account): (uuid::Uuid, uuid::Uuid) = faults::one(world, statement, serial).await?;
    Ok((CertificateId::from_uuid(certificate), AccountId::from_uuid(account)))
}

journey!(a_removed_phone_opens_nothing_after_the_password_is_typed_again_and_the_others_go_on, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (mut person, lost) = with_phone(world, bakery.administrator.clone()).await?;
    let kept = person.pair_phone("Anden telefon").await?;
    world.clock.advance(Duration::hours(25));
    person.log_in().await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    let shown = lost.sole_request().await?;
    // The worst: whoever has the lost phone kept the secret itself.
    let secret = lost.open(&shown)?;
    let (certificate, account) = key_of(world, shown.payload.parts().certificate.as_deref().context("no certificate")?).await?;
    let opens = async || sign_with(&world.ground, certificate, account, &Opening::Released(&secret), [7; 32]).await;
    opens().await?;
    person.http.delete(&format!("/api/v1/phones/{}", lost.id)).await?.expect(204)?;
    lost.http.get("/api/v1/phone/requests").await?.refused(401, "not-logged-in")?;
    let shown = kept.sole_request().await?;
    ensure!(kept.approve_signing(&shown, &asked.number).await? == Decided::Taken);
    ensure!(person.signing_ends(&asked).await? == "signed", "the other phone is not hindered");
    opens().await.context("through a phone the secret cannot be renewed")?;
    person.log_in().await?;
    ensure!(matches!(opens().await, Err(CertificateError::EmployeeKey(_))), "the secret was not renewed");
    let next = person.upload("Næste", &fixture("cairo")).await?;
    person.sign_by_phone(&next, &kept).await?;
    person.sign(&next).await.map(drop)
});

journey!(a_changed_password_leaves_the_phones_openers_alone, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (mut person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    person.prove().await?;
    let new = "Havregroed-2026-maane";
    let change = json!({"password": person.password, "new_password": new});
    person.http.post("/api/v1/session/password", &change).await?.expect(204)?;
    person.password = new.to_owned();
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    person.sign_by_phone(&document, &phone).await?;
    person.sign(&document).await.map(drop)
});

journey!(the_phone_is_asked_at_one_node_and_answers_at_another, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    let message = phone.approval_with_release(&shown, &asked.number)?;
    let other = world.second_service().await;
    let answer = phone.http.at(other.client.base());
    let path = format!("/api/v1/phone/requests/{}/decision", shown.id);
    ensure!(answer.post(&path, &serde_json::to_value(&message)?).await?.expect(200)?.string("/state") == "taken");
    ensure!(person.signing_ends(&asked).await? == "signed");
    ensure!(faults::count(world, "release").await? == 0, "the secret was not taken");
    Ok(())
});

journey!(a_process_that_is_gone_opens_nothing_and_the_person_is_asked_again, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let original = fixture("cairo");
    let document = person.upload("Kontrakt", &original).await?;
    let asked = released_in_vain(world, &person, &phone, &document).await?;
    ensure!(person.signing_state(&asked).await? == "making");
    world.clock.advance(Duration::seconds(61));
    ensure!(person.signing_state(&asked).await? == "lapsed");
    segl::approvals::jobs::forget_releases(&world.ground).await?;
    ensure!(faults::count(world, "release").await? == 0 && person.content(&document).await? == original);
    person.sign_by_phone(&document, &phone).await.map(drop)
});

journey!(more_time_keeps_the_number_and_a_request_can_be_taken_back, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    world.clock.advance(Duration::seconds(100));
    person.http.post(&format!("{}/extension", asked.path), &json!(null)).await?.expect(204)?;
    world.clock.advance(Duration::seconds(100));
    let shown = phone.sole_request().await?;
    ensure!(phone.approve_signing(&shown, &asked.number).await? == Decided::Taken);
    ensure!(person.signing_ends(&asked).await? == "signed");
    let asked = person.ask_phone_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    let late = phone.approval_with_release(&shown, &asked.number)?;
    person.http.delete(&asked.path).await?.expect(204)?;
    ensure!(person.signing_state(&asked).await? == "withdrawn" && phone.waiting().await?.is_empty());
    ensure!(phone.send_decision(&shown.id, &late).await?.expect(200)?.string("/state") == "replaced");
    Ok(())
});

journey!(two_documents_and_card_and_phone_at_once_leave_every_signature_valid, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    let question = person.ask_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    let (by_phone, by_card) = tokio::join!(phone.approve_signing(&shown, &asked.number), by_card(&person, &document, &question));
    ensure!(by_phone? == Decided::Taken);
    ensure!(person.signing_ends(&asked).await? == "signed", "the phone's yes waits for its turn");
    let expected = if by_card? { 2 } else { 1 };
    let signed = person.content(&document).await?;
    let report = world.client().post_bytes("/api/v1/verifications", "application/pdf", &signed).await?.expect(200)?.json();
    let verdicts = report["signatures"].as_array().cloned().unwrap_or_default();
    ensure!(verdicts.len() == expected && verdicts.iter().all(|one| one["verdict"] == "valid"), "{report}");
    Ok(())
});

/// Whether the card signed; a refusal says that the other was faster.
async fn by_card(person: &Person, document: &str, question: &Question) -> anyhow::Result<bool> {
    let answer = person.approve(document, question, &person.card.key(&question.key_number)).await?;
    ensure!(answer.status == 200 || answer.status == 409, "{}", answer.text());
    Ok(answer.status == 200)
}

journey!(a_stolen_phone_is_blocked_and_the_certificates_it_could_open_are_revoked_where_that_is_asked, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (mut person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    person.ask_phone_to_sign(&document).await?;
    let shown = phone.sole_request().await?;
    let secret = phone.open(&shown)?;
    let (certificate, account) = key_of(world, shown.payload.parts().certificate.as_deref().context("no certificate")?).await?;
    person.http.post(&format!("/api/v1/phones/{}/block?revoke_certificates=true", phone.id), &json!(null)).await?.expect(204)?;
    let states: Vec<_> = person.certificates().await?.iter().map(|one| one["state"].as_str().unwrap_or_default().to_owned()).collect();
    ensure!(states.iter().any(|state| state == "revoked"), "{states:?}");
    let signed = sign_with(&world.ground, certificate, account, &Opening::Released(&secret), [7; 32]).await;
    ensure!(matches!(signed, Err(CertificateError::NotActive)), "{signed:?}");
    ensure!(faults::count(world, "phone_opener").await? == 0, "an opener is left");
    person.log_in().await?;
    person.http.post(&format!("/api/v1/documents/{document}/signatures"), &json!({})).await?.refused(409, "conflict")
});

journey!(the_page_asks_the_phone_first_and_offers_the_card, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let visitor = Visitor::new(&world.client(), "da");
    visitor.log_in(&person).await?;
    let place = format!("/documents/{document}");
    let page = visitor.get(&place).await?.expect(200)?;
    ensure!(page.text().contains("Godkend på telefonen") && page.text().contains("Brug nøglekortet i stedet"), "{}", page.text());
    let sent = visitor.submit(&page, &format!("{place}/signatures"), &[("reason", "Aftalt"), ("place", "Korsør")]).await?.expect(303)?;
    let waiting = sent.header("location");
    let page = visitor.get(&waiting).await?.expect(200)?.text();
    let number = between(&page, "id=\"phone-number\" aria-hidden=\"true\">", "<").context("no number")?;
    ensure!(page.contains("http-equiv=\"refresh\"") && page.contains("class=\"segl-qr"), "{page}");
    let shown = phone.sole_request().await?;
    ensure!(shown.payload.parts().lines.iter().any(|line| line == "Begrundelse: Aftalt"), "{:?}", shown.payload.parts().lines);
    ensure!(phone.approve_signing(&shown, &number).await? == Decided::Taken);
    for _ in 0..200 {
        if visitor.get(&waiting).await?.status == 303 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    ensure!(visitor.get(&waiting).await?.expect(303)?.header("location") == format!("{place}?signed=yes"));
    // The card instead: the phone is told.
    let page = visitor.get(&place).await?.expect(200)?;
    let fields = [("reason", ""), ("place", "")];
    let waiting = visitor.submit(&page, &format!("{place}/signatures"), &fields).await?.expect(303)?.header("location");
    let page = visitor.get(&waiting).await?.expect(200)?;
    ensure!(phone.waiting().await?.len() == 1);
    let card = visitor.submit(&page, &format!("{waiting}/card"), &[]).await?.expect(303)?.header("location");
    ensure!(phone.waiting().await?.is_empty());
    ensure!(visitor.get(&card).await?.expect(200)?.text().contains("name=\"key\""), "the card is not asked");
    let over = visitor.get(&waiting).await?.expect(200)?.text();
    ensure!(over.contains("Anmodningen er trukket tilbage"), "{over}");
    Ok(())
});

/// Breaks one step of a signature's way, as the state that it goes to.
async fn break_state(world: &World, state: &str) -> anyhow::Result<()> {
    let statements = match world.plot().postgres() {
        Some(_) => vec![
            "CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$"
                .to_owned(),
            format!("CREATE TRIGGER fault BEFORE UPDATE ON signature FOR EACH ROW WHEN (NEW.state = '{state}') EXECUTE FUNCTION fault()"),
        ],
        None => vec![format!(
            "CREATE TRIGGER fault BEFORE UPDATE ON signature WHEN NEW.state = '{state}' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )],
    };
    faults::run(world, &statements).await
}

async fn revisions(person: &Person, document: &str) -> anyhow::Result<i64> {
    let shown = person.http.get(&format!("/api/v1/documents/{document}")).await?.expect(200)?;
    shown.json()["newest_revision"].as_i64().context("no revision")
}

journey!(interrupted_before_the_value_is_stored_the_person_is_asked_again, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    for state in ["digested", "signed"] {
        let document = person.upload("Kontrakt", &fixture("cairo")).await?;
        let asked = person.ask_phone_to_sign(&document).await?;
        break_state(world, state).await?;
        let shown = phone.sole_request().await?;
        ensure!(phone.approve_signing(&shown, &asked.number).await? == Decided::Taken);
        // What was made is thrown away; the page says so when nothing can be made any more.
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        world.clock.advance(Duration::seconds(61));
        faults::mend_step(world, "signature").await?;
        ensure!(person.signing_state(&asked).await? == "lapsed", "{state}");
        segl::documents::jobs::resume(&world.ground).await?;
        ensure!(revisions(&person, &document).await? == 0, "{state}: it was signed");
        person.sign_by_phone(&document, &phone).await.with_context(|| state.to_owned())?;
        ensure!(revisions(&person, &document).await? == 1);
    }
    Ok(())
});

journey!(interrupted_after_the_value_is_stored_the_signature_goes_on_without_the_key, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (person, phone) = with_phone(world, bakery.administrator.clone()).await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let asked = person.ask_phone_to_sign(&document).await?;
    faults::break_step(world, ("INSERT", "document_revision")).await?;
    let shown = phone.sole_request().await?;
    ensure!(phone.approve_signing(&shown, &asked.number).await? == Decided::Taken);
    while faults::count(world, "signature WHERE state = 'signed'").await? == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    faults::mend_step(world, "document_revision").await?;
    ensure!(person.signing_state(&asked).await? == "making" && revisions(&person, &document).await? == 0);
    // Meanwhile nobody else's turn comes.
    let question = person.ask_to_sign(&document).await?;
    person.approve(&document, &question, &person.card.key(&question.key_number)).await?.refused(409, "conflict")?;
    world.clock.advance(Duration::seconds(31));
    segl::documents::jobs::resume(&world.ground).await?;
    ensure!(person.signing_state(&asked).await? == "signed" && revisions(&person, &document).await? == 1);
    judged(world, &person.content(&document).await?, "Anne Ådal").await
});

/// `kill -9` in the moment between the claim and what the key makes: somebody beside the service holds the write lock there.
async fn killed(engine: EngineKind) -> anyhow::Result<()> {
    let policy = "[phones]\nwait_hours = 0".to_owned();
    let world = World::of(Setup { begins: Begins::Now, policy, ..Setup::on(engine) }).await;
    let (_, bakery) = world.bakery().await?;
    let person = bakery.administrator.clone();
    let phone = person.pair_phone("Annes telefon").await?;
    let made = world.now();
    let plot = world.stop();
    // The world's clock ran ahead of the machine's, which the service goes by.
    while SystemClock.now() <= made {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut caught = None;
    for _ in 0..20 {
        let service = Service::start(plot.data(), plot.port(), &[], &plot.data().join("log")).await?;
        let document = person.upload("Kontrakt", &fixture("cairo")).await?;
        let asked = person.ask_phone_to_sign(&document).await?;
        let shown = phone.sole_request().await?;
        let message = phone.approval_with_release(&shown, &asked.number)?;
        let mut holder = Holder::of(&plot).await?;
        let claimed = "SELECT count(*) FROM signature WHERE state = 'digested'";
        let hold = async {
            let begun = std::time::Instant::now();
            while begun.elapsed() < std::time::Duration::from_secs(5) {
                if holder.holds("signature", claimed).await? {
                    // Long enough for the key to sign; what it made waits for the lock.
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                    return Ok(true);
                }
                tokio::time::sleep(std::time::Duration::from_micros(100)).await;
            }
            Ok::<_, anyhow::Error>(false)
        };
        let (_, held) = tokio::join!(phone.send_decision(&shown.id, &message), hold);
        let held = held?;
        service.kill();
        holder.lets_go().await.ok();
        if held {
            caught = Some((document, asked));
            break;
        }
    }
    let (document, asked) = caught.context("the moment was never caught")?;
    let world = World::resume(plot, Duration::minutes(2)).await;
    ensure!(person.signing_state(&asked).await? == "lapsed");
    segl::documents::jobs::resume(&world.ground).await?;
    ensure!(revisions(&person, &document).await? == 0, "it was signed");
    person.sign_by_phone(&document, &phone).await?;
    ensure!(revisions(&person, &document).await? == 1);
    Ok(())
}

mod killed_between_claim_and_signature_the_person_is_asked_again {
    use super::*;

    #[test]
    fn on_sqlite() {
        on_runtime(async { killed(EngineKind::Sqlite).await.unwrap() });
    }

    #[test]
    fn on_postgres() {
        on_runtime(async { killed(EngineKind::Postgres).await.unwrap() });
    }
}
