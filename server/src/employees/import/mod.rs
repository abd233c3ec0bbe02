//! Many employees from one file: read, judged, and invited in portions.
//!
//! The words: an *import* is a file of people with a *verdict* on each row. Reading and judging is the dry run: it invites nobody. A row is
//! *good*, or *bad* with its faults. Started *all*, an import begins only when no row is bad at that moment; started *good*, it leaves the bad
//! rows out. It is no single unit, since others would wait for it: whom somebody invites while it runs is *refused*, and any administrator can
//! cancel it on its way. Whoever is invited by then stays so.
//! The walk: [`read`] (bytes to cells) -> `judge` (cells to rows) -> [`keep`] (the dry run is stored) -> [`start`] -> [`run`] (a portion after the
//! other, each one unit that also says where the next begins) -> [`result`] (a file that says what came of each row).
//!
//! **Promises.** Whoever stops in the midst goes on behind the last portion, and nobody is invited twice. The next portion waits in the queue
//! behind the mails and letters of the one before: an import is as fast as our mail goes out, and others' mail never waits for more than one
//! portion. No portion is invited once the company is closed, or whoever started the import administers it no more. Temporary passwords go by letter, and nobody sees them.
//! **Refuses.** Files that are too large, in no known encoding, without a needed column or with an unknown one: nothing is stored of them. People
//! who stand twice in a file, or are in the company already (by their e-mail address), or whose number
//! (RID) somebody has. Whether a person can be found in the public directory no file says: that is the person's own word.

pub mod jobs;
mod judge;
pub mod keep;
pub mod model;
pub mod read;
pub mod result;
pub mod run;
pub mod start;
#[cfg(test)]
mod tests;
mod there;
mod workbook;

pub use self::model::{Counts, Import, ImportState, Row, RowFault, RowState, Way};
