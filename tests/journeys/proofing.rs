//! Who somebody is: documents at the desk, judged by the table that the service itself publishes; what certificates, cards and codes make of it.

use anyhow::{Context as _, ensure};
use segl::platform::day::Day;
use serde_json::{Value, json};
use support::{
    card::PrintedCard,
    journey,
    peers::tools::run,
    pki::Certificate,
    roles::{BIRTH_DATE, Company, Operator, Person, accept_agreement, activation, company, invitation, join, nominee, passport, post_for},
    visitor::Visitor,
    world::World,
};

const BO: &str = "bo@bageri.example.dk";

fn today(world: &World) -> Day {
    Day::of(world.now())
}

/// A document that keeps every rule of its row, as one channel takes it.
fn good(rule: &Value, channel: &str, today: Day) -> Value {
    let taken = rule["taken_by"].as_array().into_iter().flatten().find(|taken| taken["channel"] == channel);
    let country = match taken.map(|taken| taken["country"].as_str()) {
        Some(Some("any")) => "CA",
        Some(Some("eea")) => "NO",
        _ => "DK",
    };
    let mut document = json!({"kind": rule["kind"], "country": country, "issuer": "Slagelse Kommune"});
    if let Some(permit) = rule["permits"][0].as_str() {
        document["permit"] = json!(permit);
    }
    if let Some(months) = rule["months"].as_i64() {
        document["issued"] = json!(today.months_later(-i32::try_from(months).unwrap()).to_string());
    }
    if rule["expiry"] == "always" {
        document["expires"] = json!(today.to_string());
    }
    if rule["numbered"] == true {
        document["number"] = json!("208123456");
    }
    document
}

async fn judge(operator: &Operator, channel: &str, documents: &[Value]) -> anyhow::Result<Value> {
    let body = json!({"channel": channel, "birth_date": BIRTH_DATE, "documents": documents});
    Ok(operator.0.http.post("/api/v1/proofing-judgements", &body).await?.expect(200)?.json())
}

fn at_desk(bakery: &Company, employee: &str, documents: &[Value]) -> Value {
    json!({"company": bakery.id, "employee": employee, "birth_date": BIRTH_DATE, "documents": documents})
}

async fn invited(world: &World, bakery: &Company, given: &str, email: &str) -> anyhow::Result<String> {
    let made = bakery.invite(&invitation(given, "Bager", email)).await?.expect(201)?.string("/id");
    world.settle().await;
    Ok(made)
}

async fn proofings(person: &Person, bakery: &Company, employee: &str) -> anyhow::Result<Vec<Value>> {
    Ok(person.http.get(&format!("{}/{employee}/proofings", bakery.employees())).await?.expect(200)?.items())
}

/// What openssl reads of somebody's certificate for a purpose.
async fn certificate(person: &Person, purpose: &str) -> anyhow::Result<(Value, Certificate)> {
    let own = person.certificates().await?.into_iter().find(|one| one["purpose"] == purpose).context("no such certificate")?;
    let whole = person.http.get(&format!("/api/v1/certificates/{}", own["serial"].as_str().unwrap_or_default())).await?.expect(200)?;
    Ok((whole.json(), Certificate::of_pem(&whole.string("/pem"))))
}

journey!(every_row_of_the_published_table_holds_in_every_channel, async |world| {
    let operator = world.operator().await?;
    let rules = world.client().get("/api/v1/proofing-rules").await?.expect(200)?;
    ensure!(rules.items().len() == 12 && rules.json()["youngest"] == 15 && rules.json()["others"] == 2, "{}", rules.text());
    let today = today(world);
    for rule in rules.items() {
        for channel in ["company", "desk", "online"] {
            let taken = rule["taken_by"].as_array().is_some_and(|all| all.iter().any(|taken| taken["channel"] == channel));
            let found = judge(&operator, channel, &[good(&rule, channel, today)]).await?;
            let enough = taken && rule["weight"] == "photo";
            ensure!((found["outcome"] == "handed_over") == enough, "{channel} {}: {found}", rule["kind"]);
            let said = &found["missing"][0]["detail"];
            ensure!(enough || (said["da"].is_string() && said["en"].is_string() && said["da"] != said["en"]), "{found}");
        }
    }
    let of = |kind: &str| good(rules.items().iter().find(|rule| rule["kind"] == kind).unwrap(), "desk", today);
    let both = judge(&operator, "desk", &[of("health_card"), of("tax_assessment")]).await?;
    ensure!(both["outcome"] == "by_post" && both["missing"] == json!([]), "{both}");
    let neither = judge(&operator, "desk", &[of("birth_and_name_certificate"), of("tax_assessment")]).await?;
    let said = &neither["missing"][0]["detail"];
    ensure!(said["da"].as_str().is_some_and(|da| da.contains("sundhedskort")), "{neither}");
    ensure!(said["en"].as_str().is_some_and(|en| en.contains("health card")), "{neither}");
    let mut old = of("passport");
    old["expires"] = json!(today.days_later(-1).to_string());
    let expired = judge(&operator, "desk", &[old]).await?;
    ensure!(expired["outcome"].is_null() && expired["missing"][0]["pointer"] == "/documents/0/expires", "{expired}");
    for language in ["da", "en"] {
        let page = Visitor::new(&world.client(), language).get("/help/documents").await?.expect(200)?.text();
        let name = |rule: &Value| rule["name"][language].as_str().unwrap_or_default().replace('\'', "&#39;");
        let missing: Vec<_> = rules.items().iter().map(name).filter(|name| !page.contains(name.as_str())).collect();
        ensure!(missing.is_empty(), "{missing:?}");
    }
    Ok(())
});

journey!(a_photo_seen_at_the_desk_is_recorded_and_lets_the_administrator_hand_the_code_over, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let (olga, anne) = (&operator.0, &bakery.administrator);
    let bo = invited(world, &bakery, "Bo", BO).await?;
    let renewal = format!("{}/{bo}/invitation", bakery.employees());
    let unseen = anne.http.post(&renewal, &json!({"vouched": "in_person"})).await?;
    unseen.refused(422, "invalid")?;
    ensure!(unseen.pointers() == ["/documents"], "{}", unseen.text());
    anne.http.post("/api/v1/proofings", &at_desk(&bakery, &bo, &[passport()])).await?.refused(403, "forbidden")?;

    let health = json!({"kind": "health_card", "issuer": "Region Sjælland"});
    let few = olga.http.post("/api/v1/proofings", &at_desk(&bakery, &bo, &[health])).await?;
    few.refused(422, "invalid")?;
    ensure!(few.text().contains("1 more document"), "{}", few.text());
    let body = at_desk(&bakery, &bo, &[passport()]);
    let made = olga.http.post_once("/api/v1/proofings", &body, "bo").await?.expect(201)?;
    let again = olga.http.post_once("/api/v1/proofings", &body, "bo").await?.expect(201)?;
    ensure!(made.string("/outcome") == "handed_over" && made.json()["shown_for_another"] == false, "{}", made.text());
    ensure!(again.header("idempotency-replayed") == "true");
    let mut other = body.clone();
    other["documents"][0]["number"] = json!("208123457");
    olga.http.post_once("/api/v1/proofings", &other, "bo").await?.refused(422, "idempotency-mismatch")?;
    other["birth_date"] = json!("1980-05-18");
    let contradicts = olga.http.post("/api/v1/proofings", &other).await?;
    contradicts.refused(422, "invalid")?;
    ensure!(contradicts.pointers() == ["/birth_date"], "{}", contradicts.text());
    let again = json!({"vouched": "by_letter", "birth_date": "1980-05-18", "documents": [passport()]});
    let contradicts = anne.http.post(&renewal, &again).await?;
    contradicts.refused(422, "invalid")?;
    ensure!(contradicts.pointers() == ["/birth_date"], "{}", contradicts.text());
    let seen = proofings(anne, &bakery, &bo).await?;
    ensure!(seen.len() == 2 && seen[0]["id"] == made.json()["id"] && seen[1]["method"] == "by_letter", "{seen:?}");
    let document = &seen[0]["documents"][0];
    ensure!(
        document["kind"] == "passport" && document["issuer"] == "Slagelse Kommune" && document["expires"] == "2035-01-01",
        "{document}"
    );
    ensure!(seen[0]["seen_by_name"].as_str().is_some_and(|name| !name.is_empty()) && seen[0]["seen_at"].is_string(), "{seen:?}");
    ensure!(!json!(seen).to_string().contains("208123456") && !json!(seen).to_string().contains(BIRTH_DATE), "{seen:?}");

    let code = anne.http.post(&renewal, &json!({"vouched": "in_person"})).await?.expect(200)?.string("/temporary_password");
    world.settle().await;
    let link = world.mailbox.link_to(BO, "/activate/").context("no link")?;
    let person = Person::activate(&world.client(), &link, Some(&code), "bo.bager").await?;
    let (own, _) = certificate(&person, "signing").await?;
    ensure!(own["proofing"] == made.json()["id"], "the certificate names the desk's record: {own}");
    world.settle().await;
    let audit = olga.http.get("/api/v1/audit").await?.expect(200)?;
    ensure!(audit.text().contains("proofing.recorded") && audit.text().contains("proofing.refused"), "{}", audit.text());
    ensure!(!audit.text().contains("208123456"), "the audit holds a number");
    // The same passport for somebody else is a word to the operator, and no refusal.
    let ea = invited(world, &bakery, "Ea", "ea@bageri.example.dk").await?;
    let other = olga.http.post("/api/v1/proofings", &at_desk(&bakery, &ea, &[passport()])).await?.expect(201)?;
    ensure!(other.json()["shown_for_another"] == true, "{}", other.text());
    for name in ["segl.db", "segl.db-wal"] {
        let bytes = std::fs::read(world.file(name)).unwrap_or_default();
        for planted in ["208123456", BIRTH_DATE] {
            ensure!(!bytes.windows(planted.len()).any(|window| window == planted.as_bytes()), "{name} holds {planted}");
        }
    }
    Ok(())
});

journey!(without_a_photo_the_card_comes_by_post_and_is_never_handed_over, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let bo = invited(world, &bakery, "Bo", BO).await?;
    let issued = today(world).months_later(-3).to_string();
    let papers = [
        json!({"kind": "benefit_statement", "issuer": "Udbetaling Danmark", "issued": issued}),
        json!({"kind": "baptism_or_name_certificate", "issuer": "Korsør Sogn"}),
    ];
    let made = operator.0.http.post("/api/v1/proofings", &at_desk(&bakery, &bo, &papers)).await?.expect(201)?;
    ensure!(made.string("/outcome") == "by_post", "{}", made.text());
    let renewal = format!("{}/{bo}/invitation", bakery.employees());
    bakery.administrator.http.post(&renewal, &json!({"vouched": "in_person"})).await?.refused(422, "invalid")?;
    let (link, temporary) = post_for(world, BO, "Bo Bager")?;
    let activated = world.client().post("/api/v1/activations", &activation(&link, Some(&temporary), "bo.bager")).await?.expect(201)?;
    ensure!(activated.json()["keycard"]["by_post"] == true, "{}", activated.text());
    let ticket = world.client().with_token(&activated.string("/keycard/token"));
    for file in ["card.txt", "card.pdf", "card-large.pdf"] {
        ticket.get(&format!("/api/v1/activations/{file}")).await?.refused(409, "conflict")?;
    }
    world.settle().await;
    let letter =
        world.mailbox.letters_to("Bo Bager").into_iter().find(|letter| letter.subject == "Dit nye nøglekort").context("no card came")?;
    let card = PrintedCard::read(&letter.text.replace("   ", "\n"));
    ensure!(card.pairs() == 148 && !activated.text().contains(card.keys().next().context("a key")?), "the answer shows keys");
    let mut person = Person {
        user_id: "bo.bager".to_owned(),
        password: support::roles::PASSWORD.to_owned(),
        card,
        employee: bo,
        keycard: activated.string("/keycard/id"),
        revocation_code: activated.string("/revocation_code"),
        http: world.client(),
        device: None,
    };
    person.log_in().await?;
    // On the page of another such person the revocation code is shown, and no sheet.
    let ea = invited(world, &bakery, "Ea", "ea@bageri.example.dk").await?;
    operator.0.http.post("/api/v1/proofings", &at_desk(&bakery, &ea, &papers)).await?.expect(201)?;
    let (link, temporary) = post_for(world, "ea@bageri.example.dk", "Ea Bager")?;
    let visitor = Visitor::new(&world.client(), "da");
    let path = format!("/activate/{}", link.rsplit('/').next().unwrap_or_default());
    let page = visitor.get(&path).await?.expect(200)?;
    ensure!(!page.text().contains("name=\"birth_date\""), "it is on record");
    let password = support::roles::PASSWORD;
    let fields =
        [("temporary_password", temporary.as_str()), ("user_id", "ea.bager"), ("password", password), ("password_again", password)];
    visitor.submit(&page, &path, &fields).await?.expect(303)?;
    let done = visitor.get("/activate/done").await?.expect(200)?.text();
    ensure!(done.contains("sendt med brev") && !done.contains("card.pdf") && done.contains("<code>"), "{done}");
    visitor.get("/activate/done/card.pdf").await?.expect(409).map(drop)
});

journey!(whoever_is_not_eighteen_gets_the_youth_notice_and_nobody_under_fifteen_gets_a_signature, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let today = today(world);
    let born = |years: i16, days: i32| today.years_later(-years).days_later(days).to_string();
    let of = |email: &str, birth: String| {
        let mut body = invitation("Bo", "Bager", email);
        body["birth_date"] = json!(birth);
        body
    };
    let young = bakery.invite(&of(BO, born(15, 1))).await?;
    young.refused(422, "invalid")?;
    ensure!(young.pointers() == ["/birth_date"] && young.text().contains("not 15 years old"), "{}", young.text());
    bakery.invite(&of(BO, String::new())).await?.refused(422, "invalid")?;
    let browser = bakery.administrator.browser("da").await?;
    let path = format!("/companies/{}/employees/new", bakery.id);
    let page = browser.get(&path).await?.expect(200)?;
    let fields = [("given_name", "Bo"), ("surname", "Bager"), ("email", BO), ("vouched", "by_letter"), ("birth_date", &born(15, 1))];
    let refused = browser.submit(&page, &path, &fields).await?.expect(422)?.text();
    ensure!(refused.contains("ikke fyldt 15 år"), "{refused}");

    for (name, years, days, notice) in [("femten", 15, 0, true), ("sytten", 18, 1, true), ("atten", 18, 0, false)] {
        let email = format!("{name}@bageri.example.dk");
        let mut body = of(&email, born(years, days));
        body["surname"] = json!(name);
        bakery.invite(&body).await?.expect(201)?;
        world.settle().await;
        let (link, temporary) = post_for(world, &email, &format!("Bo {name}"))?;
        let mut form = activation(&link, Some(&temporary), &email.replace('@', "."));
        form["birth_date"] = json!(BIRTH_DATE);
        world.client().post("/api/v1/activations", &form).await?.refused(422, "invalid")?;
        form["birth_date"] = json!("");
        let answer = world.client().post("/api/v1/activations", &form).await?.expect(201)?;
        let mut person = Person::of_activation(&world.client(), &answer, &email.replace('@', ".")).await?;
        person.log_in().await?;
        let (_, signing) = certificate(&person, "signing").await?;
        std::fs::write(world.file("leaf.pem"), signing.pem())?;
        let leaf = world.file("leaf.pem").display().to_string();
        let said = run("openssl", ["x509", "-in", &leaf, "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8"]).await.words;
        let youth = "OU=Ung mellem 15 og 18 - kan normalt ikke indgå bindende aftaler";
        ensure!(said.contains(youth) == notice && said.contains("OU=") == notice, "{name}: {said}");
        let birthday = Day::parse(&born(years, days)).context("a day")?.years_later(18).begins();
        ensure!(
            (signing.not_after() <= birthday.plus(time::Duration::days(1))) == notice,
            "{name}: the notice lasts until {}",
            signing.not_after()
        );
        let (_, mail) = certificate(&person, "mail").await?;
        ensure!(!mail.subject_line().contains("OU="), "{}", mail.subject_line());
    }
    drop(operator);
    Ok(())
});

journey!(what_ends_with_its_holders_youth_is_renewed_once_from_the_birthday_on, async |world| {
    let (_, bakery) = world.bakery().await?;
    let today = today(world);
    let mut body = invitation("Bo", "Bager", BO);
    body["birth_date"] = json!(today.years_later(-18).days_later(40).to_string());
    bakery.invite(&body).await?.expect(201)?;
    world.settle().await;
    let (link, temporary) = post_for(world, BO, "Bo Bager")?;
    let mut form = activation(&link, Some(&temporary), "bo.bager");
    form["birth_date"] = json!("");
    let answer = world.client().post("/api/v1/activations", &form).await?.expect(201)?;
    let mut bo = Person::of_activation(&world.client(), &answer, "bo.bager").await?;
    let told = || {
        let mails = world.mailbox.mails_to(BO);
        ["når du fylder 18", "udløber snart"].map(|subject| mails.iter().filter(|mail| mail.subject.contains(subject)).count())
    };
    let order = json!({"password": support::roles::PASSWORD});
    for (days, mails) in [(0, [0, 0]), (34, [1, 0]), (5, [1, 0])] {
        world.pass(time::Duration::days(days)).await;
        bo.log_in().await?;
        bo.prove().await?;
        bo.http.post("/api/v1/renewals", &order).await?.refused(409, "conflict")?;
        ensure!(told() == mails, "after {days} more days: {:?}", told());
    }
    let page = bo.browser("da").await?.get("/renewal").await?.expect(200)?.text();
    ensure!(page.contains("Dit certifikat gælder, til du fylder 18"), "{page}");
    world.pass(time::Duration::days(2)).await;
    bo.log_in().await?;
    bo.prove().await?;
    bo.http.post("/api/v1/renewals", &order).await?.expect(201)?;
    world.settle().await;
    let (_, signing) = certificate(&bo, "signing").await?;
    ensure!(
        !signing.subject_line().contains("OU=") && signing.not_after() > world.now().plus(time::Duration::days(300)),
        "{}",
        signing.subject_line()
    );
    bo.http.post("/api/v1/renewals", &order).await?.refused(409, "conflict")
});

journey!(who_sees_the_documents_sends_no_code_and_who_sends_one_sees_no_documents, async |world| {
    let operator = world.operator().await?;
    let olga = &operator.0.http;
    let id = operator.register(&company("Havnens Bageri ApS", "30808460")).await?;
    world.settle().await;
    let anne = "anne@30808460.example.dk";
    accept_agreement(&world.client(), &world.mailbox, "sigrid@30808460.example.dk", &nominee(anne)).await?.expect(200)?;
    world.settle().await;
    let employees = format!("/api/v1/companies/{id}/employees");
    let employee = olga.get(&employees).await?.items()[0]["id"].as_str().unwrap_or_default().to_owned();
    let renewal = format!("{employees}/{employee}/invitation");
    let body = |company: &str, employee: &str| json!({"company": company, "employee": employee, "birth_date": BIRTH_DATE, "documents": [passport()]});
    olga.post("/api/v1/proofings", &body(&id, &employee)).await?.expect(201)?;
    let refused = olga.post(&renewal, &json!({"vouched": "by_letter"})).await?;
    refused.refused(403, "forbidden")?;
    ensure!(refused.text().contains("seen this person's documents"), "{}", refused.text());
    // The earlier invitation still stands: the administrator joins, and her certificate names the desk's record.
    let person = join(world, anne, "Anne Ådal").await?;
    let seen = olga.get(&format!("{employees}/{employee}/proofings")).await?.expect(200)?.items();
    let words: Vec<_> = seen.iter().map(|one| one["channel"].as_str().unwrap_or_default()).collect();
    ensure!(words == ["desk", "company"] && seen[1]["seen_by"].as_str().is_some_and(|by| by.starts_with("signatory:")), "{seen:?}");
    ensure!(certificate(&person, "signing").await?.0["proofing"] == seen[0]["id"]);

    let other = operator.register(&company("Andelsmejeriet A/S", "34051178")).await?;
    world.settle().await;
    let ida = "ida@34051178.example.dk";
    let nominee = json!({"given_name": "Ida", "surname": "Isen", "email": ida});
    accept_agreement(&world.client(), &world.mailbox, "sigrid@34051178.example.dk", &nominee).await?.expect(200)?;
    world.settle().await;
    let employees = format!("/api/v1/companies/{other}/employees");
    let employee = olga.get(&employees).await?.items()[0]["id"].as_str().unwrap_or_default().to_owned();
    olga.post(&format!("{employees}/{employee}/invitation"), &json!({"vouched": "by_letter"})).await?.expect(200)?;
    let refused = olga.post("/api/v1/proofings", &body(&other, &employee)).await?;
    refused.refused(403, "forbidden")?;
    ensure!(refused.text().contains("sent this person a code"), "{}", refused.text());
    // What a renewed invitation adds overwrites nothing.
    let seen = olga.get(&format!("{employees}/{employee}/proofings")).await?.expect(200)?.items();
    let by: Vec<_> =
        seen.iter().map(|one| one["seen_by"].as_str().unwrap_or_default().split(':').next().unwrap_or_default().to_owned()).collect();
    ensure!(by == ["account", "signatory"], "{seen:?}");
    world.settle().await;
    // Nobody told her birth date: she says it at the activation, and must.
    let (link, temporary) = post_for(world, ida, "Ida Isen")?;
    let mut form = activation(&link, Some(&temporary), "ida.isen");
    form["birth_date"] = json!("");
    let lacking = world.client().post("/api/v1/activations", &form).await?;
    lacking.refused(422, "invalid")?;
    ensure!(lacking.pointers() == ["/birth_date"], "{}", lacking.text());
    form["birth_date"] = json!(today(world).years_later(-17).to_string());
    let answer = world.client().post("/api/v1/activations", &form).await?.expect(201)?;
    let mut person = Person::of_activation(&world.client(), &answer, "ida.isen").await?;
    person.log_in().await?;
    ensure!(certificate(&person, "signing").await?.1.subject_line().contains("Ung mellem 15 og 18"));
    Ok(())
});

journey!(the_desks_pages_find_judge_and_record_without_script, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let bo = invited(world, &bakery, "Bo", BO).await?;
    let browser = operator.0.browser("da").await?;
    ensure!(browser.get("/").await?.expect(200)?.text().contains("href=\"/desk\""), "nobody finds the desk");
    bakery.administrator.browser("da").await?.get("/desk").await?.expect(403)?;
    ensure!(browser.get("/desk?name=b").await?.expect(422)?.text().contains("mindst 2 bogstaver"));
    ensure!(browser.get("/desk?name=nielsen").await?.expect(200)?.text().contains("Ingen, der er inviteret"));
    let path = format!("/desk/{}/{bo}", bakery.id);
    let found = browser.get("/desk?name=bag").await?.expect(200)?.text();
    ensure!(found.contains(&format!("href=\"{path}\"")) && found.contains("Havnens Bageri ApS"), "{found}");
    let page = browser.get(&path).await?.expect(200)?;
    let licence = |expires: &'static str| {
        vec![
            ("birth_date", "17.05.1980"),
            ("documents/0/kind", "driving_licence"),
            ("documents/0/country", "se"),
            ("documents/0/issuer", "Transportstyrelsen"),
            ("documents/0/expires", expires),
            ("documents/0/number", "123456789"),
        ]
    };
    let with = |mut fields: Vec<(&'static str, &'static str)>, button: &'static str| {
        fields.push((button, "yes"));
        fields
    };
    let refused = browser.submit(&page, &path, &with(licence("21-11-2026"), "judge")).await?.expect(422)?.text();
    ensure!(
        refused.contains("Det er ikke nok") && refused.contains("udløb den 2026-11-21") && refused.contains("Transportstyrelsen"),
        "{refused}"
    );
    let judged = browser.submit(&page, &path, &with(licence("22-11-2030"), "judge")).await?.expect(200)?.text();
    ensure!(judged.contains("kan udleveres med det samme"), "{judged}");
    ensure!(proofings(&operator.0, &bakery, &bo).await?.len() == 1, "judging records nothing");
    let done = browser.submit(&page, &path, &with(licence("22-11-2030"), "record")).await?.expect(303)?.header("location");
    let shown = browser.get(&done).await?.expect(200)?.text();
    ensure!(
        shown.contains("Registreret.") && shown.contains("Set ved skranken") && shown.contains("Kørekort, Transportstyrelsen (SE)"),
        "{shown}"
    );
    ensure!(!shown.contains("123456789"), "the number is kept nowhere");
    let english = operator.0.browser("en").await?;
    let page = english.get(&path).await?.expect(200)?;
    let refused = english.submit(&page, &path, &[("birth_date", "2012-01-01"), ("record", "yes")]).await?.expect(422)?.text();
    ensure!(refused.contains("not 15 years old") && refused.contains("does not suffice"), "{refused}");
    let of_bo =
        bakery.administrator.browser("en").await?.get(&format!("/companies/{}/employees/{bo}", bakery.id)).await?.expect(200)?.text();
    ensure!(of_bo.contains("Seen at the desk") && of_bo.contains("Driving licence"), "{of_bo}");
    Ok(())
});
