//! What a takeover may not be used for: nobody takes over alone, nobody else is raised, and nobody is kept out of it.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::{Answer, Client, send},
    journey,
    roles::{Operator, invitation},
    visitor::Visitor,
    world::{EngineKind, Setup, World, run_in},
};
use time::Duration;

use crate::{
    operators::two,
    ordering::{ANNE, SIGRID, SOREN, TOVE, accept, bakery_of_three, registered},
    successions::{
        BODIL, CLUB, SCAN, asked, at_work, bakery, board, by_link, club, form_of, is_told, link, one, put_minutes, record, sign, state,
        successions, takeover,
    },
};

const OLGA: &str = "olga@segl.example.dk";
const ALL: &str = "/api/v1/successions";

/// A takeover as a signatory requests it, in favour of Bodil.
async fn request(world: &World, number: &str, email: &str) -> anyhow::Result<()> {
    let bodil = json!({"given_name": "Bodil", "surname": "Bager", "email": BODIL});
    let body = json!({"number": number, "email": email, "successor": bodil, "reason": "Anne er rejst"});
    world.client().post("/api/v1/takeover-requests", &body).await?.expect(202)?;
    world.settle().await;
    Ok(())
}

async fn listed(olga: &Operator) -> anyhow::Result<Vec<Value>> {
    Ok(olga.0.http.get(ALL).await?.expect(200)?.items())
}

async fn newest(olga: &Operator) -> anyhow::Result<String> {
    Ok(listed(olga).await?.first().context("a succession")?["id"].as_str().unwrap_or_default().to_owned())
}

/// The day on which it was asked for.
async fn day_of(olga: &Operator, id: &str) -> anyhow::Result<String> {
    Ok(olga.0.http.get(&one(id, "")).await?.expect(200)?.string("/asked_at").chars().take(10).collect())
}

async fn read_link(world: &World, link: &str) -> anyhow::Result<Answer> {
    world.client().post("/api/v1/takeovers", &json!({"link": link.rsplit('/').next().unwrap_or_default()})).await
}

journey!(whoever_asked_for_a_takeover_records_no_form_of_it_while_another_operator_could, async |world| {
    let (olga, mut otto) = two(world).await?;
    let olga = Operator(olga);
    let id = olga.register(&bakery_of_three(2)).await?;
    world.settle().await;
    let bakery = at_work(world, id, 2).await?;
    olga.0.prove().await?;
    let id = asked(world, &olga, &bakery, &takeover(&[&bakery.administrator])).await?;
    let form = form_of(&olga, &id, "Tove Signatar").await?;
    let day = day_of(&olga, &id).await?;
    let own = record(&olga.0, &form, &day, SCAN).await?;
    own.refused(403, "forbidden")?;
    ensure!(own.text().contains("Another operator"), "{}", own.text());
    otto.log_in().await?;
    ensure!(record(&otto, &form, &day, SCAN).await?.expect(200)?.json()["pending"] == 1);
    // Nobody did it alone: it waits for nothing.
    ensure!(sign(world, SIGRID).await?.expect(200)?.string("/state") == "done");
    Ok(())
});

journey!(a_form_that_its_signatory_denies_ends_the_takeover, async |world| {
    let (olga, bakery) = bakery(world, 2).await?;
    let id = asked(world, &olga, &bakery, &takeover(&[&bakery.administrator])).await?;
    let before = link(world, TOVE)?;
    record(&olga.0, &form_of(&olga, &id, "Tove Signatar").await?, "2026-11-22", SCAN).await?.expect(200)?;
    world.settle().await;
    ensure!(link(world, TOVE)? != before, "a link of its own");
    read_link(world, &before).await?.refused(404, "not-found")?;
    ensure!(by_link(world, TOVE, "").await?.expect(200)?.string("/signed_on") == "2026-11-22");
    by_link(world, TOVE, "/declining").await?.expect(204)?;
    ensure!(state(&olga, &id).await? == "declined");
    world.settle().await;
    ensure!(is_told(world, OLGA, "blev stoppet") && is_told(world, ANNE, "Intet ændres"), "operators and administrators are told");
    sign(world, SIGRID).await?.refused(410, "gone")?;
    bakery.administrator.http.get(&bakery.employees()).await?.expect(200).map(drop)
});

journey!(any_signatory_refuses_what_an_operator_alone_recorded, async |world| {
    let (mut olga, bakery) = bakery(world, 1).await?;
    let id = asked(world, &olga, &bakery, &takeover(&[&bakery.administrator])).await?;
    let form = form_of(&olga, &id, "Tove Signatar").await?;
    let ready = record(&olga.0, &form, "2026-11-22", SCAN).await?.expect(200)?;
    ensure!(ready.string("/state") == "asked" && ready.json()["ready_at"].is_string(), "{}", ready.text());
    by_link(world, SIGRID, "/declining").await?.expect(204)?;
    world.pass(Duration::hours(73)).await;
    olga.0.log_in().await?;
    ensure!(state(&olga, &id).await? == "declined");
    // A signature over a link needs no wait.
    let id = asked(world, &olga, &bakery, &takeover(&[&bakery.administrator])).await?;
    let day = day_of(&olga, &id).await?;
    record(&olga.0, &form_of(&olga, &id, "Tove Signatar").await?, &day, SCAN).await?.expect(200)?;
    ensure!(sign(world, SOREN).await?.expect(200)?.string("/state") == "done");
    Ok(())
});

#[test]
fn the_operator_who_asked_does_not_print_the_successors_password() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        run_in(Setup { mail: "letters = \"queue\"".to_owned(), ..Setup::on(engine) }, async |world| printing(world).await);
    }
}

async fn printing(world: &World) -> anyhow::Result<()> {
    const BATCHES: &str = "/api/v1/letter-batches";
    let (olga, id) = registered(world, &bakery_of_three(1)).await?;
    accept(world, SIGRID, &support::roles::nominee(ANNE)).await?.expect(200)?;
    world.settle().await;
    let passwords = json!({"class": "password"});
    olga.0.http.post(BATCHES, &passwords).await?.expect(201)?;
    let bodil = json!({"given_name": "Bodil", "surname": "Bager", "email": BODIL});
    let wish = json!({"kind": "takeover", "successor": bodil, "reason": "Anne er rejst"});
    olga.0.http.post(&format!("/api/v1/companies/{id}/successions"), &wish).await?.expect(201)?;
    world.settle().await;
    ensure!(sign(world, TOVE).await?.expect(200)?.string("/state") == "done");
    world.settle().await;
    olga.0.http.post(BATCHES, &passwords).await?.refused(403, "forbidden")
}

journey!(the_successor_is_whoever_was_signed_for, async |world| {
    let (olga, bakery) = bakery(world, 1).await?;
    let anne = &bakery.administrator;
    let id = asked(world, &olga, &bakery, &takeover(&[anne])).await?;
    // Those who decide read name and address; the administrators the name alone.
    let full = format!("Bodil Bager <{BODIL}>");
    let mail = world.mailbox.mails_to(SIGRID).into_iter().next().context("a mail")?.text;
    ensure!(mail.contains(&full) && mail.contains("inviteres"), "{mail}");
    let mail = world.mailbox.mails_to(ANNE).into_iter().next().context("a mail")?.text;
    ensure!(mail.contains("Bodil Bager") && !mail.contains(BODIL), "{mail}");
    let shown = anne.http.get(&one(&id, "")).await?.expect(200)?;
    ensure!(shown.string("/wish/successor/surname") == "Bager" && !shown.text().contains(BODIL), "{}", shown.text());
    let shown = olga.0.http.get(&one(&id, "")).await?.expect(200)?.json();
    ensure!(shown["wish"]["successor"]["email"] == BODIL && shown["wish"]["successor"]["works_here"] == false, "{shown}");
    let read = by_link(world, SIGRID, "").await?.expect(200)?.json();
    ensure!(read["successor_email"] == BODIL && read["works_here"] == false && read["requested"] == false, "{read}");
    let page = Visitor::new(&world.client(), "da").get(&link(world, SIGRID)?).await?.expect(200)?.text();
    ensure!(page.contains(BODIL) && page.contains("inviteres"), "{page}");
    // Whoever is absent gives the address to somebody else: nobody is raised.
    anne.prove().await?;
    bakery.invite(&invitation("Snu", "Stær", BODIL)).await?.expect(201)?;
    world.settle().await;
    sign(world, SIGRID).await?.refused(409, "conflict")?;
    ensure!(state(&olga, &id).await? == "refused");
    world.settle().await;
    ensure!(is_told(world, OLGA, "blev stoppet") && is_told(world, SOREN, "Intet ændres"), "operators and signatories are told");
    anne.http.get(&bakery.employees()).await?.expect(200)?;
    // Nor is it asked for where the address is somebody else's.
    olga.0.http.post(&successions(&bakery), &takeover(&[anne])).await?.refused(409, "conflict")
});

journey!(keys_and_webhooks_end_with_those_who_go, async |world| {
    let (olga, bakery) = bakery(world, 1).await?;
    let anne = &bakery.administrator;
    let bodil = bakery.hire(world, "Bodil", "Bager", BODIL).await?;
    anne.prove().await?;
    let of = |what: &str| format!("/api/v1/companies/{}/{what}", bakery.id);
    let key = anne.http.post(&of("api-keys"), &json!({"name": "Løn", "scopes": ["employees:read"]})).await?.expect(201)?.string("/key");
    let program: Client = world.client().with_token(&key);
    program.get(&bakery.employees()).await?.expect(200)?;
    let hook = json!({"url": "https://loen.example.dk/ind", "kinds": ["employee.left"]});
    let hook = anne.http.post(&of("webhooks"), &hook).await?.expect(201)?.header("location");
    olga.0.prove().await?;
    asked(world, &olga, &bakery, &takeover(&[anne])).await?;
    ensure!(by_link(world, TOVE, "").await?.expect(200)?.json()["works_here"] == true);
    ensure!(sign(world, TOVE).await?.expect(200)?.string("/state") == "done");
    program.get(&bakery.employees()).await?.refused(401, "not-logged-in")?;
    let shown = bodil.http.get(&hook).await?.expect(200)?.json();
    ensure!(shown["state"] == "disabled" && shown["why"] == "succeeded", "{shown}");
    world.settle().await;
    for told in [BODIL, SIGRID] {
        let mails = world.mailbox.mails_to(told);
        let counted = mails.iter().any(|mail| mail.text.contains("ophørte: 1.") && mail.text.contains("slået fra: 1."));
        ensure!(counted, "{told} is told how many");
    }
    let audited = olga.0.http.get("/api/v1/audit?action=api_key.ended").await?.expect(200)?.text();
    ensure!(audited.contains("succeeded"), "{audited}");
    // Told again, it signs with another secret: whoever went knows the old one.
    bodil.prove().await?;
    let resumed = bodil.http.post(&format!("{hook}/resumption"), &json!({})).await?;
    ensure!(resumed.status.is_success() && resumed.text().contains("whsec_"), "{}", resumed.text());
    Ok(())
});

journey!(posts_and_agreement_stay_while_a_takeover_is_requested_or_asked_for, async |world| {
    let (olga, bakery) = bakery(world, 2).await?;
    let anne = &bakery.administrator;
    request(world, "30808460", TOVE).await?;
    let id = newest(&olga).await?;
    let change = json!({
        "street": "Kajen 7", "postal_code": "4220", "city": "Korsør",
        "signatories": [{"name": "Anne Ådal", "email": ANNE}],
    });
    let path = format!("/api/v1/companies/{}/agreement-change", bakery.id);
    anne.http.post(&path, &change).await?.refused(409, "conflict")?;
    olga.0.http.post(&one(&id, "/opening"), &Value::Null).await?.expect(204)?;
    world.settle().await;
    anne.http.post(&path, &change).await?.refused(409, "conflict")?;
    let shown = olga.0.http.get(&one(&id, "")).await?.expect(200)?.json();
    ensure!(shown["requested"] == true && shown["opened_by"] == "Olga Operatør", "{shown}");
    ensure!(shown["wish"]["ends"] == json!([anne.employee]), "{shown}");
    // What Olga opened she records no part of that is done at once.
    record(&olga.0, &form_of(&olga, &id, "Tove Signatar").await?, "2026-11-22", SCAN).await?.expect(200)?;
    ensure!(sign(world, SIGRID).await?.expect(200)?.json()["ready_at"].is_string());
    Ok(())
});

journey!(a_request_is_not_opened_when_others_may_sign_by_then, async |world| {
    let olga = world.operator().await?;
    let club = club(world, &olga).await?;
    let number = olga.0.http.get(&format!("/api/v1/companies/{}", club.id)).await?.expect(200)?.string("/number");
    request(world, &number.to_lowercase(), &format!("sigrid@{CLUB}")).await?;
    let requested = newest(&olga).await?;
    let id = asked(world, &olga, &club, &board(&[], false)).await?;
    put_minutes(&olga.0, &id, b"%PDF-1.7 referat").await?.expect(204)?;
    olga.0.http.post(&one(&id, "/approval"), &Value::Null).await?.expect(204)?;
    let refused = olga.0.http.post(&one(&requested, "/opening"), &Value::Null).await?;
    refused.refused(409, "conflict")?;
    ensure!(state(&olga, &requested).await? == "requested");
    Ok(())
});

journey!(a_takeover_ends_a_board_that_waits_and_a_company_asks_for_few, async |world| {
    let olga = world.operator().await?;
    let club = club(world, &olga).await?;
    let anne = &club.administrator;
    for _ in 0..2 {
        let id = anne.http.post(&successions(&club), &board(&[anne], true)).await?.expect(201)?.string("/id");
        anne.http.delete(&one(&id, "")).await?.expect(204)?;
    }
    let id = anne.http.post(&successions(&club), &board(&[anne], true)).await?.expect(201)?.string("/id");
    let takeover = asked(world, &olga, &club, &takeover(&[anne])).await?;
    ensure!(state(&olga, &id).await? == "refused");
    olga.0.http.delete(&one(&takeover, "")).await?.expect(204)?;
    let fourth = anne.http.post(&successions(&club), &board(&[anne], true)).await?;
    ensure!(fourth.status == 429, "{}", fourth.text());
    Ok(())
});

journey!(a_takeover_is_ended_and_a_link_sent_again_after_a_fresh_proof, async |world| {
    let (olga, bakery) = bakery(world, 1).await?;
    let id = asked(world, &olga, &bakery, &takeover(&[&bakery.administrator])).await?;
    world.clock.advance(Duration::minutes(6));
    let send_again = form_of(&olga, &id, "Tove Signatar").await?.replace("/form", "/link");
    olga.0.http.delete(&one(&id, "")).await?.refused(403, "prove-again")?;
    olga.0.http.post(&send_again, &Value::Null).await?.refused(403, "prove-again")?;
    olga.0.prove().await?;
    bakery.administrator.http.post(&send_again, &Value::Null).await?.refused(403, "forbidden")?;
    let old = link(world, TOVE)?;
    for _ in 0..5 {
        olga.0.http.post(&send_again, &Value::Null).await?.expect(204)?;
    }
    let sixth = olga.0.http.post(&send_again, &Value::Null).await?;
    ensure!(sixth.status == 429, "{}", sixth.text());
    world.settle().await;
    read_link(world, &old).await?.refused(404, "not-found")?;
    let sent: Vec<_> = world.mailbox.mails_to(TOVE).into_iter().filter(|mail| mail.text.contains("/takeover/")).collect();
    ensure!(sent.len() == 6, "{} links", sent.len());
    let audited = olga.0.http.get("/api/v1/audit?action=succession.link_renewed").await?.expect(200)?.items();
    ensure!(audited.len() == 5, "{audited:?}");
    olga.0.http.delete(&one(&id, "")).await?.expect(204)?;
    Ok(())
});

journey!(asked_again_under_the_same_key_it_is_answered_as_before, async |world| {
    let (mut olga, bakery) = bakery(world, 1).await?;
    let wish = takeover(&[&bakery.administrator]);
    let first = olga.0.http.post_once(&successions(&bakery), &wish, "overtag-1").await?.expect(201)?;
    world.settle().await;
    // Neither the proof nor what became of it counts then.
    world.clock.advance(Duration::minutes(6));
    let again = olga.0.http.post_once(&successions(&bakery), &wish, "overtag-1").await?.expect(201)?;
    ensure!(!first.header("location").is_empty() && again.header("location") == first.header("location"), "{:?}", again.headers);
    sign(world, TOVE).await?.expect(200)?;
    olga.0.log_in().await?;
    let again = olga.0.http.post_once(&successions(&bakery), &wish, "overtag-1").await?.expect(201)?;
    ensure!(again.header("location") == first.header("location"), "{:?}", again.headers);
    Ok(())
});

journey!(whoever_has_the_address_takes_a_request_back, async |world| {
    let (olga, _) = bakery(world, 2).await?;
    let bodil = json!({"given_name": "Bodil", "surname": "Bager", "email": BODIL});
    let empty = json!({"number": " ", "email": "tove", "successor": bodil, "reason": ""});
    let refused = world.client().post("/api/v1/takeover-requests", &empty).await?;
    refused.refused(422, "invalid")?;
    ensure!(refused.pointers() == ["/number", "/email", "/reason"], "{:?}", refused.pointers());
    request(world, "30808460", TOVE).await?;
    let id = newest(&olga).await?;
    let link = world.mailbox.link_to(TOVE, "/takeover-request/").context("a link to take it back")?;
    ensure!(world.mailbox.link_to(SIGRID, "/takeover-request/").is_none(), "nobody else takes it back");
    let visitor = Visitor::new(&world.client(), "da");
    let page = visitor.get(&link).await?.expect(200)?;
    ensure!(state(&olga, &id).await? == "requested", "opening the page changes nothing");
    let done = visitor.submit(&page, &link, &[]).await?.expect(200)?;
    ensure!(done.text().contains("trukket tilbage"), "{}", done.text());
    ensure!(state(&olga, &id).await? == "withdrawn");
    let token = json!({"link": link.rsplit('/').next().unwrap_or_default()});
    let withdrawal = "/api/v1/takeover-requests/withdrawal";
    world.client().post(withdrawal, &token).await?.refused(410, "gone")?;
    world.client().post(withdrawal, &json!({"link": "x"})).await?.refused(404, "not-found")?;
    ensure!(visitor.get(&link).await?.status == 410, "the page answers as the API");
    world.settle().await;
    ensure!(is_told(world, ANNE, "Intet ændres") && is_told(world, SIGRID, "Intet ændres"), "everybody is told");
    // One more within a week is kept, and no third.
    request(world, "30808460", SOREN).await?;
    ensure!(listed(&olga).await?.len() == 2);
    olga.0.prove().await?;
    olga.0.http.delete(&one(&newest(&olga).await?, "")).await?.expect(204)?;
    request(world, "30808460", SIGRID).await?;
    ensure!(listed(&olga).await?.len() == 2, "too many for now");
    world.pass(Duration::days(8)).await;
    request(world, "30808460", SIGRID).await?;
    let mut olga = olga;
    olga.0.log_in().await?;
    ensure!(listed(&olga).await?.len() == 3);
    Ok(())
});

journey!(what_nobody_opens_lapses_and_those_concerned_are_told, async |world| {
    let (mut olga, bakery) = bakery(world, 2).await?;
    request(world, "30808460", TOVE).await?;
    let id = newest(&olga).await?;
    let page = format!("/successions/{id}");
    let shown = olga.0.browser("da").await?.get(&page).await?.expect(200)?.text();
    ensure!(shown.contains(&format!("{page}/opening")) && shown.contains("Bedt om med adressen for"), "{shown}");
    world.clock.advance(Duration::days(31));
    olga.0.log_in().await?;
    // Not yet swept, and over all the same.
    let shown = olga.0.browser("da").await?.get(&page).await?.expect(200)?.text();
    ensure!(!shown.contains(&format!("{page}/opening")) && !shown.contains(&format!("{page}/end")), "{shown}");
    olga.0.prove().await?;
    olga.0.http.post(&one(&id, "/opening"), &Value::Null).await?.refused(410, "gone")?;
    // Asking for another one lapses it too.
    asked(world, &olga, &bakery, &takeover(&[])).await?;
    ensure!(state(&olga, &id).await? == "lapsed");
    ensure!(is_told(world, ANNE, "Intet ændres") && is_told(world, TOVE, "Intet ændres"), "those concerned are told");
    let audited = olga.0.http.get("/api/v1/audit?action=succession.lapsed").await?.expect(200)?.text();
    ensure!(audited.contains(&id), "{audited}");
    Ok(())
});

journey!(the_way_to_a_takeover_is_found, async |world| {
    let olga = world.operator().await?;
    let visitor = Visitor::new(&world.client(), "da");
    ensure!(visitor.get("/login").await?.expect(200)?.text().contains("href=\"/takeover\""), "from the log-in page");
    let help = visitor.get("/help/administrator-left").await?.expect(200)?.text();
    ensure!(help.contains("Administratoren er væk") && help.contains("href=\"/takeover\""), "{help}");
    let menu = olga.0.browser("da").await?.get("/").await?.expect(200)?.text();
    ensure!(menu.contains("href=\"/successions\""), "in the menu of operators");
    // Numbers, words and files of a form come in one post: what is no file at all is refused.
    let form = format!("{}/signatories/{}/form", one(&uuid::Uuid::nil().to_string(), ""), uuid::Uuid::nil());
    send(olga.0.http.request(Method::POST, &form).body(SCAN.to_vec())).await?.refused(422, "invalid")
});
