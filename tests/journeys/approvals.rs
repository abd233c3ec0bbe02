//! A person is asked on the phone: what it shows, what it answers, and what whoever gets between cannot do.

use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use keycard::{
    Decision, Signed, Verdict,
    evidence::Evidence,
    wire::{Bounded, Decide, Decided, Event},
};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    approver::{events, scanned, typed},
    client::send,
    journey,
    papers::{SIGNABLE, fixture},
    program::segl,
    world::{Begins, EngineKind, Setup, World, on_runtime},
};
use time::Duration;

journey!(a_person_logs_in_with_password_and_phone_and_types_no_code, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    ensure!(begun.number.len() == 2 && !begun.key_number.is_empty(), "phone and card are both asked: {begun:?}");
    let shown = phone.sole_request().await?;
    let asked = shown.payload.parts();
    ensure!(asked.account == person.user_id && asked.company == "Havnens Bageri ApS" && asked.title == "Log på", "{asked:?}");
    ensure!(asked.service == "segl.example.dk" && asked.network == "127.0.0.0/24" && asked.release_key.is_none(), "{asked:?}");
    ensure!(asked.expires_ms - asked.issued_ms == 120_000);
    person.finish_by_phone(&begun).await?.refused(409, "conflict")?;
    ensure!(person.phone_state(&begun).await? == "waiting");
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Taken);
    ensure!(person.phone_state(&begun).await? == "approved");
    let opened = person.finish_by_phone(&begun).await?.expect(201)?;
    let session = person.http.with_token(&opened.string("/token"));
    ensure!(session.get("/api/v1/session").await?.expect(200)?.string("/name") == "Anne Ådal");
    person.finish_by_phone(&begun).await?.refused(410, "gone")?;
    let history = phone.history().await?;
    let last = history.entries.items().first().context("nothing in the history")?;
    ensure!(last.outcome.as_str() == "approved" && last.title.as_str() == "Log på" && last.purpose.as_str() == "login");
    Ok(())
});

journey!(the_evidence_of_an_answer_is_checked_offline_and_a_changed_byte_shows, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    ensure!(phone.decide(&shown, scanned(&begun.scan)).await? == Decided::Taken, "the QR serves as the number does");
    let path = format!("/api/v1/approvals/{}/evidence", shown.id);
    let evidence = person.http.get(&path).await?.expect(200)?.bytes;
    ensure!(Evidence::from_json(&evidence)?.verify(&[phone.identity]).shows_approval());
    let identity = person.http.get("/api/v1/approvals/identity").await?.expect(200)?.string("/public_key");
    let (file, key) = (world.file("evidence.json"), world.file("identity.hex"));
    std::fs::write(&file, &evidence)?;
    std::fs::write(&key, &identity)?;
    let file = file.display().to_string();
    let verify = async |identity: String| segl(["verify-approval", &file, "--identity", &identity]).await;
    let by_file = verify(key.display().to_string()).await;
    ensure!(by_file.code == 0 && by_file.words.contains("approved") && by_file.words.contains("Log på"), "{by_file:?}");
    let by_hex = verify(identity.clone()).await;
    ensure!(by_hex.code == 0, "{by_hex:?}");
    let other = hex::encode(phone.record.keys.sign.sec1());
    ensure!(verify(other).await.code == 1, "another service's key is not trusted");
    ensure!(verify("neither".to_owned()).await.code == 64);
    let mut changed: Value = serde_json::from_slice(&evidence)?;
    let message = changed["decision"]["message"].as_str().context("no decision")?.to_owned();
    let end = if message.ends_with('A') { "B" } else { "A" };
    changed["decision"]["message"] = json!(format!("{}{end}", &message[..message.len() - 1]));
    std::fs::write(world.file("evidence.json"), changed.to_string())?;
    ensure!(verify(identity).await.code == 1, "a changed decision is believed");
    let stranger = bakery.hire(world, "Bo", "Bager", "bo@havnens.example.dk").await?;
    stranger.http.get(&path).await?.refused(404, "not-found")?;
    Ok(())
});

journey!(three_wrong_numbers_end_a_request_and_the_right_one_comes_too_late, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    let wrong = typed(&begun.wrong_number());
    for tries_left in [2, 1, 0] {
        let decided = phone.decide(&shown, wrong.clone()).await?;
        ensure!(decided == Decided::WrongNumber { tries_left }, "{decided:?}");
    }
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::WrongNumber { tries_left: 0 });
    ensure!(phone.waiting().await?.is_empty() && person.phone_state(&begun).await? == "closed");
    let refused = person.finish_by_phone(&begun).await?;
    refused.refused(410, "gone")?;
    ensure!(refused.string("/detail").contains("three times"), "{}", refused.text());
    Ok(())
});

journey!(many_wrong_numbers_at_once_are_counted_each, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    let message = phone.decision(&shown, typed(&begun.wrong_number()))?;
    let answers = join_all((0..20).map(|_| phone.send_decision(&shown.id, &message))).await;
    let mut left: Vec<u64> = Vec::new();
    for answer in answers {
        left.push(answer?.expect(200)?.json()["tries_left"].as_u64().context("no count")?);
    }
    left.sort_unstable();
    ensure!(left.iter().filter(|left| **left == 2).count() == 1 && left.iter().filter(|left| **left == 1).count() == 1, "{left:?}");
    ensure!(person.phone_state(&begun).await? == "closed");
    Ok(())
});

journey!(of_two_phones_at_once_one_wins_and_the_same_answer_sent_twice_is_one, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let first = person.pair_phone("Annes telefon").await?;
    let second = person.pair_phone("Annes tablet").await?;
    let begun = person.begin_by_phone().await?;
    let shown = first.sole_request().await?;
    let messages = [first.decision(&shown, typed(&begun.number))?, second.decision(&shown, typed(&begun.number))?];
    let sent = join_all((0..12).map(|turn| {
        let (phone, message) = if turn % 2 == 0 { (&first, &messages[0]) } else { (&second, &messages[1]) };
        phone.send_decision(&shown.id, message)
    }))
    .await;
    let mut said: Vec<String> = Vec::new();
    for answer in sent {
        said.push(answer?.expect(200)?.string("/state"));
    }
    let winner = usize::from(said[0] != "taken");
    ensure!((0..12).all(|turn| said[turn] == if turn % 2 == winner { "taken" } else { "elsewhere" }), "{said:?}");
    // The network was lost in the middle: the very same decision again, and another one of the same phone.
    let phone = [&first, &second][winner];
    let again = phone.send_decision(&shown.id, &messages[winner]).await?.expect(200)?;
    ensure!(again.string("/state") == "taken");
    ensure!(phone.decide(&shown, Verdict::Reject).await? == Decided::Elsewhere, "a yes becomes no no");
    let opened = join_all((0..8).map(|_| person.finish_by_phone(&begun))).await;
    let sessions = opened.into_iter().filter(|answer| answer.as_ref().is_ok_and(|answer| answer.status == 201)).count();
    ensure!(sessions == 1, "{sessions} sessions from one yes");
    Ok(())
});

journey!(what_is_changed_or_another_phones_decides_nothing, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let stranger = bakery.hire(world, "Bo", "Bager", "bo@havnens.example.dk").await?;
    let strange = stranger.pair_phone("Bos telefon").await?;
    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    ensure!(strange.waiting().await?.is_empty(), "somebody else's request is shown");
    strange.http.get(&format!("/api/v1/phone/requests/{}", shown.id)).await?.refused(404, "not-found")?;
    let foreign = strange.decision(&shown, typed(&begun.number))?;
    strange.send_decision(&shown.id, &foreign).await?.refused(404, "not-found")?;
    // The stolen token of the right phone, without its key.
    let unsigned = phone.send_decision(&shown.id, &foreign).await?;
    unsigned.refused(403, "not-right")?;
    ensure!(unsigned.string("/detail").contains("not signed by"), "{}", unsigned.text());
    let right = phone.decision(&shown, typed(&begun.number))?;
    // Every byte of the decision, changed, is refused or changes nothing.
    let bytes = right.decision.bytes().to_vec();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let decision = Signed::from_parts(changed, right.decision.signature().clone())?;
        let answer = phone.send_decision(&shown.id, &Decide { decision, release: None, further: Bounded::default() }).await?;
        ensure!(answer.status == 403, "byte {at}: {}", answer.text());
    }
    let wrong_phone = phone.sign(&Decision { payload: shown.signed.hash(), verdict: Verdict::Reject, phone: strange.id })?;
    phone
        .send_decision(&shown.id, &Decide { decision: wrong_phone, release: None, further: Bounded::default() })
        .await?
        .refused(403, "not-right")?;
    let wrong_payload = phone.sign(&Decision { payload: [7; 32], verdict: Verdict::Reject, phone: phone.id })?;
    phone
        .send_decision(&shown.id, &Decide { decision: wrong_payload, release: None, further: Bounded::default() })
        .await?
        .refused(403, "not-right")?;
    phone.http.post(&format!("/api/v1/phone/requests/{}/decision", shown.id), &json!({"decision": 1})).await?.refused(422, "invalid")?;
    person.http.post(&format!("/api/v1/phone/requests/{}/decision", shown.id), &serde_json::to_value(&right)?).await?.expect(401)?;
    ensure!(person.phone_state(&begun).await? == "waiting");
    // A replay: the answer to this request is no answer to the next.
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Taken);
    person.finish_by_phone(&begun).await?.expect(201)?;
    person.begin_by_phone().await?;
    let next = phone.sole_request().await?;
    phone.send_decision(&next.id, &right).await?.refused(403, "not-right")?;
    Ok(())
});

journey!(a_request_lapses_and_more_time_keeps_its_number_up_to_ten_times, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    let first = phone.sole_request().await?;
    let mut last = first.clone();
    for _ in 0..10 {
        world.clock.advance(Duration::seconds(100));
        let later = phone.extend(&last).await?;
        ensure!(later.id != last.id && later.payload.parts().nonce != last.payload.parts().nonce);
        last = later;
    }
    let enough = phone.http.post(&format!("/api/v1/phone/requests/{}/extension", last.id), &Value::Null).await?;
    enough.refused(409, "conflict")?;
    phone.http.get(&format!("/api/v1/phone/requests/{}", first.id)).await?.refused(410, "gone")?;
    ensure!(phone.decide(&first, typed(&begun.number)).await? == Decided::Replaced, "the old payload is answered");
    ensure!(phone.decide(&last, typed(&begun.number)).await? == Decided::Taken, "the number is another one");
    person.finish_by_phone(&begun).await?.expect(201)?;

    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    world.clock.advance(Duration::seconds(120));
    ensure!(phone.waiting().await?.is_empty() && person.phone_state(&begun).await? == "lapsed");
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Lapsed);
    let refused = person.finish_by_phone(&begun).await?;
    refused.refused(410, "gone")?;
    ensure!(refused.string("/detail").contains("in time"), "{}", refused.text());

    let limit =
        async |seconds: i64| send(person.http.request(Method::PUT, "/api/v1/approval-limit").json(&json!({"seconds": seconds}))).await;
    limit(601).await?.refused(422, "invalid")?;
    limit(600).await?.expect(204)?;
    person.begin_by_phone().await?;
    let asked = phone.sole_request().await?;
    ensure!(asked.payload.parts().expires_ms - asked.payload.parts().issued_ms == 600_000);
    Ok(())
});

journey!(a_network_that_nobody_answers_waits_and_the_owner_is_never_locked_out, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    // At most two log-ins of one network wait.
    ensure!(!person.begin_by_phone().await?.number.is_empty() && !person.begin_by_phone().await?.number.is_empty());
    let third = person.begin_by_phone().await?;
    ensure!(third.number.is_empty() && !third.key_number.is_empty(), "{third:?}");
    ensure!(phone.waiting().await?.len() == 2);
    world.clock.advance(Duration::seconds(121));
    ensure!(!person.begin_by_phone().await?.number.is_empty());
    world.clock.advance(Duration::seconds(121));
    // Three went unanswered. A step more, and the next wait is longer than a request lives.
    ensure!(!person.begin_by_phone().await?.number.is_empty(), "the first wait is over meanwhile");
    world.clock.advance(Duration::seconds(121));
    person.begin_by_phone().await?;
    world.clock.advance(Duration::seconds(121));
    let paused = person.begin_by_phone().await?;
    ensure!(paused.number.is_empty(), "nobody answered five, and the phone is asked again at once");
    ensure!(phone.waiting().await?.is_empty());
    // The card always goes, and what it opens forgives the network.
    let mut owner = person.clone();
    owner.log_in().await?;
    world.clock.advance(Duration::minutes(10));
    let begun = person.begin_by_phone().await?;
    ensure!(phone.decide(&phone.sole_request().await?, typed(&begun.number)).await? == Decided::Taken);
    person.finish_by_phone(&begun).await?.expect(201)?;
    ensure!(!person.begin_by_phone().await?.number.is_empty(), "a yes forgives the network");
    Ok(())
});

journey!(the_audit_names_whose_session_asked_the_phone_and_nobody_for_a_log_in, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let phone = person.pair_phone("Annes telefon").await?;
    world.clock.advance(Duration::hours(25));
    person.log_in().await?;
    let begun = person.begin_by_phone().await?;
    phone.decide(&phone.sole_request().await?, typed(&begun.number)).await?;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    person.ask_phone_to_sign(&document).await?;
    world.settle().await;
    let mut auditor = operator.0;
    auditor.log_in().await?;
    let entries = auditor.http.get("/api/v1/audit?action=approval.asked").await?.expect(200)?.items();
    let by = |purpose: &str| {
        let of = entries.iter().filter(move |entry| entry["facts"]["purpose"] == purpose);
        of.map(|entry| entry["author"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let (logins, signatures) = (by("login"), by("sign-document"));
    ensure!(!logins.is_empty() && logins.iter().all(|author| author == "anyone"), "{logins:?}");
    let account = entries[0]["facts"]["account"].as_str().context("no account")?;
    ensure!(signatures == [format!("account:{account}")], "{signatures:?}");
    Ok(())
});

journey!(a_no_on_the_phone_ends_the_log_in_and_the_card_does_not_save_it, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    ensure!(phone.decide(&phone.sole_request().await?, Verdict::Reject).await? == Decided::Taken);
    ensure!(person.phone_state(&begun).await? == "rejected");
    let by_card = json!({"login": begun.login, "key": person.card.key(&begun.key_number), "carrier": "program"});
    let refused = person.http.without_token().post("/api/v1/logins/answer", &by_card).await?;
    refused.refused(410, "gone")?;
    ensure!(refused.string("/detail").contains("answered no"), "{}", refused.text());
    let mut again = person.clone();
    again.log_in().await?;
    Ok(())
});

journey!(this_was_not_me_ends_the_session_that_asked_stops_signing_and_is_told, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let document = person.upload("Lejekontrakt", &fixture(SIGNABLE[0])).await?;
    world.pass(Duration::hours(25)).await;
    let (mut thief, mut owner) = (person.clone(), person.clone());
    thief.log_in().await?;
    owner.log_in().await?;
    // A stolen session asks for a proof; the owner is about to sign elsewhere.
    let begun = thief.http.post("/api/v1/session/proof", &json!({"password": thief.password})).await?.expect(201)?;
    ensure!(begun.string("/phone/number").len() == 2, "{}", begun.text());
    let question = owner.ask_to_sign(&document).await?;
    ensure!(phone.decide(&phone.sole_request().await?, Verdict::NotMe).await? == Decided::Taken);
    world.settle().await;
    thief.http.get("/api/v1/session").await?.expect(401)?;
    owner.http.get("/api/v1/session").await?.expect(200)?;
    let stopped = owner.approve(&document, &question, &owner.card.key(&question.key_number)).await?;
    stopped.refused(409, "conflict")?;
    ensure!(stopped.string("/detail").contains("this was not me"), "{}", stopped.text());
    owner.http.post(&format!("/api/v1/documents/{document}/signatures"), &json!({})).await?.refused(409, "conflict")?;
    let mails = world.mailbox.all();
    let told = |part: &str| mails.iter().find(|mail| mail.subject.contains(part)).map(|mail| mail.to.clone());
    ensure!(told("Du har svaret: det var ikke mig").is_some_and(|to| to.contains("30808460")), "the person is not told");
    let desk = told(&format!("bruger-id {}", person.user_id));
    ensure!(desk.is_some_and(|to| to.contains("olga@segl.example.dk")), "the help desk is not told");
    owner.log_in().await?;
    owner.sign(&document).await?;
    let mut auditor = operator.0.clone();
    auditor.log_in().await?;
    let audit = auditor.http.get("/api/v1/audit").await?.expect(200)?.text();
    ensure!(["approval.not_me", "account.signing_stopped", "account.signing_resumed"].iter().all(|event| audit.contains(event)));
    Ok(())
});

journey!(a_new_phone_logs_in_at_once_and_proves_nothing_weighty_before_its_time, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let phone = person.pair_phone("Annes telefon").await?;
    let password = json!({"password": person.password});
    let early = person.http.post("/api/v1/session/proof", &password).await?.expect(201)?;
    ensure!(early.json()["phone"].is_null() && phone.waiting().await?.is_empty(), "{}", early.text());
    world.pass(Duration::hours(25)).await;
    person.log_in().await?;
    world.clock.advance(Duration::minutes(6));
    let asked = person.http.post("/api/v1/session/proof", &password).await?.expect(201)?;
    let token = json!({"name": "Bogholderi", "days": 30});
    person.http.post("/api/v1/tokens", &token).await?.refused(403, "prove-again")?;
    // A second request of the same session takes the place of the first.
    let newer = person.http.post("/api/v1/session/proof", &password).await?.expect(201)?;
    let shown = phone.sole_request().await?;
    ensure!(shown.payload.parts().title == "Bekræft, at det er dig", "{:?}", shown.payload);
    let stale = person.http.without_token().post("/api/v1/logins/phone", &json!({"login": asked.string("/challenge")})).await?;
    ensure!(stale.expect(200)?.string("/state") == "replaced");
    // A log-in never replaces it: both wait.
    let login = person.begin_by_phone().await?;
    ensure!(!login.number.is_empty() && phone.waiting().await?.len() == 2);
    ensure!(phone.decide(&shown, typed(&newer.string("/phone/number"))).await? == Decided::Taken);
    let answer = json!({"challenge": newer.string("/challenge")});
    person.http.post("/api/v1/session/proof/answer", &answer).await?.expect(204)?;
    person.http.post("/api/v1/tokens", &token).await?.expect(201)?;
    person.http.post("/api/v1/session/proof/answer", &answer).await?.refused(410, "gone")?;
    Ok(())
});

journey!(the_card_answers_while_the_phone_waits_and_the_phone_is_told, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    let by_card = json!({"login": begun.login, "key": person.card.key(&begun.key_number), "carrier": "program"});
    person.http.without_token().post("/api/v1/logins/answer", &by_card).await?.expect(201)?;
    ensure!(phone.waiting().await?.is_empty());
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Replaced);
    Ok(())
});

journey!(without_a_network_a_code_from_the_phone_logs_in_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let mut phone = person.pair_phone("Annes telefon").await?;
    phone.fetch_offline().await?;
    let code = phone.offline_code(u64::try_from(world.now().millis())?)?;
    let answer = async |code: &str| {
        let begun = person.begin_by_phone().await?;
        let body = json!({"login": begun.login, "code": code, "carrier": "program"});
        person.http.without_token().post("/api/v1/logins/answer", &body).await
    };
    answer("00000000").await?.refused(403, "not-right")?;
    answer(&code).await?.expect(201)?;
    world.clock.advance(Duration::seconds(121));
    answer(&code).await?.refused(403, "not-right")?;
    Ok(())
});

journey!(a_phone_that_listens_is_told_at_once_and_resumes_where_it_was, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let mut stream = phone.events(None).await?;
    let begun = person.begin_by_phone().await?;
    ensure!(stream.next().await? == Some(Event::Look));
    let shown = phone.sole_request().await?;
    ensure!(stream.last.as_deref() == Some(shown.id.as_str()), "{:?}", stream.last);
    phone.decide(&shown, typed(&begun.number)).await?;
    let Some(Event::Ended { id }) = stream.next().await? else { anyhow::bail!("the end is not told") };
    ensure!(id.to_string() == shown.id);
    let last = stream.last.clone();
    drop(stream);
    // Away, and back: what came meanwhile is told, and nothing twice.
    world.clock.advance(Duration::SECOND);
    person.begin_by_phone().await?;
    let mut stream = phone.events(last.as_deref()).await?;
    ensure!(stream.next().await? == Some(Event::Look));
    // A third stream ends the oldest.
    let (_second, _third) = (phone.events(None).await?, phone.events(None).await?);
    ensure!(stream.next().await?.is_none(), "the oldest stream goes on");
    Ok(())
});

journey!(a_phone_that_waits_at_one_node_is_told_what_was_asked_at_another, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let other = world.second_service().await;
    let mut stream = events(&phone.http.at(other.client.base()), None).await?;
    let begun = person.begin_by_phone().await?;
    ensure!(stream.next().await? == Some(Event::Look));
    let shown = phone.sole_request().await?;
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Taken);
    ensure!(matches!(stream.next().await?, Some(Event::Ended { .. })));
    // The session is opened at the other node.
    let answer = json!({"login": begun.login, "carrier": "program"});
    other.client.post("/api/v1/logins/answer", &answer).await?.expect(201)?;
    Ok(())
});

async fn restarted(engine: EngineKind) -> anyhow::Result<()> {
    let world = World::of(Setup { begins: Begins::Now, ..Setup::on(engine) }).await;
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    let world = World::resume(world.stop(), Duration::ZERO).await;
    ensure!(phone.decide(&shown, typed(&begun.number)).await? == Decided::Taken);
    person.finish_by_phone(&begun).await?.expect(201)?;
    drop(world);
    Ok(())
}

#[test]
fn a_restarted_service_knows_what_waits_on_sqlite() {
    on_runtime(async { restarted(EngineKind::Sqlite).await.unwrap() });
}

#[test]
fn a_restarted_service_knows_what_waits_on_postgres() {
    on_runtime(async { restarted(EngineKind::Postgres).await.unwrap() });
}
