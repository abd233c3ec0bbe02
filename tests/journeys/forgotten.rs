//! A forgotten password is replaced by approval on a paired phone: mail and phone together, neither alone, and nothing in between.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use keycard::{
    Verdict,
    wire::{Bounded, Decide, Decided, read},
};
use serde_json::{Value, json};
use support::{
    approver::{Shown, typed},
    client::Answer,
    journey,
    papers::fixture,
    peers::readers::judged,
    phone::SoftPhone,
    roles::{Company, Person, invitation, post_for},
    visitor::{Visitor, between},
    world::World,
};
use time::Duration;

use crate::faults;

pub(crate) const NEW: &str = "Havregroed-2026-maane";
pub(crate) const BO: &str = "bo@havnens.example.dk";
const BO_ID: &str = "bo.havnens.example.dk";

/// Bo, whose phone may sign already. He has certificates for signing, for mail and for encryption.
pub(crate) async fn bo_with_phone(world: &World) -> anyhow::Result<(Company, Person, SoftPhone)> {
    let (_, bakery) = world.bakery().await?;
    let mut bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let phone = bo.pair_phone("Bos telefon").await?;
    world.clock.advance(Duration::hours(25));
    bo.log_in().await?;
    Ok((bakery, bo, phone))
}

/// Says that the password is forgotten. What the mail brings, if it brings anything: the path of the link.
pub(crate) async fn forget(world: &World, user_id: &str) -> anyhow::Result<Option<String>> {
    let before = world.mailbox.mails_to(BO).len();
    world.client().post("/api/v1/password-resets", &json!({"user_id": user_id})).await?.expect(202)?;
    world.settle().await;
    let sent = world.mailbox.mails_to(BO).len() > before;
    Ok(world.mailbox.link_to(BO, "/password/new/").filter(|_| sent))
}

/// The mailed link of Bo.
pub(crate) async fn link(world: &World) -> anyhow::Result<String> {
    forget(world, BO_ID).await?.context("no link came")
}

/// A reset as its browser knows it.
#[derive(Clone, Debug)]
pub(crate) struct Reset {
    pub(crate) token: String,
    pub(crate) number: String,
}

pub(crate) fn by_link(link: &str) -> Value {
    json!({"link": link.rsplit('/').next(), "new_password": NEW})
}

pub(crate) async fn choose(world: &World, link: &str) -> anyhow::Result<Reset> {
    let answer = world.client().post("/api/v1/password-resets/question", &by_link(link)).await?.expect(201)?;
    Ok(Reset { token: answer.string("/reset"), number: answer.string("/number") })
}

pub(crate) async fn again(world: &World, reset: &Reset) -> anyhow::Result<Answer> {
    world.client().post("/api/v1/password-resets/question", &json!({"reset": reset.token, "new_password": NEW})).await
}

async fn state(world: &World, reset: &Reset) -> anyhow::Result<String> {
    Ok(world.client().post("/api/v1/password-resets/state", &json!({"reset": reset.token})).await?.expect(200)?.string("/state"))
}

/// Waits until the password is no longer being changed.
pub(crate) async fn ends(world: &World, reset: &Reset) -> anyhow::Result<String> {
    for _ in 0..1200 {
        let state = state(world, reset).await?;
        if state != "making" {
            return Ok(state);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    anyhow::bail!("the password is still being changed")
}

pub(crate) async fn approve(phone: &SoftPhone, shown: &Shown, number: &str) -> anyhow::Result<Decided> {
    let message = phone.approval_with_releases(shown, number)?;
    let answer = phone.send_decision(&shown.id, &message).await?.expect(200)?;
    Ok(read(&answer.bytes, keycard::wire::TO_PHONE_BYTES)?)
}

/// Whether this password passes its check.
async fn passes(person: &Person, password: &str) -> anyhow::Result<bool> {
    let body = json!({"user_id": person.user_id, "password": password});
    let answer = person.http.without_token().post("/api/v1/logins", &body).await?;
    ensure!(answer.status == 201 || answer.status == 403, "{}", answer.text());
    Ok(answer.status == 201)
}

/// Nothing has changed for Bo: the old password works, and opens his key.
pub(crate) async fn unchanged(bo: &mut Person) -> anyhow::Result<()> {
    ensure!(!passes(bo, NEW).await?, "the new password works");
    bo.log_in().await?;
    bo.upload_and_sign("Kontrakt", &fixture("cairo")).await.map(drop)
}

fn certificates(all: &[Value]) -> Vec<(String, String)> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    all.iter().map(|one| (text(one, "serial"), text(one, "state"))).collect()
}

journey!(mail_and_phone_replace_a_forgotten_password_and_every_key_opens_with_the_new_one, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    let other = bo.pair_phone("Bos tavle").await?;
    world.clock.advance(Duration::hours(25));
    bo.log_in().await?;
    let before = certificates(&bo.certificates().await?);
    let reset = choose(world, &link(world).await?).await?;
    ensure!(state(world, &reset).await? == "waiting");
    let shown = phone.sole_request().await?;
    let parts = shown.payload.parts();
    ensure!(parts.purpose == keycard::payload::Purpose::NewPassword && parts.lines[0].contains(BO_ID), "{parts:?}");
    ensure!(parts.further.len() == 1 && shown.further.len() == 1, "he has keys for signing and for mail: {parts:?}");
    ensure!(passes(&bo, &bo.password).await?, "until the phone has answered the old password works");
    let request = phone.waiting().await?.into_iter().find(|one| one.id == shown.id).context("it waits")?;
    ensure!(approve(&phone, &request, &reset.number).await? == Decided::Taken);
    ensure!(ends(world, &reset).await? == "done");
    bo.http.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    ensure!(!passes(&bo, &bo.password).await?, "the old password works still");
    // What the tries of passwords asked the phone lapses.
    world.clock.advance(Duration::minutes(3));
    bo.password = NEW.to_owned();
    bo.log_in().await?;
    let signed = bo.upload_and_sign("Kontrakt", &fixture("cairo")).await?;
    judged(world, &signed, "Bo Bager").await?;
    for phone in [&phone, &other] {
        let document = bo.upload("Aftale", &fixture("cairo")).await?;
        bo.sign_by_phone(&document, phone).await?;
    }
    // The certificates stay, but the one for encryption: its key rested in the archive that only the old password opened.
    let after = certificates(&bo.certificates().await?);
    let ended: Vec<_> = after.iter().filter(|one| one.1 == "revoked").collect();
    ensure!(before.len() == after.len() && ended.len() == 1, "{after:?}");
    bo.prove().await?;
    bo.http.post("/api/v1/renewals", &json!({"password": NEW})).await?.expect(201)?;
    bo.upload_and_sign("Ny kontrakt", &fixture("cairo")).await?;
    world.settle().await;
    let told = world.mailbox.mails_to(BO).iter().any(|mail| mail.subject == "Din adgangskode er skiftet");
    ensure!(told, "he is not told");
    Ok(())
});

journey!(a_stranger_learns_nothing_by_asking, async |world| {
    let (_, _, phone) = bo_with_phone(world).await?;
    world.settle().await;
    let mails = world.mailbox.all().len();
    let asked = async |user_id: &str| {
        let answer = world.client().post("/api/v1/password-resets", &json!({"user_id": user_id})).await?;
        let names: BTreeSet<_> = answer.headers.keys().map(ToString::to_string).collect();
        Ok::<_, anyhow::Error>((answer.status, answer.text(), names))
    };
    let (known, unknown) = (asked(BO_ID).await?, asked("nobody.at.all").await?);
    ensure!(known == unknown && known.0 == 202, "{known:?} {unknown:?}");
    let visitor = Visitor::new(&world.client(), "en");
    let mut pages = Vec::new();
    for user_id in [BO_ID, "nobody.at.all", "<b>\u{0}", &"x".repeat(3000)] {
        let page = visitor.get("/password/forgotten").await?.expect(200)?;
        let sent = visitor.submit(&page, "/password/forgotten", &[("user_id", user_id)]).await?.expect(200)?.text();
        pages.push(sent.lines().filter(|line| !line.contains("csrf") && !line.contains("nonce")).collect::<String>());
    }
    ensure!(pages[0].contains("an e-mail is on its way") && pages.iter().all(|page| *page == pages[0]), "the pages differ");
    world.settle().await;
    ensure!(world.mailbox.all().len() == mails + 2, "two of these user ids are Bo's, and nobody else is told");
    ensure!(phone.waiting().await?.is_empty(), "a stranger rang the phone");
    Ok(())
});

journey!(a_link_is_used_once_and_by_one_browser, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    let link = link(world).await?;
    // Whoever only opens it, as scanners of mail do, uses nothing.
    let scanner = Visitor::new(&world.client(), "da");
    scanner.get(&link).await?.expect(200)?;
    let weak = json!({"link": link.rsplit('/').next(), "new_password": "kort1"});
    ensure!(world.client().post("/api/v1/password-resets/question", &weak).await?.expect(422)?.pointers() == ["/new_password"]);
    let page = scanner.get(&link).await?.expect(200)?;
    let unlike = scanner.submit(&page, &link, &[("new_password", NEW), ("repeated", "Noget-andet-7")]).await?.expect(422)?.text();
    ensure!(unlike.contains("id=\"repeated-error\"") || unlike.contains("repeated"), "{unlike}");
    let race = (0..6).map(|_| async { world.client().post("/api/v1/password-resets/question", &by_link(&link)).await });
    let answers = futures_util::future::try_join_all(race).await?;
    let first: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    ensure!(first.len() == 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    let reset = Reset { token: first[0].string("/reset"), number: first[0].string("/number") };
    let browser = Visitor::new(&world.client(), "da");
    browser.get(&link).await?.expect(410)?;
    ensure!(browser.get("/password/phone").await?.status == 303, "another browser sees the number");
    world.client().post("/api/v1/password-resets/state", &json!({"reset": "AAAAAAAAAAAAAAAAAAAAAA"})).await?.refused(410, "gone")?;
    let shown = phone.sole_request().await?;
    let message = phone.approval_with_releases(&shown, &reset.number)?;
    let sent = futures_util::future::join_all((0..5).map(|_| phone.send_decision(&shown.id, &message))).await;
    for answer in sent {
        ensure!(answer?.expect(200)?.string("/state") == "taken");
    }
    ensure!(ends(world, &reset).await? == "done");
    again(world, &reset).await?.refused(410, "gone")?;
    world.client().post("/api/v1/password-resets/question", &by_link(&link)).await?.refused(410, "gone")?;
    bo.password = NEW.to_owned();
    bo.log_in().await
});

journey!(a_release_that_is_missing_exchanged_or_another_s_changes_nothing, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    let reset = choose(world, &link(world).await?).await?;
    let shown = phone.sole_request().await?;
    let good = phone.approval_with_releases(&shown, &reset.number)?;
    let first = good.release.clone().context("a release")?;
    let refused = async |message: &Decide| phone.send_decision(&shown.id, message).await?.refused(403, "not-right");
    refused(&phone.decision(&shown, typed(&reset.number))?).await?;
    refused(&Decide { further: Bounded::default(), ..good.clone() }).await?;
    refused(&phone.approval_with(&shown, &reset.number, Some(first.clone()))?).await?;
    // One key's secret in the other's place, and the answer binds it.
    let swapped = phone.approval_with_all(&shown, &reset.number, first.clone(), vec![first])?;
    refused(&swapped).await?;
    ensure!(state(world, &reset).await? == "waiting", "what does not hold claims nothing");
    unchanged(&mut bo).await?;
    ensure!(phone.send_decision(&shown.id, &good).await?.expect(200)?.string("/state") == "taken");
    ensure!(ends(world, &reset).await? == "done");
    Ok(())
});

journey!(no_a_wrong_number_and_silence_change_nothing, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    let reset = choose(world, &link(world).await?).await?;
    let shown = phone.sole_request().await?;
    let wrong = format!("{:02}", (reset.number.parse::<u8>()? + 1) % 100);
    for left in [2, 1, 0] {
        ensure!(approve(&phone, &shown, &wrong).await? == Decided::WrongNumber { tries_left: left });
    }
    ensure!(state(world, &reset).await? == "closed");
    again(world, &reset).await?.refused(410, "gone")?;
    unchanged(&mut bo).await?;
    let reset = choose(world, &link(world).await?).await?;
    phone.decide(&phone.sole_request().await?, Verdict::Reject).await?;
    ensure!(state(world, &reset).await? == "rejected");
    again(world, &reset).await?.refused(410, "gone")?;
    unchanged(&mut bo).await?;
    // Nobody answers: the same browser may choose once more, with a new number.
    let reset = choose(world, &link(world).await?).await?;
    let old = phone.sole_request().await?;
    world.clock.advance(Duration::minutes(3));
    ensure!(state(world, &reset).await? == "lapsed");
    let answer = again(world, &reset).await?.expect(201)?;
    let reset = Reset { number: answer.string("/number"), ..reset };
    ensure!(
        phone.send_decision(&old.id, &phone.approval_with_releases(&old, &reset.number)?).await?.expect(200)?.string("/state") == "lapsed"
    );
    ensure!(approve(&phone, &phone.sole_request().await?, &reset.number).await? == Decided::Taken);
    ensure!(ends(world, &reset).await? == "done");
    Ok(())
});

journey!(not_me_ends_the_link_stops_signing_and_tells_the_help_desk, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    let first = link(world).await?;
    let reset = choose(world, &first).await?;
    phone.decide(&phone.sole_request().await?, Verdict::NotMe).await?;
    ensure!(state(world, &reset).await? == "not-me");
    again(world, &reset).await?.refused(410, "gone")?;
    world.settle().await;
    ensure!(
        world.mailbox.mails_to(BO).iter().any(|mail| mail.text.contains("192.0.2") || mail.text.contains("127.0.0")),
        "he is not told from where"
    );
    // Another link does not go round it.
    let second = link(world).await?;
    world.client().post("/api/v1/password-resets/question", &by_link(&second)).await?.refused(409, "conflict")?;
    ensure!(phone.waiting().await?.is_empty(), "the phone rang again");
    unchanged(&mut bo).await
});

journey!(mail_alone_and_phone_alone_change_nothing, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    let stranger = bo.http.without_token();
    // A thief of the phone finds nothing to answer, and cannot begin.
    ensure!(phone.waiting().await?.is_empty(), "something waits");
    phone.http.post("/api/v1/password-resets/question", &by_link("/password/new/AAAAAAAAAAAAAAAAAAAAAA")).await?.refused(410, "gone")?;
    // A thief of the mail gets no further than the phone: neither guessing nor asking on helps.
    let reset = choose(world, &link(world).await?).await?;
    let without = json!({"reset": reset.token});
    stranger.post("/api/v1/password-resets/question", &without).await?.refused(422, "invalid")?;
    let both = json!({"reset": reset.token, "link": "x", "new_password": NEW});
    stranger.post("/api/v1/password-resets/question", &both).await?.refused(400, "bad-request")?;
    ensure!(state(world, &reset).await? == "waiting");
    unchanged(&mut bo).await?;
    world.clock.advance(Duration::hours(25));
    again(world, &reset).await?.refused(410, "gone")?;
    unchanged(&mut bo).await
});

journey!(a_phone_in_its_waiting_time_or_blocked_is_no_way, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    ensure!(forget(world, BO_ID).await?.is_none(), "without a phone a link came");
    let told = world.mailbox.mails_to(BO).first().context("no mail")?.text.clone();
    ensure!(told.contains("Et nøglekort er ikke nok") && told.contains("administrator"), "{told}");
    let phone = bo.pair_phone("Bos telefon").await?;
    ensure!(forget(world, BO_ID).await?.is_none(), "a fresh phone sufficed");
    world.clock.advance(Duration::hours(25));
    bo.log_in().await?;
    let link = link(world).await?;
    bo.http.post(&format!("/api/v1/phones/{}/block", phone.id), &json!(null)).await?.expect(204)?;
    world.client().post("/api/v1/password-resets/question", &by_link(&link)).await?.refused(409, "conflict")?;
    unchanged(&mut bo).await
});

journey!(links_and_askings_are_counted, async |world| {
    let (_, bo, _) = bo_with_phone(world).await?;
    for _ in 0..3 {
        link(world).await?;
    }
    ensure!(forget(world, BO_ID).await?.is_none(), "a fourth link within a day");
    // Whoever has them all mailed does not lock the owner out: the newest works as long as no other comes.
    world.clock.advance(Duration::hours(23));
    let newest = world.mailbox.link_to(BO, "/password/new/").context("no link")?;
    Visitor::new(&world.client(), "da").get(&newest).await?.expect(200)?;
    for _ in 0..10 {
        world.client().post("/api/v1/password-resets", &json!({"user_id": "nobody.at.all"})).await?.expect(202)?;
    }
    world.client().post("/api/v1/password-resets", &json!({"user_id": "nobody.at.all"})).await?.refused(429, "too-many-tries")?;
    let page = Visitor::new(&world.client(), "da");
    let form = page.get("/password/forgotten").await?.expect(200)?;
    page.submit(&form, "/password/forgotten", &[("user_id", &bo.user_id)]).await?.expect(429)?;
    world.clock.advance(Duration::hours(25));
    let (older, newer) = (link(world).await?, link(world).await?);
    world.client().post("/api/v1/password-resets/question", &by_link(&older)).await?.refused(410, "gone")?;
    choose(world, &newer).await.map(drop)
});

journey!(an_address_that_is_newer_than_three_days_receives_no_link, async |world| {
    let (bakery, bo, _) = bo_with_phone(world).await?;
    let mut anne = bakery.administrator.clone();
    anne.log_in().await?;
    anne.prove().await?;
    let change = json!({"given_name": "Bo", "surname": "Bager", "email": "tyv@havnens.example.dk"});
    let path = format!("{}/{}", bakery.employees(), bo.employee);
    let changed = support::client::send(anne.http.request(reqwest::Method::PUT, &format!("{path}/person")).json(&change)).await?;
    ensure!(changed.status.is_success(), "{}", changed.text());
    world.settle().await;
    let sent = async || {
        world.client().post("/api/v1/password-resets", &json!({"user_id": BO_ID})).await?.expect(202)?;
        world.settle().await;
        Ok::<_, anyhow::Error>(world.mailbox.link_to("tyv@havnens.example.dk", "/password/new/").is_some())
    };
    ensure!(!sent().await?, "the new address got a link");
    world.clock.advance(Duration::hours(73));
    ensure!(sent().await?, "the address is old enough now");
    Ok(())
});

journey!(what_breaks_between_the_yes_and_the_store_leaves_the_old_password, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    for step in [("UPDATE", "key_opener"), ("UPDATE", "password_reset"), ("INSERT", "message")] {
        world.clock.advance(Duration::hours(25));
        let reset = choose(world, &link(world).await?).await?;
        let shown = phone.sole_request().await?;
        let message = phone.approval_with_releases(&shown, &reset.number)?;
        faults::break_step(world, step).await?;
        ensure!(phone.send_decision(&shown.id, &message).await?.expect(200)?.string("/state") == "taken");
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
        faults::mend_step(world, step.1).await?;
        ensure!(state(world, &reset).await? == "making", "{step:?}");
        world.clock.advance(Duration::seconds(31));
        ensure!(state(world, &reset).await? == "lapsed", "{step:?}");
        unchanged(&mut bo).await?;
        // The same answer once more changes nothing either.
        phone.send_decision(&shown.id, &message).await?.expect(200)?;
        let answer = again(world, &reset).await?.expect(201)?;
        ensure!(answer.string("/number").len() == 2);
        phone.decide(&phone.sole_request().await?, Verdict::Reject).await?;
    }
    unchanged(&mut bo).await
});

journey!(a_process_that_is_gone_takes_the_new_password_with_it, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    let link = link(world).await?;
    let other = world.second_service().await;
    let answer = other.client.post("/api/v1/password-resets/question", &by_link(&link)).await?.expect(201)?;
    let reset = Reset { token: answer.string("/reset"), number: answer.string("/number") };
    let shown = phone.sole_request().await?;
    drop(other);
    ensure!(approve(&phone, &shown, &reset.number).await? == Decided::Taken);
    world.clock.advance(Duration::seconds(31));
    ensure!(state(world, &reset).await? == "lapsed");
    unchanged(&mut bo).await?;
    let answer = again(world, &reset).await?.expect(201)?;
    ensure!(approve(&phone, &phone.sole_request().await?, &answer.string("/number")).await? == Decided::Taken);
    ensure!(ends(world, &reset).await? == "done");
    Ok(())
});

journey!(a_yes_that_comes_by_another_node_is_used_where_the_password_waits, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    let reset = choose(world, &link(world).await?).await?;
    let shown = phone.sole_request().await?;
    let message = phone.approval_with_releases(&shown, &reset.number)?;
    let other = world.second_service().await;
    let path = format!("/api/v1/phone/requests/{}/decision", shown.id);
    let answer = phone.http.at(other.client.base()).post(&path, &serde_json::to_value(&message)?).await?.expect(200)?;
    ensure!(answer.string("/state") == "taken");
    ensure!(ends(world, &reset).await? == "done");
    bo.password = NEW.to_owned();
    bo.log_in().await
});

journey!(somebody_whose_keys_rest_elsewhere_has_a_new_password_by_the_same_way, async |world| {
    let operator = world.operator().await?;
    let mut olga = operator.0;
    let phone = olga.pair_phone("Olgas telefon").await?;
    world.clock.advance(Duration::hours(25));
    olga.log_in().await?;
    world.client().post("/api/v1/password-resets", &json!({"user_id": olga.user_id})).await?.expect(202)?;
    world.settle().await;
    let mail = world.mailbox.all().into_iter().find(|mail| mail.text.contains("/password/new/")).context("no mail")?;
    let link = between(&mail.text, "/password/new/", "\n").context("no link")?;
    let reset = choose(world, link.trim()).await?;
    let shown = phone.sole_request().await?;
    ensure!(shown.payload.parts().release_key.is_none() && shown.opener.is_none(), "there is nothing to release");
    ensure!(phone.decide(&shown, typed(&reset.number)).await? == Decided::Taken);
    for _ in 0..100 {
        if state(world, &reset).await? == "done" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    ensure!(state(world, &reset).await? == "done");
    olga.password = NEW.to_owned();
    olga.log_in().await
});

journey!(without_a_phone_the_administrator_ends_and_invites_anew_as_the_page_says, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let page = Visitor::new(&world.client(), "en").get("/password/forgotten").await?.expect(200)?.text();
    for said in ["you cannot sign until", "new certificates have followed: by themselves", "A key card is not enough"] {
        ensure!(page.contains(said), "the page does not say before: {said}");
    }
    let anne = bakery.administrator.clone();
    anne.prove().await?;
    let old = certificates(&bo.certificates().await?);
    anne.http.delete(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(204)?;
    bo.http.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    anne.http.post(&bakery.employees(), &invitation("Bo", "Bager", BO)).await?.expect(201)?;
    world.settle().await;
    let all = certificates(&anne.certificates().await?);
    ensure!(old.iter().all(|(serial, _)| all.contains(&(serial.clone(), "revoked".to_owned()))), "{all:?}");
    let (link, temporary) = post_for(world, BO, "Bo Bager")?;
    let new = Person::activate(&world.client(), &link, Some(&temporary), "bo.bager.igen").await?;
    ensure!(certificates(&new.certificates().await?).iter().any(|(_, state)| state == "active"), "no new certificate");
    new.upload_and_sign("Kontrakt", &fixture("cairo")).await.map(drop)
});

journey!(the_pages_lead_from_the_user_id_to_the_new_password_without_script, async |world| {
    let (_, mut bo, phone) = bo_with_phone(world).await?;
    let browser = Visitor::new(&world.client(), "da");
    let page = browser.get("/login").await?.expect(200)?;
    ensure!(page.text().contains("href=\"/password/forgotten\""), "log-in does not lead here");
    let page = browser.get("/password/forgotten").await?.expect(200)?;
    browser.submit(&page, "/password/forgotten", &[("user_id", &bo.user_id)]).await?.expect(200)?;
    world.settle().await;
    let link = world.mailbox.link_to(BO, "/password/new/").context("no link")?;
    let page = browser.get(&link).await?.expect(200)?;
    let sent = browser.submit(&page, &link, &[("new_password", NEW), ("repeated", NEW)]).await?.expect(303)?;
    ensure!(sent.header("location") == "/password/phone");
    let page = browser.get("/password/phone").await?.expect(200)?.text();
    ensure!(page.contains("http-equiv=\"refresh\"") && !page.contains(NEW), "{page}");
    let number = between(&page, "id=\"phone-number\" aria-hidden=\"true\">", "<").context("no number")?;
    ensure!(approve(&phone, &phone.sole_request().await?, &number).await? == Decided::Taken);
    for _ in 0..200 {
        if browser.get("/password/phone/state").await?.expect(200)?.string("/state") == "done" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let page = browser.get("/password/phone").await?.expect(200)?.text();
    ensure!(page.contains("Din nye adgangskode virker"), "{page}");
    bo.password = NEW.to_owned();
    bo.log_in().await
});
