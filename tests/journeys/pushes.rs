//! Phones that do not listen are woken, through stand-ins as strict as Apple, Google and a Web Push server: told "look", and nothing else.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, ensure};
use keycard::wire::{Event, WakeOffered, read};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    approver::typed,
    client::{Answer, send},
    phone::SoftPhone,
    push::{PushServer, Woken},
    roles::Person,
    world::{EngineKind, Setup, World, run_in},
};
use time::Duration;

/// A story on both engines, in a world whose push services are the stand-in.
fn pushed(story: impl AsyncFn(&World, &PushServer) -> anyhow::Result<()>) {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let server = Arc::new(PushServer::start());
        let setup = Setup { policy: server.settings(), ..Setup::on(engine) };
        run_in(setup, async |world| {
            server.set_time(world.now().millis() / 1000);
            story(world, &server).await
        });
    }
}

async fn register(phone: &SoftPhone, wake: &Value) -> anyhow::Result<Answer> {
    send(phone.http.request(Method::PUT, "/api/v1/phone/wake").json(wake)).await
}

/// The jobs that are due, and the stand-in's clock with ours.
async fn settle(world: &World, server: &PushServer) {
    server.set_time(world.now().millis() / 1000);
    world.settle().await;
}

const DEVICE: &str = "0f744707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bbad78";
const WAYS: [&str; 3] = ["apns", "fcm", "web-push"];

/// Somebody with a phone, which was offered every way.
async fn paired(world: &World, server: &PushServer) -> anyhow::Result<(Person, SoftPhone)> {
    let (_, bakery) = world.bakery().await?;
    let phone = bakery.administrator.pair_phone("Annes telefon").await?;
    offered(&phone, server).await?;
    Ok((bakery.administrator, phone))
}

async fn offered(phone: &SoftPhone, server: &PushServer) -> anyhow::Result<()> {
    let answer = phone.http.get("/api/v1/phone/wake").await?.expect(200)?;
    let offered: WakeOffered = read(&answer.bytes, keycard::wire::TO_PHONE_BYTES)?;
    ensure!(offered.apns && offered.fcm, "{offered:?}");
    server.expect_vapid(&offered.web_push.context("no key for Web Push")?);
    Ok(())
}

#[test]
fn each_service_wakes_its_phone_with_look_and_nothing_else_and_as_long_as_the_request_lives() {
    pushed(async |world, server| {
        let (person, phone) = paired(world, server).await?;
        for by in WAYS {
            register(&phone, &server.wake(by, DEVICE)).await?.expect(204)?;
            person
                .http
                .without_token()
                .post("/api/v1/logins", &json!({"user_id": person.user_id, "password": "wrong"}))
                .await?
                .expect(403)?;
            settle(world, server).await;
            ensure!(server.woken().is_empty(), "{by}: woken by a wrong password");
            let begun = person.begin_by_phone().await?;
            settle(world, server).await;
            let (woken, refused) = (server.woken(), server.refused());
            ensure!(woken.len() == 1 && refused.is_empty(), "{by}: {woken:?} {refused:?}");
            let Woken { by: through, device, says, seconds } = &woken[0];
            ensure!(*through == by && device == DEVICE && says == "look" && (100..=120).contains(seconds), "{woken:?}");
            phone.decide(&phone.sole_request().await?, typed(&begun.number)).await?;
            person.finish_by_phone(&begun).await?.expect(201)?;
            world.pass(Duration::minutes(3)).await;
            ensure!(server.woken().is_empty(), "{by}: woken after the answer");
        }
        ensure!(server.tokens() == 1, "{} tokens", server.tokens());
        // Not woken any more.
        register(&phone, &json!({"by": "none"})).await?.expect(204)?;
        person.begin_by_phone().await?;
        settle(world, server).await;
        ensure!(server.woken().is_empty() && phone.waiting().await?.len() == 1);
        Ok(())
    });
}

#[test]
fn a_phone_that_listens_is_pushed_only_when_its_request_still_waits_after_some_seconds() {
    pushed(async |world, server| {
        let (person, phone) = paired(world, server).await?;
        register(&phone, &server.wake("web-push", DEVICE)).await?.expect(204)?;
        let mut stream = phone.events(None).await?;
        let begun = person.begin_by_phone().await?;
        ensure!(stream.next().await? == Some(Event::Look));
        // The jobs of this world run beside the node that serves the stream, and share its memory.
        settle(world, server).await;
        ensure!(server.woken().is_empty(), "pushed although it listens");
        phone.decide(&phone.sole_request().await?, typed(&begun.number)).await?;
        world.pass(Duration::seconds(10)).await;
        ensure!(server.woken().is_empty(), "pushed after its answer");
        // The system has stopped the app, and nobody noticed: the stream is open and dead.
        person.begin_by_phone().await?;
        settle(world, server).await;
        ensure!(server.woken().is_empty());
        world.clock.advance(Duration::seconds(8));
        settle(world, server).await;
        ensure!(server.woken().len() == 1, "{:?}", server.refused());
        Ok(())
    });
}

#[test]
fn a_busy_server_is_asked_again_when_it_says_and_never_after_the_request() {
    pushed(async |world, server| {
        let (person, phone) = paired(world, server).await?;
        for by in WAYS {
            register(&phone, &server.wake(by, DEVICE)).await?.expect(204)?;
            server.instead((429, Some("30"), "{}"));
            let begun = person.begin_by_phone().await?;
            settle(world, server).await;
            world.clock.advance(Duration::seconds(25));
            settle(world, server).await;
            ensure!(server.woken().is_empty(), "{by}: asked again too early");
            world.clock.advance(Duration::seconds(5));
            settle(world, server).await;
            ensure!(server.woken().len() == 1, "{by}: not asked again: {:?}", server.refused());
            phone.decide(&phone.sole_request().await?, typed(&begun.number)).await?;
            person.finish_by_phone(&begun).await?.expect(201)?;
            server.instead((503, Some("500"), "{}"));
            let begun = person.begin_by_phone().await?;
            settle(world, server).await;
            world.pass(Duration::seconds(600)).await;
            ensure!(server.woken().is_empty(), "{by}: asked again after the request");
            ensure!(person.phone_state(&begun).await? == "lapsed");
            let mut owner = person.clone();
            owner.log_in().await?;
        }
        Ok(())
    });
}

#[test]
fn an_address_that_is_gone_is_forgotten_and_a_refusal_is_not_repeated() {
    pushed(async |world, server| {
        let (person, phone) = paired(world, server).await?;
        let asked = async || {
            let begun = person.begin_by_phone().await?;
            settle(world, server).await;
            let woken = server.woken().len();
            phone.decide(&phone.sole_request().await?, typed(&begun.number)).await?;
            person.finish_by_phone(&begun).await?.expect(201)?;
            Ok::<_, anyhow::Error>(woken)
        };
        let unregistered = r#"{"error":{"code":404,"details":[{"errorCode":"UNREGISTERED"}]}}"#;
        let gone = [
            ("apns", 410, r#"{"reason":"Unregistered"}"#),
            ("apns", 400, r#"{"reason":"BadDeviceToken"}"#),
            ("fcm", 404, unregistered),
            ("web-push", 404, ""),
            ("web-push", 410, ""),
        ];
        for (by, status, body) in gone {
            register(&phone, &server.wake(by, DEVICE)).await?.expect(204)?;
            server.instead((status, None, body));
            ensure!(asked().await? == 0 && asked().await? == 0, "{by} {status}: not forgotten");
        }
        // A refusal that is no fault of the phone's: not repeated for this request, and the address is kept.
        for (by, status) in [("apns", 403), ("fcm", 404), ("web-push", 413)] {
            register(&phone, &server.wake(by, DEVICE)).await?.expect(204)?;
            server.instead((status, None, "{}"));
            ensure!(asked().await? == 0, "{by} {status}: repeated");
            ensure!(asked().await? == 1, "{by} {status}: forgotten: {:?}", server.refused());
        }
        Ok(())
    });
}

/// Whether the service says that it knows how to wake the phone.
async fn kept(phone: &SoftPhone) -> anyhow::Result<bool> {
    let answer = phone.http.get("/api/v1/phone/wake").await?.expect(200)?;
    let offered: WakeOffered = read(&answer.bytes, keycard::wire::TO_PHONE_BYTES)?;
    offered.kept.context("it does not say")
}

#[test]
fn an_address_that_was_gone_serves_again_when_the_phone_registers_the_same_once_more() {
    pushed(async |world, server| {
        let (person, phone) = paired(world, server).await?;
        ensure!(!kept(&phone).await?, "nothing was registered");
        let woken = async || {
            let begun = person.begin_by_phone().await?;
            settle(world, server).await;
            let woken = server.woken().len();
            phone.decide(&phone.sole_request().await?, typed(&begun.number)).await?;
            person.finish_by_phone(&begun).await?.expect(201)?;
            Ok::<_, anyhow::Error>(woken)
        };
        let address = server.wake("web-push", DEVICE);
        for status in [404, 410, 404] {
            register(&phone, &address).await?.expect(204)?;
            ensure!(kept(&phone).await? && woken().await? == 1, "{status}: not woken: {:?}", server.refused());
            server.instead((status, None, ""));
            ensure!(woken().await? == 0 && !kept(&phone).await?, "{status}: not forgotten");
        }
        register(&phone, &address).await?.expect(204)?;
        ensure!(woken().await? == 1 && kept(&phone).await?, "{:?}", server.refused());
        Ok(())
    });
}

#[test]
fn a_dead_server_harms_nobody_and_addresses_inside_are_refused() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let server = PushServer::start();
        run_in(Setup { policy: server.settings(), ..Setup::on(engine) }, async |world| {
            let (_, bakery) = world.bakery().await?;
            let person = &bakery.administrator;
            let phone = person.pair_phone("Annes telefon").await?;
            let mut dead = server.wake("web-push", DEVICE);
            dead["endpoint"] = json!(format!("https://{nobody}/up/x"));
            register(&phone, &dead).await?.expect(204)?;
            let begun = person.begin_by_phone().await?;
            let failed = segl::commands::work::run_until_idle(&world.ground, &segl::app::work()).await;
            ensure!(
                failed.is_err_and(|error| format!("{error:#}").contains("cannot be reached")),
                "a dead server is taken for a living one"
            );
            phone.decide(&phone.sole_request().await?, typed(&begun.number)).await?;
            person.finish_by_phone(&begun).await?.expect(201)?;
            Ok(())
        });
        run_in(Setup::on(engine), async |world| {
            let (_, bakery) = world.bakery().await?;
            let phone = bakery.administrator.pair_phone("Annes telefon").await?;
            let mut wake = server.wake("web-push", DEVICE);
            for inside in [
                "https://127.0.0.1:9/x",
                "https://169.254.169.254/latest",
                "https://intranet/x",
                "http://push.example.dk/x",
                "https://[::1]/",
            ] {
                wake["endpoint"] = json!(inside);
                let refused = register(&phone, &wake).await?;
                ensure!(refused.pointers() == ["/endpoint"], "{inside}: {}", refused.text());
            }
            wake["endpoint"] = json!("https://push.example.dk/x");
            register(&phone, &wake).await?.expect(204)?;
            register(&phone, &server.wake("apns", DEVICE)).await?.refused(409, "conflict")?;
            register(&phone, &server.wake("fcm", "x")).await?.refused(409, "conflict")?;
            Ok(())
        });
    }
}

#[test]
fn a_kept_connection_that_died_unnoticed_is_asked_once_and_a_new_one_wakes_the_phone() {
    pushed(async |world, server| {
        let (person, phone) = paired(world, server).await?;
        register(&phone, &server.wake("web-push", DEVICE)).await?.expect(204)?;
        for turn in 1..=3 {
            let begun = person.begin_by_phone().await?;
            settle(world, server).await;
            let woken = server.woken();
            ensure!(woken.len() == 1, "turn {turn}: {woken:?}, {:?}", server.refused());
            phone.decide(&phone.sole_request().await?, typed(&begun.number)).await?;
            person.finish_by_phone(&begun).await?.expect(201)?;
            server.freeze();
        }
        Ok(())
    });
}

/// A server that takes every connection and never says a word; it counts the most that were open at once.
struct Silent {
    address: std::net::SocketAddr,
    most: Arc<AtomicUsize>,
}

impl Silent {
    fn start() -> anyhow::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let (address, most, open) = (listener.local_addr()?, Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = most.clone();
        // Both end with the test's process.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let open = open.clone();
                seen.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    let _until_it_is_left = std::io::copy(&mut stream, &mut std::io::sink());
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Ok(Self { address, most })
    }
}

#[test]
fn a_server_that_hangs_keeps_one_hand_and_holds_up_no_other() {
    pushed(async |world, server| {
        let (_, bakery) = world.bakery().await?;
        let (anne, bo) = (&bakery.administrator, bakery.hire(world, "Bo", "Bager", "bo@havnens.example.dk").await?);
        let silent = Silent::start()?;
        // As many phones that name it as the service has hands for them.
        for name in ["Den første", "Den anden", "Den tredje"] {
            let phone = anne.pair_phone(name).await?;
            offered(&phone, server).await?;
            let mut hangs = server.wake("web-push", DEVICE);
            hangs["endpoint"] = json!(format!("https://{}/up/x", silent.address));
            register(&phone, &hangs).await?.expect(204)?;
        }
        let phone = bo.pair_phone("Bos telefon").await?;
        register(&phone, &server.wake("web-push", DEVICE)).await?.expect(204)?;
        settle(world, server).await;
        anne.begin_by_phone().await?;
        world.clock.advance(Duration::SECOND);
        bo.begin_by_phone().await?;
        server.set_time(world.now().millis() / 1000);
        let (_going_on, stop) = tokio::sync::watch::channel(false);
        let work = segl::app::work();
        let woken = async {
            let begun = std::time::Instant::now();
            while begun.elapsed() < std::time::Duration::from_secs(60) {
                // Both: else it would not be shown that anything hung.
                if silent.most.load(Ordering::SeqCst) > 0 && !server.woken().is_empty() {
                    return true;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            false
        };
        let woken = tokio::select! {
            () = segl::commands::work::until_stopped(&world.ground, &work, stop) => false,
            woken = woken => woken,
        };
        ensure!(woken, "a server that hangs held up another one: {:?}", server.refused());
        let most = silent.most.load(Ordering::SeqCst);
        ensure!(most == 1, "{most} hands wait for it");
        Ok(())
    });
}
