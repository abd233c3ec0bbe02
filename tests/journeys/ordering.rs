//! Ordering by a company or association: the signing rule by link and on paper, the register of companies, superadministrators and the second
//! administrator's consent.

use anyhow::{Context as _, ensure};
use futures_util::future::join_all;
use keycard::payload::Purpose;
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    register::{RegisterServer, entry},
    roles::{Company, Operator, Person, accept_agreement, company, nominee},
    visitor::{Visitor, hidden},
    world::{EngineKind, Setup, World, run_in},
};
use time::Duration;

pub(crate) const SIGRID: &str = "sigrid@30808460.example.dk";
pub(crate) const SOREN: &str = "soren@bageri.example.dk";
pub(crate) const TOVE: &str = "tove@bageri.example.dk";
pub(crate) const ANNE: &str = "anne@bageri.example.dk";

/// A bakery with three signatories of whom so many must sign.
pub(crate) fn bakery_of_three(needed: i64) -> Value {
    let mut bakery = company("Havnens Bageri ApS", "30808460");
    bakery["signatories"] = json!([
        {"name": "Sigrid Signatar", "email": SIGRID, "role": "Formand"},
        {"name": "Søren Signatar", "email": SOREN},
        {"name": "Tove Signatar", "email": TOVE},
    ]);
    bakery["needed"] = json!(needed);
    bakery
}

pub(crate) async fn registered(world: &World, bakery: &Value) -> anyhow::Result<(Operator, String)> {
    let operator = world.operator().await?;
    let id = operator.register(bakery).await?;
    world.settle().await;
    Ok((operator, id))
}

async fn shown(operator: &Operator, id: &str) -> anyhow::Result<Value> {
    Ok(operator.0.http.get(&format!("/api/v1/companies/{id}")).await?.expect(200)?.json())
}

fn link(world: &World, to: &str) -> anyhow::Result<String> {
    world.mailbox.link_to(to, "/agreement/").with_context(|| format!("{to} got no link"))
}

pub(crate) async fn accept(world: &World, signatory: &str, administrator: &Value) -> anyhow::Result<Answer> {
    accept_agreement(&world.client(), &world.mailbox, signatory, administrator).await
}

async fn decline(world: &World, signatory: &str) -> anyhow::Result<Answer> {
    let link = link(world, signatory)?;
    let token = link.rsplit('/').next().unwrap_or_default();
    world.client().post("/api/v1/agreements/declining", &json!({"link": token})).await
}

/// The path of something about the signatory in this place of the list.
fn about(id: &str, shown: &Value, place: usize, what: &str) -> String {
    format!("/api/v1/companies/{id}/signatories/{}/{what}", shown["signatories"][place]["id"].as_str().unwrap_or_default())
}

journey!(one_who_may_sign_alone_is_enough, async |world| {
    let (operator, id) = registered(world, &bakery_of_three(1)).await?;
    ensure!(shown(&operator, &id).await?["agreement"] == "pending");
    ensure!(accept(world, SOREN, &nominee(ANNE)).await?.expect(200)?.string("/state") == "active");
    let company = shown(&operator, &id).await?;
    ensure!(company["agreement"] == "signed" && company["needed"] == 1 && company["signatories"][0]["role"] == "Formand", "{company}");
    accept(world, TOVE, &Value::Null).await?.refused(409, "already-done")?;
    operator.0.http.post(&about(&id, &company, 2, "link"), &json!({})).await?.refused(409, "already-done")
});

journey!(of_three_two_sign_jointly_and_one_no_hinders_nothing, async |world| {
    let (operator, id) = registered(world, &bakery_of_three(2)).await?;
    let first = accept(world, SIGRID, &nominee(ANNE)).await?.expect(200)?;
    ensure!(first.string("/state") == "registered" && first.json()["pending"] == 1, "{}", first.text());
    decline(world, SOREN).await?.expect(204)?;
    decline(world, SOREN).await?.refused(409, "already-done")?;
    accept(world, SOREN, &Value::Null).await?.refused(409, "already-done")?;
    world.settle().await;
    ensure!(world.mailbox.mails_to(TOVE).iter().any(|mail| mail.text.contains("Søren Signatar har afvist")), "the others are told");
    let company = shown(&operator, &id).await?;
    ensure!(company["agreement"] == "pending" && company["signatories"][1]["declined_at"].is_string(), "{company}");
    ensure!(accept(world, TOVE, &Value::Null).await?.expect(200)?.string("/state") == "active");
    Ok(())
});

journey!(a_rule_that_noes_put_out_of_reach_is_seen_and_a_new_link_asks_again, async |world| {
    let (operator, id) = registered(world, &bakery_of_three(3)).await?;
    decline(world, TOVE).await?.expect(204)?;
    let company = shown(&operator, &id).await?;
    ensure!(company["agreement"] == "declined", "{company}");
    operator.0.http.post(&about(&id, &company, 2, "link"), &json!({})).await?.expect(204)?;
    world.settle().await;
    ensure!(shown(&operator, &id).await?["agreement"] == "pending");
    accept(world, TOVE, &nominee(ANNE)).await?.expect(200)?;
    world.clock.advance(Duration::days(15));
    let mut olga = operator.clone();
    olga.0.log_in().await?;
    ensure!(shown(&olga, &id).await?["agreement"] == "expired");
    accept(world, SIGRID, &Value::Null).await?.refused(410, "gone")
});

journey!(an_order_is_taken_back_and_goes_on_with_a_new_link, async |world| {
    let (operator, id) = registered(world, &bakery_of_three(2)).await?;
    let withdrawal = format!("/api/v1/companies/{id}/order-withdrawal");
    operator.0.http.post(&withdrawal, &json!({})).await?.expect(204)?;
    operator.0.http.post(&withdrawal, &json!({})).await?.refused(410, "gone")?;
    let company = shown(&operator, &id).await?;
    ensure!(company["agreement"] == "withdrawn", "{company}");
    accept(world, SIGRID, &nominee(ANNE)).await?.refused(410, "gone")?;
    let old = link(world, SIGRID)?;
    operator.0.http.post(&about(&id, &company, 0, "link"), &json!({})).await?.expect(204)?;
    world.settle().await;
    ensure!(link(world, SIGRID)? != old, "a link of its own");
    accept(world, SIGRID, &nominee(ANNE)).await?.expect(200)?;
    accept(world, SOREN, &Value::Null).await?.refused(410, "gone")
});

journey!(a_rule_that_needs_more_than_there_are_is_refused, async |world| {
    let operator = world.operator().await?;
    for needed in [0, 4] {
        let refused = operator.0.http.post("/api/v1/companies", &bakery_of_three(needed)).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == ["/needed"], "{:?}", refused.pointers());
    }
    Ok(())
});

journey!(of_two_who_sign_at_once_one_fulfils_the_rule, async |world| {
    let (operator, id) = registered(world, &bakery_of_three(1)).await?;
    let all = [SIGRID, SOREN, TOVE];
    let anne = nominee(ANNE);
    let signed = join_all(all.map(|signatory| accept(world, signatory, &anne))).await;
    let statuses: Vec<_> = signed.into_iter().map(|answer| answer.map(|answer| answer.status.as_u16())).collect::<Result<_, _>>()?;
    ensure!(statuses.iter().filter(|status| **status == 200).count() == 1, "{statuses:?}");
    ensure!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    world.settle().await;
    ensure!(world.mailbox.letters_to("Anne Ådal").len() == 1, "one invitation");
    let accepted = shown(&operator, &id).await?["signatories"].as_array().cloned().unwrap_or_default();
    ensure!(accepted.iter().filter(|signatory| signatory["accepted_at"].is_string()).count() == 1, "{accepted:?}");
    Ok(())
});

journey!(a_form_signed_on_paper_is_recorded_by_who_saw_it_and_keeps_its_scan, async |world| {
    let (operator, id) = registered(world, &bakery_of_three(2)).await?;
    let olga = &operator.0;
    let company = shown(&operator, &id).await?;
    let (form, scan) = (about(&id, &company, 1, "form"), about(&id, &company, 1, "form/scan"));
    let printed = olga.http.get(&form).await?.expect(200)?;
    ensure!(printed.bytes.starts_with(b"%PDF"), "a form to print");
    let today = "2026-11-22";
    for wrong in ["2026-11-21", "2026-12-24", "i går"] {
        let refused = olga.http.post(&form, &json!({"signed_on": wrong})).await?;
        refused.refused(422, "invalid")?;
        ensure!(refused.pointers() == ["/signed_on"], "{:?}", refused.pointers());
    }
    let pdf = async |bytes: &[u8]| {
        let request = olga.http.request(reqwest::Method::PUT, &scan).header("Content-Type", "application/pdf");
        send(request.body(bytes.to_vec())).await
    };
    pdf(b"%PDF-1.7 scan").await?.refused(404, "not-found")?;
    let recorded =
        olga.http.post(&form, &json!({"signed_on": today, "language": "da", "administrator": nominee(ANNE)})).await?.expect(200)?;
    ensure!(recorded.json()["pending"] == 1, "{}", recorded.text());
    olga.http.post(&form, &json!({"signed_on": today})).await?.refused(409, "already-done")?;
    accept(world, SOREN, &Value::Null).await?.refused(409, "already-done")?;
    pdf(b"GIF89a").await?.refused(422, "invalid")?;
    pdf(b"%PDF-1.7 scan").await?.expect(204)?;
    pdf(b"%PDF-1.7 other").await?.refused(404, "not-found")?;
    ensure!(olga.http.get(&scan).await?.expect(200)?.bytes == b"%PDF-1.7 scan");
    let signatory = shown(&operator, &id).await?["signatories"][1].clone();
    ensure!(signatory["form"] == json!({"signed_on": today, "seen_by": "Olga Operatør", "has_scan": true}), "{signatory}");
    ensure!(accept(world, TOVE, &Value::Null).await?.expect(200)?.string("/state") == "active");
    // Whoever recorded it proved first, and nobody else may.
    world.clock.advance(Duration::minutes(6));
    olga.http.post(&form, &json!({"signed_on": today})).await?.refused(403, "prove-again")
});

journey!(the_agreement_is_declined_and_recorded_on_pages_without_script, async |world| {
    let (operator, id) = registered(world, &bakery_of_three(2)).await?;
    let visitor = Visitor::new(&world.client(), "da");
    let tove = link(world, TOVE)?;
    let page = visitor.get(&tove).await?.expect(200)?;
    ensure!(page.text().contains("2 tegningsberettigede skal skrive under"), "the rule is told: {}", page.text());
    ensure!(visitor.get(&format!("{tove}/form")).await?.expect(200)?.bytes.starts_with(b"%PDF"));
    let declining = format!("{tove}/declining");
    ensure!(visitor.submit(&page, &declining, &[("x", "y")]).await?.status == 422, "a no is ticked");
    let done = visitor.submit(&page, &declining, &[("confirm_declining", "yes")]).await?.expect(200)?;
    ensure!(done.text().contains("Du har afvist aftalen"), "{}", done.text());
    ensure!(visitor.get(&tove).await?.status == 409, "the link is used up");
    let browser = operator.0.browser("da").await?;
    let place = format!("/companies/{id}");
    let page = browser.get(&place).await?.expect(200)?;
    ensure!(page.text().contains("2 af de 3 tegningsberettigede") && page.text().contains("Venter på underskrifter"), "{}", page.text());
    let signatory = shown(&operator, &id).await?["signatories"][0]["id"].as_str().unwrap_or_default().to_owned();
    let form = format!("{place}/signatories/{signatory}/form");
    let page = browser.get(&form).await?.expect(200)?;
    let csrf = hidden(&page.text(), "csrf").context("a form token")?;
    let parts = [("csrf", csrf.as_str()), ("signed_on", "22-11-2026"), ("language", "da"), ("administrator/given_name", "Anne")];
    let rest = [("administrator/surname", "Ådal"), ("administrator/email", ANNE)];
    let text = parts.into_iter().chain(rest).fold(reqwest::multipart::Form::new(), |all, (name, text)| all.text(name, text.to_owned()));
    let scan = reqwest::multipart::Part::bytes(b"%PDF-1.7 scan".to_vec()).file_name("form.pdf");
    let request = browser.bare(reqwest::Method::POST, &form).header("Sec-Fetch-Site", "same-origin");
    // As browsers write the names of fields: reqwest would encode the strokes in them.
    browser.send(request.multipart(text.part("scan", scan).percent_encode_noop())).await?.expect(303)?;
    let page = browser.get(&place).await?.expect(200)?;
    ensure!(page.text().contains("Skrevet under på papir 2026-11-22. Set af Olga Operatør"), "{}", page.text());
    let withdrawn = browser.submit(&page, &format!("{place}/order-withdrawal"), &[]).await?.expect(303)?;
    ensure!(browser.get(&withdrawn.header("location")).await?.expect(200)?.text().contains("Trukket tilbage"));
    Ok(())
});

/// On both engines, with a register service beside it.
fn with_register(story: impl AsyncFn(&World, &RegisterServer) -> anyhow::Result<()>) {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let server = RegisterServer::start();
        run_in(Setup { policy: server.settings(), ..Setup::on(engine) }, async |world| story(world, &server).await);
    }
}

#[test]
fn what_the_register_says_is_shown_and_what_it_says_otherwise_is_refused() {
    with_register(async |world, register| {
        let operator = world.operator().await?;
        let bakery = company("Havnens Bageri ApS", "30808460");
        let post = async |body: &Value| operator.0.http.post("/api/v1/companies", body).await;
        let unknown = post(&bakery).await?;
        unknown.refused(422, "invalid")?;
        ensure!(unknown.pointers() == ["/cvr"], "{:?}", unknown.pointers());
        register.knows(entry("30808460", "Havnens Bageri ApS", "dissolved"));
        let dissolved = post(&bakery).await?;
        dissolved.refused(422, "invalid")?;
        ensure!(dissolved.text().contains("dissolved"), "{}", dissolved.text());
        register.knows(entry("30808460", "Havnens Bageri og Konditori ApS", "active"));
        let renamed = post(&bakery).await?;
        renamed.refused(422, "invalid")?;
        ensure!(renamed.pointers() == ["/legal_name"] && renamed.text().contains("Havnens Bageri og Konditori ApS"), "{}", renamed.text());
        let looked_up = operator.0.http.get("/api/v1/company-register?cvr=30808460").await?.expect(200)?;
        ensure!(looked_up.string("/status") == "active" && looked_up.string("/signatories/0/name") == "Sigrid Signatar");
        let mut bakery = bakery;
        bakery["legal_name"] = json!("Havnens Bageri og Konditori ApS");
        post(&bakery).await?.expect(201)?;
        Ok(())
    });
}

#[test]
fn a_register_that_is_down_is_named_and_can_be_left_out() {
    with_register(async |world, register| {
        let operator = world.operator().await?;
        let bakery = company("Havnens Bageri ApS", "30808460");
        let post = async |body: &Value| operator.0.http.post("/api/v1/companies", body).await;
        for (answer, said) in
            [((500, "{}"), "500"), ((200, "no JSON"), "cannot be read"), ((200, "{\"cvr\":\"26912865\"}"), "cannot be read")]
        {
            register.instead(Some(answer));
            let refused = post(&bakery).await?;
            refused.refused(503, "not-ready")?;
            ensure!(refused.text().contains(said), "{}", refused.text());
        }
        register.instead(Some((200, &format!("[{}]", " ".repeat(17 * 1024)))));
        post(&bakery).await?.refused(503, "not-ready")?;
        let mut left_out = bakery.clone();
        left_out["without_register"] = json!(true);
        post(&left_out).await?.expect(201)?;
        Ok(())
    });
}

#[test]
fn a_new_name_and_address_are_fetched_from_the_register_and_told() {
    with_register(async |world, register| {
        register.knows(entry("30808460", "Havnens Bageri ApS", "active"));
        let (operator, bakery) = world.bakery().await?;
        let check = format!("/api/v1/companies/{}/register-check", bakery.id);
        let same = operator.0.http.post(&check, &json!({})).await?.expect(200)?;
        ensure!(same.json() == json!({"changed": [], "status": "active"}), "{}", same.text());
        let mut moved = entry("30808460", "Havnens Konditori ApS", "bankruptcy");
        moved["street"] = json!("Kajen 7");
        register.knows(moved);
        let changed = operator.0.http.post(&check, &json!({})).await?.expect(200)?;
        ensure!(changed.json() == json!({"changed": ["legal_name", "street"], "status": "bankruptcy"}), "{}", changed.text());
        bakery.invite(&support::roles::invitation("Bo", "Bager", "bo@bageri.example.dk")).await?.expect(201)?;
        world.settle().await;
        let letter = world.mailbox.letters_to("Bo Bager").into_iter().next().context("a letter")?;
        ensure!(letter.to.contains("Kajen 7"), "letters go to the official address: {}", letter.to);
        ensure!(world.mailbox.all().iter().any(|mail| mail.text.contains("Havnens Konditori ApS, Kajen 7")), "the administrator is told");
        Ok(())
    });
}

#[test]
fn the_form_is_filled_from_the_register() {
    with_register(async |world, register| {
        register.knows(entry("30808460", "Havnens Bageri ApS", "bankruptcy"));
        let browser = world.operator().await?.0.browser("da").await?;
        let page = browser.get("/companies/new").await?.expect(200)?;
        let filled = browser.submit(&page, "/companies/new", &[("cvr", "30808460"), ("look_up", "1")]).await?.expect(200)?;
        let text = filled.text();
        ensure!(["Havnegade 1", "Sigrid Signatar", "Direktør", "under konkurs"].iter().all(|said| text.contains(said)), "{text}");
        register.instead(Some((500, "")));
        let down = browser.submit(&page, "/companies/new", &[("cvr", "30808460"), ("look_up", "1")]).await?;
        ensure!(down.status == 503 && down.text().contains("status 500"), "{}", down.text());
        Ok(())
    });
}

/// A bakery with Anne, its superadministrator, and Bo in this post.
async fn bakery_with(world: &World, post: &str) -> anyhow::Result<(Company, Person)> {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let body = json!({"employee": bo.employee, "post": post});
    bakery.administrator.http.post(&administrators(&bakery), &body).await?.expect(204)?;
    world.settle().await;
    Ok((bakery, bo))
}

fn administrators(company: &Company) -> String {
    format!("/api/v1/companies/{}/administrators", company.id)
}

pub(crate) async fn superadministrators(company: &Company, person: &Person) -> anyhow::Result<Value> {
    let shown = person.http.get(&format!("/api/v1/companies/{}", company.id)).await?.expect(200)?;
    Ok(shown.json()["superadministrators"].clone())
}

journey!(the_first_is_superadministrator_and_alone_makes_others, async |world| {
    let (bakery, bo) = bakery_with(world, "administrator").await?;
    let anne = &bakery.administrator;
    ensure!(superadministrators(&bakery, anne).await? == json!([anne.employee]));
    bo.http.get(&bakery.employees()).await?.expect(200)?;
    bo.http
        .post(&administrators(&bakery), &json!({"employee": bo.employee, "post": "superadministrator"}))
        .await?
        .refused(403, "forbidden")?;
    bo.http.delete(&format!("{}/{}", administrators(&bakery), anne.employee)).await?.refused(403, "forbidden")?;
    // The last superadministrator stays, though Bo administers too.
    anne.http.delete(&format!("{}/{}", administrators(&bakery), anne.employee)).await?.refused(409, "conflict")?;
    anne.http.delete(&format!("{}/{}", bakery.employees(), anne.employee)).await?.refused(409, "conflict")?;
    anne.http.delete(&format!("{}/{}", administrators(&bakery), bo.employee)).await?.expect(204)?;
    world.settle().await;
    ensure!(world.mailbox.mails_to("bo@bageri.example.dk").iter().any(|mail| mail.subject.contains("ikke længere administrator")));
    Ok(())
});

journey!(a_plain_administrator_does_nothing_to_a_superadministrator, async |world| {
    let (bakery, bo) = bakery_with(world, "administrator").await?;
    let anne = &bakery.administrator;
    let place = |person: &Person| format!("{}/{}", bakery.employees(), person.employee);
    let put = async |by: &Person, path: &str, body: &Value| send(by.http.request(reqwest::Method::PUT, path).json(body)).await;
    let (hers, leave) = (place(anne), json!({"reason": "Orlov"}));
    let other = json!({"given_name": "Anne", "surname": "Bager", "email": "bo2@bageri.example.dk"});
    put(&bo, &format!("{hers}/suspension"), &leave).await?.refused(403, "forbidden")?;
    put(&bo, &format!("{hers}/person"), &other).await?.refused(403, "forbidden")?;
    bo.http.post(&format!("{hers}/keycards"), &json!({"lost": true})).await?.refused(403, "forbidden")?;
    bo.http.delete(&hers).await?.refused(403, "forbidden")?;
    let forgotten = json!({"company": bakery.id, "employee": anne.employee});
    bo.http.post("/api/v1/reissues", &forgotten).await?.refused(403, "forbidden")?;
    bo.http.post("/api/v1/recoveries", &json!({"employee": anne.employee, "reason": "Sygdom"})).await?.refused(403, "forbidden")?;
    // The only superadministrator is taken away by nobody, though Bo is active.
    put(anne, &format!("{hers}/suspension"), &leave).await?.refused(409, "conflict")?;
    put(anne, &format!("{}/suspension", place(&bo)), &leave).await?.expect(204)?;
    Ok(())
});

journey!(an_operator_asks_for_a_superadministrators_password_when_nobody_there_may, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let plain = json!({"employee": bo.employee, "post": "administrator"});
    anne.http.post(&administrators(&bakery), &plain).await?.expect(204)?;
    let of = |person: &Person| json!({"company": bakery.id, "employee": person.employee});
    let ask = async |person: &Person| operator.0.http.post("/api/v1/reissues", &of(person)).await;
    // Anne may ask for Bo, so no operator does; for Anne nobody may, though Bo administers too.
    ask(&bo).await?.refused(403, "forbidden")?;
    ask(&ea).await?.refused(404, "not-found")?;
    let id = ask(anne).await?.expect(201)?.string("/id");
    let path = format!("/api/v1/reissues/{id}");
    ensure!(operator.0.http.get(&path).await?.expect(200)?.string("/state") == "asked", "Bo must agree");
    bo.http.post(&format!("{path}/approval"), &Value::Null).await?.expect(204)?;
    operator.0.http.post(&format!("{path}/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    Ok(())
});

journey!(a_post_is_handed_over_at_once_by_one_who_administers_alone, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    anne.http.post(&administrators(&bakery), &json!({"employee": bo.employee, "transfer": true})).await?.expect(204)?;
    anne.http.get(&bakery.employees()).await?.refused(403, "forbidden")?;
    ensure!(superadministrators(&bakery, &bo).await? == json!([bo.employee]));
    bo.http.get(&bakery.employees()).await?.expect(200)?;
    Ok(())
});

journey!(where_there_are_two_a_second_one_consents_and_nobody_to_their_own, async |world| {
    let (bakery, bo) = bakery_with(world, "administrator").await?;
    let anne = &bakery.administrator;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let appoint = json!({"employee": ea.employee, "post": "superadministrator"});
    let id = anne.http.post(&administrators(&bakery), &appoint).await?.expect(202)?.string("/id");
    let mandate = format!("/api/v1/mandates/{id}");
    world.settle().await;
    ensure!(world.mailbox.link_to("bo@bageri.example.dk", "/mandates").is_some(), "Bo is told");
    anne.http.post(&administrators(&bakery), &appoint).await?.refused(409, "already-done")?;
    anne.http.post(&format!("{mandate}/approval"), &json!({})).await?.refused(403, "forbidden")?;
    ea.http.post(&format!("{mandate}/approval"), &json!({})).await?.refused(403, "forbidden")?;
    ensure!(superadministrators(&bakery, anne).await? == json!([anne.employee]), "nothing changed yet");
    bo.http.delete(&mandate).await?.expect(204)?;
    bo.http.post(&format!("{mandate}/approval"), &json!({})).await?.refused(410, "gone")?;
    let id = anne.http.post(&administrators(&bakery), &appoint).await?.expect(202)?.string("/id");
    let approval = format!("/api/v1/mandates/{id}/approval");
    let consents = join_all((0..3).map(|_| bo.http.post(&approval, &Value::Null))).await;
    let statuses: Vec<_> = consents.into_iter().map(|answer| answer.map(|answer| answer.status.as_u16())).collect::<Result<_, _>>()?;
    ensure!(statuses.iter().filter(|status| **status == 204).count() == 1, "{statuses:?}");
    let both = superadministrators(&bakery, anne).await?;
    ensure!(both.as_array().is_some_and(|both| both.len() == 2), "{both}");
    let listed = anne.http.get("/api/v1/mandates").await?.expect(200)?;
    let states: Vec<_> = listed.items().iter().map(|item| item["state"].as_str().unwrap_or_default().to_owned()).collect();
    ensure!(states == ["approved", "refused"], "{states:?}");
    // A proof that is old does not do.
    anne.http.post(&administrators(&bakery), &json!({"employee": bo.employee, "post": "superadministrator"})).await?.expect(202)?;
    world.clock.advance(Duration::minutes(6));
    let open = anne.http.get("/api/v1/mandates").await?.string("/items/0/id");
    ea.http.post(&format!("/api/v1/mandates/{open}/approval"), &json!({})).await?.refused(403, "prove-again")?;
    Ok(())
});

journey!(of_two_administrators_who_consent_at_once_one_does, async |world| {
    let (bakery, bo) = bakery_with(world, "administrator").await?;
    let anne = &bakery.administrator;
    let ask = async |person: &Person| {
        let wish = json!({"employee": person.employee, "post": "administrator"});
        let id = anne.http.post(&administrators(&bakery), &wish).await?.expect(202)?.string("/id");
        anyhow::Ok(format!("/api/v1/mandates/{id}/approval"))
    };
    let cai = bakery.hire(world, "Cai", "Clausen", "cai@bageri.example.dk").await?;
    bo.http.post(&ask(&cai).await?, &Value::Null).await?.expect(204)?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let approval = ask(&ea).await?;
    let consents = join_all([&bo, &cai].map(|person| person.http.post(&approval, &Value::Null))).await;
    let mut statuses: Vec<_> = consents.into_iter().map(|answer| answer.map(|answer| answer.status.as_u16())).collect::<Result<_, _>>()?;
    statuses.sort_unstable();
    ensure!(statuses == [204, 409], "{statuses:?}");
    ea.http.get(&bakery.employees()).await?.expect(200)?;
    Ok(())
});

journey!(consent_is_given_on_the_phone_which_shows_what_changes, async |world| {
    let (bakery, mut bo) = bakery_with(world, "administrator").await?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let mut anne = bakery.administrator.clone();
    bo.log_in().await?;
    let phone = bo.pair_phone("Bos telefon").await?;
    world.clock.advance(Duration::hours(24));
    anne.log_in().await?;
    bo.log_in().await?;
    let id =
        anne.http.post(&administrators(&bakery), &json!({"employee": ea.employee, "transfer": true})).await?.expect(202)?.string("/id");
    world.clock.advance(Duration::minutes(6));
    let path = |step: &str| format!("/api/v1/mandates/{id}/{step}");
    bo.http.post(&path("approval"), &Value::Null).await?.refused(403, "prove-again")?;
    let asked = bo.ask_phone(&path("phone-question"), &Value::Null).await?;
    let body = json!({"approval": asked.approval});
    bo.http.post(&path("phone-approval"), &body).await?.refused(409, "conflict")?;
    let shown = phone.says_yes(&asked.number).await?;
    let parts = shown.payload.parts();
    let lines = parts.lines.join("\n");
    ensure!(parts.purpose == Purpose::Consent && lines.contains("Ea Eng") && lines.contains("Anne Ådal"), "{parts:?}");
    bo.http.post(&path("phone-approval"), &body).await?.expect(204)?;
    ensure!(superadministrators(&bakery, &bo).await? == json!([ea.employee]), "Anne's post is Ea's");
    Ok(())
});

journey!(the_agreement_changes_with_consent_and_old_and_new_signatories_are_told, async |world| {
    let (bakery, bo) = bakery_with(world, "administrator").await?;
    let anne = &bakery.administrator;
    let change = json!({
        "street": "Kajen 7", "postal_code": "4220", "city": "Korsør", "needed": 2,
        "signatories": [{"name": "Søren Signatar", "email": SOREN}, {"name": "Tove Signatar", "email": TOVE, "role": "Kasserer"}],
    });
    let path = format!("/api/v1/companies/{}/agreement-change", bakery.id);
    bo.http.post(&path, &change).await?.refused(403, "forbidden")?;
    let mut few = change.clone();
    few["needed"] = json!(3);
    anne.http.post(&path, &few).await?.refused(422, "invalid")?;
    let id = anne.http.post(&path, &change).await?.expect(202)?.string("/id");
    bo.http.post(&format!("/api/v1/mandates/{id}/approval"), &json!({})).await?.expect(204)?;
    world.settle().await;
    let company = anne.http.get(&format!("/api/v1/companies/{}", bakery.id)).await?.expect(200)?.json();
    let mut names: Vec<_> = company["signatories"].as_array().into_iter().flatten().map(|one| one["email"].to_string()).collect();
    names.sort_unstable();
    ensure!(
        names == [json!(SOREN).to_string(), json!(TOVE).to_string()] && company["needed"] == 2 && company["street"] == "Kajen 7",
        "{company}"
    );
    for told in [SIGRID, SOREN, TOVE] {
        ensure!(world.mailbox.mails_to(told).iter().any(|mail| mail.text.contains("Kajen 7")), "{told} is told");
    }
    Ok(())
});

journey!(posts_and_agreement_change_on_pages_without_script, async |world| {
    let (bakery, bo) = bakery_with(world, "administrator").await?;
    let anne = bakery.administrator.browser("da").await?;
    let place = format!("/companies/{}/employees/{}", bakery.id, bo.employee);
    let page = anne.get(&place).await?.expect(200)?;
    let fields = [("post", "superadministrator"), ("confirm_appointment", "yes")];
    let waits = anne.submit(&page, &format!("{place}/administrator"), &fields).await?.expect(303)?.header("location");
    let page = anne.get(&waits).await?.expect(200)?;
    ensure!(page.text().contains("venter på en anden administrator"), "{}", page.text());
    let his = bo.browser("da").await?;
    ensure!(his.get("/mandates").await?.expect(200)?.text().contains("Udpeg en superadministrator"));
    let one = waits.split('?').next().unwrap_or_default().to_owned();
    let page = his.get(&one).await?.expect(200)?;
    ensure!(page.text().contains("Bo Bager") && page.text().contains("Anne Ådal"), "{}", page.text());
    let done = his.submit(&page, &format!("{one}/approval"), &[]).await?.expect(303)?.header("location");
    ensure!(his.get(&done).await?.expect(200)?.text().contains("Du har samtykket"));
    let form = format!("/companies/{}/agreement-change", bakery.id);
    let page = anne.get(&form).await?.expect(200)?;
    ensure!(page.text().contains("Sigrid Signatar") && page.text().contains("Havnegade 1"), "{}", page.text());
    let address = [("street", "Kajen 7"), ("postal_code", "4220"), ("city", "Korsør"), ("needed", "")];
    let who = [("signatories/0/name", "Sigrid Signatar"), ("signatories/0/email", SIGRID)];
    let fields: Vec<_> = address.into_iter().chain(who).collect();
    let asked = anne.submit(&page, &form, &fields).await?.expect(303)?.header("location");
    let page = anne.get(&asked).await?.expect(200)?;
    ensure!(page.text().contains("Kajen 7"), "{}", page.text());
    let one = asked.split('?').next().unwrap_or_default().to_owned();
    let ended = anne.submit(&page, &format!("{one}/end"), &[]).await?.expect(303)?.header("location");
    ensure!(anne.get(&ended).await?.expect(200)?.text().contains("Trukket tilbage"));
    Ok(())
});
