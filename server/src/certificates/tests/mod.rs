//! The story of certificates from the outside: what OpenSSL says of the certificates, lists, answers and time stamps that we give out.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod certified;
mod crashes;
mod edges;
mod faults;
mod founding;
mod imports;
mod keys_at_rest;
mod lists;
mod openssl;
mod revocation;

use actix_web::{
    body::to_bytes,
    http::StatusCode,
    test::{self, TestRequest},
    web,
};
use certs::{
    name::{Checksum, CommonName, Cvr, EmailAddress, GivenName, OrganizationIdentifier, OrganizationName, PersonIdentifier, Surname},
    profiles::{Employee, Organization},
    revocation::Reason,
};
use futures_util::future::LocalBoxFuture;

use super::{
    By, Certificate, Holder, PasswordProtection, Profile, Which, finish, jobs, prepare_for_employee, read, revoke, store_intention,
};
use crate::{
    authorities::{self, Names},
    http::guard::{Credential, SharedWhoIs, WhoIs},
    platform::{
        actor::{Actor, Author, Carrier, ProvenBy, Role},
        clock::{Clock as _, SystemClock},
        database::DatabaseError,
        ground::Ground,
        id::{AccountId, CertificateId, CompanyId, EmployeeId, Id as _},
        password::Strength,
        secret::Secret,
        testing::{self, TestGround},
    },
    router, status,
};

/// A founded service whose clock shows the machine's time, since the foreign tools look at that.
async fn world() -> TestGround {
    let world = testing::ground().await.unwrap();
    world.clock.advance(SystemClock.now().since(testing::BEGINNING));
    authorities::found(&world, &names()).await.unwrap();
    jobs::begin(&world, "test").await.unwrap();
    world
}

fn names() -> Names {
    Names {
        organisation: OrganizationName::parse("Segl DEMO").unwrap(),
        root_cn: CommonName::parse("Segl DEMO Root CA").unwrap(),
        issuing_cn: CommonName::parse("Segl DEMO Issuing CA 1").unwrap(),
        cvr: None,
    }
}

/// A person with a password.
struct Person {
    holder: Holder,
    salt: Vec<u8>,
    prk: Secret<[u8; 32]>,
}

impl Person {
    fn of(world: &Ground, given_name: &str, company: CompanyId) -> Self {
        let (now, random) = (world.clock().now(), world.random());
        let employee = EmployeeId::fresh(now, random);
        let subject = Employee {
            organization: Organization {
                name: OrganizationName::parse("Havnens Bageri ApS").unwrap(),
                identifier: OrganizationIdentifier::Registered(Cvr::parse("30808460", Checksum::Required).unwrap()),
            },
            identifier: PersonIdentifier::employee(employee.uuid()),
            given_name: GivenName::parse(given_name).unwrap(),
            surname: Surname::parse("Ødegård").unwrap(),
            common_name: CommonName::parse(&format!("{given_name} Ødegård")).unwrap(),
            age: certs::profiles::Age::Adult,
        };
        let email = Some(EmailAddress::parse("ase@bageri.example.com").unwrap());
        let holder =
            Holder { account: AccountId::fresh(now, random), employee, company, subject, email, proofing: None, youth_until: None };
        let prk = Secret::new(crate::platform::random::bytes(random));
        Self { holder, salt: b"a salt of its row".to_vec(), prk }
    }

    fn new(world: &Ground) -> Self {
        Self::of(world, "Åse", CompanyId::fresh(world.clock().now(), world.random()))
    }

    fn protection(&self) -> PasswordProtection<'_> {
        PasswordProtection { account: self.holder.account, salt: self.salt.clone(), prk: &self.prk, strength: Strength::Long }
    }

    /// Stores one intention for each profile.
    async fn intend(&self, world: &Ground, profiles: &[Profile]) -> Vec<CertificateId> {
        let intentions = prepare_for_employee(world, &self.holder, profiles, &self.protection()).await.unwrap();
        let author = Author::Account(self.holder.account);
        world
            .database
            .write(async |unit| {
                for intention in &intentions {
                    store_intention(unit, intention, author).await?;
                }
                Ok::<_, super::CertificateError>(())
            })
            .await
            .unwrap();
        intentions.iter().map(|intention| intention.id).collect()
    }

    /// Issues one certificate for each profile.
    async fn issue(&self, world: &Ground, profiles: &[Profile]) -> Vec<Certificate> {
        let mut issued = Vec::new();
        for id in self.intend(world, profiles).await {
            finish(world, id).await.unwrap();
            issued.push(certificate(world, id).await);
        }
        issued
    }

    async fn sign(&self, world: &Ground, id: CertificateId, digest: [u8; 32]) -> Result<Vec<u8>, super::CertificateError> {
        let opening = super::Opening::Password(self.protection());
        super::sign_with(world, id, self.holder.account, &opening, digest).await
    }

    fn actor(&self, roles: &[Role]) -> Actor {
        Actor {
            account: self.holder.account,
            session: None,
            name: "Åse".to_owned(),
            roles: roles.to_vec(),
            company: Some(self.holder.company),
            employee: Some(self.holder.employee),
            carrier: Carrier::Program,
            proven_at: testing::BEGINNING,
            proven_by: ProvenBy::Card,
            key: None,
        }
    }
}

async fn certificate(world: &Ground, id: CertificateId) -> Certificate {
    read::by_id(&mut world.database.read().await.unwrap(), id).await.unwrap().unwrap()
}

async fn revoke_id(world: &Ground, id: CertificateId, reason: Reason) -> Result<Vec<super::Revoked>, super::CertificateError> {
    world.database.write(async |unit| revoke(unit, By::author(Author::System("test")), Which::Id(id), reason).await).await
}

async fn publish(world: &Ground) -> usize {
    status::publish::publish_due(world, status::publish::IN_A_ROUND).await.unwrap()
}

/// Everybody is this actor.
struct Always(Option<Actor>);

impl WhoIs for Always {
    fn who_is<'a>(&'a self, _ground: &'a Ground, _credential: &'a Credential) -> LocalBoxFuture<'a, Result<Option<Actor>, DatabaseError>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

struct Answer {
    status: StatusCode,
    content_type: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// One request to the whole application, as a program that is this actor.
async fn ask(world: &Ground, actor: Option<Actor>, request: TestRequest) -> Answer {
    let who_is: SharedWhoIs = std::sync::Arc::new(Always(actor));
    let app = test::init_service(router::application(web::Data::new(world.clone()), who_is)).await;
    let response = test::call_service(&app, request.insert_header(("authorization", "Bearer x")).to_request()).await;
    let status = response.status();
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    let body = to_bytes(response.into_body()).await.map_err(|_| "body").unwrap().to_vec();
    Answer { status, content_type, body }
}

/// The path of a certificate's or list's address: everything after the host.
async fn fetch(world: &Ground, path: &str) -> Answer {
    ask(world, None, TestRequest::get().uri(path)).await
}
