//! What somebody wants changed, as it is stored, shown and bound to a consent.

use super::model::Mandate;
use crate::{
    companies::{AdministratorPost, amend::AmendmentBody},
    employees,
    platform::{
        database::{Connection, DatabaseError},
        id::EmployeeId,
    },
};

/// The change.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "change", deny_unknown_fields)]
pub enum Wish {
    /// Other signatories, another rule or address in the agreement.
    Agreement {
        /// The agreement's new facts.
        agreement: AmendmentBody,
    },
    /// A post for an employee.
    Appoint {
        /// Whom.
        employee: EmployeeId,
        /// Which.
        post: AdministratorPost,
    },
    /// A superadministrator is an administrator only.
    Demote {
        /// Whom.
        employee: EmployeeId,
    },
    /// A superadministrator leaves the company.
    Dismiss {
        /// Whom.
        employee: EmployeeId,
    },
    /// A superadministrator's post ends.
    End {
        /// Whose.
        employee: EmployeeId,
    },
    /// A superadministrator is suspended.
    Suspend {
        /// Whom.
        employee: EmployeeId,
        /// Why.
        reason: String,
        /// The day from whose beginning on the person may act again; empty: until it is lifted.
        until: String,
    },
    /// The asker's own post goes to an employee.
    Transfer {
        /// To whom.
        employee: EmployeeId,
    },
}

impl Wish {
    /// The change of a mandate.
    ///
    /// # Errors
    /// When the row cannot be read.
    pub fn of(mandate: &Mandate) -> Result<Self, DatabaseError> {
        serde_json::from_slice(&mandate.content)
            .map_err(|_| DatabaseError::Corrupt { what: "change of a mandate", value: mandate.id.to_string() })
    }

    /// Whom it concerns, when it is a person.
    pub fn employee(&self) -> Option<EmployeeId> {
        match self {
            Self::Agreement { .. } => None,
            Self::Appoint { employee, .. }
            | Self::Demote { employee }
            | Self::Dismiss { employee }
            | Self::End { employee }
            | Self::Suspend { employee, .. }
            | Self::Transfer { employee } => Some(*employee),
        }
    }

    /// From whom it takes something: they neither consent to it nor, where somebody else could, refuse it.
    pub fn against(&self) -> Option<EmployeeId> {
        match self {
            Self::Agreement { .. } | Self::Appoint { .. } | Self::Transfer { .. } => None,
            Self::Demote { employee } | Self::Dismiss { employee } | Self::End { employee } | Self::Suspend { employee, .. } => {
                Some(*employee)
            }
        }
    }

    /// Whether it says who acts for the company from now on: nobody does while its signatories are asked about just that.
    pub const fn gives_power(&self) -> bool {
        match self {
            Self::Agreement { .. } | Self::Appoint { .. } | Self::Demote { .. } | Self::Transfer { .. } => true,
            Self::Dismiss { .. } | Self::End { .. } | Self::Suspend { .. } => false,
        }
    }

    /// The word of what it is, in mails: `notices.change_<word>`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Agreement { .. } => "agreement",
            Self::Appoint { post: AdministratorPost::Administrator, .. } => "administrator",
            Self::Appoint { post: AdministratorPost::Superadministrator, .. } => "superadministrator",
            Self::Demote { .. } => "demotion",
            Self::Dismiss { .. } => "dismissal",
            Self::End { .. } => "post_end",
            Self::Suspend { .. } => "suspension",
            Self::Transfer { .. } => "transfer",
        }
    }

    /// The key of the words that say what it is.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Agreement { .. } => "mandates.wish_agreement",
            Self::Appoint { post: AdministratorPost::Administrator, .. } => "mandates.wish_administrator",
            Self::Appoint { post: AdministratorPost::Superadministrator, .. } => "mandates.wish_superadministrator",
            Self::Demote { .. } => "mandates.wish_demotion",
            Self::Dismiss { .. } => "mandates.wish_dismissal",
            Self::End { .. } => "mandates.wish_end",
            Self::Suspend { .. } => "mandates.wish_suspension",
            Self::Transfer { .. } => "mandates.wish_transfer",
        }
    }
}

/// Details for those who decide: keys of words, each with what stands in its place `{value}`.
///
/// # Errors
/// When the database fails.
pub async fn describe(
    connection: &mut impl Connection,
    mandate: &Mandate,
    wish: &Wish,
) -> Result<Vec<(&'static str, String)>, DatabaseError> {
    if let Wish::Agreement { agreement } = wish {
        let names: Vec<_> = agreement.signatories.iter().map(|one| format!("{} <{}>", one.name, one.email)).collect();
        let needed = agreement.needed.map_or_else(|| names.len().to_string(), |needed| needed.to_string());
        let address = format!("{}, {} {}", agreement.street, agreement.postal_code, agreement.city);
        return Ok(vec![
            ("mandates.line_signatories", names.join(", ")),
            ("mandates.line_needed", needed),
            ("mandates.line_address", address),
        ]);
    }
    let Some(id) = wish.employee() else { return Ok(Vec::new()) };
    let found = employees::read::employee(connection, mandate.company, id).await?;
    let mut lines = vec![("mandates.line_person", found.map(|employee| employee.name().to_owned()).unwrap_or_default())];
    if let Wish::Suspend { reason, until, .. } = wish {
        lines.push(("mandates.line_reason", reason.clone()));
        lines.extend((!until.is_empty()).then(|| ("mandates.line_until", until.clone())));
    }
    Ok(lines)
}
