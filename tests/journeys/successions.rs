//! Who acts for a company changes from outside: signatories take over when the administrator has left, an association has another board.

use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    roles::{Company, Operator, Person, association, join, nominee},
    visitor::{Visitor, hidden},
    world::World,
};
use time::Duration;

use crate::{
    operators::two,
    ordering::{ANNE, SIGRID, SOREN, TOVE, accept, bakery_of_three, registered, superadministrators},
};

pub(crate) const BODIL: &str = "bodil@bageri.example.dk";
pub(crate) const CLUB: &str = "sejl.example.dk";

/// A bakery with three signatories of whom so many must sign, and Anne at work.
pub(crate) async fn bakery(world: &World, needed: usize) -> anyhow::Result<(Operator, Company)> {
    let (olga, id) = registered(world, &bakery_of_three(i64::try_from(needed)?)).await?;
    let company = at_work(world, id, needed).await?;
    Ok((olga, company))
}

/// The same once it is registered.
pub(crate) async fn at_work(world: &World, id: String, needed: usize) -> anyhow::Result<Company> {
    let anne = nominee(ANNE);
    for (signatory, administrator) in [(SIGRID, &anne), (SOREN, &Value::Null), (TOVE, &Value::Null)].into_iter().take(needed) {
        accept(world, signatory, administrator).await?.expect(200)?;
    }
    world.settle().await;
    let administrator = join(world, ANNE, "Anne Ådal").await?;
    Ok(Company { id, administrator })
}

pub(crate) fn successions(company: &Company) -> String {
    format!("/api/v1/companies/{}/successions", company.id)
}

pub(crate) fn one(id: &str, step: &str) -> String {
    format!("/api/v1/successions/{id}{step}")
}

/// Bodil shall follow on these administrators.
pub(crate) fn takeover(ends: &[&Person]) -> Value {
    let ends: Vec<_> = ends.iter().map(|person| &person.employee).collect();
    let bodil = json!({"given_name": "Bodil", "surname": "Bager", "email": BODIL});
    json!({"kind": "takeover", "successor": bodil, "ends": ends, "reason": "Anne er rejst"})
}

pub(crate) async fn asked(world: &World, olga: &Operator, company: &Company, body: &Value) -> anyhow::Result<String> {
    let id = olga.0.http.post(&successions(company), body).await?.expect(201)?.string("/id");
    world.settle().await;
    Ok(id)
}

pub(crate) fn link(world: &World, signatory: &str) -> anyhow::Result<String> {
    world.mailbox.link_to(signatory, "/takeover/").with_context(|| format!("{signatory} got no link"))
}

pub(crate) async fn by_link(world: &World, signatory: &str, step: &str) -> anyhow::Result<Answer> {
    let link = link(world, signatory)?;
    let token = link.rsplit('/').next().unwrap_or_default();
    let body = if step == "/acceptance" { json!({"link": token, "accept": true}) } else { json!({"link": token}) };
    world.client().post(&format!("/api/v1/takeovers{step}"), &body).await
}

pub(crate) async fn sign(world: &World, signatory: &str) -> anyhow::Result<Answer> {
    by_link(world, signatory, "/acceptance").await
}

pub(crate) async fn state(olga: &Operator, id: &str) -> anyhow::Result<String> {
    Ok(olga.0.http.get(&one(id, "")).await?.expect(200)?.string("/state"))
}

pub(crate) async fn put_minutes(person: &Person, id: &str, bytes: &[u8]) -> anyhow::Result<Answer> {
    let request = person.http.request(Method::PUT, &one(id, "/minutes")).header("Content-Type", "application/pdf");
    send(request.body(bytes.to_vec())).await
}

pub(crate) fn is_told(world: &World, who: &str, what: &str) -> bool {
    world.mailbox.mails_to(who).iter().any(|mail| mail.subject.contains(what))
}

journey!(signatories_take_over_by_their_rule_when_the_administrator_has_left, async |world| {
    let (olga, bakery) = bakery(world, 2).await?;
    let anne = &bakery.administrator;
    let wish = takeover(&[anne]);
    // Nobody but an operator asks for it; nobody's post ends who has none.
    anne.http.post(&successions(&bakery), &wish).await?.refused(404, "not-found")?;
    let mut wrong = wish.clone();
    wrong["ends"] = json!([uuid::Uuid::nil()]);
    let refused = olga.0.http.post(&successions(&bakery), &wrong).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.pointers() == ["/ends"], "{:?}", refused.pointers());
    let nobody = olga.0.http.post(&successions(&bakery), &json!({"kind": "takeover", "reason": "Anne er rejst"})).await?;
    nobody.refused(422, "invalid")?;
    asked(world, &olga, &bakery, &wish).await?;
    olga.0.http.post(&successions(&bakery), &wish).await?.refused(409, "already-done")?;
    ensure!(is_told(world, ANNE, "skal overtages"), "whoever is said to be absent is told before");
    let shown = by_link(world, SIGRID, "").await?.expect(200)?;
    ensure!(shown.string("/successor") == "Bodil Bager" && shown.json()["ends"] == json!(["Anne Ådal"]), "{}", shown.text());
    let first = sign(world, SIGRID).await?.expect(200)?;
    ensure!(first.string("/state") == "asked" && first.json()["pending"] == 1, "{}", first.text());
    sign(world, SIGRID).await?.refused(409, "already-done")?;
    anne.http.get(&bakery.employees()).await?.expect(200)?;
    ensure!(sign(world, SOREN).await?.expect(200)?.string("/state") == "done");
    sign(world, TOVE).await?.refused(409, "already-done")?;
    // The old one is out, the new one in: in the very same moment.
    anne.http.get(&bakery.employees()).await?.refused(403, "forbidden")?;
    world.settle().await;
    let bodil = join(world, BODIL, "Bodil Bager").await?;
    bodil.http.get(&bakery.employees()).await?.expect(200)?;
    ensure!(superadministrators(&bakery, &bodil).await? == json!([bodil.employee]));
    for told in [ANNE, SIGRID, SOREN, TOVE] {
        ensure!(is_told(world, told, "er overtaget"), "{told} is told");
    }
    ensure!(is_told(world, ANNE, "ikke længere administrator"));
    ensure!(bodil.http.get("/api/v1/successions").await?.expect(200)?.string("/items/0/state") == "done");
    Ok(())
});

journey!(of_signatories_who_sign_at_once_the_rule_is_fulfilled_once, async |world| {
    let (olga, bakery) = bakery(world, 2).await?;
    let id = asked(world, &olga, &bakery, &takeover(&[&bakery.administrator])).await?;
    let signed = join_all([SIGRID, SOREN, TOVE].map(|signatory| sign(world, signatory))).await;
    let signed = signed.into_iter().collect::<Result<Vec<_>, _>>()?;
    let statuses: Vec<_> = signed.iter().map(|answer| answer.status.as_u16()).collect();
    ensure!(statuses.iter().filter(|status| **status == 200).count() == 2, "{statuses:?}");
    ensure!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    let done = signed.iter().filter(|answer| answer.status == 200 && answer.string("/state") == "done").count();
    ensure!(done == 1 && state(&olga, &id).await? == "done", "{done}");
    world.settle().await;
    ensure!(world.mailbox.letters_to("Bodil Bager").len() == 1, "one invitation");
    Ok(())
});

/// The path of a signatory's form.
pub(crate) async fn form_of(olga: &Operator, id: &str, name: &str) -> anyhow::Result<String> {
    let shown = olga.0.http.get(&one(id, "")).await?.expect(200)?.json();
    let all = shown["signatures"].as_array().cloned().unwrap_or_default();
    let signatory = all.iter().find(|one| one["name"] == name).with_context(|| format!("{name} may sign"))?["signatory"].clone();
    Ok(one(id, &format!("/signatories/{}/form", signatory.as_str().unwrap_or_default())))
}

/// Records a form with its scan.
pub(crate) async fn record(person: &Person, form: &str, signed_on: &str, scan: &[u8]) -> anyhow::Result<Answer> {
    let request = person.http.request(Method::POST, &format!("{form}?signed_on={signed_on}")).header("Content-Type", "application/pdf");
    send(request.body(scan.to_vec())).await
}

pub(crate) const SCAN: &[u8] = b"%PDF-1.7 blanket";

journey!(a_takeover_signed_on_paper_is_recorded_by_who_saw_the_form, async |world| {
    let (mut olga, bakery) = bakery(world, 2).await?;
    let id = asked(world, &olga, &bakery, &takeover(&[&bakery.administrator])).await?;
    let form = form_of(&olga, &id, "Tove Signatar").await?;
    ensure!(olga.0.http.get(&form).await?.expect(200)?.bytes.starts_with(b"%PDF"), "a form to print");
    for wrong in ["2026-11-21", "2026-12-24", "i-gaar"] {
        let refused = record(&olga.0, &form, wrong, SCAN).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == ["/signed_on"], "{:?}", refused.pointers());
    }
    for wrong in [b"GIF89a".as_slice(), b""] {
        let refused = record(&olga.0, &form, "2026-11-22", wrong).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == ["/scan"], "{:?}", refused.pointers());
    }
    record(&bakery.administrator, &form, "2026-11-22", SCAN).await?.refused(403, "forbidden")?;
    world.clock.advance(Duration::minutes(6));
    record(&olga.0, &form, "2026-11-22", SCAN).await?.refused(403, "prove-again")?;
    olga.0.prove().await?;
    let recorded = record(&olga.0, &form, "2026-11-22", SCAN).await?.expect(200)?;
    ensure!(recorded.json()["pending"] == 1 && recorded.json()["ready_at"].is_null(), "{}", recorded.text());
    record(&olga.0, &form, "2026-11-22", SCAN).await?.refused(409, "already-done")?;
    let scan = form.replace("/form", "/scan");
    ensure!(olga.0.http.get(&scan).await?.expect(200)?.bytes == SCAN, "the scan is kept");
    bakery.administrator.http.get(&scan).await?.refused(404, "not-found")?;
    world.settle().await;
    let mails = world.mailbox.mails_to(TOVE);
    ensure!(mails.iter().any(|mail| mail.text.contains("Olga Operatør") && mail.text.contains("2026-11-22")), "Tove is told at once");
    sign(world, TOVE).await?.refused(409, "already-done")?;
    let shown = olga.0.http.get(&one(&id, "")).await?.expect(200)?.json();
    let seen = shown["signatures"].as_array().into_iter().flatten().find(|one| one["name"] == "Tove Signatar").cloned().unwrap_or_default();
    ensure!(seen["signed_on"] == "2026-11-22" && seen["seen_by"] == "Olga Operatør", "{seen}");
    // Olga asked for it, and recorded a part of it alone: it waits three days.
    let ready = sign(world, SIGRID).await?.expect(200)?;
    ensure!(ready.string("/state") == "asked" && ready.json()["ready_at"].is_string(), "{}", ready.text());
    world.settle().await;
    for told in [ANNE, SIGRID, SOREN, TOVE] {
        ensure!(is_told(world, told, "gennemføres snart"), "{told} is told");
    }
    let mut anne = bakery.administrator.clone();
    anne.http.get(&bakery.employees()).await?.expect(200)?;
    world.pass(Duration::hours(71)).await;
    olga.0.log_in().await?;
    ensure!(state(&olga, &id).await? == "asked");
    world.pass(Duration::hours(2)).await;
    olga.0.log_in().await?;
    ensure!(state(&olga, &id).await? == "done");
    anne.log_in().await?;
    anne.http.get(&bakery.employees()).await?.refused(403, "forbidden")
});

journey!(noes_that_put_the_rule_out_of_reach_end_a_takeover, async |world| {
    let (olga, bakery) = bakery(world, 2).await?;
    let id = asked(world, &olga, &bakery, &takeover(&[&bakery.administrator])).await?;
    by_link(world, SIGRID, "/declining").await?.expect(204)?;
    by_link(world, SIGRID, "/declining").await?.refused(409, "already-done")?;
    sign(world, SIGRID).await?.refused(409, "already-done")?;
    ensure!(state(&olga, &id).await? == "asked", "two are left");
    by_link(world, SOREN, "/declining").await?.expect(204)?;
    ensure!(state(&olga, &id).await? == "declined");
    sign(world, TOVE).await?.refused(410, "gone")?;
    world.settle().await;
    ensure!(is_told(world, ANNE, "Intet ændres"), "Anne is told");
    bakery.administrator.http.get(&bakery.employees()).await?.expect(200)?;
    // What nobody finishes lapses.
    let id = asked(world, &olga, &bakery, &takeover(&[&bakery.administrator])).await?;
    world.pass(Duration::days(31)).await;
    sign(world, SIGRID).await?.refused(410, "gone")?;
    let mut olga = olga;
    olga.0.log_in().await?;
    ensure!(state(&olga, &id).await? == "lapsed");
    Ok(())
});

journey!(whoever_works_there_already_takes_over_at_once, async |world| {
    let (olga, bakery) = bakery(world, 1).await?;
    let anne = &bakery.administrator;
    let bodil = bakery.hire(world, "Bodil", "Bager", BODIL).await?;
    let letters = world.mailbox.letters_to("Bodil Bager").len();
    asked(world, &olga, &bakery, &takeover(&[anne])).await?;
    ensure!(sign(world, TOVE).await?.expect(200)?.string("/state") == "done");
    world.settle().await;
    bodil.http.get(&bakery.employees()).await?.expect(200)?;
    ensure!(superadministrators(&bakery, &bodil).await? == json!([bodil.employee]));
    ensure!(world.mailbox.letters_to("Bodil Bager").len() == letters, "no invitation");
    anne.http.get(&bakery.employees()).await?.refused(403, "forbidden")
});

journey!(the_agreement_stays_while_signatories_are_asked, async |world| {
    let (olga, bakery) = bakery(world, 1).await?;
    let anne = &bakery.administrator;
    let id = asked(world, &olga, &bakery, &takeover(&[anne])).await?;
    let change = json!({
        "street": "Kajen 7", "postal_code": "4220", "city": "Korsør",
        "signatories": [{"name": "Anne Ådal", "email": ANNE}],
    });
    let path = format!("/api/v1/companies/{}/agreement-change", bakery.id);
    anne.http.post(&path, &change).await?.refused(409, "conflict")?;
    anne.http.delete(&one(&id, "")).await?.refused(404, "not-found")?;
    olga.0.http.delete(&one(&id, "")).await?.expect(204)?;
    olga.0.http.delete(&one(&id, "")).await?.refused(410, "gone")?;
    ensure!(state(&olga, &id).await? == "withdrawn");
    sign(world, SIGRID).await?.refused(410, "gone")?;
    anne.http.post(&path, &change).await?.expect(204)?;
    Ok(())
});

journey!(a_signatory_requests_a_takeover_and_an_operator_opens_it, async |world| {
    let (olga, bakery) = bakery(world, 2).await?;
    let anne = &bakery.administrator;
    let bodil = json!({"given_name": "Bodil", "surname": "Bager", "email": BODIL});
    let wish = |number: &str, email: &str| json!({"number": number, "email": email, "successor": bodil, "reason": "Anne er rejst"});
    let request = async |body: &Value| world.client().post("/api/v1/takeover-requests", body).await;
    // A stranger is answered as a signatory is, and nothing comes of it.
    request(&wish("30808460", "snu@mejeri.example.dk")).await?.expect(202)?;
    request(&wish("26912865", TOVE)).await?.expect(202)?;
    world.settle().await;
    ensure!(olga.0.http.get("/api/v1/successions").await?.expect(200)?.items().is_empty());
    let mut without = wish("30808460", TOVE);
    without["reason"] = json!(" ");
    request(&without).await?.refused(422, "invalid")?;
    request(&wish("30808460", &TOVE.to_uppercase())).await?.expect(202)?;
    world.settle().await;
    for told in [ANNE, SIGRID] {
        ensure!(is_told(world, told, "ønsket en overtagelse"), "{told} is told");
        // What a stranger typed goes into no mail.
        let mails = world.mailbox.mails_to(told);
        ensure!(
            mails.iter().all(|mail| !mail.text.contains("Bodil") && !mail.text.contains("Anne er rejst")),
            "{told} reads what was typed"
        );
    }
    ensure!(is_told(world, TOVE, "Med din adresse"), "Tove is told, whose address it is");
    let listed = olga.0.http.get("/api/v1/successions").await?.expect(200)?;
    let (id, found) = (listed.string("/items/0/id"), listed.items()[0].clone());
    ensure!(
        found["state"] == "requested" && found["asked_by"] == "Tove Signatar" && found["wish"]["ends"] == json!([anne.employee]),
        "{found}"
    );
    ensure!(world.mailbox.link_to(SIGRID, "/takeover/").is_none(), "nobody signs yet");
    // Of each address one waits; a false one keeps no right one out. However the number is written, it is found.
    request(&wish(" 3080 8460", SOREN)).await?.expect(202)?;
    request(&wish("30808460", TOVE)).await?.expect(202)?;
    world.settle().await;
    ensure!(olga.0.http.get("/api/v1/successions").await?.expect(200)?.items().len() == 2);
    let opening = one(&id, "/opening");
    anne.http.post(&opening, &Value::Null).await?.refused(403, "forbidden")?;
    let tries = join_all((0..3).map(|_| olga.0.http.post(&opening, &Value::Null))).await;
    let statuses: Vec<_> = tries.into_iter().map(|answer| answer.map(|answer| answer.status.as_u16())).collect::<Result<_, _>>()?;
    ensure!(statuses.iter().filter(|status| **status == 204).count() == 1, "{statuses:?}");
    world.settle().await;
    let listed = olga.0.http.get("/api/v1/successions").await?.expect(200)?.items();
    ensure!(listed[0]["state"] == "refused" && listed[1]["state"] == "asked", "the other request ends: {listed:?}");
    let asks = world.mailbox.mails_to(SIGRID).into_iter().find(|mail| mail.text.contains("/takeover/")).context("a mail")?.text;
    ensure!(asks.contains("Med adressen for Tove Signatar") && asks.contains(&format!("Bodil Bager <{BODIL}>")), "{asks}");
    sign(world, SIGRID).await?.expect(200)?;
    ensure!(sign(world, TOVE).await?.expect(200)?.string("/state") == "done");
    anne.http.get(&bakery.employees()).await?.refused(403, "forbidden")?;
    // So often from one network and no more.
    let mut last = 202;
    for _ in 0..12 {
        last = request(&wish("26912865", TOVE)).await?.status.as_u16();
    }
    ensure!(last == 429, "{last}");
    Ok(())
});

/// The new board of the sailing club: Søren and Tove, of whom both must sign.
pub(crate) fn board(ends: &[&Person], successor: bool) -> Value {
    let mut body = takeover(ends);
    body["kind"] = json!("board");
    body["reason"] = json!("Generalforsamlingen den 20. november");
    body["agreement"] = json!({
        "street": "Molen 2", "postal_code": "4220", "city": "Korsør",
        "signatories": [{"name": "Søren Signatar", "email": SOREN, "role": "Formand"}, {"name": "Tove Signatar", "email": TOVE}],
    });
    if !successor {
        body["successor"] = Value::Null;
    }
    body
}

pub(crate) async fn club(world: &World, olga: &Operator) -> anyhow::Result<Company> {
    Company::enrolled(world, olga, &association("Sejlforeningen Nordhavn", CLUB)).await
}

journey!(an_associations_board_changes_in_one_go_by_its_minutes, async |world| {
    let olga = world.operator().await?;
    let club = club(world, &olga).await?;
    let anne = &club.administrator;
    let id = anne.http.post(&successions(&club), &board(&[anne], true)).await?.expect(201)?.string("/id");
    world.settle().await;
    let old = format!("sigrid@{CLUB}");
    ensure!(is_told(world, &old, "bestyrelsesskift"), "the old signatory is told before");
    olga.0.http.post(&one(&id, "/approval"), &json!({})).await?.refused(409, "conflict")?;
    put_minutes(anne, &id, b"GIF89a").await?.refused(422, "invalid")?;
    put_minutes(anne, &id, &[b"%PDF-".as_slice(), &vec![b'x'; 5 * 1024 * 1024]].concat()).await?.refused(413, "too-large")?;
    put_minutes(anne, &id, b"%PDF-1.7 referat").await?.expect(204)?;
    put_minutes(&olga.0, &id, b"%PDF-1.7 andet").await?.refused(409, "already-done")?;
    ensure!(olga.0.http.get(&one(&id, "/minutes")).await?.expect(200)?.bytes == b"%PDF-1.7 referat");
    anne.http.post(&one(&id, "/approval"), &json!({})).await?.refused(403, "forbidden")?;
    anne.http.get(&club.employees()).await?.expect(200)?;
    // Of several approvals at once one counts.
    let approval = one(&id, "/approval");
    let tries = join_all((0..3).map(|_| olga.0.http.post(&approval, &Value::Null))).await;
    let statuses: Vec<_> = tries.into_iter().map(|answer| answer.map(|answer| answer.status.as_u16())).collect::<Result<_, _>>()?;
    ensure!(statuses.iter().filter(|status| **status == 204).count() == 1, "{statuses:?}");
    anne.http.get(&club.employees()).await?.refused(403, "forbidden")?;
    let shown = olga.0.http.get(&format!("/api/v1/companies/{}", club.id)).await?.expect(200)?.json();
    let names: Vec<_> = shown["signatories"].as_array().into_iter().flatten().map(|one| one["name"].to_string()).collect();
    ensure!(names.len() == 2 && !shown.to_string().contains(&old) && shown["needed"] == 2 && shown["street"] == "Molen 2", "{shown}");
    world.settle().await;
    let bodil = join(world, BODIL, "Bodil Bager").await?;
    ensure!(superadministrators(&club, &bodil).await? == json!([bodil.employee]));
    for told in [old.as_str(), SOREN, TOVE, &format!("anne@{CLUB}")] {
        ensure!(is_told(world, told, "har fået ny bestyrelse"), "{told} is told");
    }
    Ok(())
});

journey!(whoever_asked_for_a_board_does_not_approve_it_while_another_operator_could, async |world| {
    let (olga, otto) = two(world).await?;
    let club = club(world, &Operator(olga.clone())).await?;
    let mut anne = club.administrator.clone();
    let id = olga.http.post(&successions(&club), &board(&[&anne], true)).await?.expect(201)?.string("/id");
    put_minutes(&olga, &id, b"%PDF-1.7 referat").await?.expect(204)?;
    olga.http.post(&one(&id, "/approval"), &json!({})).await?.refused(403, "forbidden")?;
    let mut otto = otto;
    otto.log_in().await?;
    otto.http.post(&one(&id, "/approval"), &json!({})).await?.expect(204)?;
    anne.log_in().await?;
    anne.http.get(&club.employees()).await?.refused(403, "forbidden")
});

journey!(a_board_leaves_nobody_out_and_is_an_associations_alone, async |world| {
    let (olga, bakery) = world.bakery().await?;
    olga.0.http.post(&successions(&bakery), &board(&[&bakery.administrator], true)).await?.refused(409, "conflict")?;
    let club = club(world, &olga).await?;
    let anne = &club.administrator;
    // An operator who is alone approves what they recorded, but never leaves the association without anybody.
    let id = asked(world, &olga, &club, &board(&[anne], false)).await?;
    put_minutes(&olga.0, &id, b"%PDF-1.7 referat").await?.expect(204)?;
    olga.0.http.post(&one(&id, "/approval"), &json!({})).await?.refused(409, "conflict")?;
    anne.http.get(&club.employees()).await?.expect(200)?;
    ensure!(state(&olga, &id).await? == "asked", "nothing of it was done");
    olga.0.http.delete(&one(&id, "")).await?.expect(204)?;
    let id = asked(world, &olga, &club, &board(&[], false)).await?;
    put_minutes(&olga.0, &id, b"%PDF-1.7 referat").await?.expect(204)?;
    olga.0.http.post(&one(&id, "/approval"), &json!({})).await?.expect(204)?;
    anne.http.get(&club.employees()).await?.expect(200)?;
    Ok(())
});

journey!(a_takeover_goes_by_pages_without_script, async |world| {
    let (olga, bakery) = bakery(world, 2).await?;
    let anne = &bakery.administrator;
    let browser = olga.0.browser("da").await?;
    let place = format!("/companies/{}", bakery.id);
    ensure!(browser.get(&place).await?.expect(200)?.text().contains("successions/new?kind=takeover"), "a link leads there");
    let page = browser.get(&format!("{place}/successions/new?kind=takeover")).await?.expect(200)?;
    let ends = format!("ends/{}", anne.employee);
    let who = [("successor/given_name", "Bodil"), ("successor/surname", "Bager"), ("successor/email", BODIL)];
    let fields: Vec<_> = who.into_iter().chain([("kind", "takeover"), (ends.as_str(), "yes"), ("reason", "Anne er rejst")]).collect();
    let without: Vec<_> = fields.iter().copied().filter(|(name, _)| *name != "reason").collect();
    ensure!(browser.submit(&page, &format!("{place}/successions"), &without).await?.status == 422, "a reason is needed");
    let asked = browser.submit(&page, &format!("{place}/successions"), &fields).await?.expect(303)?.header("location");
    let page = browser.get(&asked).await?.expect(200)?;
    ensure!(page.text().contains("Bodil Bager") && page.text().contains("Har ikke skrevet under"), "{}", page.text());
    ensure!(browser.get("/successions").await?.expect(200)?.text().contains("Havnens Bageri ApS"));
    world.settle().await;
    let visitor = Visitor::new(&world.client(), "da");
    let tove = link(world, TOVE)?;
    let page = visitor.get(&tove).await?.expect(200)?;
    ensure!(page.text().contains("Anne er rejst") && page.text().contains("Bodil Bager"), "{}", page.text());
    ensure!(visitor.get(&format!("{tove}/form")).await?.expect(200)?.bytes.starts_with(b"%PDF"));
    ensure!(visitor.submit(&page, &tove, &[("x", "y")]).await?.status == 422, "a yes is ticked");
    let signed = visitor.submit(&page, &tove, &[("accept", "yes")]).await?.expect(200)?;
    ensure!(signed.text().contains("Der mangler endnu underskrifter: 1"), "{}", signed.text());
    let id = asked.split('?').next().unwrap_or_default().to_owned();
    let shown = browser.get(&id).await?.expect(200)?.text();
    let form = support::visitor::between(&shown, &format!("href=\"{id}/signatories/"), "/form\"").context("a form to record")?;
    let form = format!("{id}/signatories/{form}/form");
    let page = browser.get(&form).await?.expect(200)?;
    ensure!(
        page.text().contains("blanket om overtagelse") && !page.text().contains("skrevet under på aftalen"),
        "it is no agreement: {}",
        page.text()
    );
    let csrf = hidden(&page.text(), "csrf").context("a form token")?;
    let send_form = async |day: &str| {
        let scan = reqwest::multipart::Part::bytes(SCAN.to_vec()).file_name("blanket.pdf");
        let fields = reqwest::multipart::Form::new().text("csrf", csrf.clone()).text("signed_on", day.to_owned()).part("scan", scan);
        let request = browser.bare(Method::POST, &form).header("Sec-Fetch-Site", "same-origin");
        browser.send(request.multipart(fields)).await
    };
    ensure!(send_form("i går").await?.status == 422);
    let ready = send_form("22-11-2026").await?.expect(303)?.header("location");
    let page = browser.get(&ready).await?.expect(200)?;
    ensure!(page.text().contains("medmindre en tegningsberettiget afviser") && page.text().contains(BODIL), "{}", page.text());
    ensure!(send_form("22-11-2026").await?.status == 409, "as the API answers");
    anne.http.get(&bakery.employees()).await?.expect(200)?;
    world.settle().await;
    // Whoever did not sign says so on the page of the link.
    let denying = link(world, SIGRID)?;
    let page = visitor.get(&denying).await?.expect(200)?;
    let declined = visitor.submit(&page, &format!("{denying}/declining"), &[("confirm_declining", "yes")]).await?.expect(200)?;
    ensure!(declined.text().contains("Du har afvist"), "{}", declined.text());
    ensure!(browser.get(&id).await?.expect(200)?.text().contains("Afvist"));
    anne.http.get(&bakery.employees()).await?.expect(200).map(drop)
});

journey!(a_change_of_board_goes_by_pages_without_script, async |world| {
    let olga = world.operator().await?;
    let club = club(world, &olga).await?;
    let anne = &club.administrator;
    let hers = anne.browser("da").await?;
    let place = format!("/companies/{}", club.id);
    let page = hers.get(&format!("{place}/successions/new?kind=board")).await?.expect(200)?;
    ensure!(page.text().contains("Sigrid Signatar") && page.text().contains("Havnegade 2"), "what is, is filled in: {}", page.text());
    let ends = format!("ends/{}", anne.employee);
    let address = [("kind", "board"), ("street", "Molen 2"), ("postal_code", "4220"), ("city", "Korsør"), ("needed", "1")];
    let who = [("signatories/0/name", "Tove Signatar"), ("signatories/0/email", TOVE), (ends.as_str(), "yes"), ("reason", "Valg")];
    let new = [("successor/given_name", "Bodil"), ("successor/surname", "Bager"), ("successor/email", BODIL)];
    let fields: Vec<_> = address.into_iter().chain(who).chain(new).collect();
    let asked = hers.submit(&page, &format!("{place}/successions"), &fields).await?.expect(303)?.header("location");
    let one = asked.split('?').next().unwrap_or_default().to_owned();
    let page = hers.get(&asked).await?.expect(200)?;
    let csrf = hidden(&page.text(), "csrf").context("a form token")?;
    let minutes = reqwest::multipart::Part::bytes(b"%PDF-1.7 referat".to_vec()).file_name("referat.pdf");
    let form = reqwest::multipart::Form::new().text("csrf", csrf).part("minutes", minutes);
    let request = hers.bare(Method::POST, &format!("{one}/minutes")).header("Sec-Fetch-Site", "same-origin");
    hers.send(request.multipart(form)).await?.expect(303)?;
    ensure!(hers.get(&format!("{one}/minutes.pdf")).await?.expect(200)?.bytes == b"%PDF-1.7 referat");
    let browser = olga.0.browser("da").await?;
    let page = browser.get(&one).await?.expect(200)?;
    ensure!(browser.submit(&page, &format!("{one}/approval"), &[("x", "y")]).await?.status == 422, "it is ticked");
    let done = browser.submit(&page, &format!("{one}/approval"), &[("confirm_approval", "yes")]).await?.expect(303)?.header("location");
    ensure!(browser.get(&done).await?.expect(200)?.text().contains("Gennemført"));
    anne.http.get(&club.employees()).await?.refused(403, "forbidden")
});
