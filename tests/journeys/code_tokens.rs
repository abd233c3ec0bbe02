//! Code tokens: imported, given, activated with the card, used where the company allows them, blocked, brought back.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    roles::{Company, Operator, Person},
    token::HandToken,
    visitor::Visitor,
    world::World,
};
use time::Duration;

const BO: &str = "bo@bageri.example.dk";
const STOCK: &str = "/api/v1/code-tokens";

async fn import(operator: &Operator, lines: &str) -> anyhow::Result<Answer> {
    operator.0.prove().await?;
    let file = format!("serial,seed_hex,kind\n{lines}");
    operator.0.http.post(STOCK, &json!({"format": "csv", "file": file})).await
}

async fn allow(bakery: &Company, phone: bool, token: bool) -> anyhow::Result<()> {
    bakery.administrator.prove().await?;
    let path = format!("/api/v1/companies/{}/factors", bakery.id);
    let request = bakery.administrator.http.request(Method::PUT, &path).json(&json!({"phone": phone, "token": token}));
    send(request).await?.expect(204).map(drop)
}

fn of_bo(bakery: &Company, bo: &Person) -> String {
    format!("/api/v1/companies/{}/employees/{}/code-token", bakery.id, bo.employee)
}

async fn give(bakery: &Company, bo: &Person, token: &HandToken) -> anyhow::Result<Answer> {
    bakery.administrator.prove().await?;
    bakery.administrator.http.post(&of_bo(bakery, bo), &json!({"serial": token.serial.to_lowercase()})).await
}

async fn own(bo: &Person) -> anyhow::Result<Value> {
    let items = bo.http.get("/api/v1/own-code-tokens").await?.expect(200)?.items();
    items.into_iter().next().context("a code token")
}

async fn pair(bo: &Person, what: &str, codes: [&str; 2]) -> anyhow::Result<Answer> {
    let id = own(bo).await?["id"].as_str().context("its id")?.to_owned();
    bo.http.post(&format!("/api/v1/own-code-tokens/{id}/{what}"), &json!({"first": codes[0], "second": codes[1]})).await
}

/// The password, and what may be shown after it.
async fn begin(bo: &Person) -> anyhow::Result<Answer> {
    bo.http.without_token().post("/api/v1/logins", &json!({"user_id": bo.user_id, "password": bo.password})).await
}

fn ways(begun: &Answer) -> Vec<String> {
    let ways = begun.json()["ways"].as_array().cloned().unwrap_or_default();
    ways.iter().filter_map(|way| way.as_str().map(str::to_owned)).collect()
}

async fn answer(bo: &Person, login: &str, code: &str) -> anyhow::Result<Answer> {
    let body = json!({"login": login, "token_code": code, "carrier": "program"});
    bo.http.without_token().post("/api/v1/logins/answer", &body).await
}

async fn log_in(bo: &Person, code: &str) -> anyhow::Result<Answer> {
    let begun = begin(bo).await?.expect(201)?;
    answer(bo, &begun.string("/login"), code).await
}

/// Allowed, imported, given and activated.
async fn at_work(
    world: &World,
    bakery: &Company,
    operator: &Operator,
    bo: &Person,
    token: &mut HandToken,
    kind: &str,
) -> anyhow::Result<()> {
    import(operator, &token.line(kind)).await?.expect(201)?;
    give(bakery, bo, token).await?.expect(201)?;
    bo.prove().await?;
    let codes = if kind == "hotp" { [token.press(), token.press()] } else { [token.shows(world, -1), token.shows(world, 0)] };
    pair(bo, "activation", [&codes[0], &codes[1]]).await?.expect(204).map(drop)
}

journey!(a_code_token_logs_in_where_the_company_allows_it_and_the_card_is_what_blocks_a_lost_one, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let (anne, mut bo) = (bakery.administrator.clone(), bakery.hire(world, "Bo", "Bager", BO).await?);
    let mut token = HandToken::new("NV-1001");
    import(&operator, &token.line("hotp")).await?.expect(201)?;
    give(&bakery, &bo, &token).await?.refused(409, "conflict")?;
    ensure!(
        anne.http.get(&format!("/api/v1/companies/{}/factors", bakery.id)).await?.json()
            == json!({"phone": true, "token": false, "four_digits": false})
    );
    bo.http.get(&format!("/api/v1/companies/{}/factors", bakery.id)).await?.refused(403, "forbidden")?;
    allow(&bakery, true, true).await?;
    give(&bakery, &bo, &HandToken::new("NV-9999")).await?.refused(409, "conflict")?;
    give(&bakery, &bo, &token).await?.expect(201)?;
    world.settle().await;
    let told =
        world.mailbox.mails_to(BO).into_iter().find(|mail| mail.subject == "Du har fået en nøgleviser").context("nobody told him")?;
    ensure!(told.text.contains("NV-1001") && told.text.contains("/account/code-token"), "{}", told.text);
    let stock = operator.0.http.get(&format!("{STOCK}?serial=nv-10")).await?.expect(200)?.items();
    ensure!(stock.len() == 1 && stock[0]["state"] == "assigned" && stock[0]["price_ore"] == 9900, "{stock:?}");
    ensure!(!stock[0].to_string().contains(&hex::encode("NV-1001")), "a seed can be read");

    // It serves only after a proof by the card, and two codes.
    let begun = begin(&bo).await?.expect(201)?;
    ensure!(ways(&begun) == ["key_card"], "{:?}", ways(&begun));
    answer(&bo, &begun.string("/login"), &token.press()).await?.refused(409, "conflict")?;
    world.clock.advance(Duration::minutes(6));
    let codes = [token.press(), token.press()];
    pair(&bo, "activation", [&codes[0], &codes[1]]).await?.refused(403, "prove-again")?;
    bo.prove().await?;
    pair(&bo, "activation", [&codes[1], &codes[0]]).await?.refused(403, "not-right")?;
    pair(&bo, "activation", [&codes[0], &codes[1]]).await?.expect(204)?;

    let begun = begin(&bo).await?.expect(201)?;
    ensure!(ways(&begun) == ["key_card", "code_token"], "{:?}", ways(&begun));
    answer(&bo, &begun.string("/login"), &codes[1]).await?.refused(403, "not-right")?;
    let code = token.press();
    let opened = answer(&bo, &begun.string("/login"), &code).await?.expect(201)?;
    log_in(&bo, &code).await?.refused(403, "not-right")?;
    let by_token = Person { http: bo.http.with_token(&opened.string("/token")), ..bo.clone() };

    // A session that a code token opened and proved gives no card away.
    ensure!(by_token.http.get("/api/v1/session").await?.json()["proven_by"] == "code_token");
    by_token.http.post("/api/v1/keycards", &json!({})).await?.refused(403, "prove-again")?;
    let asked = by_token.http.post("/api/v1/session/proof", &json!({"password": bo.password})).await?.expect(201)?;
    ensure!(ways(&asked) == ["key_card", "code_token"], "{:?}", ways(&asked));
    let proof = json!({"challenge": asked.string("/challenge"), "token_code": token.press()});
    by_token.http.post("/api/v1/session/proof/answer", &proof).await?.expect(204)?;
    ensure!(by_token.http.get("/api/v1/session").await?.json()["proven_by"] == "code_token");
    by_token.http.post("/api/v1/keycards", &json!({})).await?.refused(403, "prove-again")?;
    by_token.http.get(&format!("/api/v1/keycards/{}/card.txt", bo.keycard)).await?.refused(403, "prove-again")?;
    by_token.http.post("/api/v1/tokens", &json!({"name": "Løn", "days": 1})).await?.refused(403, "prove-again")?;

    // Lost: the card logs in, and blocks it.
    bo.log_in().await?;
    let id = own(&bo).await?["id"].as_str().context("its id")?.to_owned();
    anne.http.post(&format!("/api/v1/own-code-tokens/{id}/block"), &json!({})).await?.refused(404, "not-found")?;
    bo.http.post(&format!("/api/v1/own-code-tokens/{id}/block"), &json!({})).await?.expect(204)?;
    log_in(&bo, &token.press()).await?.refused(409, "conflict")?;
    let codes = [token.press(), token.press()];
    pair(&by_token, "activation", [&codes[0], &codes[1]]).await?.refused(403, "prove-again")?;
    pair(&bo, "activation", [&codes[0], &codes[1]]).await?.expect(204)?;
    log_in(&bo, &token.press()).await?.expect(201)?;

    // The company changes its mind: at once, for log-ins on their way too.
    let begun = begin(&bo).await?.expect(201)?;
    allow(&bakery, true, false).await?;
    answer(&bo, &begun.string("/login"), &token.press()).await?.refused(409, "conflict")?;
    ensure!(ways(&begin(&bo).await?) == ["key_card"]);
    Ok(())
});

journey!(wrong_codes_are_counted_and_a_token_out_of_step_is_set_by_two_codes, async |world| {
    let (mut operator, mut bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    allow(&bakery, true, true).await?;
    let mut token = HandToken::new("NV-2001");
    at_work(world, &bakery, &operator, &bo, &mut token, "hotp").await?;
    // Ten presses for nothing are forgiven, twenty are not; two codes put it right.
    token.presses += 10;
    log_in(&bo, &token.press()).await?.expect(201)?;
    token.presses += 20;
    log_in(&bo, &token.press()).await?.refused(403, "not-right")?;
    let codes = [token.press(), token.press()];
    bo.prove().await?;
    pair(&bo, "resynchronisation", [&codes[0], &codes[1]]).await?.expect(204)?;
    pair(&bo, "resynchronisation", [&codes[0], &codes[1]]).await?.refused(403, "not-right")?;
    log_in(&bo, &token.press()).await?.expect(201)?;

    // Five wrong ones at once, then a pause that a right one does not break; fifteen, and only the card brings it back.
    for round in 0..3 {
        let begun = begin(&bo).await?.expect(201)?.string("/login");
        let tries = (0..8).map(|_| answer(&bo, &begun, "000000"));
        let answers = futures_util::future::try_join_all(tries).await?;
        let looked = answers.iter().filter(|answer| answer.status == 403).count();
        ensure!(looked == 5, "round {round}: {looked} of eight wrong codes were looked at");
        let refused = answer(&bo, &begun, &token.clone().press()).await?;
        if round < 2 {
            refused.refused(429, "too-many-tries")?;
        }
        world.clock.advance(Duration::minutes(10) + Duration::SECOND);
    }
    let mut bo = bo.clone();
    for person in [&mut bo, &mut bakery.administrator, &mut operator.0] {
        person.log_in().await?;
    }
    ensure!(own(&bo).await?["state"] == "quarantined");
    world.settle().await;
    let warned = world.mailbox.mails_to(BO).iter().filter(|mail| mail.subject == "Mange forkerte koder til din nøgleviser").count();
    ensure!(warned == 1, "he is told {warned} times");
    let codes = [token.press(), token.press()];
    pair(&bo, "resynchronisation", [&codes[0], &codes[1]]).await?.refused(409, "conflict")?;
    pair(&bo, "activation", [&codes[0], &codes[1]]).await?.expect(204)?;
    log_in(&bo, &token.press()).await?.expect(201)?;

    // By time: its clock may run away slowly; a clock that jumped is set by two codes.
    bakery.administrator.prove().await?;
    let back = send(bakery.administrator.http.request(Method::DELETE, &of_bo(&bakery, &bo))).await?;
    back.expect(204)?;
    let mut clock = HandToken::new("NV-2002");
    at_work(world, &bakery, &operator, &bo, &mut clock, "totp").await?;
    for _ in 0..4 {
        world.clock.advance(Duration::minutes(2));
        clock.ahead += 1;
        log_in(&bo, &clock.shows(world, 0)).await?.expect(201)?;
    }
    clock.ahead += 8;
    world.clock.advance(Duration::minutes(2));
    log_in(&bo, &clock.shows(world, 0)).await?.refused(403, "not-right")?;
    bo.prove().await?;
    pair(&bo, "resynchronisation", [&clock.shows(world, -1), &clock.shows(world, 0)]).await?.expect(204)?;
    world.clock.advance(Duration::SECOND * 30);
    let code = clock.shows(world, 0);
    log_in(&bo, &code).await?.expect(201)?;
    log_in(&bo, &code).await?.refused(403, "not-right")
});

journey!(of_the_same_code_sent_many_times_at_once_one_is_taken, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    allow(&bakery, true, true).await?;
    let (mut button, mut clock) = (HandToken::new("NV-3001"), HandToken::new("NV-3002"));
    at_work(world, &bakery, &operator, &bo, &mut button, "hotp").await?;
    at_work(world, &bakery, &operator, &ea, &mut clock, "totp").await?;
    for round in 0..10 {
        world.clock.advance(Duration::minutes(1));
        let mut taken = BTreeMap::new();
        for (person, code) in [(&bo, button.press()), (&ea, clock.shows(world, 0))] {
            // Each try has a log-in of its own, so that nothing but the code decides.
            let mut logins = Vec::new();
            for _ in 0..5 {
                logins.push(begin(person).await?.expect(201)?.string("/login"));
            }
            let tries = (0..20).map(|at| answer(person, &logins[at % logins.len()], &code));
            let answers = futures_util::future::try_join_all(tries).await?;
            taken.insert(&person.user_id, answers.iter().filter(|answer| answer.status == 201).count());
        }
        ensure!(taken.values().all(|taken| *taken == 1), "round {round}: {taken:?}");
        world.clock.advance(Duration::minutes(10));
    }
    Ok(())
});

journey!(a_token_is_given_once_taken_back_and_replaced, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let (anne, bo) = (bakery.administrator.clone(), bakery.hire(world, "Bo", "Bager", BO).await?);
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    allow(&bakery, true, true).await?;
    let mut token = HandToken::new("NV-4001");
    let other = HandToken::new("NV-4002");
    import(&operator, &other.line("totp")).await?.expect(201)?;
    at_work(world, &bakery, &operator, &bo, &mut token, "hotp").await?;
    let path = of_bo(&bakery, &bo);
    give(&bakery, &bo, &other).await?.refused(409, "conflict")?;
    give(&bakery, &ea, &token).await?.refused(409, "conflict")?;
    ea.http.post(&path, &json!({"serial": "NV-4002"})).await?.refused(403, "forbidden")?;
    anne.http.post(STOCK, &json!({"format": "csv", "file": ""})).await?.refused(403, "forbidden")?;
    // Two at once for the same person: one.
    anne.prove().await?;
    let (first, second) = (json!({"serial": "NV-4002"}), json!({"serial": "NV-4001"}));
    let path_of_ea = of_bo(&bakery, &ea);
    let race = (0..6).map(|_| anne.http.post(&path_of_ea, &first));
    let given = futures_util::future::try_join_all(race).await?.iter().filter(|answer| answer.status == 201).count();
    ensure!(given == 1, "{given} times");
    // An operator takes it back and gives it anew; the help desk blocks by number.
    operator.0.prove().await?;
    send(operator.0.http.request(Method::DELETE, &path_of_ea)).await?.expect(204)?;
    operator.0.http.post(&path_of_ea, &second).await?.refused(409, "conflict")?;
    let id = own(&bo).await?["id"].as_str().context("its id")?.to_owned();
    anne.http.post(&format!("{STOCK}/{id}/block"), &json!({})).await?.refused(403, "forbidden")?;
    operator.0.http.post(&format!("{STOCK}/{id}/block"), &json!({})).await?.expect(204)?;
    world.settle().await;
    ensure!(world.mailbox.mails_to(BO).iter().any(|mail| mail.subject == "Din nøgleviser er spærret"));
    log_in(&bo, &token.press()).await?.refused(409, "conflict")?;
    // One that is blocked is replaced.
    give(&bakery, &bo, &other).await?.expect(201)?;
    let stock = operator.0.http.get(&format!("{STOCK}?serial=NV-400")).await?.expect(200)?.items();
    let states: Vec<_> = stock.iter().map(|token| token["state"].as_str().unwrap_or_default()).collect();
    ensure!(states == ["ended", "assigned"], "{states:?}");
    bo.prove().await?;
    pair(&bo, "activation", [&other.shows(world, -1), &other.shows(world, 0)]).await?.expect(204)?;
    log_in(&bo, &other.shows(world, 0)).await?.refused(403, "not-right")?;
    world.clock.advance(Duration::SECOND * 30);
    log_in(&bo, &other.shows(world, 0)).await?.expect(201).map(drop)
});

journey!(the_pages_import_give_activate_and_log_in_without_script, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
    let (at_desk, anne) = (operator.0.browser("en").await?, bakery.administrator.browser("da").await?);
    let pskc = include_str!("../fixtures/pskc/rfc6030-figure6.xml");
    let page = at_desk.get("/operations/tokens/import").await?.expect(200)?;
    let refused = upload(&at_desk, &page, pskc, "00000000000000000000000000000000").await?.expect(422)?.text();
    ensure!(refused.contains("The key does not open the file") || refused.contains("wrong MAC"), "{refused}");
    let refused = upload(&at_desk, &page, pskc, "").await?.expect(422)?.text();
    ensure!(refused.contains("The file is encrypted"), "{refused}");
    let done = upload(&at_desk, &page, pskc, "12345678901234567890123456789012").await?.expect(303)?;
    let listed = at_desk.get(&done.header("location")).await?.expect(200)?.text();
    ensure!(
        listed.contains("1 code tokens were put into stock") && listed.contains("987654321") && listed.contains("In stock"),
        "{listed}"
    );
    let again = upload(&at_desk, &page, pskc, "12345678901234567890123456789012").await?.expect(422)?.text();
    ensure!(again.contains("987654321 is here already"), "{again}");

    let factors = format!("/companies/{}/factors", bakery.id);
    let page = anne.get(&factors).await?.expect(200)?;
    ensure!(page.text().contains("Nøgleviser"), "{}", page.text());
    anne.submit(&page, &factors, &[("token", "yes"), ("phone", "yes")]).await?.expect(303)?;
    let of_bo = format!("/companies/{}/employees/{}", bakery.id, bo.employee);
    let page = anne.get(&of_bo).await?.expect(200)?;
    let refused = anne.submit(&page, &format!("{of_bo}/code-token"), &[("serial", "12")]).await?.expect(409)?.text();
    ensure!(refused.contains("Der er ingen nøgleviser med dette serienummer på lager"), "{refused}");
    anne.submit(&page, &format!("{of_bo}/code-token"), &[("serial", "987654321")]).await?.expect(303)?;

    // RFC 4226 appendix D, with eight digits: the secret of RFC 6030's examples.
    let (his, own) = (bo.browser("da").await?, "/account/code-token");
    let page = his.get(own).await?.expect(200)?;
    let action = support::visitor::between(&page.text(), "action=\"/account/code-token/", "\"").context("a form")?;
    let path = format!("{own}/{action}");
    let refused = his.submit(&page, &path, &[("first", "84755224"), ("second", "84755224")]).await?.expect(403)?.text();
    ensure!(refused.contains("De to koder passer ikke"), "{refused}");
    his.submit(&page, &path, &[("first", "84755224"), ("second", "94287082")]).await?.expect(303)?;
    ensure!(his.get(own).await?.text().contains("I brug"));
    let fresh = Visitor::new(&bo.http, "da");
    let page = fresh.get("/login").await?.expect(200)?;
    fresh.submit(&page, "/login", &[("user_id", &bo.user_id), ("password", &bo.password)]).await?.expect(303)?;
    let page = fresh.get("/login/key").await?.expect(200)?;
    ensure!(page.text().contains("href=\"/login/token\""), "{}", page.text());
    let page = fresh.get("/login/token").await?.expect(200)?;
    let refused = fresh.submit(&page, "/login/token", &[("token_code", "94287082"), ("next", "")]).await?.expect(403)?.text();
    ensure!(refused.contains("allerede brugt"), "{refused}");
    fresh.submit(&page, "/login/token", &[("token_code", "37359152"), ("next", "")]).await?.expect(303)?;
    ensure!(fresh.cookie("__Host-segl").is_some(), "no session came");
    // What only the card proves says so to whoever has shown a code, and does not send him round and round.
    let (password, prove) = ("/account/password", "/account/prove?next=%2Faccount%2Fpassword");
    ensure!(fresh.get(password).await?.expect(303)?.header("location") == prove);
    let page = fresh.get(prove).await?.expect(200)?;
    fresh.submit(&page, "/account/prove", &[("password", &bo.password), ("next", password)]).await?.expect(303)?;
    let page = fresh.get("/account/prove/token").await?.expect(200)?;
    fresh.submit(&page, "/account/prove/token", &[("token_code", "26969429"), ("next", password)]).await?.expect(303)?;
    let again = fresh.get(password).await?.expect(303)?.header("location");
    ensure!(again == format!("{prove}&why=card"), "{again}");
    ensure!(fresh.get(&again).await?.expect(200)?.text().contains("En kode fra en nøgleviser er ikke nok til dette"));
    let page = fresh.get(own).await?.expect(200)?;
    let action = support::visitor::between(&page.text(), "action=\"/account/code-token/", "/resynchronisation").context("a form")?;
    fresh.submit(&page, &format!("{own}/{action}/block"), &[]).await?.expect(303)?;
    ensure!(fresh.get(own).await?.text().contains("Spærret"));
    Ok(())
});

async fn upload(at_desk: &Visitor, page: &Answer, file: &str, key: &str) -> anyhow::Result<Answer> {
    let form = reqwest::multipart::Form::new()
        .text("csrf", support::visitor::hidden(&page.text(), "csrf").unwrap_or_default())
        .text("format", "pskc")
        .text("pre_shared_key", key.to_owned())
        .part("file", reqwest::multipart::Part::bytes(file.as_bytes().to_vec()).file_name("tokens.xml"));
    let request = at_desk.request(Method::POST, "/operations/tokens/import").header("Sec-Fetch-Site", "same-origin");
    at_desk.send(request.multipart(form)).await
}
