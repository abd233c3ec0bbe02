//! What is kept of a change: the wish itself, and on what it rests. Signatures and the audit name the fingerprint of all of it.

use super::{SuccessionError, Wish, model::Succession, wish::Checked};
use crate::{
    companies::{self, Company},
    employees::{EmployeeError, succeed},
    platform::{
        database::{Connection, DatabaseError},
        id::{CompanyId, EmployeeId, SignatoryId},
        moment::Moment,
    },
};

/// The change, as it rests in its row.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    /// What changes.
    pub(super) wish: Wish,
    /// Who the successor is, when they worked here already when it was asked for; else they are invited to the address.
    pub(super) works_here: Option<EmployeeId>,
    /// Who might sign for the company then.
    pub(super) signatories: Vec<SignatoryId>,
    /// How many of them had to.
    pub(super) needed: i64,
}

/// Who may sign now, and how many must.
async fn rule(connection: &mut impl Connection, company: CompanyId) -> Result<(Vec<SignatoryId>, i64), DatabaseError> {
    let needed = companies::read::company(connection, company).await?.map_or(0, |found| found.needed);
    let mut all: Vec<_> = companies::read::signatories(connection, company).await?.into_iter().map(|one| one.id).collect();
    all.sort_unstable();
    Ok((all, needed))
}

impl Content {
    /// As things are now.
    ///
    /// # Errors
    /// [`EmployeeError::SuccessorDiffers`].
    pub(super) async fn now(
        connection: &mut impl Connection,
        company: &Company,
        wish: Wish,
        checked: &Checked,
        now: Moment,
    ) -> Result<Self, SuccessionError> {
        let works_here = match &checked.nominee {
            Some(nominee) => succeed::meant(connection, company.id, nominee, now).await?,
            None => None,
        };
        let (signatories, needed) = rule(connection, company.id).await?;
        Ok(Self { wish, works_here, signatories, needed })
    }

    /// The same for a stranger's request, whom nothing is told: whoever opens it decides anew who is meant.
    pub(super) async fn requested(
        connection: &mut impl Connection,
        company: &Company,
        wish: Wish,
        checked: &Checked,
        now: Moment,
    ) -> Result<Self, SuccessionError> {
        match Self::now(connection, company, wish.clone(), checked, now).await {
            Err(SuccessionError::Employee(EmployeeError::SuccessorDiffers)) => {
                let (signatories, needed) = rule(connection, company.id).await?;
                Ok(Self { wish, works_here: None, signatories, needed })
            }
            other => other,
        }
    }

    /// The content of a row.
    ///
    /// # Errors
    /// When the row cannot be read.
    pub(super) fn of(succession: &Succession) -> Result<Self, DatabaseError> {
        serde_json::from_slice(&succession.content)
            .map_err(|_| DatabaseError::Corrupt { what: "change of a succession", value: succession.id.to_string() })
    }

    /// As a row holds it.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, SuccessionError> {
        serde_json::to_vec(self).map_err(|_| SuccessionError::NotFound)
    }

    /// Whether the same people may sign, by the same rule.
    pub(super) async fn has_the_rule(&self, connection: &mut impl Connection, company: CompanyId) -> Result<bool, DatabaseError> {
        let (signatories, needed) = rule(connection, company).await?;
        Ok(signatories == self.signatories && needed == self.needed)
    }
}
