//! What nobody finished in time lapses: each is recorded by itself, and those concerned are told.

use super::{SuccessionError, perform, store, told};
use crate::{
    audit,
    platform::{actor::Author, database::Unit},
};

/// Ends what is too old, in this unit. Gives how many.
pub(super) async fn lapse(unit: &mut Unit) -> Result<usize, SuccessionError> {
    let lapsed = store::lapse(unit).await?;
    for (id, company) in &lapsed {
        let event = audit::Event::new("succession.lapsed", Author::System("successions"), format_args!("succession:{id}"));
        audit::record(unit, event.company(*company)).await?;
        let concerned = perform::concerned(unit, *company).await?;
        told::later(unit, *id, concerned, told::What::Ended).await?;
    }
    Ok(lapsed.len())
}
