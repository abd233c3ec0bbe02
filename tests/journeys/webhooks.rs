//! A company's own programs are told what happens: signed, tried again, never at an address inside, told nothing more where nothing is taken.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    client::send,
    hook::{HookServer, Post, Reply},
    journey,
    roles::{Company, Person, company},
    visitor::between,
    world::{Begins, EngineKind, Setup, World, on_runtime, run_in},
};
use time::Duration;

const BO: &str = "bo@bageri.example.dk";
const ALL: [&str; 7] = [
    "employee.invited",
    "employee.activated",
    "employee.changed",
    "employee.left",
    "certificate.issued",
    "certificate.revoked",
    "keycard.ordered",
];

/// A story on both engines, with a company's server.
fn hooked(story: impl AsyncFn(&World, &HookServer) -> anyhow::Result<()>) {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let server = HookServer::start();
        let setup = Setup { policy: server.settings(), ..Setup::on(engine) };
        run_in(setup, async |world| story(world, &server).await);
    }
}

fn hooks_of(bakery: &Company) -> String {
    format!("/api/v1/companies/{}/webhooks", bakery.id)
}

/// An address that is told things: its path in the API, and its secret.
async fn told(bakery: &Company, url: &str, kinds: &[&str]) -> anyhow::Result<(String, String)> {
    let body = json!({"url": url, "kinds": kinds});
    let made = bakery.administrator.http.post(&hooks_of(bakery), &body).await?.expect(201)?;
    ensure!(made.header("cache-control") == "no-store", "{:?}", made.headers);
    Ok((made.header("location"), made.string("/secret")))
}

/// Has a test sent.
async fn test(person: &Person, hook: &str) -> anyhow::Result<()> {
    person.http.post(&format!("{hook}/test"), &json!({})).await?.expect(202).map(drop)
}

/// The newest telling, as the administrator sees it.
async fn newest(person: &Person, hook: &str) -> anyhow::Result<Value> {
    let all = person.http.get(&format!("{hook}/deliveries")).await?.expect(200)?.items();
    all.first().cloned().context("nothing was told")
}

fn only(mut posts: Vec<Post>) -> anyhow::Result<Post> {
    ensure!(posts.len() == 1, "{} posts", posts.len());
    posts.pop().context("one post")
}

#[test]
fn what_happens_is_told_once_signed_and_by_ids_alone() {
    hooked(async |world, server| {
        let (_, bakery) = world.bakery().await?;
        let (_, secret) = told(&bakery, &server.url("/in"), &ALL).await?;
        let (_, other) = told(&bakery, &server.url("/left"), &["employee.left"]).await?;
        let bo = bakery.hire(world, "Bo", "Bager", BO).await?;
        let anne = &bakery.administrator;
        let path = format!("{}/{}", bakery.employees(), bo.employee);
        anne.prove().await?;
        anne.http.post(&format!("{path}/keycards"), &json!({"lost": false})).await?.expect(201)?;
        let person = json!({"given_name": "Bo", "surname": "Brød", "email": BO});
        send(anne.http.request(Method::PUT, &format!("{path}/person")).json(&person)).await?.expect(204)?;
        anne.http.delete(&path).await?.expect(204)?;
        world.settle().await;
        let posts = server.posts();
        let at_in: Vec<&Post> = posts.iter().filter(|post| post.path == "/in").collect();
        let kinds: BTreeSet<String> = at_in.iter().map(|post| post.kind()).collect();
        ensure!(kinds == ALL.iter().map(|kind| (*kind).to_owned()).collect(), "{kinds:?}");
        let count = |kind: &str| at_in.iter().filter(|post| post.kind() == kind).count();
        ensure!(count("employee.invited") == 1 && count("employee.left") == 1 && count("keycard.ordered") == 1);
        ensure!(
            count("certificate.issued") == count("certificate.revoked"),
            "{} and {}",
            count("certificate.issued"),
            count("certificate.revoked")
        );
        let ids: BTreeSet<&str> = posts.iter().map(|post| post.header("webhook-id")).collect();
        ensure!(ids.len() == posts.len() && ids.iter().all(|id| id.starts_with("msg_")), "{ids:?}");
        for post in &posts {
            let (text, data) = (String::from_utf8_lossy(&post.body).into_owned(), &post.json()["data"]);
            let names = ["Bo", "Bager", "Brød", "Anne", BO];
            ensure!(!names.iter().any(|name| text.contains(name)), "a post names somebody: {text}");
            ensure!(data["company"] == bakery.id.as_str() && data["employee"] == bo.employee.as_str(), "{text}");
            ensure!(post.header("content-type") == "application/json" && post.json()["timestamp"].is_string());
            let age = world.now().millis() / 1000 - post.header("webhook-timestamp").parse::<i64>()?;
            ensure!((0..120).contains(&age), "{age} s old");
            let by = if post.path == "/in" { &secret } else { &other };
            ensure!(
                post.signed_by(by) == 1 && post.header("webhook-signature").split(' ').count() == 1,
                "{}",
                post.header("webhook-signature")
            );
        }
        let left: Vec<String> = posts.iter().filter(|post| post.path == "/left").map(Post::kind).collect();
        ensure!(left == ["employee.left"], "{left:?}");
        Ok(())
    });
}

#[test]
fn what_was_not_taken_is_tried_again_under_its_id_and_what_was_taken_is_not() {
    hooked(async |world, server| {
        let (_, bakery) = world.bakery().await?;
        let anne = &bakery.administrator;
        let (hook, _) = told(&bakery, &server.url("/in"), &["employee.left"]).await?;
        server.next(Reply::Status(500));
        test(anne, &hook).await?;
        world.settle().await;
        let first = only(server.posts())?;
        ensure!(first.kind() == "webhook.test");
        let shown = newest(anne, &hook).await?;
        ensure!(shown["state"] == "waiting" && shown["status"] == 500 && shown["attempts"] == 1 && shown["fault"] == "status", "{shown}");
        anne.http.get(&hook).await?.expect(200).map(|hook| ensure_failing(&hook.json()))??;
        world.pass(Duration::seconds(5)).await;
        let second = only(server.posts())?;
        ensure!(second.header("webhook-id") == first.header("webhook-id") && second.body == first.body, "the same telling");
        ensure!(second.header("webhook-timestamp") != first.header("webhook-timestamp"), "at another time");
        ensure!(newest(anne, &hook).await?["state"] == "delivered");
        world.pass(Duration::hours(30)).await;
        ensure!(server.posts().is_empty(), "told again");
        Ok(())
    });
}

fn ensure_failing(hook: &Value) -> anyhow::Result<()> {
    ensure!(hook["state"] == "active" && hook["failing_since"].is_string(), "{hook}");
    Ok(())
}

#[test]
fn eight_tries_within_a_day_are_enough_and_the_button_tells_once_more() {
    hooked(async |world, server| {
        let (_, bakery) = world.bakery().await?;
        let (hook, _) = told(&bakery, &server.url("/in"), &["employee.left"]).await?;
        server.always(503);
        test(&bakery.administrator, &hook).await?;
        world.settle().await;
        let minutes = [1, 5, 30, 120, 240, 420, 600];
        for pause in minutes {
            ensure!(server.posts().len() == 1, "before {pause} minutes");
            world.pass(Duration::minutes(pause)).await;
        }
        let last = only(server.posts())?;
        world.pass(Duration::hours(20)).await;
        ensure!(server.posts().is_empty(), "a ninth try");
        let mut anne = bakery.administrator.clone();
        anne.log_in().await?;
        let shown = newest(&anne, &hook).await?;
        ensure!(shown["state"] == "failed" && shown["attempts"] == 8 && shown["next_at"].is_null(), "{shown}");
        server.always(204);
        let again = format!("{hook}/deliveries/{}/redelivery", shown["id"].as_str().unwrap_or_default());
        anne.http.post(&again, &json!({})).await?.expect(202)?;
        anne.http.post(&again, &json!({})).await?.refused(409, "already-done")?;
        world.settle().await;
        ensure!(only(server.posts())?.header("webhook-id") == last.header("webhook-id"), "under another id");
        ensure!(newest(&anne, &hook).await?["state"] == "delivered");
        Ok(())
    });
}

#[test]
fn what_waits_at_one_companys_address_lets_others_pass_and_buttons_keep_a_pace() {
    hooked(async |world, server| {
        let (operator, bakery) = world.bakery().await?;
        let dairy = Company::enrolled(world, &operator, &company("Andelsmejeriet A/S", "34051178")).await?;
        let (many, _) = told(&bakery, &server.url("/many"), &["employee.left"]).await?;
        let (one, _) = told(&dairy, &server.url("/one"), &["employee.left"]).await?;
        world.settle().await;
        drop(server.posts());
        for _ in 0..20 {
            test(&bakery.administrator, &many).await?;
        }
        bakery.administrator.http.post(&format!("{many}/test"), &json!({})).await?.refused(429, "too-many-tries")?;
        world.clock.advance(Duration::seconds(1));
        test(&dairy.administrator, &one).await?;
        world.settle().await;
        let paths: Vec<String> = server.posts().into_iter().map(|post| post.path).collect();
        ensure!(paths.len() == 21 && paths.iter().filter(|path| *path == "/one").count() == 1, "{paths:?}");
        ensure!(paths.iter().position(|path| path == "/one") == Some(1), "it came behind all that waits elsewhere: {paths:?}");
        world.pass(Duration::minutes(1)).await;
        let shown = newest(&bakery.administrator, &many).await?;
        let again = format!("{many}/deliveries/{}/redelivery", shown["id"].as_str().unwrap_or_default());
        for _ in 0..20 {
            bakery.administrator.http.post(&again, &json!({})).await?.expect(202)?;
            world.settle().await;
        }
        bakery.administrator.http.post(&again, &json!({})).await?.refused(429, "too-many-tries")?;
        ensure!(server.posts().len() == 20);
        Ok(())
    });
}

#[test]
fn a_redirect_is_followed_nowhere() {
    hooked(async |world, server| {
        let (_, bakery) = world.bakery().await?;
        let anne = &bakery.administrator;
        let (hook, _) = told(&bakery, &server.url("/in"), &["employee.left"]).await?;
        server.next(Reply::Redirect(server.url("/elsewhere")));
        test(anne, &hook).await?;
        world.settle().await;
        ensure!(only(server.posts())?.path == "/in");
        let shown = newest(anne, &hook).await?;
        ensure!(shown["fault"] == "redirect" && shown["status"] == 307 && shown["state"] == "waiting", "{shown}");
        Ok(())
    });
}

journey!(addresses_inside_and_in_clear_are_refused, async |world| {
    let (_, bakery) = world.bakery().await?;
    let anne = &bakery.administrator;
    let inner = [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.1.2.3/x",
        "https://192.168.0.1:8443/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://intranet/x",
        "http://hooks.example.dk/x",
        "http://127.0.0.1/x",
        "https://user@hooks.example.dk/x",
        "https://hooks.example.dk/x#y",
        "ftp://hooks.example.dk/x",
        "",
    ];
    for url in inner {
        let refused = anne.http.post(&hooks_of(&bakery), &json!({"url": url, "kinds": ["employee.left"]})).await?;
        ensure!(refused.pointers() == ["/url"], "{url}: {} {}", refused.status, refused.text());
    }
    let unknown = anne.http.post(&hooks_of(&bakery), &json!({"url": "https://hooks.example.dk/", "kinds": ["employee.born"]})).await?;
    unknown.refused(422, "invalid")?;
    let none = anne.http.post(&hooks_of(&bakery), &json!({"url": "https://hooks.example.dk/", "kinds": []})).await?;
    ensure!(none.pointers() == ["/kinds"], "{}", none.text());
    for _ in 0..10 {
        told(&bakery, "https://hooks.example.dk/in", &["employee.left"]).await?;
    }
    let enough = json!({"url": "https://hooks.example.dk/", "kinds": ["employee.left"]});
    anne.http.post(&hooks_of(&bakery), &enough).await?.refused(409, "conflict")?;
    world.pass(Duration::minutes(6)).await;
    anne.http.post(&hooks_of(&bakery), &enough).await?.refused(403, "prove-again")
});

/// A service that is stopped between two tries, and opened again with or without the leave to speak to addresses inside.
async fn over_a_stop(engine: EngineKind, inside: bool) -> anyhow::Result<()> {
    let server = HookServer::start();
    let world = World::of(Setup { policy: server.settings(), begins: Begins::Now, ..Setup::on(engine) }).await;
    let (_, bakery) = world.bakery().await?;
    let (hook, secret) = told(&bakery, &server.url("/in"), &["employee.left"]).await?;
    server.next(Reply::Status(500));
    test(&bakery.administrator, &hook).await?;
    world.settle().await;
    let first = only(server.posts())?;
    let plot = world.stop();
    if !inside {
        let file = plot.data().join("segl.toml");
        let text = std::fs::read_to_string(&file)?.replace("inner_addresses = true", "inner_addresses = false");
        std::fs::write(&file, text)?;
    }
    // The clock of the world ran ahead of the machine's.
    let world = World::resume(plot, Duration::minutes(10)).await;
    world.settle().await;
    let anne = Person { http: bakery.administrator.http.at(world.client().base()), ..bakery.administrator.clone() };
    let shown = newest(&anne, &hook).await?;
    if inside {
        let second = only(server.posts())?;
        ensure!(second.header("webhook-id") == first.header("webhook-id") && second.signed_by(&secret) == 1);
        ensure!(shown["state"] == "delivered", "{shown}");
    } else {
        ensure!(server.posts().is_empty() && shown["fault"] == "address", "{shown}");
    }
    Ok(())
}

#[test]
fn what_waits_is_told_after_a_stop_and_the_address_is_judged_at_each_try() {
    on_runtime(async {
        for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
            for inside in [true, false] {
                over_a_stop(engine, inside).await.unwrap();
            }
        }
    });
}

#[test]
fn after_a_change_of_secret_both_sign_for_a_day() {
    hooked(async |world, server| {
        let (_, bakery) = world.bakery().await?;
        let anne = &bakery.administrator;
        let (hook, former) = told(&bakery, &server.url("/in"), &["employee.left"]).await?;
        world.pass(Duration::minutes(6)).await;
        anne.http.post(&format!("{hook}/secret"), &json!({})).await?.refused(403, "prove-again")?;
        anne.prove().await?;
        let rotated = anne.http.post(&format!("{hook}/secret"), &json!({})).await?.expect(200)?;
        let secret = rotated.string("/secret");
        ensure!(secret != former && rotated.header("cache-control") == "no-store");
        test(anne, &hook).await?;
        world.settle().await;
        let post = only(server.posts())?;
        ensure!(post.signed_by(&former) == 1 && post.signed_by(&secret) == 1);
        world.pass(Duration::hours(25)).await;
        let mut anne = anne.clone();
        anne.log_in().await?;
        test(&anne, &hook).await?;
        world.settle().await;
        let post = only(server.posts())?;
        ensure!(post.signed_by(&former) == 0 && post.signed_by(&secret) == 1);
        ensure!(!anne.http.get(&hooks_of(&bakery)).await?.text().contains("whsec_"), "a secret is shown again");
        Ok(())
    });
}

#[test]
fn after_a_restore_an_address_is_told_things_again_under_another_secret_and_after_a_proof() {
    hooked(async |world, server| {
        let (_, bakery) = world.bakery().await?;
        let anne = &bakery.administrator;
        let (hook, former) = told(&bakery, &server.url("/in"), &["employee.left"]).await?;
        anne.http.post(&format!("{hook}/secret"), &json!({})).await?.expect(200)?;
        let disabled = world.ground.database.write(async |unit| segl::webhooks::epoch::begin_epoch(unit).await).await?;
        ensure!(disabled == 1);
        world.pass(Duration::minutes(6)).await;
        let resumption = format!("{hook}/resumption");
        // A session that somebody took over starts nothing again.
        anne.http.post(&resumption, &json!({})).await?.refused(403, "prove-again")?;
        ensure!(anne.http.get(&hook).await?.json()["state"] == "disabled");
        anne.prove().await?;
        let resumed = anne.http.post(&resumption, &json!({})).await?.expect(200)?;
        let secret = resumed.string("/secret");
        ensure!(secret.starts_with("whsec_") && resumed.header("cache-control") == "no-store", "{}", resumed.text());
        test(anne, &hook).await?;
        world.settle().await;
        let post = only(server.posts())?;
        ensure!(post.signed_by(&secret) == 1 && post.signed_by(&former) == 0, "{}", post.header("webhook-signature"));
        ensure!(post.header("webhook-signature").split(' ').count() == 1, "a restored secret signs too");
        Ok(())
    });
}

#[test]
fn an_address_that_takes_nothing_for_three_days_is_told_nothing_more_and_administrators_know() {
    hooked(async |world, server| {
        let (_, bakery) = world.bakery().await?;
        let mut anne = bakery.administrator.clone();
        let (hook, _) = told(&bakery, &server.url("/in?key=geheim"), &["employee.invited"]).await?;
        server.always(500);
        test(&anne, &hook).await?;
        world.settle().await;
        world.pass(Duration::days(2)).await;
        anne.log_in().await?;
        ensure!(anne.http.get(&hook).await?.json()["state"] == "active", "after two days");
        test(&anne, &hook).await?;
        world.settle().await;
        world.pass(Duration::hours(25)).await;
        anne.log_in().await?;
        let shown = anne.http.get(&hook).await?.expect(200)?;
        ensure!(shown.json()["state"] == "disabled" && shown.json()["why"] == "failing", "{}", shown.text());
        let mails = world.mailbox.mails_to("anne@30808460.example.dk");
        let mail = mails.iter().find(|mail| mail.subject.contains("får ikke besked længere")).context("nobody was told")?;
        ensure!(!mail.text.contains("geheim") && mail.text.contains("/webhooks/"), "{}", mail.text);
        drop(server.posts());
        server.always(204);
        bakery_invites(&anne, &bakery, BO).await?;
        world.settle().await;
        ensure!(server.posts().is_empty(), "told although disabled");
        anne.http.post(&format!("{hook}/test"), &json!({})).await?.refused(409, "conflict")?;
        anne.http.post(&format!("{hook}/resumption"), &json!({})).await?.expect(204)?;
        anne.http.post(&format!("{hook}/resumption"), &json!({})).await?.refused(409, "already-done")?;
        bakery_invites(&anne, &bakery, "cai@bageri.example.dk").await?;
        world.settle().await;
        ensure!(only(server.posts())?.kind() == "employee.invited");
        // Gone is gone at once.
        server.always(410);
        test(&anne, &hook).await?;
        world.settle().await;
        ensure!(anne.http.get(&hook).await?.json()["why"] == "gone");
        anne.http.delete(&hook).await?.expect(204)?;
        anne.http.get(&hook).await?.refused(404, "not-found")
    });
}

async fn bakery_invites(anne: &Person, bakery: &Company, email: &str) -> anyhow::Result<()> {
    anne.http.post(&bakery.employees(), &support::roles::invitation("Ny", "Bager", email)).await?.expect(201).map(drop)
}

#[test]
fn a_server_that_hangs_is_left_after_ten_seconds() {
    let server = HookServer::start();
    run_in(Setup { policy: server.settings(), ..Setup::on(EngineKind::Sqlite) }, async |world| {
        let (_, bakery) = world.bakery().await?;
        let anne = &bakery.administrator;
        let (hook, _) = told(&bakery, &server.url("/in"), &["employee.left"]).await?;
        server.next(Reply::Hang);
        test(anne, &hook).await?;
        world.settle().await;
        let shown = newest(anne, &hook).await?;
        ensure!(shown["fault"] == "too_long" && shown["state"] == "waiting", "{shown}");
        world.pass(Duration::seconds(5)).await;
        ensure!(newest(anne, &hook).await?["state"] == "delivered");
        Ok(())
    });
}

#[test]
fn an_administrator_sees_and_does_all_of_it_on_the_pages() {
    hooked(async |world, server| {
        let (_, bakery) = world.bakery().await?;
        let anne = &bakery.administrator;
        let browser = anne.browser("da").await?;
        let path = format!("/companies/{}/webhooks", bakery.id);
        let page = browser.get(&path).await?.expect(200)?;
        let refused = browser.submit(&page, &path, &[("url", "http://10.0.0.1/")]).await?.expect(422)?;
        ensure!(refused.text().contains("Vælg mindst én") && refused.text().contains("begynder med https://"), "{}", refused.text());
        let fields = [("url", server.url("/in")), ("kind_employee_left", "yes".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let shown = browser.submit(&page, &path, &fields).await?.expect(201)?;
        let secret = between(&shown.text(), "id=\"shown-secret\">", "<").context("no secret is shown")?;
        let one = between(&shown.text(), &format!("href=\"{path}/"), "\"").context("the address is not listed")?;
        let one = format!("{path}/{one}");
        let page = browser.get(&one).await?.expect(200)?;
        ensure!(!page.text().contains(&secret), "it is shown once");
        browser.submit(&page, &format!("{one}/test"), &[]).await?.expect(303)?;
        world.settle().await;
        ensure!(only(server.posts())?.signed_by(&secret) == 1);
        let page = browser.get(&one).await?.expect(200)?;
        ensure!(page.text().contains("Modtaget") && page.text().contains("Prøve"), "{}", page.text());
        let again = between(&page.text(), &format!("action=\"{one}/deliveries/"), "\"").context("no button tells again")?;
        browser.submit(&page, &format!("{one}/deliveries/{again}"), &[]).await?.expect(303)?;
        world.settle().await;
        only(server.posts())?;
        let rotated = browser.submit(&page, &format!("{one}/secret"), &[]).await?.expect(200)?;
        let second = between(&rotated.text(), "id=\"shown-secret\">", "<").context("no secret is shown")?;
        ensure!(second != secret && second.starts_with("whsec_"));
        browser.submit(&page, &format!("{one}/removal"), &[]).await?.expect(303)?;
        ensure!(browser.get(&one).await?.status == 404);
        Ok(())
    });
}
