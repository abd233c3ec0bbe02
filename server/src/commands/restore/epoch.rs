//! The new epoch (`security.md` section 6): what was one-time before is dead, what counts goes on far above, cards are ordered anew.

use crate::{
    accounts, approvals, audit, authorities, certificates, companies, documents, employees, keycards, logins, mandates, operators, persons,
    phones,
    platform::{
        actor::Author,
        backup::archive::Head,
        ground::Ground,
        restored::{self, AwaitedList, Restored},
    },
    recoveries, reissues, resets, status, successions, timestamps, tokens, webhooks,
};

/// What ended and what is to come.
#[derive(Debug)]
pub struct Begun {
    /// The epoch's number.
    pub epoch: u64,
    /// Sessions and API keys that ended.
    pub sessions: u64,
    /// Links that work no more.
    pub links: u64,
    /// Approvals that lapsed.
    pub approvals: u64,
    /// Which identity key phones pin from now on.
    pub identity: i64,
    /// Operators who rest until they are confirmed.
    pub operators: u64,
    /// Cards that go out by letter.
    pub cards: usize,
    /// Lists to be handed in before serving.
    pub lists: Vec<AwaitedList>,
}

/// Begins it, in one unit: with this the restored installation is whole.
///
/// # Errors
/// When the database fails.
pub async fn begin(ground: &Ground, head: &Head) -> anyhow::Result<Begun> {
    let lists = status::restore::awaited_lists(ground).await?;
    let identity = phones::identity::fresh(ground).await?;
    ground
        .database
        .write(async |unit| -> anyhow::Result<Begun> {
            let epoch = restored::next_epoch(unit).await?;
            let begun = Begun {
                epoch,
                sessions: logins::epoch::begin_epoch(unit).await?,
                links: accounts::epoch::begin_epoch(unit).await?
                    + resets::epoch::begin_epoch(unit).await?
                    + reissues::epoch::begin_epoch(unit).await?
                    + companies::epoch::begin_epoch(unit).await?,
                approvals: documents::epoch::begin_epoch(unit).await?
                    + successions::epoch::begin_epoch(unit).await?
                    + mandates::epoch::begin_epoch(unit).await?
                    + recoveries::epoch::begin_epoch(unit).await?
                    + operators::epoch::begin_epoch(unit).await?
                    + approvals::epoch::begin_epoch(unit).await?,
                identity: identity.generation(),
                operators: accounts::epoch::rest_operators(unit).await?,
                cards: keycards::epoch::begin_epoch(unit).await?,
                lists: lists.clone(),
            };
            phones::epoch::begin_epoch(unit, &identity).await?;
            tokens::epoch::begin_epoch(unit).await?;
            employees::epoch::begin_epoch(unit).await?;
            persons::epoch::begin_epoch(unit).await?;
            webhooks::epoch::begin_epoch(unit).await?;
            certificates::epoch::begin_epoch(unit).await?;
            authorities::epoch::begin_epoch(unit).await?;
            status::restore::begin_epoch(unit).await?;
            timestamps::epoch::begin_epoch(unit).await?;
            let event = audit::Event::new("epoch.began", Author::System("restore"), "epoch")
                .fact("epoch", epoch)
                .fact("backup_made_at", head.made_at)
                .fact("program", &head.program);
            audit::record(unit, event).await?;
            let state = (!lists.is_empty()).then(|| Restored::AwaitsLists { lists: lists.clone() });
            restored::note(unit, state.as_ref()).await?;
            Ok(begun)
        })
        .await
}
