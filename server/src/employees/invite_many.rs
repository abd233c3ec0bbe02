//! Invites several people at once, by letter: as [`super::invite`] does, with few statements and few calls of the keystore.

use super::{
    details::{self, Said},
    error::EmployeeError,
    invite::{self, Invitation, Prepared, Ticket},
    store,
};
use crate::{
    accounts::{self, AccountKind, NewAccount, NewActivation},
    audit,
    companies::Company,
    notices::{self, Kind},
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::EmployeeId,
        random::token,
        secret::{Secret, token_hash},
    },
    proofing,
    webhooks::{self, Event, EventKind},
};

/// Whom a file names.
pub(super) struct Named {
    /// Whom they become.
    pub(super) id: EmployeeId,
    /// Names, address and way.
    pub(super) invitation: Invitation,
    /// The birth date, sealed for them; without it whoever activates says it, as whom signatories appoint does.
    pub(super) birth_date: Option<Vec<u8>>,
    /// What the company says of them for itself.
    pub(super) said: Option<Said>,
}

/// Draws links and temporary passwords, and writes mails and letters.
///
/// # Errors
/// When the keystore or the notices fail.
pub(super) async fn prepare(
    ground: &Ground,
    company: &Company,
    people: Vec<Named>,
    author: Author,
) -> Result<Vec<Prepared>, EmployeeError> {
    let drawn: Vec<(String, Vec<u8>, Secret<String>)> = people
        .iter()
        .map(|_| {
            let link = token(ground.random());
            let hash = token_hash(&link);
            (link, hash, Secret::new(accounts::temporary_password(ground.random())))
        })
        .collect();
    let codes: Vec<_> = drawn.iter().map(|(_, hash, code)| (hash.as_slice(), code.reveal().as_str())).collect();
    let verifiers = accounts::code_verifiers(ground, &codes).await?;
    let notices: Vec<_> = drawn
        .iter()
        .flat_map(|(link, hash, code)| {
            [invite::mail(ground, company, Kind::EmployeeInvited, link), invite::letter(company, code, hash, author)]
        })
        .collect();
    let mut sealed = notices::seal_all(ground, &notices).await?.into_iter();
    let mut prepared = Vec::with_capacity(people.len());
    for ((Named { id, invitation, birth_date, said }, (_, link_hash, _)), verifier) in people.into_iter().zip(drawn).zip(verifiers) {
        let (Some(mail), Some(letter)) = (sealed.next(), sealed.next()) else { break };
        let (mut employee, contact) = invite::employee(ground, company, id, &invitation, author);
        if let Some(said) = &said {
            employee.details = said.details().clone();
        }
        prepared.push(Prepared {
            employee,
            contact,
            telephone: invitation.telephone,
            proofing: proofing::vouched_sealed(ground, id, birth_date, author),
            ticket: Ticket::by_letter(link_hash, verifier, invite::expires_at(ground), mail, letter),
            said,
        });
    }
    Ok(prepared)
}

/// Stores accounts, employees, contacts and activations, and sends the messages.
///
/// # Errors
/// When the database fails.
pub(super) async fn invite(unit: &mut Unit, prepared: &[&Prepared], author: Author) -> Result<(), EmployeeError> {
    let accounts: Vec<NewAccount> = prepared
        .iter()
        .map(|Prepared { employee, .. }| NewAccount {
            id: employee.account,
            kind: AccountKind::Employee,
            name: employee.name().to_owned(),
            roles: Vec::new(),
        })
        .collect();
    accounts::create_all(unit, &accounts).await?;
    store::insert_all(unit, &prepared.iter().map(|one| &one.employee).collect::<Vec<_>>()).await?;
    notices::keep_contacts(unit, &prepared.iter().map(|one| &one.contact).collect::<Vec<_>>()).await?;
    audit::record_all(unit, prepared.iter().map(|one| invite::invited(&one.employee, author)).collect()).await?;
    let events: Vec<Event> = prepared.iter().map(|one| Event::new(EventKind::EmployeeInvited).with("employee", one.employee.id)).collect();
    if let Some(first) = prepared.first() {
        webhooks::tell_all(unit, first.employee.company, &events).await?;
    }
    for one in prepared {
        if let Some(telephone) = &one.telephone {
            notices::keep_telephone(unit, one.employee.id.into(), telephone).await?;
        }
        proofing::record(unit, &one.proofing, one.employee.company, author).await?;
        if let Some(said) = &one.said {
            details::give_and_record(unit, &one.employee, said, author).await?;
        }
    }
    let activations: Vec<NewActivation> = prepared
        .iter()
        .map(|Prepared { employee, ticket, .. }| NewActivation {
            account: employee.account,
            link_hash: ticket.link_hash.clone(),
            code_verifier: Some(ticket.code_verifier.clone()),
            expires_at: ticket.expires_at,
        })
        .collect();
    accounts::invite_all(unit, &activations).await?;
    let told: Vec<_> = prepared
        .iter()
        .flat_map(|one| std::iter::once(&one.ticket.mail).chain(&one.ticket.letter).map(|message| (one.employee.id.into(), message)))
        .collect();
    Ok(notices::tell_all(unit, &told).await?)
}
