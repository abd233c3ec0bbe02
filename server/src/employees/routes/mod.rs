//! The JSON edge of employees, agreements and activations: one file each.

mod activation;
mod administrator;
mod agreement;
mod card;
mod change;
mod closing;
mod code_token;
mod cpr_number;
mod desk;
mod details;
mod employee;
mod factors;
mod form;
mod imports;
mod keys;
mod list;
mod renewal;
mod suspension;
mod telephone;
mod undelivered;

use utoipa_actix_web::service_config::ServiceConfig;

pub use self::{
    activation::sheet,
    administrator::{RenewalBody, end_one, examine, renew},
    agreement::{PersonBody as NomineeBody, accept},
    card::{CardOrder, order_one},
    change::{PersonBody, change_once},
    closing::close_one,
    code_token::{AssignToken, assign_one, block_one, take_back_one},
    cpr_number::{
        forget_one as forget_cpr, note_one as note_cpr, own_employee, subscribe_one as subscribe_cpr_of,
        unsubscribe_one as unsubscribe_cpr_of,
    },
    desk::{Recorded, record_once},
    details::{DetailsBody, describe_one},
    employee::{InvitationBody, Invited, InvitedAnswer, dismiss, invite_once},
    factors::set_one as set_factors_of,
    form::{FormBody, keep as keep_scan_of, record_form, signatory_of, withdraw as withdraw_order_of},
    imports::{FileOfPeople, Sent, cancel_one, own_import, result_of, send_once, start_one},
    keys::{HandedOverAnswer, KeyFileAnswer, allow},
    list::{Find, Readers, export_one},
    renewal::renew_own,
    suspension::{SuspensionBody, lift_one, suspend_one},
    telephone::{TelephoneBody, change_telephone_of},
    undelivered::send_one_again,
};
use super::{Employee, EmployeeError, Vouching, rank, read};
use crate::{
    certificates::CertificateError,
    companies::{self, Company, routes::check_visible},
    http::problem::{Kind, Problem},
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

/// Adds the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(agreement::read_agreement)
        .service(agreement::accept_agreement)
        .service(agreement::decline_agreement)
        .service(form::record_signed_form)
        .service(form::print_form)
        .service(form::keep_scan)
        .service(form::fetch_scan)
        .service(form::withdraw_order)
        .service(employee::invite_employee)
        .service(list::list_employees)
        .service(list::export_employees)
        .service(employee::show_employee)
        .service(card::order_card_for)
        .service(code_token::assign_token)
        .service(code_token::take_token_back)
        .service(code_token::block_token)
        .service(code_token::show_token)
        .service(factors::show_factors)
        .service(factors::set_factors)
        .configure(cpr_numbers)
        .service(undelivered::list_undelivered)
        .service(undelivered::resend)
        .service(administrator::renew_invitation)
        .service(change::change_person)
        .service(telephone::change_employee_telephone)
        .service(details::describe_employee)
        .service(suspension::lift_suspension)
        .service(desk::record_proofing)
        .service(desk::list_proofings)
        .service(keys::show_carriers)
        .service(keys::set_carriers)
        .service(renewal::renew_certificates)
        .service(activation::activate_account)
        .service(activation::fetch_card)
        .service(closing::close_company)
        .configure(imports::configure);
}

/// The routes of CPR numbers.
fn cpr_numbers(config: &mut ServiceConfig) {
    config
        .service(cpr_number::show_cpr_subscription)
        .service(cpr_number::subscribe_cpr)
        .service(cpr_number::unsubscribe_cpr)
        .service(cpr_number::show_cpr_number)
        .service(cpr_number::note_cpr_number)
        .service(cpr_number::forget_cpr_number)
        .service(cpr_number::match_cpr_number);
}

impl From<EmployeeError> for Problem {
    fn from(error: EmployeeError) -> Self {
        match error {
            EmployeeError::AboveYou => Self::saying(Kind::Forbidden, "employees.above_you"),
            EmployeeError::Account(cause) => cause.into(),
            EmployeeError::AlreadyActivated => Self::saying(Kind::Conflict, "employees.already_activated"),
            EmployeeError::AlreadyLeft => Self::saying(Kind::AlreadyDone, "employees.already_left"),
            EmployeeError::AlreadySuspended => Self::saying(Kind::AlreadyDone, "employees.already_suspended"),
            EmployeeError::Certificate(CertificateError::Authority(cause)) => cause.into(),
            EmployeeError::Certificate(cause) => Self::unforeseen(&cause),
            EmployeeError::Company(cause) => cause.into(),
            EmployeeError::Cpr(cause) => cause.into(),
            EmployeeError::Database(cause) => cause.into(),
            EmployeeError::FourDigits => Self::saying(Kind::Conflict, "employees.four_digits_administrator"),
            EmployeeError::HasOperator => Self::saying(Kind::Conflict, "employees.has_operator"),
            EmployeeError::ImportBad { rows } => Self::saying(Kind::Conflict, "employees.import_has_bad").with("rows", rows),
            EmployeeError::ImportMoved => Self::saying(Kind::AlreadyDone, "employees.import_moved"),
            EmployeeError::ImportNobody => Self::saying(Kind::Conflict, "employees.import_nobody"),
            EmployeeError::ImportRuns => Self::saying(Kind::Conflict, "employees.import_runs"),
            EmployeeError::Invalid(faults) => Self::invalid(faults),
            EmployeeError::Keycard(cause) => cause.into(),
            EmployeeError::LinkGone => Self::saying(Kind::Gone, "employees.link_gone"),
            EmployeeError::NeedsConsent => Self::saying(Kind::Conflict, "employees.needs_consent"),
            EmployeeError::PostGone => Self::saying(Kind::Forbidden, "employees.post_gone"),
            EmployeeError::NewContact => Self::saying(Kind::Conflict, "employees.new_contact"),
            EmployeeError::NotActive => Self::saying(Kind::Conflict, "employees.not_active"),
            EmployeeError::NotSuspended => Self::saying(Kind::AlreadyDone, "employees.not_suspended"),
            EmployeeError::NotFound => Self::of(Kind::NotFound),
            EmployeeError::NothingChanged => Self::saying(Kind::Conflict, "employees.nothing_changed"),
            EmployeeError::NothingToRenew => Self::saying(Kind::Conflict, "employees.nothing_to_renew"),
            EmployeeError::Notice(cause) => Self::unforeseen(&cause),
            EmployeeError::OnceActivated => Self::saying(Kind::Conflict, "employees.once_activated"),
            EmployeeError::Overtaken => Self::of(Kind::AlreadyDone),
            EmployeeError::SuccessorDiffers => Self::saying(Kind::Conflict, "successions.successor_differs"),
            EmployeeError::ProofedByYou => Self::saying(Kind::Forbidden, "employees.proofed_by_you"),
            EmployeeError::Proofing(cause) => cause.into(),
            EmployeeError::SentByYou => Self::saying(Kind::Forbidden, "employees.sent_by_you"),
            EmployeeError::ProveAgain => Self::of(Kind::ProveAgain),
            EmployeeError::StillWaits { until } => Self::saying(Kind::Conflict, "employees.still_waits").with("until", until),
            EmployeeError::Token(cause) => cause.into(),
            EmployeeError::TokensNotAllowed => Self::saying(Kind::Conflict, "employees.tokens_not_allowed"),
            EmployeeError::TooManyImports { most } => Self::saying(Kind::TooManyTries, "employees.import_too_many").with("most", most),
            EmployeeError::TooManyPeople { most } => {
                Self::saying(Kind::TooManyTries, "employees.import_too_many_people").with("most", most)
            }
            EmployeeError::TooManyTexts => Self::saying(Kind::TooManyTries, "employees.too_many_texts"),
            EmployeeError::Unreadable(cause) => Self::invalid(vec![cause.fault()]),
        }
    }
}

/// The actor's own company, which must be this one.
///
/// # Errors
/// [`Kind::NotFound`].
pub async fn own_company(ground: &Ground, actor: &Actor, company: CompanyId) -> Result<Company, Problem> {
    if actor.company != Some(company) {
        return Err(Problem::of(Kind::NotFound));
    }
    visible_company(ground, actor, company).await
}

/// Asks for a fresh proof of password and key: a session that somebody took over appoints nobody, dismisses nobody, and sees no temporary
/// password. API keys never have one.
///
/// # Errors
/// [`Kind::ProveAgain`].
pub fn require_proof(ground: &Ground, actor: &Actor) -> Result<(), Problem> {
    if actor.has_proven(ground.clock().now()) { Ok(()) } else { Err(Problem::of(Kind::ProveAgain)) }
}

/// The same of a person; a key's scope, which names the route, stands in place of the proof.
///
/// # Errors
/// [`Kind::ProveAgain`].
pub fn require_proof_or_scope(ground: &Ground, actor: &Actor) -> Result<(), Problem> {
    if actor.key.is_some() { Ok(()) } else { require_proof(ground, actor) }
}

/// A key that somebody stole takes over no administrator, and leaves no company without them: people alone touch those.
///
/// # Errors
/// [`Kind::Forbidden`].
pub async fn refuse_key_for_administrator(
    ground: &Ground,
    actor: &Actor,
    (company, employee): (CompanyId, EmployeeId),
) -> Result<(), Problem> {
    if actor.key.is_none() {
        return Ok(());
    }
    let administrators = companies::read::administrators(&mut ground.database.read().await?, company).await?;
    if administrators.contains(&employee) { Err(Problem::saying(Kind::Forbidden, "employees.key_administrator")) } else { Ok(()) }
}

/// Superadministrators alone touch a superadministrator: whoever could give one a new password, card or address would become one.
///
/// # Errors
/// [`Kind::Forbidden`].
pub async fn refuse_beneath(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId)) -> Result<(), Problem> {
    Ok(rank::require(&mut ground.database.read().await?, actor, path).await?)
}

/// Whether the way of a temporary password needs a witness: who is shown it, and whoever names the telephone that it goes to, could take both it and
/// the link for themselves. Only the letter goes where neither can be chosen.
pub const fn needs_witness(vouched: Vouching, has_documents: bool) -> bool {
    match vouched {
        Vouching::ByText | Vouching::InPerson => true,
        Vouching::ByLetter => has_documents,
    }
}

/// Whoever vouches for having seen somebody, or for whose telephone it is, is a person, who proves it. A key has seen nobody.
///
/// # Errors
/// [`Kind::Forbidden`], [`Kind::ProveAgain`].
pub fn require_witness(ground: &Ground, actor: &Actor) -> Result<(), Problem> {
    match actor.key {
        Some(_) => Err(Problem::saying(Kind::Forbidden, "employees.key_saw_nobody")),
        None => require_proof(ground, actor),
    }
}

/// A company that the actor may see.
///
/// # Errors
/// [`Kind::NotFound`].
pub async fn visible_company(ground: &Ground, actor: &Actor, company: CompanyId) -> Result<Company, Problem> {
    check_visible(actor, company)?;
    let found = companies::read::company(&mut ground.database.read().await?, company).await?;
    found.ok_or_else(|| Problem::of(Kind::NotFound))
}

/// An employee of a company that the actor may see.
///
/// # Errors
/// [`Kind::NotFound`].
pub async fn visible_employee(
    ground: &Ground,
    actor: &Actor,
    (company, employee): (CompanyId, EmployeeId),
) -> Result<(Company, Employee), Problem> {
    let company = visible_company(ground, actor, company).await?;
    let found = read::employee(&mut ground.database.read().await?, company.id, employee).await?;
    Ok((company, found.ok_or_else(|| Problem::of(Kind::NotFound))?))
}
