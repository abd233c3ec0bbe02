//! Key ceremonies on the command line: made offline, witnessed, brought to the service, replaced and cross-signed.

use std::path::Path;

use serde_json::json;
use support::{
    mailbox::Mailbox,
    papers::fixture,
    peers::{softhsm::Token, terminal::talk, tools},
    pki::Certificate,
    program::{Service, binary, free_port, segl, segl_under},
    roles::{Operator, Person, accept_agreement, company},
    visitor::Visitor,
    world::on_runtime,
};

use super::{
    program::eventually,
    token::{openssl_accepts, openssl_judges},
};

const ROOT_PASSPHRASE: &str = "fem terninger siger hest";
const BUNDLE_PASSPHRASE: &str = "seks terninger siger ko";

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// A folder with plans and passphrases.
struct Table {
    folder: tempfile::TempDir,
}

impl Table {
    fn laid() -> Self {
        let table = Self { folder: tempfile::tempdir().unwrap() };
        table.put("root.pass", ROOT_PASSPHRASE);
        table.put("bundle.pass", BUNDLE_PASSPHRASE);
        table
    }

    fn put(&self, name: &str, content: &str) -> String {
        std::fs::write(self.folder.path().join(name), format!("{content}\n")).unwrap();
        self.at(name)
    }

    fn at(&self, name: &str) -> String {
        text(&self.folder.path().join(name))
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    /// A plan of Segl Prøve with these sections.
    fn plan(&self, name: &str, sections: &str) -> String {
        let head = "organisation = \"Segl Prøve\"\ncvr = \"30808460\"\npki_url = \"http://segl.example.dk\"\n\
                    present = [\"Vera Vidne\", \"Leif Leder\"]\n";
        self.put(name, &format!("{head}{sections}"))
    }

    async fn first_session(&self, room: &str, sections: &str, more: &[&str]) -> tools::Said {
        let (plan, dir, bundle) = (self.plan("first.toml", sections), self.at(room), self.at("bundle.pass"));
        segl(["ceremony", "make", &plan, "--dir", &dir, "--bundle-passphrase-file", &bundle].iter().chain(more)).await
    }

    async fn set_up(&self, data: &Path, bundle: &str, passphrase: &str) -> tools::Said {
        self.set_up_with(data, bundle, passphrase, &[]).await
    }

    async fn set_up_with(&self, data: &Path, bundle: &str, passphrase: &str, more: &[&str]) -> tools::Said {
        let data = text(data);
        let answers = [
            "init",
            "--data",
            &data,
            "--from-ceremony",
            bundle,
            "--bundle-passphrase-file",
            passphrase,
            "--public-url",
            "https://segl.example.dk",
            "--mail-from",
            "segl@segl.example.dk",
            "--relay",
            "none",
            "--clock",
            "none",
            "--operator",
            "Olga Operatør",
            "--operator-email",
            "olga@segl.example.dk",
        ];
        segl(answers.iter().chain(more)).await
    }
}

const BOTH: &str = "[root]\nname = \"Segl Prøve Root CA\"\n[issuing]\nname = \"Segl Prøve Issuing CA 1\"\n";

/// A company comes, its administrator activates and signs.
async fn signed_by_a_new_company(service: &Service, data: &Path, operator: &Operator, cvr: &str, given: &str) -> Vec<u8> {
    let mailbox = Mailbox::of(&data.join("spool"));
    operator.register(&company(&format!("{given}s Bageri ApS"), cvr)).await.unwrap();
    let (signatory, address) = (format!("sigrid@{cvr}.example.dk"), format!("{}@bageri.example.dk", given.to_lowercase()));
    eventually("the signatory's link", || mailbox.link_to(&signatory, "/agreement/")).await.unwrap();
    let administrator = json!({"given_name": given, "surname": "Bager", "email": address});
    accept_agreement(&service.client(), &mailbox, &signatory, &administrator).await.unwrap().expect(200).unwrap();
    let link = eventually("the administrator's link", || mailbox.link_to(&address, "/activate/")).await.unwrap();
    let code = eventually("the letter", || mailbox.temporary_password(&format!("{given} Bager"))).await.unwrap();
    let name = format!("{}.bager", given.to_lowercase());
    let person = Person::activate(&service.client(), &link, Some(&code), &name).await.unwrap();
    person.upload_and_sign("Kontrakt", &fixture("libreoffice")).await.unwrap()
}

/// Another root certifies the second authority; with it, openssl accepts what that authority signed.
async fn cross_signed(table: &Table, plan: &str, new: &[u8]) {
    let root_pass = table.at("root.pass");
    let other = "[root]\nname = \"Segl Prøve Root CA 2\"\nurl_name = \"root2\"\n[issuing]\nname = \"Segl Prøve Issuing CA 3\"\n";
    table.first_session("room2", other, &["--passphrase-file", &root_pass]).await.must_say("session 1 is closed");
    let (second, certificate) = (table.at("room2"), table.at("room/issuing2.cer"));
    let cross = ["ceremony", "cross", &certificate, plan, "--dir", &second, "--passphrase-file", &root_pass];
    segl(cross).await.must_say("session 2 is closed");
    let crossed = Certificate::of(&table.read("room2/issuing-by-root2-2.cer"));
    let pem = |name: &str, pem: Vec<u8>| table.put(name, &String::from_utf8(pem).unwrap());
    let chain = [
        pem("root2.pem", Certificate::of(&table.read("room2/root2.cer")).pem()),
        pem("crossed.pem", crossed.pem()),
        pem("new.pem", Certificate::of_signer(new).pem()),
    ];
    let verify = ["verify", "-x509_strict", "-CAfile", &chain[0], "-untrusted", &chain[1], &chain[2]];
    tools::run("openssl", verify).await.must_say("OK");
}

#[test]
fn init_with_a_bundle_for_another_address_writes_nothing() {
    on_runtime(async {
        let table = Table::laid();
        let root_pass = table.at("root.pass");
        table.first_session("room", BOTH, &["--passphrase-file", &root_pass]).await.must_say("session 1 is closed");
        let (data, bundle, passphrase) = (table.folder.path().join("data"), table.at("room/bundle-1.json"), table.at("bundle.pass"));
        let said = table.set_up_with(&data, &bundle, &passphrase, &["--pki-url", "http://pki.elsewhere.example.dk"]).await;
        said.must_refuse("--pki-url");
        for name in ["segl.toml", "segl.db", "keys", "master.key"] {
            assert!(!data.join(name).exists(), "{name} was left behind");
        }
        // So that the right answers are the ones that count.
        table.set_up(&data, &bundle, &passphrase).await.must_say("/activate/");
        // And the other way about: a configuration that stands for another address is named, and nothing is taken in.
        let other = table.folder.path().join("other");
        std::fs::create_dir(&other).unwrap();
        let config = std::fs::read_to_string(data.join("segl.toml")).unwrap();
        let config = config.replace("[server]", "[server]\npki_url = \"http://pki.elsewhere.example.dk\"");
        std::fs::write(other.join("segl.toml"), config).unwrap();
        table.set_up(&other, &bundle, &passphrase).await.must_refuse("another server.pki_url");
        assert!(!other.join("segl.db").exists(), "nothing was set up");
    });
}

#[test]
fn a_ceremonys_authorities_issue_are_replaced_revoked_and_cross_signed() {
    on_runtime(async {
        let table = Table::laid();
        let shared = format!("{BOTH}[shares]\nneeded = 2\nof = 3\n");
        table.first_session("room", &shared, &["--shares-out", &table.at("shares")]).await.must_say("session 1 is closed");
        let (data, log, port) = (table.folder.path().join("data"), table.folder.path().join("log"), free_port());
        let bundle = table.at("room/bundle-1.json");
        let root_pass = table.at("root.pass");
        table.set_up(&data, &bundle, &root_pass).await.must_refuse("the passphrase is not the bundle's");
        let said = table.set_up(&data, &bundle, &table.at("bundle.pass")).await;
        said.must_say("/activate/");
        let link = said.words.split_whitespace().find(|word| word.contains("/activate/")).unwrap().to_owned();
        segl(["check", "--data", &text(&data)]).await.must_say("root1: its certificate is well formed; its key is offline");
        let service = Service::start(&data, port, &[], &log).await.unwrap();
        let operator = Operator(Person::activate(&service.client(), &link, None, "olga.operator").await.unwrap());
        let old = signed_by_a_new_company(&service, &data, &operator, "30808460", "Anne").await;
        openssl_accepts(&service, port, &old, table.folder.path()).await;
        service.kill();

        // Replacing: any two shares open the room again; the old authority's lists and answers go on.
        let plan = table.plan("second.toml", "[issuing]\nname = \"Segl Prøve Issuing CA 2\"\n");
        let (dir, pass) = (table.at("room"), table.at("bundle.pass"));
        let shares = [table.at("shares/share-3"), table.at("shares/share-1")];
        let issue = ["ceremony", "issue", &plan, "--dir", &dir, "--bundle-passphrase-file", &pass, "--share-file", &shares[0]];
        segl(issue).await.must_refuse("2 shares are needed, 1 given");
        segl(issue.iter().copied().chain(["--share-file", &shares[1]])).await.must_say("session 2 is closed");
        let install = async |number: u8| {
            let bundle = table.at(&format!("room/bundle-{number}.json"));
            segl(["ceremony", "install", &bundle, "--data", &text(&data), "--bundle-passphrase-file", &pass]).await
        };
        install(2).await.must_say("took in the authority issuing2");
        install(2).await.must_say("has already, or a newer one");
        let service = Service::start(&data, port, &[], &log).await.unwrap();
        openssl_accepts(&service, port, &old, table.folder.path()).await;
        let new = signed_by_a_new_company(&service, &data, &operator, "34051178", "Bo").await;
        openssl_accepts(&service, port, &new, table.folder.path()).await;
        assert!(Certificate::of_signer(&old).issuer_url().ends_with("/pki/issuing1.cer"));
        assert!(Certificate::of_signer(&new).issuer_url().ends_with("/pki/issuing2.cer"));

        // Cross-signing: whoever trusts another root accepts what the second authority issued.
        cross_signed(&table, &plan, &new).await;

        // Revoking the first: its own list says nothing, the root's does.
        let shares = ["--share-file", &shares[0], "--share-file", &shares[1]];
        let revoke = ["ceremony", "crl", "--dir", &dir, "--present", "Vera Vidne", "--revoke", "issuing1", "--reason", "superseded"];
        segl(revoke.iter().copied().chain(shares)).await.must_say("session 3 is closed");
        install(3).await.must_say("took in the list of root1");
        openssl_judges(&service, port, &old, table.folder.path()).await.must_refuse("revoked");
        openssl_accepts(&service, port, &new, table.folder.path()).await;
        is_shown_as_revoked(&service).await;
        // An older list never comes back.
        install(2).await.must_say("has already, or a newer one");
        for number in 1..=3 {
            let transcript = table.at(&format!("room/transcript-{number}.txt"));
            segl(["ceremony", "verify", &transcript, "--root", &table.at("room/root1.cer")])
                .await
                .must_say("all is as the transcript says");
        }
    });
}

#[test]
fn a_witness_sees_every_change_in_transcript_and_files() {
    on_runtime(async {
        let table = Table::laid();
        let root_pass = table.at("root.pass");
        table.first_session("room", BOTH, &["--passphrase-file", &root_pass]).await.must_say("session 1 is closed");
        let verify = async || segl(["ceremony", "verify", &table.at("room/transcript-1.txt")]).await;
        verify().await.must_say("all is as the transcript says");
        let whole = String::from_utf8(table.read("room/transcript-1.txt")).unwrap();
        assert!(whole.contains("Present  Vera Vidne") && whole.contains("root1.cer") && whole.contains("p384"), "{whole}");
        assert!(!whole.contains(ROOT_PASSPHRASE) && !whole.contains(BUNDLE_PASSPHRASE));
        for (from, to) in [("Vera Vidne", "Vera Vidnet"), ("Present  Leif", "Present  Lejf"), ("\"session\": 1", "\"session\": 2")] {
            std::fs::write(table.at("room/transcript-1.txt"), whole.replacen(from, to, 1)).unwrap();
            verify().await.must_refuse("it was changed");
        }
        std::fs::write(table.at("room/transcript-1.txt"), &whole).unwrap();
        let certificate = table.read("room/issuing1.cer");
        std::fs::write(table.at("room/issuing1.cer"), [&certificate[..], b"x"].concat()).unwrap();
        verify().await.must_refuse("issuing1.cer was changed");
        std::fs::remove_file(table.at("room/issuing1.cer")).unwrap();
        verify().await.must_refuse("issuing1.cer is missing");
        // A transcript of another root, and a second first session.
        table.first_session("other", BOTH, &["--passphrase-file", &root_pass]).await.must_say("session 1 is closed");
        let other = table.at("other/root1.cer");
        segl(["ceremony", "verify", &table.at("room/transcript-1.txt"), "--root", &other]).await.must_refuse("another root");
        table.first_session("room", BOTH, &["--passphrase-file", &root_pass]).await.must_refuse("was held in");
        // Only what is needed leaves: the root's key stays, the issuing authority's went with the bundle.
        let keys: Vec<String> =
            std::fs::read_dir(table.at("room/keys")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert!(keys.iter().any(|name| name.starts_with("root1-")) && !keys.iter().any(|name| name.starts_with("issuing1")), "{keys:?}");
    });
}

#[test]
fn what_does_not_fit_is_refused_by_name_and_nothing_is_made() {
    on_runtime(async {
        let table = Table::laid();
        let pass = ["--passphrase-file", &table.at("root.pass")];
        for (sections, words) in [
            ("[root]\nname = \"A\"\n", "[root] and [issuing]"),
            ("[root]\nname = \"A\"\ncolour = \"red\"\n[issuing]\nname = \"B\"\n", "colour"),
            ("[root]\nname = \"A\"\nkeystore = \"hsm\"\n[issuing]\nname = \"B\"\n", "[keystores.hsm]"),
            ("[root]\nname = \"A\"\nkey = \"des\"\n[issuing]\nname = \"B\"\n", "key: \"des\""),
            ("[root]\nname = \"A\"\n[issuing]\nname = \"B\"\n[shares]\nneeded = 1\nof = 3\n", "at least 2"),
            ("[root]\nname = \"A\"\n[issuing]\nname = \"B\"\n[shares]\nneeded = 2\nof = 3\n", "no --passphrase-file"),
        ] {
            table.first_session("room", sections, &pass).await.must_refuse(words);
            assert!(!table.folder.path().join("room").exists(), "{sections}");
        }
        let short = table.put("short.pass", "for kort");
        table.first_session("room", BOTH, &["--passphrase-file", &short]).await.must_refuse("at least 16 characters");
        table.first_session("room", BOTH, &pass).await.must_say("session 1 is closed");
        let wrong = ["ceremony", "crl", "--dir", &table.at("room"), "--present", "Vera", "--passphrase-file", &table.at("bundle.pass")];
        segl(wrong).await.must_refuse("are not those of");
        // A bundle for another service.
        let bundle = String::from_utf8(table.read("room/bundle-1.json")).unwrap();
        let data = table.folder.path().join("data");
        let changed = table.put("changed.json", &bundle.replace("\"root1\"", "\"root9\""));
        table.set_up(&data, &changed, &table.at("bundle.pass")).await.must_refuse("does not point at");
        let changed = table.put("broken.json", &bundle[..bundle.len() / 2]);
        table.set_up(&data, &changed, &table.at("bundle.pass")).await.must_refuse("is no bundle");
    });
}

#[test]
fn passphrases_are_asked_twice_and_never_shown() {
    on_runtime(async {
        let table = Table::laid();
        let (plan, dir) = (table.plan("first.toml", BOTH), table.at("room"));
        let make = ["ceremony", "make", &plan, "--dir", &dir];
        let said = talk(&[ROOT_PASSPHRASE, "en helt anden en end den"], binary().as_os_str(), &make).await;
        said.must_refuse("the two were not the same");
        let answers = [ROOT_PASSPHRASE, ROOT_PASSPHRASE, BUNDLE_PASSPHRASE, BUNDLE_PASSPHRASE];
        let said = talk(&answers, binary().as_os_str(), &make).await;
        said.must_say("session 1 is closed");
        assert!(said.words.contains("The same again") && !said.words.contains(ROOT_PASSPHRASE), "{}", said.words);
        assert!(!said.words.contains(BUNDLE_PASSPHRASE), "{}", said.words);
        segl(["ceremony", "make", &plan, "--dir", &table.at("elsewhere")]).await.must_refuse("there is no terminal");
    });
}

#[test]
fn the_root_and_issuing_keys_of_a_ceremony_may_lie_in_a_token() {
    on_runtime(async {
        let table = Table::laid();
        let token = Token::make(table.folder.path()).await;
        let keystores = token.configuration(&table.folder.path().join("hsm.pin"));
        let sections = format!(
            "[root]\nname = \"Segl Prøve Root CA\"\nkeystore = \"hsm\"\n[issuing]\nname = \"Segl Prøve Issuing CA 1\"\nkeystore = \"hsm\"\n{keystores}"
        );
        let (plan, dir, pass) = (table.plan("first.toml", &sections), table.at("room"), table.at("root.pass"));
        let make = ["ceremony", "make", &plan, "--dir", &dir, "--passphrase-file", &pass];
        segl_under(&token.environment(), make).await.must_say("session 1 is closed");
        let crl = ["ceremony", "crl", "--dir", &dir, "--present", "Vera Vidne", "--passphrase-file", &pass, "--plan", &plan];
        segl_under(&token.environment(), crl).await.must_say("session 2 is closed");
        let bundle = String::from_utf8(table.read("room/bundle-1.json")).unwrap();
        assert!(bundle.contains("hsm.issuing1-") && bundle.contains("\"sealed\": null"), "{bundle}");
        // Where the service has the token too, the key is found and proven there.
        let data = table.folder.path().join("data");
        std::fs::create_dir_all(&data).unwrap();
        let config = format!(
            "[server]\npublic_url = \"https://segl.example.dk\"\n[mail]\nfrom = \"segl@segl.example.dk\"\n[timestamps]\nclock = \"none\"\n{keystores}"
        );
        std::fs::write(data.join("segl.toml"), config).unwrap();
        let data = text(&data);
        let (bundle, person) = (table.at("room/bundle-1.json"), ["--operator", "Olga", "--operator-email", "olga@segl.example.dk"]);
        let init = ["init", "--data", &data, "--from-ceremony", &bundle];
        segl_under(&token.environment(), init.iter().chain(&person)).await.must_say("/activate/");
        segl_under(&token.environment(), ["check", "--data", &data]).await.must_say("issuing1: its key in hsm matches its certificate");
    });
}

/// The period of a certificate in days, and what openssl prints of it.
async fn printed(file: &str) -> (i32, String) {
    let certificate = Certificate::of(&std::fs::read(file).unwrap());
    let days = certificate.0.not_before().diff(certificate.0.not_after()).unwrap().days;
    (days, tools::run("openssl", ["x509", "-in", file, "-noout", "-text"]).await.words)
}

#[test]
fn lifetimes_stand_in_the_plan_within_what_the_profiles_allow() {
    on_runtime(async {
        let table = Table::laid();
        let pass = ["--passphrase-file", &table.at("root.pass")];
        let sections = |root: u32, issuing: u32| {
            format!(
                "[root]\nname = \"Segl Prøve Root CA\"\ndays = {root}\n[issuing]\nname = \"Segl Prøve Issuing CA 1\"\ndays = {issuing}\n"
            )
        };
        for (root, issuing, words) in [
            (7306, 100, "days: 30 to 7305"),
            (3652, 3653, "days: 30 to 3652"),
            (29, 30, "days: 30 to 7305"),
            (400, 500, "500 would outlive the root, which lives 400"),
        ] {
            table.first_session("room", &sections(root, issuing), &pass).await.must_refuse(words);
            assert!(!table.folder.path().join("room").exists(), "{words}");
        }
        table.first_session("room", &sections(3000, 1200), &pass).await.must_say("session 1 is closed");
        let (root, _) = printed(&table.at("room/root1.cer")).await;
        let (issuing, _) = printed(&table.at("room/issuing1.cer")).await;
        assert!((2999..=3000).contains(&root) && (1199..=1200).contains(&issuing), "{root}, {issuing}");
    });
}

#[test]
fn rsa_authorities_of_both_families_are_made_issue_and_are_accepted_by_openssl() {
    on_runtime(async {
        let table = Table::laid();
        let (root_pass, pass) = (table.at("root.pass"), table.at("bundle.pass"));
        let sections =
            "[root]\nname = \"Segl Prøve Root CA\"\nkey = \"rsa3072\"\n[issuing]\nname = \"Segl Prøve Issuing CA 1\"\nkey = \"rsa3072\"\n";
        table.first_session("room", sections, &["--passphrase-file", &root_pass]).await.must_say("session 1 is closed");
        let plan = table.plan("oces2.toml", "[issuing]\nname = \"Segl Prøve Issuing CA 2\"\nkey = \"rsa3072\"\nfamily = \"oces2\"\n");
        let dir = table.at("room");
        let issue = ["ceremony", "issue", &plan, "--dir", &dir, "--bundle-passphrase-file", &pass, "--passphrase-file", &root_pass];
        segl(issue).await.must_say("session 2 is closed");
        for name in ["root1", "issuing1", "issuing2"] {
            let (_, said) = printed(&table.at(&format!("room/{name}.cer"))).await;
            assert!(said.contains("rsassaPss") && said.contains("3072 bit"), "the root signs by PSS: {said}");
        }
        let (data, log, port) = (table.folder.path().join("data"), table.folder.path().join("log"), free_port());
        let said = table.set_up(&data, &table.at("room/bundle-1.json"), &pass).await;
        said.must_say("/activate/");
        let link = said.words.split_whitespace().find(|word| word.contains("/activate/")).unwrap().to_owned();
        let service = Service::start(&data, port, &[], &log).await.unwrap();
        let operator = Operator(Person::activate(&service.client(), &link, None, "olga.operator").await.unwrap());
        let pss = signed_by_a_new_company(&service, &data, &operator, "30808460", "Anne").await;
        openssl_accepts(&service, port, &pss, table.folder.path()).await;
        service.kill();
        let bundle = table.at("room/bundle-2.json");
        let install = ["ceremony", "install", &bundle, "--data", &text(&data), "--bundle-passphrase-file", &pass];
        segl(install).await.must_say("took in the authority issuing2");
        let service = Service::start(&data, port, &[], &log).await.unwrap();
        let oces2 = signed_by_a_new_company(&service, &data, &operator, "34051178", "Bo").await;
        openssl_accepts(&service, port, &oces2, table.folder.path()).await;
        openssl_accepts(&service, port, &pss, table.folder.path()).await;
        let leaf = |signed: &[u8], name: &str| {
            let file = table.at(name);
            std::fs::write(&file, Certificate::of_signer(signed).der()).unwrap();
            file
        };
        let (_, said) = printed(&leaf(&pss, "pss.cer")).await;
        assert!(said.contains("Signature Algorithm: rsassaPss"), "{said}");
        let (_, said) = printed(&leaf(&oces2, "oces2.cer")).await;
        assert!(said.contains("Signature Algorithm: sha256WithRSAEncryption"), "{said}");
        assert!(said.contains("CVR:34051178") && said.contains("serialNumber = CVR:34051178-RID:"), "names as OCES2 had them: {said}");
    });
}

/// What whoever knows `root` alone says of a leaf, with everything else fetched from the service.
async fn judged_from(service: &Service, table: &Table, root: &str, through: &str, leaf: &Certificate) -> tools::Said {
    let get = async |path: String, name: &str| {
        let answer = service.client().get(&path).await.unwrap().expect(200).unwrap();
        std::fs::write(table.at(name), &answer.bytes).unwrap();
        table.at(name)
    };
    let path = |url: String| url.replace("http://segl.example.dk", "");
    let root = get(format!("/pki/{root}.pem"), "from-root.pem").await;
    let through_file = get(format!("/pki/{through}.pem"), "from-through.pem").await;
    let above = Certificate::of(&service.client().get(&format!("/pki/{through}.cer")).await.unwrap().expect(200).unwrap().bytes);
    let lists = [get(path(leaf.crl_url()), "from-leaf.crl").await, get(path(above.crl_url()), "from-root.crl").await];
    let leaf = table.put("from-leaf.pem", &String::from_utf8(leaf.pem()).unwrap());
    let verify = ["verify", "-x509_strict", "-crl_check_all", "-CRLfile", &lists[0], "-CRLfile", &lists[1], "-CAfile", &root];
    tools::run("openssl", verify.into_iter().chain(["-untrusted", &through_file, &leaf])).await
}

#[test]
fn a_new_root_is_trusted_by_those_who_know_the_old_one_alone() {
    on_runtime(async {
        let table = Table::laid();
        let (root_pass, pass) = (table.at("root.pass"), table.at("bundle.pass"));
        table.first_session("old", BOTH, &["--passphrase-file", &root_pass]).await.must_say("session 1 is closed");
        let (data, log, port) = (table.folder.path().join("data"), table.folder.path().join("log"), free_port());
        let said = table.set_up(&data, &table.at("old/bundle-1.json"), &pass).await;
        let link = said.words.split_whitespace().find(|word| word.contains("/activate/")).unwrap().to_owned();
        let service = Service::start(&data, port, &[], &log).await.unwrap();
        let operator = Operator(Person::activate(&service.client(), &link, None, "olga.operator").await.unwrap());
        let before = signed_by_a_new_company(&service, &data, &operator, "30808460", "Anne").await;
        service.kill();

        // 1. The new root and its issuing authority.
        let new = "[root]\nname = \"Segl Prøve Root CA 2\"\nurl_name = \"root2\"\n[issuing]\nname = \"Segl Prøve Issuing CA 2\"\nurl_name = \"issuing2\"\n";
        table.first_session("new", new, &["--passphrase-file", &root_pass]).await.must_say("session 1 is closed");
        let install = async |bundle: &str| {
            segl(["ceremony", "install", &table.at(bundle), "--data", &text(&data), "--bundle-passphrase-file", &pass]).await
        };
        // 2. The old root certifies the new issuing authority: only under its own name, and before it is here it has no place.
        let dir = table.at("old");
        let cross = async |plan: &str, certificate: &str| {
            let certificate = table.at(certificate);
            segl(["ceremony", "cross", &certificate, plan, "--dir", &dir, "--passphrase-file", &root_pass]).await
        };
        let wrong = table.plan("wrong.toml", "[issuing]\nname = \"Segl Prøve Issuing CA 9\"\n");
        cross(&wrong, "new/issuing2.cer").await.must_refuse("another subject");
        let plan = table.plan("cross.toml", "[issuing]\nname = \"Segl Prøve Issuing CA 2\"\nurl_name = \"issuing2x\"\ndays = 900\n");
        cross(&plan, "new/issuing2.cer").await.must_say("session 2 is closed");
        install("old/bundle-2.json").await.must_refuse("install that authority first");
        install("new/bundle-1.json").await.must_say("took in the authority issuing2");
        // 3. It comes online.
        install("old/bundle-2.json").await.must_say("took in the certificate issuing2x");
        install("old/bundle-2.json").await.must_say("has already: the certificate issuing2x");
        segl(["check", "--data", &text(&data)]).await.must_say("all is well");
        let service = Service::start(&data, port, &[], &log).await.unwrap();
        let after = signed_by_a_new_company(&service, &data, &operator, "34051178", "Bo").await;
        let (before, after) = (Certificate::of_signer(&before), Certificate::of_signer(&after));
        assert!(after.issuer_url().ends_with("/pki/issuing2.cer"), "the new one issues: {}", after.issuer_url());
        judged_from(&service, &table, "root1", "issuing1", &before).await.must_say("OK");
        judged_from(&service, &table, "root2", "issuing2", &after).await.must_say("OK");
        judged_from(&service, &table, "root1", "issuing2", &after).await.must_refuse("unable to get");
        judged_from(&service, &table, "root1", "issuing2x", &after).await.must_say("OK");
        is_given_out(&service, &table, &operator, &after).await;

        // 4. The old root takes its word back; those who know the new root notice nothing.
        let revoke = ["ceremony", "crl", "--dir", &dir, "--present", "Vera Vidne", "--revoke", "issuing2x", "--reason", "superseded"];
        segl(revoke.into_iter().chain(["--passphrase-file", &root_pass])).await.must_say("session 3 is closed");
        install("old/bundle-3.json").await.must_say("took in the list of root1");
        judged_from(&service, &table, "root1", "issuing2x", &after).await.must_refuse("revoked");
        is_given_out_no_more(&service, &operator, &after).await;
        judged_from(&service, &table, "root2", "issuing2", &after).await.must_say("OK");
        judged_from(&service, &table, "root1", "issuing1", &before).await.must_say("OK");
    });
}

/// `/trust` warns of the first authority, in both languages, and of no other.
async fn is_shown_as_revoked(service: &Service) {
    let facts = service.client().get("/api/v1/trust").await.unwrap().expect(200).unwrap().json();
    let all = facts["authorities"].as_array().unwrap();
    let revoked: Vec<_> = all.iter().filter(|one| !one["revoked_at"].is_null()).map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(revoked, ["issuing1"]);
    for (language, words) in [("da-DK", "udsteder ikke flere certifikater"), ("en-GB", "issues no more certificates")] {
        let page = Visitor::new(&service.client(), language).get("/trust").await.unwrap().expect(200).unwrap().text();
        assert_eq!(page.matches(words).count(), 1, "{page}");
    }
}

/// The cross certificate stands on `/trust` in both languages, and in the chain that comes with a certificate.
async fn is_given_out(service: &Service, table: &Table, operator: &Operator, leaf: &Certificate) {
    let facts = service.client().get("/api/v1/trust").await.unwrap().expect(200).unwrap().json();
    let shown = facts["authorities"].as_array().unwrap().iter().find(|one| one["name"] == "issuing2x").unwrap().clone();
    assert!(shown["kind"] == "cross" && shown["issued_by"] == "Segl Prøve Root CA", "{shown}");
    let crossed = Certificate::of(&table.read("old/issuing2x.cer"));
    assert_eq!(shown["fingerprint_sha256"].as_str().unwrap().replace(':', "").to_lowercase(), hex::encode(crossed.fingerprint()));
    for (language, words) in [("da-DK", "krydscertifikat"), ("en-GB", "cross certificate")] {
        let page = Visitor::new(&service.client(), language).get("/trust").await.unwrap().expect(200).unwrap().text();
        assert!(page.contains(words) && page.contains("/pki/issuing2x.cer"), "{page}");
    }
    let known = operator.0.certificates().await.unwrap();
    let serial = known.iter().filter_map(|one| one["serial"].as_str()).find(|text| leaf.has_serial(text)).unwrap().to_owned();
    let whole = operator.0.browser("da").await.unwrap().get(&format!("/certificates/{serial}/chain.pem")).await.unwrap();
    let chain = openssl::x509::X509::stack_from_pem(&whole.expect(200).unwrap().bytes).unwrap();
    assert!(chain.len() == 4 && chain[3].to_der().unwrap() == crossed.der(), "leaf, issuer, root, and the way to the other root");
}

/// Nor when the root took its word back.
async fn is_given_out_no_more(service: &Service, operator: &Operator, leaf: &Certificate) {
    let facts = service.client().get("/api/v1/trust").await.unwrap().expect(200).unwrap().json();
    let names: Vec<_> = facts["authorities"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(names.contains(&"issuing2") && !names.contains(&"issuing2x"), "{names:?}");
    let page = Visitor::new(&service.client(), "en-GB").get("/trust").await.unwrap().expect(200).unwrap().text();
    assert!(!page.contains("issuing2x"), "{page}");
    let known = operator.0.certificates().await.unwrap();
    let serial = known.iter().filter_map(|one| one["serial"].as_str()).find(|text| leaf.has_serial(text)).unwrap().to_owned();
    let whole = operator.0.browser("da").await.unwrap().get(&format!("/certificates/{serial}/chain.pem")).await.unwrap();
    assert_eq!(openssl::x509::X509::stack_from_pem(&whole.expect(200).unwrap().bytes).unwrap().len(), 3, "leaf, issuer, root");
}
