//! The composition root: configuration in, everything wired, nothing hidden. Traits meet their implementations here only.
