//! Old mail stays readable: by its own person after renewal, and by the company when two people agree. Judged by openssl.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    peers::tools::{Said, run},
    roles::{Company, Operator, Person, activation, company, invitation, post_for},
    visitor::Visitor,
    world::World,
};
use time::Duration;

const LETTER: &str = "Kære Ea, lønnen for november er udbetalt.\n";

/// A bakery whose administrators are Anne and Bo, with Ea as an employee who gets encrypted mail.
struct Bakery {
    operator: Operator,
    company: Company,
    anne: Person,
    bo: Person,
    ea: Person,
}

async fn bakery(world: &World) -> anyhow::Result<Bakery> {
    let (operator, company) = world.bakery().await?;
    let bo = company.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    company.appoint(world, &bo, None).await?;
    let ea = company.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    Ok(Bakery { operator, anne: company.administrator.clone(), company, bo, ea })
}

/// The certificate that mail to a person is encrypted to, PEM.
async fn encryption_certificate(person: &Person) -> anyhow::Result<String> {
    let all = person.certificates().await?;
    let own = all.iter().find(|item| item["purpose"] == "encryption" && item["employee"] == person.employee.as_str());
    let serial = own.and_then(|item| item["serial"].as_str()).context("an encryption certificate")?;
    Ok(person.http.get(&format!("/api/v1/certificates/{serial}")).await?.expect(200)?.string("/pem"))
}

/// A mail that openssl encrypted to a certificate.
struct OldMail(tempfile::TempDir);

impl OldMail {
    async fn to(certificate: &str) -> anyhow::Result<Self> {
        let mail = Self(tempfile::tempdir()?);
        std::fs::write(mail.file("certificate.pem"), certificate)?;
        std::fs::write(mail.file("letter"), LETTER)?;
        let (letter, sealed, to) = (mail.file("letter"), mail.file("mail.eml"), mail.file("certificate.pem"));
        let said = run("openssl", ["cms", "-encrypt", "-aes-256-cbc", "-in", &letter, "-out", &sealed, &to]).await;
        ensure!(said.is_content(), "{}", said.words);
        Ok(mail)
    }

    fn file(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Reads it with what was handed out: one of the files opens with the password and decrypts.
    async fn read_with(&self, handed_out: &Value) -> anyhow::Result<()> {
        let password = format!("pass:{}", handed_out["password"].as_str().context("a password")?);
        let mut words = Vec::new();
        for file in handed_out["files"].as_array().context("files")? {
            std::fs::write(self.file("keys.p12"), STANDARD.decode(file["pkcs12"].as_str().context("a PKCS#12")?)?)?;
            let said = self.decrypt(&password).await;
            if said.is_content() && said.words.contains("lønnen for november") {
                return Ok(());
            }
            words.push(said.words);
        }
        anyhow::bail!("no file opened the mail: {words:?}")
    }

    async fn decrypt(&self, password: &str) -> Said {
        let (keys, all) = (self.file("keys.p12"), self.file("all.pem"));
        let opened = run("openssl", ["pkcs12", "-in", &keys, "-nodes", "-passin", password, "-out", &all]).await;
        if !opened.is_content() {
            return opened;
        }
        let (sealed, to) = (self.file("mail.eml"), self.file("certificate.pem"));
        run("openssl", ["cms", "-decrypt", "-in", &sealed, "-inkey", &all, "-recip", &to]).await
    }
}

async fn ask(asker: &Person, employee: &Person) -> anyhow::Result<Answer> {
    let body = json!({"employee": employee.employee, "reason": "Ea er syg, og kunden venter på svar"});
    asker.http.post("/api/v1/recoveries", &body).await
}

async fn step(person: &Person, recovery: &str, step: &str) -> anyhow::Result<Answer> {
    person.http.post(&format!("/api/v1/recoveries/{recovery}/{step}"), &json!({"password": person.password})).await
}

async fn object(person: &Person, recovery: &str) -> anyhow::Result<Answer> {
    person.http.post(&format!("/api/v1/recoveries/{recovery}/objection"), &json!({})).await
}

async fn possibility(person: &Person) -> anyhow::Result<String> {
    Ok(person.http.get("/api/v1/recovery-holders").await?.expect(200)?.string("/possibility"))
}

journey!(two_administrators_recover_and_openssl_reads_the_old_mail, async |world| {
    let Bakery { mut anne, bo, ea, .. } = bakery(world).await?;
    ensure!(possibility(&anne).await? == "possible", "{}", possibility(&anne).await?);
    let mail = OldMail::to(&encryption_certificate(&ea).await?).await?;
    let asked = ask(&anne, &ea).await?.expect(201)?;
    let id = asked.string("/id");
    ensure!(asked.header("location") == format!("/api/v1/recoveries/{id}"), "{}", asked.header("location"));
    ask(&bo, &ea).await?.refused(409, "already-done")?;
    world.settle().await;
    let told = world.mailbox.mails_to("ea@bageri.example.dk");
    ensure!(told.iter().any(|mail| mail.text.contains("Ea er syg") && mail.text.contains("/recoveries")), "the employee is told why");
    ensure!(world.mailbox.mails_to("bo@bageri.example.dk").iter().any(|mail| mail.text.contains("Ea er syg")), "the second person is told");
    step(&anne, &id, "collection").await?.refused(409, "conflict")?;
    step(&anne, &id, "approval").await?.refused(403, "forbidden")?;
    step(&bo, &id, "approval").await?.expect(204)?;
    step(&bo, &id, "approval").await?.refused(409, "already-done")?;
    step(&anne, &id, "collection").await?.refused(409, "conflict")?;
    world.clock.advance(Duration::hours(48));
    anne.log_in().await?;
    let wrong = anne.http.post(&format!("/api/v1/recoveries/{id}/collection"), &json!({"password": "Forkert-2026"})).await?;
    wrong.refused(403, "not-right")?;
    let handed_out = step(&anne, &id, "collection").await?.expect(200)?;
    ensure!(handed_out.header("cache-control") == "no-store", "shown once");
    mail.read_with(&handed_out.json()).await?;
    step(&anne, &id, "collection").await?.refused(410, "gone")?;
    world.settle().await;
    let told = world.mailbox.mails_to("ea@bageri.example.dk");
    ensure!(
        told.iter().any(|mail| mail.text.contains("Anne Ådal") && mail.text.contains("Bo Bager")),
        "the employee is told who has the keys"
    );
    let shown = anne.http.get(&format!("/api/v1/recoveries/{id}")).await?.expect(200)?;
    ensure!(shown.string("/state") == "collected" && shown.string("/approved_by") == "Bo Bager", "{}", shown.text());
    Ok(())
});

journey!(the_employee_objects_and_nothing_is_handed_out, async |world| {
    let Bakery { mut anne, mut bo, mut ea, .. } = bakery(world).await?;
    let id = ask(&anne, &ea).await?.expect(201)?.string("/id");
    step(&bo, &id, "approval").await?.expect(204)?;
    ensure!(ea.http.get("/api/v1/recoveries").await?.expect(200)?.items().len() == 1, "Ea sees it");
    object(&bo, &id).await?.refused(404, "not-found")?;
    object(&ea, &id).await?.expect(204)?;
    object(&ea, &id).await?.refused(409, "conflict")?;
    world.clock.advance(Duration::hours(49));
    for person in [&mut anne, &mut bo, &mut ea] {
        person.log_in().await?;
    }
    step(&anne, &id, "collection").await?.refused(409, "conflict")?;
    world.settle().await;
    ensure!(world.mailbox.mails_to("anne@30808460.example.dk").iter().any(|mail| mail.text.contains("Ea Eng")), "the asker is told");
    let again = ask(&anne, &ea).await?.expect(201)?.string("/id");
    world.clock.advance(Duration::hours(48));
    ea.log_in().await?;
    object(&ea, &again).await?.refused(409, "conflict")
});

/// How many released shares rest, and how many wait to be passed on.
async fn released(world: &World) -> anyhow::Result<i64> {
    use sqlx::Connection as _;
    let statement = "SELECT (SELECT count(*) FROM recovery_share) + (SELECT count(*) FROM share_passing)";
    Ok(match world.plot().postgres() {
        Some(url) => sqlx::query_scalar(statement).fetch_one(&mut sqlx::PgConnection::connect(&url).await?).await?,
        None => {
            let url = format!("sqlite://{}", world.file("segl.db").display());
            sqlx::query_scalar(statement).fetch_one(&mut sqlx::SqliteConnection::connect(&url).await?).await?
        }
    })
}

journey!(an_approval_that_was_taken_back_or_objected_to_is_worth_nothing_to_the_asker, async |world| {
    let Bakery { company, mut anne, mut bo, mut ea, .. } = bakery(world).await?;
    // The approver thinks again.
    let id = ask(&anne, &ea).await?.expect(201)?.string("/id");
    step(&bo, &id, "approval").await?.expect(204)?;
    ensure!(released(world).await? > 0, "a share was released");
    bo.http.delete(&format!("/api/v1/recoveries/{id}")).await?.expect(204)?;
    ensure!(released(world).await? == 0, "and is gone");
    step(&anne, &id, "collection").await?.refused(410, "gone")?;
    step(&bo, &id, "approval").await?.refused(410, "gone")?;
    // The employee objects.
    let objected = ask(&anne, &ea).await?.expect(201)?.string("/id");
    step(&bo, &objected, "approval").await?.expect(204)?;
    object(&ea, &objected).await?.expect(204)?;
    ensure!(released(world).await? == 0, "nothing is left of it");
    // Neither time nor the employee's leaving brings an approval back; and the asker alone is one person.
    world.clock.advance(Duration::hours(49));
    for person in [&mut anne, &mut bo, &mut ea] {
        person.log_in().await?;
    }
    dismiss(&anne, &company, &ea).await?;
    step(&anne, &id, "collection").await?.refused(410, "gone")?;
    step(&anne, &objected, "collection").await?.refused(409, "conflict")?;
    let again = ask(&anne, &ea).await?.expect(201)?.string("/id");
    step(&anne, &again, "approval").await?.refused(403, "forbidden")?;
    step(&anne, &again, "collection").await?.refused(409, "conflict")?;
    ensure!(released(world).await? == 0, "what one person does releases nothing");
    Ok(())
});

/// A page of theirs, in their language, as text.
async fn page(person: &Person, language: &'static str, path: &str) -> anyhow::Result<String> {
    Ok(person.browser(language).await?.get(path).await?.expect(200)?.text())
}

async fn dismiss(administrator: &Person, company: &Company, employee: &Person) -> anyhow::Result<()> {
    administrator.http.delete(&format!("{}/{}", company.employees(), employee.employee)).await?.expect(204)?;
    Ok(())
}

journey!(whoever_had_left_when_it_was_asked_for_has_no_hours_to_object, async |world| {
    let Bakery { company, anne, bo, ea, .. } = bakery(world).await?;
    let mail = OldMail::to(&encryption_certificate(&ea).await?).await?;
    dismiss(&anne, &company, &ea).await?;
    for (language, words) in [("da", "er stoppet og kan ikke gøre indsigelse"), ("en", "has left and cannot object")] {
        let shown = page(&bo, language, &format!("/recoveries/new?employee={}", ea.employee)).await?;
        ensure!(shown.contains(words) && !shown.contains("48 timer") && !shown.contains("48 hours"), "{shown}");
    }
    let id = ask(&bo, &ea).await?.expect(201)?.string("/id");
    step(&bo, &id, "collection").await?.refused(409, "conflict")?;
    step(&anne, &id, "approval").await?.expect(204)?;
    world.settle().await;
    let told = world.mailbox.mails_to("ea@bageri.example.dk");
    ensure!(
        told.iter().any(|mail| mail.text.contains("Ea er syg") && mail.text.contains("Kontakt Havnens Bageri")),
        "told, and whom to ask"
    );
    let handed_out = step(&bo, &id, "collection").await?.expect(200)?;
    mail.read_with(&handed_out.json()).await
});

journey!(dismissing_the_employee_later_shortens_no_hours, async |world| {
    let Bakery { company, anne, mut bo, ea, .. } = bakery(world).await?;
    let mail = OldMail::to(&encryption_certificate(&ea).await?).await?;
    let id = ask(&bo, &ea).await?.expect(201)?.string("/id");
    step(&anne, &id, "approval").await?.expect(204)?;
    dismiss(&bo, &company, &ea).await?;
    step(&bo, &id, "collection").await?.refused(409, "conflict")?;
    for (language, words) in [("da", "bliver ikke kortere, hvis medarbejderen stopper"), ("en", "gets no shorter if the employee leaves")] {
        let shown = page(&bo, language, &format!("/recoveries/{id}")).await?;
        ensure!(shown.contains(words), "{shown}");
    }
    world.clock.advance(Duration::hours(48) - Duration::seconds(1));
    bo.log_in().await?;
    step(&bo, &id, "collection").await?.refused(409, "conflict")?;
    world.clock.advance(Duration::seconds(1));
    let handed_out = step(&bo, &id, "collection").await?.expect(200)?;
    mail.read_with(&handed_out.json()).await
});

journey!(whoever_was_dismissed_meanwhile_objects_by_the_mailed_link, async |world| {
    let Bakery { company, anne, mut bo, ea, .. } = bakery(world).await?;
    let id = ask(&bo, &ea).await?.expect(201)?.string("/id");
    step(&anne, &id, "approval").await?.expect(204)?;
    dismiss(&bo, &company, &ea).await?;
    world.settle().await;
    let path = world.mailbox.link_to("ea@bageri.example.dk", "/recoveries/objection/").context("no mail has the link")?;
    for (language, words) in [("da", "uden at logge på"), ("en", "without logging in")] {
        let shown = Visitor::new(&world.client(), language).get(&path).await?.expect(200)?.text();
        ensure!(shown.contains(words) && shown.contains("Ea er syg"), "{shown}");
    }
    let visitor = Visitor::new(&world.client(), "da");
    let page = visitor.get(&path).await?;
    let answers = join_all((0..4).map(|_| visitor.submit(&page, &path, &[]))).await;
    ensure!(answers.iter().flatten().filter(|answer| answer.status == 200).count() == 1, "{answers:?}");
    ensure!(visitor.get(&path).await?.status == 410);
    world.settle().await;
    ensure!(world.mailbox.mails_to("bo@bageri.example.dk").iter().any(|mail| mail.text.contains("stoppet af Ea Eng")), "told");
    world.clock.advance(Duration::hours(49));
    bo.log_in().await?;
    step(&bo, &id, "collection").await?.refused(409, "conflict").map(drop)
});

journey!(a_strangers_administrator_sees_and_moves_nothing, async |world| {
    let Bakery { operator, anne, bo, ea, .. } = bakery(world).await?;
    let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
    let stranger = &dairy.administrator;
    ask(stranger, &ea).await?.refused(404, "not-found")?;
    let id = ask(&anne, &ea).await?.expect(201)?.string("/id");
    step(stranger, &id, "approval").await?.refused(404, "not-found")?;
    step(stranger, &id, "collection").await?.refused(404, "not-found")?;
    object(stranger, &id).await?.refused(404, "not-found")?;
    stranger.http.get(&format!("/api/v1/recoveries/{id}")).await?.refused(404, "not-found")?;
    stranger.http.delete(&format!("/api/v1/recoveries/{id}")).await?.refused(404, "not-found")?;
    ensure!(stranger.http.get("/api/v1/recoveries").await?.expect(200)?.items().is_empty(), "nothing to see");
    step(&ea, &id, "approval").await?.refused(403, "forbidden")?;
    ensure!(anne.http.get(&format!("/api/v1/recoveries/{id}")).await?.string("/state") == "asked", "nothing moved");
    bo.http.delete(&format!("/api/v1/recoveries/{id}")).await?.expect(204)?;
    step(&bo, &id, "approval").await?.refused(410, "gone")
});

journey!(a_single_administrator_is_told_before_it_is_needed, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    ensure!(possibility(anne).await? == "too_few_people", "{}", possibility(anne).await?);
    ask(anne, &ea).await?.refused(409, "conflict")?;
    let no_keys = bakery.administrator.http.post("/api/v1/recoveries", &json!({"employee": anne.employee, "reason": "Mig"})).await?;
    no_keys.refused(409, "conflict")?;
    anne.http.post("/api/v1/recoveries", &json!({"employee": ea.employee, "reason": " "})).await?.refused(422, "invalid")
});

journey!(keys_made_before_the_second_administrator_follow_when_their_person_logs_in, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let mail = OldMail::to(&encryption_certificate(&ea).await?).await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    bakery.appoint(world, &bo, None).await?;
    let anne = &bakery.administrator;
    ensure!(possibility(anne).await? == "possible", "there are two now");
    ask(anne, &ea).await?.refused(409, "conflict")?;
    ea.log_in().await?;
    dismiss(anne, &bakery, &ea).await?;
    let id = ask(anne, &ea).await?.expect(201)?.string("/id");
    step(&bo, &id, "approval").await?.expect(204)?;
    mail.read_with(&step(anne, &id, "collection").await?.expect(200)?.json()).await
});

journey!(ones_own_keys_are_fetched_with_password_and_a_fresh_proof, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let mail = OldMail::to(&encryption_certificate(&ea).await?).await?;
    let fetch = async |person: &Person| person.http.post("/api/v1/key-history", &json!({"password": person.password})).await;
    mail.read_with(&fetch(&ea).await?.expect(200)?.json()).await?;
    ea.http.post("/api/v1/key-history", &json!({"password": "Forkert-2026"})).await?.refused(403, "not-right")?;
    let new = json!({"password": ea.password, "new_password": "Havregrynsgrod-7"});
    ea.http.post("/api/v1/session/password", &new).await?.expect(204)?;
    fetch(&ea).await?.refused(403, "not-right")?;
    "Havregrynsgrod-7".clone_into(&mut ea.password);
    mail.read_with(&fetch(&ea).await?.expect(200)?.json()).await?;
    world.clock.advance(Duration::minutes(6));
    fetch(&ea).await?.refused(403, "prove-again")?;
    world.settle().await;
    let told = world.mailbox.mails_to("ea@bageri.example.dk");
    ensure!(told.iter().any(|mail| mail.subject.contains("dekrypteringsnøgler")), "told by mail");
    fetch(&bakery.administrator).await?.refused(403, "prove-again")?;
    bakery.administrator.prove().await?;
    fetch(&bakery.administrator).await?.refused(409, "conflict")
});

journey!(old_mail_stays_readable_after_renewal, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let old = OldMail::to(&encryption_certificate(&ea).await?).await?;
    world.pass(Duration::days(700)).await;
    ea.log_in().await?;
    ea.http.post("/api/v1/renewals", &json!({"password": ea.password})).await?.expect(201)?;
    let new = OldMail::to(&encryption_certificate(&ea).await?).await?;
    let handed_out = ea.http.post("/api/v1/key-history", &json!({"password": ea.password})).await?.expect(200)?.json();
    ensure!(handed_out["files"].as_array().is_some_and(|files| files.len() == 2), "both keys: {}", handed_out["files"]);
    old.read_with(&handed_out).await?;
    new.read_with(&handed_out).await
});

/// Ea joins with a carrier of her own choice and what it needs.
async fn joins_with(world: &World, company: &Company, carrier: &Value) -> anyhow::Result<(Person, Value)> {
    let email = "ea@bageri.example.dk";
    company.invite(&invitation("Ea", "Eng", email)).await?.expect(201)?;
    world.settle().await;
    let (link, temporary) = post_for(world, email, "Ea Eng")?;
    let mut body = activation(&link, Some(&temporary), "ea.eng");
    body.as_object_mut().context("fields")?.extend(carrier.as_object().context("fields")?.clone());
    let given = world.client().post("/api/v1/activations", &body).await?.expect(201)?;
    let mut ea = Person::of_activation(&world.client(), &given, "ea.eng").await?;
    ea.log_in().await?;
    Ok((ea, given.json()["key_files"].clone()))
}

async fn bakery_that_allows(world: &World, carriers: &[&str]) -> anyhow::Result<(Company, Person, Person)> {
    let (_, company) = world.bakery().await?;
    let bo = company.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    company.appoint(world, &bo, None).await?;
    let anne = company.administrator.clone();
    let path = format!("/api/v1/companies/{}/key-carriers", company.id);
    send(anne.http.request(reqwest::Method::PUT, &path).json(&json!({"carriers": carriers}))).await?.expect(204)?;
    Ok((company, anne, bo))
}

journey!(a_lost_key_file_is_no_lost_mail_and_what_signs_is_in_no_archive, async |world| {
    let (company, anne, bo) = bakery_that_allows(world, &["central", "key_file"]).await?;
    let (ea, files) = joins_with(world, &company, &json!({"carrier": "key_file"})).await?;
    let mail = OldMail::to(&encryption_certificate(&ea).await?).await?;
    mail.read_with(&json!({"password": files["passphrase"], "files": files["files"]})).await?;
    // The file is lost: its own person fetches that key again, and no other.
    let fetched = ea.http.post("/api/v1/key-history", &json!({"password": ea.password})).await?.expect(200)?.json();
    ensure!(fetched["files"].as_array().is_some_and(|files| files.len() == 1), "the decryption key alone: {}", fetched["files"]);
    mail.read_with(&fetched).await?;
    // And two administrators do, as for a key that rests here.
    dismiss(&anne, &company, &ea).await?;
    let id = ask(&anne, &ea).await?.expect(201)?.string("/id");
    step(&bo, &id, "approval").await?.expect(204)?;
    let handed_out = step(&anne, &id, "collection").await?.expect(200)?.json();
    ensure!(handed_out["files"].as_array().is_some_and(|files| files.len() == 1), "what signs was in no archive");
    mail.read_with(&handed_out).await
});

journey!(what_ones_own_software_made_is_in_no_archive_and_the_pages_say_so, async |world| {
    let (company, anne, _) = bakery_that_allows(world, &["own_software"]).await?;
    let folder = tempfile::tempdir()?;
    let mut requests = Vec::new();
    for name in ["signing", "mail", "encryption"] {
        let (key, file) = (folder.path().join(format!("{name}.key")), folder.path().join(name));
        let (key, file) = (key.display().to_string(), file.display().to_string());
        let new = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Ea"];
        let said = run("openssl", new.into_iter().chain(["-keyout", &key, "-out", &file])).await;
        ensure!(said.is_content(), "{}", said.words);
        requests.push(std::fs::read_to_string(&file)?);
    }
    let choice = json!({"carrier": "own_software", "request": requests[0], "mail_request": requests[1], "encryption_request": requests[2]});
    let (ea, _) = joins_with(world, &company, &choice).await?;
    encryption_certificate(&ea).await?;
    ea.http.post("/api/v1/key-history", &json!({"password": ea.password})).await?.refused(409, "conflict")?;
    ask(&anne, &ea).await?.refused(409, "conflict")?;
    for (language, words) in [("da", "har kun du selv"), ("en", "only you have")] {
        let page = ea.browser(language).await?.get("/key-history").await?.expect(200)?.text();
        ensure!(page.contains(words), "{page}");
    }
    for (language, words) in [("da", "kan virksomheden ikke genskabe"), ("en", "the company cannot recover")] {
        let page = anne.browser(language).await?.get(&format!("/companies/{}/key-carriers", company.id)).await?.expect(200)?.text();
        ensure!(page.contains(words), "{page}");
    }
    Ok(())
});

journey!(of_many_approvals_and_collections_at_once_one_counts, async |world| {
    let Bakery { company, anne, bo, ea, .. } = bakery(world).await?;
    dismiss(&anne, &company, &ea).await?;
    let id = ask(&anne, &ea).await?.expect(201)?.string("/id");
    let answers: Vec<_> = join_all((0..8).map(|_| step(&bo, &id, "approval"))).await.into_iter().collect::<Result<_, _>>()?;
    ensure!(answers.iter().filter(|answer| answer.status == 204).count() == 1, "one approval counts");
    for lost in answers.iter().filter(|answer| answer.status != 204) {
        lost.refused(409, "already-done")?;
    }
    let answers: Vec<_> = join_all((0..8).map(|_| step(&anne, &id, "collection"))).await.into_iter().collect::<Result<_, _>>()?;
    ensure!(answers.iter().filter(|answer| answer.status == 200).count() == 1, "one collection counts");
    for lost in answers.iter().filter(|answer| answer.status != 200) {
        lost.refused(410, "gone")?;
    }
    Ok(())
});

journey!(of_two_who_ask_at_once_one_asks, async |world| {
    let Bakery { anne, bo, ea, .. } = bakery(world).await?;
    let askers: Vec<&Person> = [&anne, &bo].into_iter().cycle().take(8).collect();
    let answers: Vec<_> = join_all(askers.into_iter().map(|asker| ask(asker, &ea))).await.into_iter().collect::<Result<_, _>>()?;
    ensure!(answers.iter().filter(|answer| answer.status == 201).count() == 1, "one asks");
    for lost in answers.iter().filter(|answer| answer.status != 201) {
        lost.refused(409, "already-done")?;
    }
    Ok(())
});

async fn offer(administrator: &Person, signatory: &str) -> anyhow::Result<Answer> {
    administrator.http.post("/api/v1/recovery-holders", &json!({"signatory": signatory})).await
}

async fn signatory_of(company: &Company, operator: &Operator) -> anyhow::Result<String> {
    Ok(operator.0.http.get(&format!("/api/v1/companies/{}", company.id)).await?.expect(200)?.string("/signatories/0/id"))
}

/// The token of the newest link about a share that was mailed to somebody.
fn share_link(world: &World, email: &str) -> anyhow::Result<String> {
    let link = world.mailbox.link_to(email, "/key-share/").context("no link about a share")?;
    Ok(link.rsplit('/').next().unwrap_or_default().to_owned())
}

journey!(a_single_administrator_recovers_with_a_signatory_who_took_a_share, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let signatory = signatory_of(&bakery, &operator).await?;
    offer(&operator.0, &signatory).await?.refused(403, "forbidden")?;
    offer(anne, &signatory).await?.expect(204)?;
    world.settle().await;
    let link = share_link(world, "sigrid@30808460.example.dk")?;
    let client = world.client();
    let about = client.post("/api/v1/key-shares/reading", &json!({"link": link})).await?.expect(200)?;
    ensure!(about.string("/company") == "Havnens Bageri ApS" && about.json()["reason"].is_null(), "{}", about.text());
    let code = client.post("/api/v1/key-shares", &json!({"link": link})).await?.expect(201)?.string("/code");
    client.post("/api/v1/key-shares", &json!({"link": link})).await?.refused(410, "gone")?;
    world.settle().await;
    ensure!(possibility(anne).await? == "possible", "{}", possibility(anne).await?);
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    let mail = OldMail::to(&encryption_certificate(&ea).await?).await?;
    dismiss(anne, &bakery, &ea).await?;
    let id = ask(anne, &ea).await?.expect(201)?.string("/id");
    world.settle().await;
    let question = share_link(world, "sigrid@30808460.example.dk")?;
    ensure!(question != link, "a link of its own");
    client.post("/api/v1/key-shares", &json!({"link": question})).await?.refused(404, "not-found")?;
    for wrong in ["", "ABCD", "AAAA-BBBB-CCCC-DDDD-EEEE"] {
        let refused = client.post("/api/v1/key-shares/approval", &json!({"link": question, "code": wrong})).await?;
        refused.refused(403, "not-right")?;
    }
    let typed = code.to_lowercase().replace('-', " ");
    client.post("/api/v1/key-shares/approval", &json!({"link": question, "code": typed})).await?.expect(204)?;
    client.post("/api/v1/key-shares/approval", &json!({"link": question, "code": code})).await?.refused(410, "gone")?;
    mail.read_with(&step(anne, &id, "collection").await?.expect(200)?.json()).await?;
    let shown = anne.http.get(&format!("/api/v1/recoveries/{id}")).await?.expect(200)?;
    ensure!(shown.string("/approved_by") == "Sigrid Signatar", "{}", shown.text());
    Ok(())
});

journey!(a_signatory_who_administers_too_is_not_a_second_person, async |world| {
    let operator = world.operator().await?;
    let mut registration = company("Havnens Bageri ApS", "30808460");
    registration["signatories"][0]["name"] = json!("anne  ådal");
    let bakery = Company::enrolled(world, &operator, &registration).await?;
    let signatory = signatory_of(&bakery, &operator).await?;
    offer(&bakery.administrator, &signatory).await?.refused(403, "forbidden")?;
    ensure!(possibility(&bakery.administrator).await? == "too_few_people", "one person under two hats");
    Ok(())
});

journey!(a_signatorys_code_is_tried_five_times_and_a_lost_one_is_replaced, async |world| {
    let (operator, bakery) = world.bakery().await?;
    let (anne, client) = (&bakery.administrator, world.client());
    let signatory = signatory_of(&bakery, &operator).await?;
    let mut codes = Vec::new();
    for _ in 0..2 {
        offer(anne, &signatory).await?.expect(204)?;
        world.settle().await;
        let link = share_link(world, "sigrid@30808460.example.dk")?;
        codes.push(client.post("/api/v1/key-shares", &json!({"link": link})).await?.expect(201)?.string("/code"));
        world.settle().await;
    }
    let ea = bakery.hire(world, "Ea", "Eng", "ea@bageri.example.dk").await?;
    ask(anne, &ea).await?.expect(201)?;
    world.settle().await;
    let link = share_link(world, "sigrid@30808460.example.dk")?;
    for _ in 0..5 {
        client.post("/api/v1/key-shares/approval", &json!({"link": link, "code": codes[0]})).await?.refused(403, "not-right")?;
    }
    client.post("/api/v1/key-shares/approval", &json!({"link": link, "code": codes[1]})).await?.refused(410, "gone")
});

journey!(the_pages_lead_two_administrators_through_a_recovery_without_script, async |world| {
    let Bakery { company, anne, bo, ea, .. } = bakery(world).await?;
    let mail = OldMail::to(&encryption_certificate(&ea).await?).await?;
    dismiss(&anne, &company, &ea).await?;
    let (hers, his) = (anne.browser("da").await?, bo.browser("en").await?);
    let page = hers.get(&format!("/companies/{}/employees/{}", company.id, ea.employee)).await?.expect(200)?;
    let form = format!("/recoveries/new?employee={}", ea.employee);
    ensure!(page.text().contains(&form), "the employee's page leads there");
    let page = hers.get(&form).await?.expect(200)?;
    let refused = hers.submit(&page, "/recoveries", &[("employee", &ea.employee), ("reason", "")]).await?.expect(422)?;
    ensure!(refused.text().contains("error-summary") || refused.text().contains("form-error-message"), "beside the field");
    let asked = hers.submit(&page, "/recoveries", &[("employee", &ea.employee), ("reason", "Ea er rejst")]).await?.expect(303)?;
    let place = asked.header("location");
    let page = his.get(&place).await?.expect(200)?;
    ensure!(page.text().contains("Ea er rejst"), "the reason is shown");
    his.submit(&page, &format!("{place}/approval"), &[("password", "Forkert-2026")]).await?.expect(403)?;
    his.submit(&page, &format!("{place}/approval"), &[("password", &bo.password)]).await?.expect(303)?;
    let page = hers.get(&place).await?.expect(200)?;
    let shown = hers.submit(&page, &format!("{place}/collection"), &[("password", &anne.password)]).await?.expect(200)?.text();
    let between = |from: &str, to: &str| support::visitor::between(&shown, from, to).context("not on the page");
    let handed_out = json!({
        "password": between("id=\"files-password\">", "<")?,
        "files": [{"pkcs12": between("data:application/x-pkcs12;base64,", "\"")?}],
    });
    mail.read_with(&handed_out).await?;
    ensure!(!hers.get(&place).await?.expect(200)?.text().contains("pkcs12"), "once");
    ensure!(hers.get("/recoveries").await?.expect(200)?.text().contains("Ea Eng"), "it stands in the list");
    ensure!(hers.get("/key-history").await?.expect(200)?.text().contains("ingen dekrypteringsnøgler"), "Anne has none");
    Ok(())
});

journey!(two_administrators_share_again_before_one_of_them_leaves, async |world| {
    let Bakery { company, anne, bo, ea, .. } = bakery(world).await?;
    let mail = OldMail::to(&encryption_certificate(&ea).await?).await?;
    dismiss(&anne, &company, &ea).await?;
    let cai = company.hire(world, "Cai", "Clausen", "cai@bageri.example.dk").await?;
    company.appoint(world, &cai, Some(&bo)).await?;
    let share_again = async |person: &Person| {
        let answer = person.http.post("/api/v1/recovery-holders/renewal", &json!({"password": person.password})).await?.expect(200)?;
        anyhow::Ok((answer.json()["moved"].as_u64(), answer.json()["waiting"].as_u64()))
    };
    ensure!(share_again(&cai).await? == (Some(0), Some(1)), "Cai never held the old key");
    ensure!(share_again(&anne).await? == (Some(0), Some(1)), "one alone moves nothing");
    ensure!(share_again(&cai).await? == (Some(0), Some(1)), "a share passed to somebody who never held the old key opens nothing");
    ensure!(
        share_again(&bo).await? == (Some(2), Some(0)),
        "the second one moves Ea's key, and the one that Cai got before the new generation"
    );
    let leaves = anne.http.delete(&format!("{}/{}", company.employees(), bo.employee)).await?.expect(202)?.string("/id");
    cai.http.post(&format!("/api/v1/mandates/{leaves}/approval"), &Value::Null).await?.expect(204)?;
    world.settle().await;
    let id = ask(&anne, &ea).await?.expect(201)?.string("/id");
    step(&cai, &id, "approval").await?.expect(204)?;
    mail.read_with(&step(&anne, &id, "collection").await?.expect(200)?.json()).await
});
