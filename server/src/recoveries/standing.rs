//! Who holds a company's key, and whether a recovery is possible: told before it is needed.

use std::collections::BTreeSet;

use crate::{
    accounts, archives,
    companies::{self, Signatory},
    employees::{self, EmployeeState},
    platform::{
        database::{Connection, DatabaseError},
        id::{AccountId, CompanyId, CompanyKeyId, EmployeeId, HolderId, RecipientId, SignatoryId},
    },
};

/// Who a holder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// An administrator, by account.
    Administrator(AccountId, EmployeeId),
    /// A signatory with a code.
    Signatory(SignatoryId),
}

/// Somebody who may hold a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// As the archive knows them.
    pub holder: HolderId,
    /// Their name.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// What they are.
    pub post: Post,
    /// Whether they have a share of the present key.
    pub has_share: bool,
}

impl Holder {
    /// Whether this is a signatory.
    pub fn is_signatory(&self) -> bool {
        matches!(self.post, Post::Signatory(_))
    }

    /// The signatory, if it is one.
    pub(super) fn signatory(&self) -> Option<SignatoryId> {
        match self.post {
            Post::Administrator(..) => None,
            Post::Signatory(signatory) => Some(signatory),
        }
    }

    /// Where they are told things.
    pub(super) fn recipient(&self) -> RecipientId {
        match self.post {
            Post::Administrator(_, employee) => employee.into(),
            Post::Signatory(signatory) => signatory.into(),
        }
    }
}

/// Whether two persons could recover keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Possibility {
    /// Two persons hold shares of the present key.
    Possible,
    /// There are two persons; their key is made within a minute.
    Soon,
    /// One administrator alone: a second one, or a signatory with a code, is needed.
    TooFewPeople,
}

/// Who holds a company's key.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Those who may hold a share.
    pub holders: Vec<Holder>,
    /// Whether two of them could recover keys.
    pub possibility: Possibility,
    /// Signatories who could be offered a share: id and name. Also those who have one, since codes get lost.
    pub offerable: Vec<(SignatoryId, String)>,
}

/// Who holds a company's key, and whether two could recover.
///
/// # Errors
/// When the database fails.
pub async fn standing(connection: &mut impl Connection, company: CompanyId) -> Result<Standing, DatabaseError> {
    let mut holders = entitled(connection, company).await?;
    let present: BTreeSet<HolderId> = match archives::read::current_key(connection, company).await? {
        Some(key) => archives::read::holders_of(connection, key.id).await?.into_iter().collect(),
        None => BTreeSet::new(),
    };
    let mut able = 0;
    for holder in &mut holders {
        holder.has_share = present.contains(&holder.holder);
        able += usize::from(archives::read::is_holder(connection, holder.holder).await?);
    }
    let possibility = match (holders.iter().filter(|holder| holder.has_share).count(), able) {
        (2.., _) => Possibility::Possible,
        (_, 2..) => Possibility::Soon,
        (_, _) => Possibility::TooFewPeople,
    };
    let signatories = companies::read::signatories(connection, company).await?;
    let offerable = signatories.into_iter().filter(|signatory| !is_administrator(&holders, signatory));
    let offerable = offerable.map(|signatory| (signatory.id, signatory.name)).collect();
    Ok(Standing { holders, possibility, offerable })
}

/// Those who may hold a share: active administrators with more than four digits as their password, and signatories who took a code and are not one of them under another hat.
pub(super) async fn entitled(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Holder>, DatabaseError> {
    let mut found = Vec::new();
    for id in companies::read::administrators(connection, company).await? {
        let employee = employees::read::employee(connection, company, id).await?;
        let Some(employee) = employee.filter(|employee| employee.state == EmployeeState::Active) else { continue };
        if accounts::read::has_four_digits(connection, employee.account).await? {
            continue;
        }
        found.push(Holder {
            holder: employee.account.into(),
            name: employee.name().to_owned(),
            email: employee.person.email.to_string(),
            post: Post::Administrator(employee.account, employee.id),
            has_share: false,
        });
    }
    for signatory in companies::read::signatories(connection, company).await? {
        if !is_administrator(&found, &signatory) && archives::read::is_holder(connection, signatory.id.into()).await? {
            let holder = signatory.id.into();
            let post = Post::Signatory(signatory.id);
            found.push(Holder { holder, name: signatory.name, email: signatory.email, post, has_share: false });
        }
    }
    Ok(found)
}

/// Whether a signatory administers the company under another hat.
pub(super) fn is_administrator(holders: &[Holder], signatory: &Signatory) -> bool {
    let mut administrators = holders.iter().filter(|holder| !holder.is_signatory());
    administrators.any(|holder| is_same(&holder.name, &holder.email, &signatory.name, &signatory.email))
}

/// Whether two entries are one person: the same address, or the same name. Two persons of one name are told apart by nobody here; better
/// that they find a third than that one person is taken for two.
fn is_same(name: &str, email: &str, other_name: &str, other_email: &str) -> bool {
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    folded(name) == folded(other_name) || folded(email) == folded(other_email)
}

/// The company's keys that `one` and somebody else of these hold shares of.
pub(super) async fn shared_with_others(
    connection: &mut impl Connection,
    keys: &BTreeSet<CompanyKeyId>,
    one: HolderId,
    others: &[Holder],
) -> Result<BTreeSet<CompanyKeyId>, DatabaseError> {
    let mut shared = BTreeSet::new();
    for key in keys {
        let holders = archives::read::holders_of(connection, *key).await?;
        let has_other = others.iter().any(|other| other.holder != one && holders.contains(&other.holder));
        if holders.contains(&one) && has_other {
            shared.insert(*key);
        }
    }
    Ok(shared)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn one_person_under_two_hats_is_one_person() {
        assert!(is_same("Åse  Ødegård", "a@x.dk", "åse ødegård", "b@x.dk"));
        assert!(is_same("Åse", "A@x.dk", "Å. Ødegård", "a@X.dk"));
        assert!(!is_same("Åse", "a@x.dk", "Bo", "b@x.dk"));
    }
}
