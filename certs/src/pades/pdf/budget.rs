//! A limit to the work that one document may cause, however it is built.

use crate::pades::PdfError;
use std::cell::Cell;
use std::rc::Rc;

/// Bytes that may be parsed or decoded for one question; honest documents stay far below.
const MAXIMUM_WORK_BYTES: usize = 2 * 1024 * 1024 * 1024;

/// Shared by all readings of one document.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    left: Rc<Cell<usize>>,
}

impl Budget {
    pub fn new() -> Self {
        Self { left: Rc::new(Cell::new(MAXIMUM_WORK_BYTES)) }
    }

    pub fn spend(&self, bytes: usize) -> Result<(), PdfError> {
        // Even the smallest object costs something.
        let left = self.left.get().checked_sub(bytes.saturating_add(16)).ok_or(PdfError::TooComplex)?;
        self.left.set(left);
        Ok(())
    }
}
