//! What is to change, as it is asked for, stored and shown.

use super::{
    SuccessionError,
    content::Content,
    model::{Succession, SuccessionKind},
};
use crate::{
    companies::{
        Nominee,
        amend::{Amendment, AmendmentBody},
    },
    employees::{self, appoint},
    platform::{
        database::{Connection, DatabaseError},
        fault::FieldFault,
        id::{CompanyId, EmployeeId},
        limits, text,
    },
};

/// So many posts end at once.
const MOST_ENDS: usize = 50;

/// Who becomes superadministrator.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// Given names, at most 64 characters.
    pub given_name: String,
    /// Surname, at most 64 characters; with the given names at most 64.
    pub surname: String,
    /// Where the invitation goes. An active employee of this name and address is appointed without one; who that is is decided when it is asked for.
    pub email: String,
}

/// The change.
#[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Who becomes superadministrator; a takeover has one, a board may go on with those whom it has.
    #[serde(default)]
    pub successor: Option<Successor>,
    /// The administrators whose posts end, at most 50.
    #[serde(default)]
    pub ends: Vec<EmployeeId>,
    /// Who may sign for an association from now on, and where letters go; a change of board has it, a takeover has not.
    #[serde(default)]
    pub agreement: Option<AmendmentBody>,
    /// Why, 1 to 200 characters: told to signatories and administrators, but for what was typed without a log-in.
    pub reason: String,
}

/// A change that follows the rules.
pub(super) struct Checked {
    pub(super) nominee: Option<Nominee>,
    pub(super) ends: Vec<EmployeeId>,
    pub(super) amendment: Option<Amendment>,
}

impl Wish {
    /// The change of a row.
    ///
    /// # Errors
    /// When the row cannot be read.
    pub fn of(succession: &Succession) -> Result<Self, DatabaseError> {
        Ok(Content::of(succession)?.wish)
    }

    /// Reads it; all faults at once.
    pub(super) fn check(&self, kind: SuccessionKind) -> Result<Checked, SuccessionError> {
        let mut faults = Vec::new();
        let nominee = match (&self.successor, kind) {
            (Some(one), _) => appoint::successor(&one.given_name, &one.surname, &one.email).map_err(|wrong| faults.extend(wrong)).ok(),
            (None, SuccessionKind::Board) => None,
            (None, SuccessionKind::Takeover) => {
                faults.push(FieldFault::new("successor/given_name", "field_empty"));
                None
            }
        };
        let amendment = match (&self.agreement, kind) {
            (Some(body), SuccessionKind::Board) => Amendment::of(body).map_err(|wrong| faults.extend(wrong)).ok(),
            (None, SuccessionKind::Takeover) => None,
            (Some(_), SuccessionKind::Takeover) | (None, SuccessionKind::Board) => {
                faults.push(FieldFault::new("agreement", "field_choice"));
                None
            }
        };
        let mut ends = self.ends.clone();
        ends.sort_unstable();
        ends.dedup();
        if ends.len() > MOST_ENDS {
            faults.push(FieldFault::new("ends", "field_many").with("most", MOST_ENDS));
        }
        if let Err(fault) = text::line(&self.reason, limits::LINE_CHARACTERS) {
            faults.push(FieldFault::text("reason", fault));
        }
        if faults.is_empty() { Ok(Checked { nominee, ends, amendment }) } else { Err(SuccessionError::Invalid(faults)) }
    }

    /// The successor's name; empty when there is none.
    pub fn successor_name(&self) -> String {
        self.successor.as_ref().map(|one| format!("{} {}", one.given_name.trim(), one.surname.trim())).unwrap_or_default()
    }

    /// The successor's name and address, by which those who decide know whom they decide about; empty when there is none.
    pub fn successor_with_address(&self) -> String {
        self.successor.as_ref().map(|one| format!("{} <{}>", self.successor_name(), one.email.trim())).unwrap_or_default()
    }

    /// The names of those whose posts end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn names_of_ends(&self, connection: &mut impl Connection, company: CompanyId) -> Result<Vec<String>, DatabaseError> {
        let mut names = Vec::with_capacity(self.ends.len());
        for id in &self.ends {
            let found = employees::read::employee(connection, company, *id).await?;
            names.extend(found.map(|employee| employee.name().to_owned()));
        }
        Ok(names)
    }
}
