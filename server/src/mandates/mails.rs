//! The mails about a change: to those who consent, to those who are told that it waits, and to whoever asked.

use super::{MandateError, Wish, model::Mandate};
use crate::{
    companies, employees,
    notices::{self, Kind, Notice, Sealed},
    platform::{database::Unit, ground::Ground, id::EmployeeId, moment::Moment},
};

/// What a change is about, for mails.
pub(super) struct About<'a> {
    /// The company's legal name.
    pub(super) company: &'a str,
    /// Who asked, by name.
    pub(super) asker: &'a str,
    /// Whom it concerns, by name.
    pub(super) employee: Option<&'a str>,
    /// The change.
    pub(super) wish: &'a Wish,
}

impl About<'_> {
    fn notice(&self, of_person: Kind, of_agreement: Kind) -> Notice {
        let notice = match self.employee {
            Some(employee) => Notice::mail(of_person).with("employee", employee).with("change", self.wish.word()),
            None => Notice::mail(of_agreement),
        };
        notice.with("company", self.company).with("asker", self.asker)
    }

    /// To those who can consent.
    pub(super) async fn to_approve(&self, ground: &Ground) -> Result<Sealed, MandateError> {
        let link = format!("{}/mandates", ground.config.server.public_url);
        Ok(notices::seal(ground, &self.notice(Kind::PostToApprove, Kind::AgreementToApprove).with("link", link)).await?)
    }

    /// To everybody who may refuse what will be done by itself.
    pub(super) async fn waits(&self, ground: &Ground, at: Moment, link: &str) -> Result<Sealed, MandateError> {
        let link = format!("{}/mandates/stop/{link}", ground.config.server.public_url);
        let notice = self.notice(Kind::PostWaits, Kind::AgreementWaits).with("at", at).secret("link", &link);
        Ok(notices::seal(ground, &notice).await?)
    }

    /// That it is over without effect.
    pub(super) async fn lapsed(&self, ground: &Ground) -> Result<Sealed, MandateError> {
        let notice = Notice::mail(Kind::MandateLapsed).with("company", self.company).with("change", self.wish.word());
        Ok(notices::seal(ground, &notice).await?)
    }

    /// That it was done after it waited.
    pub(super) async fn performed(&self, ground: &Ground) -> Result<Sealed, MandateError> {
        let notice = Notice::mail(Kind::MandatePerformed).with("company", self.company).with("change", self.wish.word());
        Ok(notices::seal(ground, &notice).await?)
    }
}

/// The names that mails about a change that waits need: of the company, and of whom it concerns.
pub(super) async fn names(ground: &Ground, mandate: &Mandate, wish: &Wish) -> Result<(String, Option<String>), MandateError> {
    let mut reader = ground.database.read().await?;
    let company = companies::read::company(&mut reader, mandate.company).await?.ok_or(MandateError::NotFound)?;
    let employee = match wish.employee() {
        Some(id) => employees::read::employee(&mut reader, mandate.company, id).await?.map(|found| found.name().to_owned()),
        None => None,
    };
    Ok((company.legal_name, employee))
}

/// Tells several employees the same.
pub(super) async fn tell(unit: &mut Unit, employees: &[EmployeeId], told: &Sealed) -> Result<(), MandateError> {
    for employee in employees {
        notices::tell(unit, (*employee).into(), told).await?;
    }
    Ok(())
}
