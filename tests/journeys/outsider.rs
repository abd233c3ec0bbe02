//! Somebody outside: nobody at all, a stranger from another company, another site's page, a browser over plain HTTP.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    papers::{fixture, tests_folder},
    peers::tools::run,
    program::binary,
    roles::{Company, company},
    visitor::Visitor,
    world::{Begins, EngineKind, Setup, World, on_runtime, run_in},
};

/// Routes that anybody may use: the links and passwords that they need are in the body, or nothing is secret.
const PUBLIC: [&str; 31] = [
    "POST /api/v1/logins/card",
    "POST /api/v1/logins/phone",
    "POST /api/v1/activations",
    "GET /api/v1/activations/{file}",
    "POST /api/v1/agreements",
    "POST /api/v1/agreements/acceptance",
    "POST /api/v1/agreements/declining",
    "POST /api/v1/takeover-requests",
    "POST /api/v1/takeover-requests/withdrawal",
    "POST /api/v1/takeovers",
    "POST /api/v1/takeovers/acceptance",
    "POST /api/v1/takeovers/declining",
    "POST /api/v1/key-shares",
    "POST /api/v1/key-shares/approval",
    "POST /api/v1/key-shares/reading",
    "POST /api/v1/logins",
    "POST /api/v1/lost-keycards",
    "POST /api/v1/logins/answer",
    "POST /api/v1/password-resets",
    "POST /api/v1/password-resets/question",
    "POST /api/v1/password-resets/state",
    "POST /api/v1/phone/pairing/agreement",
    "POST /api/v1/phone/pairing/begin",
    "POST /api/v1/phone/pairing/claim",
    "POST /api/v1/phone/pairing/identity",
    "POST /api/v1/phone/pairing/status",
    "POST /api/v1/revocations",
    "GET /api/v1/directory",
    "GET /api/v1/proofing-rules",
    "GET /api/v1/trust",
    "POST /api/v1/verifications",
];

/// Routes that answer about the one who asks, and name nobody else.
const ABOUT_ONESELF: [&str; 43] = [
    "GET /api/v1/history",
    "GET /api/v1/history.csv",
    "GET /api/v1/own-code-tokens",
    "PUT /api/v1/approval-limit",
    "GET /api/v1/approvals",
    "GET /api/v1/approvals/identity",
    "GET /api/v1/certificates",
    "GET /api/v1/devices",
    "DELETE /api/v1/directory/listing",
    "GET /api/v1/directory/listing",
    "PUT /api/v1/directory/listing",
    "GET /api/v1/documents",
    "POST /api/v1/documents",
    "POST /api/v1/key-history",
    "GET /api/v1/keycard-preferences",
    "PUT /api/v1/keycard-preferences",
    "GET /api/v1/keycards",
    "GET /api/v1/mandates",
    "POST /api/v1/keycards",
    "POST /api/v1/phone-questions/keycard",
    "GET /api/v1/phones",
    "POST /api/v1/phones",
    "GET /api/v1/recoveries",
    "GET /api/v1/recovery-holders",
    "POST /api/v1/recovery-holders/renewal",
    "GET /api/v1/reissues",
    "GET /api/v1/successions",
    "POST /api/v1/renewals",
    "DELETE /api/v1/session",
    "GET /api/v1/session",
    "POST /api/v1/session/password",
    "POST /api/v1/session/proof",
    "POST /api/v1/session/proof/answer",
    "POST /api/v1/session/user-id",
    "GET /api/v1/session/telephone",
    "PUT /api/v1/session/telephone",
    "GET /api/v1/sessions",
    "POST /api/v1/signature-links",
    "GET /api/v1/signatures",
    "POST /api/v1/signatures",
    "GET /api/v1/tokens",
    "POST /api/v1/tokens",
    "GET /api/v1/companies",
];

/// Everything of one company that an address can name.
struct Victim {
    company: String,
    employee: String,
    signatory: String,
    document: String,
    signature: String,
    serial: String,
    keycard: String,
    phone: String,
    session: String,
    device: String,
    token: String,
    code_token: String,
}

impl Victim {
    async fn of(operator: &support::roles::Operator, bakery: &Company) -> anyhow::Result<Self> {
        let anne = &bakery.administrator;
        let document = anne.upload("Kontrakt", &fixture("cairo")).await?;
        let signature = anne.ask_to_sign(&document).await?.about;
        let token = anne.http.post("/api/v1/tokens", &json!({"name": "Program", "days": 1})).await?.expect(201)?;
        Ok(Self {
            company: bakery.id.clone(),
            employee: anne.employee.clone(),
            signatory: operator.0.http.get(&format!("/api/v1/companies/{}", bakery.id)).await?.string("/signatories/0/id"),
            document,
            signature,
            serial: anne.certificates().await?[0]["serial"].as_str().unwrap_or_default().to_owned(),
            keycard: anne.keycard.clone(),
            phone: anne.pair_phone("Annes telefon").await?.id.to_string(),
            session: anne.http.get("/api/v1/sessions").await?.string("/items/0/id"),
            device: anne.http.get("/api/v1/devices").await?.string("/items/0/id"),
            token: token.header("location").rsplit('/').next().unwrap_or_default().to_owned(),
            code_token: code_token(operator, bakery).await?,
        })
    }

    /// The address with the victim's ids in it.
    fn address(&self, path: &str) -> String {
        let id = if path.contains("code-tokens/") {
            &self.code_token
        } else if path.contains("/documents/") {
            &self.document
        } else if path.contains("/keycards/") {
            &self.keycard
        } else if path.contains("/phones/") {
            &self.phone
        } else if path.contains("/sessions/") {
            &self.session
        } else if path.contains("/devices/") {
            &self.device
        } else {
            &self.token
        };
        let nothing = uuid::Uuid::nil().to_string();
        let no_reference = "AAAA-AAAA".to_owned();
        let parts = [
            ("{approval}", &nothing),
            ("{letter}", &nothing),
            ("{message}", &nothing),
            ("{import}", &nothing),
            ("{key}", &nothing),
            ("{webhook}", &nothing),
            ("{delivery}", &nothing),
            ("{company}", &self.company),
            ("{employee}", &self.employee),
            ("{reference}", &no_reference),
            ("{signatory}", &self.signatory),
            ("{signature}", &self.signature),
            ("{serial}", &self.serial),
            ("{id}", id),
        ];
        let named = parts.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value));
        named.replace("{number}", "1").replace("{edition}", "card.txt").replace("{file}", "card.txt")
    }

    fn names(&self) -> [&str; 10] {
        [
            &self.company,
            &self.employee,
            &self.signatory,
            &self.document,
            &self.serial,
            &self.keycard,
            &self.phone,
            &self.session,
            &self.token,
            &self.code_token,
        ]
    }
}

/// The code token of the administrator.
async fn code_token(operator: &support::roles::Operator, bakery: &Company) -> anyhow::Result<String> {
    let (anne, token) = (&bakery.administrator, support::token::HandToken::new("NV-OUT"));
    let file = format!("serial,seed_hex,kind\n{}", token.line("hotp"));
    operator.0.http.post("/api/v1/code-tokens", &json!({"format": "csv", "file": file})).await?.expect(201)?;
    let factors = anne.http.request(Method::PUT, &format!("/api/v1/companies/{}/factors", bakery.id));
    send(factors.json(&json!({"phone": true, "token": true}))).await?.expect(204)?;
    let path = format!("/api/v1/companies/{}/employees/{}/code-token", bakery.id, anne.employee);
    Ok(anne.http.post(&path, &json!({"serial": "NV-OUT"})).await?.expect(201)?.string("/id"))
}

fn proofing(victim: &Victim) -> Value {
    let documents = json!([support::roles::passport()]);
    json!({"company": victim.company, "employee": victim.employee, "birth_date": support::roles::BIRTH_DATE, "documents": documents})
}

/// What changes a company itself.
fn of_company(operation: &str, victim: &Victim) -> Option<Value> {
    Some(match operation {
        "POST /api/v1/companies/{company}/administrators" => json!({"employee": victim.employee}),
        "POST /api/v1/companies/{company}/agreement-change" => {
            let signatories = json!([{"name": "Snu Stær", "email": "snu@mejeri.example.dk"}]);
            json!({"street": "Havnegade 1", "postal_code": "4220", "city": "Korsør", "signatories": signatories})
        }
        "POST /api/v1/companies/{company}/signatories/{signatory}/form" => json!({"signed_on": "2026-11-22"}),
        "POST /api/v1/mandates/{id}/phone-approval" => json!({"approval": uuid::Uuid::nil()}),
        "POST /api/v1/companies/{company}/successions" => {
            let signatories = json!([{"name": "Snu Stær", "email": "snu@mejeri.example.dk"}]);
            let agreement = json!({"street": "Havnegade 1", "postal_code": "4220", "city": "Korsør", "signatories": signatories});
            json!({"kind": "board", "agreement": agreement, "reason": "Snyd"})
        }
        "POST /api/v1/companies/{company}/api-keys" => json!({"name": "Snyd", "scopes": ["employees:write"]}),
        "POST /api/v1/companies/{company}/webhooks" => json!({"url": "https://snyd.example.dk/", "kinds": ["employee.left"]}),
        "POST /api/v1/companies/{company}/closing" => json!({"number": "30808460"}),
        _ => return None,
    })
}

/// A body that its owner could send.
fn body(operation: &str, victim: &Victim) -> Value {
    if let Some(body) = of_company(operation, victim) {
        return body;
    }
    match operation {
        "POST /api/v1/certificates/{serial}/revocation" => json!({"reason": "keyCompromise"}),
        "POST /api/v1/companies" => company("Snyd ApS", "26912865"),
        "POST /api/v1/companies/{company}/certificates" => json!({"purpose": "seal"}),
        "POST /api/v1/companies/{company}/imported-certificates" => json!({"purpose": "seal", "pkcs12": "MAA=", "passphrase": "x"}),
        "POST /api/v1/companies/{company}/imports/{import}/start" => json!({"way": "good"}),
        "POST /api/v1/companies/{company}/employees" => support::roles::invitation("Snu", "Stær", "snu@mejeri.example.dk"),
        "POST /api/v1/companies/{company}/employees/{employee}/keycards" => json!({"lost": true}),
        "POST /api/v1/companies/{company}/employees/{employee}/invitation" => json!({"vouched": "by_letter"}),
        "PUT /api/v1/companies/{company}/employees/{employee}/person" => {
            json!({"given_name": "Snu", "surname": "Stær", "email": "snu@mejeri.example.dk"})
        }
        "POST /api/v1/code-tokens" => json!({"format": "csv", "file": "serial,seed_hex\n"}),
        "POST /api/v1/companies/{company}/employees/{employee}/code-token" => json!({"serial": "NV-OUT"}),
        "POST /api/v1/operators" => json!({"name": "Snu Stær", "email": "snu@mejeri.example.dk", "roles": ["security"]}),
        "PUT /api/v1/operators/{id}/roles" => json!({"roles": ["security"]}),
        "POST /api/v1/own-code-tokens/{id}/activation" | "POST /api/v1/own-code-tokens/{id}/resynchronisation" => {
            json!({"first": "000000", "second": "000000"})
        }
        "PUT /api/v1/companies/{company}/employees/{employee}/suspension" => json!({"reason": "Orlov"}),
        "PUT /api/v1/companies/{company}/employees/{employee}/details" => json!({"unit": "Bageriet"}),
        "PUT /api/v1/companies/{company}/cpr-subscription" => json!({"ground": "Snyd"}),
        "PUT /api/v1/companies/{company}/employees/{employee}/cpr-number"
        | "POST /api/v1/companies/{company}/employees/{employee}/cpr-match" => json!({"cpr": "1705801234"}),
        "PUT /api/v1/companies/{company}/factors" => json!({"phone": false, "token": true}),
        "PUT /api/v1/companies/{company}/key-carriers" => json!({"carriers": ["central"]}),
        "POST /api/v1/letter-batches" => json!({"class": "card"}),
        "PUT /api/v1/keycard-preferences" => json!({"order_at": 20, "edition": "print"}),
        "POST /api/v1/proofings" => proofing(victim),
        "POST /api/v1/proofing-judgements" => json!({"channel": "desk", "birth_date": support::roles::BIRTH_DATE, "documents": []}),
        "PATCH /api/v1/phones/{id}" => json!({"name": "Snydt"}),
        "POST /api/v1/operations/phones/block" => json!({"user_id": "anne.aadal"}),
        "POST /api/v1/phones/{id}/pairing/confirmation" => json!({"key": "123456"}),
        "POST /api/v1/phones/{id}/pairing/phone-confirmation" | "POST /api/v1/phone-questions/keycard/order" => {
            json!({"approval": uuid::Uuid::nil()})
        }
        "POST /api/v1/phones/{id}/pairing/phone-question" => json!({"password": support::roles::PASSWORD}),
        "POST /api/v1/recoveries/{id}/phone-approval" => {
            json!({"approval": uuid::Uuid::nil(), "password": support::roles::PASSWORD})
        }
        "POST /api/v1/phones/{id}/pairing/question" => json!({"password": support::roles::PASSWORD}),
        "PUT /api/v1/companies/{company}/employees/{employee}/telephone" | "PUT /api/v1/session/telephone" => {
            json!({"telephone": "12345678"})
        }
        "POST /api/v1/reissues" => json!({"company": victim.company, "employee": victim.employee}),
        "POST /api/v1/reissues/{id}/invitation" => json!({"vouched": "by_letter"}),
        "POST /api/v1/reissues/{id}/phone-approval" => json!({"approval": uuid::Uuid::nil()}),
        "POST /api/v1/recoveries" => json!({"employee": victim.employee, "reason": "Sygdom"}),
        "POST /api/v1/recoveries/{id}/approval" | "POST /api/v1/recoveries/{id}/collection" => {
            json!({"password": support::roles::PASSWORD})
        }
        "POST /api/v1/recovery-holders" => json!({"signatory": victim.signatory}),
        "POST /api/v1/documents/{id}/signatures/{signature}/approval" => json!({"password": support::roles::PASSWORD, "key": "123456"}),
        _ => json!({}),
    }
}

fn operations() -> Vec<(String, String)> {
    let document = serde_json::to_value(segl::router::openapi()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|method| ["delete", "get", "patch", "post", "put"].contains(&method.as_str()))
        {
            if path.starts_with("/api/") {
                found.push((method.to_uppercase(), path.clone()));
            }
        }
    }
    found
}

async fn attempt(client: &support::client::Client, method: &str, path: &str, body: &Value) -> anyhow::Result<Answer> {
    let request = client.request(Method::from_bytes(method.as_bytes())?, path);
    send(if ["PATCH", "POST", "PUT"].contains(&method) { request.json(body) } else { request }).await
}

journey!(every_route_of_the_api_is_closed_to_nobody_and_to_a_stranger, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    let ea = dairy.hire(world, "Ea", "Eng", "ea@mejeri.example.dk").await?;
    let victim = Victim::of(&operator, &bakery).await?;
    let strangers = [&dairy.administrator.http, &ea.http];
    let mut faults = Vec::new();
    let all = operations();
    for (method, path) in all.iter().filter(|(method, path)| !PUBLIC.contains(&format!("{method} {path}").as_str())) {
        let operation = format!("{method} {path}");
        let address = victim.address(path);
        ensure!(!address.contains('{'), "{address}: say what stands there");
        let body = body(&operation, &victim);
        let nobody = attempt(&world.client(), method, &address, &body).await?;
        if nobody.refused(401, "not-logged-in").is_err() {
            faults.push(format!("nobody: {operation}: {} {}", nobody.status, nobody.text()));
        }
        if operation == "DELETE /api/v1/session" || operation == "POST /api/v1/session/password" {
            continue; // They end sessions: one's own.
        }
        for stranger in strangers {
            let answer = attempt(stranger, method, &address, &body).await?;
            let closed = [401, 403, 404].contains(&answer.status.as_u16()) && !answer.problem().is_empty();
            let own = ABOUT_ONESELF.contains(&operation.as_str()) && !victim.names().iter().any(|name| answer.text().contains(name));
            if !closed && !own {
                faults.push(format!("stranger: {operation}: {} {}", answer.status, answer.text()));
            }
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    let known: BTreeSet<String> = all.iter().map(|(method, path)| format!("{method} {path}")).collect();
    for listed in PUBLIC.iter().chain(&ABOUT_ONESELF) {
        ensure!(known.contains(*listed), "{listed} is no route any more");
    }
    let shown = bakery.administrator.http.get(&format!("/api/v1/companies/{}", bakery.id)).await?.expect(200)?;
    ensure!(shown.json()["administrators"] == json!([bakery.administrator.employee]), "{}", shown.text());
    ensure!(bakery.administrator.certificates().await?[0]["state"] == "active", "nothing was revoked");
    ensure!(bakery.administrator.http.get("/api/v1/keycards").await?.items()[0]["state"] == "active", "nothing was blocked");
    ensure!(bakery.administrator.http.get("/api/v1/tokens").await?.items().len() == 1, "nothing was ended");
    Ok(())
});

journey!(every_route_with_a_body_names_a_field_that_it_does_not_know, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let victim = Victim::of(&operator, &bakery).await?;
    // These read no JSON.
    let without = [
        "POST /api/v1/code-tokens/{id}/block",
        "POST /api/v1/companies/{company}/employees/{employee}/code-token/block",
        "POST /api/v1/companies/{company}/imports",
        "POST /api/v1/companies/{company}/order-withdrawal",
        "POST /api/v1/companies/{company}/register-check",
        "POST /api/v1/companies/{company}/sealed-documents",
        "POST /api/v1/documents",
        "POST /api/v1/documents/{id}/signatures/{signature}/phone/extension",
        "POST /api/v1/verifications",
        "POST /api/v1/companies/{company}/employees/{employee}/undelivered/{message}/resending",
        "POST /api/v1/keycards",
        "POST /api/v1/letter-batches/{id}/letters/{letter}/return",
        "POST /api/v1/letter-batches/{id}/posting",
        "POST /api/v1/operator-changes/{id}/consent",
        "POST /api/v1/operator-changes/{id}/refusal",
        "POST /api/v1/operators/{id}/ending",
        "POST /api/v1/own-code-tokens/{id}/block",
        "POST /api/v1/phones",
        "POST /api/v1/phone-questions/keycard",
        "POST /api/v1/phones/{id}/block",
        "POST /api/v1/phones/{id}/move",
        "POST /api/v1/mandates/{id}/approval",
        "POST /api/v1/mandates/{id}/phone-question",
        "POST /api/v1/recoveries/{id}/objection",
        "POST /api/v1/recoveries/{id}/phone-question",
        "POST /api/v1/reissues/{id}/approval",
        "POST /api/v1/reissues/{id}/phone-question",
        "POST /api/v1/successions/{id}/approval",
        "POST /api/v1/successions/{id}/opening",
        "POST /api/v1/successions/{id}/signatories/{signatory}/form",
        "POST /api/v1/successions/{id}/signatories/{signatory}/link",
        "POST /api/v1/refusals/{reference}/block",
        "POST /api/v1/signature-links",
        "POST /api/v1/companies/{company}/webhooks/{webhook}/secret",
        "POST /api/v1/companies/{company}/webhooks/{webhook}/resumption",
        "POST /api/v1/companies/{company}/webhooks/{webhook}/test",
        "POST /api/v1/companies/{company}/webhooks/{webhook}/deliveries/{delivery}/redelivery",
    ];
    let link = "POST /api/v1/companies/{company}/signatories/{signatory}/link";
    for (method, path) in operations() {
        let operation = format!("{method} {path}");
        // These are a phone's, which names itself by its own token: to a session they are closed.
        let of_phones = path.starts_with("/api/v1/phone/") && !path.starts_with("/api/v1/phone/pairing/");
        if method != "POST" || of_phones || without.contains(&operation.as_str()) || operation == link {
            continue;
        }
        let mut seen = false;
        for http in [&bakery.administrator.http, &operator.0.http] {
            let answer = attempt(http, &method, &victim.address(&path), &json!({"ukendt_felt": 1})).await?;
            if answer.status == 403 && answer.problem() == "forbidden" {
                continue;
            }
            answer.refused(422, "invalid").map_err(|error| error.context(operation.clone()))?;
            ensure!(answer.text().contains("ukendt_felt") && !answer.pointers().is_empty(), "{operation}: {}", answer.text());
            seen = true;
        }
        ensure!(seen, "{operation}: nobody in this story may use it");
    }
    Ok(())
});

/// Every page that takes a form, from the code.
fn forms() -> Vec<String> {
    fn search(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                search(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let posts = text.split("#[post(\"").skip(1).filter_map(|rest| rest.split('"').next());
                found.extend(
                    posts.filter(|route| !["/api/", "/ocsp", "/timestamp"].iter().any(|other| route.starts_with(other))).map(str::to_owned),
                );
            }
        }
    }
    let mut found = Vec::new();
    search(&tests_folder().join("../server/src"), &mut found);
    found
}

journey!(no_page_takes_a_form_without_the_sessions_token_or_from_another_site, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let victim = Victim::of(&operator, &bakery).await?;
    let browsers = [bakery.administrator.browser("da").await?, operator.0.browser("da").await?];
    let forms = forms();
    ensure!(forms.len() >= 15, "the pages' forms are found: {forms:?}");
    for form in &forms {
        let path = victim.address(&form.replace("{link}", "AAAAAAAAAAAAAAAAAAAAAA"));
        let mut without_token = BTreeSet::new();
        for browser in &browsers {
            let request = |site: &str| browser.bare(Method::POST, &path).header("Sec-Fetch-Site", site.to_owned());
            let urlencoded =
                |request: reqwest::RequestBuilder| request.header("Content-Type", "application/x-www-form-urlencoded").body("reason=x");
            let multipart = |request: reqwest::RequestBuilder| {
                let file = reqwest::multipart::Part::bytes(fixture("cairo")).file_name("a.pdf");
                request.multipart(reqwest::multipart::Form::new().text("title", "a").part("file", file))
            };
            for foreign in [urlencoded(request("cross-site")), urlencoded(request("same-site")), multipart(request("cross-site"))] {
                browser.send(foreign).await?.refused(403, "cross-site").with_context(|| path.clone())?;
            }
            for ours in [urlencoded(request("same-origin")), multipart(request("same-origin")), request("same-origin")] {
                let answer = browser.send(ours).await?;
                let expected = [400, 403, 404, 415].contains(&answer.status.as_u16());
                ensure!(expected, "{path}: {} {}", answer.status, answer.text().chars().take(300).collect::<String>());
                without_token.insert(answer.problem());
            }
        }
        // Whoever may use the form is told what lacks; the others are refused before.
        ensure!(without_token.contains("cross-site"), "{form}: {without_token:?}");
    }
    let anne = &bakery.administrator;
    ensure!(anne.http.get("/api/v1/documents").await?.items().len() == 1, "nothing was uploaded");
    ensure!(browsers[0].get("/account").await?.status == 200, "nobody was logged out");
    Ok(())
});

journey!(a_cookie_alone_changes_nothing_through_the_api_either, async |world| {
    let (_, bakery) = world.bakery().await?;
    let browser = bakery.administrator.browser("da").await?;
    let invitation = support::roles::invitation("Bo", "Bager", "bo@bageri.example.dk");
    let bare = browser.bare(Method::POST, &bakery.employees()).json(&invitation);
    browser.send(bare).await?.refused(403, "cross-site")?;
    let foreign = browser.bare(Method::POST, &bakery.employees()).header("Origin", "https://evil.example.dk").json(&invitation);
    browser.send(foreign).await?.refused(403, "cross-site")?;
    let page = browser.get("/account").await?.expect(200)?;
    let token = support::visitor::hidden(&page.text(), "csrf").unwrap_or_default();
    let ours = browser.bare(Method::POST, &bakery.employees()).header("x-csrf-token", token).header("Sec-Fetch-Site", "same-origin");
    browser.send(ours.json(&invitation)).await?.expect(201)?;
    Ok(())
});

journey!(pages_have_languages_titles_and_safe_headers, async |world| {
    let danish = Visitor::new(&world.client(), "da-DK,da;q=0.9,en;q=0.5");
    let english = Visitor::new(&world.client(), "en-GB,en;q=0.9");
    for path in ["/", "/login", "/verify", "/help", "/problems", "/accessibility", "/trust", "/directory/search"] {
        for (visitor, language) in [(&danish, "da"), (&english, "en")] {
            let page = visitor.get(path).await?.expect(200)?;
            let text = page.text();
            ensure!(text.contains(&format!("<html lang=\"{language}\">")), "{path} in {language}");
            ensure!(text.matches("<h1").count() == 1 && text.contains("<title>") && text.contains("<main"), "{path}: one heading");
            let policy = page.header("content-security-policy");
            ensure!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            ensure!(
                page.header("x-content-type-options") == "nosniff" && page.header("strict-transport-security").contains("max-age"),
                "{path}"
            );
        }
    }
    let chosen = danish.get("/help?language=en").await?.expect(200)?;
    ensure!(chosen.text().contains("<html lang=\"en\">"), "the link decides");
    ensure!(danish.get("/help").await?.text().contains("<html lang=\"en\">"), "and is remembered");
    let lost = danish.get("/findes-ikke").await?;
    ensure!(lost.status == 404 && lost.text().contains("<html"), "a page for people");
    world.client().get("/api/v1/findes-ikke").await?.refused(404, "not-found")?;
    ensure!(danish.get("/documents").await?.status == 401, "a stranger is asked to log in");
    Ok(())
});

/// A page opened as a proxy at the loopback passes it on.
async fn through_a_proxy(world: &World, scheme: &str) -> anyhow::Result<Answer> {
    let visitor = Visitor::new(&world.client(), "en");
    let request = visitor.request(Method::GET, "/login").header("X-Forwarded-For", "203.0.113.7").header("X-Forwarded-Proto", scheme);
    visitor.send(request).await
}

journey!(a_strangers_word_about_the_connection_changes_nothing, async |world| {
    // Nobody is trusted here: the peer is the loopback, which pages are shown to.
    through_a_proxy(world, "http").await?.expect(200)?;
    through_a_proxy(world, "https").await?.expect(200)?;
    Ok(())
});

#[test]
fn a_trusted_proxys_word_about_the_connection_counts() {
    let setup = Setup { server: "trusted_proxies = [\"127.0.0.1\"]".into(), ..Setup::on(EngineKind::Sqlite) };
    run_in(setup, async |world| {
        through_a_proxy(world, "https").await?.expect(200)?;
        let told = through_a_proxy(world, "http").await?.expect(400)?;
        ensure!(told.text().contains("https://segl.example.dk"), "{}", told.text());
        // Programs and whoever checks certificates are served: they bring no session cookie.
        let program = world.client().request(Method::GET, "/health/live").header("X-Forwarded-For", "203.0.113.7");
        send(program.header("X-Forwarded-Proto", "http")).await?.expect(200)?;
        Ok(())
    });
}

/// In a network with an address that is no loopback's: the service, and a browser that opens a page over plain HTTP.
const IN_A_NETWORK_OF_ITS_OWN: &str = r#"
ip link set lo up
ip address add 192.0.2.7/32 dev lo
"$0" serve --data "$1" --listen 192.0.2.7:8080 >"$1/log" 2>&1 &
service=$!
for _ in $(seq 600); do curl -sfo "$1/ready" http://192.0.2.7:8080/health/ready && break; sleep 0.1; done
for path in /login /health/live; do
  curl -s -w '\n%{http_code} %{remote_ip}\n' -H 'Accept: text/html' -H 'Accept-Language: en' "http://192.0.2.7:8080$path"
done
kill "$service"
wait "$service"
"#;

/// How a network of its own is had here: by root, by anybody, or by whoever may become root.
async fn unshared() -> Vec<&'static str> {
    let ways = [vec!["unshare", "--net"], vec!["unshare", "--user", "--map-root-user", "--net"], vec!["sudo", "-n", "unshare", "--net"]];
    let mut words = String::new();
    for way in ways {
        let said = run(way[0], way[1..].iter().chain(&["true"])).await;
        if said.is_content() {
            return way;
        }
        words.push_str(&said.words);
    }
    panic!("this machine gives nobody a network of its own: {words}")
}

#[test]
fn a_page_over_plain_http_from_another_machine_is_refused_in_words() {
    on_runtime(async {
        let plot = World::of(Setup { begins: Begins::Now, ..Setup::on(EngineKind::Sqlite) }).await.stop();
        let way = unshared().await;
        let (program, data) = (binary().display().to_string(), plot.data().display().to_string());
        let service = ["bash", "-c", IN_A_NETWORK_OF_ITS_OWN, program.as_str(), data.as_str()];
        let said = run(way[0], way[1..].iter().chain(&service)).await;
        assert!(said.words.contains("https://segl.example.dk") && said.words.contains("400 192.0.2.7"), "{}", said.words);
        assert!(said.words.contains("200 192.0.2.7"), "programs are served: {}", said.words);
    });
}

journey!(health_metrics_and_openapi_are_there, async |world| {
    let client = world.client();
    client.get("/health/live").await?.expect(200)?;
    client.get("/health/ready").await?.expect(200)?;
    let metrics = client.get("/metrics").await?.expect(200)?.text();
    ensure!(metrics.contains("# TYPE"), "{metrics}");
    let document = client.get("/api/openapi.json").await?.expect(200)?.json();
    ensure!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", document["openapi"]);
    Ok(())
});
