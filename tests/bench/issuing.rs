//! Certificates issued per second, the whole path: key, intention stored and audited, signature, verification, active, status, audit.

use certs::{
    name::{Checksum, CommonName, Cvr, EmailAddress, GivenName, OrganizationIdentifier, OrganizationName, PersonIdentifier, Surname},
    profiles::{Employee, Organization},
};
use segl::{
    app,
    authorities::{self, Names},
    certificates::{CertificateError, Holder, PasswordProtection, Profile, finish, prepare_for_employee, store_intention},
    config::{Config, Mode},
    platform::{
        actor::Author,
        ground::Ground,
        id::{AccountId, CertificateId, CompanyId, EmployeeId, Id as _},
        random,
        secret::Secret,
    },
};
use support::peers::postgres::Scratch;
use tempfile::TempDir;

use crate::measure::{ROUNDS, Round, Watch, report};

/// Certificates per round.
const COUNT: usize = 192;

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
            given_name: GivenName::parse("Åse").unwrap(),
            surname: Surname::parse("Ødegård").unwrap(),
            common_name: CommonName::parse("Åse Ødegård").unwrap(),
        };
        let email = Some(EmailAddress::parse("ase@bageri.example").unwrap());
        let (account, company) = (AccountId::fresh(now, random), CompanyId::fresh(now, random));
        let holder = Holder { account, employee, company, subject, email };
        Self { holder, salt: random::bytes::<16>(random).to_vec(), prk: Secret::new(random::bytes(random)) }
    }
}

/// Issues one signing certificate.
pub async fn issue(ground: &Ground, person: &Person) -> CertificateId {
    let protection = PasswordProtection { account: person.holder.account, salt: person.salt.clone(), prk: &person.prk };
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

async fn round(ground: &Ground, at_once: usize) -> Round {
    let watch = Watch::start();
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..at_once {
        let ground = ground.clone();
        workers.spawn_local(async move {
            for _ in 0..COUNT / at_once {
                issue(&ground, &Person::new(&ground)).await;
            }
        });
    }
    workers.join_all().await;
    watch.stop(COUNT / at_once * at_once)
}

/// Both engines, one after the other and 64 at once.
pub async fn run() {
    for engine in ["SQLite", "PostgreSQL"] {
        let service = Service::found((engine == "PostgreSQL").then(Scratch::create)).await;
        for at_once in [1, 64] {
            round(&service.ground, at_once).await;
            let mut rounds = Vec::new();
            for _ in 0..ROUNDS {
                rounds.push(round(&service.ground, at_once).await);
            }
            report(&format!("certificate issued, {engine}, {at_once} at once"), &rounds);
        }
    }
}
