//! The end of certificates before their time: who may, for which reason, and how soon the world knows.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use certs::{revocation::ocsp, serial::Serial};
use openssl::{nid::Nid, x509::X509};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::send,
    journey,
    peers::{openssl::Desk, tools::run},
    pki::{Certificate, Surroundings},
    roles::{Company, Person, company},
    visitor::{Visitor, between},
    world::World,
};

/// The person's first signing certificate.
async fn signing(person: &Person) -> anyhow::Result<(String, Certificate)> {
    let all = person.certificates().await?;
    let own = all.iter().filter(|one| one["employee"] == person.employee.as_str());
    let one = own.into_iter().find(|one| one["purpose"] == "signing").context("a signing certificate")?;
    let serial = one["serial"].as_str().unwrap_or_default().to_owned();
    let whole = person.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
    Ok((serial, Certificate(X509::from_pem(whole.string("/pem").as_bytes())?)))
}

/// The status byte of the first answer: good, revoked or unknown (RFC 6960 section 4.2.1), asked by GET without nonce.
async fn asked(world: &World, request: &[u8]) -> anyhow::Result<String> {
    let path = format!("/ocsp/{}", openssl::base64::encode_block(request).replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"));
    let answer = send(world.client().request(Method::GET, &path)).await?.expect(200)?;
    said(&answer.bytes)
}

fn said(answer: &[u8]) -> anyhow::Result<String> {
    let response = openssl::ocsp::OcspResponse::from_der(answer)?;
    ensure!(response.status() == openssl::ocsp::OcspResponseStatus::SUCCESSFUL, "{:?}", response.status());
    let text = hex::encode(answer);
    // [1] IMPLICIT RevokedInfo begins with a GeneralizedTime; [0] and [2] are NULL.
    Ok(if text.contains("a111180f") || text.contains("a116180f") {
        "revoked".to_owned()
    } else if text.contains("8000180f") {
        "good".to_owned()
    } else {
        "unknown".to_owned()
    })
}

/// A request for one certificate, without nonce.
async fn question(world: &World, certificate: &Certificate) -> anyhow::Result<Vec<u8>> {
    let around = Surroundings::of(world, certificate).await?;
    let id = openssl::ocsp::OcspCertId::from_cert(openssl::hash::MessageDigest::sha1(), &certificate.0, &around.issuing.0)?;
    let mut request = openssl::ocsp::OcspRequest::new()?;
    request.add_id(id)?;
    Ok(request.to_der()?)
}

async fn times(person: &Person, serial: &str) -> anyhow::Result<Value> {
    let whole = person.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?;
    Ok(whole.json()["revocation"].clone())
}

journey!(a_revocation_code_revokes_without_a_login_and_the_world_knows_in_time, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let (serial, certificate) = signing(&bo).await?;
    let question = question(world, &certificate).await?;
    ensure!(asked(world, &question).await? == "good", "kept as good from here on");
    ensure!(times(&bo, &serial).await?.is_null(), "not revoked");
    let loosely = bo.revocation_code.to_lowercase().replace('-', " ");
    let body = json!({"code": loosely, "reason": "keyCompromise"});
    let done = world.client().post("/api/v1/revocations", &body).await?.expect(200)?;
    ensure!(done.items().len() == 3 && done.items().iter().all(|one| one["state"] == "revoked"), "{}", done.text());
    ensure!(asked(world, &question).await? == "revoked", "what was kept is not given out any more");
    let known = times(&bo, &serial).await?;
    ensure!(known["recorded_at"].is_string() && known["answered_at"] == known["recorded_at"], "{known}");
    ensure!(known["listed_at"].is_null(), "{known}");
    world.settle().await;
    let known = times(&bo, &serial).await?;
    ensure!(known["listed_at"].is_string(), "{known}");
    ensure!(Surroundings::of(world, &certificate).await?.lists(&certificate), "it stands on its list");
    let told = world.mailbox.mails_to("bo@bageri.example.dk");
    ensure!(told.iter().any(|mail| mail.text.contains(&serial)), "the holder is told");
    let again = world.client().post("/api/v1/revocations", &body).await?;
    again.refused(409, "already-done")
});

journey!(the_page_for_a_revocation_code_works_without_a_login_and_says_what_is_wrong, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let visitor = Visitor::new(&world.client(), "da");
    let page = visitor.get("/revoke").await?.expect(200)?;
    let empty = visitor.submit(&page, "/revoke", &[("code", ""), ("reason", "")]).await?;
    ensure!(empty.status == 422 && empty.text().contains("code-error") && empty.text().contains("reason-error"), "{}", empty.text());
    let wrong = visitor.submit(&page, "/revoke", &[("code", "2222-2222-2222-2222"), ("reason", "keyCompromise")]).await?;
    ensure!(wrong.status == 403 && wrong.text().contains("code-error"), "{}", wrong.text());
    let done = visitor.submit(&page, "/revoke", &[("code", &bo.revocation_code), ("reason", "keyCompromise")]).await?.expect(200)?;
    ensure!(done.text().contains("Certifikaterne er spærret"), "{}", done.text());
    ensure!(!done.text().contains(&bo.revocation_code), "the code is not shown again");
    let page = Visitor::new(&world.client(), "en").get("/revoke").await?.expect(200)?;
    ensure!(page.text().contains("Revoke with a revocation code"), "{}", page.text());
    Ok(())
});

journey!(ten_wrong_revocation_codes_close_the_network_for_an_hour, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let wrong = json!({"code": "2222-2222-2222-2222", "reason": "keyCompromise"});
    let right = json!({"code": anne.revocation_code, "reason": "keyCompromise"});
    for word in ["unspecified", "privilegeWithdrawn", "certificateHold", ""] {
        let refused = world.client().post("/api/v1/revocations", &json!({"code": anne.revocation_code, "reason": word})).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == ["/reason"], "{:?}", refused.pointers());
    }
    let tries = futures_util::future::join_all((0..10).map(|_| {
        let (client, wrong) = (world.client(), wrong.clone());
        async move { client.post("/api/v1/revocations", &wrong).await }
    }));
    for answer in tries.await {
        answer?.refused(403, "not-right")?;
    }
    world.client().post("/api/v1/revocations", &wrong).await?.refused(429, "too-many-tries")?;
    world.client().post("/api/v1/revocations", &right).await?.refused(429, "too-many-tries")?;
    ensure!(anne.certificates().await?.iter().all(|one| one["state"] == "active"), "nothing was revoked");
    world.pass(time::Duration::minutes(61)).await;
    world.client().post("/api/v1/revocations", &right).await?.expect(200)?;
    Ok(())
});

journey!(each_gives_only_the_reasons_that_are_theirs, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let all = [
        "keyCompromise",
        "cACompromise",
        "affiliationChanged",
        "superseded",
        "cessationOfOperation",
        "certificateHold",
        "privilegeWithdrawn",
        "unspecified",
    ];
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let (serial, _) = signing(&bo).await?;
    let path = format!("/api/v1/certificates/{serial}/revocation");
    // Every reason but the last is tried on the same certificate: only refusals leave it active.
    let refused_to = [
        (&bo.http, vec!["cACompromise", "certificateHold", "privilegeWithdrawn"]),
        (&bakery.administrator.http, vec!["cACompromise", "certificateHold", "unspecified"]),
        (&operator.0.http, vec!["cACompromise", "certificateHold", "unspecified"]),
    ];
    for (who, words) in refused_to {
        for word in all.iter().filter(|word| words.contains(word)) {
            who.post(&path, &json!({"reason": word})).await?.refused(422, "invalid")?;
        }
    }
    let done = operator.0.http.post(&path, &json!({"reason": "privilegeWithdrawn"})).await?.expect(200)?;
    ensure!(done.string("/reason") == "privilegeWithdrawn", "{}", done.text());
    Ok(())
});

journey!(closing_a_company_ends_all_of_it_and_nothing_else, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let (_, certificate) = signing(&bo).await?;
    let question = question(world, &certificate).await?;
    let path = format!("/api/v1/companies/{}/closing", bakery.id);
    let number = json!({"number": "30808460"});
    bakery.administrator.http.post(&path, &number).await?.refused(403, "forbidden")?;
    world.pass(time::Duration::minutes(6)).await;
    operator.0.http.post(&path, &json!({"number": "34051178"})).await?.refused(422, "invalid")?;
    operator.0.http.post(&path, &number).await?.refused(403, "prove-again")?;
    operator.0.prove().await?;
    let closed = operator.0.http.post(&path, &number).await?.expect(200)?;
    ensure!(closed.json()["employees"] == 2 && closed.json()["certificates"] == 4, "{}", closed.text());
    ensure!(asked(world, &question).await? == "revoked", "OCSP says so at once");
    bo.http.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    ensure!(bakery.administrator.begin_log_in().await.is_err(), "nobody logs in for it any more");
    let all = operator.0.certificates().await?;
    let active = |person: &Person| all.iter().filter(|one| one["employee"] == person.employee.as_str() && one["state"] == "active").count();
    ensure!([active(&bo), active(&bakery.administrator), active(&dairy.administrator)] == [0, 0, 1], "{all:?}");
    let shown = operator.0.http.get(&format!("/api/v1/companies/{}", bakery.id)).await?.expect(200)?;
    ensure!(shown.string("/state") == "closed", "{}", shown.text());
    operator.0.http.post(&path, &number).await?.refused(409, "already-done")
});

journey!(what_one_node_revokes_every_other_node_answers_within_a_second, async |world| {
    let (_, bakery) = world.bakery().await?;
    let other = world.second_node().await;
    let (serial, certificate) = signing(&bakery.administrator).await?;
    let question = question(world, &certificate).await?;
    for _ in 0..2 {
        ensure!(said(segl::status::answer_ocsp(&other, &question).await.der())? == "good", "good, and kept");
    }
    let path = format!("/api/v1/certificates/{serial}/revocation");
    bakery.administrator.http.post(&path, &json!({"reason": "keyCompromise"})).await?.expect(200)?;
    let recorded = Instant::now();
    while said(segl::status::answer_ocsp(&other, &question).await.der())? != "revoked" {
        ensure!(recorded.elapsed() < Duration::from_secs(1), "the other node still answers good");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
});

journey!(ocsp_answers_by_post_and_get_what_it_knows_and_refuses_by_its_standard, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (_, certificate) = signing(&bakery.administrator).await?;
    let bare = question(world, &certificate).await?;
    let first = world.client().post_bytes("/ocsp", "application/ocsp-request", &bare).await?.expect(200)?;
    let second = world.client().post_bytes("/ocsp", "application/ocsp-request", &bare).await?.expect(200)?;
    ensure!(first.bytes == second.bytes && said(&first.bytes)? == "good", "the same answer to the same question");
    let path = format!("/ocsp/{}", openssl::base64::encode_block(&bare).replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"));
    let got = send(world.client().request(Method::GET, &path)).await?.expect(200)?;
    ensure!(got.bytes == first.bytes, "GET and POST say the same");
    for name in ["etag", "last-modified", "expires", "cache-control"] {
        ensure!(!got.header(name).is_empty(), "{name} is missing");
    }
    let tag = got.header("etag");
    let unchanged = send(world.client().request(Method::GET, &path).header("if-none-match", tag)).await?;
    ensure!(unchanged.status == 304 && unchanged.bytes.is_empty(), "{}", unchanged.status);
    let around = Surroundings::of(world, &certificate).await?;
    // What stands above us answers nothing here; what is broken is malformed.
    let id = openssl::ocsp::OcspCertId::from_cert(openssl::hash::MessageDigest::sha1(), &around.issuing.0, &around.root.0)?;
    let mut foreign = openssl::ocsp::OcspRequest::new()?;
    foreign.add_id(id)?;
    let refusals: [(&[u8], u8); 4] = [(&foreign.to_der()?, 6), (&bare[..bare.len() - 1], 1), (b"", 1), (&[0x30, 0x80, 0, 0], 1)];
    for (request, code) in refusals {
        let refused = world.client().post_bytes("/ocsp", "application/ocsp-request", request).await?.expect(200)?;
        ensure!(refused.bytes == [0x30, 3, 0x0a, 1, code], "{:?}", refused.bytes);
    }
    for bad in ["/ocsp/!!!", "/ocsp/MEIwQD", "/ocsp/%00", "/ocsp/"] {
        let refused = send(world.client().request(Method::GET, bad)).await?.expect(200)?;
        ensure!(refused.bytes == [0x30, 3, 0x0a, 1, 1], "{bad}: {:?}", refused.bytes);
        ensure!(refused.header("cache-control") == "no-store", "a refusal is not kept");
    }
    let unknown = unknown_beside(&around.issuing, &certificate)?;
    let answer = world.client().post_bytes("/ocsp", "application/ocsp-request", &unknown).await?.expect(200)?;
    let text = hex::encode(&answer.bytes);
    ensure!(text.contains("8000180f") && text.contains("8200180f"), "one good and one unknown: {text}");
    Ok(())
});

journey!(what_programs_ask_is_answered_without_what_browsers_need_and_refused_as_everywhere, async |world| {
    let (_, bakery) = world.bakery().await?;
    let (_, certificate) = signing(&bakery.administrator).await?;
    let bare = question(world, &certificate).await?;
    let query = certs::timestamp::Request::new([7; 32], Some(7)).to_der();
    let asked = [("/ocsp", "application/ocsp-request", &bare), ("/timestamp", "application/timestamp-query", &query)];
    for (path, kind, body) in asked {
        let good = world.client().post_bytes(path, kind, body).await?.expect(200)?;
        ensure!(good.header("content-security-policy").is_empty(), "{path}: no browser shows this");
        ensure!(good.header("x-content-type-options") == "nosniff" && good.header("cache-control") == "no-store", "{path}");
        let refused = world.client().post_bytes(path, "text/plain", body).await?.expect(415)?;
        ensure!(refused.header("content-type") == "application/problem+json", "{path}: {}", refused.header("content-type"));
        ensure!(!refused.header("content-security-policy").is_empty(), "{path}: a refusal may be shown");
        let large = world.client().post_bytes(path, kind, &vec![0; 20_000]).await?.expect(413)?;
        for answer in [&good, &refused, &large] {
            ensure!(answer.header("x-request-id").len() == 36, "{path}: every answer has its number");
        }
    }
    let page = send(world.client().request(Method::GET, "/help")).await?.expect(200)?;
    ensure!(!page.header("content-security-policy").is_empty() && page.header("x-frame-options") == "DENY", "pages keep theirs");
    let metrics = send(world.client().request(Method::GET, "/metrics")).await?.expect(200)?;
    let text = String::from_utf8_lossy(&metrics.bytes).into_owned();
    for line in ["method=\"POST\",route=\"/ocsp\",status=\"200\"", "method=\"POST\",route=\"/timestamp\",status=\"415\""] {
        ensure!(text.contains(line), "{line} is not in {text}");
    }
    Ok(())
});

/// A request for a certificate of ours and for one that was never issued.
fn unknown_beside(issuing: &Certificate, certificate: &Certificate) -> anyhow::Result<Vec<u8>> {
    let sha1 = openssl::hash::MessageDigest::sha1();
    let mut request = openssl::ocsp::OcspRequest::new()?;
    request.add_id(openssl::ocsp::OcspCertId::from_cert(sha1, &certificate.0, &issuing.0)?)?;
    request.add_id(openssl::ocsp::OcspCertId::from_cert(sha1, &issuing.0, &issuing.0)?)?;
    ensure!(certificate.subject(Nid::COMMONNAME).len() > 1 && Serial::parse(&certificate.serial()).is_ok(), "a certificate");
    ensure!(ocsp::parse(&request.to_der()?, &ocsp::Limits::default())?.len() == 2, "two questions");
    Ok(request.to_der()?)
}

/// What openssl reads on the certificate's list: its number, the time of the entry, and its reason.
async fn entry(world: &World, certificate: &Certificate) -> anyhow::Result<(u64, String, String)> {
    let desk = Desk::lay(world, certificate).await?;
    let list = desk.put("list.crl", &Surroundings::of(world, certificate).await?.crl).display().to_string();
    let text = run("openssl", ["crl", "-in", &list, "-inform", "DER", "-noout", "-text"]).await.words;
    let number =
        between(&text, "X509v3 CRL Number:", "X509v3").or_else(|| between(&text, "X509v3 CRL Number:", "\n\n")).context("a number")?;
    let number = number.split_whitespace().next().context("a number")?.to_owned();
    let number = number.strip_prefix("0x").map_or_else(|| number.parse(), |hex| u64::from_str_radix(hex, 16))?;
    let serial = certificate.serial();
    let (_, rest) = text.split_once(&format!("Serial Number: {serial}")).with_context(|| format!("{serial} is not in {text}"))?;
    let one = rest.split("Serial Number:").next().unwrap_or_default().split("Signature Algorithm").next().unwrap_or_default();
    let at = between(one, "Revocation Date:", "\n").context("a time")?;
    let reason = one.lines().skip_while(|line| !line.contains("CRL Reason Code")).nth(1).unwrap_or_default().trim().to_owned();
    Ok((number, at, reason))
}

journey!(what_was_revoked_for_another_reason_may_be_revoked_as_compromised_and_as_nothing_else, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let (serial, certificate) = signing(&bo).await?;
    let question = question(world, &certificate).await?;
    let end = format!("/api/v1/certificates/{serial}/revocation");
    bo.http.post(&end, &json!({"reason": "superseded"})).await?.expect(200)?;
    world.settle().await;
    let recorded = times(&bo, &serial).await?;
    let (number, at, reason) = entry(world, &certificate).await?;
    ensure!(reason == "Superseded", "{reason}");
    let told = || world.mailbox.mails_to("bo@bageri.example.dk").iter().filter(|mail| mail.text.contains(&serial)).count();
    let told_before = told();
    world.pass(time::Duration::minutes(4)).await;
    bo.http.post(&end, &json!({"reason": "cessationOfOperation"})).await?.refused(409, "already-done")?;
    ensure!(asked(world, &question).await? == "revoked", "kept from here on, with the first reason");
    let changed = bakery.administrator.http.post(&end, &json!({"reason": "keyCompromise"})).await?.expect(200)?.json();
    ensure!(changed["reason"] == "keyCompromise" && changed["revocation"]["recorded_at"] == recorded["recorded_at"], "{changed}");
    let said = Desk::lay(world, &certificate).await?.ocsp(&format!("{}/ocsp", world.client().base())).await;
    said.must_say("Reason: keyCompromise");
    said.must_say(&format!("Revocation Time: {at}"));
    world.settle().await;
    let (higher, same, reason) = entry(world, &certificate).await?;
    ensure!(reason == "Key Compromise" && same == at && higher > number, "{number} {at}, then {higher} {same} {reason}");
    for reason in ["keyCompromise", "superseded"] {
        bo.http.post(&end, &json!({"reason": reason})).await?.refused(409, "already-done")?;
    }
    ensure!(told() == told_before + 1, "the holder is told once more: {}", told());
    let data = world.plot().data().display().to_string();
    support::program::segl(["audit", "verify", "--data", &data]).await.must_say("nothing was changed");
    Ok(())
});

journey!(the_page_and_the_revocation_code_tell_of_a_stolen_key_after_the_end, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let (serial, _) = signing(&bo).await?;
    let of_code = |reason: &str| json!({"code": bo.revocation_code, "reason": reason});
    world.client().post("/api/v1/revocations", &of_code("cessationOfOperation")).await?.expect(200)?;
    world.client().post("/api/v1/revocations", &of_code("cessationOfOperation")).await?.refused(409, "already-done")?;
    let page = format!("/certificates/{serial}");
    for (language, question, warning) in
        [("da", "Har andre fået fat i nøglen?", "Det kan ikke fortrydes"), ("en", "Do others have the key?", "This cannot be undone")]
    {
        let browser = bo.browser(language).await?;
        let one = browser.get(&page).await?.expect(200)?;
        ensure!(one.text().contains(question) && !one.text().contains("name=\"reason\" required"), "{}", one.text());
        let asked = browser.submit(&one, &format!("{page}/revocation"), &[("reason", "keyCompromise")]).await?.expect(200)?;
        ensure!(asked.text().contains(warning), "{}", asked.text());
        if language == "en" {
            browser.submit(&asked, &format!("{page}/revocation/confirmation"), &[("reason", "keyCompromise")]).await?.expect(303)?;
            let done = browser.get(&page).await?.expect(200)?;
            ensure!(!done.text().contains(question), "once: {}", done.text());
        }
    }
    // The code stands for the others too.
    let done = world.client().post("/api/v1/revocations", &of_code("keyCompromise")).await?.expect(200)?;
    ensure!(done.items().iter().all(|one| one["reason"] == "keyCompromise"), "{}", done.text());
    world.client().post("/api/v1/revocations", &of_code("keyCompromise")).await?.refused(409, "already-done")
});
