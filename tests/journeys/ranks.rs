//! Nobody is taken away, and nothing given, behind the back of those whose consent would be needed: ranks, waits, refusals, and what is told of them.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    register::{RegisterServer, entry},
    roles::{Company, Operator, Person},
    visitor::Visitor,
    world::{EngineKind, Setup, World, run_in},
};
use time::Duration;

use crate::ordering::{self, SIGRID, SOREN, accept, bakery_of_three, registered, superadministrators};

const ANNE: &str = "anne@30808460.example.dk";
const BO: &str = "bo@bageri.example.dk";
const CAI: &str = "cai@bageri.example.dk";

fn administrators(company: &Company) -> String {
    format!("/api/v1/companies/{}/administrators", company.id)
}

fn post_of(company: &Company, person: &Person) -> String {
    format!("{}/{}", administrators(company), person.employee)
}

fn place(company: &Company, person: &Person) -> String {
    format!("{}/{}", company.employees(), person.employee)
}

fn mandate(id: &str, step: &str) -> String {
    format!("/api/v1/mandates/{id}{step}")
}

async fn suspend(by: &Person, company: &Company, person: &Person) -> anyhow::Result<Answer> {
    let path = format!("{}/suspension", place(company, person));
    send(by.http.request(Method::PUT, &path).json(&json!({"reason": "Orlov"}))).await
}

async fn give(company: &Company, person: &Person, post: &str) -> anyhow::Result<Answer> {
    company.administrator.http.post(&administrators(company), &json!({"employee": person.employee, "post": post})).await
}

/// What waits, by its id; `alone` where nobody can consent.
fn waits(answer: Answer, alone: bool) -> anyhow::Result<String> {
    let answer = answer.expect(202)?;
    ensure!(answer.json()["alone"] == alone, "{}", answer.text());
    Ok(answer.string("/id"))
}

/// A bakery with two superadministrators: Anne, and Bo.
async fn two(world: &World) -> anyhow::Result<(Operator, Company, Person)> {
    let (operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    give(&bakery, &bo, "superadministrator").await?.expect(204)?;
    world.settle().await;
    Ok((operator, bakery, bo))
}

/// Cai, in this post with Bo's consent.
async fn third(world: &World, bakery: &Company, bo: &Person, post: &str) -> anyhow::Result<Person> {
    let cai = bakery.hire(world, "Cai", "Clausen", CAI).await?;
    let id = waits(give(bakery, &cai, post).await?, false)?;
    bo.http.post(&mandate(&id, "/approval"), &Value::Null).await?.expect(204)?;
    world.settle().await;
    Ok(cai)
}

async fn state(person: &Person, id: &str) -> anyhow::Result<String> {
    Ok(person.http.get(&mandate(id, "")).await?.expect(200)?.string("/state"))
}

fn is_told(world: &World, who: &str, what: &str) -> bool {
    world.mailbox.mails_to(who).iter().any(|mail| mail.subject.contains(what) || mail.text.contains(what))
}

journey!(another_superadministrator_is_taken_away_with_a_third_ones_consent_alone, async |world| {
    let (_, bakery, bo) = two(world).await?;
    let anne = &bakery.administrator;
    let cai = third(world, &bakery, &bo, "administrator").await?;
    for what in ["suspension", "dismissal", "demotion", "end"] {
        let asked = match what {
            "suspension" => suspend(anne, &bakery, &bo).await?,
            "dismissal" => anne.http.delete(&place(&bakery, &bo)).await?,
            "demotion" => give(&bakery, &bo, "administrator").await?,
            _ => anne.http.delete(&post_of(&bakery, &bo)).await?,
        };
        let id = waits(asked, false).context(what)?;
        // Whom it is against has no say where somebody else has.
        bo.http.post(&mandate(&id, "/approval"), &Value::Null).await?.refused(403, "forbidden")?;
        bo.http.delete(&mandate(&id, "")).await?.refused(403, "forbidden")?;
        ensure!(state(&bo, &id).await? == "asked", "nothing changed: {what}");
        anne.http.delete(&mandate(&id, "")).await?.expect(204)?;
    }
    let id = waits(anne.http.delete(&post_of(&bakery, &bo)).await?, false)?;
    world.settle().await;
    ensure!(is_told(world, CAI, "Bo Bager: er ikke længere administrator"), "the mail says what is asked");
    cai.http.post(&mandate(&id, "/approval"), &Value::Null).await?.expect(204)?;
    ensure!(superadministrators(&bakery, anne).await? == json!([anne.employee]));
    world.settle().await;
    ensure!(is_told(world, BO, "ikke længere administrator") && is_told(world, CAI, "Bo Bager er ikke længere superadministrator"));
    // A plain administrator is taken away at once, and by a superadministrator alone.
    suspend(anne, &bakery, &cai).await?.expect(204)?;
    Ok(())
});

journey!(of_two_neither_removes_the_other_who_is_told_with_the_signatories_and_refuses, async |world| {
    let (_, bakery, bo) = two(world).await?;
    let anne = &bakery.administrator;
    let id = waits(suspend(anne, &bakery, &bo).await?, true)?;
    world.settle().await;
    for told in [BO, SIGRID] {
        ensure!(world.mailbox.link_to(told, "/mandates/stop/").is_some() && is_told(world, told, "suspenderes"), "{told} is told");
        ensure!(!is_told(world, told, "Orlov"), "the reason is the administrators'");
    }
    anne.http.post(&mandate(&id, "/approval"), &Value::Null).await?.refused(403, "forbidden")?;
    bo.http.get(&bakery.employees()).await?.expect(200)?;
    bo.http.delete(&mandate(&id, "")).await?.expect(204)?;
    ensure!(state(anne, &id).await? == "refused");
    // A signatory refuses by the link, without logging in; opening it changes nothing.
    let id = waits(anne.http.delete(&post_of(&bakery, &bo)).await?, true)?;
    world.settle().await;
    let link = world.mailbox.link_to(SIGRID, "/mandates/stop/").context("a link")?;
    let visitor = Visitor::new(&world.client(), "da");
    let page = visitor.get(&link).await?.expect(200)?;
    ensure!(page.text().contains("Bo Bager") && page.text().contains("Anne Ådal") && state(anne, &id).await? == "asked", "{}", page.text());
    ensure!(visitor.submit(&page, &link, &[]).await?.expect(200)?.text().contains("Du har afvist ændringen"));
    ensure!(visitor.submit(&page, &link, &[]).await?.status == 410 && visitor.get(&link).await?.status == 410, "once");
    ensure!(state(anne, &id).await? == "refused");
    world.settle().await;
    ensure!(is_told(world, ANNE, "har afvist den"), "whoever asked is told");
    ensure!(superadministrators(&bakery, anne).await?.as_array().is_some_and(|both| both.len() == 2));
    Ok(())
});

journey!(what_nobody_refused_for_a_week_is_done, async |world| {
    let (_, bakery, bo) = two(world).await?;
    let mut anne = bakery.administrator.clone();
    let id = waits(anne.http.delete(&post_of(&bakery, &bo)).await?, true)?;
    world.pass(Duration::days(6)).await;
    anne.log_in().await?;
    ensure!(state(&anne, &id).await? == "asked");
    world.pass(Duration::hours(25)).await;
    anne.log_in().await?;
    ensure!(state(&anne, &id).await? == "performed");
    ensure!(superadministrators(&bakery, &anne).await? == json!([anne.employee]));
    ensure!(is_told(world, ANNE, "har ventet") && is_told(world, BO, "ikke længere administrator"));
    let link = world.mailbox.link_to(BO, "/mandates/stop/").context("a link")?;
    ensure!(Visitor::new(&world.client(), "da").get(&link).await?.status == 410, "there is nothing left to refuse");
    Ok(())
});

journey!(it_is_judged_again_after_the_wait, async |world| {
    // Whoever asked gave up their post meanwhile: it lapses.
    let (_, bakery, mut bo) = two(world).await?;
    let anne = &bakery.administrator;
    let id = waits(anne.http.delete(&post_of(&bakery, &bo)).await?, true)?;
    anne.http.delete(&post_of(&bakery, anne)).await?.expect(204)?;
    world.pass(Duration::days(7) + Duration::hours(1)).await;
    bo.log_in().await?;
    ensure!(state(&bo, &id).await? == "lapsed");
    ensure!(superadministrators(&bakery, &bo).await? == json!([bo.employee]));
    ensure!(is_told(world, ANNE, "bortfaldet"), "whoever asked is told");
    Ok(())
});

journey!(who_can_consent_by_then_is_asked, async |world| {
    let (_, bakery, bo) = two(world).await?;
    let mut cai = third(world, &bakery, &bo, "administrator").await?;
    let mut anne = bakery.administrator.clone();
    suspend(&anne, &bakery, &cai).await?.expect(204)?;
    let id = waits(anne.http.delete(&post_of(&bakery, &bo)).await?, true)?;
    world.settle().await;
    ensure!(world.mailbox.link_to(CAI, "/mandates/stop/").is_some(), "Cai is suspended, and told");
    anne.http.delete(&format!("{}/suspension", place(&bakery, &cai))).await?.expect(204)?;
    world.pass(Duration::days(7) + Duration::hours(1)).await;
    anne.log_in().await?;
    let shown = anne.http.get(&mandate(&id, "")).await?.expect(200)?;
    ensure!(shown.string("/state") == "asked" && shown.json()["performs_at"].is_null(), "{}", shown.text());
    ensure!(is_told(world, CAI, "venter på dit samtykke"));
    cai.log_in().await?;
    cai.http.post(&mandate(&id, "/approval"), &Value::Null).await?.expect(204)?;
    ensure!(superadministrators(&bakery, &anne).await? == json!([anne.employee]));
    Ok(())
});

journey!(who_took_the_second_administrator_away_is_not_alone_for_a_week, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let mut anne = bakery.administrator.clone();
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    give(&bakery, &bo, "administrator").await?.expect(204)?;
    suspend(&anne, &bakery, &bo).await?.expect(204)?;
    let id = waits(give(&bakery, &ea, "superadministrator").await?, true)?;
    world.settle().await;
    for told in [BO, SIGRID] {
        ensure!(world.mailbox.link_to(told, "/mandates/stop/").is_some() && is_told(world, told, "bliver superadministrator"), "{told}");
    }
    // An operator keeps it from being done, and consents to nothing.
    let listed = operator.0.http.get("/api/v1/mandates").await?.expect(200)?.items();
    ensure!(listed.len() == 1 && listed[0]["id"] == id.as_str(), "{listed:?}");
    operator.0.http.post(&mandate(&id, "/approval"), &Value::Null).await?.refused(403, "forbidden")?;
    operator.0.http.delete(&mandate(&id, "")).await?.expect(204)?;
    ensure!(operator.0.http.get("/api/v1/mandates").await?.expect(200)?.items().is_empty());
    // His post ended is no way around it either, until a week has gone by.
    anne.http.delete(&post_of(&bakery, &bo)).await?.expect(204)?;
    let change = json!({
        "street": "Kajen 7", "postal_code": "4220", "city": "Korsør",
        "signatories": [{"name": "Søren Signatar", "email": SOREN}],
    });
    let id = waits(anne.http.post(&format!("/api/v1/companies/{}/agreement-change", bakery.id), &change).await?, true)?;
    anne.http.delete(&mandate(&id, "")).await?.expect(204)?;
    world.pass(Duration::days(8)).await;
    anne.log_in().await?;
    let appoint = json!({"employee": ea.employee, "post": "superadministrator"});
    anne.http.post(&administrators(&bakery), &appoint).await?.expect(204)?;
    Ok(())
});

journey!(what_lapses_is_told_to_whoever_asked_and_could_consent, async |world| {
    let (_, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    give(&bakery, &bo, "administrator").await?.expect(204)?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let id = waits(give(&bakery, &ea, "administrator").await?, false)?;
    world.pass(Duration::days(15)).await;
    let mut anne = bakery.administrator.clone();
    anne.log_in().await?;
    ensure!(state(&anne, &id).await? == "lapsed");
    ensure!(is_told(world, ANNE, "er bortfaldet") && is_told(world, BO, "er bortfaldet"));
    // The next one can be asked for.
    anne.http.post(&administrators(&bakery), &json!({"employee": ea.employee})).await?.expect(202)?;
    Ok(())
});

journey!(who_acts_for_a_company_stays_while_its_signatories_are_asked, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    give(&bakery, &bo, "administrator").await?.expect(204)?;
    let id = waits(give(&bakery, &ea, "superadministrator").await?, false)?;
    let wish = json!({"kind": "takeover", "successor": {"given_name": "Bodil", "surname": "Bager", "email": "bodil@bageri.example.dk"},
                      "ends": [anne.employee], "reason": "Anne er rejst"});
    let taken = operator.0.http.post(&format!("/api/v1/companies/{}/successions", bakery.id), &wish).await?.expect(201)?.string("/id");
    // Asked for before, it is not done; and nothing is asked for now.
    bo.http.post(&mandate(&id, "/approval"), &Value::Null).await?.refused(409, "conflict")?;
    anne.http.delete(&mandate(&id, "")).await?.expect(204)?;
    for post in ["administrator", "superadministrator"] {
        give(&bakery, &ea, post).await?.refused(409, "conflict")?;
    }
    anne.http.post(&administrators(&bakery), &json!({"employee": bo.employee, "transfer": true})).await?.refused(409, "conflict")?;
    operator.0.http.delete(&format!("/api/v1/successions/{taken}")).await?.expect(204)?;
    waits(give(&bakery, &ea, "superadministrator").await?, false)?;
    Ok(())
});

journey!(each_change_of_posts_has_its_own_mail_and_the_lists_tell_the_posts_apart, async |world| {
    let (_, bakery, bo) = two(world).await?;
    let anne = &bakery.administrator;
    ensure!(is_told(world, BO, "Du er superadministrator for"), "Bo became one");
    let cai = third(world, &bakery, &bo, "administrator").await?;
    ensure!(is_told(world, CAI, "Du er administrator for"));
    let id = waits(give(&bakery, &bo, "administrator").await?, false)?;
    world.settle().await;
    ensure!(is_told(world, CAI, "Bo Bager: bliver administrator i stedet for superadministrator"));
    let browser = cai.browser("da").await?;
    let page = browser.get(&format!("/mandates/{id}")).await?.expect(200)?.text();
    ensure!(page.contains("<title>Gør en superadministrator til administrator"), "{page}");
    cai.http.post(&mandate(&id, "/approval"), &Value::Null).await?.expect(204)?;
    world.settle().await;
    ensure!(is_told(world, BO, "Du er ikke længere superadministrator"), "Bo is one no more");
    ensure!(is_told(world, CAI, "Bo Bager er ikke længere superadministrator"), "the others hear of it");
    let id = waits(give(&bakery, &cai, "superadministrator").await?, false)?;
    bo.http.post(&mandate(&id, "/approval"), &Value::Null).await?.expect(204)?;
    world.settle().await;
    ensure!(is_told(world, BO, "Cai Clausen er superadministrator"), "the others hear of a new one");
    let listed = anne.http.get(&bakery.employees()).await?.expect(200)?.items();
    let post = |person: &Person| {
        let found = listed.iter().find(|one| one["id"] == person.employee.as_str());
        found.map(|one| (one["administrator"].clone(), one["superadministrator"].clone()))
    };
    ensure!(post(&bo) == Some((json!(true), json!(false))) && post(&cai) == Some((json!(true), json!(true))), "{listed:?}");
    let page = anne.browser("da").await?.get(&format!("/companies/{}", bakery.id)).await?.expect(200)?.text();
    ensure!(page.contains("Cai Clausen (Superadministrator)") && page.contains("Bo Bager (Administrator)"), "{page}");
    Ok(())
});

journey!(the_administrators_hear_of_another_agreement_and_who_came_later_did_not_sign_it, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let change = json!({
        "street": "Kajen 7", "postal_code": "4220", "city": "Korsør", "needed": 1,
        "signatories": [{"name": "Sigrid Signatar", "email": SIGRID}, {"name": "Søren Signatar", "email": SOREN}],
    });
    anne.http.post(&format!("/api/v1/companies/{}/agreement-change", bakery.id), &change).await?.expect(204)?;
    world.settle().await;
    ensure!(is_told(world, ANNE, "Kajen 7"));
    let page = anne.browser("da").await?.get(&format!("/companies/{}", bakery.id)).await?.expect(200)?.text();
    ensure!(page.contains("Kom til ved en ændring af aftalen") && !page.contains("Var ikke nødvendig"), "{page}");
    Ok(())
});

journey!(a_plain_administrator_changes_no_superadministrators_telephone, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    give(&bakery, &bo, "administrator").await?.expect(204)?;
    let path = format!("{}/telephone", place(&bakery, anne));
    send(bo.http.request(Method::PUT, &path).json(&json!({"telephone": "12345678"}))).await?.refused(403, "forbidden")?;
    let browser = bo.browser("da").await?;
    let page = format!("/companies/{}/employees/{}", bakery.id, anne.employee);
    ensure!(!browser.get(&page).await?.expect(200)?.text().contains(&format!("{page}/telephone")), "the form is not offered");
    ensure!(browser.get(&format!("{page}/telephone")).await?.status == 403);
    Ok(())
});

journey!(ending_a_change_and_an_order_needs_a_fresh_proof, async |world| {
    let (operator, id) = registered(world, &bakery_of_three(2)).await?;
    world.clock.advance(Duration::minutes(6));
    let withdrawal = format!("/api/v1/companies/{id}/order-withdrawal");
    operator.0.http.post(&withdrawal, &json!({})).await?.refused(403, "prove-again")?;
    operator.0.prove().await?;
    operator.0.http.post(&withdrawal, &json!({})).await?.expect(204)?;
    Ok(())
});

journey!(refusing_and_taking_back_needs_a_fresh_proof, async |world| {
    let (_, bakery, bo) = two(world).await?;
    let anne = &bakery.administrator;
    let id = waits(suspend(anne, &bakery, &bo).await?, true)?;
    world.clock.advance(Duration::minutes(6));
    for person in [anne, &bo] {
        person.http.delete(&mandate(&id, "")).await?.refused(403, "prove-again")?;
    }
    bo.prove().await?;
    bo.http.delete(&mandate(&id, "")).await?.expect(204)?;
    Ok(())
});

journey!(posts_are_taken_on_pages_without_script, async |world| {
    let (_, bakery, bo) = two(world).await?;
    let anne = bakery.administrator.browser("da").await?;
    let path = format!("/companies/{}/employees/{}", bakery.id, bo.employee);
    let page = anne.get(&path).await?.expect(200)?;
    let asked = anne.submit(&page, &format!("{path}/administrator/end"), &[("confirm_end", "yes")]).await?.expect(303)?.header("location");
    let page = anne.get(&asked).await?.expect(200)?;
    ensure!(page.text().contains("Afslut en superadministrators rolle") && page.text().contains("om syv dage"), "{}", page.text());
    let one = asked.split('?').next().unwrap_or_default().to_owned();
    let his = bo.browser("da").await?;
    let page = his.get(&one).await?.expect(200)?;
    ensure!(page.text().contains("Afvis") && !page.text().contains("Samtykker du?"), "{}", page.text());
    let ended = his.submit(&page, &format!("{one}/end"), &[]).await?.expect(303)?.header("location");
    ensure!(his.get(&ended).await?.expect(200)?.text().contains("Afvist"));
    Ok(())
});

journey!(the_same_person_is_no_two_signatories_by_capitals, async |world| {
    let operator = world.operator().await?;
    let mut bakery = bakery_of_three(2);
    bakery["signatories"][1]["email"] = json!("SIGRID@30808460.example.dk");
    let refused = operator.0.http.post("/api/v1/companies", &bakery).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.pointers() == ["/signatories/1/email"], "{:?}", refused.pointers());
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
fn what_one_signatory_signed_stays_until_the_others_have() {
    with_register(async |world, register| {
        register.knows(entry("30808460", "Havnens Bageri ApS", "active"));
        let (operator, id) = registered(world, &bakery_of_three(2)).await?;
        let check = format!("/api/v1/companies/{id}/register-check");
        let moved = |street: &str| {
            let mut moved = entry("30808460", "Havnens Bageri ApS", "active");
            moved["street"] = json!(street);
            register.knows(moved);
        };
        moved("Kajen 7");
        world.clock.advance(Duration::minutes(6));
        operator.0.http.post(&check, &json!({})).await?.refused(403, "prove-again")?;
        operator.0.prove().await?;
        operator.0.http.post(&check, &json!({})).await?.expect(200)?;
        let anne = json!({"given_name": "Anne", "surname": "Ådal", "email": ordering::ANNE});
        accept(world, SIGRID, &anne).await?.expect(200)?;
        moved("Kajen 9");
        operator.0.http.post(&check, &json!({})).await?.refused(409, "conflict")?;
        let shown = operator.0.http.get(&format!("/api/v1/companies/{id}")).await?.expect(200)?;
        ensure!(shown.string("/street") == "Kajen 7", "{}", shown.text());
        accept(world, SOREN, &Value::Null).await?.expect(200)?;
        operator.0.http.post(&check, &json!({})).await?.expect(200)?;
        Ok(())
    });
}

#[test]
fn a_registration_sent_again_has_its_first_answer_when_the_register_is_away() {
    with_register(async |world, register| {
        register.knows(entry("30808460", "Havnens Bageri ApS", "active"));
        let operator = world.operator().await?;
        let post = async || {
            let request = operator.0.http.request(Method::POST, "/api/v1/companies").header("Idempotency-Key", "bageri-1");
            send(request.json(&support::roles::company("Havnens Bageri ApS", "30808460"))).await
        };
        let first = post().await?.expect(201)?.header("location");
        register.instead(Some((500, "{}")));
        let again = post().await?.expect(201)?;
        ensure!(again.header("location") == first && again.header("idempotency-replayed") == "true", "{}", again.text());
        Ok(())
    });
}

#[test]
fn a_register_that_says_too_much_is_named() {
    with_register(async |world, register| {
        let operator = world.operator().await?;
        register.instead(Some((200, &format!("[{}]", " ".repeat(17 * 1024)))));
        let refused = operator.0.http.get("/api/v1/company-register?cvr=30808460").await?;
        refused.refused(503, "not-ready")?;
        ensure!(refused.text().contains("16 KB"), "{}", refused.text());
        for signatory in [json!({"name": "Sigrid", "role": "For\u{202e}mand"}), json!({"name": "Sigrid", "role": "x".repeat(201)})] {
            let mut bad = entry("30808460", "Havnens Bageri ApS", "active");
            bad["signatories"] = json!([signatory]);
            register.instead(Some((200, &bad.to_string())));
            operator.0.http.get("/api/v1/company-register?cvr=30808460").await?.refused(503, "not-ready")?;
        }
        Ok(())
    });
}

/// The scans of forms, as they rest.
async fn scans(world: &World) -> anyhow::Result<Vec<Vec<u8>>> {
    let query = "SELECT scan FROM agreement_form WHERE scan IS NOT NULL";
    Ok(match world.plot().postgres() {
        Some(url) => {
            let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await?;
            sqlx::query_scalar(query).fetch_all(&mut connection).await?
        }
        None => {
            let url = format!("sqlite://{}", world.file("segl.db").display());
            let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await?;
            sqlx::query_scalar(query).fetch_all(&mut connection).await?
        }
    })
}

journey!(the_scan_of_a_signed_form_rests_sealed, async |world| {
    let (operator, id) = registered(world, &bakery_of_three(2)).await?;
    let olga = &operator.0.http;
    let company = olga.get(&format!("/api/v1/companies/{id}")).await?.expect(200)?.json();
    let signatory = company["signatories"][1]["id"].as_str().unwrap_or_default().to_owned();
    let form = format!("/api/v1/companies/{id}/signatories/{signatory}/form");
    let today = segl::platform::day::Day::of(world.now()).to_string();
    olga.post(&form, &json!({"signed_on": today, "language": "da"})).await?.expect(200)?;
    let scan = b"%PDF-1.7 a signature by hand";
    let request = olga.request(Method::PUT, &format!("{form}/scan")).header("Content-Type", "application/pdf");
    send(request.body(scan.to_vec())).await?.expect(204)?;
    let kept = scans(world).await?;
    ensure!(kept.len() == 1 && !kept[0].windows(scan.len()).any(|part| part == scan), "it rests as it came");
    ensure!(olga.get(&format!("{form}/scan")).await?.expect(200)?.bytes == scan.as_slice());
    Ok(())
});
