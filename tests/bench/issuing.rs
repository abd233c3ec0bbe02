//! Certificates issued per second, the whole path: key, intention stored and audited, signature, verification, active, status, audit.

use std::{cell::RefCell, io::Write as _, path::PathBuf, process::Command, rc::Rc, time::Instant};

use certs::{
    ca::request::proven_key,
    name::{Checksum, CommonName, Cvr, EmailAddress, GivenName, OrganizationIdentifier, OrganizationName, PersonIdentifier, Surname},
    profiles::{Employee, Organization},
};
use openssl::{
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::PKey,
    x509::X509ReqBuilder,
};
use segl::{
    app,
    authorities::{self, Names},
    certificates::{
        self, CertificateError, Holder, KeyCarrier, PasswordProtection, Profile, Wanted, finish, prepare_for_employee, prepare_for_keys,
        store_intention,
    },
    config::{Config, Mode},
    platform::{
        actor::Author,
        ground::Ground,
        id::{AccountId, CertificateId, CompanyId, EmployeeId, Id as _},
        password::Strength,
        random,
        secret::Secret,
    },
};
use support::peers::postgres::Scratch;
use tempfile::TempDir;

use crate::{
    measure::{ROUNDS, Round, Watch, goal, per_processor_second, report},
    server::{Server, free_port, script},
};

/// Certificates per round.
const COUNT: usize = 192;
/// Certificates per round, where many are certified at once.
const MANY: usize = 4096;

/// A founded service without listener, with keys in files as in real use.
pub struct Service {
    /// The ground.
    pub ground: Ground,
    _directory: TempDir,
    _database: Option<Scratch>,
}

impl Service {
    /// On SQLite, or on a database of the PostgreSQL beside us.
    pub async fn found(database: Option<Scratch>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let storage = database.as_ref().map_or_else(String::new, |scratch| {
            let file = directory.path().join("postgres.url");
            std::fs::write(&file, scratch.url()).unwrap();
            format!("[storage]\npostgres_url_file = \"{}\"\n", file.display())
        });
        let text = format!("[server]\npublic_url = \"https://segl.example\"\n[timestamps]\nclock = \"none\"\n{storage}");
        let config = Config::parse(&text, "bench", directory.path(), Mode::Real).unwrap();
        let ground = app::open(config).await.unwrap();
        let names = Names {
            organisation: OrganizationName::parse("Segl Bench").unwrap(),
            root_cn: CommonName::parse("Segl Bench Root CA").unwrap(),
            issuing_cn: CommonName::parse("Segl Bench Issuing CA").unwrap(),
            cvr: None,
        };
        authorities::found(&ground, &names).await.unwrap();
        app::begin(&ground).await.unwrap();
        Self { ground, _directory: directory, _database: database }
    }
}

/// An employee whose password was just proven.
pub struct Person {
    /// As the certificate names the person.
    pub holder: Holder,
    /// The password's salt.
    pub salt: Vec<u8>,
    /// What the password became.
    pub prk: Secret<[u8; 32]>,
}

impl Person {
    /// Somebody new.
    pub fn new(ground: &Ground) -> Self {
        let (now, random) = (ground.clock().now(), ground.random());
        let employee = EmployeeId::fresh(now, random);
        let subject = Employee {
            organization: Organization {
                name: OrganizationName::parse("Havnens Bageri ApS").unwrap(),
                identifier: OrganizationIdentifier::Registered(Cvr::parse("30808460", Checksum::Required).unwrap()),
            },
            identifier: PersonIdentifier::employee(employee.uuid()),
            age: certs::profiles::Age::Adult,
            given_name: GivenName::parse("Åse").unwrap(),
            surname: Surname::parse("Ødegård").unwrap(),
            common_name: CommonName::parse("Åse Ødegård").unwrap(),
        };
        let email = Some(EmailAddress::parse("ase@bageri.example").unwrap());
        let (account, company) = (AccountId::fresh(now, random), CompanyId::fresh(now, random));
        let holder = Holder { account, employee, company, subject, email, proofing: None, youth_until: None };
        Self { holder, salt: random::bytes::<16>(random).to_vec(), prk: Secret::new(random::bytes(random)) }
    }
}

/// Issues one signing certificate.
pub async fn issue(ground: &Ground, person: &Person) -> CertificateId {
    let protection =
        PasswordProtection { account: person.holder.account, salt: person.salt.clone(), prk: &person.prk, strength: Strength::Long };
    let intentions = prepare_for_employee(ground, &person.holder, &[Profile::Signing], &protection).await.unwrap();
    let author = Author::Account(person.holder.account);
    ground
        .database
        .write(async |unit| -> Result<(), CertificateError> {
            for intention in &intentions {
                store_intention(unit, intention, author).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    finish(ground, intentions[0].id).await.unwrap();
    intentions[0].id
}

/// A key of the person's own with a request for it, PKCS#10.
fn request() -> Vec<u8> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut request = X509ReqBuilder::new().unwrap();
    request.set_pubkey(&key).unwrap();
    request.sign(&key, MessageDigest::sha256()).unwrap();
    request.build().to_der().unwrap()
}

/// The whole path from a request: proof of possession, profile and lints, intention stored and audited, signature, active, audited, told.
async fn certify(ground: &Ground, person: &Person, request: &[u8]) {
    let wanted = vec![Wanted { profile: Profile::Signing, key: proven_key(request).unwrap() }];
    let intention = prepare_for_keys(ground, &person.holder, wanted, KeyCarrier::OwnSoftware).await.unwrap().pop().unwrap();
    certificates::certify(ground, intention, Author::Account(person.holder.account)).await.unwrap();
}

/// What is issued at a time.
#[derive(Clone, Copy)]
enum Path {
    /// A key made here, sealed under a password.
    Central,
    /// A request.
    Request,
}

async fn round(ground: &Ground, path: Path, at_once: usize, count: usize) -> Round {
    let requests: Vec<(Person, Vec<u8>)> = (0..count / at_once * at_once)
        .map(|_| (Person::new(ground), if matches!(path, Path::Request) { request() } else { Vec::new() }))
        .collect();
    let requests = Rc::new(RefCell::new(requests));
    let watch = Watch::start();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..at_once {
        let (ground, requests) = (ground.clone(), requests.clone());
        workers.spawn_local(async move {
            loop {
                let Some((person, request)) = requests.borrow_mut().pop() else { return };
                match path {
                    Path::Central => drop(issue(&ground, &person).await),
                    Path::Request => certify(&ground, &person, &request).await,
                }
            }
        });
    }
    workers.join_all().await;
    watch.stop(count / at_once * at_once)
}

/// Both engines, one after the other and 64 at once; beside them cfssl, which stores nothing.
pub async fn run() {
    let cfssl = Cfssl::start();
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for engine in ["SQLite", "PostgreSQL"] {
        let service = Service::found((engine == "PostgreSQL").then(Scratch::create)).await;
        for at_once in [1, 64] {
            let mut rounds = Vec::new();
            for _ in 0..ROUNDS {
                rounds.push(round(&service.ground, Path::Central, at_once, COUNT).await);
            }
            report(&format!("certificate, key made and sealed here, {engine}, {at_once} at once"), &rounds);
        }
        for at_once in [1, 64] {
            let count = if at_once == 1 { COUNT } else { MANY };
            round(&service.ground, Path::Request, at_once, count).await;
            let before = service.ground.database.shared_commits();
            let mut rounds = Vec::new();
            for _ in 0..ROUNDS {
                rounds.push(round(&service.ground, Path::Request, at_once, count).await);
                if at_once == 64 {
                    theirs.push(cfssl.round());
                }
            }
            report(&format!("certificate from a request, {engine}, {at_once} at once"), &rounds);
            if let Some((before, after)) = before.zip(service.ground.database.shared_commits()).filter(|_| at_once == 64) {
                let issued = count / at_once * at_once * ROUNDS;
                goal("... certificates for each commit (fsync)", issued as f64 / (after - before) as f64, 20.0);
                ours = rounds;
            }
        }
    }
    report("certificate from a request, by cfssl, nothing stored", &theirs);
    goal("... SQLite, 64 at once, of that", per_processor_second(&ours) / per_processor_second(&theirs), 1.0);
    println!("| {:<58} | {:>10.0} | {:>14} |", "fsyncs of this disk", fsyncs_per_second(), "");
}

/// Single appended pages, each synchronised, as a log's commits are.
fn fsyncs_per_second() -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let mut file = std::fs::File::create(folder.path().join("log")).unwrap();
    let begun = Instant::now();
    for _ in 0..300 {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
    }
    300.0 / begun.elapsed().as_secs_f64()
}

/// Where cfssl signs.
const SIGN: &str = "/api/v1/cfssl/sign";

/// `cfssl serve` with a P-256 authority of its own, in a process of its own.
struct Cfssl {
    server: Server,
    script: PathBuf,
    _folder: TempDir,
}

impl Cfssl {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::write(path.join("ca.json"), r#"{"CN": "Bench CA", "key": {"algo": "ecdsa", "size": 256}}"#).unwrap();
        std::fs::write(
            path.join("config.json"),
            r#"{"signing": {"default": {"expiry": "26280h", "usages": ["signing", "email protection"],
                "ocsp_url": "http://ocsp.example/", "crl_url": "http://crl.example/0.crl"}}}"#,
        )
        .unwrap();
        let made =
            Command::new("sh").arg("-c").arg("cfssl gencert -initca ca.json | cfssljson -bare ca").current_dir(path).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let pem = openssl::x509::X509Req::from_der(&request()).unwrap().to_pem().unwrap();
        let pem = String::from_utf8(pem).unwrap();
        let subject = serde_json::json!({"CN": "Åse Ødegård", "names": [{"C": "DK", "O": "Havnens Bageri ApS"}]});
        let body = serde_json::json!({"certificate_request": pem, "hosts": ["ase@bageri.example"], "subject": subject}).to_string();
        std::fs::write(path.join("sign.json"), &body).unwrap();
        let port = free_port();
        let mut command = Command::new("cfssl");
        command.env("GOMAXPROCS", "1").current_dir(path).args(["serve", "-loglevel", "5", "-ca", "ca.pem", "-ca-key", "ca-key.pem"]);
        command.args(["-config", "config.json", "-address", "127.0.0.1", "-port"]).arg(port.to_string());
        let server = Server::of(command, port, (SIGN, body.as_bytes()));
        Self { server, script: script(path, "sign.json", "application/json"), _folder: folder }
    }

    fn round(&self) -> Round {
        self.server.load(SIGN, Some(&self.script))
    }
}
