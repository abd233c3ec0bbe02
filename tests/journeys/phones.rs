//! A phone becomes a person's key card, and ends: by QR and by code, with digits that are compared, and against whoever gets between.

use anyhow::{Context as _, ensure};
use keycard::wire::{PairingStatus, ShareAnswer};
use segl::{phones::offline, platform::clock::Clock as _};
use serde_json::{Value, json};
use support::{
    journey,
    phone::{PIN, Seen, begin},
    visitor::{Visitor, between},
    world::{EngineKind, Setup, run_in},
};
use time::Duration;

journey!(a_person_pairs_a_phone_by_the_qr_and_both_screens_show_the_same_digits, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let invited = person.invite_phone().await?;
    let begun = begin(&person.http, Seen::Qr(&invited.invitation)).await?;
    ensure!(begun.offer.company == "Havnens Bageri ApS" && begun.offer.name == "Anne Ådal" && begun.offer.account == person.user_id);
    let claimed = begun.claim("Annes telefon").await?;
    ensure!(person.pairing_digits(&invited.id).await? == claimed.digits && claimed.digits.len() == 6);
    ensure!(claimed.status().await? == PairingStatus::Waiting);
    let number = person.asked_to_confirm(&invited.id).await?;
    let wrong = person.confirm_phone(&invited.id, &person.card.wrong_key(&number)).await?;
    wrong.refused(403, "not-right")?;
    ensure!(claimed.status().await? == PairingStatus::Waiting);
    person.confirm_phone(&invited.id, &person.card.key(&number)).await?.expect(200)?;
    let phone = claimed.collect().await?;
    ensure!(phone.record.company == "Havnens Bageri ApS" && phone.record.account == person.user_id);
    let now = u64::try_from(world.clock.now().millis())?;
    ensure!(phone.time_ms().await? == now, "the time is not the service's");
    let listed = person.http.get("/api/v1/phones").await?.expect(200)?.items();
    ensure!(listed.len() == 1 && listed[0]["name"] == "Annes telefon" && listed[0]["state"] == "active");
    ensure!(listed[0]["protection"] == "software-pin" && listed[0]["seen_at"].is_string() || listed[0]["seen_at"].is_number());
    Ok(())
});

journey!(a_person_pairs_a_phone_by_typing_the_code, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let invited = person.invite_phone().await?;
    let typed = invited.code.to_lowercase().replace('-', " ");
    let claimed = begin(&person.http, Seen::Code(&typed)).await?.claim("Annes telefon").await?;
    ensure!(person.pairing_digits(&invited.id).await? == claimed.digits);
    let number = person.asked_to_confirm(&invited.id).await?;
    person.confirm_phone(&invited.id, &person.card.key(&number)).await?.expect(200)?;
    claimed.collect().await?;
    Ok(())
});

journey!(an_invitation_is_claimed_once_confirmed_once_and_its_token_given_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let invited = person.invite_phone().await?;
    let other = begin(&person.http, Seen::Code(&invited.code)).await?;
    let claimed = begin(&person.http, Seen::Qr(&invited.invitation)).await?.claim("Den første").await?;
    let error = other.claim("Den anden").await.err().unwrap();
    ensure!(error.to_string().contains("already-done"), "{error}");
    ensure!(begin(&person.http, Seen::Qr(&invited.invitation)).await.is_err(), "a claimed invitation is offered again");
    claimed.claim_again().await?.expect(200)?;
    let number = person.asked_to_confirm(&invited.id).await?;
    let key = person.card.key(&number);
    let tries = futures_util::future::join_all((0..8).map(|_| person.confirm_phone(&invited.id, &key))).await;
    let confirmed = tries.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().filter(|answer| answer.status == 200).count();
    ensure!(confirmed == 1, "confirmed {confirmed} times");
    claimed.ask_status().await?.0.expect(200)?;
    let (answer, ..) = claimed.ask_status().await?;
    answer.expect(200)?;
    let again = person.http.get("/api/v1/phones").await?.expect(200)?.items();
    ensure!(again.len() == 1);
    Ok(())
});

journey!(who_saw_the_qr_over_the_shoulder_asks_first_and_gets_no_token, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let invited = person.invite_phone().await?;
    let thief = begin(&person.http, Seen::Qr(&invited.invitation)).await?.unsent("Tyvens telefon")?;
    let claimed = begin(&person.http, Seen::Qr(&invited.invitation)).await?.claim("Annes telefon").await?;
    thief.ask_status().await?.0.refused(403, "not-right")?;
    let number = person.asked_to_confirm(&invited.id).await?;
    person.confirm_phone(&invited.id, &person.card.key(&number)).await?.expect(200)?;
    thief.ask_status().await?.0.refused(403, "not-right")?;
    let phone = claimed.collect().await?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    Ok(())
});

journey!(an_invitation_dies_after_ten_minutes_and_by_the_next_one, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let first = person.invite_phone().await?;
    let begun = begin(&person.http, Seen::Qr(&first.invitation)).await?;
    let second = person.invite_phone().await?;
    ensure!(begin(&person.http, Seen::Qr(&first.invitation)).await.is_err(), "a replaced invitation is offered");
    ensure!(begun.claim("For sent").await.is_err(), "a replaced invitation is claimed");
    let claimed = begin(&person.http, Seen::Qr(&second.invitation)).await?.claim("Annes telefon").await?;
    let number = person.asked_to_confirm(&second.id).await?;
    world.clock.advance(Duration::minutes(10));
    ensure!(claimed.status().await? == PairingStatus::Lapsed);
    person.confirm_phone(&second.id, &person.card.key(&number)).await?.refused(410, "gone")?;
    ensure!(person.http.get("/api/v1/phones").await?.expect(200)?.items().is_empty());
    Ok(())
});

journey!(a_person_who_sees_other_digits_refuses_and_a_stolen_session_begins_nothing, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    world.clock.advance(Duration::minutes(6));
    person.http.post("/api/v1/phones", &Value::Null).await?.refused(403, "prove-again")?;
    let invited = person.invite_phone().await?;
    let claimed = begin(&person.http, Seen::Qr(&invited.invitation)).await?.claim("Tyvens telefon").await?;
    let wrong =
        person.http.post(&format!("/api/v1/phones/{}/pairing/question", invited.id), &json!({"password": "Forkert-2026-sol"})).await?;
    wrong.refused(403, "not-right")?;
    person.http.delete(&format!("/api/v1/phones/{}/pairing", invited.id)).await?.expect(204)?;
    ensure!(claimed.status().await? == PairingStatus::Refused);
    ensure!(person.http.get("/api/v1/phones").await?.expect(200)?.items().is_empty());
    Ok(())
});

journey!(a_claim_to_another_service_and_a_foreign_token_are_refused, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let invited = person.invite_phone().await?;
    let begun = begin(&person.http, Seen::Qr(&invited.invitation)).await?;
    let (error, _) = begun.claim_as("Annes telefon", &[7; 32]).await.err().unwrap();
    ensure!(error.to_string().contains("400"), "{error}");
    // A man in the middle: another pin in the QR than the service's key has.
    let mut scanned = keycard::pairing::Invitation::parse(&invited.invitation)?;
    scanned.pin = [9; 32];
    let error = begin(&person.http, Seen::Qr(&scanned.text())).await.err().unwrap();
    ensure!(error.downcast_ref::<keycard::SignedError>().is_some(), "the phone believed another key: {error}");
    let scanned = keycard::pairing::Invitation { token: keycard::pairing::Token::new([1; 16]), ..scanned };
    for _ in 0..30 {
        let error = begin(&person.http, Seen::Qr(&scanned.text())).await.err().unwrap();
        ensure!(error.to_string().contains("403"), "{error}");
    }
    let error = begin(&person.http, Seen::Qr(&scanned.text())).await.err().unwrap();
    ensure!(error.to_string().contains("429"), "{error}");
    Ok(())
});

journey!(five_wrong_pins_destroy_the_share_and_a_right_one_sets_the_count_back, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut phone = bakery.administrator.pair_phone("Annes telefon").await?;
    for left in [4, 3, 2, 1] {
        ensure!(phone.ask_share("314159").await? == ShareAnswer::Wrong { tries_left: left });
    }
    ensure!(phone.unlocks(PIN).await?, "the right PIN does not unlock");
    // A proof is good for one nonce, once.
    let (proof, ..) = phone.proof(PIN).await?;
    let proof = serde_json::to_value(&proof)?;
    phone.http.post("/api/v1/phone/share", &proof).await?.expect(200)?;
    phone.http.post("/api/v1/phone/share", &proof).await?.refused(403, "not-right")?;
    // Of many proofs over one nonce at once, one is looked at.
    let (wrong, ..) = phone.proof("314159").await?;
    let wrong = serde_json::to_value(&wrong)?;
    let tries = futures_util::future::join_all((0..12).map(|_| phone.http.post("/api/v1/phone/share", &wrong))).await;
    let looked_at = tries.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().filter(|answer| answer.status == 200).count();
    ensure!(looked_at == 1, "{looked_at} were looked at");
    for left in [3, 2, 1] {
        ensure!(phone.ask_share("314159").await? == ShareAnswer::Wrong { tries_left: left });
    }
    ensure!(phone.ask_share("314159").await? == ShareAnswer::Gone);
    ensure!(phone.ask_share(PIN).await? == ShareAnswer::Gone, "the share is not gone");
    Ok(())
});

journey!(a_changed_pin_counts_once_it_has_proven_itself, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut phone = bakery.administrator.pair_phone("Annes telefon").await?;
    let old = phone.proof(PIN).await?.0;
    phone.change_pin("161803").await?;
    ensure!(phone.unlocks("161803").await?, "the new PIN does not unlock");
    let answer = phone.http.post("/api/v1/phone/share", &serde_json::to_value(&old)?).await?;
    answer.refused(403, "not-right")?;
    ensure!(matches!(phone.ask_share(PIN).await?, ShareAnswer::Wrong { .. }), "the old PIN still proves");
    Ok(())
});

journey!(a_person_has_three_phones_at_most_and_may_rename_block_and_remove_them, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let mut phones = Vec::new();
    for name in ["Den første", "Den anden", "Den tredje"] {
        phones.push(person.pair_phone(name).await?);
    }
    person.prove().await?;
    person.http.post("/api/v1/phones", &Value::Null).await?.refused(409, "conflict")?;
    let path = format!("/api/v1/phones/{}", phones[0].id);
    let renamed =
        support::client::send(person.http.request(reqwest::Method::PATCH, &path).json(&json!({"name": "Arbejdstelefon"}))).await?;
    renamed.expect(204)?;
    let listed = person.http.get("/api/v1/phones").await?.expect(200)?.items();
    ensure!(listed.iter().any(|phone| phone["name"] == "Arbejdstelefon"));
    person.http.post(&format!("{path}/block"), &Value::Null).await?.expect(204)?;
    phones[0].http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    // A stolen token ends no phone, nor does another phone's signature.
    phones[1].http.delete("/api/v1/phone/self").await?.expect(404)?;
    let foreign = phones[2].sign(&keycard::Removal { phone: phones[1].id })?;
    phones[1].http.post("/api/v1/phone/self/removal", &json!({"removal": foreign})).await?.refused(403, "not-right")?;
    let misled = phones[1].sign(&keycard::Removal { phone: phones[2].id })?;
    phones[1].http.post("/api/v1/phone/self/removal", &json!({"removal": misled})).await?.refused(403, "not-right")?;
    phones[1].remove_itself().await?.expect(204)?;
    world.settle().await;
    let mails = world.mailbox.all();
    ensure!(mails.iter().any(|mail| mail.subject == "Telefonen Den anden er fjernet"), "a removal is told to nobody");
    let listed = person.http.get("/api/v1/phones").await?.expect(200)?.items();
    ensure!(listed.iter().any(|phone| phone["name"] == "Den anden" && phone["state"] == "removed"), "{listed:?}");
    phones[1].http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    phones[2].http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    person.pair_phone("Den fjerde").await?;
    Ok(())
});

journey!(a_lost_phone_is_blocked_without_a_proof_and_certificates_are_revoked_with_one, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let phone = person.pair_phone("Annes telefon").await?;
    person.log_in().await?;
    world.clock.advance(time::Duration::minutes(6));
    let path = format!("/api/v1/phones/{}/block", phone.id);
    person.http.post(&format!("{path}?revoke_certificates=true"), &Value::Null).await?.refused(403, "prove-again")?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    person.http.post(&path, &Value::Null).await?.expect(204)?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    person.prove().await?;
    person.http.post(&format!("{path}?revoke_certificates=true"), &Value::Null).await?.expect(204)?;
    let states: Vec<_> = person.certificates().await?.iter().map(|one| one["state"].as_str().unwrap_or_default().to_owned()).collect();
    ensure!(states.iter().any(|state| state == "revoked"), "{states:?}");
    Ok(())
});

journey!(a_phone_is_nobody_elsewhere_and_nobody_is_a_phone, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let other = bakery.hire(world, "Mette", "Hansen", "mette@30808460.example.dk").await?;
    let phone = person.pair_phone("Annes telefon").await?;
    phone.http.get("/api/v1/phones").await?.refused(401, "not-logged-in")?;
    person.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    let path = format!("/api/v1/phones/{}", phone.id);
    other.http.post(&format!("{path}/block"), &Value::Null).await?.refused(404, "not-found")?;
    other.http.delete(&path).await?.refused(404, "not-found")?;
    other.http.get(&format!("{path}/pairing")).await?.refused(404, "not-found")?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    Ok(())
});

journey!(whoever_leaves_has_no_phone_any_more, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = bakery.hire(world, "Mette", "Hansen", "mette@30808460.example.dk").await?;
    let phone = person.pair_phone("Mettes telefon").await?;
    bakery.administrator.prove().await?;
    let path = format!("{}/{}", bakery.employees(), person.employee);
    bakery.administrator.http.delete(&path).await?.expect(204)?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    Ok(())
});

#[test]
fn the_waiting_time_before_the_first_signature_is_configured_and_in_the_signed_record() {
    for (setting, hours) in [("", 24), ("[phones]\nwait_hours = 3", 3)] {
        run_in(Setup { policy: setting.to_owned(), ..Setup::on(EngineKind::Sqlite) }, async |world| {
            let (_, bakery) = world.bakery().await?;
            let phone = bakery.administrator.pair_phone("Annes telefon").await?;
            ensure!(phone.record.usable_ms - phone.record.paired_ms == hours * 3_600_000);
            Ok(())
        });
    }
}

journey!(an_offline_code_is_taken_once_and_wrong_ones_are_counted, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut phone = bakery.administrator.pair_phone("Annes telefon").await?;
    let account = bakery.administrator.http.get("/api/v1/session").await?.expect(200)?.string("/account").parse()?;
    let now = || u64::try_from(world.clock.now().millis());
    let redeemed = async |typed: &str| {
        let judged = offline::judge(&world.ground, account, typed).await?;
        world.ground.database.write(async |unit| offline::redeem(unit, &judged).await).await
    };
    let first = phone.fetch_offline().await?;
    let code = phone.offline_code(now()?)?;
    redeemed(&code).await?;
    ensure!(redeemed(&code).await.is_err(), "a code was taken twice");
    world.clock.advance(Duration::seconds(30));
    ensure!(redeemed(&phone.offline_code(now()? - 30_000)?).await.is_err(), "a burnt step was taken");
    let code = phone.offline_code(now()?)?;
    let tries = futures_util::future::join_all((0..8).map(|_| redeemed(&code))).await;
    ensure!(tries.iter().filter(|outcome| outcome.is_ok()).count() == 1, "of many at once not one was taken");
    ensure!(!phone.fetch_offline().await?.is(&first), "a new request gets no new secret");
    world.clock.advance(Duration::seconds(30));
    for _ in 0..15 {
        let code = phone.offline_code(now()?)?;
        let wrong = code.strip_prefix('0').map_or_else(|| format!("0{}", &code[1..]), |rest| format!("1{rest}"));
        ensure!(redeemed(&wrong).await.is_err());
    }
    ensure!(redeemed(&phone.offline_code(now()?)?).await.is_err(), "a code was taken after fifteen wrong ones");
    Ok(())
});

journey!(a_phone_with_keys_in_hardware_has_no_share_and_a_code_of_its_own_key_logs_in_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone_in_hardware("Annes telefon").await?;
    let listed = person.own_phone(phone.id).await?;
    ensure!(listed["protection"] == "software-pin" && listed["claimed_protection"] == "tee", "nobody proved it: {listed}");
    ensure!(phone.ask_share(PIN).await? == ShareAnswer::Gone, "there is a share without a PIN");
    let kept = phone.fetch_kept_offline().await?;
    let now = || u64::try_from(world.clock.now().millis());
    let answer = async |code: &str| {
        let begun = person.begin_by_phone().await?;
        let body = json!({"login": begun.login, "code": code, "carrier": "program"});
        person.http.without_token().post("/api/v1/logins/answer", &body).await
    };
    let code = phone.kept_code(&kept, now()?)?;
    answer(&code).await?.expect(201)?;
    answer(&code).await?.refused(403, "not-right")?;
    // A new request makes a new secret, and the old codes are nothing.
    world.clock.advance(Duration::seconds(121));
    let renewed = phone.fetch_kept_offline().await?;
    let (old, new) = (phone.kept_code(&kept, now()?)?, phone.kept_code(&renewed, now()?)?);
    ensure!(old != new);
    answer(&old).await?.refused(403, "not-right")?;
    answer(&new).await?.expect(201)?;
    // No other phone's key opens it, and no code of a phone that has ended is taken.
    let other = person.pair_phone_in_hardware("Annes anden telefon").await?;
    ensure!(other.kept_code(&renewed, now()?).is_err(), "another phone's key opens the secret");
    world.clock.advance(Duration::seconds(121));
    phone.remove_itself().await?.expect(204)?;
    answer(&phone.kept_code(&renewed, now()?)?).await?.refused(403, "not-right")
});

journey!(the_mailed_link_cancels_only_when_its_button_is_pressed, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    world.settle().await;
    let link = world.mailbox.link_to("anne@30808460.example.dk", "/phones/cancel/").context("no mail tells of the phone")?;
    let path = format!("/phones/cancel/{}", link.rsplit('/').next().unwrap());
    let visitor = Visitor::new(&world.client(), "da");
    for _ in 0..3 {
        let page = visitor.get(&path).await?.expect(200)?;
        ensure!(page.text().contains("Annes telefon"));
    }
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    let page = visitor.get(&path).await?;
    visitor.submit(&page, &path, &[]).await?.expect(200)?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    ensure!(visitor.get(&path).await?.status == 410 && visitor.submit(&page, &path, &[]).await?.status == 410);
    let listed = person.http.get("/api/v1/phones").await?.expect(200)?.items();
    ensure!(listed[0]["state"] == "cancelled");
    Ok(())
});

journey!(a_log_in_between_a_pairings_question_and_its_answer_spends_the_key_and_a_fresh_one_is_asked, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let invited = person.invite_phone().await?;
    let claimed = person.claimed(&invited, "Annes telefon").await?;
    let number = person.asked_to_confirm(&invited.id).await?;
    // The card keeps to the number that it asked for, so two questions share it, and the first answer ends both.
    let question = person.begin_log_in().await?;
    ensure!(question.key_number == number, "a number was fished for: {} after {number}", question.key_number);
    person.answer_log_in(&question, &person.card.key(&number)).await?.expect(201)?;
    person.confirm_phone(&invited.id, &person.card.key(&number)).await?.refused(410, "gone")?;
    ensure!(claimed.status().await? == PairingStatus::Waiting, "a key served twice");
    let fresh = person.asked_to_confirm(&invited.id).await?;
    ensure!(fresh != number, "a spent number is asked for again");
    // The other way about: the pairing's answer ends the log-in's question, and the next log-in has a number of its own.
    let question = person.begin_log_in().await?;
    ensure!(question.key_number == fresh, "a number was fished for: {} after {fresh}", question.key_number);
    person.confirm_phone(&invited.id, &person.card.key(&fresh)).await?.expect(200)?;
    claimed.collect().await?;
    person.answer_log_in(&question, &person.card.key(&fresh)).await?.refused(410, "gone")?;
    person.clone().log_in().await
});

journey!(the_page_of_a_pairing_whose_key_a_log_in_spent_leads_back_to_the_digits_and_on, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let browser = person.browser("en").await?;
    person.prove_in(&browser).await?;
    let page = browser.get("/account/phones").await?.expect(200)?;
    let path = browser.submit(&page, "/account/phones", &[]).await?.expect(303)?.header("location");
    let page = browser.get(&path).await?.expect(200)?;
    let code = between(&page.text(), "id=\"code\">", "<").context("no code")?;
    let claimed = begin(&person.http, Seen::Code(&code)).await?.claim("Annes telefon").await?;
    let page = browser.get(&path).await?.expect(200)?;
    browser.submit(&page, &format!("{path}/question"), &[("password", &person.password)]).await?.expect(303)?;
    let page = browser.get(&format!("{path}/key")).await?.expect(200)?;
    let number = between(&page.text(), "id=\"key-number\">", "<").context("no key number")?;
    let question = person.begin_log_in().await?;
    ensure!(question.key_number == number, "a number was fished for: {} after {number}", question.key_number);
    person.answer_log_in(&question, &person.card.key(&number)).await?.expect(201)?;
    // Whoever sends the key is told that it was used and sees the digits again; whoever opens the page anew is led to them.
    let told = browser.submit(&page, &format!("{path}/confirm"), &[("key", &person.card.key(&number))]).await?.expect(410)?;
    ensure!(told.text().contains("The question is answered already"), "{}", told.text());
    ensure!(told.text().contains(&format!(">{}<", claimed.digits)), "{}", told.text());
    ensure!(browser.get(&format!("{path}/key")).await?.expect(303)?.header("location") == path, "it leads elsewhere");
    browser.submit(&told, &format!("{path}/question"), &[("password", &person.password)]).await?.expect(303)?;
    let page = browser.get(&format!("{path}/key")).await?.expect(200)?;
    let fresh = between(&page.text(), "id=\"key-number\">", "<").context("no key number")?;
    ensure!(fresh != number, "a spent number is asked for again");
    browser.submit(&page, &format!("{path}/confirm"), &[("key", &person.card.key(&fresh))]).await?.expect(303)?;
    claimed.collect().await.map(drop)
});

journey!(a_phone_is_paired_on_the_pages_without_script, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let browser = person.browser("da").await?;
    person.prove_in(&browser).await?;
    let page = browser.get("/account/phones").await?.expect(200)?;
    let begun = browser.submit(&page, "/account/phones", &[]).await?.expect(303)?;
    let path = begun.header("location");
    let page = browser.get(&path).await?.expect(200)?;
    let code = between(&page.text(), "id=\"code\">", "<").context("no code")?;
    let claimed = begin(&person.http, Seen::Code(&code)).await?.claim("Annes telefon").await?;
    // Another session of the same person sees nothing of it.
    person.http.get(&format!("/api/v1/phones/{}/pairing", path.rsplit('/').next().unwrap())).await?.refused(404, "not-found")?;
    let page = browser.get(&path).await?.expect(200)?;
    ensure!(page.text().contains(&format!(">{}<", claimed.digits)), "the page shows other digits");
    browser.submit(&page, &format!("{path}/question"), &[("password", "Forkert-2026-sol")]).await?.expect(403)?;
    browser.submit(&page, &format!("{path}/question"), &[("password", &person.password)]).await?.expect(303)?;
    let page = browser.get(&format!("{path}/key")).await?.expect(200)?;
    let number = between(&page.text(), "id=\"key-number\">", "<").context("no key number")?;
    browser.submit(&page, &format!("{path}/confirm"), &[("key", &person.card.wrong_key(&number))]).await?.expect(403)?;
    browser.submit(&page, &format!("{path}/confirm"), &[("key", &person.card.key(&number))]).await?.expect(303)?;
    let phone = claimed.collect().await?;
    let page = browser.get("/account/phones").await?.expect(200)?;
    ensure!(page.text().contains("Annes telefon"));
    browser.submit(&page, &format!("{path}/block"), &[]).await?.expect(303)?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    Ok(())
});

journey!(the_help_desk_blocks_a_lost_phone_and_nobody_else_may, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let body = json!({"user_id": person.user_id});
    person.http.post("/api/v1/operations/phones/block", &body).await?.refused(403, "forbidden")?;
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.expect(200)?;
    let desk = operator.0.browser("da").await?;
    let page = desk.get("/operations/phones").await?.expect(200)?;
    desk.submit(&page, "/operations/phones", &[("user_id", "ingen.her")]).await?.expect(404)?;
    let blocked = operator.0.http.post("/api/v1/operations/phones/block", &body).await?.expect(200)?;
    ensure!(blocked.json()["blocked"] == 1);
    phone.http.post("/api/v1/phone/share/nonce", &Value::Null).await?.refused(401, "not-logged-in")?;
    Ok(())
});
