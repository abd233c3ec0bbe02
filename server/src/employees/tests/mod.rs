//! The whole enrolment on a database: registered, accepted, invited, activated, appointed, left.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod pages;

use std::rc::Rc;

use certs::name::{CommonName, OrganizationName};
use futures_util::future::LocalBoxFuture;
use time::Duration;

use super::{
    EmailInCertificate, EmployeeError, EmployeeState, Vouching,
    activate::{self, Activated, Request},
    appoint,
    carrier::Choice,
    epoch,
    invite::{self, Invitation, Known, Post},
    leave, operators, read, standing, store,
};
use crate::{
    accounts::AccountError,
    authorities::{self, Names},
    certificates::{self, State},
    commands::work::{self, Work},
    companies::{
        self, Company, CompanyError, CompanyState,
        agreement::{self, Acceptance, SignedBy},
        register::{self, Applicant, Application, Registration},
    },
    config::CvrChecksum,
    keycards,
    notices::{Credentials, Signer, jobs, spool},
    platform::{
        actor::Author,
        day::Day,
        ground::Ground,
        id::{AccountId, CompanyId, EmployeeId},
        secret::Secret,
        testing::{self, TestGround},
        words::Language,
    },
};

const OPERATOR: Author = Author::System("test");

async fn world() -> TestGround {
    let world = testing::ground().await.unwrap();
    let names = Names {
        organisation: OrganizationName::parse("Segl DEMO").unwrap(),
        root_cn: CommonName::parse("Segl DEMO Root CA").unwrap(),
        issuing_cn: CommonName::parse("Segl DEMO Issuing CA 1").unwrap(),
        cvr: None,
    };
    authorities::found(&world, &names).await.unwrap();
    world
}

fn application(cvr: Option<&str>, signatories: &[&str]) -> Application {
    let kind = if cvr.is_some() { companies::CompanyKind::Company } else { companies::CompanyKind::Association };
    let applicant = |name: &&str| Applicant { name: (*name).to_owned(), email: format!("{name}@bageri.example"), role: None };
    Application {
        kind: Some(kind),
        legal_name: "Havnens Bageri ApS".to_owned(),
        cvr: cvr.map(str::to_owned),
        street: "Kajen 1".to_owned(),
        postal_code: "4220".to_owned(),
        city: "Korsør".to_owned(),
        signatories: signatories.iter().map(applicant).collect(),
        ..Application::default()
    }
}

async fn register(world: &TestGround, application: &Application) -> Result<CompanyId, CompanyError> {
    let registration = Registration::of(application, CvrChecksum::NotChecked).map_err(CompanyError::Invalid)?;
    let prepared = register::prepare(world, &registration).await?;
    world.database.write(async |unit| register::register(unit, &prepared, OPERATOR).await).await
}

async fn company(world: &TestGround, id: CompanyId) -> Company {
    companies::read::company(&mut world.database.read().await.unwrap(), id).await.unwrap().unwrap()
}

/// Sends mail unsigned.
struct NoSigner;

impl Signer for NoSigner {
    fn credentials<'a>(&'a self, _ground: &'a Ground) -> LocalBoxFuture<'a, anyhow::Result<Option<Credentials>>> {
        Box::pin(async { Ok(None) })
    }

    fn sign<'a>(&'a self, _: &'a Ground, _: &'a Credentials, _: [u8; 32]) -> LocalBoxFuture<'a, anyhow::Result<Vec<u8>>> {
        Box::pin(async { anyhow::bail!("nothing is signed here") })
    }
}

/// What lies in the mailbox and the letter box of a person, newest first: texts that hold `mark`.
async fn told(world: &TestGround, mark: &str) -> Vec<String> {
    let signer = Rc::new(NoSigner);
    let work = Work::default().job(jobs::SEND, move |ground, payload| {
        let signer = signer.clone();
        async move { jobs::send(&ground, signer.as_ref(), &payload).await }
    });
    // Shares of the company key are another story.
    let work = work.job(crate::archives::jobs::SHARE, |_, _| async { Ok(()) });
    work::run_until_idle(world, &work).await.unwrap();
    let found = spool::list(&world.directory().join("spool"), 1000).unwrap();
    found.into_iter().map(|message| message.text).filter(|text| text.contains(mark)).collect()
}

/// The token of the newest mailed link of this kind.
async fn link(world: &TestGround, kind: &str) -> String {
    world.clock.advance(Duration::seconds(1));
    let texts = told(world, &format!("/{kind}/")).await;
    let (_, rest) = texts.first().expect("a mail with a link").split_once(&format!("/{kind}/")).unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// The temporary password of the newest letter.
async fn code(world: &TestGround) -> String {
    let is_code = |line: &&str| line.len() == 9 && line.as_bytes()[4] == b'-' && !line.contains(' ');
    let texts = told(world, "-").await;
    texts.iter().find_map(|text| text.lines().map(str::trim).find(is_code).map(str::to_owned)).expect("a letter with a code")
}

async fn accept(world: &TestGround, link: &str, appoints: Option<&str>) -> Result<appoint::Outcome, EmployeeError> {
    let found = companies::read::signatory_by_link(&mut world.database.read().await?, link).await?;
    let (_, company) = found.ok_or(CompanyError::NotFound)?;
    let nominee = appoints.map(|surname| appoint::nominee("Mette", surname, "mette@bageri.example").unwrap());
    let agreement_hash = agreement::text(&company, Language::Da).hash().to_vec();
    let acceptance = Acceptance { by: SignedBy::Link(link.to_owned()), agreement_hash, nominee };
    let prepared = appoint::prepare(world, acceptance, Language::Da).await?;
    world.database.write(async |unit| appoint::accept(unit, &prepared).await).await
}

/// A company with one signatory, its administrator invited.
async fn founded(world: &TestGround, cvr: Option<&str>) -> (CompanyId, EmployeeId) {
    let id = register(world, &application(cvr, &["aase"])).await.unwrap();
    let outcome = accept(world, &link(world, "agreement").await, Some("Øst")).await.unwrap();
    let appoint::Outcome::Active { company, administrator } = outcome else { panic!("{outcome:?}") };
    assert_eq!(company, id);
    (id, administrator)
}

async fn activate(world: &TestGround, link: &str, code: Option<&str>, user_id: &str) -> Result<Activated, EmployeeError> {
    let request = Request {
        link: link.to_owned(),
        temporary_password: code.map(|code| Secret::new(code.to_owned())),
        user_id: user_id.to_owned(),
        password: Secret::new("korrekt hest 42".to_owned()),
        choice: Choice::default(),
        birth_date: "1980-05-17".to_owned(),
        telephone: String::new(),
    };
    activate::activate(world, &request).await
}

async fn activate_newest(world: &TestGround, user_id: &str) -> Activated {
    let (link, code) = (link(world, "activate").await, code(world).await);
    activate(world, &link, Some(&code), user_id).await.unwrap()
}

async fn invited(world: &TestGround, company_id: CompanyId, given_name: &str, mail: EmailInCertificate) -> EmployeeId {
    world.clock.advance(Duration::seconds(1));
    let invitation = Invitation {
        person: invite::person("", given_name, "Ærø", "ansat@bageri.example").unwrap(),
        email_in_certificate: mail,
        vouched: Vouching::ByLetter,
        telephone: None,
        known: Known::Birth(Day::parse("1980-05-17")),
        language: Language::Da,
    };
    let prepared = invite::prepare(world, &company(world, company_id).await, &invitation, Post::Employee, OPERATOR).await.unwrap();
    assert!(prepared.temporary_password().is_none());
    world.database.write(async |unit| invite::invite(unit, &prepared, OPERATOR).await).await.unwrap()
}

async fn employee(world: &TestGround, company: CompanyId, id: EmployeeId) -> super::Employee {
    read::employee(&mut world.database.read().await.unwrap(), company, id).await.unwrap().unwrap()
}

async fn stands(world: &TestGround, account: AccountId) -> Option<super::Standing> {
    standing(&mut world.database.read().await.unwrap(), account).await.unwrap()
}

async fn states(world: &TestGround, employee: EmployeeId) -> Vec<State> {
    let mut reader = world.database.read().await.unwrap();
    certificates::read::of_employee(&mut reader, employee).await.unwrap().iter().map(|certificate| certificate.state).collect()
}

#[actix_web::test]
async fn an_association_without_a_cvr_number_enrols_from_register_to_certificate() {
    let world = world().await;
    let (id, administrator) = founded(&world, None).await;
    let association = company(&world, id).await;
    assert_eq!(association.state, CompanyState::Active);
    assert!(association.number.starts_with("F-") && association.cvr.is_none());
    let waiting = employee(&world, id, administrator).await;
    assert_eq!(waiting.state, EmployeeState::Invited);
    assert!(!stands(&world, waiting.account).await.unwrap().active);
    let activated = activate_newest(&world, "mette.oest").await;
    let standing = stands(&world, activated.account).await.unwrap();
    assert!(standing.active && standing.administrator);
    assert_eq!(standing.name, "Mette Øst");
    assert_eq!(states(&world, administrator).await, [State::Active]);
    let mut reader = world.database.read().await.unwrap();
    let certificate = certificates::read::of_employee(&mut reader, administrator).await.unwrap().remove(0);
    assert!(certificate.subject.contains(&format!("FO:DK-{}", association.number)), "{}", certificate.subject);
    assert!(keycards::read::card(&mut reader, activated.card).await.unwrap().unwrap().is_active());
}

#[actix_web::test]
async fn with_an_address_in_the_certificate_three_certificates_are_issued() {
    let world = world().await;
    let (id, _) = founded(&world, Some("30808460")).await;
    let employee = invited(&world, id, "Åge", EmailInCertificate::Included).await;
    let activated = activate_newest(&world, "aage.aeroe").await;
    assert_eq!(activated.certificates.len(), 3);
    assert_eq!(states(&world, employee).await, [State::Active; 3]);
}

#[actix_web::test]
async fn a_cvr_number_is_registered_once() {
    let world = world().await;
    register(&world, &application(Some("30808460"), &["aase"])).await.unwrap();
    let again = register(&world, &application(Some("30808460"), &["bo"])).await;
    assert!(matches!(again, Err(CompanyError::DuplicateCvr)), "{again:?}");
}

#[actix_web::test]
async fn the_company_waits_for_every_signatory() {
    let world = world().await;
    let id = register(&world, &application(Some("30808460"), &["aase", "bo"])).await.unwrap();
    world.clock.advance(Duration::seconds(1));
    let texts = told(&world, "/agreement/").await;
    let links: Vec<_> =
        texts.iter().map(|text| text.split_once("/agreement/").unwrap().1.split_whitespace().next().unwrap().to_owned()).collect();
    let first = accept(&world, &links[0], Some("Øst")).await.unwrap();
    assert_eq!(first, appoint::Outcome::Waiting { pending: 1 });
    assert_eq!(company(&world, id).await.state, CompanyState::Registered);
    let again = accept(&world, &links[0], None).await;
    assert!(matches!(again, Err(EmployeeError::Company(CompanyError::AlreadyAccepted { .. }))), "{again:?}");
    let other = accept(&world, &links[1], Some("Vest")).await;
    assert!(matches!(other, Err(EmployeeError::Company(CompanyError::AppointedAlready { .. }))), "{other:?}");
    assert_eq!(company(&world, id).await.pending, 1, "a refused acceptance changes nothing");
    let second = accept(&world, &links[1], None).await.unwrap();
    assert!(matches!(second, appoint::Outcome::Active { .. }));
    assert_eq!(company(&world, id).await.administrators, 1);
}

#[actix_web::test]
async fn a_signatorys_link_dies_after_a_fortnight_and_by_a_newer_one() {
    let world = world().await;
    let id = register(&world, &application(None, &["aase"])).await.unwrap();
    let old = link(&world, "agreement").await;
    let signatory = companies::read::signatories(&mut world.database.read().await.unwrap(), id).await.unwrap().remove(0);
    let new = register::prepare_link(&world, &company(&world, id).await).await.unwrap();
    world.database.write(async |unit| register::send_link(unit, id, signatory.id, &new, OPERATOR).await).await.unwrap();
    let newer = link(&world, "agreement").await;
    assert_ne!(old, newer);
    assert!(matches!(accept(&world, &old, Some("Øst")).await, Err(EmployeeError::Company(CompanyError::NotFound))));
    world.clock.advance(Duration::days(14));
    assert!(matches!(accept(&world, &newer, Some("Øst")).await, Err(EmployeeError::Company(CompanyError::LinkExpired))));
}

#[actix_web::test]
async fn of_two_who_activate_one_link_at_once_one_wins() {
    let world = world().await;
    let (_, administrator) = founded(&world, None).await;
    let (link, code) = (link(&world, "activate").await, code(&world).await);
    let (one, two) =
        futures_util::future::join(activate(&world, &link, Some(&code), "mette.et"), activate(&world, &link, Some(&code), "mette.to"))
            .await;
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|won| **won).count(), 1);
    let lost = one.err().or(two.err()).unwrap();
    assert!(matches!(lost, EmployeeError::LinkGone), "{lost:?}");
    assert_eq!(states(&world, administrator).await, [State::Active], "the loser left no certificate");
    let used = activate(&world, &link, Some(&code), "mette.tre").await;
    assert!(matches!(used, Err(EmployeeError::LinkGone)), "{used:?}");
}

#[actix_web::test]
async fn the_temporary_password_may_be_wrong_five_times() {
    let world = world().await;
    founded(&world, None).await;
    let (link, code) = (link(&world, "activate").await, code(&world).await);
    for _ in 0..5 {
        let wrong = activate(&world, &link, Some("AAAA-AAAA"), "mette.oest").await;
        assert!(matches!(wrong, Err(EmployeeError::Account(AccountError::NotRight))), "{wrong:?}");
    }
    let late = activate(&world, &link, Some(&code), "mette.oest").await;
    assert!(matches!(late, Err(EmployeeError::LinkGone)), "{late:?}");
}

#[actix_web::test]
async fn a_faulty_choice_costs_no_try_and_a_taken_user_id_leaves_the_link_open() {
    let world = world().await;
    let (id, _) = founded(&world, None).await;
    activate_newest(&world, "mette.oest").await;
    invited(&world, id, "Åge", EmailInCertificate::LeftOut).await;
    let (link, code) = (link(&world, "activate").await, code(&world).await);
    for _ in 0..6 {
        let faulty = activate(&world, &link, Some("AAAA-AAAA"), "ø").await;
        assert!(matches!(faulty, Err(EmployeeError::Invalid(_))), "{faulty:?}");
    }
    let taken = activate(&world, &link, Some(&code), "mette.oest").await;
    assert!(matches!(taken, Err(EmployeeError::Account(AccountError::UserIdTaken))), "{taken:?}");
    activate(&world, &link, Some(&code), "aage.aeroe").await.unwrap();
}

#[actix_web::test]
async fn a_renewed_invitation_kills_link_and_code_of_the_old_one() {
    let world = world().await;
    let (id, administrator) = founded(&world, None).await;
    let (old_link, old_code) = (link(&world, "activate").await, code(&world).await);
    let waiting = employee(&world, id, administrator).await;
    let again = invite::Again { vouched: Vouching::ByLetter, seen: None, author: OPERATOR };
    let renewal = invite::prepare_renewal(&world, &company(&world, id).await, waiting, Post::Administrator, again).await.unwrap();
    assert!(renewal.temporary_password().is_none(), "it goes by letter");
    world.database.write(async |unit| invite::renew(unit, &renewal, OPERATOR).await).await.unwrap();
    let (new_link, shown) = (link(&world, "activate").await, code(&world).await);
    assert!(matches!(activate(&world, &old_link, Some(&old_code), "mette").await, Err(EmployeeError::LinkGone)));
    let mixed = activate(&world, &new_link, Some(&old_code), "mette").await;
    assert!(matches!(mixed, Err(EmployeeError::Account(AccountError::NotRight))), "{mixed:?}");
    activate(&world, &new_link, Some(&shown), "mette").await.unwrap();
}

#[actix_web::test]
async fn a_restore_ends_what_was_agreed_to_for_whoever_chose_no_password_yet_and_no_wait() {
    let world = world().await;
    let (_, administrator) = founded(&world, None).await;
    activate_newest(&world, "mette.oest").await;
    let until = world.clock().now().plus(Duration::hours(24));
    let left = world.database.write(async |unit| {
        assert!(store::rest(unit, administrator, until).await?);
        epoch::begin_epoch(unit).await?;
        let resting = store::certificates_from(unit, administrator).await?;
        assert!(store::rest(unit, administrator, until).await? && store::activate(unit, administrator).await?);
        epoch::begin_epoch(unit).await?;
        Ok::<_, EmployeeError>((resting, store::certificates_from(unit, administrator).await?))
    });
    assert_eq!(left.await.unwrap(), (None, Some(until)));
}

#[actix_web::test]
async fn whoever_leaves_has_no_standing_no_card_and_revoked_certificates() {
    let world = world().await;
    let (id, _) = founded(&world, None).await;
    activate_newest(&world, "mette.oest").await;
    let employee = invited(&world, id, "Åge", EmailInCertificate::Included).await;
    let activated = activate_newest(&world, "aage.aeroe").await;
    let told = leave::told(&world).await.unwrap();
    world.database.write(async |unit| leave::leave(unit, id, employee, &told, OPERATOR).await).await.unwrap();
    assert!(!stands(&world, activated.account).await.unwrap().active);
    assert_eq!(states(&world, employee).await, [State::Revoked; 3]);
    let card = keycards::read::card(&mut world.database.read().await.unwrap(), activated.card).await.unwrap().unwrap();
    assert!(!card.is_active());
    let twice = world.database.write(async |unit| leave::leave(unit, id, employee, &told, OPERATOR).await).await;
    assert!(matches!(twice, Err(EmployeeError::AlreadyLeft)), "{twice:?}");
}

#[actix_web::test]
async fn a_company_keeps_its_last_administrator() {
    let world = world().await;
    let (id, first) = founded(&world, None).await;
    activate_newest(&world, "mette.oest").await;
    let second = invited(&world, id, "Åge", EmailInCertificate::LeftOut).await;
    let told = appoint::told(&world, &company(&world, id).await).await.unwrap();
    let early = world
        .database
        .write(async |unit| appoint::appoint(unit, id, (second, companies::AdministratorPost::Superadministrator), &told, OPERATOR).await)
        .await;
    assert!(matches!(early, Err(EmployeeError::NotActive)), "{early:?}");
    activate_newest(&world, "aage.aeroe").await;
    world
        .database
        .write(async |unit| appoint::appoint(unit, id, (second, companies::AdministratorPost::Superadministrator), &told, OPERATOR).await)
        .await
        .unwrap();
    world.database.write(async |unit| appoint::end(unit, id, first, &told, OPERATOR).await).await.unwrap();
    let last = world.database.write(async |unit| appoint::end(unit, id, second, &told, OPERATOR).await).await;
    assert!(matches!(last, Err(EmployeeError::Company(CompanyError::LastAdministrator))), "{last:?}");
    let left = leave::told(&world).await.unwrap();
    let gone = world.database.write(async |unit| leave::leave(unit, id, second, &left, OPERATOR).await).await;
    assert!(matches!(gone, Err(EmployeeError::Company(CompanyError::LastAdministrator))), "{gone:?}");
    assert_eq!(employee(&world, id, second).await.state, EmployeeState::Active, "a refused leave changes nothing");
}

#[actix_web::test]
async fn another_companys_employee_is_not_there() {
    let world = world().await;
    let (_, administrator) = founded(&world, None).await;
    let other = register(&world, &application(Some("30808460"), &["bo"])).await.unwrap();
    let mut reader = world.database.read().await.unwrap();
    assert_eq!(read::employee(&mut reader, other, administrator).await.unwrap(), None);
    drop(reader);
    let told = leave::told(&world).await.unwrap();
    let refused = world.database.write(async |unit| leave::leave(unit, other, administrator, &told, OPERATOR).await).await;
    assert!(matches!(refused, Err(EmployeeError::NotFound)), "{refused:?}");
}

#[actix_web::test]
async fn the_first_operators_link_lives_a_quarter_of_an_hour_and_there_is_one_first() {
    let world = world().await;
    let token = |address: Secret<String>| address.reveal().rsplit_once('/').unwrap().1.to_owned();
    let old = token(operators::invite_first(&world, "Olga Operatør", "olga@segl.example").await.unwrap());
    let new = token(operators::invite_first(&world, "Olga Operatør", "olga@segl.example").await.unwrap());
    assert!(matches!(activate(&world, &old, None, "olga.op").await, Err(EmployeeError::LinkGone)));
    let activated = activate(&world, &new, None, "olga.op").await.unwrap();
    assert!(activated.employee.is_none() && activated.certificates.is_empty());
    let third = operators::invite_first(&world, "Otto", "otto@segl.example").await;
    assert!(matches!(third, Err(EmployeeError::HasOperator)));
}

#[actix_web::test]
async fn an_operators_link_expires() {
    let world = world().await;
    let address = operators::invite_first(&world, "Olga Operatør", "olga@segl.example").await.unwrap();
    world.clock.advance(Duration::minutes(15));
    let link = address.reveal().rsplit_once('/').unwrap().1;
    assert!(matches!(activate(&world, link, None, "olga.op").await, Err(EmployeeError::LinkGone)));
}

#[actix_web::test]
async fn of_two_signatories_who_accept_at_once_one_completes_the_company() {
    let world = world().await;
    let id = register(&world, &application(Some("30808460"), &["aase", "bo"])).await.unwrap();
    world.clock.advance(Duration::seconds(1));
    let texts = told(&world, "/agreement/").await;
    let links: Vec<_> =
        texts.iter().map(|text| text.split_once("/agreement/").unwrap().1.split_whitespace().next().unwrap().to_owned()).collect();
    let both = futures_util::future::join(accept(&world, &links[0], Some("Øst")), accept(&world, &links[1], Some("Øst"))).await;
    let outcomes = [both.0.unwrap(), both.1.unwrap()];
    let complete = outcomes.iter().filter(|outcome| matches!(outcome, appoint::Outcome::Active { .. })).count();
    assert_eq!(complete, 1, "{outcomes:?}");
    let company = company(&world, id).await;
    assert_eq!((company.state, company.pending, company.administrators), (CompanyState::Active, 0, 1));
}

#[actix_web::test]
async fn of_the_last_two_administrators_who_end_at_once_one_stays() {
    let world = world().await;
    let (id, first) = founded(&world, None).await;
    activate_newest(&world, "mette.oest").await;
    let second = invited(&world, id, "Åge", EmailInCertificate::LeftOut).await;
    activate_newest(&world, "aage.aeroe").await;
    let told = appoint::told(&world, &company(&world, id).await).await.unwrap();
    world
        .database
        .write(async |unit| appoint::appoint(unit, id, (second, companies::AdministratorPost::Superadministrator), &told, OPERATOR).await)
        .await
        .unwrap();
    let end = async |employee| world.database.write(async |unit| appoint::end(unit, id, employee, &told, OPERATOR).await).await;
    let (one, two) = futures_util::future::join(end(first), end(second)).await;
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ended| **ended).count(), 1);
    let left = companies::read::administrators(&mut world.database.read().await.unwrap(), id).await.unwrap();
    assert_eq!(left.len(), 1);
}
