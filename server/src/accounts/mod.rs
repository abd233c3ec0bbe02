//! User ids, passwords, temporary passwords, quarantine.
