//! The append-only, hash-chained memory: who did what to whom, when.
