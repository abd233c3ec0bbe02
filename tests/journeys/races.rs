//! Many at once: one wins, the others get a clear answer, and the state is as if only the winner had come.

use anyhow::ensure;
use futures_util::future::join_all;
use serde_json::json;
use support::{
    journey,
    papers::fixture,
    roles::{Person, company, invitation, post_for},
};

fn won(answers: &[support::client::Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status.as_u16() == status).count()
}

journey!(the_same_key_sent_fifty_times_at_once_logs_in_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let question = anne.begin_log_in().await?;
    let key = anne.card.key(&question.key_number);
    let before = anne.http.get("/api/v1/sessions").await?.items().len();
    let answers: Vec<_> = join_all((0..50).map(|_| anne.answer_log_in(&question, &key))).await.into_iter().collect::<Result<_, _>>()?;
    ensure!(won(&answers, 201) == 1, "{} won", won(&answers, 201));
    for lost in answers.iter().filter(|answer| answer.status != 201) {
        lost.refused(410, "gone")?;
    }
    ensure!(anne.http.get("/api/v1/sessions").await?.items().len() == before + 1, "one session began");
    let cards = anne.http.get("/api/v1/keycards").await?.items();
    ensure!(cards[0]["keys_left"] == 146, "one key was used: {cards:?}");
    Ok(())
});

journey!(the_same_approval_sent_fifty_times_at_once_signs_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let document = anne.upload("Kontrakt", &fixture("cairo")).await?;
    let question = anne.ask_to_sign(&document).await?;
    let key = anne.card.key(&question.key_number);
    let answers: Vec<_> =
        join_all((0..50).map(|_| anne.approve(&document, &question, &key))).await.into_iter().collect::<Result<_, _>>()?;
    ensure!(won(&answers, 200) == 1, "{} won", won(&answers, 200));
    for lost in answers.iter().filter(|answer| answer.status != 200) {
        ensure!(lost.status == 409 || lost.status == 410, "{}: {}", lost.status, lost.text());
    }
    let shown = anne.http.get(&format!("/api/v1/documents/{document}")).await?.json();
    ensure!(shown["newest_revision"] == 1, "{shown}");
    let signed = anne.content(&document).await?;
    let report = world.client().post_bytes("/api/v1/verifications", "application/pdf", &signed).await?.json();
    ensure!(report["verdict"] == "valid" && report["signatures"].as_array().is_some_and(|all| all.len() == 1), "{report}");
    Ok(())
});

journey!(of_two_people_with_the_same_link_one_activates, async |world| {
    let (_, bakery) = world.bakery().await?;
    bakery.invite(&invitation("Bo", "Bager", "bo@bageri.example.dk")).await?.expect(201)?;
    world.settle().await;
    let (link, code) = post_for(world, "bo@bageri.example.dk", "Bo Bager")?;
    let ids: Vec<String> = (0..8).map(|number| format!("bo.bager.{number}")).collect();
    let client = world.client();
    let tries = ids.iter().map(|id| Person::try_activate(&client, &link, Some(&code), id));
    let answers: Vec<_> = join_all(tries).await.into_iter().collect::<Result<_, _>>()?;
    ensure!(won(&answers, 201) == 1, "{} won", won(&answers, 201));
    for lost in answers.iter().filter(|answer| answer.status != 201) {
        lost.refused(410, "gone")?;
    }
    world.settle().await;
    let issued = bakery.administrator.certificates().await?;
    let of_bo = issued.iter().filter(|item| item["employee"] != bakery.administrator.employee.as_str()).count();
    ensure!(of_bo == 3, "one set of certificates: {of_bo}");
    let at = answers.iter().position(|answer| answer.status == 201).unwrap_or_default();
    let mut winner = Person::of_activation(&client, &answers[at], &ids[at]).await?;
    winner.log_in().await
});

journey!(the_same_user_id_is_taken_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut letters = Vec::new();
    for (given, email) in [("Bo", "bo@bageri.example.dk"), ("Ea", "ea@bageri.example.dk")] {
        bakery.invite(&invitation(given, "Bager", email)).await?.expect(201)?;
        world.settle().await;
        letters.push(post_for(world, email, &format!("{given} Bager"))?);
    }
    let client = world.client();
    let tries = letters.iter().map(|(link, code)| Person::try_activate(&client, link, Some(code), "bageren"));
    let answers: Vec<_> = join_all(tries).await.into_iter().collect::<Result<_, _>>()?;
    ensure!(won(&answers, 201) == 1, "{} won", won(&answers, 201));
    for (lost, (link, code)) in answers.iter().zip(&letters).filter(|(answer, _)| answer.status != 201) {
        lost.refused(422, "invalid")?;
        ensure!(lost.pointers() == ["/user_id"], "{:?}", lost.pointers());
        Person::try_activate(&client, link, Some(code), "bageren.to").await?.expect(201)?;
    }
    Ok(())
});

journey!(the_same_idempotency_key_at_once_registers_once, async |world| {
    let operator = world.operator().await?;
    let havn = company("Havnens Bageri ApS", "30808460");
    let tries = (0..8).map(|_| operator.0.http.post_once("/api/v1/companies", &havn, "the-same"));
    let answers: Vec<_> = join_all(tries).await.into_iter().collect::<Result<_, _>>()?;
    ensure!(answers.iter().all(|answer| answer.status == 201 || answer.status == 409), "{answers:?}");
    ensure!(won(&answers, 201) >= 1, "somebody won");
    ensure!(operator.0.http.get("/api/v1/companies").await?.items().len() == 1, "registered once");
    Ok(())
});

journey!(a_certificate_revoked_many_times_at_once_is_revoked_once, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let mine = anne.certificates().await?;
    let serial = mine[0]["serial"].as_str().unwrap_or_default().to_owned();
    let path = format!("/api/v1/certificates/{serial}/revocation");
    let body = json!({"reason": "superseded"});
    let answers: Vec<_> = join_all((0..8).map(|_| anne.http.post(&path, &body))).await.into_iter().collect::<Result<_, _>>()?;
    ensure!(won(&answers, 200) == 1, "{} won", won(&answers, 200));
    for lost in answers.iter().filter(|answer| answer.status != 200) {
        lost.refused(409, "already-done")?;
    }
    world.settle().await;
    let told = world.mailbox.mails_to("anne@30808460.example.dk");
    ensure!(told.iter().filter(|mail| mail.text.contains(&serial) && mail.subject.contains("spærret")).count() == 1, "told once");
    Ok(())
});
