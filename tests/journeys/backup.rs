//! A backup is made while the service runs, and comes back on the other engine, in a new epoch: nothing one-time lives on, nothing
//! revoked is revived, nothing signed is lost. All by the program alone, as whoever looks after an installation uses it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use segl::platform::clock::{Clock as _, SystemClock};
use serde_json::json;
use support::{
    card::PrintedCard,
    client::Client,
    journey,
    mailbox::Mailbox,
    papers::fixture,
    peers::{
        postgres::Scratch,
        tools::{self, Said},
    },
    pki::Certificate,
    program::{Service, free_port, segl},
    roles::{Company, Person, invitation, post_for},
    world::{Begins, EngineKind, Setup, World, on_runtime},
};
use tempfile::TempDir;

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// A pair of keys and a place for backups, apart from the installation.
struct Safe {
    folder: TempDir,
    public: String,
}

impl Safe {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let said = segl(["backup-key", &text(&folder.path().join("private"))]).await;
        said.must_say("public_key = \"segl-backup-public-1:");
        let public = said.words.split('"').nth(1).unwrap().to_owned();
        Self { folder, public }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn identity(&self) -> String {
        text(&self.file("private"))
    }

    /// A backup of a world that serves meanwhile.
    async fn back_up(&self, world: &World) -> PathBuf {
        let file = self.file("one.seglbak");
        let said = segl(["backup", &text(&file), "--data", &text(world.plot().data()), "--to", &self.public]).await;
        said.must_say("sealed to");
        file
    }
}

/// An empty place to restore into: a data directory with the configuration of a world and its master key, on another database.
struct Place {
    data: TempDir,
    scratch: Option<Scratch>,
}

impl Place {
    fn for_world(world: &World, engine: EngineKind) -> Self {
        let data = tempfile::tempdir().unwrap();
        let given = std::fs::read_to_string(world.file("segl.toml")).unwrap();
        let (server, mail) = (given.find("[server]").unwrap(), given.find("[mail]").unwrap());
        let server = &given[server..given.find("[storage]").unwrap_or(mail)];
        let scratch = (engine == EngineKind::Postgres).then(Scratch::create);
        let storage = scratch.as_ref().map_or_else(String::new, |scratch| {
            std::fs::write(data.path().join("postgres.url"), scratch.url()).unwrap();
            "[storage]\npostgres_url_file = \"postgres.url\"\n".to_owned()
        });
        std::fs::write(data.path().join("segl.toml"), format!("{server}{storage}{}", &given[mail..])).unwrap();
        std::fs::copy(world.file("master.key"), data.path().join("master.key")).unwrap();
        Self { data, scratch }
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.data.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    async fn restore(&self, more: &[&str]) -> Said {
        segl(["restore", "--data", &text(self.data.path())].iter().chain(more)).await
    }

    async fn serve(&self) -> anyhow::Result<Service> {
        Service::start(self.data.path(), free_port(), &[], &self.data.path().join("log")).await
    }
}

const fn other(engine: EngineKind) -> EngineKind {
    match engine {
        EngineKind::Postgres => EngineKind::Sqlite,
        EngineKind::Sqlite => EngineKind::Postgres,
    }
}

/// The lists of the root and of the shard, as they are published now, in files.
async fn published(world: &World, pdf: &[u8], safe: &Safe) -> anyhow::Result<[String; 2]> {
    let signer = Certificate::of_signer(pdf);
    let issuing = Certificate::of(&world.fetch(&signer.issuer_url()).await?);
    let mut files = Vec::new();
    for (name, url) in [("shard.crl", signer.crl_url()), ("root.crl", issuing.crl_url())] {
        std::fs::write(safe.file(name), world.fetch(&url).await?)?;
        files.push(text(&safe.file(name)));
    }
    files.try_into().map_err(|_| anyhow::anyhow!("two lists"))
}

async fn revoke(person: &Person, serial: &str) -> anyhow::Result<()> {
    person.prove().await?;
    let path = format!("/api/v1/certificates/{serial}/revocation");
    person.http.post(&path, &json!({"reason": "keyCompromise"})).await?.expect(200).map(drop)
}

/// What was there before the backup, and what happened after it.
struct Before {
    olga: Person,
    bo: Person,
    document: String,
    signed: Vec<u8>,
    open_link: (String, String),
    key: String,
    employees: String,
    revoked: String,
    lost: String,
}

async fn before(world: &World, safe: &Safe) -> anyhow::Result<(Before, PathBuf, [String; 2])> {
    let (operator, bakery) = world.bakery().await?;
    let bo = bakery.hire(world, "Bo", "Bager", "bo@bageri.example.dk").await?;
    let document = bo.upload("Kontrakt", &fixture("cairo")).await?;
    let signed = bo.sign(&document).await?;
    bakery.invite(&invitation("Cai", "Bager", "cai@bageri.example.dk")).await?.expect(201)?;
    world.settle().await;
    let open_link = post_for(world, "cai@bageri.example.dk", "Cai Bager")?;
    let wanted = json!({"name": "Program", "scopes": ["employees:read"]});
    bakery.administrator.prove().await?;
    let made = bakery.administrator.http.post(&format!("/api/v1/companies/{}/api-keys", bakery.id), &wanted).await?.expect(201)?;
    let (key, employees) = (made.string("/key"), bakery.employees());
    let file = safe.back_up(world).await;
    let revoked = Certificate::of_signer(&signed).serial();
    revoke(&bo, &revoked).await?;
    let lost = issued_after(world, &bakery).await?;
    world.settle().await;
    let lists = published(world, &signed, safe).await?;
    Ok((Before { olga: operator.0, bo, document, signed, open_link, key, employees, revoked, lost }, file, lists))
}

/// Somebody who joins after the backup, signs, and whose certificate is revoked: its serial.
async fn issued_after(world: &World, bakery: &Company) -> anyhow::Result<String> {
    let dora = bakery.hire(world, "Dora", "Bager", "dora@bageri.example.dk").await?;
    let serial = Certificate::of_signer(&dora.upload_and_sign("Kontrakt", &fixture("cairo")).await?).serial();
    revoke(&dora, &serial).await?;
    Ok(serial)
}

/// The number of a list, in openssl's words.
async fn number(file: &str) -> anyhow::Result<u128> {
    let said = tools::run("openssl", ["crl", "-inform", "DER", "-in", file, "-noout", "-crlnumber"]).await;
    let digits = said.words.trim().trim_start_matches("crlNumber=").trim_start_matches("0x").to_owned();
    u128::from_str_radix(&digits, 16).context(said.words)
}

/// A world's clock runs ahead of the machine's with each settling, and a session from before its person's activation counts for nothing.
async fn drop_and_outwait(world: World) {
    let end = world.now();
    drop(world);
    while SystemClock.now() <= end {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

async fn comes_back(engine: EngineKind) -> anyhow::Result<()> {
    let world = World::of(Setup { begins: Begins::Now, ..Setup::on(engine) }).await;
    let safe = Safe::new().await;
    let (before, file, [shard, root]) = before(&world, &safe).await?;
    let place = Place::for_world(&world, other(engine));
    drop_and_outwait(world).await;
    let said = place.restore(&[&text(&file), "--identity", &safe.identity()]).await;
    said.must_say("epoch 2 began");
    said.must_say("olga@segl.example.dk>   registration,security,help_desk,auditor   suspended");
    said.must_say("Anne Ådal <anne@30808460.example.dk>   administrator, active");
    let refused = place.serve().await.err().context("it serves without the lists")?.to_string();
    ensure!(refused.contains("/pki/issuing1/0.crl") && refused.contains("/pki/root1/0.crl"), "{refused}");
    place.restore(&["--crl", &root]).await.must_say("/pki/issuing1/0.crl");
    place.serve().await.err().context("it serves without one of the lists")?;
    let said = place.restore(&["--crl", &shard]).await;
    said.must_say("ready");
    let words = said.words.to_ascii_uppercase();
    ensure!(words.contains(&format!("REVOKED   {}", before.revoked)), "{words}");
    ensure!(words.contains(&format!("LOST      {}", before.lost)), "{words}");
    let service = place.serve().await?;
    is_a_new_epoch(&service.client(), &before, &place, &shard).await?;
    operators_rest_until_confirmed(&service.client(), &before.olga, &place).await?;
    service.kill();
    segl(["audit", "verify", "--data", &text(place.data.path())]).await.must_say("nothing was changed");
    segl(["check", "--data", &text(place.data.path())]).await.must_say("all is well");
    Ok(())
}

/// Somebody's newest card, as it came by letter within half a minute.
async fn card_by_letter(place: &Place, name: &str) -> Option<String> {
    let mailbox = Mailbox::of(&place.data.path().join("spool"));
    for _ in 0..300 {
        let letter = mailbox.letters_to(name).into_iter().find(|letter| letter.subject.contains("øglekort"));
        if letter.is_some() {
            return letter.map(|letter| letter.text);
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    None
}

/// Whoever was an operator in the backup may have been ended since: only the host says who is one.
async fn operators_rest_until_confirmed(client: &Client, olga: &Person, place: &Place) -> anyhow::Result<()> {
    let mut olga = Person { http: client.clone(), ..olga.clone() };
    ensure!(olga.begin_log_in().await.is_err(), "an operator of the backup is asked for a key");
    let mailbox = Mailbox::of(&place.data.path().join("spool"));
    // Bo's came: so would hers have.
    let letters = mailbox.letters_to("Olga Operatør");
    ensure!(letters.iter().all(|letter| !letter.subject.contains("øglekort")), "a card went to an operator who rests");
    let data = text(place.data.path());
    segl(["operators", "confirm", "nobody", "--data", &data]).await.must_refuse("nobody is confirmed");
    segl(["init", "--data", &data, "--operator", "Ole", "--operator-email", "ole@segl.example.dk"]).await.must_refuse("active");
    segl(["operators", "confirm", "olga.operator", "--data", &data]).await.must_say("confirmed: olga.operator");
    segl(["operators", "confirm", "olga.operator", "--data", &data]).await.must_refuse("nobody is confirmed");
    let letter = card_by_letter(place, "Olga Operatør").await.context("no new card came by letter")?;
    olga.card = PrintedCard::read(&letter.replace("   ", "\n"));
    olga.log_in().await?;
    let all = olga.http.get("/api/v1/operators").await?.expect(200)?.items();
    ensure!(all.len() == 1 && all[0]["state"] == "active", "{all:?}");
    Ok(())
}

async fn is_a_new_epoch(client: &Client, before: &Before, place: &Place, newest: &str) -> anyhow::Result<()> {
    let mut bo = Person { http: client.clone(), ..before.bo.clone() };
    // No card is asked for any more, or the new one.
    if let Ok(question) = bo.begin_log_in().await {
        let key = bo.card.keys().next().context("a card has keys")?.to_owned();
        ensure!(!bo.answer_log_in(&question, &key).await?.status.is_success(), "the old card is dead");
    }
    ensure!(before.bo.http_at(client).get("/api/v1/session").await?.status == 401, "the old session is dead");
    ensure!(client.with_token(&before.key).get(&before.employees).await?.status == 401, "the company's old key is dead");
    let (link, code) = &before.open_link;
    let refused = Person::try_activate(client, link, Some(code), "cai.bager").await?;
    ensure!(refused.status == 410, "an old link works: {}", refused.status);
    let letter = card_by_letter(place, "Bo Bager").await.context("no new card came by letter")?;
    bo.card = PrintedCard::read(&letter.replace("   ", "\n"));
    ensure!(bo.card.pairs() == 148, "{letter}");
    bo.log_in().await?;
    ensure!(bo.content(&before.document).await? == before.signed, "the signed document is as it was");
    let own = bo.certificates().await?;
    let found = own.iter().find(|one| one["serial"].as_str().is_some_and(|serial| serial.eq_ignore_ascii_case(&before.revoked)));
    ensure!(found.is_some_and(|one| one["state"] == "revoked"), "{own:?}");
    let list = client.get("/pki/issuing1/0.crl").await?.expect(200)?.bytes;
    let next = text(&place.data.path().join("next.crl"));
    std::fs::write(&next, &list)?;
    ensure!(number(&next).await? > number(newest).await?, "{} after {}", number(&next).await?, number(newest).await?);
    let list = openssl::x509::X509Crl::from_der(&list)?;
    let listed: Vec<String> = list
        .get_revoked()
        .context("nobody")?
        .iter()
        .map(|one| one.serial_number().to_bn().unwrap().to_hex_str().unwrap().to_string())
        .collect();
    for serial in [&before.revoked, &before.lost] {
        ensure!(listed.contains(serial), "{serial} is forgotten: {listed:?}");
    }
    Ok(())
}

mod a_backup_comes_back_on_the_other_engine_in_a_new_epoch {
    use super::*;

    #[test]
    fn from_sqlite() {
        on_runtime(async { comes_back(EngineKind::Sqlite).await.unwrap() });
    }

    #[test]
    fn from_postgres() {
        on_runtime(async { comes_back(EngineKind::Postgres).await.unwrap() });
    }
}

/// A world with little in it, its backup, and an empty place for it.
async fn little(engine: EngineKind) -> (World, Safe, PathBuf, Place) {
    let world = World::of(Setup { begins: Begins::Now, ..Setup::on(engine) }).await;
    let safe = Safe::new().await;
    let file = safe.back_up(&world).await;
    let place = Place::for_world(&world, engine);
    (world, safe, file, place)
}

#[test]
fn what_is_cut_off_altered_foreign_or_too_new_changes_nothing() {
    on_runtime(async {
        let (world, safe, file, place) = little(EngineKind::Sqlite).await;
        let whole = std::fs::read(&file).unwrap();
        let untouched = place.names();
        let refused = async |bytes: &[u8], identity: &str, words: &str| {
            std::fs::write(safe.file("broken"), bytes).unwrap();
            place.restore(&[&text(&safe.file("broken")), "--identity", identity]).await.must_refuse(words);
            assert_eq!(place.names(), untouched, "{words}");
        };
        let changed = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        };
        let identity = safe.identity();
        refused(&whole[..whole.len() / 2], &identity, "cut off").await;
        refused(&whole[..whole.len() - 1], &identity, "cut off").await;
        refused(&changed(whole.len() / 2), &identity, "altered").await;
        refused(&changed(11), &identity, "update the program").await;
        refused(b"something else", &identity, "no backup").await;
        let stranger = Safe::new().await;
        refused(&whole, &stranger.identity(), "sealed to the key").await;
        std::fs::write(place.data.path().join("master.key"), [1; 32]).unwrap();
        // The key as its owner knows it is named, and no scratch folder.
        let master = text(&place.data.path().join("master.key"));
        refused(&whole, &identity, &format!("the master key {master} does not open the backup's keys")).await;
        std::fs::remove_file(&master).unwrap();
        std::fs::write(safe.file("broken"), &whole).unwrap();
        let said = place.restore(&[&text(&safe.file("broken")), "--identity", &identity]).await;
        said.must_refuse(&format!("the master key {master} is not there: put it in its place before restoring"));
        assert!(!said.words.contains("recognise") && !place.data.path().join("keys").exists(), "{}", said.words);
        // And where something is already, nothing is restored.
        let occupied = segl(["restore", &text(&file), "--identity", &identity, "--data", &text(world.plot().data())]).await;
        occupied.must_refuse("already");
        segl(["check", "--data", &text(world.plot().data())]).await.must_say("all is well");
    });
}

/// Everything that an engine holds in an empty place: tables of PostgreSQL; SQLite's file is in the folder.
async fn is_untouched(place: &Place, untouched: &[String], words: &str) {
    assert_eq!(place.names(), untouched, "{words}");
    if let Some(scratch) = &place.scratch {
        let said = tools::run("psql", [&scratch.url(), "-Atc", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"]).await;
        assert_eq!(said.words.trim(), "0", "{words}");
    }
}

async fn bad_lists(engine: EngineKind) {
    let (world, safe, file, place) = little(engine).await;
    let foreign = World::of(Setup { begins: Begins::Now, ..Setup::on(EngineKind::Sqlite) }).await;
    let list = async |world: &World, name: &str| {
        let bytes = world.client().get("/pki/issuing1/0.crl").await.unwrap().expect(200).unwrap().bytes;
        std::fs::write(safe.file(name), &bytes).unwrap();
        bytes
    };
    list(&foreign, "foreign.crl").await;
    let good = list(&world, "good.crl").await;
    let mut altered = good.clone();
    let last = altered.len() - 1;
    altered[last] ^= 1;
    std::fs::write(safe.file("altered.crl"), altered).unwrap();
    std::fs::write(safe.file("short.crl"), &good[..good.len() / 2]).unwrap();
    std::fs::write(safe.file("empty.crl"), b"").unwrap();
    std::fs::write(safe.file("words.crl"), b"no list at all").unwrap();
    let untouched = place.names();
    let (whole, identity, good) = (text(&file), safe.identity(), text(&safe.file("good.crl")));
    for bad in ["foreign.crl", "altered.crl", "short.crl", "empty.crl", "words.crl", "missing.crl"] {
        let bad = text(&safe.file(bad));
        let said = place.restore(&[&whole, "--identity", &identity, "--crl", &good, "--crl", &bad]).await;
        said.must_refuse(&format!("--crl {bad}"));
        assert!(!said.words.contains("epoch 2"), "{}", said.words);
        is_untouched(&place, &untouched, &bad).await;
    }
    let said = place.restore(&[&whole, "--identity", &identity, "--crl", &good]).await;
    said.must_say("epoch 2 began");
    // What was restored stays as it is, too, when one of the lists that are handed in later is bad.
    place.restore(&["--crl", &text(&safe.file("altered.crl"))]).await.must_refuse("altered.crl");
    assert!(place.serve().await.is_err(), "it still waits for the root's list");
}

mod a_bad_list_is_refused_before_anything_is_changed {
    use super::*;

    #[test]
    fn on_sqlite() {
        on_runtime(bad_lists(EngineKind::Sqlite));
    }

    #[test]
    fn on_postgres() {
        on_runtime(bad_lists(EngineKind::Postgres));
    }
}

async fn killed(engine: EngineKind) {
    let (world, safe, file, place) = little(engine).await;
    drop(world);
    let data = text(place.data.path());
    let mut interrupted = 0;
    for pause in [40, 80, 120, 160, 240, 320, 480] {
        let mut command = tokio::process::Command::new(support::program::binary());
        command.args(["restore", &text(&file), "--identity", &safe.identity(), "--data", &data]).kill_on_drop(true);
        let mut process = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
        if process.try_wait().unwrap().is_some() {
            break;
        }
        process.kill().await.unwrap();
        interrupted += 1;
        let served = place.serve().await.err().map(|error| error.to_string());
        assert!(served.is_some(), "{engine:?}: half a restore is served after {pause} ms");
    }
    assert!(interrupted > 0, "nothing was interrupted");
    let again = place.restore(&[&text(&file), "--identity", &safe.identity(), "--without-crls"]).await;
    if !again.is_content() {
        // The last one got to its end before it was killed.
        again.must_refuse("already");
        place.restore(&["--without-crls"]).await.must_say("ready");
    }
    place.serve().await.unwrap().kill();
    segl(["audit", "verify", "--data", &data]).await.must_say("nothing was changed");
}

mod a_killed_restore_is_never_served_and_can_be_begun_again {
    use super::*;

    #[test]
    fn on_sqlite() {
        on_runtime(killed(EngineKind::Sqlite));
    }

    #[test]
    fn on_postgres() {
        on_runtime(killed(EngineKind::Postgres));
    }
}

#[test]
fn a_rehearsal_checks_everything_and_leaves_nothing() {
    on_runtime(async {
        for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
            let (_world, safe, file, place) = little(engine).await;
            let untouched = place.names();
            let said = place.restore(&[&text(&file), "--identity", &safe.identity(), "--rehearse"]).await;
            for words in [
                "whole and unaltered",
                "its key in file matches its certificate",
                "nothing was changed",
                "/pki/issuing1/0.crl",
                "nothing was kept",
            ] {
                said.must_say(words);
            }
            assert_eq!(place.names(), untouched);
        }
    });
}

/// The pin in what `segl phone-identity` says.
fn pin(said: &Said) -> anyhow::Result<String> {
    let line = said.words.lines().find_map(|line| line.strip_prefix("pin"));
    line.map(|rest| rest.trim().to_owned()).with_context(|| format!("no pin: {said:?}"))
}

journey!(an_identity_key_that_was_succeeded_after_the_backup_is_not_revived_by_a_restore, async |world| {
    let (safe, data) = (Safe::new().await, text(world.plot().data()));
    let (_, bakery) = world.bakery().await?;
    bakery.administrator.pair_phone("Annes telefon").await?;
    let first = pin(&segl(["phone-identity", "--data", &data]).await)?;
    let file = text(&safe.back_up(world).await);
    let mut former = vec![first];
    for _ in 0..2 {
        former.push(pin(&segl(["phone-identity", "--succeed", "--data", &data]).await)?);
    }
    let place = Place::for_world(world, EngineKind::Sqlite);
    let said = place.restore(&[&file, "--identity", &safe.identity(), "--without-crls"]).await;
    said.must_say("identity key is a fresh one, generation 3");
    let place = text(place.data.path());
    let now = pin(&segl(["phone-identity", "--data", &place]).await)?;
    ensure!(!former.contains(&now), "a key that was succeeded signs again: {now}");
    let later = pin(&segl(["phone-identity", "--succeed", "--data", &place]).await)?;
    ensure!(!former.contains(&later) && later != now, "its successor is an old one: {later}");
    Ok(())
});
