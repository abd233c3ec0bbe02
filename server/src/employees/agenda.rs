//! What a company's own page asks of the slices above: how much waits for its administrator. `app.rs` says who answers.

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;

use crate::platform::{
    actor::Actor,
    database::{DatabaseError, Reader},
    id::CompanyId,
    moment::Moment,
};

/// So many things of one sort wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The key of the words that stand before the number.
    pub words: &'static str,
    /// How many.
    pub count: usize,
    /// Whether there may be more.
    pub more: bool,
}

/// Knows what waits.
pub trait Agenda: Send + Sync {
    /// What waits for this administrator of the company; nothing of which there is none.
    fn waiting<'a>(
        &'a self,
        reader: &'a mut Reader,
        actor: &'a Actor,
        company: CompanyId,
        now: Moment,
    ) -> LocalBoxFuture<'a, Result<Vec<Waiting>, DatabaseError>>;
}

/// The shared [`Agenda`].
pub type SharedAgenda = Arc<dyn Agenda>;
