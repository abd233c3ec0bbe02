//! Operators by two people: one asks, another consents; one alone waits; and what each role may do.

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::{Answer, send},
    journey,
    program::segl,
    roles::{Operator, Person, accept_agreement, company, nominee},
    visitor::{Visitor, between},
    world::{Begins, EngineKind, Setup, World, run_in},
};
use time::Duration;

use crate::letters::{code, join, printed};

const OPERATORS: &str = "/api/v1/operators";
const CHANGES: &str = "/api/v1/operator-changes";
const BATCHES: &str = "/api/v1/letter-batches";
/// The waiting time as configured, and a little.
const WAIT: Duration = Duration::minutes(24 * 60 + 1);

/// Somebody who is to be an operator.
#[derive(Clone, Copy)]
struct Guest {
    name: &'static str,
    email: &'static str,
    user_id: &'static str,
    roles: &'static [&'static str],
}

const OTTO: Guest =
    Guest { name: "Otto Operatør", email: "otto@segl.example.dk", user_id: "otto.operator", roles: &["registration", "security"] };
const RITA: Guest = Guest { name: "Rita Register", email: "rita@segl.example.dk", user_id: "rita.register", roles: &["registration"] };
const SARA: Guest = Guest { name: "Sara Sikker", email: "sara@segl.example.dk", user_id: "sara.sikker", roles: &["security"] };
const HANS: Guest = Guest { name: "Hans Hjælp", email: "hans@segl.example.dk", user_id: "hans.hjaelp", roles: &["help_desk"] };
const ADA: Guest = Guest { name: "Ada Auditor", email: "ada@segl.example.dk", user_id: "ada.auditor", roles: &["auditor"] };

impl Guest {
    fn invitation(&self) -> Value {
        json!({"name": self.name, "email": self.email, "roles": self.roles})
    }

    /// Whether the link came.
    fn has_link(&self, world: &World) -> bool {
        world.mailbox.link_to(self.email, "/activate/").is_some()
    }

    async fn activate(&self, world: &World, code: &str) -> anyhow::Result<Person> {
        let link = world.mailbox.link_to(self.email, "/activate/").with_context(|| format!("{} got no link", self.name))?;
        Person::activate(&world.client(), &link, Some(code), self.user_id).await
    }
}

/// An invitation that waits.
struct Asked {
    change: String,
    code: String,
}

impl Asked {
    fn path(&self, what: &str) -> String {
        format!("{CHANGES}/{}/{what}", self.change)
    }
}

async fn ask(asker: &Person, guest: &Guest) -> anyhow::Result<Asked> {
    let asked = asker.http.post(OPERATORS, &guest.invitation()).await?.expect(202)?;
    ensure!(asked.header("cache-control") == "no-store", "a temporary password is kept");
    ensure!(asked.header("location") == format!("{CHANGES}/{}", asked.string("/change")));
    Ok(Asked { change: asked.string("/change"), code: asked.string("/temporary_password") })
}

async fn put(person: &Person, path: &str, body: &Value) -> anyhow::Result<Answer> {
    send(person.http.request(Method::PUT, path).json(body)).await
}

async fn state(person: &Person, change: &str) -> anyhow::Result<String> {
    Ok(person.http.get(&format!("{CHANGES}/{change}")).await?.expect(200)?.string("/state"))
}

/// The id of an operator's account.
async fn id_of(person: &Person, guest: &str) -> anyhow::Result<String> {
    let all = person.http.get(OPERATORS).await?.expect(200)?.items();
    let found = all.iter().find(|one| one["name"] == guest).with_context(|| format!("{guest} is no operator"))?;
    Ok(found["id"].as_str().unwrap_or_default().to_owned())
}

/// The first operator, and a second one with the role security: invited by the first alone, who waited.
pub(crate) async fn two(world: &World) -> anyhow::Result<(Person, Person)> {
    let mut olga = world.operator().await?.0;
    let asked = ask(&olga, &OTTO).await?;
    world.pass(WAIT).await;
    let otto = OTTO.activate(world, &asked.code).await?;
    olga.log_in().await?;
    Ok((olga, otto))
}

/// An operator who was asked for by one and consented to by the other.
async fn made(world: &World, (asker, consenter): (&Person, &Person), guest: &Guest) -> anyhow::Result<Person> {
    asker.prove().await?;
    let asked = ask(asker, guest).await?;
    consenter.prove().await?;
    consenter.http.post(&asked.path("consent"), &Value::Null).await?.expect(204)?;
    world.settle().await;
    guest.activate(world, &asked.code).await
}

journey!(one_alone_invites_a_second_who_becomes_operator_after_a_day, async |world| {
    let mut olga = world.operator().await?.0;
    // Whatever else needs somebody who can consent, and there is nobody.
    let alone = olga.http.post(OPERATORS, &RITA.invitation()).await?;
    alone.refused(409, "conflict")?;
    ensure!(alone.text().contains("Invite one first"), "{}", alone.text());
    let own = id_of(&olga, "Olga Operatør").await?;
    olga.http.post(&format!("{OPERATORS}/{own}/ending"), &Value::Null).await?.refused(409, "conflict")?;
    let asked = ask(&olga, &OTTO).await?;
    let shown = olga.http.get(&format!("{CHANGES}/{}", asked.change)).await?.expect(200)?;
    ensure!(!shown.json()["effective_at"].is_null() && shown.string("/kind") == "invite", "{}", shown.text());
    ensure!(!shown.text().contains(&asked.code), "the temporary password is shown again");
    olga.http.post(OPERATORS, &OTTO.invitation()).await?.refused(409, "already-done")?;
    world.settle().await;
    let told = world.mailbox.mails_to("olga@segl.example.dk");
    ensure!(told.iter().any(|mail| mail.text.contains("Otto Operatør") && mail.text.contains("registrering, sikkerhed")), "nobody is told");
    world.pass(Duration::hours(23)).await;
    ensure!(!OTTO.has_link(world), "the link came too early");
    world.pass(Duration::minutes(61)).await;
    let link = world.mailbox.link_to(OTTO.email, "/activate/").context("no link after a day")?;
    ensure!(
        !Person::try_activate(&world.client(), &link, None, OTTO.user_id).await?.status.is_success(),
        "the mailed link alone is enough"
    );
    Person::try_activate(&world.client(), &link, Some("AAAA-AAAA"), OTTO.user_id).await?.refused(403, "not-right")?;
    let otto = OTTO.activate(world, &asked.code).await?;
    let who = otto.http.get("/api/v1/session").await?.expect(200)?;
    ensure!(who.json()["roles"] == json!(["registration", "security"]), "{}", who.text());
    olga.log_in().await?;
    ensure!(state(&olga, &asked.change).await? == "done");
    ensure!(olga.http.get(OPERATORS).await?.expect(200)?.items().len() == 2);
    Ok(())
});

journey!(what_waits_alone_can_be_withdrawn_and_never_takes_effect_then, async |world| {
    let mut olga = world.operator().await?.0;
    let asked = ask(&olga, &OTTO).await?;
    let path = format!("{CHANGES}/{}", asked.change);
    olga.http.post(&asked.path("consent"), &Value::Null).await?.refused(403, "forbidden")?;
    olga.http.delete(&path).await?.expect(204)?;
    olga.http.delete(&path).await?.refused(410, "gone")?;
    world.pass(WAIT).await;
    olga.log_in().await?;
    ensure!(!OTTO.has_link(world) && state(&olga, &asked.change).await? == "withdrawn");
    // The same person may be asked for anew.
    ask(&olga, &OTTO).await?;
    Ok(())
});

journey!(a_waiting_invitation_needs_consent_once_there_is_somebody_to_give_it, async |world| {
    let mut olga = world.operator().await?.0;
    let first = ask(&olga, &OTTO).await?;
    world.pass(Duration::hours(23)).await;
    olga.log_in().await?;
    let second = ask(&olga, &SARA).await?;
    world.pass(Duration::minutes(61)).await;
    let mut otto = OTTO.activate(world, &first.code).await?;
    world.pass(WAIT).await;
    ensure!(!SARA.has_link(world), "nobody consented, and there is somebody who could");
    otto.log_in().await?;
    otto.http.post(&second.path("consent"), &Value::Null).await?.expect(204)?;
    world.settle().await;
    SARA.activate(world, &second.code).await?;
    Ok(())
});

journey!(two_people_make_an_operator_and_none_consents_to_their_own_request, async |world| {
    let (olga, otto) = two(world).await?;
    let asked = ask(&olga, &RITA).await?;
    let shown = olga.http.get(&format!("{CHANGES}/{}", asked.change)).await?.expect(200)?;
    ensure!(shown.json()["effective_at"].is_null() && shown.string("/asked_by") == "Olga Operatør", "{}", shown.text());
    for decision in ["consent", "refusal"] {
        let own = olga.http.post(&asked.path(decision), &Value::Null).await?;
        own.refused(403, "forbidden")?;
        ensure!(own.text().contains("You asked for this yourself"), "{}", own.text());
    }
    otto.http.delete(&format!("{CHANGES}/{}", asked.change)).await?.refused(403, "forbidden")?;
    world.settle().await;
    ensure!(!RITA.has_link(world), "the link was mailed before anybody consented");
    let told = world.mailbox.mails_to(OTTO.email);
    ensure!(told.iter().any(|mail| mail.text.contains("Rita Register")), "whoever can consent is told");
    // A session that somebody took over consents to nothing.
    world.clock.advance(Duration::minutes(6));
    otto.http.post(&asked.path("consent"), &Value::Null).await?.refused(403, "prove-again")?;
    olga.http.post(OPERATORS, &SARA.invitation()).await?.refused(403, "prove-again")?;
    otto.prove().await?;
    otto.http.post(&asked.path("consent"), &Value::Null).await?.expect(204)?;
    otto.http.post(&asked.path("consent"), &Value::Null).await?.refused(409, "already-done")?;
    world.settle().await;
    let rita = RITA.activate(world, &asked.code).await?;
    let who = rita.http.get("/api/v1/session").await?.expect(200)?;
    ensure!(who.json()["roles"] == json!(["registration"]), "{}", who.text());
    let audit = olga.http.get("/api/v1/audit?action=operator_change.consented").await?.expect(200)?.items();
    ensure!(audit.len() == 1, "{audit:?}");
    Ok(())
});

journey!(whoever_consents_is_told_where_the_link_will_go, async |world| {
    let olga = world.operator().await?.0;
    let waits = ask(&olga, &OTTO).await?;
    world.settle().await;
    let told = |address: &str| world.mailbox.all().into_iter().any(|mail| mail.text.contains(&format!("({address})")));
    ensure!(told(OTTO.email), "nobody is told where the link of an invitation that waits goes");
    world.pass(WAIT).await;
    let otto = OTTO.activate(world, &waits.code).await?;
    let mut olga = olga;
    olga.log_in().await?;
    let asked = ask(&olga, &RITA).await?;
    world.settle().await;
    ensure!(told(RITA.email), "whoever is to consent is not told where the link goes");
    let shown = otto.http.get(&format!("{CHANGES}/{}", asked.change)).await?.expect(200)?;
    ensure!(shown.string("/email") == RITA.email, "{}", shown.text());
    let listed = otto.http.get(CHANGES).await?.expect(200)?.items();
    ensure!(listed.iter().any(|one| one["email"] == RITA.email), "{listed:?}");
    let roles = json!({"roles": ["registration", "security", "auditor"]});
    put(&olga, &format!("{OPERATORS}/{}/roles", id_of(&olga, OTTO.name).await?), &roles).await?.expect(202)?;
    world.settle().await;
    ensure!(world.mailbox.mails_to(OTTO.email).iter().any(|mail| mail.text.contains(&format!("({})", OTTO.email))), "of an operator too");
    Ok(())
});

journey!(what_is_refused_or_lapsed_is_over, async |world| {
    let (mut olga, mut otto) = two(world).await?;
    let refused = ask(&olga, &RITA).await?;
    otto.http.post(&refused.path("refusal"), &Value::Null).await?.expect(204)?;
    otto.http.post(&refused.path("consent"), &Value::Null).await?.refused(410, "gone")?;
    let lapsed = ask(&olga, &HANS).await?;
    world.clock.advance(Duration::days(7));
    otto.log_in().await?;
    // No round has looked yet: the moment itself decides.
    otto.http.post(&lapsed.path("consent"), &Value::Null).await?.refused(410, "gone")?;
    world.settle().await;
    ensure!(state(&otto, &refused.change).await? == "refused" && state(&otto, &lapsed.change).await? == "lapsed");
    ensure!(!RITA.has_link(world) && !HANS.has_link(world));
    olga.log_in().await?;
    ask(&olga, &HANS).await?;
    Ok(())
});

journey!(two_consents_at_once_make_one_operator, async |world| {
    let (olga, otto) = two(world).await?;
    let sara = made(world, (&olga, &otto), &SARA).await?;
    olga.prove().await?;
    let asked = ask(&olga, &RITA).await?;
    otto.prove().await?;
    sara.prove().await?;
    let (path, nothing) = (asked.path("consent"), Value::Null);
    let race = [&otto, &sara, &otto, &sara].map(|one| one.http.post(&path, &nothing));
    let answers = try_join_all(race).await?;
    let done = answers.iter().filter(|answer| answer.status == 204).count();
    ensure!(done == 1 && answers.iter().all(|answer| answer.status == 204 || answer.status == 409), "{done} consents counted");
    world.settle().await;
    let all = olga.http.get(OPERATORS).await?.expect(200)?.items();
    ensure!(all.iter().filter(|one| one["name"] == RITA.name).count() == 1, "{all:?}");
    ensure!(world.mailbox.mails_to(RITA.email).len() == 1, "one link for one operator");
    RITA.activate(world, &asked.code).await?;
    Ok(())
});

journey!(the_last_operator_with_the_role_security_stays, async |world| {
    let (olga, otto) = two(world).await?;
    let (own, other) = (id_of(&olga, "Olga Operatør").await?, id_of(&olga, OTTO.name).await?);
    put(&olga, &format!("{OPERATORS}/{own}/roles"), &json!({"roles": ["auditor"]})).await?.refused(403, "forbidden")?;
    // Each asks that the other end: only one of the two can.
    let ends_otto = olga.http.post(&format!("{OPERATORS}/{other}/ending"), &Value::Null).await?.expect(202)?.string("/change");
    let ends_olga = otto.http.post(&format!("{OPERATORS}/{own}/ending"), &Value::Null).await?.expect(202)?.string("/change");
    let race = [(&otto, &ends_otto), (&olga, &ends_olga)];
    let answers = try_join_all(race.map(|(one, change)| {
        let path = format!("{CHANGES}/{change}/consent");
        async move { one.http.post(&path, &Value::Null).await }
    }))
    .await?;
    let done: Vec<_> = answers.iter().map(|answer| answer.status == 204).collect();
    ensure!(done.iter().filter(|done| **done).count() == 1, "{:?}", answers.iter().map(Answer::text).collect::<Vec<_>>());
    world.settle().await;
    let (gone, left, left_id, email) =
        if done[0] { (&otto, &olga, &own, OTTO.email) } else { (&olga, &otto, &other, "olga@segl.example.dk") };
    gone.http.get("/api/v1/session").await?.refused(401, "not-logged-in")?;
    ensure!(gone.begin_log_in().await.is_err(), "an ended operator logs in");
    let told = world.mailbox.mails_to(email);
    ensure!(told.iter().any(|mail| mail.subject.contains("ikke længere operatør")), "the person is not told");
    let all = left.http.get(OPERATORS).await?.expect(200)?.items();
    ensure!(all.len() == 1 && all[0]["id"] == left_id.as_str(), "{all:?}");
    let last = left.http.post(&format!("{OPERATORS}/{left_id}/ending"), &Value::Null).await?;
    last.refused(409, "conflict")?;
    ensure!(last.text().contains("Nobody would be left"), "{}", last.text());
    // What the one who ended had asked for is withdrawn with them.
    let changes = left.http.get(CHANGES).await?.expect(200)?.items();
    ensure!(changes.iter().all(|change| change["state"] != "asked"), "{changes:?}");
    Ok(())
});

journey!(other_roles_hold_from_the_consent_on, async |world| {
    let (olga, otto) = two(world).await?;
    let rita = made(world, (&olga, &otto), &RITA).await?;
    let id = id_of(&olga, RITA.name).await?;
    let path = format!("{OPERATORS}/{id}/roles");
    put(&olga, &path, &json!({"roles": ["registration"]})).await?.refused(409, "conflict")?;
    put(&olga, &path, &json!({"roles": []})).await?.refused(422, "invalid")?;
    put(&olga, &path, &json!({"roles": ["administrator"]})).await?.refused(422, "invalid")?;
    let change = put(&olga, &path, &json!({"roles": ["auditor"]})).await?.expect(202)?.string("/change");
    rita.http.get(BATCHES).await?.expect(200)?;
    rita.http.get("/api/v1/audit").await?.refused(403, "forbidden")?;
    otto.http.post(&format!("{CHANGES}/{change}/consent"), &Value::Null).await?.expect(204)?;
    rita.http.get(BATCHES).await?.refused(403, "forbidden")?;
    rita.http.get("/api/v1/audit").await?.expect(200)?;
    world.settle().await;
    let told = world.mailbox.mails_to(RITA.email);
    ensure!(told.iter().any(|mail| mail.text.contains("revision") && mail.text.contains("Otto Operatør")), "the person is not told");
    Ok(())
});

journey!(each_role_opens_its_own_rooms_and_no_others, async |world| {
    let (olga, otto) = two(world).await?;
    let people = [
        (made(world, (&olga, &otto), &RITA).await?, RITA.roles[0]),
        (made(world, (&olga, &otto), &SARA).await?, SARA.roles[0]),
        (made(world, (&olga, &otto), &HANS).await?, HANS.roles[0]),
        (made(world, (&olga, &otto), &ADA).await?, ADA.roles[0]),
    ];
    let rooms: [(&str, &[&str]); 7] = [
        (BATCHES, &["registration"]),
        ("/api/v1/audit", &["security", "auditor"]),
        ("/api/v1/certificates", &["security", "auditor"]),
        (OPERATORS, &["security", "auditor"]),
        (CHANGES, &["security", "auditor"]),
        ("/api/v1/code-tokens", &["registration", "security", "help_desk", "auditor"]),
        ("/api/v1/companies", &["registration", "security", "help_desk", "auditor"]),
    ];
    for (person, role) in &people {
        for (path, open) in rooms {
            let answer = person.http.get(path).await?;
            let expected = if open.contains(role) { 200 } else { 403 };
            ensure!(answer.status == expected, "{role} at {path}: {} {}", answer.status, answer.text());
        }
        let registered = person.http.post("/api/v1/companies", &company("Havnens Bageri ApS", "30808460")).await?;
        ensure!((registered.status == 201) == (*role == "registration"), "{role} registers: {}", registered.status);
        let reads = person.http.get("/api/v1/refusals/AAAA-AAAA").await?;
        ensure!(reads.status == if *role == "help_desk" { 404 } else { 403 }, "{role} at a reference: {}", reads.status);
        let invites = person.http.post(OPERATORS, &OTTO.invitation()).await?;
        ensure!((invites.status == 403) == (*role != "security"), "{role} invites: {} {}", invites.status, invites.text());
    }
    Ok(())
});

journey!(a_new_epoch_ends_what_waits, async |world| {
    let mut olga = world.operator().await?.0;
    let asked = ask(&olga, &OTTO).await?;
    let ended = world.ground.database.write(async |unit| segl::operators::epoch::begin_epoch(unit).await).await?;
    ensure!(ended == 1, "{ended} changes ended");
    world.pass(WAIT).await;
    olga.log_in().await?;
    ensure!(!OTTO.has_link(world) && state(&olga, &asked.change).await? == "lapsed");
    Ok(())
});

journey!(operators_are_invited_and_consented_to_on_the_pages, async |world| {
    let (olga, otto) = two(world).await?;
    let browser = olga.browser("en").await?;
    let page = browser.get("/operators/new").await?.expect(200)?;
    let empty = browser.submit(&page, "/operators/new", &[("name", ""), ("email", "nowhere"), ("language", "da")]).await?;
    ensure!(empty.status == 422 && empty.text().contains("roles-error"), "{} {}", empty.status, empty.text());
    let fields = [("name", RITA.name), ("email", RITA.email), ("language", "da"), ("registration", "yes")];
    let asked = browser.submit(&page, "/operators/new", &fields).await?.expect(200)?;
    let code = between(&asked.text(), "id=\"temporary-password\">", "<").context("no temporary password is shown")?;
    let own = browser.get("/operators").await?.expect(200)?.text();
    ensure!(own.contains("/withdrawal") && !own.contains("/consent"), "whoever asked may withdraw and no more");
    ensure!(!own.contains(&code), "the temporary password is shown again");
    consent_on_page(world, &otto).await?;
    let rita = RITA.activate(world, &code).await?;
    let forbidden = rita.browser("da").await?.get("/operators").await?;
    ensure!(forbidden.status == 403, "{}", forbidden.status);
    Ok(())
});

async fn consent_on_page(world: &World, otto: &Person) -> anyhow::Result<()> {
    let browser: Visitor = otto.browser("da").await?;
    let page = browser.get("/operators").await?.expect(200)?;
    let change = between(&page.text(), "action=\"/operators/changes/", "/consent").context("no button to consent")?;
    browser.submit(&page, &format!("/operators/changes/{change}/consent"), &[]).await?.expect(303)?;
    let after = browser.get("/operators").await?.expect(200)?.text();
    ensure!(after.contains("Trådt i kraft") && !after.contains("/consent"), "{after}");
    world.settle().await;
    Ok(())
}

fn queued(engine: EngineKind) -> Setup {
    Setup { mail: "letters = \"queue\"".to_owned(), ..Setup::on(engine) }
}

#[test]
fn a_letter_ordered_by_one_is_printed_by_the_other_sqlite() {
    run_in(queued(EngineKind::Sqlite), async |world| letter_of_another(world).await);
}

#[test]
fn a_letter_ordered_by_one_is_printed_by_the_other_postgres() {
    run_in(queued(EngineKind::Postgres), async |world| letter_of_another(world).await);
}

async fn letter_of_another(world: &World) -> anyhow::Result<()> {
    let (olga, otto) = two(world).await?;
    let file = world.file("letters.pdf");
    let bakery = Operator(olga.clone()).register(&company("Havnens Bageri ApS", "30808460")).await?;
    world.settle().await;
    let nominee = nominee("anne@30808460.example.dk");
    accept_agreement(&world.client(), &world.mailbox, "sigrid@30808460.example.dk", &nominee).await?.expect(200)?;
    world.settle().await;
    olga.prove().await?;
    printed(&olga, "password", &file).await?;
    let text = support::peers::poppler::text_of(&file, 1, 1).await;
    let anne = join(world, "anne@30808460.example.dk", &code(&text)?).await?;
    olga.prove().await?;
    let cards = format!("/api/v1/companies/{bakery}/employees/{}/keycards", anne.employee);
    olga.http.post(&cards, &json!({"lost": false})).await?.expect(201)?;
    world.settle().await;
    let own = olga.http.post(BATCHES, &json!({"class": "card"})).await?;
    own.refused(403, "forbidden")?;
    ensure!(own.text().contains("Another operator must print it"), "{}", own.text());
    otto.prove().await?;
    printed(&otto, "card", &file).await?;
    ensure!(support::peers::poppler::text_of(&file, 1, 1).await.contains("Anne Ådal"), "the other prints it");
    Ok(())
}

/// The host's command makes an operator at once; who has the role security is told.
fn by_the_host(engine: EngineKind) {
    run_in(Setup { begins: Begins::Now, ..Setup::on(engine) }, async |world| {
        let data = world.plot().data().display().to_string();
        let invite = ["operators", "invite", OTTO.name, OTTO.email, "--roles", "security,registration", "--data", &data];
        segl(invite).await.must_refuse("segl init");
        let olga = world.operator().await?.0;
        let said = segl(invite).await;
        said.must_say("/activate/");
        let link = said.words.split_whitespace().find(|word| word.contains("/activate/")).context("no link")?.to_owned();
        let otto = Person::activate(&world.client(), &link, None, OTTO.user_id).await?;
        let who = otto.http.get("/api/v1/session").await?.expect(200)?;
        ensure!(who.json()["roles"] == json!(["registration", "security"]), "{}", who.text());
        segl(["operators", "invite", "Ida", "ida@segl.example.dk", "--roles", "owner", "--data", &data]).await.must_refuse("roles");
        // The command has a clock of its own, which goes on.
        world.pass(Duration::minutes(2)).await;
        let told = world.mailbox.mails_to("olga@segl.example.dk");
        ensure!(told.iter().any(|mail| mail.text.contains("segl operators invite")), "Olga is not told");
        ensure!(!OTTO.has_link(world), "the link of the terminal is never mailed");
        ensure!(olga.http.get(OPERATORS).await?.expect(200)?.items().len() == 2);
        Ok(())
    });
}

#[test]
fn the_host_invites_a_second_operator_at_once_sqlite() {
    by_the_host(EngineKind::Sqlite);
}

#[test]
fn the_host_invites_a_second_operator_at_once_postgres() {
    by_the_host(EngineKind::Postgres);
}
