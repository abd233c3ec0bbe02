//! Documents that come in: every producer's is signed, every broken one is refused with a reason.

use anyhow::{Context as _, ensure};
use serde_json::json;
use support::{
    journey,
    papers::{SIGNABLE, fixture, pages},
    roles::{Person, Question},
    visitor::between,
    world::{EngineKind, Setup, run_in},
};

async fn documents_of(person: &Person) -> anyhow::Result<usize> {
    Ok(person.http.get("/api/v1/documents").await?.expect(200)?.items().len())
}

journey!(documents_of_every_producer_are_signed_and_valid, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    for name in SIGNABLE {
        let original = fixture(name);
        let signed = bo.upload_and_sign(name, &original).await?;
        ensure!(signed.starts_with(&original), "{name}: bytes were changed");
        let report = world.client().post_bytes("/api/v1/verifications", "application/pdf", &signed).await?.expect(200)?.json();
        let ours = report["signatures"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
        ensure!(ours["verdict"] == "valid" && ours["why"] == "holds", "{name}: {report}");
    }
    Ok(())
});

journey!(the_page_of_a_signed_document_says_by_whom_and_when_and_signing_once_more_is_the_lesser_way, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let document = person.upload("Kontrakt", &fixture("cairo")).await?;
    let place = format!("/documents/{document}");
    let browsers = [person.browser("da").await?, person.browser("en").await?];
    let said = [
        ("Dokumentet er underskrevet", "Underskrevet af Anne Ådal ", "Underskriv en gang mere"),
        ("The document is signed", "Signed by Anne Ådal on ", "Sign once more"),
    ];
    for (browser, (is_signed, by, again)) in browsers.iter().zip(said) {
        let page = browser.get(&place).await?.expect(200)?.text();
        ensure!(![is_signed, by, again].iter().any(|said| page.contains(said)) && !page.contains("<details"), "{page}");
        // The digest in groups, to be compared; the groups together are the digest, so that it can be copied.
        let digest = hex::encode(openssl::sha::sha256(&fixture("cairo")));
        let shown = between(&page, "<code class=\"segl-digest\" aria-hidden=\"true\">", "</code>").context("no digest")?;
        let groups: Vec<&str> = shown.split("</span>").filter_map(|piece| piece.strip_prefix("<span>")).collect();
        ensure!(groups.len() == 16 && groups.concat() == digest, "{shown}");
        ensure!(page.contains(&groups.join(" ")), "nothing is to be spoken");
    }
    for times in 1..=2 {
        person.sign(&document).await?;
        for (browser, (is_signed, by, again)) in browsers.iter().zip(said) {
            let page = browser.get(&place).await?.expect(200)?.text();
            let list = between(&page, "id=\"signed\">", "</ul>").context("nobody is named")?;
            ensure!(page.contains(is_signed) && list.matches(by).count() == times && list.contains("2026"), "{list}");
            let (_, rest) = page.split_once(again).context("it cannot be signed once more")?;
            let (hidden, after) = rest.split_once("</details>").context("the form is open")?;
            ensure!(hidden.contains(&format!("action=\"{place}/signatures\"")) && !after.contains("/signatures\""), "{page}");
        }
    }
    // What is refused there is seen at once.
    let page = browsers[1].get(&place).await?.expect(200)?;
    let long = "x".repeat(3000);
    let refused = browsers[1].submit(&page, &format!("{place}/signatures"), &[("reason", &long), ("place", "")]).await?.expect(422)?.text();
    ensure!(refused.contains("<details class=\"mt-5\" open>"), "{refused}");
    Ok(())
});

journey!(five_hundred_pages_are_signed, async |world| {
    let (_, bakery) = world.bakery().await?;
    let original = pages(500);
    let document = bakery.administrator.upload("Lang", &original).await?;
    let shown = bakery.administrator.http.get(&format!("/api/v1/documents/{document}")).await?.expect(200)?;
    ensure!(shown.json()["pages"] == 500, "{}", shown.text());
    let last = bakery.administrator.http.get(&format!("/api/v1/documents/{document}/pages/500.png")).await?.expect(200)?;
    ensure!(last.bytes.starts_with(b"\x89PNG"), "a picture of the last page");
    bakery.administrator.http.get(&format!("/api/v1/documents/{document}/pages/501.png")).await?.refused(404, "not-found")?;
    let signed = bakery.administrator.sign(&document).await?;
    ensure!(signed.starts_with(&original) && signed.len() < original.len() + 64 * 1024, "one small increment");
    Ok(())
});

journey!(what_cannot_be_signed_is_refused_with_its_reason, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let whole = fixture("libreoffice");
    let cut = whole[..whole.len() / 2].to_vec();
    let cases: [(&str, Vec<u8>); 6] = [
        ("not a PDF", b"Dette er ikke en PDF, men en tekst.".to_vec()),
        ("empty", Vec::new()),
        ("truncated", cut),
        ("encrypted", fixture("encrypted")),
        ("certified against changes", fixture("certified-no-changes")),
        ("XFA form", fixture("xfa")),
    ];
    let mut reasons = std::collections::BTreeSet::new();
    for (name, bytes) in cases {
        let refused = anne.try_upload(name, &bytes).await?;
        ensure!(refused.status == 422 && refused.problem() == "bad-document", "{name}: {} {}", refused.status, refused.text());
        ensure!(refused.pointers() == ["/file"], "{name}: {}", refused.text());
        reasons.insert(refused.string("/detail"));
    }
    ensure!(reasons.len() >= 5, "every reason has its own words: {reasons:?}");
    let text = anne.http.post_bytes("/api/v1/documents?title=a", "text/plain", &whole).await?;
    text.refused(415, "unsupported-media-type")?;
    anne.http.post_bytes("/api/v1/documents", "application/pdf", &whole).await?.refused(422, "invalid")?;
    let long = "a".repeat(201);
    anne.http.post_bytes(&format!("/api/v1/documents?title={long}"), "application/pdf", &whole).await?.refused(422, "invalid")?;
    ensure!(documents_of(anne).await? == 0, "nothing was stored");
    Ok(())
});

#[test]
fn a_document_over_the_limit_is_refused() {
    let setup = Setup { policy: "document_bytes = 20000".into(), ..Setup::on(EngineKind::Sqlite) };
    run_in(setup, async |world| {
        let (_, bakery) = world.bakery().await?;
        let large = pages(100);
        ensure!(large.len() > 20_000, "large enough");
        let refused = bakery.administrator.try_upload("Stor", &large).await?;
        refused.refused(413, "too-large")?;
        ensure!(refused.text().contains("20000"), "the limit is told: {}", refused.text());
        let judged = world.client().post_bytes("/api/v1/verifications", "application/pdf", &large).await?;
        judged.refused(413, "too-large")?;
        ensure!(documents_of(&bakery.administrator).await? == 0, "nothing was stored");
        bakery.administrator.upload_and_sign("Lille", &pages(2)).await?;
        Ok(())
    });
}

journey!(the_same_idempotency_key_uploads_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let upload = async |bytes: Vec<u8>| {
        let request = anne.http.request(reqwest::Method::POST, "/api/v1/documents?title=Referat");
        support::client::send(request.header("Idempotency-Key", "k").header("Content-Type", "application/pdf").body(bytes)).await
    };
    let (first, second) = (upload(fixture("cairo")).await?.expect(201)?, upload(fixture("cairo")).await?.expect(201)?);
    ensure!(first.header("location") == second.header("location"), "another location");
    upload(fixture("chromium")).await?.refused(422, "idempotency-mismatch")?;
    ensure!(documents_of(anne).await? == 1, "uploaded once");
    Ok(())
});

journey!(the_same_idempotency_key_asks_to_sign_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let (document, other) = (anne.upload("Referat", &fixture("cairo")).await?, anne.upload("Bilag", &fixture("cairo")).await?);
    let path = format!("/api/v1/documents/{document}/signatures");
    let (body, changed) = (json!({"place": "Korsør"}), json!({"place": "Skagen"}));
    let first = anne.http.post_once(&path, &body, "k").await?.expect(201)?;
    let second = anne.http.post_once(&path, &body, "k").await?.expect(201)?;
    let location = first.header("location");
    ensure!(location == format!("{path}/{}", first.string("/signature")) && second.header("location") == location, "{location}");
    ensure!(second.header("idempotency-replayed") == "true" && second.string("/key_number").is_empty(), "{}", second.text());
    anne.http.post_once(&path, &changed, "k").await?.refused(422, "idempotency-mismatch")?;
    let elsewhere = anne.http.post_once(&format!("/api/v1/documents/{other}/signatures"), &body, "k").await?;
    elsewhere.refused(422, "idempotency-mismatch")?;
    // The first question was not replaced: whoever lost the answer reads it at its location, and answers it.
    let read = anne.http.get(&location).await?.expect(200)?;
    ensure!(read.json() == first.json(), "{} is not {}", read.text(), first.text());
    let question = Question { about: first.string("/signature"), key_number: first.string("/key_number") };
    anne.approve(&document, &question, &anne.card.key(&question.key_number)).await?.expect(200)?;
    anne.http.get(&location).await?.refused(409, "already-done")?;
    anne.http.post_once(&path, &body, "k").await?.expect(201)?;
    anne.http.get(&location).await?.refused(409, "already-done")
});

journey!(a_question_is_read_by_its_signer_alone_and_while_it_waits, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let document = bo.upload("Referat", &fixture("cairo")).await?;
    let place = |question: &Question| format!("/api/v1/documents/{document}/signatures/{}", question.about);
    let first = bo.ask_to_sign(&document).await?;
    bakery.administrator.http.get(&place(&first)).await?.refused(404, "not-found")?;
    bo.http.get(&place(&Question { about: document.clone(), ..first.clone() })).await?.refused(404, "not-found")?;
    let second = bo.ask_to_sign(&document).await?;
    ensure!(second.key_number == first.key_number, "the same key is asked for until it is answered");
    bo.http.get(&place(&first)).await?.refused(410, "gone")?;
    bo.http.get(&place(&second)).await?.expect(200)?;
    world.clock.advance(time::Duration::minutes(6));
    bo.http.get(&place(&second)).await?.refused(410, "gone")
});

journey!(a_document_is_its_owners_alone, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let document = bo.upload("Løn", &fixture("cairo")).await?;
    let anne = &bakery.administrator;
    for path in ["", "/content", "/pages/1.png"] {
        anne.http.get(&format!("/api/v1/documents/{document}{path}")).await?.refused(404, "not-found")?;
        anne.http.without_token().get(&format!("/api/v1/documents/{document}{path}")).await?.refused(401, "not-logged-in")?;
    }
    let asked = anne.http.post(&format!("/api/v1/documents/{document}/signatures"), &json!({})).await?;
    asked.refused(404, "not-found")?;
    ensure!(documents_of(anne).await? == 0, "it is not in the list either");
    Ok(())
});
