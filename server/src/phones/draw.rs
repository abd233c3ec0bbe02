//! The service's randomness, as the crate `keycard` takes it.

pub(super) use crate::platform::random::Drawn;
