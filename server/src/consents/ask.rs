//! Asks the person's phone about one thing, for the session that wants to do it.

use keycard::payload::Purpose as Shown;

use super::{ConsentError, Thing};
use crate::{
    accounts,
    approvals::{self, Ask, Asked, Initiator, Standpoint},
    companies, employees, keycards, mandates, phones,
    platform::{
        actor::Actor,
        consent::Purpose,
        ground::Ground,
        id::{MandateId, PhoneId, RecoveryId, ReissueId},
    },
    recoveries, reissues,
};

/// A thing, as the phone shows it.
pub struct Question {
    shown: Shown,
    consent: Purpose,
    binding: [u8; 32],
    title: &'static str,
    /// Keys of words, each with what stands in its place `{value}`.
    lines: Vec<(&'static str, String)>,
    /// The one phone that must answer.
    only: Option<PhoneId>,
}

impl Question {
    /// Describes the thing as it stands now, if this person may do it.
    ///
    /// # Errors
    /// Of the thing itself.
    pub async fn about(ground: &Ground, actor: &Actor, thing: Thing) -> Result<Self, ConsentError> {
        match thing {
            Thing::Card => Ok(Self {
                shown: Shown::OrderCard,
                consent: Purpose::OrderCard,
                binding: keycards::order_binding(actor.account),
                title: "consents.title_card",
                lines: vec![("consents.line_person", actor.name.clone())],
                only: None,
            }),
            Thing::Mandate(mandate) => Self::about_mandate(ground, actor, mandate).await,
            Thing::Phone(phone) => Self::about_phone(ground, actor, phone).await,
            Thing::Recovery(recovery) => Self::about_recovery(ground, actor, recovery).await,
            Thing::Reissue(reissue) => Self::about_reissue(ground, actor, reissue).await,
        }
    }

    async fn about_phone(ground: &Ground, actor: &Actor, phone: PhoneId) -> Result<Self, ConsentError> {
        let confirming = phones::confirming(ground, actor, phone).await?;
        let only = confirming.replaces();
        let mut lines = vec![("consents.line_new_phone", confirming.name.clone()), ("consents.line_digits", confirming.digits.clone())];
        if let Some(old) = only {
            let old = phones::read::by_id(&mut ground.database.read().await?, old).await?;
            lines.push(("consents.line_old_phone", old.map(|old| old.name).unwrap_or_default()));
        }
        let (shown, title) = match only {
            Some(_) => (Shown::MovePhone, "consents.title_move"),
            None => (Shown::PairPhone, "consents.title_pair"),
        };
        Ok(Self { shown, consent: confirming.purpose(), binding: confirming.binding, title, lines, only })
    }

    async fn about_mandate(ground: &Ground, actor: &Actor, id: MandateId) -> Result<Self, ConsentError> {
        let mandate = mandates::approvable(ground, actor, id).await?;
        let wish = mandates::Wish::of(&mandate)?;
        let mut lines = vec![("consents.line_asked_by", mandate.asked_by_name.clone())];
        lines.extend(mandates::describe(&mut ground.database.read().await?, &mandate, &wish).await?);
        let title = wish.words();
        Ok(Self { shown: Shown::Consent, consent: Purpose::Consent, binding: mandate.binding(), title, lines, only: None })
    }

    async fn about_reissue(ground: &Ground, actor: &Actor, id: ReissueId) -> Result<Self, ConsentError> {
        let mut reader = ground.database.read().await?;
        if reissues::is_own(&mut reader, actor, id).await? {
            let (reissue, phones) = reissues::hastenable(&mut reader, actor, id, ground.clock().now()).await?;
            if phones.is_empty() {
                return Err(ConsentError::NoPhone);
            }
            return Ok(Self {
                shown: Shown::Consent,
                consent: Purpose::HastenReissue,
                binding: reissue.binding_to_hasten(),
                title: "consents.title_hasten",
                lines: vec![("consents.line_person", actor.name.clone()), ("consents.line_asked_by", reissue.asked_by_name)],
                only: None,
            });
        }
        let reissue = reissues::approvable(&mut reader, actor, id).await?;
        let whose = reissues::read::name_of(&mut reader, &reissue).await?;
        Ok(Self {
            shown: Shown::Consent,
            consent: Purpose::GrantReissue,
            binding: reissue.binding_to_grant(),
            title: "consents.title_reissue",
            lines: vec![("consents.line_person", whose), ("consents.line_asked_by", reissue.asked_by_name)],
            only: None,
        })
    }

    async fn about_recovery(ground: &Ground, actor: &Actor, id: RecoveryId) -> Result<Self, ConsentError> {
        let recovery = recoveries::approvable(ground, actor, id).await?;
        let mut reader = ground.database.read().await?;
        let employee = employees::read::employee(&mut reader, recovery.company, recovery.employee).await?;
        let whose = employee.map(|employee| employee.name().to_owned()).unwrap_or_default();
        Ok(Self {
            shown: Shown::RecoverKey,
            consent: Purpose::RecoverKey,
            binding: recovery.binding(),
            title: "consents.title_recovery",
            lines: vec![
                ("consents.line_whose", whose),
                ("consents.line_asked_by", recovery.asked_by_name.clone()),
                ("consents.line_reason", recovery.reason.clone()),
            ],
            only: None,
        })
    }
}

/// Asks the person's phones. The answer is for the page of this session alone.
///
/// # Errors
/// [`ConsentError::NoPhone`] when none of them may answer, [`ConsentError::NotFound`] for an API key; as [`approvals::ask`].
pub async fn ask(ground: &Ground, actor: &Actor, question: Question, network: &str) -> Result<Asked, ConsentError> {
    let session = actor.session.ok_or(ConsentError::NotFound)?;
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let phones = phones::read::usable(&mut reader, actor.account).await?;
    if !phones.iter().any(|phone| phone.signs(now) && question.only.is_none_or(|only| only == phone.id)) {
        return Err(ConsentError::NoPhone);
    }
    let user = accounts::read::account(&mut reader, actor.account).await?.and_then(|found| found.user_id);
    let company = match actor.company {
        Some(company) => companies::read::company(&mut reader, company).await?.map(|found| found.legal_name),
        None => None,
    };
    let recipient = actor.employee.map_or_else(|| actor.account.into(), Into::into);
    let words = approvals::words(&mut reader, actor.account, recipient).await?;
    drop(reader);
    let ask = Ask {
        purpose: question.shown,
        consent: question.consent,
        binding: question.binding,
        account: actor.account,
        user: user.unwrap_or_else(|| actor.name.clone()),
        company: company.unwrap_or_else(|| words.say("shared.service")),
        title: words.say(question.title),
        lines: question.lines.iter().map(|(key, value)| words.with(key, &[("value", value)])).collect(),
        language: words.0,
        certificate: None,
        content: None,
        plan: None,
        digests: Vec::new(),
        further: Vec::new(),
        initiator: Initiator { standpoint: Standpoint::Session(session), network: network.to_owned() },
    };
    let prepared = approvals::prepare(ground, ask).await?;
    let asked = ground.database.write(async |unit| approvals::ask(unit, &prepared).await).await;
    approvals::wake(ground, actor.account);
    Ok(asked?)
}
