//! The program as whoever installs it uses it: init, serve, check, verify; exit codes, words of one line.

use std::{collections::HashSet, path::Path};

use anyhow::{Context as _, ensure};
use support::{
    card::PrintedCard,
    journey,
    mailbox::Mailbox,
    papers::{fixture, flipped, path},
    pki::{Certificate, Surroundings},
    program::{Service, free_port, segl},
    roles::{Operator, PASSWORD, Person, accept_agreement, company, invitation, nominee},
    visitor::between,
    world::{Begins, EngineKind, Setup, on_runtime, run_in},
};

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// `segl init` with every answer given, on its own data directory.
pub async fn init(data: &Path) -> support::peers::tools::Said {
    segl(init_arguments(data)).await
}

/// The arguments of that.
pub fn init_arguments(data: &Path) -> Vec<String> {
    let answers = [
        ("--public-url", "https://segl.example.dk"),
        ("--organisation", "Segl Prøve"),
        ("--root-name", "Segl Prøve Root CA"),
        ("--issuing-name", "Segl Prøve Issuing CA 1"),
        ("--mail-from", "segl@segl.example.dk"),
        ("--relay", "none"),
        ("--clock", "none"),
        ("--operator", "Olga Operatør"),
        ("--operator-email", "olga@segl.example.dk"),
    ];
    let data = text(data);
    let all = ["init", "--data", &data].into_iter().chain(answers.iter().flat_map(|(name, value)| [*name, *value]));
    all.map(str::to_owned).collect()
}

/// Waits until the service's own hands have done something.
pub async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> anyhow::Result<T> {
    for _ in 0..300 {
        if let Some(found) = look() {
            return Ok(found);
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("{what} did not come within 30 s")
}

/// The secrets of a story: what they are, and the secret itself.
pub type Planted = Vec<(&'static str, String)>;

/// The main job with the program alone: every wait is for the program's own hands. Gives the signed PDF and every secret of the way.
pub async fn main_job(service: &Service, mailbox: &Mailbox, link: &str) -> anyhow::Result<(Vec<u8>, Planted)> {
    let client = service.client();
    let mut planted: Planted = vec![("password", PASSWORD.to_owned()), ("folded password", PASSWORD.to_ascii_lowercase())];
    let mut keep_link = |link: &str| planted.push(("link", link.rsplit('/').next().unwrap_or_default().to_owned()));
    keep_link(link);
    let operator = Operator(Person::activate(&client, link, None, "olga.operator").await?);
    let bakery = operator.register(&company("Havnens Bageri ApS", "30808460")).await?;
    let sigrid = "sigrid@30808460.example.dk";
    keep_link(&eventually("the signatory's link", || mailbox.link_to(sigrid, "/agreement/")).await?);
    accept_agreement(&client, mailbox, sigrid, &nominee("anne@bageri.example.dk")).await?.expect(200)?;
    let link = eventually("the administrator's link", || mailbox.link_to("anne@bageri.example.dk", "/activate/")).await?;
    keep_link(&link);
    let code = eventually("the letter", || mailbox.temporary_password("Anne Ådal")).await?;
    let anne = Person::activate(&client, &link, Some(&code), "anne.aadal").await?;
    planted.push(("temporary password", code));
    let wanted = serde_json::json!({"name": "Program", "scopes": ["employees:read"]});
    let key = anne.http.post(&format!("/api/v1/companies/{bakery}/api-keys"), &wanted).await?.expect(201)?.string("/key");
    client.with_token(&key).get(&format!("/api/v1/companies/{bakery}/employees")).await?.expect(200)?;
    planted.push(("API key", key));
    let wanted = serde_json::json!({"url": "https://hooks.example.dk/in", "kinds": ["employee.left"]});
    let secret = anne.http.post(&format!("/api/v1/companies/{bakery}/webhooks"), &wanted).await?.expect(201)?.string("/secret");
    planted.push(("webhook secret", secret));
    let signed = anne.upload_and_sign("Kontrakt", &fixture("libreoffice")).await?;
    planted.extend(anne.card.keys().map(|key| ("key", key.to_owned())));
    planted.extend(operator.0.card.keys().map(|key| ("key", key.to_owned())));
    Ok((signed, planted))
}

/// Whether a secret stands in some bytes: as it is, or (in a dump) in hexadecimal.
pub fn stands_in(haystack: &[u8], (what, secret): &(&'static str, String)) -> bool {
    match *what {
        "key" => six_digits(haystack).contains(secret.as_bytes()),
        _ => !find_all(haystack, secret.as_bytes()).is_empty() || !find_all(haystack, hex::encode(secret).as_bytes()).is_empty(),
    }
}

/// Every word of six digits: keys look so, and fractions of seconds or parts of ids do not.
fn six_digits(haystack: &[u8]) -> HashSet<&[u8]> {
    let joins = |at: Option<usize>| {
        let byte = at.and_then(|at| haystack.get(at));
        byte.is_some_and(|byte| {
            byte.is_ascii_alphanumeric() || b".-_+/=\\".contains(byte) || !(byte.is_ascii_graphic() || byte.is_ascii_whitespace())
        })
    };
    let words = haystack.windows(6).enumerate().filter(|(_, word)| word.iter().all(u8::is_ascii_digit));
    words.filter(|(at, _)| !joins(at.checked_sub(1)) && !joins(Some(at + 6))).map(|(_, word)| word).collect()
}

fn find_all(haystack: &[u8], needle: &[u8]) -> Vec<usize> {
    let finder = haystack.windows(needle.len()).enumerate();
    finder.filter(|(_, window)| *window == needle).map(|(at, _)| at).collect()
}

/// What whoever opens a backup reads, but for the mail spool: links stand in mails by their nature.
async fn rows_of_a_backup(folder: &Path, data: &Path) -> Vec<u8> {
    use segl::platform::backup::{archive, key::PrivateKey, seal::Opener};
    let (private, file) = (folder.join("private"), folder.join("one.seglbak"));
    let said = segl(["backup-key", &text(&private)]).await;
    let public = said.words.split('"').nth(1).unwrap().to_owned();
    segl(["backup", &text(&file), "--data", &text(data), "--to", &public]).await.must_say("sealed to");
    let key = PrivateKey::parse(&std::fs::read_to_string(&private).unwrap()).unwrap();
    let sealed = std::fs::read(&file).unwrap();
    let (mut reader, _) = archive::Reader::new(Opener::new(sealed.as_slice(), &key).unwrap()).unwrap();
    let (mut opened, mut is_mail, mut rows) = (Vec::new(), false, 0);
    while let Some(record) = reader.next_record().unwrap() {
        match record {
            archive::Record::File(name) => is_mail = name.starts_with("spool/"),
            archive::Record::Data(octets) if !is_mail => opened.extend(octets),
            archive::Record::Row(cells) => {
                rows += 1;
                opened.extend(format!("{cells:?}\n").into_bytes());
                for cell in cells {
                    if let segl::platform::database::cell::Cell::Bytes(octets) = cell {
                        opened.extend(octets);
                    }
                }
            }
            archive::Record::Data(_) | archive::Record::End(_) | archive::Record::Head(_) | archive::Record::Table(_) => {}
        }
    }
    let master = std::fs::read(data.join("master.key")).unwrap();
    assert!(rows > 50 && !find_all(&opened, b"Havnens Bageri ApS").is_empty(), "the backup is read: {rows} rows");
    assert!(find_all(&opened, &master).is_empty(), "the master key stands in the backup");
    opened
}

#[test]
fn from_init_to_a_signed_pdf_with_the_program_alone_and_no_secret_in_log_or_database() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let port = free_port();
        let refused = segl(["serve", "--data", &text(&data)]).await;
        refused.must_refuse("segl init");
        let said = init(&data).await;
        said.must_say("https://segl.example.dk/activate/");
        let link = said.words.split_whitespace().find(|word| word.contains("/activate/")).unwrap().to_owned();
        // As much as the log can tell.
        let config = std::fs::read_to_string(data.join("segl.toml")).unwrap();
        std::fs::write(data.join("segl.toml"), format!("{config}\n[log]\nfilter = \"trace\"\n")).unwrap();
        let log = folder.path().join("log");
        let service = Service::start(&data, port, &[], &log).await.unwrap();
        let (signed, planted) = main_job(&service, &Mailbox::of(&data.join("spool")), &link).await.unwrap();
        let dead = init(&data).await;
        assert_eq!(dead.code, 1, "an operator is active already: {}", dead.words);
        service.kill();
        let signed_file = folder.path().join("signed.pdf");
        std::fs::write(&signed_file, &signed).unwrap();
        segl(["verify", "--data", &text(&data), &text(&signed_file)]).await.must_say("Anne Ådal, Havnens Bageri ApS");
        segl(["check", "--data", &text(&data)]).await.must_say("ok");
        segl(["audit", "verify", "--data", &text(&data)]).await.must_say("nothing was changed");
        let mut places = vec![("log", std::fs::read(&log).unwrap()), ("backup", rows_of_a_backup(folder.path(), &data).await)];
        assert!(places[0].1.len() > 10_000, "the log tells much: {} bytes", places[0].1.len());
        for file in ["segl.db", "segl.db-wal"] {
            places.extend(std::fs::read(data.join(file)).ok().map(|bytes| ("database", bytes)));
        }
        for (place, bytes) in &places {
            let numbers = six_digits(bytes);
            for secret in planted.iter().filter(|(what, secret)| *what != "key" || numbers.contains(secret.as_bytes())) {
                assert!(!stands_in(bytes, secret), "the {} {:?} stands in the {place}", secret.0, secret.1);
            }
        }
        // The search finds what is there.
        assert!(
            stands_in(b"key is 123456, said he", &("key", "123456".into())) && stands_in(b"xRugbroedx", &("password", "Rugbroed".into()))
        );
    });
}

journey!(no_secret_stands_in_any_row_or_job, async |world| {
    let (_, bakery) = world.bakery().await?;
    bakery.invite(&invitation("Bo", "Bager", "bo@bageri.example.dk")).await?.expect(201)?;
    let before = rows(world).await?;
    world.settle().await;
    let (link, code) = support::roles::post_for(world, "bo@bageri.example.dk", "Bo Bager")?;
    let token = link.rsplit('/').next().unwrap_or_default().to_owned();
    let bo = Person::activate(&world.client(), &link, Some(&code), "bo.bager").await?;
    let begun = bo.begin_log_in().await?;
    let session = bo.http.request(reqwest::Method::GET, "/").build()?.headers()["authorization"].to_str()?.replace("Bearer ", "");
    let after = rows(world).await?;
    let mut planted: Planted = vec![("password", PASSWORD.into()), ("folded password", PASSWORD.to_ascii_lowercase())];
    planted.extend([("link", token), ("temporary password", code), ("session", session), ("log-in", begun.about)]);
    for (when, rows) in [("while the letter waits", &before), ("afterwards", &after)] {
        ensure!(
            find_all(rows, b"bo@bageri.example.dk").len() > 1 || find_all(rows, hex::encode("bo@bageri.example.dk").as_bytes()).len() > 1,
            "rows are read"
        );
        for secret in &planted {
            ensure!(!stands_in(rows, secret), "the {} stands in a row {when}", secret.0);
        }
    }
    Ok(())
});

/// Every row of the database, as its own tool writes it.
pub async fn rows(world: &support::world::World) -> anyhow::Result<Vec<u8>> {
    if let Some(url) = world.plot().postgres() {
        let dump = support::peers::tools::run("pg_dump", ["--data-only", "--inserts", &url]).await;
        ensure!(dump.is_content(), "pg_dump: {}", dump.words);
        return Ok(dump.words.into_bytes());
    }
    let copy = world.file("copy.db");
    let _none_yet = std::fs::remove_file(&copy);
    let url = format!("sqlite://{}", world.file("segl.db").display());
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await?;
    sqlx::query("VACUUM INTO $1").bind(text(&copy)).execute(&mut connection).await?;
    Ok(std::fs::read(copy)?)
}

#[test]
fn wrong_usage_is_told_in_one_line_and_exits_with_64() {
    on_runtime(async {
        for wrong in [vec!["serve", "--nonsense"], vec!["frobnicate"], vec!["verify"], vec![], vec!["serve", "--listen", "somewhere"]] {
            let said = segl(&wrong).await;
            assert_eq!(said.code, 64, "{wrong:?}: {}", said.words);
        }
        for help in [vec!["--help"], vec!["serve", "--help"], vec!["verify", "--help"], vec!["init", "--help"], vec!["--version"]] {
            let said = segl(&help).await;
            assert!(said.is_content() && !said.words.is_empty(), "{help:?}: {}", said.words);
        }
        let folder = tempfile::tempdir().unwrap();
        for (file, content, words) in [
            (
                "unknown.toml",
                "[server]\npublic_url = \"http://a.example\"\ncolour = \"red\"\n[policy.hashing]\nsalt = 1\n[weather]\nrain = true\n",
                &["server.colour", "policy.hashing.salt", "weather", "server.public_url"][..],
            ),
            ("faults.toml", "[server]\npublic_url = \"http://a.example\"\nworkers = 0\n", &["server.workers", "server.public_url"]),
            ("broken.toml", "[server\n", &["broken.toml"]),
        ] {
            let file = folder.path().join(file);
            std::fs::write(&file, content).unwrap();
            let said = segl(["check", "--config", &text(&file), "--data", &text(folder.path())]).await;
            assert!(said.code == 1 && !said.words.contains("panicked"), "{}: {}", said.code, said.words);
            for word in words {
                assert!(said.words.contains(word), "{word} is not told: {}", said.words);
            }
        }
        let said = segl(["check", "--data", &text(&folder.path().join("nothing"))]).await;
        assert!(said.code == 1 && said.words.trim().starts_with("segl: "), "{}: {}", said.code, said.words);
    });
}

#[test]
fn init_without_a_terminal_asks_for_nothing_and_says_what_is_missing() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let data = text(&folder.path().join("data"));
        let said = segl(["init", "--data", &data, "--public-url", "https://segl.example.dk"]).await;
        assert!(said.code == 1 && said.words.contains("segl init --help"), "{}: {}", said.code, said.words);
        assert!(!folder.path().join("data/segl.db").exists(), "nothing was set up");
    });
}

#[test]
fn the_openapi_document_is_printed_and_is_the_served_one() {
    on_runtime(async {
        let said = segl(["openapi"]).await;
        assert!(said.is_content(), "{}", said.words);
        let printed: serde_json::Value = serde_json::from_str(&said.words).unwrap();
        assert_eq!(printed, serde_json::to_value(segl::router::openapi()).unwrap());
    });
}

#[test]
fn verify_needs_no_installation_when_told_whom_to_trust() {
    let setup = Setup { begins: Begins::Now, mode: segl::config::Mode::Demonstration, ..Setup::on(EngineKind::Sqlite) };
    run_in(setup, async |world| {
        let (_, bakery) = world.bakery().await?;
        let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
        let signed = bo.upload_and_sign("Kontrakt", &fixture("cairo")).await?;
        let around = Surroundings::of(world, &Certificate::of_signer(&signed)).await?;
        let folder = tempfile::tempdir()?;
        let put = |name: &str, bytes: &[u8]| {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            text(&file)
        };
        let root = put("root.pem", &around.root.pem());
        let (good, broken) = (put("good.pdf", &signed), put("broken.pdf", &flipped(&signed)));
        let none = put("none.pdf", &fixture("cairo"));
        let nothing = text(&folder.path().join("nothing"));
        // The world's clock goes ahead of the machine's.
        let verify = async |file: &str, more: &[&str]| {
            let at = world.now().rfc3339();
            let when = if more.contains(&"--at") { Vec::new() } else { vec!["--at", &at] };
            segl(["verify", "--data", &nothing, "--trust", &root, file].into_iter().chain(when).chain(more.iter().copied())).await
        };
        verify(&good, &[]).await.must_say("Bo Bager");
        ensure!(verify(&broken, &[]).await.code == 1, "invalid is 1");
        ensure!(verify(&text(&path("signed-by-pyhanko")), &[]).await.code == 2, "indeterminate is 2");
        ensure!(verify(&none, &[]).await.code == 3, "no signature is 3");
        let said = verify(&good, &["--json"]).await;
        let report: serde_json::Value = serde_json::from_str(&said.words).context(said.words.clone())?;
        ensure!(report["verdict"] == "valid" && report["signatures"][0]["signer"]["name"] == "Bo Bager", "{report}");
        ensure!(verify(&good, &["--at", "yesterday"]).await.code == 64, "a time that is none is wrong usage");
        let missing = verify(&text(&folder.path().join("missing.pdf")), &[]).await;
        ensure!(missing.code != 0 && missing.words.starts_with("segl: "), "{}: {}", missing.code, missing.words);
        let other = support::world::World::new(EngineKind::Sqlite).await;
        let stranger = put("stranger.pem", &Certificate::of(&other.fetch(&issuing_of(&other)).await?).pem());
        let said = segl(["verify", "--data", &nothing, "--trust", &stranger, &good]).await;
        ensure!(said.code == 2 && said.words.contains("claims to be"), "{}: {}", said.code, said.words);
        world.settle().await;
        bakery.administrator.http.delete(&format!("{}/{}", bakery.employees(), bo.employee)).await?.expect(204)?;
        world.settle().await;
        verify(&good, &[]).await.must_say("revoked_later");
        Ok(())
    });
}

/// Where a world's issuing authority stands.
fn issuing_of(world: &support::world::World) -> String {
    format!("{}/pki/root1.cer", world.ground.config.server.pki_url)
}

#[test]
fn a_demonstrations_data_is_refused_for_real_use_and_the_other_way_round() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("real");
        init(&data).await.must_say("/activate/");
        let said = segl(["serve", "--demo", "--data", &text(&data)]).await;
        assert!(said.code == 1 && said.words.contains("real"), "{}: {}", said.code, said.words);
        let said = segl(["serve", "--demo", "--listen", "0.0.0.0:8099", "--data", &text(&folder.path().join("demo"))]).await;
        assert!(said.code == 1 && said.words.contains("loopback"), "{}: {}", said.code, said.words);
    });
}

/// The people are made while the service answers already.
async fn people_are_shown(service: &Service) -> anyhow::Result<()> {
    let mut page = String::new();
    for _ in 0..600 {
        page = service.client().get("/demo").await?.text();
        if page.contains("Havnens Bageri ApS") && page.contains("Sejlforeningen Nordhavn") {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("{page}")
}

#[test]
fn the_demonstration_starts_is_found_again_and_shows_its_people() {
    on_runtime(async {
        let folder = tempfile::tempdir().unwrap();
        let (data, log, port) = (folder.path().join("data"), folder.path().join("log"), free_port());
        for _ in 0..2 {
            let service = Service::start(&data, port, &["--demo"], &log).await.unwrap();
            people_are_shown(&service).await.unwrap();
            let home = service.client().get("/").await.unwrap().expect(200).unwrap().text();
            assert!(home.contains("segl-demonstration"), "the banner stands on every page");
            service.kill();
        }
        segl(["serve", "--data", &text(&data)]).await.must_refuse("holds the demonstration: start it with `segl serve --demo`");
        segl(["check", "--data", &text(&data)]).await.must_say("`segl serve --demo` starts it");
    });
}

#[test]
fn a_reader_who_leaves_early_ends_a_command_quietly() {
    let program = support::program::binary();
    // Wider than any pipe: the writer meets the closed end.
    let piped = format!("{} openapi | head -c 1; echo \" ${{PIPESTATUS[0]}}\"", program.display());
    let done = std::process::Command::new("bash").args(["-c", &piped]).output().unwrap();
    assert_eq!((String::from_utf8_lossy(&done.stdout).trim(), String::from_utf8_lossy(&done.stderr).as_ref()), ("{ 141", ""));
    let closed = format!("{} openapi 2>&- >&-; echo $?", program.display());
    let done = std::process::Command::new("bash").args(["-c", &closed]).output().unwrap();
    assert!(!String::from_utf8_lossy(&done.stderr).contains("panicked") && !done.stdout.starts_with(b"101"), "{done:?}");
}

#[test]
fn a_card_is_read_as_it_is_printed() {
    let card = PrintedCard::read("Nøglekort A 123 456 789\nNr. 0123: 456 789\n2345  012345\n");
    assert_eq!((card.pairs(), card.key("0123"), card.key("2345")), (2, "456789".to_owned(), "012345".to_owned()));
    assert_eq!(between("a [b] c", "[", "]"), Some("b".to_owned()));
}
