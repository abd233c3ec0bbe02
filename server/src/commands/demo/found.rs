//! Makes the demonstration: two organisations, their people, and four documents, by the very steps that real people take.
//!
//! It runs beside the service: mails and letters leave by the worker, and are read from the spool as their recipients would read
//! them. `demo.json` is written last; a demonstration without it was interrupted.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, bail};
use certs::revocation::Reason;

use super::{
    paper,
    story::{Exhibit, Person, Story},
};
use crate::{
    certificates,
    companies::{
        self, CompanyKind,
        agreement::{self, Acceptance, SignedBy},
        register::{Applicant, Application, Registration},
    },
    documents::{self, Approval, Plan},
    employees::{
        EmailInCertificate, Vouching,
        activate::{self, Request},
        appoint,
        carrier::Choice,
        invite::{self, Invitation, Known, Post},
        operators,
    },
    keycards,
    notices::{self, Channel, spool::Spooled},
    platform::{
        actor::{Actor, Author, Carrier, ProvenBy, Role},
        day::Day,
        ground::Ground,
        id::{AccountId, CompanyId, DocumentId, EmployeeId},
        secret::Secret,
        words::Language,
    },
};

/// Everybody's password in the demonstration; it is on the page.
const PASSWORD: &str = "Havnen-demo-2026";
/// Everybody's birth date.
const BIRTH_DATE: &str = "1984-05-17";
/// How long a mail may take.
const PATIENCE: usize = 600;

/// An organisation of the demonstration and its people: administrator first.
struct Cast {
    kind: CompanyKind,
    legal_name: &'static str,
    cvr: Option<&'static str>,
    street: &'static str,
    domain: &'static str,
    signatory: &'static str,
    people: [(&'static str, &'static str, &'static str); 3],
}

const CASTS: [Cast; 2] = [
    Cast {
        kind: CompanyKind::Company,
        legal_name: "Havnens Bageri ApS",
        cvr: Some("30060946"),
        street: "Havnegade 12",
        domain: "havnensbageri.example",
        signatory: "Bodil Bager",
        people: [("Anne", "Ådal", "anne.aadal"), ("Bo", "Bødker", "bo.boedker"), ("Cæcilie", "Sørensen", "caecilie.soerensen")],
    },
    Cast {
        kind: CompanyKind::Association,
        legal_name: "Sejlforeningen Nordhavn",
        cvr: None,
        street: "Bådebroen 3",
        domain: "sejlnordhavn.example",
        signatory: "Frede Formand",
        people: [("Dorthe", "Dam", "dorthe.dam"), ("Erik", "Østergård", "erik.oestergaard"), ("Fie", "Holm", "fie.holm")],
    },
];

/// Somebody of the cast, activated.
#[derive(Clone)]
struct Player {
    person: Person,
    account: AccountId,
    company: Option<CompanyId>,
    employee: Option<EmployeeId>,
    roles: Vec<Role>,
}

/// Makes everybody and everything, and writes the story.
///
/// # Errors
/// When a step fails; the data directory is then of no use.
pub async fn found(ground: &Ground, data: &Path) -> anyhow::Result<()> {
    let mut story = Story::default();
    let operator = operator(ground).await.context("the operator")?;
    story.people.push(operator.person.clone());
    let mut players = Vec::new();
    for cast in &CASTS {
        players.extend(perform(ground, &operator, cast).await.with_context(|| cast.legal_name)?);
    }
    story.people.extend(players.iter().map(|player| player.person.clone()));
    story.documents = exhibit(ground, data, &players).await.context("the documents")?;
    story.write(data)?;
    Ok(())
}

async fn operator(ground: &Ground) -> anyhow::Result<Player> {
    let link = operators::invite_first(ground, "Olga Operatør", "olga@segl.example").await?;
    let person = Person {
        name: "Olga Operatør".to_owned(),
        company: String::new(),
        role: Role::Registration.word().to_owned(),
        user_id: "olga.operatoer".to_owned(),
        password: PASSWORD.to_owned(),
    };
    let roles = vec![Role::Registration, Role::Security, Role::HelpDesk, Role::Auditor];
    activated(ground, token_of(link.reveal()), None, person, None, roles).await
}

/// Registers, accepts, invites and activates one organisation.
async fn perform(ground: &Ground, operator: &Player, cast: &Cast) -> anyhow::Result<Vec<Player>> {
    let signatory = format!("bestyrelse@{}", cast.domain);
    let company = register(ground, operator, cast, &signatory).await?;
    accept(ground, cast, &signatory).await?;
    let administrator = invited(ground, cast, 0, Some(company), &[Role::Administrator, Role::Superadministrator, Role::Employee]).await?;
    let mut players = vec![administrator];
    for index in 1..cast.people.len() {
        invite_employee(ground, &players[0], cast, index, company).await?;
        players.push(invited(ground, cast, index, Some(company), &[Role::Employee]).await?);
    }
    Ok(players)
}

async fn register(ground: &Ground, operator: &Player, cast: &Cast, signatory: &str) -> anyhow::Result<CompanyId> {
    let application = Application {
        kind: Some(cast.kind),
        legal_name: cast.legal_name.to_owned(),
        certificate_name: None,
        cvr: cast.cvr.map(str::to_owned),
        street: cast.street.to_owned(),
        postal_code: "4220".to_owned(),
        city: "Korsør".to_owned(),
        signatories: vec![Applicant { name: cast.signatory.to_owned(), email: signatory.to_owned(), role: None }],
        needed: None,
        language: Some(Language::Da),
        without_register: false,
    };
    let Ok(registration) = Registration::of(&application, ground.config.policy.cvr_checksum) else { bail!("the cast breaks a rule") };
    let prepared = companies::register::prepare(ground, &registration).await?;
    let author = Author::Account(operator.account);
    Ok(ground.database.write(async |unit| companies::register::register(unit, &prepared, author).await).await?)
}

async fn accept(ground: &Ground, cast: &Cast, signatory: &str) -> anyhow::Result<()> {
    let link = link_to(ground, signatory, "/agreement/").await?;
    let mut reader = ground.database.read().await?;
    let (_, company) = companies::read::signatory_by_link(&mut reader, &link).await?.context("the link is not known")?;
    drop(reader);
    let (given_name, surname, _) = cast.people[0];
    let Ok(nominee) = appoint::nominee(given_name, surname, &email(cast, 0)) else { bail!("the cast breaks a rule") };
    let agreement_hash = agreement::text(&company, Language::Da).hash().to_vec();
    let acceptance = Acceptance { by: SignedBy::Link(link), agreement_hash, nominee: Some(nominee) };
    let prepared = appoint::prepare(ground, acceptance, Language::Da).await?;
    ground.database.write(async |unit| appoint::accept(unit, &prepared).await).await?;
    Ok(())
}

fn email(cast: &Cast, index: usize) -> String {
    format!("{}@{}", cast.people[index].2.replace('.', ""), cast.domain)
}

async fn invite_employee(ground: &Ground, by: &Player, cast: &Cast, index: usize, company: CompanyId) -> anyhow::Result<()> {
    let (given_name, surname, _) = cast.people[index];
    let Ok(person) = invite::person("", given_name, surname, &email(cast, index)) else { bail!("the cast breaks a rule") };
    let (email_in_certificate, known) = (EmailInCertificate::Included, Known::Birth(Day::parse(BIRTH_DATE)));
    let invitation =
        Invitation { person, email_in_certificate, vouched: Vouching::ByLetter, known, language: Language::Da, telephone: None };
    let mut reader = ground.database.read().await?;
    let company = companies::read::company(&mut reader, company).await?.context("no such company")?;
    drop(reader);
    let author = Author::Account(by.account);
    let prepared = invite::prepare(ground, &company, &invitation, Post::Employee, author).await?;
    ground.database.write(async |unit| invite::invite(unit, &prepared, author).await).await?;
    Ok(())
}

/// The invited person opens mail and letter, and activates.
async fn invited(ground: &Ground, cast: &Cast, index: usize, company: Option<CompanyId>, roles: &[Role]) -> anyhow::Result<Player> {
    let (given_name, surname, user_id) = cast.people[index];
    let name = format!("{given_name} {surname}");
    let link = link_to(ground, &email(cast, index), "/activate/").await?;
    let letter =
        wait_for(ground, |post| post.channel == Channel::Letter && post.to.contains(&name) && code_in(&post.text).is_some()).await?;
    let code = code_in(&letter.text).context("the letter has no temporary password")?;
    let role = roles.first().copied().unwrap_or(Role::Employee).word().to_owned();
    let company_name = cast.legal_name.to_owned();
    let person = Person { name, company: company_name, role, user_id: user_id.to_owned(), password: PASSWORD.to_owned() };
    activated(ground, link, Some(code), person, company, roles.to_vec()).await
}

async fn activated(
    ground: &Ground,
    link: String,
    code: Option<String>,
    person: Person,
    company: Option<CompanyId>,
    roles: Vec<Role>,
) -> anyhow::Result<Player> {
    let request = Request {
        link,
        temporary_password: code.map(Secret::new),
        user_id: person.user_id.clone(),
        password: Secret::new(person.password.clone()),
        choice: Choice::default(),
        birth_date: company.map(|_| BIRTH_DATE.to_owned()).unwrap_or_default(),
        telephone: String::new(),
    };
    let done = activate::activate(ground, &request).await?;
    Ok(Player { person, account: done.account, company, employee: done.employee, roles })
}

fn token_of(link: &str) -> String {
    link.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The token of the newest link of a kind in the mail to an address.
async fn link_to(ground: &Ground, address: &str, path: &str) -> anyhow::Result<String> {
    let mail = wait_for(ground, |post| post.to.contains(address) && post.text.contains(path)).await?;
    let from = mail.text.find(path).context("no link")? + path.len();
    Ok(mail.text[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect())
}

/// The temporary password of a letter: the one word that stands alone on an indented line.
fn code_in(letter: &str) -> Option<String> {
    let alone = |line: &&str| line.starts_with("    ") && !line.trim().is_empty() && !line.trim().contains(' ');
    letter.lines().find(alone).map(|line| line.trim().to_owned())
}

async fn wait_for(ground: &Ground, wanted: impl Fn(&Spooled) -> bool) -> anyhow::Result<Spooled> {
    for _ in 0..PATIENCE {
        let found = notices::spool::list(&ground.config.mail.spool, 1000)?.into_iter().find(&wanted);
        if let Some(found) = found {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("a mail or letter did not come")
}

/// One document waits, one is signed, one was tampered with, one has a signer whose certificate was revoked later.
async fn exhibit(ground: &Ground, data: &Path, players: &[Player]) -> anyhow::Result<Vec<Exhibit>> {
    let [anne, bo, caecilie, ..] = players else { bail!("somebody is missing") };
    upload(ground, bo, "Lejeaftale for butikslokalet").await?;
    let signed = sign(ground, anne, upload(ground, anne, "Samarbejdsaftale med møllen").await?).await?;
    let revoked = sign(ground, caecilie, upload(ground, caecilie, "Fuldmagt til indkøb").await?).await?;
    let (employee, author) = (caecilie.employee.context("no employee")?, Author::Account(anne.account));
    ground
        .database
        .write(async |unit| certificates::revoke_all_of_employee(unit, employee, author, Reason::KeyCompromise).await.map(drop))
        .await?;
    let folder = data.join("exhibits");
    std::fs::create_dir_all(&folder)?;
    let mut exhibits = Vec::new();
    for (title, file, bytes) in [
        ("Underskrevet: Samarbejdsaftale med møllen", "underskrevet.pdf", signed.clone()),
        ("Ændret efter underskrift", "aendret.pdf", paper::tampered(&signed)),
        ("Underskriverens certifikat er spærret siden", "spaerret.pdf", revoked),
    ] {
        std::fs::write(folder.join(file), bytes)?;
        exhibits.push(Exhibit { title: title.to_owned(), path: format!("/demo/exhibits/{file}") });
    }
    Ok(exhibits)
}

/// The player as the guard would find him.
fn actor(ground: &Ground, player: &Player) -> Actor {
    Actor {
        account: player.account,
        session: None,
        name: player.person.name.clone(),
        roles: player.roles.clone(),
        company: player.company,
        employee: player.employee,
        carrier: Carrier::Program,
        proven_at: ground.clock().now(),
        proven_by: ProvenBy::Card,
        key: None,
    }
}

async fn upload(ground: &Ground, player: &Player, title: &str) -> anyhow::Result<DocumentId> {
    let actor = actor(ground, player);
    let checked = documents::check(ground, title, paper::contract(title)).await?;
    let owner = player.company.zip(player.employee).context("not an employee")?;
    Ok(ground.database.write(async |unit| documents::store(unit, &actor, owner, &checked).await).await?.id)
}

async fn sign(ground: &Ground, player: &Player, document: DocumentId) -> anyhow::Result<Vec<u8>> {
    let actor = actor(ground, player);
    let asked = documents::ask(ground, &actor, document, &Plan { reason: None, place: Some("Korsør".to_owned()) }).await?;
    let key = keycards::demo_key(ground, asked.question.challenge).await?.context("no key")?;
    let approval = Approval { password: Secret::new(PASSWORD.to_owned()), key: Secret::new(key), network: "127.0.0.0/24".to_owned() };
    let document = documents::sign(ground, &actor, document, asked.signature, &approval).await?;
    let mut reader = ground.database.read().await?;
    Ok(documents::bytes(&mut reader, &document).await?)
}
